"""Quizzes: every file is sound, text is escaped, and it works without a script."""

import re

import pytest

from helpers import quiz
from helpers.settings import NOTEBOOKS, CourseError

FILES = sorted((NOTEBOOKS / "quizzes").glob("*.toml"))
OPTION = '[[question.option]]\ntext = "{}"\nwhy = "because"\n'
QUESTION = '[[question]]\ntext = "which?"\n' + OPTION.format("a") * 2 + OPTION.format("c")
GOOD = 'title = "t"\n' + 5 * (QUESTION + "correct = true\n")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_quiz_can_be_shown(file):
    page = quiz.load(file)._repr_html_()
    assert page.count("<fieldset>") == page.count('class="key"') == quiz.QUESTIONS
    assert "<script" not in page


def test_every_lesson_has_a_quiz():
    lessons = {path.stem for path in NOTEBOOKS.glob("[0-9]*.ipynb")}
    assert lessons and lessons <= {file.stem for file in FILES}


@pytest.mark.parametrize(
    "content",
    [
        "title = ",
        'title = "t"',
        GOOD.replace("correct = true", ""),
        GOOD.replace('why = "because"', ""),
        GOOD.replace('title = "t"', 'title = ""'),
        GOOD + QUESTION,
    ],
)
def test_a_broken_file_is_named(tmp_path, content):
    path = tmp_path / "broken.toml"
    path.write_text(content)
    with pytest.raises(CourseError, match=r"broken\.toml"):
        quiz.load(path)


def test_a_name_that_is_none_lists_the_quizzes():
    with pytest.raises(CourseError, match="00_start_here"):
        quiz.show("no_such_lesson")


def test_text_becomes_html_and_nothing_else(tmp_path):
    path = tmp_path / "q.toml"
    path.write_text(GOOD.replace("which?", "`a * b` <i> **bold** *lean* 2 * 3 * 4"))
    page = quiz.load(path)._repr_html_()
    expected = "<code>a * b</code> &lt;i&gt; <strong>bold</strong> <em>lean</em> 2 * 3 * 4"
    assert expected in page


def test_two_quizzes_on_a_page_do_not_share_ids(tmp_path):
    shown = quiz.load(FILES[0])
    ids = [set(re.findall(r'id="([^"]+)"', shown._repr_html_())) for _ in range(2)]
    assert ids[0] and not ids[0] & ids[1]
