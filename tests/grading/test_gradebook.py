"""Copies for students hold no answer; a batch lands in nbgrader's gradebook and stays there."""

import os
import re
import shutil
import sqlite3

import nbformat
import pytest

pytest.importorskip("nbgrader", reason="nbgrader is not installed")

from nbconvert.filters import markdown2html

from helpers.grading import gradebook
from helpers.settings import CourseError
from tests.grading import small_lab
from tests.grading.small_lab import HOSTILE, SOLUTION


@pytest.fixture
def lab(tmp_path):
    return small_lab.lab(tmp_path)


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A course folder of nbgrader: it takes seconds to make a gradebook."""
    folder = tmp_path_factory.mktemp("released")
    gradebook.release(small_lab.lab(folder), folder / "course")
    return folder / "course"


@pytest.fixture
def out(released, tmp_path):
    """A copy of it, as a release and as a batch."""
    shutil.copytree(released, tmp_path / "out")
    shutil.copytree(released, tmp_path / "out" / "nbgrader")
    return tmp_path / "out"


def change_master(lab, change):
    notebook = nbformat.read(lab.master, 4)
    change(notebook.cells)
    nbformat.write(notebook, lab.master)


def test_release_makes_copies_without_answers(lab, tmp_path, monkeypatch, capfd):
    class_list = tmp_path / "class.csv"
    class_list.write_text('student_id\nS 42\n"a""b"\n12.0\n', "utf-8")
    monkeypatch.setenv("PATH", "")
    out = tmp_path / "out"
    problems = gradebook.release(lab, out, class_list)
    assert capfd.readouterr() == ("", "") and os.environ["PATH"] == ""
    assert [problem.partition(":")[0] for problem in problems] == ["line 4"]
    copies = sorted((out / "students").glob("*/small/small.ipynb"))
    assert [path.parts[-3] for path in copies] == [gradebook.key(code) for code in ("S 42", 'a"b')]
    for path in [*copies, out / "release" / "small" / "small.ipynb"]:
        text = path.read_text("utf-8")
        assert SOLUTION not in text and "rubric" not in text and "6\\n" not in text
        assert (path.parent / "data.csv").exists()
    names: dict = {}
    for cell in nbformat.read(copies[1], 4).cells:  # "Run all" ends without an exception
        exec(cell.source if cell.cell_type == "code" else "", names)
    assert names["STUDENT_CODE"] == 'a"b' and names["double"](3) is None


def put(place, source):
    return lambda cells: cells[place].update(source=source)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda cells: cells[1].metadata.update(note=[{"x": SOLUTION}]), "stands in a solution"),
        (put(3, "from helpers.grading import labs"), "helpers.grading"),
        (put(2, "### BEGIN SOLUTION\nx = 1"), "no end solution"),
        (lambda cells: cells[5].metadata.nbgrader.update(grade_id="double"), "duplicate grade id"),
    ],
)
def test_release_refuses_what_would_give_answers_away(lab, out, change, said):
    change_master(lab, change)
    with pytest.raises(CourseError, match=f"(?i){said}") as error:
        gradebook.release(lab, out)
    assert "\n" not in str(error.value)
    assert not list(out.glob("release/small/*"))


def test_release_again_and_beside_another(lab, out, tmp_path):
    change_master(lab, put(4, "Say more."))
    gradebook.release(lab, out)
    assert "Say more." in (out / "release" / "small" / "small.ipynb").read_text("utf-8")
    (out / "source" / "other").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    for folder in (out, tmp_path / "mine"):
        with pytest.raises(CourseError, match="something else"):
            gradebook.release(lab, folder)


def grades(out):
    """Automatic score, score of a person, and whether one is needed, of each student's tasks."""
    query = """SELECT s.student_id, b.name, g.auto_score, g.manual_score, g.needs_manual_grade
        FROM grade g JOIN base_cell b ON b.id = g.cell_id JOIN submitted_notebook n
        ON n.id = g.notebook_id JOIN submitted_assignment s ON s.id = n.assignment_id"""
    with sqlite3.connect(out / "nbgrader" / "gradebook.db") as db:
        return {row[:2]: row[2:] for row in db.execute(query)}


def test_a_persons_scores_outlive_another_batch(lab, out):
    first = [small_lab.record("s1"), small_lab.record("s2"), small_lab.record("s3")]
    first[2]["tasks"][0]["status"] = "open"
    gradebook.write(small_lab.results(*first), lab, out)
    assert grades(out)["s1", "double"] == (1.5, None, 0)
    assert grades(out)["s3", "double"] == (1.5, None, 1)
    assert grades(out)["s1", "conclusions"] == (None, None, 1)
    with sqlite3.connect(out / "nbgrader" / "gradebook.db") as db:
        db.execute("UPDATE grade SET manual_score = 2, needs_manual_grade = 0")
        ((comment,),) = db.execute(
            "SELECT DISTINCT auto_comment FROM comment WHERE auto_comment > ''"
        )
    assert "It adds one." in comment
    again = [small_lab.record("s1", 3), small_lab.record("s2", sha256="changed")]
    gradebook.write(small_lab.results(*again), lab, out)
    assert grades(out)["s1", "double"] == (3, 2, 0)
    assert grades(out)["s1", "conclusions"] == (None, 2, 0)
    assert grades(out)["s2", "conclusions"] == (None, 2, 1)  # look at the new answer
    assert grades(out)["s2", "double"] == (1.5, 2, 1)
    change_master(lab, lambda cells: cells[5].metadata.nbgrader.update(grade_id="other"))
    with pytest.raises(CourseError, match="submissions associated"):
        gradebook.write(small_lab.results(*again), lab, out)
    assert grades(out)["s2", "conclusions"] == (None, 2, 1)


def test_cleaned_notebooks_hold_texts_in_their_places(lab, out):
    gradebook.write(small_lab.results(small_lab.record("s 1")), lab, out)
    (path,) = out.glob("nbgrader/autograded/*/small/small.ipynb")
    notebook = nbformat.read(path, 4)
    by_id = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if cell.metadata}
    assert "return value + 1" in by_id["answer_double"].source
    assert "It doubles&#46;" in by_id["conclusions"].source
    assert "1.5 of 3 points" in by_id["double"].outputs[0].text
    assert notebook.cells[-1].source == "print('mine')"
    assert notebook.cells[-1].outputs[0].text.strip() == "mine"


def test_texts_of_students_render_as_nothing_but_text(lab, out):
    hostile = small_lab.record("h<1>", student={"id": "h<1>", "name": "=A, <b>'x'"})
    hostile |= {"answers": {"conclusions": HOSTILE}, "warnings": [HOSTILE], "reason": HOSTILE}
    hostile["tasks"][0]["reason"] = HOSTILE
    hostile["output"] = [{"source": HOSTILE, "text": HOSTILE, "error": HOSTILE}]
    gradebook.write(small_lab.results(hostile), lab, out)
    (path,) = out.glob("nbgrader/autograded/*/small/small.ipynb")
    notebook = nbformat.read(path, 4)
    ours = {cell.source for cell in nbformat.read(lab.master, 4).cells}
    for cell in notebook.cells:
        assert {output.output_type for output in cell.get("outputs", [])} <= {"stream"}
        if cell.cell_type == "markdown" and cell.source not in ours:
            shown = markdown2html(cell.source)
            assert re.findall(r"<[^>]*>", shown) == [
                '<pre style="white-space: pre-wrap">',
                "</pre>",
            ]
            assert not re.search(r"[$\\`]", shown)
    with sqlite3.connect(out / "nbgrader" / "gradebook.db") as db:
        ((comment,),) = db.execute("SELECT auto_comment FROM comment WHERE auto_comment > ''")
        ((id, first, last),) = db.execute("SELECT id, first_name, last_name FROM student")
    shown = markdown2html(comment)
    assert {tag.split()[0] for tag in re.findall(r"</?([^>]*)>", shown)} <= {"p", "a", "hr", "br"}
    assert "javascript:" not in "".join(re.findall(r"<[^>]*>", shown)) and "$" not in shown
    assert re.fullmatch(r"[\w.]+", id) and re.fullmatch(r"[\w’ ]*", first + last)
