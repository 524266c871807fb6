"""What the sources of trade statistics share: codes of countries and goods,
and the options and states that are built of them. A module, not a plugin."""

import dataclasses
import difflib
import json
import urllib.parse

import headway_plugin as hp

WORLD = "WLD"
FLOWS = ("export", "import")

# ISO 3166 alpha-3: alpha-2 (as Eurostat's Comext and Korea's customs write
# it), and the number that UN Comtrade has, which is that of ISO 3166 but for
# some countries whose customs territory is another.
COUNTRIES = {
    "ARE": ("AE", 784), "ARG": ("AR", 32), "ARM": ("AM", 51),
    "AUS": ("AU", 36), "AUT": ("AT", 40), "AZE": ("AZ", 31),
    "BEL": ("BE", 56), "BGD": ("BD", 50), "BGR": ("BG", 100),
    "BHR": ("BH", 48), "BLR": ("BY", 112), "BRA": ("BR", 76),
    "BRN": ("BN", 96), "CAN": ("CA", 124), "CHE": ("CH", 757),
    "CHL": ("CL", 152), "CHN": ("CN", 156), "COL": ("CO", 170),
    "CRI": ("CR", 188), "CYP": ("CY", 196), "CZE": ("CZ", 203),
    "DEU": ("DE", 276), "DNK": ("DK", 208), "EGY": ("EG", 818),
    "ESP": ("ES", 724), "EST": ("EE", 233), "FIN": ("FI", 246),
    "FRA": ("FR", 251), "GBR": ("GB", 826), "GEO": ("GE", 268),
    "GRC": ("GR", 300), "HKG": ("HK", 344), "HRV": ("HR", 191),
    "HUN": ("HU", 348), "IDN": ("ID", 360), "IND": ("IN", 699),
    "IRL": ("IE", 372), "IRN": ("IR", 364), "ISR": ("IL", 376),
    "ITA": ("IT", 380), "JPN": ("JP", 392), "KAZ": ("KZ", 398),
    "KGZ": ("KG", 417), "KHM": ("KH", 116), "KOR": ("KR", 410),
    "KWT": ("KW", 414), "LAO": ("LA", 418), "LKA": ("LK", 144),
    "LTU": ("LT", 440), "LUX": ("LU", 442), "LVA": ("LV", 428),
    "MAC": ("MO", 446), "MAR": ("MA", 504), "MEX": ("MX", 484),
    "MLT": ("MT", 470), "MMR": ("MM", 104), "MNG": ("MN", 496),
    "MYS": ("MY", 458), "NLD": ("NL", 528), "NOR": ("NO", 579),
    "NZL": ("NZ", 554), "OMN": ("OM", 512), "PAK": ("PK", 586),
    "PER": ("PE", 604), "PHL": ("PH", 608), "POL": ("PL", 616),
    "PRT": ("PT", 620), "QAT": ("QA", 634), "ROU": ("RO", 642),
    "RUS": ("RU", 643), "SAU": ("SA", 682), "SGP": ("SG", 702),
    "SVK": ("SK", 703), "SVN": ("SI", 705), "SWE": ("SE", 752),
    "THA": ("TH", 764), "TUR": ("TR", 792),
    # The United Nations have no Taiwan; what its partners report of it is
    # under "Other Asia, not elsewhere specified".
    "TWN": ("TW", 490),
    "UKR": ("UA", 804), "USA": ("US", 842), "UZB": ("UZ", 860),
    "VNM": ("VN", 704), "ZAF": ("ZA", 710),
}
ALPHA2 = {iso: alpha2 for iso, (alpha2, _) in COUNTRIES.items()}
COMTRADE = {iso: str(number) for iso, (_, number) in COUNTRIES.items()}

GOODS = {
    "8541": "semiconductor devices", "8542": "integrated circuits",
    "8486": "chip-making equipment", "8471": "computers",
    "8473": "computer parts",
}


def known(iso, codes, option):
    """The publisher's code of an option's country; "SRB=XS" brings its own."""
    iso, _, own = iso.partition("=")
    if own:
        return iso, own
    if iso in codes:
        return iso, codes[iso]
    raise hp.ConfigError(
        f'option {option}: "{iso}" is no country code that is known here'
        f"{nearest(iso, codes)}; there are {', '.join(sorted(codes))}; another "
        f"is given with the code that the publisher has for it, {iso}=CODE")


def countries(request, option, codes):
    """{alpha-3: the publisher's code} of an option."""
    found = dict(known(item, codes, option)
                 for item in request.list_option(option))
    if not found:
        raise hp.ConfigError(f"option {option} names no country")
    return found


def hs_codes(request, lengths):
    codes = request.list_option("hs")
    for code in codes:
        if not (code.isascii() and code.isdigit() and len(code) in lengths):
            raise hp.ConfigError(
                f'option hs: "{code}" is no HS code; write '
                f"{', '.join(map(str, lengths))} digits, such as 8542")
    if not codes:
        raise hp.ConfigError("option hs names no code; write such as 8542")
    return list(dict.fromkeys(codes))


def flows(request):
    """The flows that an option names."""
    names = request.list_option("flows")
    for name in names:
        if name not in FLOWS:
            raise hp.ConfigError(
                f'option flows: "{name}" is neither export nor import')
    if not names:
        raise hp.ConfigError("option flows names neither export nor import")
    return [name for name in FLOWS if name in names]


def since(request, frequency="monthly"):
    """The period of the option since."""
    try:
        hp.parse_period(request.option("since"), frequency)
    except hp.PluginError as e:
        raise hp.ConfigError(f"option since: {e}") from None
    return request.option("since")


def month_number(period):
    return 12 * int(period[:4]) + int(period[5:]) - 1


def month_text(number):
    return f"{number // 12:04}-{number % 12 + 1:02}"


def this_month(now):
    return month_number(hp.period_of("monthly", now.date()))


def title(reporter, flow, hs, partner):
    goods = GOODS.get(hs)
    return (f"{reporter} {flow}s of HS {hs}" + (f", {goods}," if goods else "")
            + (" to " if flow == "export" else " from ")
            + ("the world" if partner == WORLD else partner))


def nearest(name, have):
    """For an error: what comes nearest to a name that is not there."""
    by_lower = {str(one).lower(): str(one) for one in have}
    close = difflib.get_close_matches(str(name).lower(), by_lower, 1, 0.5)
    return f'; the nearest is "{by_lower[close[0]]}"' if close else ""


def field(row, name, where):
    """row[name], or an error that names what comes nearest."""
    if not isinstance(row, dict):
        raise hp.PluginError(f"{where}: not a record with names: "
                             f"{hp.beginning(json.dumps(row))}")
    if name in row:
        return row[name]
    raise hp.PluginError(
        f'{where}: no "{name}"{nearest(name, row)}; there are '
        f"{', '.join(map(str, row)) or 'none'}; the publisher has changed the "
        "form of its answers")


def amount(value, where):
    """A sum of money as a finite number that is not negative."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number < 1e18:
        raise hp.PluginError(f'{where}: "{value}" is not a sum of money')
    return number


def interval(base_url, seconds):
    """The distance of requests that a publisher wants; a server on this
    machine is none."""
    host = urllib.parse.urlsplit(base_url).hostname
    return 0 if host in ("localhost", "127.0.0.1", "::1") else seconds


def day_end(text, where, now):
    """The instant from which a release of a day is known."""
    try:
        at = hp.parse_instant(str(text)[:10], now)
    except hp.PluginError as e:
        raise hp.PluginError(f"{where}: {e}") from None
    return min(at, now)


@dataclasses.dataclass(frozen=True)
class Trade:
    """The series of the trade of one reporter in one code with a partner."""

    reporter: str
    partner: str
    flow: str
    hs: str

    @property
    def id(self):
        return f"{self.reporter}/{self.flow}/{self.hs}/{self.partner}"

    def define(self, out, metric, unit, source, **about):
        out.series(
            self.id, metric=metric, unit=unit,
            labels={"reporter": self.reporter, "partner": self.partner,
                    "flow": self.flow, "hs": self.hs, "source": source},
            title=title(self.reporter, self.flow, self.hs, self.partner),
            **about)


def plan(reporters, partners, flow_names, hs):
    """All series of these, a reporter's trade with itself left out."""
    return [Trade(reporter, partner, flow, code)
            for reporter in reporters for partner in partners
            for flow in flow_names for code in hs if partner != reporter]
