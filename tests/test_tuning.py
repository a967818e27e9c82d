"""Searches that are killed and resumed, folders that are mended, and results as plain data."""

import importlib.util
import json
import math
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers import tuning
from helpers.errors import UserError
from helpers.tuning import Trial, folder, importance, read_trials, table

WORKER = Path(__file__).with_name("tuning_worker.py")


@pytest.fixture(scope="module")
def worker():
    spec = importlib.util.spec_from_file_location("tuning_worker", WORKER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def kill_in_training(search_folder, number, *options):
    """Kill a search with SIGKILL when it trains its trial of this number, counted from 1."""
    command = [sys.executable, WORKER, search_folder, "--linger", "0.3", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    seen = 0
    for line in process.stdout:
        seen += line.strip() == "training"
        if seen == number:
            process.send_signal(signal.SIGKILL)
            break
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def files(search_folder, trials):
    return {
        t.name: (search_folder / f"trial_{t.name}/trial.json").stat().st_mtime_ns for t in trials
    }


@pytest.mark.slow
def test_a_killed_search_keeps_its_finished_trials(tmp_path, worker):
    search_folder = tmp_path / "search"
    kill_in_training(search_folder, 3)
    before = [trial for trial in read_trials(search_folder) if trial.finished]
    written = files(search_folder, before)
    assert len(before) == 2

    worker.search(search_folder)
    after = read_trials(search_folder)
    assert after[:2] == before
    assert files(search_folder, before) == written, "a finished trial ran again"
    assert [trial.status for trial in after] == ["COMPLETED"] * 5

    undisturbed = tmp_path / "undisturbed"
    worker.search(undisturbed)
    values = [trial.values for trial in read_trials(undisturbed)]
    assert [trial.values for trial in after] == values


@pytest.mark.slow
@pytest.mark.parametrize("tuner", ["random", "bayesian", "hyperband"])
def test_two_kills_lose_no_finished_trial(tmp_path, worker, tuner):
    kill_in_training(tmp_path / "s", 1, "--tuner", tuner)
    kill_in_training(tmp_path / "s", 3, "--tuner", tuner)
    before = [trial for trial in read_trials(tmp_path / "s") if trial.finished]
    worker.search(tmp_path / "s", tuner)
    after = {trial.name: trial for trial in read_trials(tmp_path / "s")}
    assert all(after[trial.name] == trial for trial in before)
    assert all(trial.status == "COMPLETED" for trial in after.values())
    assert len(after) == 5


def write_search(search_folder, statuses, known, ended):
    """A search's folder as a kill may leave it: known and ended are what oracle.json lists."""
    for name, status in statuses.items():
        path = search_folder / f"trial_{name}" / "trial.json"
        path.parent.mkdir(parents=True)
        state = {"trial_id": name, "status": status, "score": 0.5}
        path.write_text(json.dumps(state | {"hyperparameters": {"values": {"units": 3}}}))
    running = [name for name in known if name not in ended]
    oracle = {"start_order": known, "end_order": ended, "run_times": {}}
    oracle["ongoing_trials"] = {"tuner0": running[0]} if running else {}
    (search_folder / "oracle.json").write_text(json.dumps(oracle))


def test_mending_takes_a_finished_trial_for_finished(tmp_path):
    write_search(tmp_path, {"0": "COMPLETED", "1": "COMPLETED"}, ["0", "1"], ["0"])
    folder.mend(tmp_path)
    oracle = json.loads((tmp_path / "oracle.json").read_text())
    assert oracle["end_order"] == ["0", "1"]
    assert oracle["ongoing_trials"] == {}
    assert (tmp_path / "tuner0.json").exists(), "keras-tuner would begin anew"


def test_mending_removes_a_trial_that_the_oracle_does_not_know(tmp_path):
    write_search(tmp_path, {"0": "COMPLETED", "1": "RUNNING"}, ["0"], ["0"])
    folder.mend(tmp_path)
    assert [trial.name for trial in read_trials(tmp_path)] == ["0"]


def test_mending_leaves_a_running_trial_to_run_again(tmp_path):
    write_search(tmp_path, {"0": "COMPLETED", "1": "RUNNING"}, ["0", "1"], ["0"])
    folder.mend(tmp_path)
    assert json.loads((tmp_path / "oracle.json").read_text())["ongoing_trials"] == {"tuner0": "1"}


def test_damaged_files_are_said_in_one_line(tmp_path):
    (tmp_path / "oracle.json").write_text('{"start_or')
    with pytest.raises(UserError, match=r"oracle.json is damaged .*restart") as raised:
        folder.mend(tmp_path)
    assert "\n" not in str(raised.value)


def test_a_folder_belongs_to_one_search(tmp_path, worker):
    tuning.open_search(tmp_path, worker.build, tuner="random", seed=1)
    place = tuning.open_search(tmp_path, worker.build, tuner="random", seed=1)
    assert Path(place["directory"]) / place["project_name"] == tmp_path

    def other(hp):
        hp.Int("layers", 1, 3)
        return worker.build(hp)

    with pytest.raises(UserError, match=r"another space \(differs in layers\)"):
        tuning.open_search(tmp_path, other, tuner="random", seed=1)
    with pytest.raises(UserError, match="seed 1, not 2"):
        tuning.open_search(tmp_path, worker.build, tuner="random", seed=2)
    tuning.open_search(tmp_path, other, restart=True, tuner="random", seed=1)


def test_only_searches_are_deleted(tmp_path, worker):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(UserError, match="holds no search"):
        tuning.open_search(tmp_path, worker.build, restart=True)
    assert (tmp_path / "thesis.tex").exists()


def test_a_file_in_place_of_the_folder(tmp_path, worker):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot be written to"):
        tuning.open_search(tmp_path / "file", worker.build)


def test_a_missing_package_is_a_users_mistake(monkeypatch):
    def fail(name):
        raise ImportError(name=name)

    monkeypatch.setattr("importlib.import_module", fail)
    with pytest.raises(UserError, match="'keras_tuner' is missing"):
        tuning.keras_tuner()


def trial(name, score, **values):
    return Trial(str(name), "COMPLETED", values, score)


def test_trials_are_read_in_order_and_broken_files_left_out(tmp_path):
    write_search(tmp_path, {"10": "COMPLETED", "9": "RUNNING"}, ["9", "10"], ["10"])
    (tmp_path / "trial_11").mkdir()
    (tmp_path / "trial_11" / "trial.json").write_text("{")
    found = read_trials(tmp_path)
    assert [(t.name, t.score) for t in found] == [("9", None), ("10", 0.5)]
    assert read_trials(tmp_path / "nowhere") == []


def test_the_table_shows_the_best_first():
    lines = table([trial(0, 0.2, units=4), trial(1, 0.654, units=8)]).splitlines()
    assert lines[0].split() == ["score", "trial", "units"]
    assert lines[1].split() == ["65.4", "%", "1", "8"]
    assert table([]) == "no trial is finished yet"


def test_importance_finds_what_decides_the_score():
    rng = np.random.default_rng(1)
    trials = [
        trial(i, float(-abs(math.log10(rate) + 3)), rate=rate, noise=float(rng.random()))
        for i, rate in enumerate(10 ** rng.uniform(-5, -1, 24))
    ]
    shares = importance(trials, rounds=4)
    assert shares["rate"].shape == (4,)
    assert np.allclose(shares["rate"] + shares["noise"], 1)
    assert shares["rate"].min() > 0.7
    again = importance(trials, rounds=4)
    assert all(np.array_equal(shares[name], again[name]) for name in shares)


def test_importance_takes_words_and_missing_values():
    trials = [trial(i, 0.1 * i, kind="ab"[i % 2]) for i in range(5)] + [trial(5, 0.3)]
    assert importance(trials, rounds=2)["kind"].shape == (2,)


def test_importance_of_too_few_trials():
    with pytest.raises(UserError, match="2 trials with a score"):
        importance([trial(0, 0.1, a=1), trial(1, 0.2, a=2), trial(2, None, a=3)])
    with pytest.raises(UserError, match="0 rounds"):
        importance([trial(i, 0.1, a=i) for i in range(5)], rounds=0)
