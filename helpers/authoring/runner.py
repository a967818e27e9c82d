"""Running one notebook from a clean kernel, so that whatever happens in it becomes a result."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import ipykernel.kernelspec
import nbformat
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from helpers.authoring import canonical
from helpers.errors import UserError


@dataclass
class Outcome:
    """What became of one notebook.

    Attributes:
        name: the notebook's name without the ending.
        seconds: wall time from the kernel's start to its end.
        error: "" when every cell ran, else one line.
        cell: number of the cell at fault, counted from 0 over all cells; None when there is none.
        notebook: the notebook with its outputs; None when the file could not be read.
    """

    name: str
    seconds: float = 0.0
    error: str = ""
    cell: int | None = None
    notebook: nbformat.NotebookNode | None = field(default=None, repr=False)

    @property
    def status(self) -> str:
        return "failed" if self.error else "passed"


class ThisPython(KernelSpecManager):
    """Knows one kernel: the very Python that runs this, whatever kernels are installed."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        resources = ipykernel.kernelspec.RESOURCES
        return KernelSpec(
            argv=argv, display_name="Python 3", language="python", resource_dir=resources
        )


def count_code_cells(path: Path) -> int:
    """Number of code cells in a notebook file; 0 when it cannot be read."""
    try:
        cells = canonical.read(path)["cells"]
    except UserError:
        return 0
    return sum(cell["cell_type"] == "code" for cell in cells)


def execute(
    path: Path,
    *,
    timeout: float = 600,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    on_cell: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run a notebook's cells in order and never raise because of them.

    Args:
        path: the notebook; the file is not changed.
        timeout: seconds that one cell may take.
        folder: where the kernel starts; the notebook's own folder when None.
        environment: variables for the kernel on top of this process's own.
        on_cell: called after each code cell that ran.
    """
    outcome = Outcome(path.stem)
    start = time.perf_counter()
    try:
        tidy = canonical.canonical(canonical.read(path))
        outcome.notebook = nbformat.reads(canonical.dump(tidy), as_version=4)
        _run_cells(outcome, folder or path.parent, timeout, environment or {}, on_cell)
    except UserError as error:
        outcome.error = str(error)
    except CellExecutionError as error:
        outcome.error = f"{error.ename}: {error.evalue}".strip().splitlines()[0][:300]
    except CellTimeoutError:
        outcome.error = f"the cell took longer than {timeout:g} s"
        _note_error(outcome, "TimeoutError")
    except DeadKernelError:
        outcome.error = "the kernel died while the cell ran (out of memory, or the process ended)"
        _note_error(outcome, "DeadKernelError")
    except Exception as error:  # the run of the other notebooks must go on whatever this was
        outcome.error = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        _note_error(outcome, type(error).__name__)
    if outcome.error and outcome.cell is not None:
        outcome.error = f"cell {outcome.cell + 1}: {outcome.error}"
    outcome.seconds = round(time.perf_counter() - start, 2)
    return outcome


def _run_cells(outcome, folder, timeout, environment, on_cell) -> None:
    notebook = outcome.notebook
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory(prefix="course-kernel-") as clean:
        client = NotebookClient(
            notebook,
            timeout=timeout,
            resources={"metadata": {"path": str(folder)}},
            coalesce_streams=True,
            store_widget_state=False,
        )
        client.km = client.kernel_manager_class(
            kernel_spec_manager=ThisPython(), kernel_name="python3"
        )
        client.owns_km = True  # so that the client ends the kernel too
        # IPYTHONDIR: a user's start-up files must not leak into the run.
        env = os.environ | {"IPYTHONDIR": clean} | environment
        client.reset_execution_trackers()
        with client.setup_kernel(env=env, stderr=subprocess.DEVNULL):
            for number, cell in enumerate(notebook.cells):
                if cell.cell_type != "code":
                    continue
                outcome.cell = number
                client.execute_cell(cell, number)
                on_cell()
            outcome.cell = None


def _note_error(outcome: Outcome, kind: str) -> None:
    """Put an error that the kernel could not report below the cell where it happened."""
    if outcome.notebook is not None and outcome.cell is not None:
        outcome.notebook.cells[outcome.cell].outputs.append(
            nbformat.v4.new_output(
                "error", ename=kind, evalue=outcome.error, traceback=[outcome.error]
            )
        )
