"""The SDK for plugins as it is installed; tests/e2e/author_test.py builds a plugin with it. Run as
installed_sdk_test.py BUILD."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

BUILD = Path(sys.argv.pop(1))


class InstalledSdk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.prefix = Path(folder.name)
        result = subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix,
                                 "--component", "plugin"],
                                capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_its_headers_include_none_that_is_not_installed(self):
        include = self.prefix / "include/headway"
        headers = [*include.rglob("*.h")]
        self.assertIn(include / "plugins/sdk/cpp/plugin.h", headers)
        for path in headers:
            for name in re.findall(r'#include "((?:daemon|plugins|headway)/[^"]+)"',
                                   path.read_text(encoding="utf-8")):
                self.assertTrue((include / name).is_file(), (path, name))

    def test_the_base_that_both_packages_need_comes_with_it(self):
        self.assertTrue([*self.prefix.rglob("libheadway_base.a")])
        self.assertTrue([*self.prefix.rglob("headwayBaseTargets.cmake")])


if __name__ == "__main__":
    unittest.main()
