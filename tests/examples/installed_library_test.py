"""The forecasting library as another program uses it: installed, found by CMake, linked. Run as
installed_library_test.py SOURCES BUILD."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCES, BUILD = Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
EXAMPLE = SOURCES / "examples" / "forecast"
DOOR = ("anomalies.h", "batch.h", "breaks.h", "forecast.h", "innovations.h", "options.h",
        "path_functions.h", "paths.h", "reconcile.h", "records.h")


def cmake(*arguments):
    result = subprocess.run(["cmake", *map(str, arguments)], capture_output=True, text=True,
                            timeout=240, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


class InstalledLibrary(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)

    def test_a_program_finds_it_and_forecasts(self):
        cmake("--install", BUILD, "--prefix", self.path / "prefix", "--component", "forecast")
        cmake("-S", EXAMPLE, "-B", self.path / "build",
              f"-DCMAKE_PREFIX_PATH={self.path / 'prefix'}")
        cmake("--build", self.path / "build")
        result = subprocess.run([self.path / "build" / "sales"], capture_output=True, text=True,
                                timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = result.stdout.splitlines()
        self.assertEqual(len(rows), 6)
        for row in rows:
            point, low, high = map(float, re.findall(r"\d+\.\d", row))
            self.assertTrue(0 < low < point < high < 400, row)

    def test_of_its_headers_the_door_alone_is_installed(self):
        cmake("--install", BUILD, "--prefix", self.path, "--component", "forecast")
        headers = [*(self.path / "include/headway/daemon").rglob("*.h")]
        self.assertEqual({path.name for path in headers if path.parent.name == "forecast"},
                         set(DOOR))
        self.assertEqual({path.parent.name for path in headers}, {"base", "forecast"})
        for path in headers:
            for name in re.findall(r'#include "(daemon/[^"]+)"', path.read_text(encoding="utf-8")):
                self.assertTrue((self.path / "include/headway" / name).is_file(), (path, name))

    def test_it_can_be_configured_without_what_only_the_daemon_needs(self):
        cmake("-S", SOURCES, "-B", self.path / "alone", "-DHEADWAY_FORECAST_ONLY=ON")
        cache = (self.path / "alone" / "CMakeCache.txt").read_text(encoding="utf-8")
        self.assertIn("absl_DIR", cache)
        for package in ("gRPC", "Protobuf", "protobuf", "RocksDB", "nlohmann_json"):
            self.assertNotIn(f"{package}_DIR", cache)

    def test_the_header_and_the_documents_show_the_example_as_it_is(self):
        example = (EXAMPLE / "sales.cc").read_text(encoding="utf-8")
        self.assertLessEqual(example.count("\n"), 20)
        document = (SOURCES / "docs" / "forecasting.md").read_text(encoding="utf-8")
        self.assertTrue(example in document, "docs/forecasting.md shows another example")
        header = (SOURCES / "daemon/forecast/forecast.h").read_text(encoding="utf-8")
        comment = "".join(f"//   {line}".rstrip() + "\n" for line in example.splitlines())
        self.assertTrue(comment in header, "forecast.h shows another example")


if __name__ == "__main__":
    unittest.main()
