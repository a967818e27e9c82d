"""Start a program that serves pages on 127.0.0.1, wait until it answers, and end it for sure."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from helpers.settings import ROOT

START = 120  # seconds that a server may need on a busy machine


def environment(folder: Path) -> dict[str, str]:
    """Of a course program that reads and writes nothing of the user's, with the network off."""
    own = {
        "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "no_network"), str(ROOT)]),
        "COURSE_PROFILE": "quick",
        "COURSE_CACHE": str(folder / "cache"),
        "KERAS_HOME": str(folder / "keras"),
        "IPYTHONDIR": str(folder / "ipython"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "TMPDIR": str(folder),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    for name in ("DATA_DIR", "RUNTIME_DIR", "CONFIG_DIR"):
        own[f"JUPYTER_{name}"] = str(folder / f"jupyter-{name.lower()}")
    for name in ("SETTINGS_DIR", "WORKSPACES_DIR"):
        own[f"JUPYTERLAB_{name}"] = str(folder / f"lab-{name.lower()}")
    return {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()} | own


@contextlib.contextmanager
def serving(command: list[str], folder: Path, pattern: str) -> Iterator[str]:
    """Run `python -m command` while the block lasts.

    Args:
        command: module and arguments.
        folder: for everything that the program writes.
        pattern: the address in what it prints.

    Yields:
        The address.
    """
    log = folder / "server.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", *command],
            env=environment(folder),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its kernels end with it
        )
        try:
            yield _address(process, log, pattern)
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):  # ask the whole group, then make it
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=10)


def _address(process: subprocess.Popen, log: Path, pattern: str) -> str:
    end = time.monotonic() + START
    while time.monotonic() < end and process.poll() is None:
        found = re.search(pattern, log.read_text("utf-8", "replace"))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"no address within {START} s:\n{log.read_text('utf-8')[-3000:]}")
