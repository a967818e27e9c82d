"""Check notebooks, quizzes, README files and modules against the rules, or mend what can be mended.

`python -m helpers lint --help` lists the rules. _template.ipynb keeps them too; it needs no quiz.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode

from helpers import quiz
from helpers.authoring import address, notebooks, record
from helpers.settings import NOTEBOOKS, ROOT, CourseError

MAX_LINES = 25  # of code in a cell
MAX_WORDS = 80  # on a slide
TEXTS = ("README.md", "CITATION.cff", "CONTRIBUTING.md", "data/README.md", "data/clinic.toml")
TEXTS += ("notebooks/README.md", "notebooks/teaching/README.md", "notebooks/running.md")
TEXTS += ("notebooks/glossary.md", "notebooks/questions.md", "notebooks/versions.md")
IMAGE = "https://colab.research.google.com/assets/colab-badge.svg"
BADGE = re.compile(r"(/blob/main/notebooks/)[\w.-]+")
LESSON_NAME = "NN_lesson_name"  # stands in the template's setup cell for the notebook's name
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|\b(?:src|href)=[\"']([^\"']+)[\"']")
CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)
SHOW = re.compile(r"^\s*plt\.show\(\)", re.MULTILINE)
CHECK = re.compile(r"\bcheck\.\w+\(")


def run(names: list[str], *, fix: bool = False, root: Path = ROOT) -> list[str]:
    """Look at what is named, or at everything; with `fix` mend first, and print what was mended.

    Args:
        names: notebooks by name, number or path; all, README files and modules too when empty.
        fix: mend what can be mended.
        root: the checkout.

    Returns:
        What is left to do, one line each: where, what is wrong, what to do.

    Raises:
        CourseError: a notebook that is named is not there.
    """
    books = notebooks.find(names, root) if names else [notebooks.template(root)]
    books += [] if names else notebooks.lessons(root)
    texts = [] if names else _texts(root)
    style = books if names else [root / name for name in ("helpers", "tests", "notebooks")]
    if fix:
        _ruff(style, "check", "--quiet", "--fix")
        _ruff(style, "format", "--quiet")
        mend([*books, *texts], root)
    found = [line for path in books for line in lint_notebook(path, root)]
    found += [line for path in texts for line in lint_text(path, root)]
    found += _ruff(style, "check", "--quiet", "--output-format=concise")
    # Newer versions of ruff show the place behind an arrow, older ones say what they would do.
    unformatted = re.compile(r"(?: *--> |Would reformat: )(.*)")
    named = filter(None, map(unformatted.match, _ruff(style, "format", "--check")))
    return found + [f"{match[1]}: not formatted: run lint --fix" for match in named]


def lint_notebook(path: Path, root: Path = ROOT) -> list[str]:
    """Everything that breaks a rule in one notebook; a broken file is one line."""
    try:
        notebook = notebooks.read(path)
    except CourseError as error:
        return [str(error)]
    found = [f"{path.name}: {text}" for text in _whole(path, notebook, root)]
    for number, cell in enumerate(notebook.cells, start=1):
        where = f"{path.name}, cell {number}"
        if cell.cell_type == "markdown":
            found += [f"{where}: {text}" for text in _text(cell, path, root)]
        elif cell.cell_type == "code":
            found += [f"{where}: {text}" for text in _code(cell)]
        found += [f"{where}: {text}" for text in _slide(cell, root)]
        if "exercise" in notebooks.tags(cell):
            found += [f"{where}: {text}" for text in _exercise(notebook.cells, number)]
    return found


def lint_text(path: Path, root: Path = ROOT) -> list[str]:
    """Everything that breaks a rule in a README or quiz file."""
    text = path.read_text("utf-8")
    found = [*record.problems(text, _runs(root)), *_dead_links(text, path.parent)]
    if _with_address(text, root) != text:
        found.append("a badge has another repository's address: run lint --fix")
    return [f"{path.relative_to(root)}: {text}" for text in found]


# --- rules --------------------------------------------------------------------------------------


def _whole(path: Path, notebook: NotebookNode, root: Path) -> Iterator[str]:
    """The stored form, the badge, the setup cell, the quiz."""
    if path.read_bytes() != notebooks.dump(notebooks.canonical(notebook)).encode():
        yield "the file is not in its stored form: run lint --fix"
    if not notebook.cells or _badge(path, root) not in notebook.cells[0].source:
        yield "the first cell lacks its Colab badge: copy the template's, then run lint --fix"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    setup = [cell for cell in code if "setup" in notebooks.tags(cell)]
    if not setup or setup != code[:1]:
        yield "the first code cell is not the setup cell: copy it from _template.ipynb"
    elif setup[0].source != _setup_source(path, root):
        yield "the setup cell is not the template's: run lint --fix"
    if path != notebooks.template(root):
        if not any(f'quiz.show("{path.stem}")' in cell.source for cell in code):
            yield f'the quiz is not shown: call quiz.show("{path.stem}") near the end'
        try:
            quiz.load(root / "notebooks" / "quizzes" / f"{path.stem}.toml")
        except CourseError as error:
            yield str(error)


def _code(cell: NotebookNode) -> Iterator[str]:
    """A cell fits a screen, and describes its figure."""
    if (lines := len(cell.source.splitlines())) > MAX_LINES:
        yield f"{lines} lines of code: split the cell ({MAX_LINES} at most)"
    described = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "").strip()
    if SHOW.search(cell.source) and not described:
        advice = 'add the metadata {"mystnb": {"image": {"alt": "what it shows"}}}'
        yield f"a figure without alternative text: {advice}"


def _slide(cell: NotebookNode, root: Path) -> Iterator[str]:
    """A slide has a text of its own, short enough to read it, with recorded figures."""
    text = cell.metadata.get("slide", "")
    if cell.cell_type == "markdown" and "slideshow" in cell.metadata and not text:
        yield 'no text for the slide: add the metadata {"slide": "## …"}'
    yield from record.problems(text, _runs(root))
    for part in re.split(r"^---$", text, flags=re.MULTILINE):
        if (words := len(record.MARKER.sub("1", part).split())) > MAX_WORDS:
            yield f"{words} words on a slide: shorten it ({MAX_WORDS} at most)"


def _text(cell: NotebookNode, path: Path, root: Path) -> Iterator[str]:
    """Quoted figures agree with the recorded ones, and links lead somewhere."""
    yield from record.problems(cell.source, _runs(root))
    yield from _dead_links(cell.source, path.parent, cell.get("attachments", {}))


def _dead_links(text: str, folder: Path, attached: dict | None = None) -> Iterator[str]:
    for found in LINK.finditer(CODE.sub("", text)):
        target = found[1] or found[2]
        kind, colon, name = unquote(re.split("[#?]", target)[0]).partition(":")
        there = name in (attached or {}) if kind == "attachment" else (folder / kind).exists()
        there |= "labs/" in kind and not (NOTEBOOKS / "labs").exists()  # a teacher moved it out
        if not there and (kind == "attachment" or not colon):
            yield f"'{target}' leads nowhere: correct the link"


def _exercise(cells: list[NotebookNode], number: int) -> Iterator[str]:
    """Hint and solution folded in the text before the stub, the check in the cell behind it."""
    before = [cell.source for cell in cells[:number] if cell.cell_type == "markdown"]
    text = before[-1] if before else ""
    if not notebooks.has_hint(text) or not notebooks.solution(text):
        advice = "put <details><summary>Hint</summary> and one for Solution, with a ```python block"
        yield f"no folded hint or solution before the exercise: {advice}"
    after = cells[number : number + 1]
    if not after or after[0].cell_type != "code" or not CHECK.search(after[0].source):
        yield "no check follows the exercise: call check.…() in the next cell"


def _runs(root: Path) -> dict:
    return record.load(root / "data" / record.RUNS.name)


# --- what the template and pyproject.toml give --------------------------------------------------


def _with_address(text: str, root: Path) -> str:
    """The text with the repository's address in its badges and its setup."""
    return address.renewed(text, address.current(root))


def _badge(path: Path, root: Path) -> str:
    colab = "https://colab.research.google.com/github/"
    place = address.current(root).removeprefix(address.GITHUB)
    return f"[![Open In Colab]({IMAGE})]({colab}{place}/blob/main/notebooks/{path.name})"


def _setup_source(path: Path, root: Path) -> str:
    """The setup cell that belongs in a notebook."""
    cells = notebooks.read(notebooks.template(root)).cells
    source = next(cell.source for cell in cells if "setup" in notebooks.tags(cell))
    name = LESSON_NAME if path == notebooks.template(root) else path.stem
    return _with_address(source, root).replace(LESSON_NAME, name)


# --- mending ------------------------------------------------------------------------------------


def mend_all(labs: Path, root: Path = ROOT) -> None:
    """Mend all notebooks, README files and quizzes, without a look at style.

    `labs` is the folder of the labs' masters. They have a form of their own, nbgrader's; of them
    only the address is renewed, for students' copies fetch the course from it.
    """
    mend([notebooks.template(root), *notebooks.lessons(root), *_texts(root)], root)
    for path in sorted(labs.glob("*.ipynb")):
        notebook = notebooks.read(path)
        for cell in notebook.cells:
            cell.source = _with_address(cell.source, root)
        if (after := notebooks.dump(notebook)) != path.read_text("utf-8"):
            notebooks.write_text(path, after)
            print(f"{path.name}: mended")


def _texts(root: Path) -> list[Path]:
    named = [root / name for name in TEXTS if (root / name).exists()]
    return named + sorted((root / "notebooks" / "quizzes").glob("*.toml"))


def mend(paths: list[Path], root: Path = ROOT) -> None:
    """Mend notebooks and README files, and print what was mended; a broken notebook stays."""
    for path in paths:
        try:
            after = _mended(path, root)
        except CourseError:
            continue  # the check that follows reports it
        if after.encode() != path.read_bytes():
            notebooks.write_text(path, after)
            print(f"{path.name}: mended")


def _mended(path: Path, root: Path) -> str:
    """The file's text with address, setup cell, numbers and stored form renewed."""
    if path.suffix != ".ipynb":
        return record.rewrite(_with_address(path.read_text("utf-8"), root), _runs(root))
    notebook = notebooks.read(path)
    for cell in notebook.cells:
        if "setup" in notebooks.tags(cell):
            cell.source = _setup_source(path, root)
        elif cell.cell_type == "markdown":
            cell.source = record.rewrite(_with_address(cell.source, root), _runs(root))
        if "slide" in cell.metadata:
            cell.metadata.slide = record.rewrite(cell.metadata.slide, _runs(root))
    # A copied badge still leads to the notebook that it was copied from.
    for cell in notebook.cells[:1]:
        cell.source = BADGE.sub(rf"\g<1>{path.name}", cell.source)
    return notebooks.dump(notebooks.canonical(notebook))


# --- style --------------------------------------------------------------------------------------


def _ruff(targets: list[Path], *command: str) -> list[str]:
    """The lines that ruff prints; it looks into notebooks too."""
    ruff = [sys.executable, "-m", "ruff", *command, *targets]
    done = subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines()
