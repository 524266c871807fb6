#!/usr/bin/python3
"""List prices of AI models, and how much they are used on OpenRouter.

By the option `dataset`:

list_prices: the history that llm-prices.com keeps of vendors' price lists.
  model_list_price_usd_per_mtok{model,vendor,country}, daily, has the price of a
  million output tokens at the day from which it holds, the same series as the
  bundled sample list_prices.csv. The history often does not say since when a
  price holds. Then it is the day of first listing, from the table in
  `first_listed` (the sample will do), or the day on which this source first saw
  the model; models that it saw at its first read without such a table are left
  out, for they may have been listed long before. Each read is the whole
  history. No licence is stated: facts only.
models: the catalogue of OpenRouter today.
  openrouter_price_usd_per_mtok{model,maker,country,direction}, daily, where
  direction is input or output. There is no history: a daily schedule makes it.
tokens: the ranking by week, as a third party (a repository on GitHub) keeps the
  first ten models of OpenRouter's page, which has no interface of its own.
  openrouter_tokens{country}, weekly, where country is USA, CHN or other, the
  same series as the bundled sample openrouter_tokens.csv. A file stands for the
  ISO week of its date. OpenRouter changed how it counts on 2026-02-16. Each
  file is committed by itself, and asked for again only when it changed.

None of them is dated by its publisher: vintages are observed.
Limits: none are stated but GitHub's, 60 requests an hour (GITHUB_TOKEN raises
them) of which a read takes one.

source {
  name: "list-prices"
  plugin: "openrouter"
  supersedes: "list-prices-sample"
  config { key: "dataset" value: "list_prices" }
  config {
    key: "first_listed"
    value: "${PIPELINES_DIR}/sample/list_prices.csv"
  }
}
source {
  name: "openrouter-tokens"
  plugin: "openrouter"
  supersedes: "openrouter-tokens-sample"
  config { key: "dataset" value: "tokens" }
}
A schedule: cron "0 5 * * *", time zone UTC.
"""

import dataclasses
import datetime
import decimal
import json
import math
import re
import urllib.parse

import github_api
import answers
import headway_plugin as hp
import makers

LLM_PRICES = "https://www.llm-prices.com"
OPENROUTER = "https://openrouter.ai"
DEFAULT_URLS = {"list_prices": LLM_PRICES, "models": OPENROUTER,
                "tokens": github_api.API}
REPOSITORY = "johnbean393/openrouter-inference-stats"
# Dollars for a million tokens; no price has come near.
HIGHEST_PRICE = 1e5
MILLION = 10 ** 6
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def is_price(value):
    return (not isinstance(value, bool) and isinstance(value, (int, float))
            and math.isfinite(value) and 0 <= value < HIGHEST_PRICE)


def with_country(labels, maker, unknown):
    """The labels, with the country of the maker where it is known."""
    country = makers.country_of(maker)
    if country is None:
        unknown.add(maker)
        return labels
    return {**labels, "country": country}


def warn_of_unknown(unknown, out):
    if unknown:
        out.warn("the country of these makers is not known, and their series "
                 "have none: " + ", ".join(sorted(unknown)))


# ---- list_prices -------------------------------------------------------------


@dataclasses.dataclass
class Price:
    model: str
    vendor: str
    output: float
    begin: str  # a day, or "" where it is not said
    end: str

    def key(self):
        return f"{self.vendor}/{self.model}"


def entries(document, url):
    """The entries of the history, in either of its forms: a flat list, or
    vendors with their models."""
    if isinstance(document, dict) and isinstance(document.get("prices"), list):
        yield from document["prices"]
        return
    vendors = document if isinstance(document, list) else [document]
    for vendor in vendors:
        if not isinstance(vendor, dict) or not isinstance(
                vendor.get("models"), list):
            raise hp.PluginError(
                f"{url}: neither a list of prices nor vendors with models; it "
                "begins with " + hp.beginning(json.dumps(document)))
        for model in vendor["models"]:
            for entry in model.get("price_history", []):
                yield {"vendor": vendor.get("vendor"), "id": model.get("id"),
                       **entry}


def parse_price(entry, url):
    """The Price of an entry, or None where it has no price of output."""
    if not isinstance(entry, dict):
        raise hp.PluginError(f"{url}: an entry is no object: "
                             + hp.beginning(json.dumps(entry)))
    for field in ("id", "vendor", "output", "from_date", "to_date"):
        if field not in entry:
            raise hp.PluginError(f'{url}: an entry has no "{field}"; it has '
                                 + ", ".join(sorted(entry)))
    what = f'{url}: {entry["vendor"]}/{entry["id"]}'
    days = [entry["from_date"] or "", entry["to_date"] or ""]
    for day in days:
        if day and not _DAY.fullmatch(day):
            raise hp.PluginError(f'{what}: "{day}" is not a day such as '
                                 "2024-03-05")
    if entry["output"] is None:
        return None
    if not is_price(entry["output"]):
        raise hp.PluginError(f'{what}: the price {entry["output"]!r} is not '
                             f"one from 0 to {HIGHEST_PRICE:g}")
    return Price(entry["id"], entry["vendor"], entry["output"], *days)


def first_listed(path):
    """{vendor/model: day} of a table with the columns model, vendor and
    period."""
    if not path:
        return {}
    text = hp.Http().get("file://" + urllib.parse.quote(path)).text()
    found = {}
    for row in hp.csv_rows(text, path):
        for column in ("model", "vendor", "period"):
            if column not in row:
                raise hp.ConfigError(f'{path}: no column "{column}"; there are '
                                     + ", ".join(row))
        key = f'{row["vendor"]}/{row["model"]}'
        found[key] = min(found.get(key, row["period"]), row["period"])
    return found


class Listing:
    """Since when models are listed, where their prices do not say."""

    def __init__(self, request):
        self._table = first_listed(request.option("first_listed"))
        last = answers.last_state(request, of_any_options=True)
        self._is_first = "listed" not in last and not self._table
        self.seen = last.get("listed", {})
        self._today = request.now.date().isoformat()

    def day(self, price):
        """A day, or "" of a model that was there before the first read."""
        key = price.key()
        if key in self._table:
            return self._table[key]
        return self.seen.setdefault(key,
                                    "" if self._is_first else self._today)


def read_list_prices(request, out):
    url = base_url(request) + "/historical-v1.json"
    last = answers.last_state(request)
    body, document = hp.Http().get_if_changed(url, last.get("document"),
                                              request.fingerprint)
    if body is None:
        out.info(f"{url}: unchanged, nothing is new")
        out.checkpoint(state=json.dumps(last))
        return
    listing = Listing(request)
    series = {}  # vendor/model -> (Price, {period: output})
    undated = set()
    count = 0
    for entry in entries(hp.Response(200, {}, body).json(url), url):
        count += 1
        price = parse_price(entry, url)
        if price is None:
            continue
        begin = price.begin or listing.day(price)
        if not begin:
            undated.add(price.key())
        # A price that was over before the model was listed never held.
        elif not (price.end and price.end <= begin):
            series.setdefault(price.key(), (price, {}))[1][begin] = price.output
    if not count:
        raise hp.PluginError(f"{url}: the history is empty")
    deliver_list_prices(series, out)
    if undated:
        out.warn(f"{len(undated)} models were listed before the first read, at "
                 "a day that is not known, and are left out; the option "
                 "first_listed names a table of such days")
    out.checkpoint(complete=True, state=json.dumps(
        {"fingerprint": request.fingerprint, "document": document,
         "listed": listing.seen}))
    out.info(f"{url}: {count} prices, {len(series)} models")


def deliver_list_prices(series, out):
    unknown = set()
    for key, (price, values) in sorted(series.items()):
        out.series(
            key, metric="model_list_price_usd_per_mtok", frequency="daily",
            unit="USD", title="List price of a million output tokens",
            labels=with_country({"model": price.model, "vendor": price.vendor},
                                price.vendor, unknown),
            source_name="price lists of the vendors, as kept by llm-prices.com")
        out.batch(key, dict(sorted(values.items())), snapshot=True)
    warn_of_unknown(unknown, out)


# ---- models ------------------------------------------------------------------


def per_million(text, what):
    """Dollars for a million tokens; None where there is no one price."""
    try:
        price = decimal.Decimal(text)
    except (decimal.InvalidOperation, TypeError, ValueError):
        raise hp.PluginError(f"{what} is {text!r}, not a price") from None
    # The router that chooses a model has -1.
    if price < 0:
        return None
    value = float(price * MILLION)
    if not is_price(value):
        raise hp.PluginError(f"{what} is {text!r}, which is no price of a "
                             "token in dollars")
    return value


def model_prices(model, url):
    """(id, {direction: price})"""
    try:
        name, pricing = model["id"], model["pricing"]
        texts = {"input": pricing["prompt"], "output": pricing["completion"]}
    except (KeyError, TypeError) as e:
        raise hp.PluginError(f"{url}: a model is not as it was: {e!r} in "
                             + hp.beginning(json.dumps(model), 300)) from None
    prices = {direction: per_million(text, f"{url}: the {direction} of {name}")
              for direction, text in texts.items()}
    return name, {d: p for d, p in prices.items() if p is not None}


def read_models(request, out):
    url = base_url(request) + "/api/v1/models"
    document = hp.Http().get(url).json(url)
    models = document.get("data") if isinstance(document, dict) else None
    if not isinstance(models, list) or not models:
        raise hp.PluginError(f"{url}: no models under data; it begins with "
                             + hp.beginning(json.dumps(document)))
    prices = dict(model_prices(model, url) for model in models)
    day = request.now.date().isoformat()
    state = {"fingerprint": request.fingerprint, "day": day,
             "prices": hp.content_hash(json.dumps(
                 prices, sort_keys=True).encode())}
    if answers.last_state(request) == state:
        out.info(f"{url}: nothing is new since an earlier read of {day}")
    else:
        deliver_models(prices, day, out)
        out.info(f"{url}: prices of {len(prices)} models on {day}")
    out.checkpoint(state=json.dumps(state))


def deliver_models(prices, day, out):
    unknown = set()
    for model, by_direction in sorted(prices.items()):
        maker = model.split("/")[0].lstrip("~")
        for direction, price in by_direction.items():
            name = f"{model} {direction}"
            out.series(
                name, metric="openrouter_price_usd_per_mtok",
                frequency="daily", unit="USD",
                labels=with_country({"model": model, "maker": maker,
                                     "direction": direction}, maker, unknown),
                title=f"Price of a million {direction} tokens of {model} on "
                      "OpenRouter",
                source_name="OpenRouter (OpenRouter Terms of Service)")
            out.observe(name, day, price)
    warn_of_unknown(unknown, out)


# ---- tokens ------------------------------------------------------------------

PLACES = ("USA", "CHN", "other")


def weekly_files(request, client):
    """{date: hash} of the files since the option `since`."""
    url = f"{base_url(request)}/repos/{REPOSITORY}/contents/data"
    listing = client.get(url)
    if not isinstance(listing, list):
        raise hp.PluginError(f"{url}: no list of files; it begins with "
                             + hp.beginning(json.dumps(listing)))
    files = {}
    for entry in listing:
        date = str(entry.get("name", "")).removesuffix(".json")
        if _DAY.fullmatch(date) and date >= request.option("since"):
            files[date] = str(entry.get("sha"))[:10]
    if not files:
        raise hp.PluginError(f"{url}: no file such as 2026-05-04.json since "
                             + request.option("since"))
    return dict(sorted(files.items()))


def sum_tokens(document, url, unknown):
    """{country: tokens}"""
    sums = dict.fromkeys(PLACES, 0)
    models = document.get("models") if isinstance(document, dict) else None
    if not isinstance(models, list) or not models:
        raise hp.PluginError(f"{url}: no models; it begins with "
                             + hp.beginning(json.dumps(document)))
    for model in models:
        try:
            maker = model["slug"].split("/")[0]
            tokens = model["total_tokens"]
        except (AttributeError, KeyError, TypeError) as e:
            raise hp.PluginError(f"{url}: a model is not as it was: {e!r} in "
                                 + hp.beginning(json.dumps(model), 300)
                                 ) from None
        if isinstance(tokens, bool) or not isinstance(tokens, int) or (
                tokens < 0):
            raise hp.PluginError(f"{url}: total_tokens of {model['slug']} is "
                                 f"{tokens!r}, not a count")
        country = makers.country_of(maker)
        # What OpenRouter itself offers, under cover names, has no maker.
        if country is None and maker != "openrouter":
            unknown.add(maker)
        sums[country if country in PLACES else "other"] += tokens
    return sums


def read_tokens(request, out):
    if not _DAY.fullmatch(request.option("since")):
        raise hp.ConfigError(f'option since = "{request.option("since")}" is '
                             "not a day such as 2025-11-16")
    client = github_api.Client(request)
    files = weekly_files(request, client)
    state = {"fingerprint": request.fingerprint,
             "files": answers.last_state(request).get("files", {})}
    new = [d for d, sha in files.items() if state["files"].get(d) != sha]
    for country in PLACES:
        out.series(
            country, metric="openrouter_tokens", labels={"country": country},
            frequency="weekly", unit="token",
            title="Tokens on OpenRouter's leading models, by country of the "
                  "maker",
            source_name="OpenRouter rankings page, as kept weekly by "
                        + REPOSITORY)
    unknown = set()
    http = hp.Http()
    for position, date in enumerate(new):
        url = (f'{request.option("raw_url").rstrip("/")}/{REPOSITORY}/main/'
               f"data/{date}.json")
        week = hp.period_of("weekly", datetime.date.fromisoformat(date))
        for country, tokens in sum_tokens(http.get(url).json(url), url,
                                          unknown).items():
            out.observe(country, week, tokens)
        state["files"][date] = files[date]
        out.checkpoint(state=json.dumps(state))
        out.progress(position + 1, len(new), date)
    if unknown:
        out.warn("makers whose country is not known count as other: "
                 + ", ".join(sorted(unknown)))
    out.info(f"{len(new)} weeks are new or changed" if new else
             f"the {len(files)} weeks are those of the last read: nothing is "
             "new")


# ---- The plugin --------------------------------------------------------------

DATASETS = {"list_prices": read_list_prices, "models": read_models,
            "tokens": read_tokens}


def base_url(request):
    return (request.option("base_url")
            or DEFAULT_URLS[request.option("dataset")]).rstrip("/")


def read(request, out):
    dataset = request.option("dataset")
    if dataset not in DATASETS:
        raise hp.ConfigError(f'option dataset = "{dataset}" is none of '
                             + ", ".join(DATASETS))
    DATASETS[dataset](request, out)


hp.run(hp.Plugin(
    name="openrouter",
    version="1.0",
    evidence=("recorded", "2026-08-05"),
    summary="Reads list prices of AI models and their use on OpenRouter.",
    read=read,
    options=[
        hp.Option("dataset", "list_prices (llm-prices.com), models (prices on "
                  "OpenRouter) or tokens (its ranking by week).",
                  required=True),
        hp.Option("base_url", "Address of the service. Default: that of the "
                  "dataset."),
        hp.Option("raw_url", "With tokens: address of GitHub's files.",
                  github_api.RAW),
        hp.Option("first_listed", "With list_prices: path of a table (CSV) of "
                  "the columns model, vendor and period, by which models are "
                  "dated whose prices are not.", is_path=True),
        hp.Option("since", "With tokens: the first day.", "2025-11-10"),
    ],
    secrets=[github_api.TOKEN],
    hosts=["www.llm-prices.com", "openrouter.ai", "api.github.com",
           "raw.githubusercontent.com"],
    default_schedule="0 5 * * *",
))
