#!/usr/bin/python3
import headway_plugin as hp


def read(request, out):
    text = hp.Http().get(request.option("url")).text()
    out.series("x", metric="my_metric", frequency="annual", unit="1")
    for row in hp.csv_rows(text, request.option("url")):
        out.observe("x", row["period"], float(row["value"]))
    out.checkpoint(complete=True)


hp.run(hp.Plugin(
    name="my-plugin", version="1", summary="Says what it reads in a sentence.",
    read=read, options=[hp.Option("url", "Of the table.", required=True)]))
