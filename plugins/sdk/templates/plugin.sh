#!/bin/sh
# Says JSON lines, each of them a PluginMessage; this one tells the day of the week.
# The request is on standard input: {"config": {…}, "checkpoints": {…}, …}
case "$1" in
describe) echo '{"description": {"name": "my-plugin", "version": "1",
  "protocolVersion": 1, "summary": "Says what it reads in one sentence."}}' |
  tr -d '\n' ;;
check) echo '{"check": {"ok": true, "message": "the clock is there"}}' ;;
discover | read)
  echo '{"series": {"id": "x", "metric": "my_metric", "frequency": "DAILY", "unit": "1"}}'
  test "$1" = discover && exit
  date -u '+{"observations": {"series": "x", "periods": ["%Y-%m-%d"], "values": [%u]}}'
  echo '{"checkpoint": {}}' ;;
*) exit 2 ;;
esac
