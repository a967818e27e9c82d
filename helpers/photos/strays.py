"""Findings about names and files that do not belong into a folder of photos."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from helpers.photos import names, signatures
from helpers.photos.findings import Finding
from helpers.photos.names import shown


def link(path: Path) -> Finding:
    """A link, of which nothing is read."""
    return Finding(
        "symlink",
        (path,),
        f"{shown(path.name)} is a link to another place and is not followed: put a copy there",
        fatal=True,
    )


def stray(path: Path) -> Finding:
    """A file that is no picture."""
    advice = (
        "is a camera's raw file: save it as JPEG"
        if signatures.is_raw(path.name)
        else "is no picture that the course reads: remove it"
    )
    return Finding("stray_file", (path,), f"{shown(path.name)} {advice}", fatal=True)


def twins(paths: Iterable[Path], what: str) -> list[Finding]:
    """Names in one folder that Windows and macOS cannot keep apart.

    Args:
        paths: files or folders of one folder.
        what: "files" or "folders", for the sentence.
    """
    alike = defaultdict(list)
    for path in paths:
        alike[names.same_on_other_computers(path.name)].append(path)
    return [
        Finding(
            "case_twins",
            tuple(same),
            f"the {what} {' and '.join(shown(path.name, 40) for path in same[:3])} are one on "
            "Windows and macOS: rename or merge them",
        )
        for same in alike.values()
        if len(same) > 1
    ]


def these(paths: list[Path]) -> str:
    """'a.jpg is', or 'a.jpg, b.jpg and 3 more are'."""
    few = ", ".join(shown(path.name, 40) for path in paths[:2])
    if len(paths) > 2:
        few += f" and {len(paths) - 2} more"
    return f"{few} {'is' if len(paths) == 1 else 'are'}"
