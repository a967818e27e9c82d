"""Run lessons from a clean kernel, each in a process of its own, and write down how it went.

The pages, the executed copies and summary.json land in build/course. Whatever happens in a lesson
becomes a line of the summary: one failing lesson, or one page that can't be built, stops no other.
"""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode
from tqdm import tqdm

from helpers.authoring import notebooks
from helpers.settings import CourseError

TIMEOUT = {"quick": 300, "full": 7200}  # seconds one cell may take


@dataclass
class Outcome:
    """What became of one notebook.

    Attributes:
        name: the notebook's name without the ending.
        seconds: wall time from the kernel's start to its end.
        error: "" when every cell ran and the page was built, else one line.
        notebook: the notebook with its outputs; None when the file could not be read.
    """

    name: str
    seconds: float = 0.0
    error: str = ""
    notebook: NotebookNode | None = None

    @property
    def status(self) -> str:
        return "failed" if self.error else "passed"


def build(
    lessons: list[Path], output: Path, profile: str = "quick", timeout: float | None = None
) -> list[Outcome]:
    """Run notebooks and write their executed copies, summary.json and pages.

    Args:
        lessons: notebook files.
        output: folder for what is built; made when it is not there.
        profile: "quick" or "full".
        timeout: seconds one cell may take; a default for the profile when None.

    Returns:
        One outcome a notebook, in their order.
    """
    from helpers.authoring import site, slides  # missing packages are told before the lessons run

    outcomes: list[Outcome] = []
    for number, path in enumerate(lessons, start=1):
        label = f"[{number}/{len(lessons)}] {path.stem}"
        print(f"{label} …", flush=True)
        outcome = execute(path, profile, timeout)
        print(f"{label} {outcome.status} in {outcome.seconds:.0f} s", flush=True)
        outcomes.append(outcome)
        if outcome.notebook is not None:
            text = notebooks.dump(outcome.notebook)
            notebooks.write_text(output / f"{outcome.name}.ipynb", text)
        _write_summary(outcomes, output)  # after each, so that a broken run leaves the truth too
    site.build(outcomes, output)
    slides.build({o.name: o.notebook for o in outcomes if not o.error}, output / "slides")
    _build_page(output / "classify")
    _write_summary(outcomes, output)
    return outcomes


def _build_page(folder: Path) -> None:
    """The page on which a visitor's photo is classified; Keras is loaded only now."""
    from helpers.course import import_keras_quietly

    import_keras_quietly()
    from helpers.authoring import browser_page

    browser_page.build(folder)


def _write_summary(outcomes: list[Outcome], output: Path) -> None:
    rows = [
        {"notebook": outcome.name, "seconds": outcome.seconds, "status": outcome.status}
        | ({"error": outcome.error} if outcome.error else {})
        for outcome in outcomes
    ]
    text = json.dumps(rows, indent=1, ensure_ascii=False) + "\n"
    notebooks.write_text(output / "summary.json", text)


def execute(path: Path, profile: str = "quick", timeout: float | None = None) -> Outcome:
    """Run a notebook's cells in order, in its own folder, and never raise because of them.

    Args:
        path: the notebook; the file is not changed.
        profile: "quick" or "full".
        timeout: seconds one cell may take; a default for the profile when None.
    """
    outcome = Outcome(path.stem)
    variables = os.environ | {"COURSE_PROFILE": profile, "TF_CPP_MIN_LOG_LEVEL": "3"}
    variables |= {"MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    place = ""

    def note_place(cell: NotebookNode, cell_index: int) -> None:
        nonlocal place
        place = f"cell {cell_index + 1}: "

    start = time.perf_counter()
    try:
        outcome.notebook = notebooks.canonical(notebooks.read(path))
        _run(outcome.notebook, path.parent, timeout or TIMEOUT[profile], variables, note_place)
    except CourseError as error:
        outcome.error = str(error)
    except Exception as error:  # the run of the other notebooks must go on whatever this was
        kind = getattr(error, "ename", type(error).__name__)  # of a cell's own error
        text = f"{place}{kind}: {getattr(error, 'evalue', error)}"
        outcome.error = text.splitlines()[0][:300].rstrip()
    outcome.seconds = round(time.perf_counter() - start, 2)
    return outcome


def _run(notebook, folder, timeout, variables, note_place) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    with (
        tempfile.TemporaryDirectory(prefix="course-kernel-") as clean,
        # On a terminal only; a log gets one line a lesson.
        tqdm(total=len(notebook.cells), unit="cell", leave=False, disable=None) as bar,
    ):
        client = NotebookClient(
            notebook,
            timeout=timeout,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            coalesce_streams=True,
            store_widget_state=False,
            on_cell_start=lambda **_: bar.update(),
            on_cell_execute=note_place,
        )
        # IPYTHONDIR: a user's start-up files must not leak into the run.
        env = variables | {"IPYTHONDIR": clean}
        client.execute(env=env, stderr=subprocess.DEVNULL)
