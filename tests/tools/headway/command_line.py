"""What tests of the command line share: each is run as NAME_test.py HEADWAY."""

import os
import subprocess
import sys
import tempfile
import unittest

HEADWAY = sys.argv.pop(1)


def run(*arguments, **environment):
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HEADWAY")}
    return subprocess.run([HEADWAY, *arguments], capture_output=True, text=True, timeout=60,
                          env={**clean, **environment})


class TemporaryFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path
