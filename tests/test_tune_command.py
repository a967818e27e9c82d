"""`python -m helpers tune`: its arguments, its processes, and what is left when they are killed."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import cli, tune_command
from helpers.errors import UserError
from helpers.paths import ROOT
from helpers.tuning import read_trials
from helpers.tuning.team import Team
from helpers.tuning.worker import Job, load_build

SPACE = """
import keras

def build(hp):
    model = keras.Sequential([
        keras.Input((16, 16, 3)),
        keras.layers.Flatten(),
        keras.layers.Dense(hp.Int("units", 2, 32)),
        keras.layers.Dense(10, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--trials", "0"], "--trials is 0"),
        (["--workers", "0"], "--workers is 0"),
        (["--workers", "1000"], "64 or fewer"),
        (["--epochs", "-1"], "--epochs is -1"),
        (["--images", "0"], "--images is 0"),
        (["--seed", "-1"], "--seed is -1"),
        (["--patience", "0"], "--patience is 0"),
        (["--tuner", "oracle"], "no tuner 'oracle'"),
        (["--tuner", "hyperband", "--trials", "3"], "Hyperband finds its number"),
        (["--space", "nowhere.py"], "no file nowhere.py"),
    ],
)
def test_bad_arguments_are_one_line(arguments, words, capsys):
    assert cli.main(["tune", *arguments]) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


def test_a_folder_that_cannot_be_made(tmp_path, capsys):
    (tmp_path / "file").touch()
    assert cli.main(["tune", "--dir", str(tmp_path / "file")]) == 2
    assert "cannot be written to" in capsys.readouterr().err


def test_a_missing_package(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert cli.main(["tune", "--dir", str(tmp_path)]) == 2
    assert "'keras_tuner' is missing" in capsys.readouterr().err


def test_restart_deletes_no_other_folder(tmp_path, capsys):
    (tmp_path / "thesis.tex").touch()
    assert cli.main(["tune", "--dir", str(tmp_path), "--restart"]) == 2
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize(("text", "words"), [("1 / 0", "ZeroDivisionError"), ("", "no function")])
def test_a_space_without_build(tmp_path, text, words):
    path = tmp_path / "space.py"
    path.write_text(text)
    with pytest.raises(UserError, match=words):
        load_build(str(path))


@pytest.mark.parametrize(("epochs", "factor"), [(1, 3), (2, 2), (4, 2), (9, 3), (10, 3)])
def test_hyperbands_number_of_trials_is_keras_tuners(epochs, factor):
    kt = pytest.importorskip("keras_tuner")
    oracle = kt.oracles.HyperbandOracle("val_loss", max_epochs=epochs, factor=factor)
    brackets = range(oracle._get_num_brackets())
    sizes = [oracle._get_size(b, done) for b in brackets for done in range(b + 1)]
    assert tune_command.hyperband_trials(epochs, factor) == sum(sizes)


class Stub(Team):
    """A team whose members are given commands instead of keras-tuner."""

    def __init__(self, folder, code, patience=60):
        self.code = code
        self.said = []
        job = Job(str(folder), "random", 1, 1, 1, 1)
        super().__init__(job, 1, patience, self.said.append)

    def _start(self, name):
        code = "import time; time.sleep(60)" if name == "chief" else self.code
        self.members[name] = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, start_new_session=True
        )
        self._log(name).touch()


def test_a_worker_that_dies_again_and_again(tmp_path):
    with Stub(tmp_path, "raise SystemExit(7)") as team, pytest.raises(UserError, match="4th time"):
        team.watch(lambda finished: None)
    assert len(team.said) == 3
    assert "worker1 ended with code 7" in team.said[0]
    assert all(process.poll() is not None for process in team.members.values())


def test_a_dead_chief_is_noticed(tmp_path):
    with Stub(tmp_path, "import time; time.sleep(60)") as team:
        team.members["chief"].kill()
        with pytest.raises(UserError, match=r"chief was killed \(signal 9\)"):
            team.watch(lambda finished: None)
    assert team.members["worker1"].poll() is not None


def test_a_search_without_news_is_given_up(tmp_path):
    with (
        Stub(tmp_path, "import time; time.sleep(60)", patience=0.5) as team,
        pytest.raises(UserError, match="nothing happened"),
    ):
        team.watch(lambda finished: None)


def start(folder, *options):
    space = folder.with_suffix(".py")
    space.write_text(SPACE)
    command = [sys.executable, "-m", "helpers", "tune", "--workers", "2", "--dir", str(folder)]
    command += ["--space", str(space), "--images", "64", "--epochs", "1", *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A test run in the background has Ctrl-C switched off, and would hand that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def members(folder):
    """Process ids of chief and workers of a search, from the system's own list."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            words = (entry / "cmdline").read_text(errors="replace")
            if "helpers.tuning.worker" in words and f'"{folder}"' in words:
                environment = (entry / "environ").read_text(errors="replace")
                name = environment.split("KERASTUNER_TUNER_ID=")[1].split("\0")[0]
                found[name] = int(entry.name)
    return found


def wait_for(condition, seconds=180):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def finished(folder):
    return [trial for trial in read_trials(folder) if trial.finished]


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
def test_killed_parent_and_killed_worker(tmp_path):
    folder = tmp_path / "search"
    parent = start(folder, "--trials", "6")
    wait_for(lambda: len(finished(folder)) >= 2)
    parent.kill()
    parent.communicate()
    wait_for(lambda: not members(folder), 30)
    before = finished(folder)

    parent = start(folder, "--trials", "6")
    wait_for(lambda: "worker1" in members(folder))
    os.kill(members(folder)["worker1"], signal.SIGKILL)
    said, _ = parent.communicate(timeout=600)
    assert parent.returncode == 0, said
    assert "worker1 was killed (signal 9); started again" in said
    after = read_trials(folder)
    assert len(after) == 6
    assert all(trial.status == "COMPLETED" for trial in after)
    assert {t.name: t for t in before}.items() <= {t.name: t for t in after}.items()
    assert not members(folder)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not os.path.isdir("/proc"), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_command_leaves_no_process(tmp_path, number):
    folder = tmp_path / "search"
    parent = start(folder)
    wait_for(lambda: len(members(folder)) == 3)
    parent.send_signal(number)
    said, _ = parent.communicate(timeout=60)
    assert parent.returncode == 130
    assert "what was finished is kept" in said
    assert not members(folder)
