"""What `lint --fix` can mend in a notebook and in the README."""

from pathlib import Path

from helpers.authoring import badges, canonical, markers
from helpers.authoring.files import write_text
from helpers.authoring.findings import Sheet
from helpers.authoring.project import Project
from helpers.authoring.rules_structure import template_setup


def mend_notebook(path: Path, project: Project) -> list[str]:
    """Mend badge, setup cell, reference numbers and canonical form of one notebook.

    Returns:
        What was done, one short phrase each; the file is written only when something was.
    """
    before = path.read_text("utf-8")
    notebook = canonical.parse(before, path.name)
    runs = markers.load_runs(project.references)
    done = []
    for phrase, change in (
        ("badge and address", lambda nb: badges.with_address(nb, project.address(), path.name)),
        ("setup cell", lambda nb: _with_setup(nb, path, project)),
        ("reference numbers", lambda nb: _with_numbers(nb, runs)),
    ):
        mended = change(notebook)
        if _texts(mended) != _texts(notebook):
            done.append(phrase)
        notebook = mended
    after = canonical.dump(canonical.canonical(notebook))
    if not done and after != before:
        done.append("canonical form")
    if after != before:
        write_text(path, after)
    return done


def mend_readme(project: Project) -> list[str]:
    """Renew the README's table, addresses and reference numbers."""
    if not project.readme.exists():
        return []
    before = project.readme.read_text("utf-8")
    after = badges.readme(before, project)
    if after != before:
        write_text(project.readme, after)
    return ["table of notebooks, addresses, reference numbers"] if after != before else []


def _texts(notebook: dict) -> list[str]:
    return [canonical.source(cell) for cell in notebook["cells"]]


def _with_setup(notebook: dict, path: Path, project: Project) -> dict:
    want = template_setup(Sheet(path, notebook, project))
    if want is None:
        return notebook
    cells = [
        dict(cell, source=want) if "setup" in canonical.tags(cell) else cell
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells}


def _with_numbers(notebook: dict, runs: dict) -> dict:
    cells = [
        dict(cell, source=markers.rewrite(canonical.source(cell), runs))
        if cell["cell_type"] == "markdown"
        else cell
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells}
