"""The singer source with a tap that is written after the specification: it
says what a script of messages tells it, and what it was given."""

import json
import os
import tempfile
import unittest

from publisher import Conversation

# Writes the messages of its configuration, "STATE?" being the state it was
# given. With --discover it writes a catalog.
TAP = '''#!/usr/bin/python3
import argparse, json, os, sys
parser = argparse.ArgumentParser()
for name in ("config", "state", "catalog", "properties"):
    parser.add_argument("--" + name, type=argparse.FileType())
parser.add_argument("--discover", action="store_true")
asked = parser.parse_args()
config = json.load(asked.config)
if asked.discover:
    print(json.dumps({"streams": [
        {"tap_stream_id": name, "stream": name, "schema": {},
         "metadata": [{"breadcrumb": [],
                       "metadata": {"inclusion": "available"}}]}
        for name in ("orders", "returns")]}))
    sys.exit()
state = json.load(asked.state) if asked.state else None
with open(config["seen"], "w") as seen:
    json.dump({"state": state, "key": config.get("key"),
               "variable": os.environ.get("SINGER_SECRET"),
               "catalog": json.load(asked.catalog) if asked.catalog else None,
               "properties": bool(asked.properties)}, seen)
for line in config["lines"]:
    print(line if isinstance(line, str) else json.dumps(line), flush=True)
print("the token has expired", file=sys.stderr)
sys.exit(config.get("status", 0))
'''

SCHEMA = {"type": "SCHEMA", "stream": "orders", "key_properties": ["id"],
          "schema": {"properties": {
              "id": {}, "month": {}, "amount": {}, "address": {}}}}


def record(month, amount, country="CHN", version=None, stream="orders",
           **more):
    message = {"type": "RECORD", "stream": stream, "record": {
        "id": 1, "month": month, "amount": amount,
        "address": {"country": country}, **more}}
    if version is not None:
        message["version"] = version
    return message


def state(value):
    return {"type": "STATE", "value": value}


def activate(version):
    return {"type": "ACTIVATE_VERSION", "stream": "orders", "version": version}


class SingerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.seen_path = os.path.join(self.folder, "seen")
        self.tap = os.path.join(self.folder, "tap-erp")
        with open(self.tap, "w", encoding="utf-8") as file:
            file.write(TAP)
        os.chmod(self.tap, 0o755)

    def singer(self, *lines, secrets=None, tap_config=None, **config):
        path = os.path.join(self.folder, "config.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"seen": self.seen_path, "lines": lines,
                       **(tap_config or {})}, file)
        return Conversation("singer", {
            "tap": self.tap, "tap_config": path, "streams": "orders",
            "metric": "orders_usd", "period_column": "month",
            "value_column": "amount", "labels": "country=address.country",
            "unit": "USD", **config}, secrets=secrets)

    def seen(self):
        with open(self.seen_path, encoding="utf-8") as file:
            return json.load(file)

    def test_makes_series_of_the_fields_of_records(self):
        said = self.singer(SCHEMA, record("2024-01", 5),
                           record("2024-02", "6.5")).read()
        self.assertEqual(said.values("orders_usd", country="CHN"),
                         {"2024-01": 5, "2024-02": 6.5})

    def test_gives_the_state_back_to_the_tap(self):
        first = self.singer(SCHEMA, record("2024-01", 5),
                            state({"bookmark": 7})).read()
        self.singer(SCHEMA).read(first.states())
        self.assertEqual(self.seen()["state"], {"bookmark": 7})

    def test_runs_the_tap_without_state_when_the_options_change(self):
        first = self.singer(SCHEMA, record("2024-01", 5),
                            state({"bookmark": 7})).read()
        self.singer(SCHEMA, scale="1e3").read(first.states())
        self.assertIsNone(self.seen()["state"])

    def test_keeps_the_last_state_when_the_tap_says_none(self):
        first = self.singer(SCHEMA, record("2024-01", 5),
                            state({"bookmark": 7})).read()
        second = self.singer(SCHEMA).read(first.states())
        self.assertEqual(second.states()[""], first.states()[""])

    def test_says_that_nothing_is_new(self):
        first = self.singer(SCHEMA, record("2024-01", 5), state(1)).read()
        said = self.singer(SCHEMA, state(1)).read(first.states())
        self.assertEqual((said.batches, "nothing is new" in said.logs),
                         ([], True))

    def test_says_the_same_with_the_same_checkpoint(self):
        lines = (SCHEMA, record("2024-01", 5), state(1))
        states = self.singer(*lines).read().states()
        self.assertEqual(self.singer(*lines).read(states).messages,
                         self.singer(*lines).read(states).messages)

    def test_lets_a_record_replace_an_earlier_one(self):
        said = self.singer(SCHEMA, record("2024-01", 5),
                           record("2024-01", 9)).read()
        self.assertEqual(said.values("orders_usd"), {"2024-01": 9})

    def test_commits_with_the_state_after_many_values(self):
        lines = [SCHEMA]
        for day in range(4):
            lines += [record(f"20{year:02}-0{day + 1}", 1, country=f"C{c}")
                      for year in range(50) for c in range(60)]
            lines.append(state(day))
        said = self.singer(*lines).read()
        self.assertEqual(len([c for c in said.checkpoints
                              if not c["stream"]]), 2)

    def test_withdraws_what_a_new_version_of_a_table_lacks(self):
        said = self.singer(SCHEMA, record("2024-01", 5, version=2),
                           activate(2)).read()
        self.assertEqual(
            (said.batches[0]["snapshot"],
             [c["complete"] for c in said.checkpoints if c["stream"]]),
            (True, [True]))

    def test_takes_a_version_that_is_activated_first_for_whole_at_the_end(self):
        said = self.singer(SCHEMA, activate(2),
                           record("2024-01", 5, version=2), state(1),
                           record("2024-02", 5, version=2)).read()
        self.assertEqual((len(said.batches), said.batches[0]["snapshot"]),
                         (1, True))

    def test_adds_to_a_version_that_was_active_before(self):
        first = self.singer(SCHEMA, record("2024-01", 5, version=2),
                            activate(2), state(1)).read()
        said = self.singer(SCHEMA, activate(2),
                           record("2024-02", 6, version=2)).read(first.states())
        self.assertEqual(
            ("snapshot" in said.batches[0],
             any(c["complete"] for c in said.checkpoints)), (False, False))

    def test_withdraws_nothing_of_a_version_that_is_not_activated(self):
        said = self.singer(SCHEMA, record("2024-01", 5, version=2)).read()
        self.assertFalse(any(c["complete"] for c in said.checkpoints))

    def test_keeps_what_stands_when_a_version_is_empty(self):
        said = self.singer(SCHEMA, activate(3)).read()
        self.assertFalse(any(c["complete"] for c in said.checkpoints))

    def test_withdraws_a_record_that_was_deleted(self):
        said = self.singer(SCHEMA, record(
            "2024-01", None, _sdc_deleted_at="2024-05-01T00:00:00Z")).read()
        self.assertEqual(said.batches[0]["withdrawnPeriods"], ["2024-01"])

    def test_passes_over_other_streams_and_says_so(self):
        said = self.singer(SCHEMA, record("2024-01", 5),
                           {**SCHEMA, "stream": "staff"},
                           record("2024-01", 1, stream="staff")).read()
        self.assertIn('stream "staff" is not among the streams of the source: '
                      "1 records are passed over", said.logs)

    def test_fills_secrets_into_the_configuration(self):
        self.singer(SCHEMA, secrets={"SINGER_SECRET": "hunter22"},
                    tap_config={"key": "Bearer ${SINGER_SECRET}"}).read()
        self.assertEqual((self.seen()["key"], self.seen()["variable"]),
                         ("Bearer hunter22", None))

    def test_names_the_variable_of_a_secret_that_is_not_set(self):
        said = self.singer(SCHEMA,
                           tap_config={"key": "${SINGER_SECRET_2}"}).read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("SINGER_SECRET_2 is not set", said.error["message"])

    def test_selects_streams_in_the_catalog_of_the_tap(self):
        self.singer(SCHEMA, discover_catalog="true").read()
        self.assertEqual(
            {s["stream"]: s["metadata"][0]["metadata"]["selected"]
             for s in self.seen()["catalog"]["streams"]},
            {"orders": True, "returns": False})

    def test_names_the_nearest_stream_where_one_is_missing(self):
        said = self.singer(discover_catalog="true", streams="order").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn('the nearest is "orders"', said.error["message"])

    def test_hands_an_older_tap_its_properties(self):
        self.singer(SCHEMA, discover_catalog="true",
                    catalog_flag="--properties").read()
        self.assertTrue(self.seen()["properties"])

    def test_names_the_nearest_field_where_one_is_renamed(self):
        said = self.singer(SCHEMA, value_column="amounts").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn('the nearest is "amount"', said.error["message"])

    def test_refuses_a_record_before_its_schema(self):
        said = self.singer(record("2024-01", 5)).read()
        self.assertIn("before its SCHEMA", said.error["message"])

    def test_names_the_line_that_is_no_message(self):
        said = self.singer(SCHEMA, "Traceback (most recent call last):").read()
        self.assertIn("line 2 of the tap is no Singer message; it begins with "
                      '"Traceback', said.error["message"])

    def test_names_the_line_of_a_bad_value(self):
        said = self.singer(SCHEMA, record("2024-01", "many")).read()
        self.assertIn('line 2 of the tap, stream "orders": column "amount" is '
                      "'many'", said.error["message"])

    def test_refuses_batches_of_files(self):
        said = self.singer(SCHEMA, {"type": "BATCH", "stream": "orders"}).read()
        self.assertIn("batch_config", said.error["message"])

    def test_tells_the_last_words_of_a_tap_that_fails(self):
        said = self.singer(SCHEMA, tap_config={"status": 3}).read()
        self.assertEqual(said.error["class"], "TRANSIENT")
        self.assertIn("status 3; its last words: the token has expired",
                      said.error["message"])

    def test_delivers_nothing_of_a_tap_that_fails(self):
        said = self.singer(SCHEMA, record("2024-01", 5),
                           tap_config={"status": 3}).read()
        self.assertEqual(said.checkpoints, [])

    def test_names_a_tap_that_is_not_there(self):
        said = self.singer(tap="/nowhere/tap").read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("/nowhere/tap", said.error["message"])

    def test_points_to_the_catalog_when_the_streams_do_not_come(self):
        said = self.singer({**SCHEMA, "stream": "staff"}).read()
        self.assertEqual(said.error["class"], "CONFIG")
        self.assertIn("discover_catalog", said.error["message"])

    def test_checks_that_the_streams_are_in_the_catalog(self):
        said = self.singer(discover_catalog="true",
                           streams="staff").say("check")
        self.assertIn("orders, returns", said.error["message"])

    def test_replays_the_lines_of_an_earlier_pull(self):
        with tempfile.TemporaryDirectory() as documents:
            recording = self.singer(SCHEMA, record("2024-01", 5))
            recording.environment["HEADWAY_HTTP_RECORD"] = documents
            first = recording.read()
            os.remove(self.tap)
            replay = self.singer()
            replay.environment["HEADWAY_HTTP_REPLAY"] = documents
            self.assertEqual(replay.read().batches, first.batches)


if __name__ == "__main__":
    unittest.main()
