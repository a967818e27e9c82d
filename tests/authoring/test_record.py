"""Figures are recorded with what they ran on, and quoted with digits that can be trusted."""

import subprocess

import nbformat
import pytest

from helpers.authoring import record

HERE = {
    "hardware": "a laptop",
    "versions": {"keras": "3"},
    "date": "2026-01-02",
    "commit": "abc1234",
    "gpu": False,
}
ROWS = {
    1: {
        "accuracy": (0.40, "%"),
        "parameters": (552362.0, ""),
        "loss": (1.6123, ""),
        "speed": (1234.5, "images/s"),
        "nothing": (0.0, ""),
        "seconds": (31.2, "s"),
    },
}
ROWS[2] = ROWS[1] | {"accuracy": (0.42, "%"), "loss": (1.6323, ""), "seconds": (33.0, "s")}
RUNS = {"02_net": {"quick": record.entry(ROWS, HERE)}}


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("accuracy", "41.0 ± 1.4 %"),
        ("accuracy % --decimals 0", "41 ± 1 %"),
        ("parameters", "552,362"),
        ("parameters weights", "552,362 weights"),
        ("loss", "1.62 ± 0.01"),
        ("loss --decimals 3", "1.622 ± 0.014"),
        ("speed", "1,234 images/s"),
        ("nothing", "0"),
        ("seconds", "32 ± 1 s"),
        ("minutes", "0.5"),
        ("hardware", "a laptop"),
    ],
)
def test_a_quoted_number_has_sensible_digits_and_is_held(what, shown):
    text = f"It is <!--ref 02_net.quick.{what}-->{shown}<!--/ref-->."
    assert list(record.problems(text, RUNS)) == []
    old = text.replace(f"-->{shown}<", "-->39 %<")
    [problem] = record.problems(old, RUNS)
    assert "39 %" in problem and shown in problem
    assert record.rewrite(old, RUNS) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!--ref 02_net.quick.precision-->1<!--/ref-->", "precision"),
        ("<!--ref 02_net.full.accuracy-->1<!--/ref-->", "record 02_net --profile full"),
        ("<!--ref nonsense-->1<!--/ref-->", "no reference"),
        ("<!--ref 02_net.quick.accuracy-->1", "not closed"),
    ],
)
def test_a_marker_that_cannot_be_filled_is_noticed_and_kept(text, words):
    [problem] = record.problems(text, RUNS)
    assert words in problem
    assert record.rewrite(text, RUNS) == text


CSV = """experiment,variant,seed,epoch,metric,value
sizes,"large, 500",1001,1,accuracy,0.5
sizes,"large, 500",1001,2,accuracy,0.9
sizes,"large, 500",1001,2,val_accuracy,0.6
sizes,"large, 500",1001,2,val_loss,1.25
sizes,"large, 500",1002,2,accuracy,0.92
sizes,"large, 500",1002,1,accuracy,0.52
sizes,"large, 500",1002,2,val_accuracy,0.64
sizes,"large, 500",1002,2,val_loss,1.75
sizes,small,1001,2,accuracy,0.3
sizes,small,1001,7,seconds,12.3
"""


@pytest.fixture
def csv(tmp_path, monkeypatch):
    """data/runs/nets.csv with two seeds of one variant and one of another."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "nets.csv").write_text(CSV, "utf-8")
    monkeypatch.setattr("helpers.settings.DATA", tmp_path)


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("large, 500; val_accuracy; %", "62.0 ± 2.8 %"),
        ("large, 500; accuracy; %", "91.0 ± 1.4 %"),
        ("large, 500; accuracy@1; %", "51.0 ± 1.4 %"),
        ("large, 500; accuracy - val_accuracy; points", "29.0 ± 1.4 points"),
        ("large, 500; accuracy - accuracy@1; points", "40.0 points"),
        ("large, 500; val_loss;", "1.5 ± 0.4"),
        ("small; accuracy; %", "30.0 %"),
        ("small; seconds; s", "12 s"),
    ],
)
def test_a_quoted_run_is_what_its_seeds_reached(csv, what, shown):
    text = f"It is <!--ref nets; sizes; {what}-->{shown}<!--/ref-->."
    assert list(record.problems(text, {})) == []
    old = text.replace(f"-->{shown}<", "-->1<")
    assert record.rewrite(old, {}) == text
    assert shown in next(record.problems(old, {}))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("nets; sizes; tiny; accuracy; %", "'nets; sizes; tiny; accuracy' is not recorded"),
        ("nets; sizes; small; val_loss; %", "not recorded"),
        ("nets; sizes; small; accuracy@9; %", "not recorded"),
        ("nets; sizes; small; accuracy@last; %", "no epoch"),
        ("no_nets; sizes; small; accuracy; %", "no recorded runs 'no_nets': use one of nets"),
        ("nets; sizes; small; accuracy", "FILE; EXPERIMENT; VARIANT; METRIC; UNIT"),
    ],
)
def test_a_run_that_is_not_recorded_is_told_and_its_quote_kept(csv, what, words):
    text = f"It is <!--ref {what}-->1 %<!--/ref-->."
    [problem] = record.problems(text, {})
    assert words in problem
    assert record.rewrite(text, {}) == text


def test_the_seeds_of_a_run_are_in_order(csv):
    assert record.reached("nets", "sizes", "large, 500", "accuracy") == [0.9, 0.92]


def test_runs_are_recorded_failed_ones_not_and_the_rest_kept(tmp_path, monkeypatch, capsys):
    source = "import os\nseed = int(os.environ['COURSE_SEED'])\nassert seed != 13"
    values = "{14: {}}.get(seed, 0.4 + seed / 1000)"  # no number for 14
    figures = {"accuracy": {"value": values, "unit": "%"}, "seed": {"value": "seed"}}
    cell = nbformat.v4.new_code_cell(source, metadata={"record": figures})
    lesson, runs = tmp_path / "01_x.ipynb", tmp_path / "runs.json"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), lesson)
    record.keep(runs, "00_other", "full", {"kept": True})
    monkeypatch.setattr(record, "machine", lambda: HERE)

    assert record.run([lesson], "quick", [1, 13, 14, 3], path=runs) == 2

    printed = capsys.readouterr().out
    assert "cell 1: AssertionError" in printed and "cell 2: TypeError" in printed
    found = record.load(runs)
    assert found["00_other"] == {"full": {"kept": True}}
    entry = found["01_x"]["quick"]
    accuracy = entry["results"]["accuracy"]
    assert entry["seeds"] == [1, 3] and entry["results"]["seed"]["values"] == [1.0, 3.0]
    assert accuracy["mean"] == pytest.approx(0.402)
    assert accuracy["std"] == pytest.approx(0.001 * 2**0.5)
    assert (accuracy["n"], accuracy["unit"]) == (2, "%")
    assert entry["seconds"]["n"] == 2 and entry["seconds"]["unit"] == "s"
    assert entry["commit"] == "abc1234" and entry["hardware"] == "a laptop"


def test_commit_is_named_only_when_nothing_differs(tmp_path):
    def git(*command):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True, capture_output=True)

    assert record.commit(tmp_path) == record.UNCOMMITTED
    git("init", "-q")
    runs = tmp_path / "data" / "reference_runs.json"
    runs.parent.mkdir()
    runs.write_text("{}", "utf-8")
    (tmp_path / "a.txt").write_text("a", "utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    runs.write_text("{ }", "utf-8")
    assert len(record.commit(tmp_path)) >= 7 and record.commit(tmp_path) != record.UNCOMMITTED
    (tmp_path / "a.txt").write_text("b", "utf-8")
    assert record.commit(tmp_path) == record.UNCOMMITTED


def test_this_machine_is_described():
    here = record.machine()
    assert "cores" in here["hardware"] and here["gpu"] in (True, False)
    assert {"python", "keras", "numpy"} <= set(here["versions"])
