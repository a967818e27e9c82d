"""What runs a notebook as a test: nbval, and nothing else in the project knows it.

Its last release is of 2024. Another runner has to do this: run all cells from a clean kernel, fail
at the first exception, and compare the text output of cells with the tag `nbval-check-output`
(`helpers.authoring.notebooks.CHECKED`) with the stored one. nbmake and nbclient do the first two.
"""

import subprocess
import sys

from helpers.settings import ROOT

OUTPUT_TIMEOUT = 60  # seconds between a cell's end and its last output; nbval's 5 are few


def run(notebooks, environment):
    """A finished process: exit code 0 if the notebook, or all in a folder, passed."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-qx"]
    # This project's own options would pull in its other tests' settings. This module is a plugin
    # too; conftest.py puts its folder on the path.
    command += ["-o", "addopts=", "-p", "no:cacheprovider", "-p", "runner", "-rf"]
    command += ["--nbval-cell-timeout=300", "--color=no", str(notebooks)]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def pytest_collection_modifyitems(items):
    """As a plugin: wait longer for output, since a machine may be busy."""
    for item in items:
        if hasattr(item, "output_timeout"):
            item.output_timeout = OUTPUT_TIMEOUT
