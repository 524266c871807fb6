#!/usr/bin/python3
"""Epoch AI's tables of models and its capability index (CC BY 4.0).

The tables are replaced whole every few days: rows are edited in place, some
are removed, and columns are renamed. So columns are found by the names they
have had, each read delivers the whole table, and a complete checkpoint makes
the daemon withdraw what is gone.

Series, daily, each with one observation at the release date and the labels
model and country (ISO 3166 alpha-3; none where the table names none):
  model_release                1
  model_training_compute_flop  FLOP
  model_training_cost_usd      USD of 2023
  model_open_weights           1, where the weights can be had
  model_capability             index; from the capability index
A model of organisations in several countries is a series in each of them.
"""

import dataclasses
import datetime
import json
import math
import re

import headway_plugin as hp

DEFAULT_URLS = {
    "models": "https://epoch.ai/data/notable_ai_models.csv",
    "capability_index": "https://epoch.ai/data/benchmark_data.zip",
}
# Where the address leads to a ZIP: the tables it may hold, by base name.
TABLES_IN_ZIP = {
    "models": ("notable_ai_models.csv",),
    "capability_index": ("eci_scores.csv", "epoch_capabilities_index.csv"),
}

# The names that columns have had, normalised, the preferred first.
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
EARLIEST = datetime.date(1940, 1, 1)
# Announced models may be dated ahead.
FARTHEST_AHEAD = datetime.timedelta(days=366)

SOURCE_NAME = "Epoch AI (CC BY 4.0)"
MAX_LABEL_BYTES = 256

MULTINATIONAL = "Multinational"
COUNTRIES = {
    "Argentina": "ARG", "Armenia": "ARM", "Australia": "AUS",
    "Austria": "AUT", "Bangladesh": "BGD", "Belarus": "BLR",
    "Belgium": "BEL", "Brazil": "BRA", "Bulgaria": "BGR", "Canada": "CAN",
    "Chile": "CHL", "China": "CHN", "Colombia": "COL", "Croatia": "HRV",
    "Cyprus": "CYP", "Czech Republic": "CZE", "Czechia": "CZE",
    "Denmark": "DNK", "Egypt": "EGY", "Estonia": "EST", "Ethiopia": "ETH",
    "Finland": "FIN", "France": "FRA", "Georgia": "GEO", "Germany": "DEU",
    "Greece": "GRC", "Hong Kong": "HKG", "Hungary": "HUN", "Iceland": "ISL",
    "India": "IND", "Indonesia": "IDN", "Iran": "IRN",
    "Iran (Islamic Republic of)": "IRN", "Iraq": "IRQ", "Ireland": "IRL",
    "Israel": "ISR", "Italy": "ITA", "Japan": "JPN", "Jordan": "JOR",
    "Kazakhstan": "KAZ", "Kenya": "KEN", "Korea (Republic of)": "KOR",
    "Kuwait": "KWT", "Latvia": "LVA", "Lebanon": "LBN", "Lithuania": "LTU",
    "Luxembourg": "LUX", "Macao": "MAC", "Macau": "MAC", "Malaysia": "MYS",
    "Malta": "MLT", "Mexico": "MEX", "Monaco": "MCO", "Morocco": "MAR",
    "Netherlands": "NLD", "Netherlands (Kingdom of the)": "NLD",
    "New Zealand": "NZL", "Nigeria": "NGA", "Norway": "NOR",
    "Pakistan": "PAK", "Peru": "PER", "Philippines": "PHL", "Poland": "POL",
    "Portugal": "PRT", "Qatar": "QAT", "Romania": "ROU", "Russia": "RUS",
    "Russian Federation": "RUS", "Saudi Arabia": "SAU", "Serbia": "SRB",
    "Singapore": "SGP", "Slovakia": "SVK", "Slovenia": "SVN",
    "South Africa": "ZAF", "South Korea": "KOR", "Spain": "ESP",
    "Sri Lanka": "LKA", "Sweden": "SWE", "Switzerland": "CHE",
    "Taiwan": "TWN", "Thailand": "THA", "Tunisia": "TUN", "Turkey": "TUR",
    "Türkiye": "TUR", "Ukraine": "UKR", "United Arab Emirates": "ARE",
    "United Kingdom": "GBR",
    "United Kingdom of Great Britain and Northern Ireland": "GBR",
    "United States": "USA", "United States of America": "USA",
    "Uruguay": "URY", "Uzbekistan": "UZB", "Viet Nam": "VNM",
    "Vietnam": "VNM",
}


@dataclasses.dataclass
class Model:
    name: str
    date: str
    countries: list
    values: dict  # metric -> value


@dataclasses.dataclass
class Table:
    models: list
    rows: int
    undated: int
    unscored: int


def normalised(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_columns(header, dataset, name):
    """The header's column of each idea that it has one for."""
    by_name = {normalised(column): column for column in header}
    columns = {}
    for idea, aliases in COLUMNS.items():
        for alias in aliases:
            if alias in by_name:
                columns[idea] = by_name[alias]
                break
    for idea in REQUIRED[dataset]:
        if idea not in columns:
            raise hp.PluginError(
                f"{name}: no column for the {idea}; known names, without case "
                f"and punctuation, are {', '.join(COLUMNS[idea])}; the table "
                f"has {', '.join(header)}")
    return columns


def as_label(text):
    """Text that the daemon takes as a label: one line, at most 256 bytes."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text.encode()[:MAX_LABEL_BYTES].decode(errors="ignore").strip()


def split_countries(cell):
    """The names in a cell, each once. A name may hold a comma in brackets
    only."""
    names = (" ".join(p.split()) for p in re.split(r",(?![^(]*\))", cell))
    return list(dict.fromkeys(n for n in names if n))


class Reader:
    """Turns rows into models, and says what it could not use."""

    def __init__(self, dataset, now, out):
        self.dataset = dataset
        self.latest = now.date() + FARTHEST_AHEAD
        self.out = out
        self.unknown_countries = set()

    def read_table(self, text, name):
        table = Table([], 0, 0, 0)
        columns = None
        first_lines = {}
        for row in hp.csv_rows(text, name):
            if columns is None:
                columns = find_columns(list(row), self.dataset, name)
            table.rows += 1
            cells = {idea: row[column].strip()
                     for idea, column in columns.items()}
            model = self.read_row(cells, f"{name}:{row.line}", table)
            if model is None:
                continue
            first = first_lines.setdefault(model.name, row.line)
            if first != row.line:
                self.out.warn(
                    f'{name}:{row.line}: model "{model.name}" is listed again; '
                    f"the row on line {first} is kept")
                continue
            table.models.append(model)
        if 2 * len(table.models) < table.rows and self.dataset == "models":
            raise hp.PluginError(
                f"{name}: only {len(table.models)} of {table.rows} rows can be "
                "used; the table has changed its form")
        if not table.models:
            raise hp.PluginError(f"{name}: no row can be used")
        return table

    def read_row(self, cells, where, table):
        name = as_label(cells["model"])
        if not name:
            self.out.warn(f"{where}: the row names no model and is left out")
            return None
        where = f'{where}: model "{name}"'
        if self.dataset == "capability_index" and not cells["score"]:
            table.unscored += 1
            return None
        date = self.read_date(cells["date"], where, table)
        if date is None:
            return None
        values = self.read_values(cells, where)
        if not values:
            return None
        return Model(name, date, self.read_countries(cells["country"], where),
                     values)

    def read_date(self, text, where, table):
        if not text:
            table.undated += 1
            return None
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            self.out.warn(f'{where}: the release date "{text}" is not a day '
                          "such as 2024-03-05; the row is left out")
            return None
        if not EARLIEST <= day <= self.latest:
            self.out.warn(f"{where}: the release date {text} is not plausible; "
                          "the row is left out")
            return None
        return day.isoformat()

    def read_values(self, cells, where):
        if self.dataset == "capability_index":
            score = self.read_number("score", cells, where)
            return {} if score is None else {"model_capability": score}
        values = {"model_release": 1}
        compute = self.read_number("compute", cells, where)
        if compute is not None:
            values["model_training_compute_flop"] = compute
        cost = self.read_number("cost", cells, where)
        if cost is not None:
            values["model_training_cost_usd"] = cost
        if has_open_weights(cells):
            values["model_open_weights"] = 1
        return values

    def read_number(self, idea, cells, where):
        text = cells.get(idea, "")
        if not text:
            return None
        low, high = BOUNDS[idea]
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low < value < high:
            self.out.warn(f'{where}: the {idea} "{text}" is not a number '
                          f"between {low} and {high:g}; it is left out")
            return None
        return value

    def read_countries(self, cell, where):
        names = split_countries(cell)
        if len(names) > 1 and MULTINATIONAL in names:
            names.remove(MULTINATIONAL)
        codes = []
        for name in names:
            code = COUNTRIES.get(name)
            if code is None:
                code = as_label(name)
                if name not in self.unknown_countries and (
                        name != MULTINATIONAL):
                    self.out.warn(f'{where}: country "{name}" is not known; '
                                  "the name is kept as the label")
                    self.unknown_countries.add(name)
            codes.append(code)
        return list(dict.fromkeys(codes))


def has_open_weights(cells):
    # The newer column settles it; older tables say it in words.
    if cells.get("open"):
        return cells["open"].lower() == "yes"
    # Called "open access" until 2025.
    return cells.get("access", "").lower().startswith(("open weights", "open access"))


UNITS = {
    "model_release": ("1", "Release of {}"),
    "model_training_compute_flop": ("FLOP", "Training compute of {}"),
    "model_training_cost_usd": ("USD", "Training cost of {} in USD of 2023"),
    "model_open_weights": ("1", "Open weights of {}"),
    "model_capability": ("index", "Epoch Capabilities Index of {}"),
}


def deliver(table, known_at, out):
    for model in table.models:
        for country in model.countries or [None]:
            labels = {"model": model.name}
            if country is not None:
                labels["country"] = country
            for metric, value in model.values.items():
                unit, title = UNITS[metric]
                id = f"{metric} {model.name} {country or ''}"
                out.series(
                    id, metric=metric, labels=labels, frequency="daily",
                    unit=unit, title=title.format(model.name),
                    vintage_kind="NATIVE" if known_at else "OBSERVED",
                    source_name=SOURCE_NAME)
                # The whole series: an edited release date moves its value.
                out.batch(id, {model.date: value}, known_at, snapshot=True)


def table_text(body, dataset, file, url):
    """The CSV in a response, which may be a ZIP archive."""
    if not body.startswith(b"PK\x03\x04"):
        return hp.Response(200, {}, body).text()
    archive = hp.open_zip(body, url)
    wanted = (file,) if file else TABLES_IN_ZIP[dataset]
    for base_name in wanted:
        for member in archive.namelist():
            if member.rsplit("/", 1)[-1] == base_name:
                return hp.Response(200, {}, archive.read(member)).text()
    raise hp.PluginError(f"{url}: the archive holds no {' or '.join(wanted)}; "
                         f"it holds {', '.join(archive.namelist())}")


def check_not_shrunk(table, last, request):
    """A table cut short would withdraw models that are there."""
    try:
        limit = float(request.option("max_removed_percent"))
    except ValueError:
        raise hp.ConfigError(
            'option max_removed_percent = "'
            f'{request.option("max_removed_percent")}" is not a number'
        ) from None
    before = last.get("models", 0)
    if last.get("fingerprint") != request.fingerprint:
        return
    if len(table.models) < before * (1 - limit / 100):
        raise hp.PluginError(
            f"the table holds {len(table.models)} models, the last one held "
            f"{before}; if that is right, raise max_removed_percent "
            f"({limit:g})")


def last_state(request):
    try:
        state = json.loads(request.checkpoint() or "{}")
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def read(request, out):
    dataset = request.option("dataset")
    if dataset not in DEFAULT_URLS:
        raise hp.ConfigError(f'option dataset = "{dataset}" is none of '
                             + ", ".join(DEFAULT_URLS))
    url = request.option("url") or DEFAULT_URLS[dataset]
    known_at = None
    if request.option("known_at"):
        try:
            known_at = hp.parse_instant(
                request.option("known_at"), request.now)
        except hp.PluginError as e:
            raise hp.ConfigError(f"option known_at: {e}") from None
    last = last_state(request)
    body, document = hp.Http(max_response_bytes=256 << 20).get_if_changed(
        url, last.get("document"), request.fingerprint)
    state = {"fingerprint": request.fingerprint, "document": document}
    if body is None:
        out.info(f"{url}: unchanged")
        out.checkpoint(state=json.dumps(
            {**state, "models": last.get("models", 0)}))
        return
    text = table_text(body, dataset, request.option("file"), url)
    table = Reader(dataset, request.now, out).read_table(text, url)
    check_not_shrunk(table, last, request)
    deliver(table, known_at, out)
    state["models"] = len(table.models)
    out.checkpoint(state=json.dumps(state), complete=True, known_at=known_at)
    out.info(f"{url}: {len(table.models)} models of {table.rows} rows; "
             f"{table.undated} without a date and {table.unscored} without a "
             "score are left out")


hp.run(hp.Plugin(
    name="epoch",
    version="1.0",
    summary="Reads Epoch AI's tables of models and its capability index.",
    read=read,
    options=[
        hp.Option("dataset", "models (releases, training compute and cost, "
                  "open weights) or capability_index.", "models"),
        hp.Option("url", "Address of the table, CSV or a ZIP that holds it. "
                  "Default: the notable models, or the benchmark data, at "
                  "epoch.ai. Others: all_ai_models.csv, "
                  "large_scale_ai_models.csv, frontier_ai_models.csv there."),
        hp.Option("file", "With a ZIP: the base name of the table in it."),
        hp.Option("known_at", "The date (the end of that day, UTC) or RFC 3339 "
                  "instant of an old vintage that is loaded. Default: the "
                  "table is known since it was seen."),
        hp.Option("max_removed_percent", "A table that lost more of its models "
                  "than this since the last read is refused as cut short.",
                  "50"),
    ],
    hosts=["epoch.ai"],
    default_schedule="0 5 * * *",
))
