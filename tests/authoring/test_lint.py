"""Every rule catches a notebook that breaks it, and --fix mends what it says it mends."""

import json

import pytest

from helpers.authoring import address, lint, notebooks
from helpers.settings import CourseError
from tests.authoring.conftest import lesson_cells, write

# Places of the cells in the template, which the lesson is made of.
FIRST, SETUP, TEXT, CODE, TASK, CHECK, QUIZ = 0, 1, 2, 4, 7, 9, 11
TITLE, EXERCISE = lesson_cells()[FIRST].source, lesson_cells()[TASK].source
PLACE = address.current().removeprefix(address.GITHUB)
ALT, NO_ALT = {"mystnb": {"image": {"alt": "a line"}}}, {"mystnb": {"image": {"alt": " "}}}
SLIDE = {"slideshow": {"slide_type": "slide"}}
IMAGE = {"dot.png": {"image/png": "iVBORw0KGgo="}}


def lesson(root):
    return root / "notebooks" / "01_small.ipynb"


def changed(number, **changes):
    """A good lesson's cells with one that differs."""
    cells = lesson_cells()
    cells[number] |= changes
    return cells


def test_a_good_course_passes(root):
    assert lint.lint_notebook(lesson(root), root) == []
    assert lint.lint_notebook(notebooks.template(root), root) == []
    assert lint.lint_text(root / "README.md", root) == []


@pytest.mark.parametrize(
    ("words", "cells"),
    [
        ("Colab badge", changed(FIRST, source=TITLE.replace(PLACE, "a/b"))),
        ("Colab badge", changed(FIRST, source=TITLE.replace("01_small.", "02_x."))),
        ("Colab badge", changed(FIRST, source="# No badge")),
        ("the setup cell", changed(SETUP, source="print('another setup')")),
        ("not the setup cell", changed(SETUP, metadata={})),
        ("not the setup cell", [lesson_cells()[FIRST], *lesson_cells()[CODE:]]),
        ("quiz is not shown", changed(QUIZ, source='quiz.show("02_other")')),
        ("26 lines of code", changed(CODE, source="x = 1\n" * 26)),
        ("alternative text", changed(CODE, source="ax.plot([1])\nplt.show()")),
        ("alternative text", changed(CODE, source="plt.show()", metadata=NO_ALT)),
        ("hint or solution", changed(TASK, source=EXERCISE.replace("Solution", "Joke"))),
        ("hint or solution", changed(TASK, source=EXERCISE.replace("Hint", "Joke"))),
        ("no check", changed(CHECK, source="x = 1")),
        ("leads nowhere", changed(TEXT, source="[next](02_missing.ipynb)")),
        ("leads nowhere", changed(TEXT, source='<img src="none.png" alt="none">')),
        ("leads nowhere", changed(TEXT, source="![dot](attachment:dot.png)")),
        ("not recorded", changed(TEXT, source="<!--ref 01_small.quick.a %-->41 %<!--/ref-->")),
        ("not closed", changed(TEXT, source="<!--ref 01_small.quick.a %-->41 %")),
        ("no text for the slide", changed(TEXT, metadata=SLIDE)),
        ("81 words on a slide", changed(TEXT, metadata=SLIDE | {"slide": "a\n---\n" + "b " * 81})),
        (
            "not recorded",
            changed(CODE, metadata=SLIDE | {"slide": "<!--ref a.b.c %-->4 %<!--/ref-->"}),
        ),
    ],
)
def test_each_rule_catches_its_notebook(root, words, cells):
    found = lint.lint_notebook(write(lesson(root), cells), root)
    assert len(found) == 1 and words in found[0]


@pytest.mark.parametrize(
    "cells",
    [
        changed(CODE, source="plt.show()", metadata=ALT),
        changed(CODE, source="x = 1\n" * 25),
        changed(TEXT, source="[web](https://example.org/x) [here](#top) `[code](none.md)`"),
        changed(TEXT, source="![dot](attachment:dot.png)", attachments=IMAGE),
    ],
)
def test_what_is_allowed_is_not_complained_about(root, cells):
    assert lint.lint_notebook(write(lesson(root), cells), root) == []


def test_a_broken_quiz_is_named(root):
    (root / "notebooks" / "quizzes" / "01_small.toml").write_text("title = 3 3", "utf-8")
    [found] = lint.lint_notebook(lesson(root), root)
    assert "01_small.toml: no valid TOML" in found


def test_fix_mends_badge_setup_form_and_numbers_and_keeps_the_rest(root):
    cells = changed(SETUP, source="print('another setup')")
    cells[FIRST].source = TITLE.replace(PLACE, "a/b").replace("01_small.", "02_x.")
    text = "![dot](attachment:dot.png) <!--ref 01_small.quick.minutes-->?<!--/ref-->"
    cells[TEXT] |= {"source": text, "attachments": IMAGE}
    cells[CODE].metadata = SLIDE | {"slide": "<!--ref 01_small.quick.minutes-->?<!--/ref-->"}
    path = write(lesson(root), cells)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))), "utf-8")
    runs = {"01_small": {"quick": {"seconds": 90}}}
    (root / "data" / "reference_runs.json").write_text(json.dumps(runs), "utf-8")
    lint.mend([path, root / "README.md"], root)
    assert lint.lint_notebook(path, root) == lint.lint_text(root / "README.md", root) == []
    mended = notebooks.read(path).cells[TEXT]
    assert mended.attachments == IMAGE and "-->1.5<!--" in mended.source
    assert "-->1.5<!--" in notebooks.read(path).cells[CODE].metadata.slide
    assert "-->1.5<!--" in (root / "README.md").read_text("utf-8")


def test_one_broken_notebook_is_one_finding_and_the_others_are_still_mended(root):
    """Also in UTF-16, which PowerShell writes."""
    broken, right = root / "notebooks" / "00_broken.ipynb", lesson(root).read_text("utf-8")
    broken.write_bytes("{nope".encode("utf-16-le"))
    lesson(root).write_bytes(right.encode("utf-16"))
    assert "00_broken.ipynb is no valid notebook" in lint.run([], fix=True, root=root)[0]
    assert broken.read_bytes() == "{nope".encode("utf-16-le")
    assert lesson(root).read_text("utf-8") == right


def test_the_repository_moves_in_all_places_together(root):
    new, project = "new-home/the_course.v2", root / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace(PLACE, new), "utf-8")
    files = [lesson(root), notebooks.template(root), root / "README.md"]
    assert all(lint.lint_notebook(path, root) for path in files[:2])
    assert lint.lint_text(files[2], root)
    lint.mend(files, root)
    for path in files:
        text = path.read_text("utf-8")
        assert PLACE not in text and new in text
    project.write_text(project.read_text("utf-8").replace(new, "only-an-owner"), "utf-8")
    with pytest.raises(CourseError, match="OWNER/REPO"):
        address.current(root)


def test_ruff_looks_at_notebooks(root):
    path = write(lesson(root), changed(CODE, source="import os,sys"))
    found = lint.run([str(path)], root=root)
    assert any("F401" in line for line in found) and "not formatted" in found[-1]


def test_the_course_itself_keeps_the_rules():
    """All but ruff's, which `make lint` asks."""
    books = [*notebooks.lessons(), notebooks.template()]
    found = [line for path in books for line in lint.lint_notebook(path)]
    found += [line for name in lint.TEXTS for line in lint.lint_text(lint.ROOT / name)]
    assert found == []
