"""Run the lessons from a clean kernel and build their pages.

  python -m helpers course                     every lesson, on the embedded samples
  python -m helpers course 02 --profile full   one lesson, on the whole data sets

Each lesson runs in a process of its own, on the Python that runs this command. The pages, the
executed copies and summary.json land in build/course. One failing lesson does not stop the others;
its page shows how far it got. Exit code 1 when any failed.
"""

import argparse
import html
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat

from helpers import paths
from helpers.authoring import pages
from helpers.authoring.catalog import title_of
from helpers.authoring.files import write_text
from helpers.authoring.outputs import store_outputs
from helpers.authoring.progress_bar import CellProgress
from helpers.authoring.project import Project
from helpers.authoring.runner import Outcome, count_code_cells, execute
from helpers.errors import UserError

TIMEOUT = {"quick": 300, "full": 7200}  # seconds one cell may take


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="lessons; all when none is named")
    parser.add_argument(
        "--profile",
        choices=list(TIMEOUT),
        default=os.environ.get("COURSE_PROFILE", "quick"),
        help="embedded samples or whole data sets (quick)",
    )
    parser.add_argument("--output", type=Path, default=paths.BUILD / "course", metavar="FOLDER")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds one cell may take")
    parser.add_argument(
        "--update-outputs",
        action="store_true",
        help="store the outputs of the cells marked NBVAL_CHECK_OUTPUT in the notebooks",
    )


def run(args: argparse.Namespace) -> int:
    """Run the command line's lessons; 1 when one of them failed."""
    if args.profile not in TIMEOUT:
        raise UserError(f"COURSE_PROFILE is '{args.profile}': set it to quick or full")
    if args.update_outputs and args.profile != "quick":
        raise UserError("the tests compare outputs of the quick profile: leave --profile out")
    if args.timeout is not None and args.timeout <= 0:
        raise UserError(f"--timeout {args.timeout:g} leaves no time: give a number above 0")
    lessons = Project().find(args.names)
    if not lessons:
        raise UserError("there are no lessons in notebooks/: add NN_name.ipynb")
    outcomes = build(lessons, args.output, profile=args.profile, timeout=args.timeout)
    _print_table(outcomes, args.output)
    if args.update_outputs:
        for path, outcome in zip(lessons, outcomes, strict=True):
            if not outcome.error and store_outputs(path, outcome.notebook):
                print(f"{path.name}: stored new outputs")
    return int(any(outcome.error for outcome in outcomes))


def build(
    lessons: list[Path],
    output: Path,
    *,
    profile: str = "quick",
    timeout: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Run notebooks and write their pages, executed copies, summary.json and index.html.

    Args:
        lessons: notebook files.
        output: folder for what is built; made when it is not there.
        profile: "quick" or "full".
        timeout: seconds one cell may take; a default for the profile when None.
        environment: more variables for the kernels.

    Returns:
        One outcome a notebook, in their order.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot write to {output}: choose another --output ({error})") from error
    environment = {
        "COURSE_PROFILE": profile,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    } | dict(environment or {})
    outcomes = []
    for outcome in _run_all(lessons, timeout or TIMEOUT[profile], environment):
        _write_page(outcome, lessons[len(outcomes)], output)
        outcomes.append(outcome)
        _write_summary(outcomes, output)  # after each, so that a broken run leaves the truth too
    return outcomes


def _run_all(lessons, timeout, environment) -> Iterator[Outcome]:
    for number, path in enumerate(lessons, start=1):
        label = f"[{number}/{len(lessons)}] {path.stem}"
        with CellProgress(label, count_code_cells(path)) as progress:
            outcome = execute(
                path, timeout=timeout, environment=environment, on_cell=progress.advance
            )
            progress.finish(f"{outcome.status} in {outcome.seconds:.0f} s")
        yield outcome


def _write_page(outcome: Outcome, path: Path, output: Path) -> None:
    if outcome.notebook is None:
        page = pages.plain_page(outcome.name, pages.error_box(outcome.error))
    else:
        banner = f"This lesson stopped early, at {outcome.error}" if outcome.error else ""
        title = title_of(outcome.notebook) or outcome.name
        page = pages.render(outcome.notebook, title, path.parent, banner)
        write_text(output / f"{outcome.name}.ipynb", nbformat.writes(outcome.notebook) + "\n")
    write_text(output / f"{outcome.name}.html", page)


def _write_summary(outcomes: list[Outcome], output: Path) -> None:
    summary = []
    for outcome in outcomes:
        entry = {
            "notebook": outcome.name,
            "seconds": outcome.seconds,
            "status": outcome.status,
        }
        summary.append(entry | ({"error": outcome.error} if outcome.error else {}))
    write_text(output / "summary.json", json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    write_text(output / "index.html", _index(outcomes))


def _index(outcomes: list[Outcome]) -> str:
    rows = []
    for outcome in outcomes:
        title = (outcome.notebook and title_of(outcome.notebook)) or outcome.name
        rows.append(
            f'<tr><td><a href="{html.escape(outcome.name)}.html">{html.escape(title)}</a></td>'
            f"<td>{outcome.status}</td><td>{outcome.seconds:.0f} s</td>"
            f"<td>{html.escape(outcome.error)}</td></tr>"
        )
    head = "<tr><th>Lesson</th><th>Result</th><th>Time</th><th></th></tr>"
    return pages.plain_page("The course", f"<table>\n{head}\n" + "\n".join(rows) + "\n</table>")


def _print_table(outcomes: list[Outcome], output: Path) -> None:
    width = max(len(outcome.name) for outcome in outcomes)
    print()
    for outcome in outcomes:
        print(f"  {outcome.name:<{width}}  {outcome.seconds:6.0f} s  {outcome.status}")
        if outcome.error:
            print(f"  {'':<{width}}  {outcome.error}")
    print(f"\nopen {_shown(output / 'index.html')}", flush=True)


def _shown(path: Path) -> str:
    """The path as seen from here, where that is shorter."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
