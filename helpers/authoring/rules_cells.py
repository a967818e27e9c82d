"""Lint rules about single cells: their form, their code, their links and their numbers."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import unquote

from helpers.authoring import canonical, markers
from helpers.authoring.findings import Cell, Finding, Sheet

MAX_LINES, MAX_COLUMNS = 25, 100
ABSOLUTE = re.compile(
    r"(?<![\w.~/:-])/(content|home|root|Users|tmp|mnt|usr|opt|var|work)/|\b[A-Za-z]:[\\/](?![\\/])"
)
INSTALL = re.compile(r"^\s*[!%]\s*(pip|pip3|conda|mamba|apt(-get)?|python\S* -m pip)\b", re.M)
MAGIC = re.compile(r"^(\s*)[!%].*$", re.MULTILINE)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)|\b(?:src|href)=[\"']([^\"']+)[\"']")
FENCED = re.compile(r"^```.*?^```|`[^`\n]+`", re.DOTALL | re.MULTILINE)


def form(sheet: Sheet) -> Iterator[Finding]:
    """N01, N02: the stored text is the canonical one, and cell ids are unique."""
    ids = Counter(str(cell.get("id")) for cell in sheet.notebook["cells"])
    for number, cell in enumerate(sheet.notebook["cells"]):
        name = str(cell.get("id"))
        if "id" in cell and ids[name] > 1:
            yield sheet.finding(
                "N02", f"the cell id '{name}' is used twice", "run lint --fix", sheet.cells[number]
            )
    if sheet.path.read_text("utf-8") != canonical.dump(canonical.canonical(sheet.notebook)):
        yield sheet.finding("N01", "the file is not in canonical form", "run lint --fix")


def absolute_paths(sheet: Sheet) -> Iterator[Finding]:
    """C01: no path of one machine, except in the setup cell."""
    for cell in sheet.cells:
        if not cell.is_setup and (found := ABSOLUTE.search(cell.source)):
            yield sheet.finding(
                "C01",
                f"an absolute path ('{found[0]}…')",
                "use a path relative to notebooks/",
                cell,
            )


def screen(sheet: Sheet) -> Iterator[Finding]:
    """C02: code fits a screen."""
    for cell in sheet.code_cells:
        lines = cell.source.splitlines()
        if len(lines) > MAX_LINES:
            yield sheet.finding(
                "C02", f"{len(lines)} lines of code", f"split the cell ({MAX_LINES} at most)", cell
            )
        if any(len(line) > MAX_COLUMNS for line in lines):
            yield sheet.finding(
                "C02", "a line of code is too long", f"break it ({MAX_COLUMNS} columns)", cell
            )


def installs(sheet: Sheet) -> Iterator[Finding]:
    """C03: a lesson installs nothing; Colab's packages stay as they are."""
    for cell in sheet.code_cells:
        if INSTALL.search(cell.source):
            yield sheet.finding("C03", "the cell installs packages", "use what Colab has", cell)


def code(sheet: Sheet) -> Iterator[Finding]:
    """C04 to C07: what can be seen in the parsed code."""
    for cell in sheet.code_cells:
        try:
            tree = ast.parse(MAGIC.sub(r"\1pass", cell.source))
        except SyntaxError as error:
            yield sheet.finding("C04", f"no valid Python ({error.msg})", "correct the cell", cell)
            continue
        yield from _star_imports(sheet, cell, tree)
        yield from _tensorflow(sheet, cell, tree)
        yield from _pictures(sheet, cell, tree)


def _star_imports(sheet: Sheet, cell: Cell, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names):
            yield sheet.finding("C05", "a star import", "name what is imported", cell)


def _tensorflow(sheet: Sheet, cell: Cell, tree: ast.Module) -> Iterator[Finding]:
    """Only imports at the top level: inside an `if` or `try` the author has thought of it."""
    for node in tree.body:
        modules = [name.name for name in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            modules = [node.module]
        if any(module.split(".")[0] == "tensorflow" for module in modules):
            yield sheet.finding(
                "C06",
                "imports tensorflow, which the JAX backend lacks",
                'use keras, or guard it with `if keras.backend.backend() == "tensorflow":`',
                cell,
                warning=True,
            )


def _pictures(sheet: Sheet, cell: Cell, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "plots.show":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            alt = given.get("alt")
            empty = isinstance(alt, ast.Constant) and not str(alt.value or "").strip()
            if alt is None or empty:
                yield sheet.finding(
                    "C07", "a picture without alternative text", 'add alt="what it shows"', cell
                )


def checked_output(sheet: Sheet) -> Iterator[Finding]:
    """C08: a cell marked NBVAL_CHECK_OUTPUT has a small text output to compare with."""
    for cell, raw in zip(sheet.cells, sheet.notebook["cells"], strict=True):
        if not canonical.is_checked(raw):
            continue
        size = len(canonical.dump(raw["outputs"])) if cell.outputs else 0
        if not size:
            yield sheet.finding(
                "C08",
                "no stored output to compare with",
                f"run `python -m helpers course {sheet.path.stem} --update-outputs`",
                cell,
            )
        elif size > canonical.MAX_OUTPUT * 2:
            yield sheet.finding("C08", "the stored output is too long", "print less", cell)


def links(sheet: Sheet) -> Iterator[Finding]:
    """L01: relative links and pictures in the text lead to files that exist."""
    for cell in sheet.markdown_cells:
        for found in LINK.finditer(FENCED.sub("", cell.source)):
            target = found[1] or found[2]
            if re.match(r"[a-zA-Z][a-zA-Z+.-]*:|#|//", target):
                continue
            file = unquote(target.split("#")[0].split("?")[0])
            if not (sheet.path.parent / file).exists():
                yield sheet.finding("L01", f"'{target}' leads nowhere", "correct the link", cell)


def numbers(sheet: Sheet) -> Iterator[Finding]:
    """R01: figures between reference markers agree with data/reference_runs.json."""
    runs = markers.load_runs(sheet.project.references)
    for cell in sheet.markdown_cells:
        for problem in markers.problems(cell.source, runs):
            yield sheet.finding("R01", problem.text, problem.remedy, cell)


RULES = (form, absolute_paths, screen, installs, code, checked_output, links, numbers)
