"""Activations whose process is killed with SIGKILL go on where they were, and end the same."""

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from helpers.paths import ROOT
from helpers.transfer import compute

WORKER = Path(__file__).with_name("activations_worker.py")


def worker():
    spec = importlib.util.spec_from_file_location("activations_worker", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kill_when_some_are_written(folder: Path) -> int:
    """Start the worker, kill it as soon as its file grows; return the bytes that were written."""
    process = subprocess.Popen([sys.executable, WORKER, folder], cwd=ROOT, env=environment())
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        if any(part.stat().st_size for part in folder.glob("*/values.part")):
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.001)
    assert process.wait(10) == -signal.SIGKILL, "the worker ended before it could be killed"
    return next(folder.glob("*/values.part")).stat().st_size


def environment() -> dict:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def test_killed_activations_go_on(tmp_path, monkeypatch):
    module = worker()
    written = kill_when_some_are_written(tmp_path / "killed")
    answered = []
    answer = compute.Batches._answer

    def counting(self, batch):
        answered.append(len(batch))
        return answer(self, batch)

    monkeypatch.setattr(compute.Batches, "_answer", counting)
    resumed = module.compute(str(tmp_path / "killed"))
    row = resumed[0, 0].nbytes
    assert written < resumed.nbytes
    done = written // row // module.BATCH * module.BATCH
    assert sum(answered) == 2 * module.ROWS - done, "only what was missing is computed"
    np.testing.assert_array_equal(resumed, module.compute(str(tmp_path / "whole")))
