import json
import subprocess

import nbformat
import pytest

from helpers.authoring import machine, references
from helpers.authoring.project import Project

HERE = {
    "hardware": "a laptop",
    "versions": {"keras": "3"},
    "date": "2026-01-02",
    "commit": "abc1234",
    "gpu": False,
}
SOURCE = """
import json, os
seed = int(os.environ["COURSE_SEED"])
line = json.dumps({"result": "accuracy", "value": 0.4 + seed / 1000, "unit": "%"})
open(os.environ["COURSE_RESULTS"], "a").write(line + "\\n")
if seed == 13:
    raise ValueError("unlucky")
"""


@pytest.fixture
def lesson(tmp_path, monkeypatch):
    """A project with one lesson, which the command takes for the real one."""
    project = Project(tmp_path)
    project.notebooks.mkdir()
    path = project.notebooks / "01_x.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)]), path)
    references.record(project.references, "00_other", "full", {"kept": True})
    monkeypatch.setattr(references, "Project", lambda: project)
    monkeypatch.setattr(references.paths, "BUILD", tmp_path / "build")
    monkeypatch.setattr(machine, "describe", lambda: dict(HERE))
    return project


def call(*words):
    import argparse

    parser = argparse.ArgumentParser()
    references.configure(parser)
    return references.run(parser.parse_args(words))


def recorded(project):
    return json.loads(project.references.read_text("utf-8"))["runs"]


def test_runs_are_recorded_failed_ones_not_and_the_rest_kept(lesson, capsys):
    assert call("01_x", "--seeds", "1", "13", "3") == 1
    runs = recorded(lesson)
    assert runs["00_other"] == {"full": {"kept": True}}
    entry = runs["01_x"]["quick"]
    assert entry["seeds"] == [1, 3]
    accuracy = entry["results"]["accuracy"]
    assert accuracy["mean"] == pytest.approx(0.402)
    assert accuracy["std"] == pytest.approx(0.001 * 2**0.5)
    assert (accuracy["n"], accuracy["unit"]) == (2, "%")
    assert entry["seconds"]["n"] == 2 and entry["seconds"]["unit"] == "s"
    assert entry["commit"] == "abc1234" and entry["hardware"] == "a laptop"

    capsys.readouterr()
    assert call("01_x", "--seeds", "1", "3", "--resume") == 0
    assert capsys.readouterr().out.count("is recorded already") == 2


def test_show_prints_what_is_recorded(lesson, capsys):
    rows = {1: {"accuracy": (0.4, "%"), "seconds": (20.0, "s")}}
    lesson.references.unlink()
    assert call("--show") == 0
    assert "nothing is recorded" in capsys.readouterr().out
    references.record(lesson.references, "01_x", "quick", references.entry(rows, HERE))
    assert call("--show") == 0
    shown = capsys.readouterr().out
    assert "40.0 %" in shown and "a laptop" in shown


def test_rows_survive_the_round_trip():
    rows = {
        1: {"accuracy": (0.4, "%"), "seconds": (20.0, "s")},
        2: {"accuracy": (0.5, "%"), "seconds": (21.0, "s")},
    }
    assert references.rows_of(references.entry(rows, HERE)) == rows
    del rows[2]["accuracy"]
    assert references.rows_of(references.entry(rows, HERE)) == {}


def test_another_commit_or_uncommitted_work_is_not_resumed():
    rows = {1: {"seconds": (20.0, "s")}}
    old = references.entry(rows, HERE)
    assert references.same_commit(old, HERE)
    assert not references.same_commit(old, HERE | {"commit": "def5678"})
    loose = HERE | {"commit": machine.UNCOMMITTED}
    assert not references.same_commit(references.entry(rows, loose), loose)


def test_results_file_may_hold_verdicts_too(tmp_path):
    path = tmp_path / "results.jsonl"
    assert references.read_results(path) == {}
    path.write_text(
        '{"check": "x", "status": "todo"}\n{"result": "a", "value": 1.5, "unit": "s"}\n', "utf-8"
    )
    assert references.read_results(path) == {"a": (1.5, "s")}


def test_processor_name(tmp_path):
    info = tmp_path / "cpuinfo"
    info.write_text("processor : 0\nmodel name\t: Some  CPU @ 2 GHz\n", "utf-8")
    assert machine.cpu_model(info) == "Some CPU @ 2 GHz"
    assert machine.cpu_model(tmp_path / "none")


def test_commit_is_named_only_when_nothing_differs(tmp_path):
    def git(*command):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *command], cwd=tmp_path, check=True, capture_output=True)

    assert machine.commit(tmp_path) == machine.UNCOMMITTED
    git("init", "-q")
    (tmp_path / "data").mkdir()
    record = tmp_path / "data" / "reference_runs.json"
    record.write_text("{}", "utf-8")
    (tmp_path / "a.txt").write_text("a", "utf-8")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    short = machine.commit(tmp_path)
    assert short != machine.UNCOMMITTED and len(short) >= 7
    record.write_text("{ }", "utf-8")
    assert machine.commit(tmp_path) == short
    (tmp_path / "a.txt").write_text("b", "utf-8")
    assert machine.commit(tmp_path) == machine.UNCOMMITTED
