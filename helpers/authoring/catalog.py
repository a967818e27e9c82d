"""What a lesson says of itself in its first cell: its title and its objectives."""

import re
from dataclasses import dataclass
from pathlib import Path

from helpers.authoring import canonical

TITLE = re.compile(r"^# +(.+?) *$", re.MULTILINE)
OBJECTIVES = re.compile(r"\*\*After this (?:notebook|lesson) you can.*?\n+((?:[-*] .*(?:\n|$))+)")
NOT_MEASURED = "–"


@dataclass(frozen=True)
class Entry:
    """A row of the README's table of notebooks.

    Attributes:
        title: as in the notebook, "02 · A baseline CNN".
        learn: the objectives in one sentence.
        times: how long a run takes on a CPU in the quick and in the full profile, and on a GPU.
    """

    title: str
    learn: str
    times: tuple[str, str, str]


def entry(path: Path, runs: dict) -> Entry:
    """The row of one notebook.

    Args:
        path: the notebook.
        runs: its recorded runs by profile, as in data/reference_runs.json.
    """
    notebook = canonical.read(path)
    text = "\n\n".join(
        canonical.source(cell) for cell in notebook["cells"] if cell["cell_type"] == "markdown"
    )
    times = tuple(_time(runs.get(profile)) for profile in ("quick", "full", "full_gpu"))
    return Entry(title_of(notebook) or path.stem, _learn(text), times)


def title_of(notebook: dict) -> str:
    """The first heading of a notebook, "" when it has none."""
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown" and (found := TITLE.search(canonical.source(cell))):
            return found[1]
    return ""


def _learn(text: str) -> str:
    found = OBJECTIVES.search(text)
    if found is None:
        return ""
    goals = [line[2:].strip().rstrip(".;,") for line in found[1].strip().splitlines()]
    return "; ".join(goals)


def _time(run: dict | None) -> str:
    if run is None:
        return NOT_MEASURED
    minutes = run["seconds"]["mean"] / 60
    return f"{minutes:.1f} min" if minutes < 10 else f"{minutes:.0f} min"
