"""Every rule catches a notebook that breaks it, and passes one that keeps it."""

import json

import pytest

from helpers import cli
from helpers.authoring import canonical, lint, mending, style
from helpers.authoring.findings import Finding
from tests.authoring.conftest import code, lesson_cells, markdown, write


def findings(project, cells=None):
    path = project.notebooks / "01_small.ipynb"
    if cells is not None:
        write(path, cells)
    return lint.lint_notebook(path, project)


def codes(project, cells=None):
    return {finding.code for finding in findings(project, cells)}


def changed(number, **changes):
    cells = lesson_cells()
    cells[number] |= changes
    return cells


def test_a_good_lesson_and_the_template_pass(project):
    assert findings(project) == []
    assert lint.lint_notebook(project.template, project) == []


@pytest.mark.parametrize(
    ("code_expected", "cells"),
    [
        ("T01", changed(0, source=lesson_cells()[0]["source"].replace("# 01", "# 02", 1))),
        ("T01", lesson_cells()[1:]),
        ("T02", changed(0, source=lesson_cells()[0]["source"].replace("someone", "other"))),
        ("T02", changed(0, source=lesson_cells()[0]["source"].replace("01_small.", "02_x."))),
        ("T02", changed(0, source="# 01 · No badge")),
        ("T03", changed(0, source=lesson_cells()[0]["source"].replace("**Time", "Time"))),
        ("T03", changed(0, source=lesson_cells()[0]["source"].replace("After this", "Later"))),
        ("T03", changed(0, source=lesson_cells()[0]["source"].replace("What you need", "Needs"))),
        ("T04", changed(1, source="print('another setup')")),
        ("T04", changed(1, metadata={})),
        ("T04", [lesson_cells()[0], code("x = 1"), *lesson_cells()[1:]]),
        ("T05", changed(28, source="pass")),
        ("T05", changed(28, source='quiz.show("02_other")')),
        ("T05", changed(29, source="## Recap\n\nno more")),
        ("T05", changed(29, source="## What next?\n\nno recap")),
        ("T05", [*lesson_cells()[:27], lesson_cells()[29], lesson_cells()[28]]),
        ("T06", lesson_cells()[:3] + lesson_cells()[4:]),
        ("T06", lesson_cells() + [markdown("more")] * 31),
        (
            "E01",
            changed(24, source="<details><summary>Hint</summary>\n\nno solution\n\n</details>"),
        ),
        ("E01", changed(24, source=lesson_cells()[24]["source"].replace("Hint", "Joke"))),
        ("E02", changed(25, source="answer = None")),
        ("E03", changed(26, source="x = 1")),
        ("E03", [*lesson_cells()[:26], markdown("between"), *lesson_cells()[26:]]),
        ("C01", changed(3, source="open('/home/me/cat.png')")),
        ("C01", changed(3, source="open('/content/cat.png')")),
        ("C01", changed(3, source=r"open('C:\Users\me\cat.png')")),
        ("C01", changed(2, source="See /Users/me/notes for more.")),
        ("C02", changed(3, source="x = 1\n" * 26)),
        ("C02", changed(3, source="x = '" + "a" * 100 + "'")),
        ("C03", changed(3, source="!pip install keras")),
        ("C03", changed(3, source="x = 1\n%pip install keras")),
        ("C04", changed(3, source="def f(:\n    pass")),
        ("C05", changed(3, source="from numpy import *")),
        ("C06", changed(3, source="import tensorflow as tf")),
        ("C06", changed(3, source="from tensorflow.data import Dataset")),
        ("C07", changed(3, source="plots.show(fig)")),
        ("C07", changed(3, source='plots.show(fig, alt=" ")')),
        ("C08", changed(3, source="# NBVAL_CHECK_OUTPUT\nprint(1)")),
        ("L01", changed(2, source="[next](02_missing.ipynb)")),
        ("L01", changed(2, source='![picture](../data/none.png "title")')),
        ("L01", changed(2, source='<img src="none.png" alt="none">')),
        ("R01", changed(2, source="<!--ref 01_small.quick.accuracy %-->41 %<!--/ref-->")),
        ("R01", changed(2, source="<!--ref 01_small.quick.accuracy %-->41 %")),
    ],
)
def test_each_rule_catches_its_notebook(project, code_expected, cells):
    assert code_expected in codes(project, cells)


@pytest.mark.parametrize(
    "cells",
    [
        changed(
            3, source="if keras.backend.backend() == 'tensorflow':\n    import tensorflow as tf"
        ),
        changed(3, source="%matplotlib inline\nx = 1"),
        changed(3, source='plots.show(fig, alt=f"a {thing}")'),
        changed(3, source="url = 'https://example.org/home/page'\nratio = a/content/b"),
        changed(2, source="[web](https://example.org/x) [here](#top) `[code](none.md)`"),
        changed(2, source="Divide by a/b and write `notebooks/home/x`."),
        changed(3, source="x = 1\n" * 25),
    ],
)
def test_what_is_allowed_is_not_complained_about(project, cells):
    assert findings(project, cells) == []


def test_a_finding_says_where_what_and_what_to_do(project):
    [finding] = findings(project, changed(3, source="from numpy import *"))
    assert str(finding) == "01_small.ipynb: cell 4: C05 a star import: name what is imported"


def test_a_bare_tensorflow_import_is_a_warning_only(project):
    [finding] = findings(project, changed(3, source="import tensorflow"))
    assert finding.warning


def test_form_and_repeated_ids(project):
    path = project.notebooks / "01_small.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"][5]["id"] = notebook["cells"][4]["id"]
    path.write_text(json.dumps(notebook), "utf-8")
    found = findings(project)
    assert {finding.code for finding in found} == {"N01", "N02"}
    assert {finding.cell for finding in found if finding.code == "N02"} == {4, 5}


def test_a_broken_file_is_a_finding_and_no_crash(project):
    path = project.notebooks / "01_small.ipynb"
    path.write_text("{nope", "utf-8")
    [finding] = findings(project)
    assert finding.code == "N00" and finding.file == "01_small.ipynb"


def test_checked_output_that_is_stored_passes(project):
    cell = code("# NBVAL_CHECK_OUTPUT\nprint(1)")
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    assert findings(project, changed(3, **cell)) == []
    cell["outputs"][0]["text"] = "long\n" * 2000
    assert codes(project, changed(3, **cell)) == {"C08"}


def test_fix_mends_badge_setup_and_form(project):
    cells = changed(1, source="print('another setup')")
    cells[0]["source"] = cells[0]["source"].replace("someone", "other")
    path = write(project.notebooks / "01_small.ipynb", cells)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))), "utf-8")
    assert mending.mend_notebook(path, project) == ["badge and address", "setup cell"]
    assert findings(project) == []
    assert mending.mend_notebook(path, project) == []


def test_fix_puts_in_a_badge_that_is_missing(project):
    path = write(project.notebooks / "01_small.ipynb", changed(0, source="# 01 · Bare\n\nText."))
    mending.mend_notebook(path, project)
    assert "T02" not in codes(project)
    first = canonical.source(canonical.read(path)["cells"][0])
    assert first.startswith("# 01 · Bare\n\n[![") and first.endswith("\n\nText.")


def test_fix_leaves_a_broken_file_alone(project):
    path = project.notebooks / "01_small.ipynb"
    path.write_text("{nope", "utf-8")
    lint._mend(project, [path], [path])
    assert path.read_text("utf-8") == "{nope"


def test_readme_table_is_held_and_mended(project):
    assert [finding.code for finding in lint.lint_readme(project)] == ["B01"]
    mending.mend_readme(project)
    assert list(lint.lint_readme(project)) == []
    text = project.readme.read_text("utf-8")
    assert "[01 · A small lesson](notebooks/01_small.ipynb)" in text
    assert "*read* a short text; write \\| and quote" in text
    assert "_template" not in text
    project.readme.write_text("# Course\n", "utf-8")
    assert [finding.code for finding in lint.lint_readme(project)] == ["B01"]


def test_ruff_looks_at_modules_and_notebooks(project):
    path = write(project.notebooks / "01_small.ipynb", changed(3, source="import os,sys"))
    found = style.check(project.root, [path])
    assert {finding.code for finding in found} == {"S01", "S02"}


def test_missing_ruff_is_said(project, monkeypatch):
    monkeypatch.setattr(style.importlib.util, "find_spec", lambda name: None)
    [finding] = style.check(project.root, [])
    assert finding.code == "S00" and "ruff" in finding.problem


def test_exit_codes(capsys):
    warning = Finding("x", "C06", "a", "b", warning=True)
    assert lint._verdict([warning], 1) == 0
    assert lint._verdict([warning, Finding("x", "C05", "a", "b")], 1) == 1
    assert cli.main(["lint", "no_such_lesson"]) == 2
    assert cli.main(["lint", "no_such_module.py"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and "no_such_lesson" in errors[0]
