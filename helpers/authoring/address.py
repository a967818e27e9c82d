"""Where the repository lies on GitHub: in pyproject.toml, and from there in badges and setup cells.

A fork sets it by one command, `python -m helpers address`, and so does the workflow that publishes
the pages.
"""

import os
import re
import subprocess
import tomllib
from collections.abc import Mapping
from pathlib import Path

from helpers.settings import ROOT, CourseError

GITHUB = "https://github.com/"
_PLACE = r"[\w.-]+/[\w.-]+"
# Where it stands: in pyproject.toml, setup cells and CITATION.cff, in badges of Colab,
# Binder and Codespaces.
_WHOLE = re.compile(
    r'(?m)(^REPOSITORY = "|^Repository = "|^repository-code: "|^git clone )'
    r'https://github\.com/[^"\s]*(?="?(?:$| ))'
)
_BADGES = re.compile(
    r"(https://colab\.research\.google\.com/github/|https://mybinder\.org/v2/gh/"
    r"|https://codespaces\.new/)[^/\s]+/[^/\s)]+"
)


def current(root: Path = ROOT) -> str:
    """The address in pyproject.toml, as "https://github.com/OWNER/REPO".

    Raises:
        CourseError: there is none.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    return parse(project.get("urls", {}).get("Repository", "")) or _missing("pyproject.toml")


def is_set() -> bool:
    """Whether this copy knows where it lies; until then the owner is called OWNER."""
    return not current().startswith(f"{GITHUB}OWNER/")


def parse(text: str) -> str:
    """The address in what git or a person calls it, "" if it is none on GitHub."""
    text = text.strip().removesuffix("/").removesuffix(".git")
    forms = (
        GITHUB,
        "http://github.com/",
        "ssh://git@github.com/",
        "git@github.com:",
        "github.com/",
    )
    for form in forms:
        text = text.removeprefix(form)
    return GITHUB + text if re.fullmatch(_PLACE, text) else ""


def elsewhere(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> str:
    """The address in a workflow's own variable, else that of git's remote `origin`.

    Raises:
        CourseError: neither names a repository on GitHub.
    """
    command = ["git", "-C", str(root), "remote", "get-url", "origin"]
    try:
        remote = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:  # no git
        remote = ""
    found = parse(environment.get("GITHUB_REPOSITORY", "")) or parse(remote)
    return found or _missing("git's remote 'origin'")


def _missing(place: str) -> str:
    raise CourseError(f"{place} names no repository on GitHub: name it, as {GITHUB}OWNER/REPO")


def write(address: str, root: Path = ROOT) -> None:
    """Put an address into pyproject.toml; `lint.mend` brings it everywhere else."""
    file = root / "pyproject.toml"
    text = file.read_text("utf-8")
    file.write_text(renewed(text, address), "utf-8", newline="\n")


def renewed(text: str, address: str) -> str:
    """A text with this address in the place of another one."""
    place = address.removeprefix(GITHUB)
    return _BADGES.sub(rf"\g<1>{place}", _WHOLE.sub(rf"\g<1>{address}", text))
