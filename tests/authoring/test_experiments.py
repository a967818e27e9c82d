"""Recorded runs: what is done is kept and not done again, whatever fails or is killed."""

import argparse
import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from helpers import commands
from helpers.authoring import experiments
from helpers.settings import ROOT, CourseError

pytestmark = pytest.mark.timeout(900)  # seconds; new processes wait long on a busy machine

# What the processes import: they are new ones, and find it on their path.
TABLE = """
import time
from pathlib import Path
import pandas as pd

here = Path(__file__).parent

def ran(what, seed):
    with open(here / "log", "a") as log:
        log.write(f"{what} {seed}\\n")
    return [(1, "loss", 2.0), (2, "loss", seed / 1000)]

def bad(seed):
    if not (here / "mended").exists():
        raise ValueError("no images")
    return ran("bad", seed)

def slow(seed):
    if not (here / "mended").exists():
        time.sleep(120)
    return ran("slow", seed)

def search(seed):
    ran("search", seed)
    columns = ["variant", "epoch", "metric", "value"]
    return pd.DataFrame([("trial 02", 4, "score", 0.5), ("trial 01", 4, "score", 0.25)],
                        columns=columns)

EXPERIMENTS = {
    "nets": {
        "sizes": {"bad": bad, "good": lambda seed: ran("good", seed)},
        "random": {"search": search},
    },
    "long": {"sizes": {"good": lambda seed: ran("good", seed), "slow": slow}},
}
"""
# In place of Keras, which takes seconds to import.
KERAS = "class utils:\n    set_random_seed = staticmethod(lambda seed: None)\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a small table of experiments in a module that new processes can import."""
    (tmp_path / "small_table.py").write_text(TABLE, "utf-8")
    (tmp_path / "keras.py").write_text(KERAS, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "small_table", raising=False)
    monkeypatch.setattr(experiments, "SEEDS", (1001,))
    monkeypatch.setattr(experiments.machine, "machine", lambda: {"hardware": "a laptop", "gpu": 0})
    for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    return tmp_path


def record(folder, *names):
    return experiments.record(names, 2, folder / "runs", "small_table")


def test_what_fails_stops_no_other_run_and_what_is_done_is_not_done_again(folder, capsys):
    assert record(folder, "nets") == 1

    printed = capsys.readouterr().out
    assert "0 of 3 runs are recorded" in printed
    assert "sizes, bad, 1001: ValueError: no images" in printed
    table = pd.read_csv(folder / "runs" / "nets.csv")
    assert list(table) == experiments.COLUMNS
    assert table.values.tolist() == [
        ["random", "trial 01", 1001, 4, "score", 0.25],
        ["random", "trial 02", 1001, 4, "score", 0.5],
        ["sizes", "good", 1001, 1, "loss", 2.0],
        ["sizes", "good", 1001, 2, "loss", 1.001],
    ]
    assert not (folder / "runs" / "nets.json").exists()

    (folder / "mended").touch()
    assert record(folder, "nets") == 0

    assert "2 of 3 runs are recorded" in capsys.readouterr().out
    log = (folder / "log").read_text("utf-8").splitlines()
    assert sorted(log) == ["bad 1001", "good 1001", "search 1001"]
    table = pd.read_csv(folder / "runs" / "nets.csv")
    assert table["variant"].tolist() == ["trial 01", "trial 02", "bad", "bad", "good", "good"]
    assert '"hardware": "a laptop"' in (folder / "runs" / "nets.json").read_text("utf-8")

    assert record(folder, "nets") == 0
    assert "3 of 3 runs are recorded" in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="kills a group of processes")
def test_a_killed_command_leaves_what_was_done_and_goes_on(folder, capsys):
    file = folder / "runs" / "long.csv"
    code = f"""
import sys
sys.path[:0] = [{str(folder)!r}, {str(ROOT)!r}]
from pathlib import Path
from helpers.authoring import experiments
if __name__ == "__main__":
    experiments.SEEDS = (1001,)
    experiments.record(["long"], 2, Path({str(file.parent)!r}), "small_table")
"""
    command = [sys.executable, "-c", code]
    running = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 200
        while not file.exists() and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        os.killpg(running.pid, signal.SIGKILL)  # its children are in its group
        running.wait()

    assert pd.read_csv(file)["variant"].tolist() == ["good", "good"]
    (folder / "mended").touch()
    assert record(folder, "long") == 0
    assert (folder / "log").read_text("utf-8").splitlines() == ["good 1001", "slow 1001"]
    assert sorted(path.name for path in file.parent.iterdir()) == ["long.csv", "long.json"]


def test_an_unknown_name_lists_the_comparisons(folder):
    with pytest.raises(CourseError, match="no comparison 'net': use one of nets, long"):
        record(folder, "nets", "net")


def test_nothing_is_trained_where_the_data_set_cannot_be_had(monkeypatch):
    def missing(name):
        raise CourseError("CIFAR-10 is not here")

    monkeypatch.setattr("helpers.course.import_keras_quietly", lambda: None)
    monkeypatch.setattr("helpers.datasets.fetch", missing)
    monkeypatch.setattr(experiments, "require", lambda names: None)
    monkeypatch.setattr(experiments, "record", lambda names, workers: pytest.fail("trained"))
    with pytest.raises(CourseError, match="not here"):
        commands.runs(argparse.Namespace(names=[], workers=1))
