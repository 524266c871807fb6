#!/usr/bin/python3
import statistics
import headway_plugin as hp


def forecast(series, ask):
    steps = [b - a for a, b in zip(series.values, series.values[1:])]
    spread = statistics.pstdev(steps or [0])
    return [hp.normal(series.values[-1], spread * h ** 0.5, ask)
            for h in range(1, ask.horizon + 1)]


hp.run(hp.Plugin(
    name="my-plugin", version="1", summary="Says how it forecasts, in a sentence.",
    forecast=forecast))
