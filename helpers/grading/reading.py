"""Reads a notebook that was handed in: by content where that is sure, else it says what to do.

Only that is repaired which is sure; functions are looked up by name, so most damage needs nothing.
"""

import ast
import functools
import json
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helpers.grading.labs import Lab
from helpers.image_files import shown
from helpers.settings import CourseError

MAX_NOTES = 50
_MAX_CELLS = 5_000
_MAX_CODE = 100_000  # signs of a cell of another kind that may be code
_SOLUTION = re.compile(r"(?ms)^([ \t]*)[^\n]*BEGIN SOLUTION.*?END SOLUTION[^\n]*$")
_PLACEHOLDERS = ("...", "YOUR ANSWER HERE", "# YOUR CODE HERE", "raise NotImplementedError()")
ASK = "ask the student for the .ipynb file as Jupyter or Colab saves it"


@dataclass
class Cell:
    """A cell as it is marked; `grade_id` is the master's, at most once in a notebook."""

    kind: str  # "code", "markdown", or "test": a public test of the master, not to be run
    source: str
    grade_id: str | None = None


@dataclass
class Reading:
    """A notebook's cells in their order, and the student's text for each manual task."""

    cells: list[Cell] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    repairs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass
class _Given:
    """A cell of the master, as students get it."""

    cell: Cell
    role: str  # "test", "answer", "given"
    lines: tuple[str, ...]
    names: set[str]  # that a student's answer defines


def read(submission, lab: Lab) -> Reading:
    """The cells and answers of a loaded submission; it never raises."""
    if submission.notebook is None:
        return Reading(problem=submission.problem or "it was not loaded: load it first")
    try:
        cells, notes = parse(submission.notebook)
        return Draft([cell for cell, _ in cells], master(lab), notes).reading(lab)
    except Exception as error:  # whatever is in it, the batch goes on
        reason = f"cannot be read ({type(error).__name__}): {ASK}"
        return Reading(problem=f"{submission.source} {reason}")


def parse(data: bytes) -> tuple[list[tuple[Cell, dict]], list[str]]:
    """The cells with nbgrader's metadata, and warnings; of any version of the format.

    Raises:
        CourseError: it is no notebook; the text is the rest of a sentence.
    """
    notes = []
    try:
        encoding = json.detect_encoding(data)
        text = data.decode(encoding, "replace")
        # Numbers of any length and control characters in texts are no reason to refuse it.
        notebook = json.loads(text, strict=False, parse_int=float)
        sheets = notebook.get("worksheets") or [notebook]  # before version 4 of the format
        lists = [sheet["cells"] for sheet in sheets]
        if not all(isinstance(cells, list) for cells in lists):
            raise ValueError
    except Exception:  # RecursionError, and what odd types raise
        begin = shown(data[:20].decode("latin-1"))
        raise CourseError(f"is no notebook, or a damaged one ({begin}): {ASK}") from None
    if "\ufffd" in text and text.encode(encoding, "replace") != data:
        notes.append("some letters are in no known encoding: check the texts")
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        language = str(_dict(_dict(notebook.get("metadata")).get(key)).get(name, "python"))
        if "python" not in language.lower():
            notes.append(f"its kernel is for {shown(language)}: its cells are run as Python")
            break
    cells = [_cell(cell) for cells in lists for cell in cells if isinstance(cell, dict)]
    cells = [(cell, grader) for cell, grader in cells if cell.source.strip() or cell.grade_id]
    if len(cells) > _MAX_CELLS:
        notes.append(f"it has {len(cells):,} cells: only the first {_MAX_CELLS:,} count")
    return cells[:_MAX_CELLS], notes


def _cell(raw: dict) -> tuple[Cell, dict]:
    """A cell and nbgrader's metadata, whatever is in their places."""
    source = raw.get("source", raw.get("input"))
    if isinstance(source, list):
        lines = [line for line in source if isinstance(line, str)]
        source = ("" if any("\n" in line for line in lines) else "\n").join(lines)
    # Half a letter of UTF-16 could not be written to any file later.
    source = str(source if isinstance(source, str) else "").encode("utf-8", "replace").decode()
    source = source.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    kind = raw.get("cell_type")
    if not isinstance(kind, str):
        kind = "code" if "outputs" in raw or "input" in raw else "raw"
    grader = _dict(_dict(raw.get("metadata")).get("nbgrader"))
    grade_id = grader.get("grade_id")
    return Cell(kind, source, grade_id if isinstance(grade_id, str) else None), grader


def _dict(value: Any) -> dict:
    return value if isinstance(value, dict) else {}


def master(lab: Lab) -> list[_Given]:
    """The master's cells, as students get them."""
    return _read_master(lab.master, lab.master.stat().st_mtime_ns)


@functools.lru_cache(maxsize=4)
def _read_master(path: Path, changed: int) -> list[_Given]:
    given = []
    for cell, grader in parse(path.read_bytes())[0]:
        answer = bool(grader.get("solution"))
        role = "answer" if answer else "test" if grader.get("grade") else "given"
        # A cell that is not locked is the student's to change, too: their code stands there.
        free = answer or not (grader.get("grade") or grader.get("locked"))
        names = _defined(cell.source) if free and cell.kind == "code" else set()
        if answer:
            stub, regions = _SOLUTION.subn(r"\1...", cell.source)
            cell.source = stub if regions else "..."
        given.append(_Given(cell, role, _lines(cell.source), names))
    return given


def _lines(source: str) -> tuple[str, ...]:
    """What counts when two cells are compared."""
    return tuple(line.rstrip() for line in source.split("\n") if line.strip())


def _said(lines: Iterable[str]) -> tuple[str, ...]:
    """The lines without those that wait for an answer."""
    return tuple(line for line in lines if line.strip() not in _PLACEHOLDERS)


def _is_python(source: str) -> bool:
    """Whether it surely is code: Python with a statement."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return len(source) < _MAX_CODE and bool(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _defined(source: str) -> set[str]:
    """The names that code defines at its top level, also beside magics."""
    found = re.findall(r"(?m)^(?:(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*=(?!=))", source)
    return {one or other for one, other in found}


def _without(source: str, run: tuple[str, ...]) -> str:
    """The source without these successive lines; blank ones between them make no difference."""
    lines = source.split("\n")
    full = [at for at, line in enumerate(lines) if line.strip()]
    plain = [lines[at].rstrip() for at in full]
    gone, at = set(), 0 if run[0] in plain else len(plain)
    while at <= len(plain) - len(run):
        if tuple(plain[at : at + len(run)]) == run:
            at += len(run)
            gone.update(range(full[at - len(run)], full[at - 1] + 1))
        else:
            at += 1
    return "\n".join(line for at, line in enumerate(lines) if at not in gone)


class Draft:
    """A student's cells beside the master's, on the way to a reading."""

    def __init__(self, cells: list[Cell], master: list[_Given], notes: Sequence[str] = ()) -> None:
        self.cells, self.master = cells, master
        self.repairs, self.warnings = [], [*notes]
        self.ids = {given.cell.grade_id: at for at, given in enumerate(master)}
        self.ids.pop(None, None)
        # From positions in the master to those of the same cells here: by grade id, then content.
        self.spots: dict[int, int] = {}
        for here, cell in enumerate(cells):
            if cell.grade_id in self.ids:
                self.spots.setdefault(self.ids[cell.grade_id], here)
        contents = defaultdict(list)
        for at, given in enumerate(master):
            if at not in self.spots and _said(given.lines):
                contents[given.lines].append(at)
        self.given = {here: at for at, here in self.spots.items()}  # the other way round
        for here, cell in enumerate(cells):
            if here not in self.given and (free := contents.get(_lines(cell.source))):
                self.given[here] = free.pop(0)
                self.spots[self.given[here]] = here

    def fit(self) -> tuple[int, int]:
        """How many of the master's cells there are, and how many hold work of the student's own."""
        known = {_said(given.lines) for given in self.master} | {()}
        own = sum(_said(_lines(cell.source)) not in known for cell in self.cells)
        return len(self.spots), own

    def reading(self, lab: Lab) -> Reading:
        self.retype()
        self.set_tests_aside()
        answers = {
            one.id: self.answer(one.id) for one in lab.tasks if one.manual and one.id in self.ids
        }
        for task in lab.tasks:
            if not answers.get(task.id, "x"):
                self.warnings.append(f"{task.title}: there is no text")
        for here, cell in enumerate(self.cells):
            at = self.given.get(here)
            cell.grade_id = None if at is None else self.master[at].cell.grade_id
        if not self.spots:
            self.warnings.append(f"it shares no cell with {lab.name}: check that it is this lab's")
        whole = self.whole()
        return Reading(whole, answers, self.repairs[:MAX_NOTES], self.warnings[:MAX_NOTES])

    def retype(self) -> None:
        """Make code of what surely is code, and text of the rest that is no code cell."""
        wanted = set().union(*(given.names for given in self.master))
        there, own = set(), set()  # names that code cells define; those beside the master's cells
        for here, cell in enumerate(self.cells):
            names = _defined(cell.source) if cell.kind == "code" else set()
            there |= names
            own |= set() if here in self.given else names
        room = 3 * _MAX_CODE  # to parse takes a second for each million signs
        for here, cell in enumerate(self.cells):
            at = self.given.get(here, self.ids.get(cell.grade_id))
            meant = None if at is None else self.master[at].cell.kind
            name = f"cell {here + 1} ({shown(cell.grade_id or cell.source[:30], 30)})"
            if cell.kind == "code":
                if meant == "markdown" and here in self.given and not _is_python(cell.source):
                    cell.kind = "markdown"
                    self.repairs.append(f"{name} was a code cell and is text")
                continue
            fence = re.fullmatch(r"\s*```(?:python)?\n(.*?)\n?```\s*", cell.source, re.DOTALL)
            source = fence[1] if fence else cell.source
            names = _defined(source)
            # What the student's code defines already is not defined again by some older text.
            asked = names & wanted
            old = asked & own if here in self.given else asked and asked <= there
            old = old and (at is None or self.master[at].role == "answer")
            hopeful = meant == "code" or (not meant and (asked or "(" in source))
            room -= len(source) if hopeful else 0
            is_code = hopeful and room > 0 and _is_python(source)
            if is_code and not old and (meant or asked):
                cell.kind, cell.source = "code", source
                there |= names
                self.repairs.append(f"{name} was no code cell and is run as code")
                continue
            cell.kind = "markdown"
            if is_code or (meant == "code" and here in self.given):
                self.warnings.append(f"{name} is no code cell and did not run: look whether it is")

    def set_tests_aside(self) -> None:
        """Take the lines of the master's public tests out of the code, wherever they stand."""
        tests = [given.lines for given in self.master if given.role == "test" and given.lines]
        for here, cell in enumerate(self.cells):
            rest = cell.source if cell.kind == "code" else ""
            for lines in tests:
                rest = _without(rest, lines)
            if cell.kind == "code" and rest != cell.source and not _lines(rest):
                cell.kind = "test"
            elif cell.kind == "code" and rest != cell.source:
                cell.source = rest
                self.repairs.append(f"cell {here + 1}: the public test in it was left out")

    def before(self, at: int) -> int:
        """Where the nearest cell stands that precedes this one in the master; -1 if none does."""
        return next((self.spots[one] for one in reversed(range(at)) if one in self.spots), -1)

    def answer(self, task: str) -> str:
        """The student's text for a manual task: of its cells, and of own ones right behind them."""
        at = self.ids[task]
        given = self.master[at]
        places = [here for here, cell in enumerate(self.cells) if cell.grade_id == task]
        for here in range((places[-1] if places else self.before(at)) + 1, len(self.cells)):
            if here in self.given or not self.spots:
                break
            if given.cell.kind == "code" or self.cells[here].kind == "markdown":
                places.append(here)
        if at not in self.spots and places:
            self.repairs.append(f"{task}: its text was found by its place")
            self.spots[at], self.given[places[0]] = places[0], at
        texts = [self.cells[here].source.strip() for here in places]
        new = [text for text in texts if set(_said(_lines(text))) - set(given.lines)]
        return "\n\n".join(dict.fromkeys(new))

    def whole(self) -> list[Cell]:
        """The cells with those given code cells that are gone; changed, split, merged ones stay."""
        there = {line for cell in self.cells if cell.kind == "code" for line in _lines(cell.source)}
        defined = set().union(*(_defined(c.source) for c in self.cells if c.kind == "code"))
        behind: dict[int, list[Cell]] = defaultdict(list)
        for at, given in enumerate(self.master if self.spots else ()):
            kept = sum(line in there for line in given.lines)
            gone = at not in self.spots and 2 * kept < len(given.lines)
            gone = gone and not (given.names and given.names <= defined)
            if gone and given.role == "given" and given.cell.kind == "code":
                behind[self.before(at)].append(replace(given.cell))
                name = shown(given.cell.grade_id or given.cell.source, 30)
                self.repairs.append(f"the given cell {name} was gone and is put back")
        whole = behind[-1]
        for here, cell in enumerate(self.cells):
            whole += [cell, *behind[here]]
        return whole
