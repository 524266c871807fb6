"""The Python SDK as an installed module."""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SDK = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                   "../../../../plugins/sdk/python")


@unittest.skipIf(importlib.util.find_spec("pip") is None
                 or importlib.util.find_spec("wheel") is None,
                 "pip or wheel is not installed")
class InstallTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        # A build leaves files where it was made.
        self.source = directory.name + "/source"
        self.site = directory.name + "/site"
        os.mkdir(self.source)
        for name in ("pyproject.toml", "headway_plugin.py"):
            shutil.copy(os.path.join(SDK, name), self.source)

    def test_installs_without_the_internet_and_is_imported(self):
        done = subprocess.run(
            [sys.executable, "-m", "pip", "install", "--no-build-isolation",
             "--no-deps", "--no-index", "--target", self.site, self.source],
            capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        done = subprocess.run(
            [sys.executable, "-c", "import headway_plugin; "
             "print(headway_plugin.__file__)"], capture_output=True, text=True,
            env={"PYTHONPATH": self.site}, check=True)
        self.assertEqual(done.stdout.strip(), self.site + "/headway_plugin.py")


if __name__ == "__main__":
    unittest.main()
