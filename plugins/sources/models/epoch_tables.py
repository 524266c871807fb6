"""What the tables of Epoch AI have in common: columns by the names they have
had, countries, labels, dates and numbers."""

import datetime
import math
import re

import headway_plugin as hp

SOURCE_NAME = "Epoch AI (CC BY 4.0)"
MAX_LABEL_BYTES = 256
EARLIEST = datetime.date(1940, 1, 1)
# Announced models may be dated ahead.
FARTHEST_AHEAD = datetime.timedelta(days=366)

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
    "Pakistan": "PAK", "Peru": "PER", "Philippines": "PHL",
    "Philippines (the)": "PHL", "Poland": "POL",
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


def normalised(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def find_columns(header, columns, required, name):
    """The header's column of each idea that it has one for. `columns` has the
    names that each had, normalised, the preferred first."""
    by_name = {normalised(column): column for column in header}
    found = {}
    for idea, aliases in columns.items():
        for alias in aliases:
            if alias in by_name:
                found[idea] = by_name[alias]
                break
    for idea in required:
        if idea not in found:
            raise hp.PluginError(
                f"{name}: no column for the {idea}; known names, without case "
                f"and punctuation, are {', '.join(columns[idea])}; the table "
                f"has {', '.join(header)}")
    return found


def as_label(text):
    """Text that the daemon takes as a label: one line, at most 256 bytes."""
    text = "".join(c if c.isprintable() else " " for c in text)
    text = " ".join(text.split())
    return text.encode()[:MAX_LABEL_BYTES].decode(errors="ignore").strip()


def split_countries(cell):
    """The names in a cell, each once. A name may hold a comma in brackets
    only."""
    names = (" ".join(p.split()) for p in re.split(r",(?![^(]*\))", cell))
    return list(dict.fromkeys(n for n in names if n))


class Cells:
    """Reads the cells of a table, and says what it could not use."""

    def __init__(self, now, out):
        self.latest = now.date() + FARTHEST_AHEAD
        self.out = out
        self.unknown_countries = set()

    def date(self, text, where, what="release date"):
        """The day of "2024-03-05" or, as in some tables, "3/5/2024"."""
        match = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
        if match:
            text = f"{match[3]}-{match[1]:0>2}-{match[2]:0>2}"
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            self.out.warn(f'{where}: the {what} "{text}" is not a day '
                          "such as 2024-03-05; the row is left out")
            return None
        if not EARLIEST <= day <= self.latest:
            self.out.warn(f"{where}: the {what} {text} is not plausible; "
                          "the row is left out")
            return None
        return day

    def number(self, idea, text, bounds, where):
        if not text:
            return None
        low, high = bounds
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low < value < high:
            self.out.warn(f'{where}: the {idea} "{text}" is not a number '
                          f"between {low} and {high:g}; it is left out")
            return None
        return value

    def countries(self, cell, where):
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
