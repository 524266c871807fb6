"""Epoch AI's tables of models, and its capability index."""

import dataclasses

import epoch_tables
import headway_plugin as hp

COLUMNS = {
    "model": ("modelversion", "model", "system"),
    "date": ("publicationdate", "releasedate", "date"),
    "country": ("countryoforganization", "countryfromorganization", "country"),
    "compute": ("trainingcomputeflop", "trainingcomputeflops"),
    "cost": ("trainingcomputecost2023usd",),
    "open": ("openmodelweights",),
    "access": ("modelaccessibility",),
    "score": ("eciscore", "eci"),
}
REQUIRED = {
    "models": ("model", "date", "country", "compute"),
    "capability_index": ("model", "date", "country", "score"),
}

# What a value must lie between; one that does not is left out with a warning.
# No run has come near 1e32 FLOP or ten trillion dollars.
BOUNDS = {"compute": (0, 1e32), "cost": (0, 1e13), "score": (0, 1000)}

UNITS = {
    "model_release": ("1", "Release of {}"),
    "model_training_compute_flop": ("FLOP", "Training compute of {}"),
    "model_training_cost_usd": ("USD", "Training cost of {} in USD of 2023"),
    "model_open_weights": ("1", "Open weights of {}"),
    "model_capability": ("index", "Epoch Capabilities Index of {}"),
}


@dataclasses.dataclass
class Model:
    name: str
    date: str
    countries: list
    values: dict  # metric -> value


class Table:
    """The models of a table; what it could not use is said."""

    noun = "models"

    def __init__(self, dataset, now, out):
        self.dataset = dataset
        self.out = out
        self.cells = epoch_tables.Cells(now, out)
        self.models = []
        self.rows = self.undated = self.unscored = 0

    def __len__(self):
        return len(self.models)

    def summary(self):
        return (f"{len(self)} models of {self.rows} rows; {self.undated} "
                f"without a date and {self.unscored} without a score are left "
                "out")

    def read(self, text, name):
        columns = None
        first_lines = {}
        for row in hp.csv_rows(text, name):
            if columns is None:
                columns = epoch_tables.find_columns(
                    list(row), COLUMNS, REQUIRED[self.dataset], name)
            self.rows += 1
            cells = {idea: row[column].strip()
                     for idea, column in columns.items()}
            model = self._read_row(cells, f"{name}:{row.line}")
            if model is None:
                continue
            first = first_lines.setdefault(model.name, row.line)
            if first != row.line:
                self.out.warn(
                    f'{name}:{row.line}: model "{model.name}" is listed again; '
                    f"the row on line {first} is kept")
                continue
            self.models.append(model)
        if 2 * len(self.models) < self.rows and self.dataset == "models":
            raise hp.PluginError(
                f"{name}: only {len(self.models)} of {self.rows} rows can be "
                "used; the table has changed its form")
        if not self.models:
            raise hp.PluginError(f"{name}: no row can be used")

    def _read_row(self, cells, where):
        name = epoch_tables.as_label(cells["model"])
        if not name:
            self.out.warn(f"{where}: the row names no model and is left out")
            return None
        where = f'{where}: model "{name}"'
        if self.dataset == "capability_index" and not cells["score"]:
            self.unscored += 1
            return None
        if not cells["date"]:
            self.undated += 1
            return None
        date = self.cells.date(cells["date"], where)
        if date is None:
            return None
        values = self._read_values(cells, where)
        if not values:
            return None
        return Model(name, date.isoformat(),
                     self.cells.countries(cells["country"], where), values)

    def _read_values(self, cells, where):
        if self.dataset == "capability_index":
            score = self._number("score", cells, where)
            return {} if score is None else {"model_capability": score}
        values = {"model_release": 1}
        compute = self._number("compute", cells, where)
        if compute is not None:
            values["model_training_compute_flop"] = compute
        cost = self._number("cost", cells, where)
        if cost is not None:
            values["model_training_cost_usd"] = cost
        if has_open_weights(cells):
            values["model_open_weights"] = 1
        return values

    def _number(self, idea, cells, where):
        return self.cells.number(idea, cells.get(idea, ""), BOUNDS[idea],
                                 where)

    def deliver(self, known_at):
        for model in self.models:
            for country in model.countries or [None]:
                labels = {"model": model.name}
                if country is not None:
                    labels["country"] = country
                for metric, value in model.values.items():
                    unit, title = UNITS[metric]
                    id = f"{metric} {model.name} {country or ''}"
                    self.out.series(
                        id, metric=metric, labels=labels, frequency="daily",
                        unit=unit, title=title.format(model.name),
                        vintage_kind="NATIVE" if known_at else "OBSERVED",
                        source_name=epoch_tables.SOURCE_NAME)
                    # The whole series: an edited release date moves its value.
                    self.out.batch(id, {model.date: value}, known_at,
                                   snapshot=True)


def has_open_weights(cells):
    # The newer column settles it; older tables say it in words.
    if cells.get("open"):
        return cells["open"].lower() == "yes"
    # Called "open access" until 2025.
    return cells.get("access", "").lower().startswith(
        ("open weights", "open access"))
