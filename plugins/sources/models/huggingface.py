#!/usr/bin/python3
"""Downloads of open models from the Hugging Face hub, by who publishes them.

Series, daily, with the labels author and country:
  open_model_downloads_30d    downloads in the last 30 days
  open_model_downloads_total  downloads since the model is there
  open_model_likes            likes
  open_models                 models that can be seen
With `detail` "model" the first three have the label model, too. Country is that
of the maker, from a table of ours (makers.py); `countries` adds to it.

The hub tells today's figures alone and no history: each read is one day of it,
and a daily schedule makes the series. Vintages are observed. A read that comes
again on one day brings that day up to date.

What counts as a download is a request for a model's query file, by mirrors and
test runs as well as by people, and quantised copies count for those who
published them: compare makers with care.

Limits: windows of five minutes, which 2 requests a second and 100 a minute
keeps; HF_TOKEN raises them. A maker is a request for each hundred models, and
is committed by itself.

source {
  name: "huggingface"
  plugin: "huggingface"
  config { key: "authors" value: "Qwen,deepseek-ai,meta-llama,mistralai" }
}
A schedule: cron "0 4 * * *", time zone UTC, each day, for a day that is left
out is lost.
"""

import json
import re
import urllib.parse

import answers
import headway_plugin as hp
import makers

DEFAULT_URL = "https://huggingface.co"
TOKEN = hp.Secret("HF_TOKEN", "A token of Hugging Face, for higher limits; "
                  "https://huggingface.co/settings/tokens makes one, with "
                  "rights to read.")
SOURCE_NAME = "Hugging Face hub (Hugging Face Terms of Service)"
PER_PAGE = 100
# A maker with more models than this is no maker, or the paging is broken.
MOST_PAGES = 300
AUTHORS = ("deepseek-ai,Qwen,moonshotai,zai-org,MiniMaxAI,tencent,baidu,"
           "stepfun-ai,XiaomiMiMo,meta-llama,google,openai,microsoft,nvidia,"
           "allenai,ibm-granite,mistralai")

# By field of the answer: the metric and what people call it.
METRICS = {
    "downloads": ("open_model_downloads_30d", "Downloads in 30 days"),
    "downloadsAllTime": ("open_model_downloads_total", "All downloads"),
    "likes": ("open_model_likes", "Likes"),
}
COUNT = ("open_models", "Models")
_NEXT = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')


class Hub:
    def __init__(self, request):
        self._base = request.option("base_url").rstrip("/")
        self._http = hp.Http()
        self._headers = {}
        if request.secret(TOKEN.name):
            self._headers["Authorization"] = (
                "Bearer " + request.secret(TOKEN.name))

    def page(self, url):
        """(models, address of the next page or None)"""
        response = self._http.get(url, headers=self._headers,
                                  accept_statuses=(400, 401, 403))
        if response.status in (401, 403):
            raise hp.ConfigError(
                f"{url}: Hugging Face refuses the token in {TOKEN.name}, "
                f"saying {hp.beginning(response.body, 300)}; "
                + TOKEN.description)
        if response.status == 400:
            raise hp.PluginError(f"{url}: Hugging Face refuses the question, "
                                 "saying " + hp.beginning(response.body, 300))
        models = response.json(url)
        if not isinstance(models, list):
            raise hp.PluginError(f"{url}: no list of models; it begins with "
                                 + hp.beginning(response.body))
        return models, self._next(response.headers.get("link", ""), url)

    def _next(self, link, url):
        match = _NEXT.search(link)
        if match is None:
            return None
        following = urllib.parse.urljoin(url, match[1])
        if not following.startswith(self._base + "/"):
            raise hp.PluginError(f"{url}: the next page is said to be at "
                                 f"{following}, which is not {self._base}")
        return following

    def first_page(self, author, limit=PER_PAGE):
        fields = [*METRICS, "createdAt", "author"]
        return f"{self._base}/api/models?" + urllib.parse.urlencode(
            [("author", author), ("sort", "downloads"), ("direction", "-1"),
             ("limit", limit), *(("expand[]", field) for field in fields)])

    def models(self, author):
        url = self.first_page(author)
        found = {}
        for _ in range(MOST_PAGES):
            models, following = self.page(url)
            for model in models:
                if not isinstance(model, dict) or not isinstance(
                        model.get("id"), str):
                    raise hp.PluginError(f"{url}: a model has no id: "
                                         + hp.beginning(json.dumps(model)))
                # The order is by downloads, which change while pages are read.
                found.setdefault(model["id"], model)
            if following is None:
                return found, url
            url = following
        raise hp.PluginError(f"{author}: more than {MOST_PAGES} pages of "
                             "models")


def number(model, field, url):
    value = model.get(field)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise hp.PluginError(f'{url}: {field} of {model["id"]} is {value!r}, '
                             "not a count")
    return value


class Day:
    """What was counted of one author."""

    def __init__(self, models, url, by_model):
        self.values = {}  # metric, model or "" -> number
        self.lacking = set()
        for field, (metric, _) in METRICS.items():
            for name, model in models.items():
                value = number(model, field, url)
                if value is None:
                    self.lacking.add(field)
                    continue
                key = (metric, name if by_model else "")
                self.values[key] = self.values.get(key, 0) + value
            if models and not any(m == metric for m, _ in self.values):
                raise hp.PluginError(
                    f"{url}: no model has {field}; they have "
                    + ", ".join(sorted(next(iter(models.values())))))
        self.values[(COUNT[0], "")] = len(models)


def country_of(author, corrections):
    return corrections.get(author.lower()) or makers.country_of(author)


def parse_countries(request):
    found = {}
    for part in request.list_option("countries"):
        author, _, country = part.partition("=")
        if not author or not re.fullmatch("[A-Z]{3}", country):
            raise hp.ConfigError(f'option countries: "{part}" is not of the '
                                 "form author=CHN")
        found[author.lower()] = country
    return found


def deliver(author, country, day, counted, out):
    titles = dict([*METRICS.values(), COUNT])
    for (metric, model), value in sorted(counted.values.items()):
        labels = {"author": author}
        if country:
            labels["country"] = country
        if model:
            labels["model"] = model
        name = f"{metric} {author} {model}"
        out.series(name, metric=metric, labels=labels, frequency="daily",
                   unit="1", source_name=SOURCE_NAME,
                   title=f"{titles[metric]} of {model or author} on the "
                         "Hugging Face hub")
        out.observe(name, day, value)


def parse(request):
    authors = list(dict.fromkeys(request.list_option("authors")))
    if not authors:
        raise hp.ConfigError("option authors names none: Qwen,deepseek-ai")
    detail = request.option("detail")
    if detail not in ("author", "model"):
        raise hp.ConfigError(f'option detail = "{detail}" is neither author '
                             "nor model")
    return authors, detail == "model", parse_countries(request)


def read(request, out):
    authors, by_model, corrections = parse(request)
    hub = Hub(request)
    day = request.now.date().isoformat()
    found = 0
    for position, author in enumerate(authors):
        models, url = hub.models(author)
        found += len(models)
        if models:
            country = country_of(author, corrections)
            if country is None:
                out.warn(f"{author}: the country of the maker is not known; "
                         "name it in the option countries")
            read_author(request, author, country,
                        Day(models, url, by_model), out)
        else:
            out.warn(f"{author}: the hub has no models of this author; is it "
                     "written as in its address?")
        out.progress(position + 1, len(authors), author)
    if not found:
        raise hp.ConfigError("the hub has no models of any of the authors; "
                             "write them as in their addresses: Qwen, "
                             "deepseek-ai")
    out.info(f"{found} models of {len(authors)} authors on {day}")


def read_author(request, author, country, counted, out):
    day = request.now.date().isoformat()
    state = {"fingerprint": request.fingerprint, "day": day,
             "values": hp.content_hash(
                 repr(sorted(counted.values.items())).encode())}
    if counted.lacking:
        out.info(f"{author}: some models have no "
                 + ", ".join(sorted(counted.lacking)))
    if answers.last_state(request, author) == state:
        out.info(f"{author}: nothing is new since an earlier read of {day}")
    else:
        deliver(author, country, day, counted, out)
    out.checkpoint(stream=author, state=json.dumps(state))


def check(request):
    author = parse(request)[0][0]
    hub = Hub(request)
    models, _ = hub.page(hub.first_page(author, limit=1))
    return f"the hub answers, with {len(models)} models of {author}"


hp.run(hp.Plugin(
    name="huggingface",
    version="1.0",
    evidence=("documented", "2026-11-30"),
    summary="Counts downloads of open models from the Hugging Face hub.",
    read=read,
    check=check,
    options=[
        hp.Option("base_url", "Address of the hub.", DEFAULT_URL),
        hp.Option("authors", "Makers, as in the addresses of their models.",
                  AUTHORS),
        hp.Option("countries", 'Countries of makers: "acme=USA,…", besides '
                  "those that are known."),
        hp.Option("detail", "author: sums of each; model: each model by "
                  "itself.", "author"),
    ],
    secrets=[TOKEN],
    hosts=["huggingface.co"],
    limits=[hp.Limit("huggingface.co", per_second=2, per_minute=100)],
    default_schedule="0 4 * * *",
))
