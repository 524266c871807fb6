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
        return self.violations(**{path: f'// A file.\n#include "{header}"\n'})

    def assert_allowed(self, path, header):
        self.assertEqual(self.include(path, header), [])

    def assert_forbidden(self, path, header):
        found = self.include(path, header)
        self.assertEqual(len(found), 1, found)
        self.assertTrue(found[0].startswith(f"{path}:2: "), found[0])
        self.assertIn(header, found[0])

    def test_includes_along_the_arrows_are_allowed(self):
        self.assert_allowed("daemon/query/a.cc", "daemon/store/store.h")
        self.assert_allowed("daemon/query/a.cc", "daemon/query/query.h")
        self.assert_allowed("daemon/web/a.cc", "daemon/service/calls/parts.h")
        self.assert_allowed("daemon/main.cc", "daemon/web/server.h")
        self.assert_allowed("plugins/sources/csv/main.cc", "plugins/sdk/cpp/plugin.h")
        self.assert_allowed("plugins/sources/csv/main.cc", "plugins/sources/csv/layout.h")
        self.assert_allowed("plugins/sources/csv/main.cc", "daemon/series/period.h")
        self.assert_allowed("tools/headway/commands/a.cc", "daemon/forecast/forecast.h")
        self.assert_allowed("tools/headway/commands/a.cc", "daemon/pipeline/definitions/definitions.h")
        self.assert_allowed("tools/headway/commands/store/a.cc", "daemon/store/store.h")
        self.assert_allowed("tools/headway/a.cc", "headway/v1/series.grpc.pb.h")
        self.assert_allowed("tools/bench/a.cc", "daemon/store/store.h")

    def test_includes_against_the_arrows_are_found(self):
        self.assert_forbidden("daemon/store/a.cc", "daemon/query/query.h")
        self.assert_forbidden("daemon/series/a.h", "daemon/store/store.h")
        self.assert_forbidden("daemon/forecast/a.cc", "daemon/series/period.h")
        self.assert_forbidden("daemon/schedule/a.cc", "daemon/pipeline/engine.h")
        self.assert_forbidden("daemon/ingest/a.cc", "daemon/query/query.h")
        self.assert_forbidden("daemon/service/a.cc", "daemon/web/server.h")
        self.assert_forbidden("daemon/base/a.cc", "daemon/series/period.h")
        self.assert_forbidden("plugins/sources/csv/main.cc", "daemon/store/store.h")
        self.assert_forbidden("plugins/sources/csv/main.cc", "plugins/sources/epoch/models.h")
        self.assert_forbidden("daemon/ingest/a.cc", "plugins/sdk/cpp/plugin.h")
        self.assert_forbidden("daemon/ingest/a.cc", "tools/headway/table.h")
        self.assert_forbidden("tools/headway/a.cc", "daemon/query/query.h")
        self.assert_forbidden("tools/headway/render/a.cc", "daemon/pipeline/engine.h")

    def test_generated_code_is_for_those_who_speak_it(self):
        self.assert_allowed("daemon/schedule/a.cc", "headway/v1/pipeline.pb.h")
        self.assert_allowed("plugins/sources/csv/main.cc", "headway/plugin/v1/plugin.pb.h")
        for path, header in (("daemon/forecast/a.cc", "headway/v1/forecast.pb.h"),
                             ("daemon/series/a.cc", "headway/v1/common.pb.h"),
                             ("plugins/sources/csv/main.cc", "headway/v1/series.pb.h"),
                             ("daemon/pipeline/a.cc", "headway/v1/series.grpc.pb.h"),
                             ("daemon/store/a.cc", "headway/config/v1/config.pb.h")):
            with self.subTest(path=path, header=header):
                self.assertEqual(len(self.include(path, header)), 1)

    def test_includes_start_at_the_root(self):
        found = self.violations(**{"daemon/store/a.cc": '#include "b.h"\n',
                                   "daemon/store/b.h": "",
                                   "daemon/store/c.cc": '#include "../query/query.h"\n'})
        self.assertEqual(len(found), 2, found)
        self.assertIn("is not a path from the root", found[0])
        self.assertIn("is not a path from the root", found[1])

    def test_a_folder_without_a_rule_is_found(self):
        found = self.violations(**{"daemon/misc/a.cc": ""})
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
        lists["plugins/sources/csv/CMakeLists.txt"] = "headway_program(csv DEPS headway_store)\n"
        self.assertEqual(
            self.violations(**lists),
            ["daemon/series/CMakeLists.txt:4: series must not link headway_query",
             "plugins/sources/csv/CMakeLists.txt:1: plugins/sources/csv must not link headway_store"])

    def test_rocksdb_is_found_outside_its_files(self):
        text = "#include <rocksdb/db.h>\nrocksdb::DB* db;\n"
        self.assertEqual(self.violations(**{"daemon/store/engine/rocks/engine.cc": text,
                                            "daemon/store/engine/rocks/engine.h": text,
                                            "daemon/store/store.h": "// over RocksDB\n",
                                            "tools/bench/a.cc": text}), [])
        found = self.violations(**{"daemon/store/store.cc": text, "tools/headway/a.cc": text})
        self.assertEqual([line.split(": ")[0] for line in found],
                         ["daemon/store/store.cc:1", "daemon/store/store.cc:2",
                          "tools/headway/a.cc:1", "tools/headway/a.cc:2"])

    def test_long_files_are_found(self):
        most = rules.MOST_LINES
        self.assertEqual(self.violations(**{"tests/a.py": "\n" * most}), [])
        found = self.violations(**{"tests/a.py": "\n" * (most + 1)})
        self.assertEqual(found, [f"tests/a.py:{most + 1}: {most + 1} lines; split the file"])


if __name__ == "__main__":
    unittest.main()
