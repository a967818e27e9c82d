"""Storing the outputs that the tests compare."""

from pathlib import Path

from helpers.authoring import canonical
from helpers.authoring.files import write_text


def store_outputs(path: Path, executed: dict) -> bool:
    """Copy the outputs of checked cells from an executed notebook into its file.

    Args:
        path: the notebook's file, rewritten in the canonical form.
        executed: the same notebook after a run.

    Returns:
        Whether the file changed.
    """
    before = path.read_text("utf-8")
    notebook = canonical.canonical(canonical.parse(before, path.name))
    for cell, run in zip(notebook["cells"], executed["cells"], strict=True):
        if canonical.is_checked(cell):
            cell["outputs"] = run["outputs"]
    after = canonical.dump(canonical.canonical(notebook))
    if after != before:
        write_text(path, after)
    return after != before
