"""Series of an SDMX data message: SDMX-JSON 1.0 and 2.0, SDMX-CSV.

parse(body, what) returns a list of Series; a value that is missing is left out.
"""

import dataclasses
import re

import answers
import headway_plugin as hp

TIME, VALUE, STATUS = "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"
MULTIPLIER = "UNIT_MULT"
# Columns of SDMX-CSV before the time that are no dimensions.
SERVICE_COLUMNS = {"DATAFLOW", "KEY", "STRUCTURE", "STRUCTURE_ID",
                   "STRUCTURE_NAME", "ACTION"}
MOST_EXPONENT = 30


@dataclasses.dataclass
class Series:
    key: dict  # dimension -> code
    values: dict  # period -> value
    statuses: dict = dataclasses.field(default_factory=dict)  # as published
    title: str = ""


def parse(body, what):
    text = body.decode("utf-8-sig", "replace")
    if answers.is_html(text):
        answers.json_answer(body, what)  # says what page it is
    if not text.strip():
        raise hp.PluginError(f"{what}: an empty answer")
    if text.lstrip().startswith("<"):
        raise hp.PluginError(f"{what}: XML in place of the format asked for; "
                             f"it begins with {hp.beginning(text)}")
    if text.lstrip().startswith("{"):
        found = _from_json(hp.parse_json(text, what), what)
    else:
        found = _from_csv(text, what)
    return [series for series in found.values() if series.values]


def period(text, what):
    """The house's form of 2024, 2024-A1, 2024-M03, 2024-Q1, 2024-S1, 2024-W09
    and days."""
    text = re.sub(r"^(\d{4})-A1$", r"\1", str(text))
    text = re.sub(r"^(\d{4})-?M(\d\d)$", r"\1-\2", text)
    text = re.sub(r"^(\d{4})(Q[1-4]|S[12])$", r"\1-\2", text)
    try:
        hp.parse_period(text)
    except hp.PluginError as e:
        raise hp.PluginError(f"{what}: {TIME}: {e}") from None
    return text


def _scale(exponent, what):
    """What values are multiplied by, of UNIT_MULT."""
    power = answers.number(exponent, f"{what}: {MULTIPLIER}") or 0
    if not (power == int(power) and abs(power) <= MOST_EXPONENT):
        raise hp.PluginError(f'{what}: {MULTIPLIER} "{exponent}" is no power '
                             "of ten")
    return int(power)


def _put(found, key, when, value, status, exponent, title, what):
    value = answers.number(value, f"{what}: {VALUE}")
    if value is None or value != value:
        return
    series = found.setdefault(tuple(sorted(key.items())),
                              Series(key, {}, title=title))
    when = period(when, what)
    if when in series.values:
        raise hp.PluginError(f"{what}: {when} occurs twice in "
                             f"{'.'.join(key.values())}")
    power = _scale(exponent, what)
    # A division is exact where a product with 0.001 is not.
    series.values[when] = (value * 10 ** power if power >= 0
                           else value / 10 ** -power)
    if status:
        series.statuses[when] = status


# ---- SDMX-CSV ---------------------------------------------------------------


def _from_csv(text, what):
    found = {}
    columns = None
    for row in hp.csv_rows(text, what):
        if columns is None:
            columns = list(row)
            for name in (TIME, VALUE):
                if name not in row:
                    raise hp.PluginError(f'{what}: no column "{name}"'
                                         + answers.nearest(name, columns))
            dimensions = [c for c in columns[:columns.index(TIME)]
                          if c not in SERVICE_COLUMNS]
        where = f"{what}:{row.line}"
        text = "" if row[VALUE].lower() == "nan" else row[VALUE]
        _put(found, {d: row[d] for d in dimensions}, row[TIME], text,
             row.get(STATUS, ""), row.get(MULTIPLIER), row.get("TITLE", ""),
             where)
    return found


# ---- SDMX-JSON --------------------------------------------------------------


def _from_json(message, what):
    with answers.known_form(what):
        for error in message.get("errors") or ():
            raise hp.PluginError(f"{what}: the service says "
                                 f"{hp.beginning(str(error))}")
        data = message.get("data", message)
        structure = data.get("structure") or next(
            iter(data.get("structures") or ()), None)
        if structure is None or "dataSets" not in data:
            raise hp.PluginError(f'{what}: no SDMX-JSON: "structure" or '
                                 f'"dataSets" is missing; there are '
                                 + ", ".join(data))
        return _from_data_sets(data["dataSets"], structure, what)


def _from_data_sets(data_sets, structure, what):
    found = {}
    outer = structure["dimensions"].get("series") or []
    inner = structure["dimensions"]["observation"]
    attributes = structure.get("attributes") or {}
    for data_set in data_sets:
        groups = data_set.get("series")
        if groups is None:  # flat: all dimensions are of the observation
            groups = {"": {"observations": data_set.get("observations", {})}}
        common = _named(attributes.get("dataSet"),
                        data_set.get("attributes"))
        for series_key, group in groups.items():
            key = _codes(outer, series_key)
            of_series = {**common, **_named(attributes.get("series"),
                                            group.get("attributes"))}
            for at, cells in (group.get("observations") or {}).items():
                codes = {**key, **_codes(inner, at)}
                when = codes.pop(TIME)
                said = {**of_series, **_named(attributes.get("observation"),
                                              cells[1:])}
                _put(found, codes, when, cells[0], said.get(STATUS, ""),
                     said.get(MULTIPLIER), said.get("TITLE", ""), what)
    return found


def _codes(dimensions, key):
    """{dimension: code} of positions such as "0:3:1"."""
    positions = [int(p) for p in key.split(":") if p]
    if len(positions) != len(dimensions):
        raise ValueError(f'the key "{key}" has {len(positions)} places for '
                         f"{len(dimensions)} dimensions")
    return {TIME if _is_time(d) else d["id"]: _code(d["values"][p])
            for d, p in zip(dimensions, positions)}


def _is_time(dimension):
    roles = [dimension.get("role"), *(dimension.get("roles") or ())]
    return dimension["id"] == TIME or "time" in roles


def _code(value):
    # Attributes without a code list have a name or, in 2.0, a value alone.
    for name in ("id", "value", "name"):
        if value.get(name) is not None:
            return str(value[name])
    return ""


def _named(attributes, positions):
    """{attribute: code} where positions are numbers, null for none."""
    return {a["id"]: _code(a["values"][p])
            for a, p in zip(attributes or (), positions or ())
            if isinstance(p, int) and a.get("values")}
