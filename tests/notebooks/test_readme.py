"""The theory questions lead to sections and quizzes; the course's table has every lesson."""

import re
from urllib.parse import unquote

import pytest

from helpers import quiz
from helpers.authoring import notebooks
from helpers.settings import NOTEBOOKS, ROOT

THEORY = (NOTEBOOKS / "questions.md").read_text("utf-8")
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)(?:, question (\d+))?")
QUESTIONS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+) \|$", THEORY, re.MULTILINE)


def headings(path):
    """The headings of a notebook; with hyphens for spaces they follow the # in a link to it."""
    cells = notebooks.read(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.findall(r"^#+ (.+)$", text, re.MULTILINE)


@pytest.mark.parametrize(("number", "question", "explained", "asked"), QUESTIONS)
def test_a_theory_question_is_explained_in_a_section_and_asked_in_a_quiz(
    number, question, explained, asked
):
    assert question.endswith("?")
    assert LINK.search(explained) and LINK.search(asked)
    for text, target, _ in LINK.findall(explained):
        name, _, anchor = target.partition("#")
        assert text in headings(NOTEBOOKS / name)
        assert unquote(anchor) == text.replace(" ", "-")
    for _, target, place in LINK.findall(asked):
        assert 1 <= int(place) <= len(quiz.load(NOTEBOOKS / target).questions), target


def test_there_are_ten_questions_and_every_lesson_is_named_with_its_title():
    assert [int(row[0]) for row in QUESTIONS] == list(range(1, 11))
    table = (ROOT / "README.md").read_text("utf-8")
    listed = re.findall(r"\| \[([^\]]+)\]\(notebooks/(\d\d[^)]+)\) \|", table)
    assert listed == [(headings(path)[0], path.name) for path in notebooks.lessons()]
