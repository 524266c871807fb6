#!/usr/bin/python3
"""A plugin that delivers made-up monthly series through the Python SDK."""

import headway_plugin as hp


def read(request, out):
    count = int(request.option("series"))
    values = int(request.option("values"))
    per_commit = int(request.option("series_per_commit"))
    periods = [f"{1970 + i // 12}-{i % 12 + 1:02d}" for i in range(values)]
    for series in range(count):
        id = f"s{series}"
        out.series(id, metric="trade_value_musd", frequency="monthly",
                   unit="USD", labels={"part": id})
        out.batch(id, {period: series + place / 100
                       for place, period in enumerate(periods)})
        if (series + 1) % per_commit == 0 or series + 1 == count:
            out.checkpoint(stream=f"part-{series // per_commit}")


hp.run(hp.Plugin(
    name="bench-python", version="1", summary="Makes up series.", read=read,
    options=[hp.Option(name, "Of the workload.", required=name != "frequency")
             for name in ("frequency", "series", "values",
                          "series_per_commit", "revised_per_mille")]))
