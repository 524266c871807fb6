#!/usr/bin/python3
"""Epoch AI's tables of models and AI chips, and its capability index (CC BY
4.0).

The tables are replaced whole every few days: rows are edited in place, some
are removed, and columns are renamed. So columns are found by the names they
have had, each read delivers the whole table, and a complete checkpoint makes
the daemon withdraw what is gone. The option dataset chooses the table.

Daily series, each with one observation at the date of release; the label
country is ISO 3166 alpha-3, left out where the table names none:
  models: model_release                1
          model_training_compute_flop  FLOP
          model_training_cost_usd      USD of 2023
          model_open_weights           1, where the weights can be had
  capability_index: model_capability   index
    with the labels model, country; a model of organisations in several
    countries is a series in each of them
  hardware: ai_chip_release, ai_chip_price_usd, ai_chip_flop_per_second (16-bit
    tensor), ai_chip_total_processing_performance, ai_chip_memory_bytes,
    ai_chip_memory_bandwidth, ai_chip_power_watt
    with the labels chip, manufacturer, country (of the manufacturer)
  clusters, at the date of first operation: ai_cluster_h100e,
    ai_cluster_power_watt, ai_cluster_cost_usd
    with the labels cluster, status, country; clusters of one name that began
    on one day, such as anonymised ones, are added; rows that are marked
    unlikely or perhaps listed twice are left out

Quarterly series, of rows that span a quarter, in the calendar quarter that
holds their middle:
  chip_sales: ai_chip_sales_usd (all makers), ai_chip_sales_h100e{manufacturer};
    PARTIAL where a row of the quarter is marked incomplete or has no cost
  chip_owners: compute_owned_h100e{owner} of Nvidia's chips, and
    other_compute_owned_h100e{owner,manufacturer}; the newest quarter is
    PARTIAL, for not all owners have reported when it comes out
They count as known 60 days after the quarter (ASSUMED); the others are known
since they were seen (OBSERVED), and all since `known_at` where it is given.

    source {
      name: "epoch-chip-sales"
      plugin: "epoch"
      supersedes: "ai-chip-sales-sample"
      # pipeline: schedule { cron: "0 6 * * *" time_zone: "UTC" }
      config { key: "dataset" value: "chip_sales" }
    }
    source {
      name: "epoch-chip-owners"
      plugin: "epoch"
      supersedes: "chips-by-owner-sample"
      # pipeline: schedule { cron: "15 6 * * *" time_zone: "UTC" }
      config { key: "dataset" value: "chip_owners" }
    }
"""

import json

import answers
import epoch_chips
import epoch_models
import headway_plugin as hp

FILES = {
    "models": "notable_ai_models.csv",
    "capability_index": "benchmark_data.zip",
    "hardware": "ml_hardware.zip",
    "chip_sales": "ai_chip_sales_timelines_by_chip.csv",
    "chip_owners": "ai_chip_owners.zip",
    "clusters": "gpu_clusters.csv",
}
# Where the address leads to a ZIP: the tables it may hold, by base name.
TABLES_IN_ZIP = {
    "models": ("notable_ai_models.csv",),
    "capability_index": ("eci_scores.csv", "epoch_capabilities_index.csv"),
    "hardware": ("ml_hardware.csv",),
    "chip_sales": ("timelines_by_chip.csv",
                   "ai_chip_sales_timelines_by_chip.csv"),
    "chip_owners": ("quarters_by_owner.csv", "owners_quarters.csv",
                    "timelines_by_owner.csv", "nvidia_owners_quarters.csv"),
    "clusters": ("gpu_clusters.csv",),
}


def table_text(body, dataset, file, url):
    """The CSV in a response, which may be a ZIP archive."""
    if not body.startswith(b"PK\x03\x04"):
        text = hp.Response(200, {}, body).text()
        if answers.is_html(text):
            raise hp.PluginError(
                f'{url}: a page of HTML, "{answers.page_title(text)}", in '
                "place of a table; look at the address in a browser")
        return text
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
    if len(table) < before * (1 - limit / 100):
        raise hp.PluginError(
            f"the table holds {len(table)} {table.noun}, the last one held "
            f"{before}; if that is right, raise max_removed_percent "
            f"({limit:g})")


def read(request, out):
    dataset = answers.choice_option(request, "dataset", FILES)
    url = request.option("url") or (
        f"{answers.base_url(request)}/{FILES[dataset]}")
    known_at = None
    if request.option("known_at"):
        try:
            known_at = hp.parse_instant(
                request.option("known_at"), request.now)
        except hp.PluginError as e:
            raise hp.ConfigError(f"option known_at: {e}") from None
    last = answers.last_state(request, of_any_options=True)
    body, document = hp.Http(max_response_bytes=256 << 20).get_if_changed(
        url, last.get("document"), request.fingerprint)
    state = {"fingerprint": request.fingerprint, "document": document}
    if body is None:
        out.info(f"{url}: unchanged")
        out.checkpoint(state=json.dumps(
            {**state, "models": last.get("models", 0)}))
        return
    text = table_text(body, dataset, request.option("file"), url)
    tables = (epoch_models if dataset in epoch_models.REQUIRED
              else epoch_chips)
    table = tables.Table(dataset, request.now, out)
    table.read(text, url)
    check_not_shrunk(table, last, request)
    table.deliver(known_at)
    state["models"] = len(table)
    out.checkpoint(state=json.dumps(state), complete=True, known_at=known_at)
    out.info(f"{url}: {table.summary()}")


hp.run(hp.Plugin(
    name="epoch",
    version="1.1",
    evidence=("recorded", "2026-08-27"),
    summary="Reads Epoch AI's tables of models and AI chips, and its "
            "capability index.",
    read=read,
    options=[
        hp.Option("dataset", "models (releases, training compute and cost, "
                  "open weights), capability_index, hardware, chip_sales, "
                  "chip_owners or clusters.", "models"),
        hp.Option("url", "Address of the table, CSV or a ZIP that holds it. "
                  "Default: that of the dataset at epoch.ai, for models the "
                  "notable ones. Others: all_ai_models.csv, "
                  "large_scale_ai_models.csv, frontier_ai_models.csv there."),
        hp.Option("base_url", "Where the tables lie.",
                  "https://epoch.ai/data"),
        hp.Option("file", "With a ZIP: the base name of the table in it."),
        hp.Option("known_at", "The date (the end of that day, UTC) or RFC 3339 "
                  "instant of an old vintage that is loaded. Default: the "
                  "table is known since it was seen."),
        hp.Option("max_removed_percent", "A table that lost more of its models "
                  "than this since the last read is refused as cut short.",
                  "50"),
    ],
    hosts=["epoch.ai"],
    terms=hp.Terms("allowed", "CC BY 4.0: reuse with the source named.",
                   "https://epoch.ai/data"),
    default_schedule="0 5 * * *",
))
