#!/usr/bin/python3
"""LMArena's leaderboard (CC BY 4.0), from the dataset that LMArena publishes.

The dataset lmarena-ai/leaderboard-dataset holds every leaderboard since May
2023, about 1.1 million rows over all categories. Hugging Face's datasets-server
filters it: one category and one month are asked for at a time, 100 rows a page.
  arena_rating{lab, country}   index, daily: the best model of a lab on the day
                               of a leaderboard
Boards other than text have the label board, categories other than overall the
label category. What organisation is which lab of which country stands in LABS
and in the option `labs`; one that neither names keeps its name and has no
country, which is said.

Vintages are NATIVE: a leaderboard is known since the day of its publication,
and is not revised; ratings are fitted again in the next. So a read goes on with
the day of the last one, which may not have been whole. Changed options read
everything again. State: {"fingerprint", "read_to"}; a checkpoint follows each
month.

The sample's ratings until February 2025 come from LMArena's table, those after
it from another on its own scale and without DeepSeek; here all labs of a
leaderboard are on one scale. LMArena has changed its methods over the years,
so that a step from one day to another may be of the method.

Limits: the service allows some hundred requests in five minutes, more with a
token in HF_TOKEN; the first read takes about 400, and a quota that is used up
ends it until the next try, which goes on with the month that failed.

    source {
      name: "arena"
      plugin: "arena"
      supersedes: "arena-sample"
      limits { wall_time { seconds: 1800 } }
    }

Leaderboards come out some times a week, at no fixed hour; suggested schedule:
`cron: "0 6 * * *"`, `UTC`.
"""

import datetime
import math
import re
import urllib.parse

import answers
import headway_plugin as hp

TOKEN = "HF_TOKEN"
TOKEN_PAGE = "https://huggingface.co/settings/tokens"
ROWS_PER_PAGE = 100
COLUMNS = ("model_name", "organization", "rating", "vote_count", "category",
           "leaderboard_publish_date")

# Organisations, in small letters and digits alone: lab and country.
LABS = {
    "openai": ("OpenAI", "USA"), "anthropic": ("Anthropic", "USA"),
    "google": ("Google", "USA"), "googledeepmind": ("Google", "USA"),
    "meta": ("Meta", "USA"), "metaai": ("Meta", "USA"),
    "xai": ("xAI", "USA"), "nvidia": ("Nvidia", "USA"),
    "amazon": ("Amazon", "USA"), "microsoft": ("Microsoft", "USA"),
    "microsoftai": ("Microsoft", "USA"), "ibm": ("IBM", "USA"),
    "allenai": ("Ai2", "USA"), "ai2": ("Ai2", "USA"),
    "databricks": ("Databricks", "USA"), "snowflake": ("Snowflake", "USA"),
    "rekaai": ("Reka AI", "USA"), "reka": ("Reka AI", "USA"),
    "inceptionai": ("Inception", "USA"), "perplexity": ("Perplexity", "USA"),
    "perplexityai": ("Perplexity", "USA"), "nexusflow": ("Nexusflow", "USA"),
    "nousresearch": ("Nous Research", "USA"),
    "primeintellect": ("Prime Intellect", "USA"),
    "mosaicml": ("MosaicML", "USA"), "ucberkeley": ("UC Berkeley", "USA"),
    "lmsys": ("LMSYS", "USA"), "stanford": ("Stanford", "USA"),
    "mistral": ("Mistral", "FRA"), "mistralai": ("Mistral", "FRA"),
    "cohere": ("Cohere", "CAN"), "stabilityai": ("Stability AI", "GBR"),
    "ai21labs": ("AI21 Labs", "ISR"), "ai21": ("AI21 Labs", "ISR"),
    "tii": ("TII", "ARE"), "upstage": ("Upstage", "KOR"),
    "upstageai": ("Upstage", "KOR"), "naver": ("Naver", "KOR"),
    "alibaba": ("Qwen", "CHN"), "qwen": ("Qwen", "CHN"),
    "deepseek": ("DeepSeek", "CHN"), "deepseekai": ("DeepSeek", "CHN"),
    "zhipu": ("GLM", "CHN"), "zhipuai": ("GLM", "CHN"),
    "zai": ("GLM", "CHN"), "moonshot": ("Moonshot (Kimi)", "CHN"),
    "moonshotai": ("Moonshot (Kimi)", "CHN"),
    "kimi": ("Moonshot (Kimi)", "CHN"), "01ai": ("01.AI", "CHN"),
    "stepfun": ("StepFun", "CHN"), "tencent": ("Tencent", "CHN"),
    "shanghaiailab": ("Shanghai AI Lab", "CHN"),
    "internlm": ("Shanghai AI Lab", "CHN"), "minimax": ("MiniMax", "CHN"),
    "baidu": ("Baidu", "CHN"), "bytedance": ("ByteDance", "CHN"),
    "xiaomi": ("Xiaomi", "CHN"), "meituan": ("Meituan", "CHN"),
    "antgroup": ("Ant Group", "CHN"),
}


def normalised(name):
    return re.sub(r"[^a-z0-9]", "", name.lower())


def labs_of(request):
    """LABS and those of the option, {normalised: (lab, country)}."""
    labs = {**{normalised(lab): (lab, country)
               for lab, country in LABS.values()}, **LABS}
    for text in request.list_option("labs"):
        match = re.fullmatch(r"([^=]+)=([^=:]+):([A-Z]{3})", text)
        if match is None:
            raise hp.ConfigError(f'option labs: "{text}" is not '
                                 "organisation=Lab:CHN")
        labs[normalised(match[1])] = (match[2].strip(), match[3])
    return labs


# ---- The service ------------------------------------------------------------


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


class Dataset:
    def __init__(self, request):
        self.base = request.option("base_url").rstrip("/")
        self.request = request
        self.http = hp.Http()
        self.headers = {}
        if request.secret(TOKEN):
            parts = urllib.parse.urlsplit(self.base)
            if parts.scheme != "https" and parts.hostname not in (
                    "localhost", "127.0.0.1", "::1"):
                raise hp.ConfigError(f"{self.base}: {TOKEN} is not sent over "
                                     "http; write https://")
            self.headers["Authorization"] = "Bearer " + request.secret(TOKEN)

    def rows(self, split, where, out):
        """The rows that satisfy the condition, over all pages."""
        rows = []
        while True:
            answer, url = self.ask(split, where, len(rows))
            page = answers.field(answer, "rows", url)
            total = answers.field(answer, "num_rows_total", url)
            if answer.get("partial"):
                out.warn(f"{url}: the service has indexed only a part of the "
                         "dataset; rows may be missing")
            check_columns(answer, url)
            rows += [answers.field(row, "row", url) for row in page]
            if len(rows) >= total:
                return rows
            if not page:
                raise hp.TransientError(
                    f"{url}: only {len(rows)} of {total} rows came; the rest "
                    "of the pages is empty")

    def ask(self, split, where, offset):
        option = self.request.option
        url = f"{self.base}/filter?" + urllib.parse.urlencode({
            "dataset": option("dataset"), "config": option("board"),
            "split": split, "where": where, "offset": offset,
            "length": ROWS_PER_PAGE})
        response = self.http.get(url, headers=self.headers,
                                 accept_statuses=(401, 403, 404, 422))
        if response.status == 200:
            answer = response.json(url)
            if not isinstance(answer, dict):
                raise hp.PluginError(f"{url}: the answer is no object")
            return answer, url
        said = hp.beginning(response.body)
        if response.status in (401, 403):
            raise hp.ConfigError(
                f"{TOKEN}: Hugging Face answers {response.status}, {said}; a "
                f"token is had at {TOKEN_PAGE}, and none is needed")
        if response.status == 404:
            raise hp.ConfigError(
                f'options dataset = "{option("dataset")}" and board = '
                f'"{option("board")}": Hugging Face has no such dataset, or no '
                f'split "{split}" of it: {said}')
        raise hp.PluginError(f"{url}: HTTP 422, {said}: the condition or its "
                             "columns are no longer understood")


def check_columns(answer, url):
    features = {answers.field(f, "name", url): None
                for f in answers.field(answer, "features", url)}
    for column in COLUMNS:
        answers.field(features, column, url)


# ---- Reading ----------------------------------------------------------------


class Reader:
    def __init__(self, request, out):
        self.request = request
        self.out = out
        self.labs = labs_of(request)
        self.dataset = Dataset(request)
        self.board = request.option("board")
        self.category = request.option("category")
        self.min_votes = answers.whole_number(request, "min_votes", 0)
        self.unknown = set()
        self.defined = set()

    def read(self):
        state = answers.last_state(self.request)
        begin = day_of(state.get("read_to") or self.request.option("since"),
                       "option since")
        last_day = state.get("read_to")
        days, models = set(), 0
        for first, end in months(begin, self.request.now.date()):
            best = self.best_of(self.dataset.rows("full", self.condition(
                first, end), self.out))
            for day, lab in sorted(best, key=lambda k: (k[0], by_name(k[1]))):
                self.out.observe(self.define(lab), day, best[day, lab],
                                 hp.parse_instant(day, self.request.now))
            of_month = {day for day, _ in best}
            days |= of_month
            models += len(best)
            last_day = max([*of_month, last_day or ""]) or None
            self.out.checkpoint(state=answers.state_text(
                self.request, read_to=last_day))
        if not days:
            raise hp.PluginError(
                f'no leaderboard of the category "{self.category}" has come '
                f"since {begin}; see whether it is still called so, or choose "
                "an earlier day with the option since")
        news = days - {state.get("read_to")}
        self.out.info(
            f"{models} ratings of {len(days)} leaderboards up to {last_day}"
            if news else f"no leaderboard is newer than {last_day}")

    def condition(self, first, end):
        return (f'"category"={quoted(self.category)} AND '
                f'"leaderboard_publish_date">={quoted(first.isoformat())} AND '
                f'"leaderboard_publish_date"<{quoted(end.isoformat())}')

    def best_of(self, rows):
        """{(day, lab): the best rating}."""
        best = {}
        today = self.request.now.date().isoformat()
        for row in rows:
            name = row.get("model_name")
            day = str(row.get("leaderboard_publish_date"))[:10]
            day_of(day, f'model "{name}"')
            rating, votes = row.get("rating"), row.get("vote_count") or 0
            if not is_number(rating):
                self.out.warn(f'{day}: the rating of "{name}" is {rating!r}, '
                              "no number; it is left out")
            elif day > today:
                self.out.warn(f"{day}: a leaderboard is dated ahead; it is "
                              "read when its day has come")
            elif votes >= self.min_votes:
                lab = self.lab_of(row.get("organization"), name, day)
                if lab:
                    best[day, lab] = max(best.get((day, lab), rating), rating)
        return best

    def lab_of(self, organization, model, day):
        """(lab, country), the latter None where the organisation is unknown."""
        text = " ".join(str(organization or "").split())[:100]
        lab = self.labs.get(normalised(text))
        if lab is None and text not in self.unknown:
            self.unknown.add(text)
            self.out.warn(
                f'{day}: "{text}", which made "{model}", is no lab that is '
                "known here; " + ("it has no country: write it into the option "
                f"labs, as {text}=Lab:CHN" if text else
                                  "models without a maker are left out"))
        return lab or ((text, None) if text else None)

    def define(self, lab):
        """The id of a lab's series, which is defined at its first use."""
        name, country = lab
        id = f"{name} {country or ''}".strip()
        if id in self.defined:
            return id
        self.defined.add(id)
        labels = {"lab": name}
        if country:
            labels["country"] = country
        if self.board != "text":
            labels["board"] = self.board
        if self.category != "overall":
            labels["category"] = self.category
        self.out.series(
            id, metric="arena_rating", labels=labels, frequency="daily",
            unit="index", vintage_kind="NATIVE",
            title=f"LMArena {self.board} rating, best model of {name} on the "
            "day", source_name=f"LMArena {self.board} leaderboard, "
            f"{self.category}, CC BY 4.0")
        return id


def by_name(lab):
    return lab[0], lab[1] or ""


def is_number(value):
    return isinstance(value, (int, float)) and math.isfinite(value)


def day_of(text, what):
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        error = hp.ConfigError if what.startswith("option") else hp.PluginError
        raise error(f'{what}: "{text}" is not a day such as 2026-07-02'
                    ) from None


def months(begin, last):
    """(first day, day after the last) of each month, the first from `begin`."""
    while begin <= last:
        end = (begin.replace(day=1) + datetime.timedelta(days=32)).replace(
            day=1)
        yield begin, end
        begin = end


# ---- The conversation -------------------------------------------------------


def read(request, out):
    Reader(request, out).read()


def discover(request, out):
    """The labs that are known, and those of the newest leaderboard."""
    reader = Reader(request, out)
    newest = reader.best_of(reader.dataset.rows(
        "latest", f'"category"={quoted(reader.category)}', out))
    for lab in sorted({*reader.labs.values(), *(lab for _, lab in newest)},
                      key=by_name):
        reader.define(lab)


def check(request):
    reader = Reader(request, None)
    answer, url = reader.dataset.ask(
        "latest", f'"category"={quoted(reader.category)}', 0)
    check_columns(answer, url)
    count = answers.field(answer, "num_rows_total", url)
    return f'the newest leaderboard "{reader.category}" has {count} models'


hp.run(hp.Plugin(
    name="arena",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Reads LMArena's leaderboards: the best model of each lab by day.",
    read=read,
    discover=discover,
    check=check,
    options=[
        hp.Option("board", "The configuration of the dataset: text, vision, "
                  "text_style_control and others.", "text"),
        hp.Option("category", "The category of the leaderboard.", "overall"),
        hp.Option("since", "Leaderboards from this day on.", "2023-05-01"),
        hp.Option("labs", "Organisations that are not known here, as "
                  "organisation=Lab:CHN, separated by commas."),
        hp.Option("min_votes", "Models with fewer votes are left out.", "0"),
        hp.Option("dataset", "The dataset at Hugging Face.",
                  "lmarena-ai/leaderboard-dataset"),
        hp.Option("base_url", "Where the service is.",
                  "https://datasets-server.huggingface.co"),
    ],
    secrets=[hp.Secret(TOKEN, "Token of Hugging Face, for a larger quota: "
                       + TOKEN_PAGE)],
    hosts=["datasets-server.huggingface.co"],
    limits=[hp.Limit("datasets-server.huggingface.co", per_minute=60)],
    terms=hp.Terms(
        "allowed", "CC BY 4.0: reuse with the source named.",
        "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset"),
    default_schedule="0 6 * * *",
))
