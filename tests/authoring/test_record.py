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
