"""A run that is killed with SIGKILL, again and again, ends with the weights of one that was not."""

import importlib.util
import json
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

WORKER = Path(__file__).with_name("training_worker.py")
SEED = 20261121


class Runs:
    """Starts workers on one run folder."""

    def __init__(self, folder: Path, network: str = "small"):
        folder.mkdir(exist_ok=True)
        self.run_dir, self.out, self.network = folder / "run", folder / "out.json", network

    def start(self, linger: str = "0") -> subprocess.Popen:
        command = [sys.executable, WORKER, self.run_dir, self.out, self.network, linger]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def finish(self) -> dict:
        process = self.start()
        process.communicate()
        assert process.returncode == 0
        return json.loads(self.out.read_text())

    def kill_after(self, lines: int, delay: float) -> str:
        """Kill a worker `delay` seconds after it printed so many lines; return the last one."""
        process = self.start()
        last = "(start)"
        for _ in range(lines):
            last = process.stdout.readline() or last
        timer = threading.Timer(delay, process.send_signal, [signal.SIGKILL])
        timer.start()
        process.communicate()
        timer.join()
        assert process.returncode in (0, -signal.SIGKILL)
        return last.strip()


def in_this_process(run_dir: Path | None) -> dict:
    """The worker's run without starting one, which saves importing Keras again."""
    spec = importlib.util.spec_from_file_location("training_worker", WORKER)
    worker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(worker)
    return worker.run(run_dir)


def test_kills_around_a_save_change_nothing(tmp_path):
    runs = Runs(tmp_path)
    # The worker prints "saving", "replacing", "replaced" for each state: first for the one before
    # the first step (or the resumed run's first epoch), then for each epoch.
    for wanted in ("saving", "replaced", "replacing"):
        process = runs.start("0.2")
        seen = []
        for line in process.stdout:
            seen.append(line.strip())
            if seen.count(wanted) == 2:
                process.send_signal(signal.SIGKILL)
                break
        process.communicate()
        assert seen[-1] == wanted, f"the worker ended before it was killed: {seen[-3:]}"
    whole = in_this_process(None)
    assert len(whole["epochs"]) > 3
    assert in_this_process(runs.run_dir) == whole


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("network", ["small", "s2"])
def test_ten_kills_at_random_moments_change_nothing(tmp_path, network):
    expected = Runs(tmp_path / "whole", network).finish()
    chance = random.Random(SEED)
    print(f"seed {SEED}")
    for number in range(10):
        runs = Runs(tmp_path / str(number), network)
        lines, delay = chance.randrange(0, 16), chance.uniform(0, 1.5)
        delay += 5 * (lines == 0)  # for the imports, at which a kill would be no test
        last = runs.kill_after(lines, delay)
        print(f"kill {number}: {delay:.2f} s after {last!r}")
        assert runs.finish() == expected
