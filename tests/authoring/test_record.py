"""Times are recorded with what they ran on; numbers are quoted with digits that can be trusted."""

import subprocess

import pytest

from helpers.authoring import record
from helpers.authoring.course import Outcome

RUNS = {
    "02_net": {"quick": {"seconds": 31.2}},
    "fast": {"full": {"results": {"accuracy": [0.4, 0.42], "seconds": [31.2, 33], "size": [5e5]}}},
}
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


@pytest.fixture(autouse=True)
def csv(tmp_path, monkeypatch):
    """data/runs/nets.csv with two seeds of one variant and one of another."""
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "nets.csv").write_text(CSV, "utf-8")
    monkeypatch.setattr("helpers.settings.DATA", tmp_path)


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("02_net.quick.minutes", "0.5"),
        ("02_net.full.minutes", ""),
        ("fast.full.accuracy %", "41.0 ± 1.4 %"),
        ("fast.full.seconds s", "32 ± 1 s"),
        ("fast.full.size", "500,000"),
        ("nets; sizes; large, 500; val_accuracy; %", "62.0 ± 2.8 %"),
        ("nets; sizes; large, 500; accuracy; %", "91.0 ± 1.4 %"),
        ("nets; sizes; large, 500; accuracy@1; %", "51.0 ± 1.4 %"),
        ("nets; sizes; large, 500; accuracy - val_accuracy; points", "29.0 ± 1.4 points"),
        ("nets; sizes; large, 500; accuracy - accuracy@1; points", "40.0 points"),
        ("nets; sizes; large, 500; val_loss;", "1.5 ± 0.4"),
        ("nets; sizes; small; accuracy; %", "30.0 %"),
        ("nets; sizes; small; seconds; s", "12 s"),
    ],
)
def test_a_quoted_number_has_sensible_digits_and_is_held(what, shown):
    text = f"It is <!--ref {what}-->{shown}<!--/ref-->."
    assert list(record.problems(text, RUNS)) == []
    old = text.replace(f"-->{shown}<", "-->39 %<")
    [problem] = record.problems(old, RUNS)
    assert "39 %" in problem and shown in problem
    assert record.rewrite(old, RUNS) == text


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("fast.full.precision", "'fast.full.precision' is not recorded"),
        ("nonsense", "no reference"),
        ("nets; sizes; tiny; accuracy; %", "'nets; sizes; tiny; accuracy' is not recorded"),
        ("nets; sizes; small; val_loss; %", "not recorded"),
        ("nets; sizes; small; accuracy@9; %", "not recorded"),
        ("no_nets; sizes; small; accuracy; %", "no recorded runs 'no_nets': use one of nets"),
        ("nets; sizes; small; accuracy", "FILE; EXPERIMENT; VARIANT; METRIC; UNIT"),
    ],
)
def test_a_marker_that_cannot_be_filled_is_noticed_and_kept(what, words):
    text = f"It is <!--ref {what}-->1 %<!--/ref-->."
    [problem] = record.problems(text, RUNS)
    assert words in problem
    assert record.rewrite(text, RUNS) == text
    assert "not closed" in next(record.problems(text.replace("<!--/ref-->", ""), RUNS))


def test_the_seeds_of_a_run_are_in_order():
    assert record.reached("nets", "sizes", "large, 500", "accuracy") == [0.9, 0.92]


def test_times_are_recorded_but_of_a_failed_lesson_and_the_rest_is_kept(tmp_path, monkeypatch):
    here = {"hardware": "a laptop", "gpu": False}
    monkeypatch.setattr(record, "machine", here.copy)
    runs = tmp_path / "runs.json"
    runs.write_text('{"01_x": {"full": {"seconds": 600}}, "02_y": {"quick": {"seconds": 3}}}')
    outcomes = [Outcome("01_x", 31.2), Outcome("02_y", 1.5, "cell 1: AssertionError")]
    record.keep(outcomes, "quick", runs)
    assert record.load(runs) == {
        "01_x": {"full": {"seconds": 600}, "quick": {"seconds": 31.2, "hardware": "a laptop"}},
        "02_y": {"quick": {"seconds": 3}},
    }


@pytest.mark.parametrize(
    ("isa", "gpu", "entry"),
    [("", False, "quick"), ("AVX2", False, "quick_avx2"), ("AVX2", True, "quick_gpu")],
)
def test_times_of_another_kind_of_machine_have_an_entry_of_their_own(
    tmp_path, monkeypatch, isa, gpu, entry
):
    monkeypatch.setattr(record, "machine", {"gpu": gpu}.copy)
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", isa)
    record.keep([Outcome("01_x", 31.2)], "quick", tmp_path / "runs.json")
    assert record.load(tmp_path / "runs.json") == {"01_x": {entry: {"seconds": 31.2}}}


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
    assert {"python", "keras", "tensorflow", "numpy"} == set(here["versions"])
