"""One stored form of a notebook, so that a change in the text is the only thing a diff shows.

The form: JSON with sorted keys and an indent of one, nbformat 4.5, cell ids that stay, and nothing
that an editor or a run leaves behind. A cell marked `# NBVAL_CHECK_OUTPUT` keeps its small text
output, for the tests compare against it; nbval demands an execution count beside a stored output,
so that count is always 1.
"""

import hashlib
import json
import re
from pathlib import Path

from helpers.errors import UserError

CHECKED = re.compile(r"^\s*#+\s*NBVAL_CHECK_OUTPUT\s*$", re.MULTILINE)
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KERNELSPEC = {"display_name": "Python 3", "language": "python", "name": "python3"}
MAX_OUTPUT = 2000  # characters of checked output a cell may keep


def format(text: str, name: str = "notebook") -> str:
    """The canonical text of a notebook; `format(format(text)) == format(text)`.

    Args:
        text: the notebook's JSON.
        name: what to call it in an error.

    Raises:
        UserError: the text is no notebook of format 4.
    """
    return dump(canonical(parse(text, name)))


def read(path: Path) -> dict:
    """The notebook in a file, as parsed JSON.

    Raises:
        UserError: the file cannot be read or is no notebook.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path.name} cannot be read: check the file ({error})") from error
    return parse(text, path.name)


def parse(text: str, name: str = "notebook") -> dict:
    """Parse a notebook's JSON and make sure that it has the shape of one."""
    try:
        notebook = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{name} is no valid JSON ({error}): restore it from git") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list) or notebook.get("nbformat") != 4:
        raise UserError(f"{name} is no notebook of format 4: open and save it in Jupyter")
    for number, cell in enumerate(cells, start=1):
        if not _is_cell(cell):
            raise UserError(f"{name}: cell {number} is damaged: restore it from git")
    return notebook


def dump(notebook: dict) -> str:
    """JSON text as nbformat writes it: sorted keys, an indent of one, a newline at the end."""
    return json.dumps(notebook, sort_keys=True, indent=1, ensure_ascii=False) + "\n"


def canonical(notebook: dict) -> dict:
    """A new notebook in the canonical form, from one that `parse` accepted."""
    ids: set[str] = set()
    return {
        "cells": [_cell(cell, number, ids) for number, cell in enumerate(notebook["cells"])],
        "metadata": {"kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def source(cell: dict) -> str:
    """A cell's text in one piece; files hold it as a string or as a list of lines."""
    text = cell["source"]
    return text if isinstance(text, str) else "".join(text)


def tags(cell: dict) -> list[str]:
    """The cell's tags, none when its metadata is damaged."""
    found = (cell.get("metadata") or {}).get("tags")
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def is_checked(cell: dict) -> bool:
    """Whether the tests compare this cell's output."""
    return cell["cell_type"] == "code" and CHECKED.search(source(cell)) is not None


def _is_cell(cell: object) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in {"code", "markdown", "raw"}:
        return False
    text = cell.get("source")
    lines = text if isinstance(text, list) else [text]
    return all(isinstance(line, str) for line in lines)


def _cell(cell: dict, number: int, ids: set[str]) -> dict:
    text = _tidy(source(cell))
    kept = {
        "cell_type": cell["cell_type"],
        "id": _cell_id(cell, number, text, ids),
        "metadata": {"tags": tags(cell)} if tags(cell) else {},
        "source": text.splitlines(keepends=True),
    }
    if cell["cell_type"] == "code":
        kept["outputs"] = _outputs(cell) if is_checked(cell) else []
        kept["execution_count"] = 1 if kept["outputs"] else None
    return kept


def _tidy(text: str) -> str:
    """No white space at line ends, no empty lines at either end, one kind of line break."""
    text = re.sub(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]", "\n", text)
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _cell_id(cell: dict, number: int, text: str, taken: set[str]) -> str:
    """The cell's own id while it is valid and unique, else one made from its place and text."""
    chosen = cell.get("id")
    salt = 0
    while not isinstance(chosen, str) or not CELL_ID.fullmatch(chosen) or chosen in taken:
        chosen = hashlib.sha256(f"{number}/{salt}/{text}".encode()).hexdigest()[:8]
        salt += 1
    taken.add(chosen)
    return chosen


def _outputs(cell: dict) -> list[dict]:
    """The text outputs worth comparing: streams, joined by name, and plain text results."""
    kept: list[dict] = []
    streams: dict[str, dict] = {}
    for output in cell.get("outputs") or []:
        kind = output.get("output_type")
        if kind == "stream":
            name = output.get("name", "stdout")
            if name not in streams:
                streams[name] = {"name": name, "output_type": "stream", "text": ""}
                kept.append(streams[name])
            streams[name]["text"] += _joined(output.get("text", ""))
        elif kind in {"display_data", "execute_result"} and "text/plain" in output.get("data", {}):
            kept.append(_plain(output, kind))
    for stream in streams.values():
        stream["text"] = ANSI.sub("", stream["text"]).splitlines(keepends=True)
    return kept


def _plain(output: dict, kind: str) -> dict:
    text = ANSI.sub("", _joined(output["data"]["text/plain"]))
    plain = {
        "data": {"text/plain": text.splitlines(keepends=True)},
        "metadata": {},
        "output_type": kind,
    }
    return plain | ({"execution_count": 1} if kind == "execute_result" else {})


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
