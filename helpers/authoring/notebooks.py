"""Notebooks as files: where they lie, how they are read, their one stored form, their exercises.

The stored form makes a change of the text the only thing that a diff shows: JSON as nbformat writes
it, cell ids that stay, and nothing that an editor or a run leaves behind. Images pasted into a text
cell stay. A cell tagged `nbval-check-output` keeps its text output, for the tests compare with it.
"""

import ast
import copy
import json
import re
import warnings
from pathlib import Path
from types import SimpleNamespace

import nbformat
from nbformat import NotebookNode

from helpers.settings import ROOT, CourseError

# What a cell's metadata may hold.
KEPT = ("tags", "mystnb", "slideshow", "slide", "slide_code")
CHECKED = "nbval-check-output"
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
FOLDED = r"<details>\s*<summary>{}[^<]*</summary>(.*?)</details>"
FENCE = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)

# --- files --------------------------------------------------------------------------------------


def lessons(root: Path = ROOT) -> list[Path]:
    """The lessons of a checkout in their order; the template is not one of them."""
    return sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def template(root: Path = ROOT) -> Path:
    """The notebook that authors copy."""
    return root / "notebooks" / "_template.ipynb"


def find(names: list[str], root: Path = ROOT) -> list[Path]:
    """Notebooks by name ("02_baseline_cnn"), number ("02") or path; all lessons when none is named.

    Raises:
        CourseError: there is no such notebook.
    """
    known = lessons(root)
    found = []
    for name in names:
        path = Path(name)
        match = [p for p in [*known, template(root)] if path.stem in (p.stem, p.stem[:2])]
        if path.suffix == ".ipynb" and path.is_file():
            match = [path.resolve()]
        if not match:
            stems = ", ".join(lesson.stem for lesson in known)
            raise CourseError(f"no notebook '{name}': name one of these: {stems}")
        found += match
    return list(dict.fromkeys(found)) if names else known


def read(path: Path) -> NotebookNode:
    """The notebook in a file, in whatever Unicode encoding and version of the format it is.

    Raises:
        CourseError: the file cannot be read or holds no valid notebook.
    """
    invalid: dict = {}
    try:
        data = path.read_bytes()
        text = data.decode(json.detect_encoding(data))
        with warnings.catch_warnings(action="ignore"):  # missing cell ids are made here
            notebook = nbformat.v4.upgrade(nbformat.reads(text, 4, invalid))
            dump(notebook).encode()  # what can't be written back is refused here
    except Exception as error:  # whatever the file holds, the other notebooks go on
        invalid["ValidationError"] = error
    if invalid:
        reason = str(invalid["ValidationError"]).partition("\n")[0][:200]
        raise CourseError(f"{path.name} is no valid notebook ({reason}): restore it from git")
    return notebook


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 in one step, so that a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, "utf-8", newline="\n")
    unfinished.replace(path)


def title(notebook: NotebookNode) -> str:
    """The first heading, as "02 · A baseline CNN"."""
    return notebook.cells[0].source.partition("\n")[0].removeprefix("# ")


def tags(cell: NotebookNode) -> list[str]:
    """The cell's tags."""
    return cell.metadata.get("tags", [])


# --- the stored form ----------------------------------------------------------------------------


def canonical(notebook: NotebookNode) -> NotebookNode:
    """A copy of a notebook in the stored form."""
    notebook = copy.deepcopy(notebook)
    metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    notebook.metadata = nbformat.from_dict(metadata)
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines()).strip("\n")
        kept = {key: cell.metadata[key] for key in KEPT if cell.metadata.get(key)}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = _text_outputs(cell) if CHECKED in tags(cell) else []
            # nbval wants a count beside a stored output.
            cell.execution_count = 1 if cell.outputs else None
    return notebook


def dump(notebook: NotebookNode) -> str:
    """JSON text: sorted keys, an indent of one, a newline at the end."""
    return nbformat.writes(notebook) + "\n"


def store_outputs(path: Path, executed: NotebookNode) -> bool:
    """Copy the outputs of checked cells from an executed notebook into its file.

    Returns:
        Whether the file changed.
    """
    notebook = canonical(read(path))
    before = dump(notebook)
    for cell, run in zip(notebook.cells, executed.cells, strict=True):
        if CHECKED in tags(cell):
            cell.outputs = run.outputs
    after = dump(canonical(notebook))
    if after != before:
        write_text(path, after)
    return after != before


def _text_outputs(cell: NotebookNode) -> list[NotebookNode]:
    """What was printed, and results as plain text."""
    kept = []
    for output in cell.outputs:
        if plain := output.get("data", {}).get("text/plain"):
            output.data, output.metadata = nbformat.from_dict({"text/plain": plain}), {}
        if plain or output.output_type == "stream":
            kept.append(output)
        if output.output_type == "execute_result":
            output.execution_count = 1
    return kept


def taught(lesson: str, *names: str, **known: object) -> SimpleNamespace:
    """Functions and classes that a lesson's cells define.

    Args:
        lesson: name or number of the lesson.
        names: of the functions and classes, in the order of the lesson.
        known: what they use and the lesson imports, as `keras=keras`.
    """
    for cell in read(*find([lesson])).cells:
        if cell.cell_type == "code" and any(f" {name}(" in cell.source for name in names):
            for node in ast.parse(cell.source).body:
                if getattr(node, "name", "") in names:
                    exec(ast.unparse(node), known)
    return SimpleNamespace(**{name: known[name] for name in names})


# --- exercises ----------------------------------------------------------------------------------


def has_hint(markdown: str) -> bool:
    """Whether the text has a folded hint."""
    return re.search(FOLDED.format("Hint"), markdown, re.DOTALL) is not None


def solution(markdown: str) -> str:
    """The code of the last folded solution in a text, "" when there is none."""
    folded = re.findall(FOLDED.format("Solution"), markdown, re.DOTALL)
    return "\n".join(FENCE.findall(folded[-1])) if folded else ""


def tried(notebook: NotebookNode) -> NotebookNode:
    """A copy in which every exercise is tried twice, from a notebook that the linter accepts.

    Behind stub and check come the solution, the check again, and the stub once more: so one run
    shows that the solution passes, and that all later cells live with the stub. A program to mend
    is not run once more: it trains, and what it leaves stands.
    """
    cells, text, stub = [], "", None
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            text = cell.source
        elif "exercise" in tags(cell):
            stub = cell
        elif stub is not None:
            sources = [solution(text), cell.source]
            sources += [] if "mend" in tags(stub) else [stub.source]
            cells += [nbformat.v4.new_code_cell(source) for source in sources]
            stub = None
    return nbformat.from_dict(notebook | {"cells": cells})
