#!/usr/bin/python3
"""China's monthly output of industrial goods, such as integrated circuits, from
the National Bureau of Statistics (NBS), where it lets one in.

NBS has no documented interface: this asks its site's own, easyquery.htm, as
public programs do. It answers 403 outside China, its codes change, and it was
to be replaced in 2025. So groups of indicators are asked for by code and the
indicators in them are found by their Chinese names. Where it does not answer,
the error says so, and figures are entered by hand (below).

January is never published by itself: output of January and February comes as
the year to date of February. NBS dates no revision; the series are ASSUMED,
known 16 days after the month, and read whole since `since`.

Series, monthly, with the label country, "CHN", for each of `items`, ITEM=NAME:
  NAME_growth_percent       growth on the year, percent
  NAME_ytd_growth_percent   of the year to date
  NAME_units                output, in pieces
  NAME_ytd_units            of the year to date

    source {
      name: "china-chip-output"
      plugin: "nbs"
      supersedes: "china-chip-output-sample"
      # pipeline: schedule { cron: "0 12 14-20 * *" time_zone: "Asia/Shanghai" }
      config { key: "items" value: "集成电路产量=chip_output" }
    }

China's customs (GACC) cannot be read by a program at all: its tables of imports
and exports (english.customs.gov.cn/statics/report/monthly.html, "major imports
and exports by commodity": integrated circuits in 100 million units and in
money) stand behind a check of the browser that answers 412 or a page of script.
No source here goes around it. Such figures, and those of NBS where it does not
answer, are entered by hand in a table of one row a value, in base units:

    metric,country,frequency,period,value,unit,known_at,source
    chip_output_growth_percent,CHN,monthly,2026-09,6.1,percent,2026-10-20,NBS
    chip_imports_units,CHN,monthly,2026-09,52.1e9,1,2026-10-18,GACC

    source {
      name: "china-by-hand"
      plugin: "csv"
      config { key: "url" value: "file:///etc/headway/china.csv" }
    }
"""

import json
import re
import urllib.parse

import answers
import headway_plugin as hp

PATH = "/easyquery.htm"
EXAMPLE = "集成电路产量=chip_output"
RELEASE_LAG_DAYS = 16
EARLIEST = "1998-01"
SOURCE_NAME = ("National Bureau of Statistics of China, monthly industrial "
               "output")
# How an indicator's name ends: the metric's ending, and what a title says.
MEASURES = {
    "当期值": ("units", "output of {}"),
    "累计值": ("ytd_units", "output of {}, year to date"),
    "同比增长": ("growth_percent", "output of {}, growth on the year"),
    "累计增长": ("ytd_growth_percent",
             "output of {}, growth on the year of the year to date"),
}
SCALES = {"亿块": 1e8, "万块": 1e4, "块": 1, "万台": 1e4, "台": 1,
          "亿只": 1e8, "万只": 1e4, "万套": 1e4, "套": 1, "万部": 1e4}
PERCENT = "%"
BY_HAND = ("enter the figures by hand and read them with the csv source: the "
           "plugin's first lines show how")


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.items = answers.pairs_option(request, "items", EXAMPLE)
        for name in self.items.values():
            if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
                raise hp.ConfigError(f'option items: "{name}" is not the '
                                     "beginning of a metric; write "
                                     + EXAMPLE)
        self.groups = request.list_option("groups")
        self.since = answers.month_option(request, "since", EARLIEST)
        if not self.groups or not self.since:
            raise hp.ConfigError("options groups and since are needed; write "
                                 "groups A020H and since 2015-01")
        self.http = hp.Http(min_interval=3)

    def address(self, group):
        asked = [{"wdcode": "zb", "valuecode": group},
                 {"wdcode": "sj", "valuecode": self.since.replace("-", "")
                  + "-"}]
        return answers.base_url(self.request) + PATH + "?" + (
            urllib.parse.urlencode({
                "m": "QueryData", "dbcode": "hgyd", "rowcode": "zb",
                "colcode": "sj", "wds": "[]", "h": "1",
                "dfwds": json.dumps(asked, separators=(",", ":"))}))

    def read(self):
        last = answers.last_state(self.request)
        bodies = {group: self.fetch(self.address(group))
                  for group in self.groups}
        state = answers.state_text(self.request, sha256=hp.content_hash(
            b"\0".join(bodies.values())))
        if json.loads(state) == last:
            self.out.info("unchanged, no news")
            self.out.checkpoint(state=state)
            return
        found, names = {}, []
        for group, body in bodies.items():
            url = self.address(group)
            with answers.known_form(url):
                self.read_group(body, url, found, names)
        self.check_found(found, names)
        for id, (item, measure, values) in found.items():
            self.deliver(id, item, measure, values)
        self.out.checkpoint(state=state, complete=True)

    def fetch(self, url):
        response = self.http.get(url, accept_statuses=(403, 412))
        text = response.body.decode("utf-8", "replace")
        if response.status != 200:
            raise hp.ConfigError(
                f"{url}: HTTP {response.status}: NBS lets no program in from "
                f"here, as it does outside China; {BY_HAND}")
        if answers.is_html(text):
            raise hp.ConfigError(
                f'{url}: a page of HTML, "{answers.page_title(text)}", in '
                f"place of JSON: a check of the browser, or NBS has moved; "
                + BY_HAND)
        return response.body

    def read_group(self, body, url, found, names):
        answer = answers.json_answer(body, url)
        code = answers.field(answer, "returncode", url)
        data = answers.field(answer, "returndata", url)
        if code != 200:
            self.out.warn(f"{url}: NBS says {code}, {json.dumps(data)}: the "
                          "group or the period is not known")
            return
        indicators = self.indicators(data, url)
        names += [name for name, _ in indicators.values()]
        for node in answers.field(data, "datanodes", url):
            cell = answers.field(node, "data", url)
            at = {w["wdcode"]: w["valuecode"]
                  for w in answers.field(node, "wds", url)}
            name, unit = indicators.get(at.get("zb"), ("", ""))
            known = self.known(name)
            if known and cell.get("hasdata"):
                self.put(found, known, unit, at["sj"], cell, url)

    @staticmethod
    def indicators(data, url):
        """{code: (name, unit)} of the answer's indicators."""
        for axis in answers.field(data, "wdnodes", url):
            if axis.get("wdcode") == "zb":
                return {n["code"]: (answers.field(n, "cname", url),
                                    n.get("unit", ""))
                        for n in answers.field(axis, "nodes", url)}
        raise hp.PluginError(f"{url}: no axis of indicators, zb, in the answer")

    def known(self, name):
        """(item, measure) of "集成电路产量_当期值(亿块)", or None."""
        name = re.sub(r"[\s_]|[（(].*?[)）]", "", name)
        for item in self.items:
            if name.startswith(item) and name[len(item):] in MEASURES:
                return item, name[len(item):]
        return None

    def put(self, found, known, unit, month, cell, url):
        item, measure = known
        if not re.fullmatch(r"\d{6}", month):
            raise hp.PluginError(f'{url}: the month "{month}" is not of the '
                                 "form 202510")
        month = f"{month[:4]}-{month[4:]}"
        id = f"{self.items[item]}_{MEASURES[measure][0]}"
        what = f"{url}: {id}, {month}"
        value = answers.number(answers.field(cell, "data", what), what)
        if value is None:
            return
        answers.check_plausible(month, self.request, what)
        if "percent" not in id:
            if unit not in SCALES:
                raise hp.PluginError(
                    f'{what}: the unit "{unit}" is none of '
                    + ", ".join(SCALES))
            value *= SCALES[unit]
        elif unit not in (PERCENT, "％", ""):
            raise hp.PluginError(f'{what}: the unit "{unit}" of a growth is '
                                 "not %")
        found.setdefault(id, (item, measure, {}))[2][month] = value

    def check_found(self, found, names):
        for item in self.items:
            if not any(of == item for of, _, _ in found.values()):
                raise hp.ConfigError(
                    f'option items: no values of "{item}" in '
                    f"{', '.join(self.groups)}" + answers.nearest(item, names)
                    + "; data.stats.gov.cn shows in which group it stands")

    def deliver(self, id, item, measure, values):
        ending, title = MEASURES[measure]
        name = self.items[item]
        goods = ("integrated circuits" if name == "chip_output"
                 else name.removesuffix("_output").replace("_", " "))
        self.out.series(
            id, metric=id, labels={"country": "CHN"}, frequency="monthly",
            unit="percent" if ending.endswith("percent") else "1",
            title="China's " + title.format(goods), description=item,
            vintage_kind="ASSUMED", release_lag_days=RELEASE_LAG_DAYS,
            source_name=SOURCE_NAME)
        self.out.batch(id, dict(sorted(values.items())), snapshot=True)


def read(request, out):
    Reader(request, out).read()


def check(request):
    reader = Reader(request, None)
    group = reader.groups[0]
    url = reader.address(group)
    code = answers.json_answer(reader.fetch(url), url).get("returncode")
    return f"group {group}: NBS answers with {code}"


hp.run(hp.Plugin(
    name="nbs",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads China's industrial output from its statistics bureau, from "
            "within China.",
    read=read, check=check,
    options=[
        hp.Option("items", "Chinese names of goods, as indicators begin, and "
                  f"how the metrics begin: {EXAMPLE}.", EXAMPLE),
        hp.Option("groups", "Codes of the groups that hold them.",
                  "A020H,A0209"),
        hp.Option("since", "The first month, such as 2015-01.", "2015-01"),
        hp.Option("base_url", "The site.", "https://data.stats.gov.cn"),
    ],
    hosts=["data.stats.gov.cn"],
    default_schedule="0 4 14-20 * *",
))
