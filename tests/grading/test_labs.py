"""Every lab: master and specification agree, both notebooks run, only work is worth points."""

import ast
import copy
import json
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
import pandas as pd
import pytest

from helpers.authoring import notebooks
from helpers.grading import labs
from helpers.grading.labs import Answer, Call, Mark, Student
from helpers.settings import DATA, ROOT
from tests.notebooks.conftest import matplotlib_folder, offline  # noqa: F401

pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from helpers.grading import gradebook  # it imports nbgrader

NAMES = sorted(path.stem for path in (labs.folder() / "specs").glob("*.py"))
STUDENT = Student("s1", "Ada")
TRAINED = {"trained", "predictions"}  # in the quick profile more than half of the points, not all


def marked(notebook):
    """The cells with nbgrader's metadata, as (cell, metadata)."""
    return [
        (cell, cell.metadata.nbgrader) for cell in notebook.cells if "nbgrader" in cell.metadata
    ]


@pytest.mark.parametrize("name", NAMES)
def test_master_and_specification_agree(name):
    lab = labs.load(name)
    notebook = notebooks.read(lab.master)
    nbformat.validate(notebook)
    cells = marked(notebook)
    ids = [about.grade_id for _, about in cells]
    assert len(set(ids)) == len(ids)
    assert all(about.schema_version == 3 for _, about in cells)
    graded = [(about.grade_id, about.points, about.solution) for _, about in cells if about.grade]
    assert graded == [(task.id, task.points, task.manual) for task in lab.tasks]
    assert sum(task.points for task in lab.tasks) == 20
    assert 3 <= sum(task.points for task in lab.tasks if task.manual) <= 5
    for cell, about in cells:
        solved = "### BEGIN SOLUTION" in cell.source and "### END SOLUTION" in cell.source
        assert solved == about.solution, about.grade_id
        assert about.locked == (not about.solution), about.grade_id
        if about.grade and not about.solution:
            assert "public.check" in cell.source, about.grade_id
    assert any(cell.source.strip() == 'STUDENT_CODE = "..."' for cell in notebook.cells)


@pytest.mark.parametrize("name", NAMES)
def test_the_setup_cell_is_that_of_every_notebook(name):
    cell = next(c for c in notebooks.read(labs.load(name).master).cells if c.cell_type == "code")
    template = next(
        c.source for c in notebooks.read(notebooks.template()).cells if c.cell_type == "code"
    )
    assert cell.source == template.replace("NN_lesson_name", name)


@pytest.mark.parametrize("name", NAMES)
def test_no_helper_and_no_lesson_has_a_function_of_this_name(name):
    asked = {
        node.name
        for cell, about in marked(notebooks.read(labs.load(name).master))
        if cell.cell_type == "code" and about.solution
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.FunctionDef)
    }
    sources = [path.read_text("utf-8") for path in (ROOT / "helpers").rglob("*.py")]
    sources += [cell.source for path in notebooks.lessons() for cell in notebooks.read(path).cells]
    defined = set(re.findall(r"^\s*def (\w+)", "\n".join(sources), re.MULTILINE))
    # Any program may have a training of its own; what is asked for is its result.
    assert not asked & defined - {"train"}


@pytest.mark.parametrize("name", NAMES)
def test_right_functions_get_all_and_each_known_mistake_is_told(name, monkeypatch):
    known, function = {}, labs.function

    def remembered(id, *args, **kwargs):
        known[id] = kwargs
        return function(id, *args, **kwargs)

    monkeypatch.setattr(labs, "function", remembered)  # the specification imports it when loaded
    told = {}
    for task in labs.load(name).tasks:
        for seed in range(20 if task.id in known else 0):
            about, requests = known[task.id], task.ask(np.random.default_rng(seed), STUDENT)
            if not all(isinstance(request, Call) for request in requests):
                break  # it asks for more than the function

            def marked(work, task=task, requests=requests):
                given = [Answer(work(*copy.deepcopy(call.arguments))) for call in requests]
                return task.mark(given, requests, STUDENT)

            assert marked(about["right"]) == Mark(1), (task.id, seed)
            for mistake in about.get("mistakes", ()):
                mark = marked(mistake.wrong)
                assert mark.share < 1 and mark.reason, (task.id, seed, mistake.cause)
                told.setdefault((task.id, mistake.cause), []).append(mark.cause == mistake.cause)
    # Some hidden cases cannot tell two mistakes apart.
    assert {which for which, good in told.items() if sum(good) < 15} == set()


def run_all(lab, notebook, base):
    """What came of a notebook of the lab, run from top to bottom, offline: see run_lab.py."""
    environment = offline.__wrapped__(base, base / "matplotlib")
    for name in ("helpers", "data"):
        (base / name).symlink_to(ROOT / name)
    (base / "notebooks").mkdir()
    shutil.copy(notebook, base / "notebooks" / notebook.name)
    command = [sys.executable, "-m", "tests.grading.run_lab", lab.name]
    command += [str(base / "notebooks" / notebook.name), str(base / "out.json")]
    environment |= {"MPLBACKEND": "agg", "PYTHONPATH": f"{environment['PYTHONPATH']}:{ROOT}"}
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads((base / "out.json").read_text("utf-8"))
    assert {c["grade_id"]: c["error"] for c in found["cells"] if c["error"]} == {}
    for id, mark in found["marks"].items():
        for how, (share, reason) in mark["free"].items():  # answers without a thought
            assert share == 0 and reason, (id, how, share)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_master_passes_every_public_check_and_gets_every_automatic_point(name, tmp_path):
    lab = labs.load(name)
    found = run_all(lab, lab.master, tmp_path)
    for cell in found["cells"]:
        if cell["test"]:
            passed, of = re.search(r"passed: (\d+) of (\d+)", cell["text"]).groups()
            assert passed == of, cell
    for id, mark in found["marks"].items():
        if id in TRAINED:
            assert 0.5 < mark["share"] < 1, (id, mark["share"], mark["reason"])
        else:
            assert mark["share"] == 1, (id, mark["share"], mark["reason"])


@pytest.mark.parametrize("name", NAMES)
def test_the_students_copy_runs_and_is_worth_nothing(name, tmp_path):
    lab = labs.load(name)
    gradebook.release(lab, tmp_path / "course")
    copy = tmp_path / "course" / "release" / name / lab.master.name
    (tmp_path / "student").mkdir()
    found = run_all(lab, copy, tmp_path / "student")
    for cell in found["cells"]:
        if cell["test"]:
            assert "public checks passed: 0 of" in cell["text"], cell
    for id, mark in found["marks"].items():
        assert mark["share"] == 0 and mark["reason"], (id, mark)


PLUS_MINUS = re.compile(r"(\d+(?:\.\d)?) ± (\d+(?:\.\d)?) %")


@pytest.mark.parametrize("name", NAMES)
def test_means_with_their_spread_are_those_of_the_recorded_runs(name):
    records = pd.concat(pd.read_csv(path) for path in sorted((DATA / "runs").glob("*.csv")))
    groups = records.groupby(["experiment", "variant", "metric", "epoch"])["value"]
    table = (100 * groups.agg(["mean", "std"])).dropna().to_numpy()
    known = {tuple(f"{number:.{d}f}" for number in row) for row in table for d in (0, 1)}
    lab = labs.load(name)
    texts = [
        lab.master.read_text("utf-8"),
        (lab.folder / "specs" / f"{name}.py").read_text("utf-8"),
    ]
    quoted = {pair for text in texts for pair in PLUS_MINUS.findall(text)}
    assert quoted <= known, quoted - known
