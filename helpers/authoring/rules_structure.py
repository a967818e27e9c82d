"""Lint rules about a lesson's anatomy: what it opens with, what it ends with, its exercises."""

import re
from collections.abc import Iterator

from helpers.authoring import badges, canonical, exercises
from helpers.authoring.findings import Finding, Sheet
from helpers.errors import UserError

LENGTH = range(30, 61)  # cells in a lesson
OPENING = {
    "the objectives": r"\*\*After this (notebook|lesson) you can",
    "a line on what is needed": r"\*\*What you need",
    "a line on the time": r"\*\*Time",
}


def title(sheet: Sheet) -> Iterator[Finding]:
    """T01: the first cell begins with `# NN · Title`, NN being the file's number."""
    number = sheet.path.name[:2] if sheet.is_lesson else r"[\dN]{2}"
    first = sheet.cells[0] if sheet.cells else None
    if first is None or not re.match(rf"# {number} · \S", first.source):
        shown = number if sheet.is_lesson else "NN"
        yield sheet.finding(
            "T01", "the title is missing", f"begin with a markdown cell '# {shown} · Title'", first
        )


def badge(sheet: Sheet) -> Iterator[Finding]:
    """T02: the first cell has a Colab badge that leads to this very file."""
    first = sheet.cells[0] if sheet.cells else None
    want = badges.colab_url(sheet.project.address(), sheet.path.name)
    found = badges.BADGE.search(first.source) if first else None
    if found is None:
        yield sheet.finding("T02", "the Colab badge is missing", "run lint --fix", first)
    elif found["url"] != want:
        yield sheet.finding(
            "T02", f"the Colab badge leads to {found['url']}", f"run lint --fix ({want})", first
        )


def opening(sheet: Sheet) -> Iterator[Finding]:
    """T03: the first cell states objectives, what is needed and how long it takes."""
    first = sheet.cells[0] if sheet.cells else None
    for what, pattern in OPENING.items():
        if first is None or not re.search(pattern, first.source):
            words = re.sub(r"[\\*]|\(notebook\|lesson\)", "", pattern).replace("  ", " … ")
            yield sheet.finding("T03", f"{what} is missing", f"add '**{words} …**'", first)


def setup(sheet: Sheet) -> Iterator[Finding]:
    """T04: one cell tagged "setup", before any other code, the same as the template's."""
    found = [cell for cell in sheet.cells if cell.is_setup]
    if len(found) != 1 or found[0] != sheet.code_cells[0]:
        yield sheet.finding(
            "T04", "the first code cell must be the one setup cell", "copy it from _template.ipynb"
        )
        return
    want = template_setup(sheet)
    if want is not None and found[0].source != want:
        yield sheet.finding(
            "T04", "the setup cell differs from the template's", "run lint --fix", found[0]
        )


def template_setup(sheet: Sheet) -> str | None:
    """Source of the template's setup cell, None when there is no readable template."""
    try:
        cells = canonical.read(sheet.project.template)["cells"]
    except UserError:
        return None
    for cell in cells:
        if cell["cell_type"] == "code" and "setup" in canonical.tags(cell):
            return canonical.source(cell)
    return None


def closing(sheet: Sheet) -> Iterator[Finding]:
    """T05: a lesson ends with its quiz, a recap and what comes next, in this order."""
    name = sheet.path.stem
    show = re.compile(rf"quiz\.show\(\s*['\"]{name}['\"]")
    quiz = [cell.number for cell in sheet.code_cells if show.search(cell.source)]
    recap = _headings(sheet, "Recap")
    following = _headings(sheet, "What next")
    if sheet.is_lesson and not quiz:
        yield sheet.finding("T05", "the quiz is missing", f'add quiz.show("{name}") near the end')
    for what, places in (("Recap", recap), ("What next?", following)):
        if not places:
            yield sheet.finding("T05", f"the section '{what}' is missing", "add it at the end")
    if quiz and recap and following and not quiz[-1] < recap[-1] <= following[-1]:
        yield sheet.finding(
            "T05", "the end is out of order", "put the quiz first, then the recap, then what next"
        )


def length(sheet: Sheet) -> Iterator[Finding]:
    """T06: a lesson has 30 to 60 cells."""
    count = len(sheet.cells)
    if sheet.is_lesson and count not in LENGTH:
        change = "split some cells or add a section" if count < LENGTH.start else "split the lesson"
        yield sheet.finding("T06", f"a lesson of {count} cells (30 to 60 are asked)", change)


def exercise(sheet: Sheet) -> Iterator[Finding]:
    """E01 to E03: hint and solution folded before a stub, `...` in it, its check after it."""
    for cell in sheet.cells:
        if not cell.is_exercise:
            continue
        before = [c for c in sheet.cells[: cell.number] if c.kind == "markdown"]
        text = before[-1].source if before else ""
        if not exercises.has_hint(text) or exercises.solution(text) is None:
            yield sheet.finding(
                "E01",
                "the exercise lacks a folded hint or solution",
                "put <details><summary>Hint</summary> and one for Solution, with a ```python "
                "block, into the text before it",
                cell,
            )
        if "..." not in cell.source:
            yield sheet.finding("E02", "the stub has no '...'", "leave the answer open", cell)
        after = sheet.cells[cell.number + 1 : cell.number + 2]
        if not after or not after[0].is_code or "checks.check_" not in after[0].source:
            yield sheet.finding(
                "E03",
                "no check follows the exercise",
                "call checks.check_…() in the next cell",
                cell,
            )


def _headings(sheet: Sheet, text: str) -> list[int]:
    pattern = re.compile(rf"^##+ (\d+\. )?{text}", re.MULTILINE)
    return [cell.number for cell in sheet.markdown_cells if pattern.search(cell.source)]


RULES = (title, badge, opening, setup, closing, length, exercise)
