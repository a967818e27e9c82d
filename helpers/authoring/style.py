"""ruff over modules and notebooks."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

from helpers.authoring.findings import Finding

FOLDERS = ("helpers", "tests", "notebooks")
# Older and newer versions of ruff name a file in one of these two ways.
UNFORMATTED = re.compile(r"(?:Would reformat: |\s*--> )(.+?)(?::cell \d+)?(?::\d+:\d+)?$")


def check(root: Path, files: list[Path]) -> list[Finding]:
    """What `ruff check` and `ruff format --check` complain about.

    Args:
        root: the checkout, whose pyproject.toml has the settings.
        files: what to look at; every module and notebook when empty.
    """
    if importlib.util.find_spec("ruff") is None:
        return [Finding("style", "S00", "ruff is missing", "run `make lint`, which installs it")]
    targets = _targets(root, files)
    complaints = _ruff(root, ["check", "--quiet", "--output-format=concise"], targets)
    unformatted = _ruff(root, ["format", "--check"], targets)
    names = dict.fromkeys(found[1] for line in unformatted if (found := UNFORMATTED.match(line)))
    broken = [line for line in unformatted if line.startswith("error")]
    return [
        *(Finding("ruff", "S01", line, "see `ruff rule CODE`") for line in complaints),
        *(Finding(name, "S02", "not formatted", "run lint --fix") for name in names),
        *(Finding("ruff", "S02", line, "correct it") for line in broken),
    ]


def mend(root: Path, files: list[Path]) -> None:
    """Let ruff repair and format what it can."""
    if importlib.util.find_spec("ruff") is not None:
        targets = _targets(root, files)
        _ruff(root, ["check", "--quiet", "--fix"], targets)
        _ruff(root, ["format", "--quiet"], targets)


def _targets(root: Path, files: list[Path]) -> list[str]:
    chosen = files or [root / folder for folder in FOLDERS if (root / folder).exists()]
    return [str(path) for path in chosen]


def _ruff(root: Path, command: list[str], targets: list[str]) -> list[str]:
    if not targets:
        return []
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, *targets],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
