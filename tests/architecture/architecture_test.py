"""Fails where the tree runs against its own rules: architecture_test.py ROOT."""

import sys
import tempfile
import unittest
from pathlib import Path

import rules

ROOT = Path(sys.argv.pop(1) if len(sys.argv) > 1 else Path(__file__).parents[2])


class Tree(unittest.TestCase):
    def test_keeps_its_rules(self):
        found = rules.violations(ROOT)
        self.assertFalse(found, "\n" + "\n".join(found))

    def test_is_really_read(self):
        # A wrong root would pass every check.
        included = sum(1 for path in rules.sources(ROOT, "daemon")
                       for _, line in rules.numbered_lines(path) if rules.INCLUDE.match(line))
        self.assertGreater(included, 100)
        self.assertLessEqual({"headway_base", "headway_series", "headway_store"},
                             set(rules.library_rooms(ROOT)))

    def test_has_its_rooms_listed_lowest_first(self):
        # So there is no cycle either.
        below = set()
        for room, includes in rules.ROOMS.items():
            self.assertLessEqual(includes, below, f"{room} includes what stands no lower")
            below.add(room)

    def test_has_every_room_of_the_list(self):
        for room in rules.ROOMS:
            path = room if room.startswith(("plugins/", "tools/")) else f"daemon/{room}"
            self.assertTrue((ROOT / path).exists(), f"{path} is in the list, but not there")

    def test_is_drawn_in_the_documentation_as_it_is(self):
        self.assertTrue(f"```\n{rules.LAYERS.strip()}\n```" in
                        (ROOT / "docs/architecture.md").read_text(encoding="utf-8"),
                        "docs/architecture.md does not show what `python3 tests/architecture/rules.py` prints")


class Rules(unittest.TestCase):
    """Each rule on a synthetic tree, kept and broken."""

    def violations(self, **files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return rules.violations(folder)

    def include(self, path, header):
        lists = {}
        if path.endswith(".cc"):
            folder, _, name = path.rpartition("/")
            lists[f"{folder}/CMakeLists.txt"] = f"headway_program(program SRCS {name})\n"
        return self.violations(**{path: f'// A file.\n#include "{header}"\n'}, **lists)

    def assert_allowed(self, path, header):
        self.assertEqual(self.include(path, header), [])

    def assert_forbidden(self, path, header):
        found = self.include(path, header)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:2: "), found[0])
        self.assertIn(header, found[0])

    def test_includes_along_the_arrows_are_allowed(self):
        self.assert_allowed("daemon/query/a.h", "daemon/store/store.h")
        self.assert_allowed("daemon/query/a.h", "daemon/query/query.h")
        self.assert_allowed("daemon/web/a.h", "daemon/service/shell/metrics.h")
        self.assert_allowed("daemon/main.cc", "daemon/web/server.h")
        self.assert_allowed("plugins/sources/tables/csv/main.h", "plugins/sdk/cpp/plugin.h")
        self.assert_allowed("plugins/sources/tables/csv/main.h", "plugins/sources/tables/csv/layout.h")
        self.assert_allowed("plugins/sources/tables/csv/main.h", "daemon/series/period.h")
        self.assert_allowed("tools/headway/commands/a.h", "daemon/forecast/forecast.h")
        self.assert_allowed("tools/headway/commands/a.h", "daemon/pipeline/definitions/definitions.h")
        self.assert_allowed("tools/headway/commands/store/a.h", "daemon/store/store.h")
        self.assert_allowed("tools/headway/a.h", "headway/v1/series.grpc.pb.h")
        self.assert_allowed("tools/bench/a.h", "daemon/store/store.h")

    def test_includes_against_the_arrows_are_found(self):
        self.assert_forbidden("daemon/store/a.h", "daemon/query/query.h")
        self.assert_forbidden("daemon/series/a.h", "daemon/store/store.h")
        self.assert_forbidden("daemon/forecast/a.h", "daemon/series/period.h")
        self.assert_forbidden("daemon/schedule/a.h", "daemon/pipeline/manager.h")
        self.assert_forbidden("daemon/ingest/a.h", "daemon/query/query.h")
        self.assert_forbidden("daemon/service/a.h", "daemon/web/server.h")
        self.assert_forbidden("daemon/service/calls/a.h", "daemon/service/series/handlers.h")
        self.assert_forbidden("daemon/service/series/a.h", "daemon/service/shell/service.h")
        self.assert_forbidden("daemon/messages/a.h", "daemon/service/calls/call.h")
        self.assert_forbidden("daemon/base/a.h", "daemon/series/period.h")
        self.assert_forbidden("plugins/sources/tables/csv/main.h", "daemon/store/store.h")
        self.assert_forbidden("plugins/sources/tables/csv/main.h", "plugins/sources/models/epoch/models.h")
        self.assert_forbidden("daemon/ingest/a.h", "plugins/sdk/cpp/plugin.h")
        self.assert_forbidden("daemon/ingest/a.h", "tools/headway/table.h")
        self.assert_forbidden("tools/headway/a.h", "daemon/query/query.h")
        self.assert_forbidden("tools/headway/render/a.h", "daemon/pipeline/manager.h")

    def test_an_include_against_the_arrows_is_found_in_a_room_within_a_room(self):
        self.assert_allowed("daemon/store/history/a.cc", "daemon/store/format/format.h")
        self.assert_forbidden("daemon/store/format/a.cc", "daemon/store/history/head.h")
        self.assert_forbidden("daemon/store/engine/a.h", "daemon/store/engine/rocks/engine.h")
        self.assert_forbidden("daemon/store/history/a.cc", "daemon/store/store.h")
        self.assert_forbidden("daemon/forecast/ets/a.cc", "daemon/forecast/forecast.h")
        self.assert_forbidden("daemon/forecast/models/ces/a.cc", "daemon/forecast/auto/methods.h")
        self.assert_forbidden("daemon/service/calls/a.cc", "daemon/service/admin/handlers.h")

    def test_a_room_is_entered_by_its_door(self):
        # What includes the store does not thereby include the rooms within it.
        self.assert_forbidden("daemon/query/a.cc", "daemon/store/history/head.h")
        self.assert_forbidden("daemon/pipeline/a.cc", "daemon/forecast/math/optimize.h")
        self.assert_forbidden("daemon/main.cc", "daemon/ingest/pull/read.h")

    def test_one_file_can_stand_lower_than_its_folder(self):
        self.assert_allowed("daemon/store/history/a.cc", "daemon/store/types.h")
        self.assert_forbidden("daemon/store/types.h", "daemon/store/format/format.h")

    def test_generated_code_is_for_those_who_speak_it(self):
        self.assert_allowed("daemon/schedule/a.h", "headway/v1/pipeline.pb.h")
        self.assert_allowed("plugins/sources/tables/csv/main.h", "headway/plugin/v1/plugin.pb.h")
        for path, header in (("daemon/forecast/a.h", "headway/v1/forecast.pb.h"),
                             ("daemon/series/a.h", "headway/v1/common.pb.h"),
                             ("plugins/sources/tables/csv/main.h", "headway/v1/series.pb.h"),
                             ("daemon/pipeline/a.h", "headway/v1/series.grpc.pb.h"),
                             ("daemon/service/series/a.h", "headway/v1/series.grpc.pb.h"),
                             ("daemon/service/series/a.h", "grpcpp/server_context.h"),
                             ("daemon/store/a.h", "headway/config/v1/config.pb.h")):
            with self.subTest(path=path, header=header):
                self.assertEqual(len(self.include(path, header)), 1)

    def test_includes_start_at_the_root(self):
        found = self.violations(**{"daemon/store/a.h": '#include "b.h"\n',
                                   "daemon/store/b.h": "",
                                   "daemon/store/c.h": '#include "../query/query.h"\n'})
        self.assertEqual(len(found), 2, found)
        self.assertIn("is not a path from the root", found[0])
        self.assertIn("is not a path from the root", found[1])

    def test_a_folder_without_a_rule_is_found(self):
        found = self.violations(**{"daemon/misc/a.h": ""})
        self.assertEqual(len(found), 1)
        self.assertIn("daemon/misc has no place", found[0])

    def test_links_against_the_arrows_are_found(self):
        lists = {
            "daemon/series/CMakeLists.txt": "headway_library(series SRCS a.cc DEPS headway_base)\n",
            "daemon/store/CMakeLists.txt": "headway_library(store\n  DEPS headway_series)\n",
            "daemon/query/CMakeLists.txt": "headway_library(query DEPS headway_store)\n",
        }
        self.assertEqual(self.violations(**lists), [])
        lists["daemon/series/CMakeLists.txt"] = (
            "# headway_query in a comment is no link\n"
            "headway_library(series SRCS a.cc\n  DEPS headway_base)\n"
            "target_link_libraries(headway_series PRIVATE headway_query)\n")
        lists["plugins/sources/tables/csv/CMakeLists.txt"] = "headway_program(csv DEPS headway_store)\n"
        self.assertEqual(
            self.violations(**lists),
            ["daemon/series/CMakeLists.txt:4: series must not link headway_query",
             "plugins/sources/tables/csv/CMakeLists.txt:1: plugins/sources/tables/csv must not link headway_store"])

    def test_a_link_against_the_arrows_is_found_in_a_room_within_a_room(self):
        lists = {
            "daemon/store/format/CMakeLists.txt":
                "headway_library(store_format DEPS headway_series)\n",
            "daemon/store/history/CMakeLists.txt":
                "headway_library(store_history DEPS headway_store_format)\n",
            "daemon/series/CMakeLists.txt": "headway_library(series)\n",
        }
        self.assertEqual(self.violations(**lists), [])
        lists["daemon/store/format/CMakeLists.txt"] += (
            "target_link_libraries(headway_store_format PUBLIC headway_store_history)\n")
        self.assertEqual(
            self.violations(**lists),
            ["daemon/store/format/CMakeLists.txt:2: store/format must not link headway_store_history"])

    def test_sources_that_another_room_compiles_are_found(self):
        files = {"daemon/store/format/codec.cc": "",
                 "daemon/store/format/CMakeLists.txt": "headway_library(store_format SRCS codec.cc)\n"}
        self.assertEqual(self.violations(**files), [])
        files = {"daemon/store/format/codec.cc": "",
                 "daemon/store/CMakeLists.txt": "headway_library(store SRCS format/codec.cc)\n"}
        found = self.violations(**files)
        self.assertEqual(len(found), 1, found)
        self.assertIn("format/codec.cc is another room's", found[0])
        found = self.violations(**{"daemon/store/format/codec.cc": ""})
        self.assertEqual(found, ["daemon/store/format/codec.cc:1: no CMakeLists.txt beside it compiles it"])

    def test_rocksdb_is_found_outside_its_room(self):
        text = "#include <rocksdb/db.h>\nrocksdb::DB* db;\n"
        self.assertEqual(self.violations(**{"daemon/store/engine/rocks/backup.h": text,
                                            "daemon/store/engine/rocks/engine.h": text,
                                            "daemon/store/store.h": "// over RocksDB\n",
                                            "tools/bench/a.h": text}), [])
        found = self.violations(**{"daemon/store/engine/engine.h": text, "tools/headway/a.h": text})
        self.assertEqual([line.split(": ")[0] for line in found],
                         ["daemon/store/engine/engine.h:1", "daemon/store/engine/engine.h:2",
                          "tools/headway/a.h:1", "tools/headway/a.h:2"])

    def test_long_files_are_found(self):
        most = rules.MOST_LINES
        self.assertEqual(self.violations(**{"tests/a.py": "\n" * most}), [])
        found = self.violations(**{"tests/a.py": "\n" * (most + 1)})
        self.assertEqual(found, [f"tests/a.py:{most + 1}: {most + 1} lines; split the file"])

    def test_wide_folders_are_found(self):
        files = {f"tests/store/a{number}.cc": "" for number in range(rules.MOST_FILES)}
        self.assertEqual(self.violations(**files), [])
        files["tests/store/b.h"] = ""
        self.assertEqual(self.violations(**files),
                         [f"tests/store:1: {rules.MOST_FILES + 1} source files; give it rooms"])


if __name__ == "__main__":
    unittest.main()
