#!/usr/bin/env python3
"""Misbehaves in the way that its option `how` names."""

import json
import os
import signal
import sys


def say(**message):
    print(json.dumps(message), flush=True)


def crash():
    say(series={"id": "s", "metric": "naughty", "frequency": "ANNUAL", "unit": "1"})
    say(observations={"series": "s", "periods": ["2020"], "values": [1]})
    os.kill(os.getpid(), signal.SIGSEGV)


def fail():
    print("no such farm", file=sys.stderr, flush=True)
    sys.exit(7)


def hang():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        signal.pause()


def garbage():
    print("<html>Service unavailable</html>", flush=True)


def flood():
    line = json.dumps({"log": {"message": "x" * 1000}})
    while True:
        print(line)


def refuse():
    say(error={"class": "CONFIG", "message": "the key abc is not known; ask for one"})
    sys.exit(1)


def bad_period():
    say(series={"id": "s", "metric": "naughty", "frequency": "ANNUAL", "unit": "1"})
    say(observations={"series": "s", "periods": ["2020", "2021-13"], "values": [1, 2]})
    say(checkpoint={"state": "1"})


if sys.argv[1] == "describe":
    say(description={"name": "naughty", "version": "1", "protocolVersion": 1,
                     "config": [{"name": "how", "description": "which way", "required": True}]})
elif sys.argv[1] == "check":
    say(check={"ok": True})
elif sys.argv[1] == "read":
    globals()[json.load(sys.stdin)["config"]["how"]]()
