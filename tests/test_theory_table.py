"""The table of theory questions in notebooks/README.md leads to places that exist."""

import re
from urllib.parse import unquote

import pytest

from helpers import quiz
from helpers.authoring import canonical
from helpers.authoring.project import Project
from helpers.paths import NOTEBOOKS

LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)(?:, question (\d+))?")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def rows():
    """Cells of the table's rows, by the question's number."""
    text = (NOTEBOOKS / "README.md").read_text("utf-8")
    lines = re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE)
    return {int(number): cells.split(" | ") for number, cells in lines}


def anchors(notebook):
    """What can follow the # in a link to a notebook: its headings, with hyphens for spaces."""
    cells = canonical.read(notebook)["cells"]
    text = "\n".join(canonical.source(cell) for cell in cells if cell["cell_type"] == "markdown")
    return {heading.replace(" ", "-") for heading in HEADING.findall(text)}


def test_ten_questions_each_with_a_section_and_a_quiz_question():
    assert list(rows()) == list(range(1, 11))
    for number, (question, sections, asked) in rows().items():
        assert question.endswith("?"), number
        assert LINK.search(sections) and "question" in asked, number


@pytest.mark.parametrize("number", range(1, 11))
def test_every_link_of_a_row_leads_somewhere(number):
    _, sections, asked = rows()[number]
    for text, target, _ in LINK.findall(sections):
        name, _, anchor = target.partition("#")
        assert unquote(anchor) in anchors(NOTEBOOKS / name), target
        assert unquote(anchor) == text.replace(" ", "-"), text
    for _, target, place in LINK.findall(asked):
        questions = quiz.load(NOTEBOOKS / target).questions
        assert 1 <= int(place) <= len(questions), f"{target}, question {place}"


def test_the_list_names_every_lesson_with_its_title():
    listed = dict(
        re.findall(
            r"^\| \[([^\]]+)\]\(([^)]+)\) \|",
            (NOTEBOOKS / "README.md").read_text("utf-8"),
            re.MULTILINE,
        )
    )
    for notebook in Project().lessons():
        title = canonical.source(canonical.read(notebook)["cells"][0]).splitlines()[0]
        assert listed.get(title.removeprefix("# ")) == notebook.name
