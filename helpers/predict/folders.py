"""A folder of pictures: a row for each file, also for those that cannot be read."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import keras

from helpers.errors import UserError
from helpers.photos.names import shown
from helpers.photos.signatures import is_system_file
from helpers.predict.looking import checked_k, look_at
from helpers.predict.preparing import prepare
from helpers.predict.taking import takes

MAX_FILES = 100_000


class Row(NamedTuple):
    """What a network takes one file for, or why it could not be read.

    Attributes:
        file: path below the folder, with slashes, fit to print.
        top: (name, probability) pairs, likeliest first; empty if the file was refused.
        superclass: (name, probability) of the likeliest superclass, or None.
        notes: what had to be done to the picture, in sentences.
        reason: why the file was refused; "" if it was not.
    """

    file: str
    top: tuple[tuple[str, float], ...] = ()
    superclass: tuple[str, float] | None = None
    notes: tuple[str, ...] = ()
    reason: str = ""


def folder(
    model: keras.Model,
    path: str | Path,
    class_names: Sequence[str] | None = None,
    *,
    k: int = 5,
    how: str = "crop",
    mirror: bool = False,
    superclasses: Sequence[str] | None = None,
    size: int | None = None,
    white: float | None = None,
    progress: bool = True,
) -> list[Row]:
    """Show every file of a folder, and of the folders in it, to a network.

    Links are not followed. Files that a computer has put there, such as Thumbs.db, are left out.

    Args:
        path: the folder.
        progress: whether to show a progress bar.
        others: as for `look`.

    Returns:
        A row for each file, sorted by name.

    Raises:
        UserError: no such folder, nothing in it, or model and names do not fit each other. A
            picture that cannot be read is no error: its row says why.
    """
    root = Path(path).expanduser()
    files = [(shown(file.relative_to(root).as_posix(), 200), file) for file in listed(root)]
    options = {"k": k, "how": how, "mirror": mirror, "size": size, "white": white}
    return rows(model, files, class_names, superclasses=superclasses, progress=progress, **options)


def rows(
    model: keras.Model,
    files: Iterable[tuple[str, Path]],
    class_names: Sequence[str] | None = None,
    *,
    k: int = 5,
    how: str = "crop",
    mirror: bool = False,
    superclasses: Sequence[str] | None = None,
    size: int | None = None,
    white: float | None = None,
    progress: bool = True,
) -> list[Row]:
    """Rows for (name, path) of any files; arguments and errors as for `folder`."""
    from tqdm.auto import tqdm

    wanted, k = takes(model, how=how, size=size, white=white), checked_k(k)
    if None in wanted.shape[:2]:
        raise UserError("the model takes pictures of any size: tell it one, such as size=32")
    made = []
    bar = tqdm(list(files), desc="predicting", unit="picture", disable=None if progress else True)
    for name, path in bar:
        try:
            prepared = prepare(path, wanted)
        except UserError as error:
            reason = str(error).removeprefix(shown(Path(path).name)).strip()
            made.append(Row(name, reason=reason))
            continue
        seen = look_at(model, prepared, class_names, k, mirror, superclasses)
        superclass = seen.top_superclasses[0] if seen.top_superclasses else None
        made.append(Row(name, seen.top, superclass, seen.notes))
    return made


def listed(root: Path) -> list[Path]:
    """All files below a folder, sorted; links are listed, but not followed.

    Raises:
        UserError: no such folder, no file in it, or far too many.
    """
    if not root.is_dir():
        raise UserError(f"{shown(root)} is no folder: name a folder of pictures")
    found = []
    for folder_, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not is_system_file(name))
        found += [Path(folder_, name) for name in files if not is_system_file(name)]
        links = [name for name in folders if Path(folder_, name).is_symlink()]
        found += [Path(folder_, name) for name in links]
        if len(found) > MAX_FILES:
            raise UserError(f"{shown(root)} has over {MAX_FILES:,} files: name a smaller folder")
    if not found:
        raise UserError(f"{shown(root)} has no files in it: name a folder of pictures")
    return sorted(found)
