"""What lies in a folder of photos, without opening any file."""

import os
from collections.abc import Container
from dataclasses import dataclass, field
from pathlib import Path

from helpers.photos import names, signatures, strays
from helpers.photos.findings import Finding
from helpers.photos.names import shown

MAX_FILES = 5000


@dataclass
class Listing:
    """Files worth opening by class folder, and what was found on the way."""

    classes: dict[str, list[Path]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def read(folder: Path, max_files: int = MAX_FILES) -> Listing:
    """List the class folders in a folder and the files in them; links are never followed.

    Args:
        folder: one sub-folder for each class.
        max_files: files beyond this number are left out.
    """
    listing = Listing()
    tell = listing.findings.append
    loose: list[Path] = []
    systems: list[Path] = []
    class_folders: list[Path] = []
    for entry in _entries(folder, max_files, listing):
        path = Path(entry.path)
        if _is_link(entry):
            tell(strays.link(path))
        elif signatures.is_system_file(entry.name):
            systems.append(path)
        elif entry.is_dir(follow_symlinks=False):
            class_folders.append(path)
            name = _class_name(entry.name, listing.classes)
            listing.classes[name] = _class_folder(path, listing, systems, max_files)
        elif signatures.may_be_picture(entry.name):
            loose.append(path)
        else:
            tell(strays.stray(path))
    if loose:
        tell(
            Finding(
                "outside_class",
                tuple(loose),
                f"{strays.these(loose)} in no class folder: move each into the folder of its class",
                fatal=True,
            )
        )
    if systems:
        tell(
            Finding(
                "system_file",
                tuple(systems),
                f"{strays.these(systems)} put there by the computer itself; not read",
            )
        )
    listing.findings += strays.twins(class_folders, "folders")
    _limit(listing, max_files)
    return listing


def _class_name(name: str, taken: Container[str]) -> str:
    """The folder's name fit to print, and unlike the others' even where it had to be cut."""
    text, number = shown(name), 2
    while text in taken:
        text, number = f"{shown(name)} ({number})", number + 1
    return text


def _class_folder(
    folder: Path, listing: Listing, systems: list[Path], max_files: int
) -> list[Path]:
    """Files in one class folder that are worth opening, by name."""
    files, inside = [], []
    for entry in _entries(folder, max_files, listing):
        path = Path(entry.path)
        if _is_link(entry):
            listing.findings.append(strays.link(path))
        elif signatures.is_system_file(entry.name):
            systems.append(path)
        elif entry.is_dir(follow_symlinks=False):
            inside.append(path)
        elif not entry.is_file(follow_symlinks=False) or not signatures.may_be_picture(entry.name):
            listing.findings.append(strays.stray(path))
        else:
            files.append(path)
    for path in inside:
        advice = (
            "move its pictures up, or remove it"
            if files
            else f"if the classes lie in {shown(folder.name)}, inspect that folder instead"
        )
        listing.findings.append(
            Finding(
                "nested_folder",
                (path,),
                f"{shown(folder.name)} has a folder {shown(path.name)} in it, which is not "
                f"read: {advice}",
                fatal=True,
            )
        )
    listing.findings += [
        Finding(
            "odd_name",
            (path,),
            f"{shown(path.name)} has a name that other computers may not take: rename it",
        )
        for path in [folder, *files]
        if names.is_odd(path.name)
    ]
    listing.findings += strays.twins(files, "files")
    return files


def _entries(folder: Path, most: int, listing: Listing) -> list[os.DirEntry]:
    """Entries of a folder by name; a note where it may not be read or has far too many."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if len(found) == 2 * most:
                    listing.findings.append(
                        Finding(
                            "too_many_files",
                            (folder,),
                            f"{shown(folder.name)} has over {2 * most:,} files, and not all are "
                            "looked at: take fewer",
                            fatal=True,
                        )
                    )
                    break
                found.append(entry)
    except OSError as error:
        listing.findings.append(
            Finding(
                "no_permission",
                (folder,),
                f"{shown(folder.name)} may not be read ({error.strerror}): change its permissions",
                fatal=True,
            )
        )
    return sorted(found, key=lambda entry: entry.name)


def _is_link(entry: os.DirEntry) -> bool:
    is_junction = getattr(entry, "is_junction", None)  # Windows, from Python 3.12
    return entry.is_symlink() or bool(is_junction and is_junction())


def _limit(listing: Listing, max_files: int) -> None:
    """Keep so many files, an equal part of each class where there are too many."""
    if sum(map(len, listing.classes.values())) <= max_files:
        return
    each = max(max_files // len(listing.classes), 1)
    dropped = [path for files in listing.classes.values() for path in files[each:]]
    for name, files in listing.classes.items():
        listing.classes[name] = files[:each]
    listing.findings.append(
        Finding(
            "too_many_files",
            tuple(dropped),
            f"there are more than {max_files:,} files; the first {each:,} of each class are "
            "used: take fewer",
            fatal=True,
        )
    )
