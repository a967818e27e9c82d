"""JupyterLab as a student sees it: open a notebook, run it, look at an output."""

import json
import re
from pathlib import Path

import nbformat
from playwright.sync_api import Locator, Page

from helpers.paths import NOTEBOOKS

RUN = 120_000  # milliseconds that the cells of a test's notebook may take


def prepare(folder: Path) -> None:
    """Settings of a student's first start, without the question about news."""
    config = folder / "jupyter-config" / "labconfig"
    config.mkdir(parents=True)
    news = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
    (config / "page_config.json").write_text(json.dumps(news), "utf-8")
    tracker = folder / "lab-settings" / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    # Otherwise cells that are out of sight are not in the page, and can't be asked for.
    settings = '{"windowingMode": "none"}'
    (tracker / "tracker.jupyterlab-settings").write_text(settings, "utf-8")
    (folder / "notebooks").mkdir()


def write(path: Path, *sources: str) -> None:
    """A notebook of code cells."""
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, path)


def copy(lesson: str, folder: Path, last: str = "") -> None:
    """A lesson, on request only up to the first cell that holds a text."""
    notebook = nbformat.read(NOTEBOOKS / f"{lesson}.ipynb", 4)
    if last:
        places = [n for n, cell in enumerate(notebook.cells) if last in cell.source]
        assert places, f"{lesson} has no cell with {last}"
        notebook.cells = notebook.cells[: places[0] + 1]
    nbformat.write(notebook, folder / f"{lesson}.ipynb")


def open_notebook(page: Page, address: str, name: str) -> None:
    """Open a notebook of the served folder, and wait for its kernel."""
    base, _, token = address.partition("/lab")
    page.goto(f"{base}/lab/tree/notebooks/{name}.ipynb{token}&reset", timeout=RUN)
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=RUN)
    page.locator(".jp-StatusBar-Middle, #jp-main-statusbar").get_by_text("| Idle").wait_for(
        timeout=RUN
    )
    # On a slow machine JupyterLab may ask for the kernel that it is about to start.
    if page.locator(".jp-Dialog").count():
        page.locator(".jp-Dialog .jp-mod-accept").click()


def run_all(page: Page) -> None:
    """Choose *Run All Cells* from the menu, and wait until the last one is done."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    last = page.locator(".jp-CodeCell .jp-InputPrompt").last
    last.filter(has_text=re.compile(r"\[\d+\]")).wait_for(timeout=RUN)


def errors(page: Page) -> list[str]:
    """Tracebacks in the notebook."""
    return page.locator(".jp-OutputArea-output[data-mime-type*=error]").all_inner_texts()


def output(page: Page, source: str) -> Locator:
    """Output area of the code cell that holds a text."""
    return page.locator(".jp-CodeCell", has_text=source).last.locator(".jp-OutputArea").first
