"""The built course as a folder for any server of files: checked, and nothing in it but pages."""

import json
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup

from helpers.authoring import notebooks
from helpers.settings import CourseError

# For authors: the executed copies, what Sphinx said; of the theme what only Sphinx reads.
_LEFT_OUT = shutil.ignore_patterns(
    "*.ipynb", "pages.log", "summary.json", ".buildinfo", "*.map", "*macros.html"
)
_LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


def publish(built: Path, folder: Path) -> list[str]:
    """Copy what `make course` built, and look whether it can be shown.

    Args:
        built: where the course was built, as build/course.
        folder: for the site; what was in it is replaced.

    Returns:
        What is wrong with it, a line each: dead links, and what comes from another host.

    Raises:
        CourseError: not every lesson was run, or one did not pass.
    """
    summary = built / "summary.json"
    rows = json.loads(summary.read_text("utf-8")) if summary.exists() else []
    passed = {row["notebook"] for row in rows if row["status"] == "passed"}
    if missing := [path.stem for path in notebooks.lessons() if path.stem not in passed]:
        raise CourseError(f"{built} has no run of {', '.join(missing)} that passed: make course")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built, folder, ignore=_LEFT_OUT)
    (folder / ".nojekyll").touch()  # GitHub Pages leaves out folders like _static without it
    return problems(folder)


def problems(folder: Path) -> list[str]:
    """Dead links and parts from other hosts of all pages in a folder, a line each."""
    pages = {
        path: BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in sorted(folder.rglob("*.html"))
    }
    anchors = {path: {tag["id"] for tag in page.find_all(id=True)} for path, page in pages.items()}
    found = []
    for path, page in pages.items():
        name = path.relative_to(folder)
        for tag in page.find_all(list(_LOADS)):
            if re.match(r"(https?:)?//", address := tag.get(_LOADS[tag.name]) or ""):
                if tag.get("rel") != ["canonical"]:
                    found.append(f"{name}: loads {address}")
            elif address and not _there(path, address, anchors):
                found.append(f"{name}: {address} is not there")
        links = {link["href"] for link in page.find_all("a", href=True)}
        found += [
            f"{name}: the link {link} leads nowhere"
            for link in sorted(links)
            if not urlsplit(link).scheme and not _there(path, link, anchors)
        ]
    return found


def _there(page: Path, address: str, anchors: dict[Path, set[str]]) -> bool:
    """Whether a relative address leads to a file, and to an anchor in it if it names one."""
    parts = urlsplit(address)
    if parts.scheme == "data":
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if parts.fragment and target in anchors:
        # The notes of slides and "#" alone are a place on the page itself.
        return unquote(parts.fragment) in anchors[target]
    return target.exists()
