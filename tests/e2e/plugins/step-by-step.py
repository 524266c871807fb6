#!/usr/bin/env python3
"""Delivers months one checkpoint at a time, each when a byte comes through a FIFO.

Options: `months`, how many there are; `batch`, how many a checkpoint covers; `gate`, the FIFO,
or nothing to go on without waiting. The checkpoint is the number of months delivered.
"""

import json
import os
import sys


def say(**message):
    print(json.dumps(message), flush=True)


def describe():
    options = [{"name": name, "description": name} for name in ("months", "batch", "gate")]
    options[2]["kind"] = "PATH"
    say(description={"name": "step-by-step", "version": "1", "protocolVersion": 1,
                     "config": options})


def read(request):
    config = request["config"]
    total, batch = int(config["months"]), int(config["batch"])
    gate = os.open(config["gate"], os.O_RDWR) if config.get("gate") else None
    begin = int(request.get("checkpoints", {}).get("", "0"))
    say(log={"message": f"resuming at {begin}"})
    say(series={"id": "s", "metric": "step_count", "frequency": "MONTHLY", "unit": "1"})
    for first in range(begin, total, batch):
        if gate is not None:
            os.read(gate, 1)
        months = range(first, min(first + batch, total))
        say(observations={"series": "s",
                          "periods": [f"{1700 + i // 12}-{i % 12 + 1:02d}" for i in months],
                          "values": [i + 0.5 for i in months]})
        say(checkpoint={"state": str(months[-1] + 1)})
        say(progress={"done": months[-1] + 1, "total": total})


if sys.argv[1] == "describe":
    describe()
elif sys.argv[1] == "check":
    say(check={"ok": True})
elif sys.argv[1] == "read":
    read(json.load(sys.stdin))
