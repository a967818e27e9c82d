"""Activations on disk: a raw file that grows batch by batch, and a small JSON file beside it.

Each set has a folder named by its key. `values.part` holds whole batches and perhaps a piece of
one more, `values.raw` is whole; `facts.json` is written last, so a set with facts is complete.
"""

import contextlib
import errno
import json
import math
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.paths import cache_dir as course_cache

_SPARE = 1.05  # leave 5 % of what is written, for file systems need some room themselves
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FILES = ("facts.json", "facts.part", "values.raw", "values.part", ".lock")


@dataclass(frozen=True)
class Slot:
    """Where one set of activations lies.

    Attributes:
        folder: its own folder.
        shape: of the whole array.
        dtype: of its values.
    """

    folder: Path
    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def row_bytes(self) -> int:
        """Bytes of one picture's activations."""
        return math.prod(self.shape[2:]) * self.dtype.itemsize

    @property
    def bytes(self) -> int:
        """Bytes of the whole array."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def part(self) -> Path:
        """The file that grows."""
        return self.folder / "values.part"

    @property
    def whole(self) -> Path:
        """The finished file."""
        return self.folder / "values.raw"


def root(cache_dir: Path | str | None) -> Path:
    """The folder of all activations; by default within the course's cache."""
    return Path(cache_dir).expanduser() if cache_dir else course_cache() / "activations"


def read(slot: Slot) -> np.memmap | None:
    """The finished array, read-only; None where there is none or the file is not whole."""
    try:
        facts = json.loads((slot.folder / "facts.json").read_text())
        if facts != _facts(slot) or slot.whole.stat().st_size != slot.bytes:
            return None
        return np.memmap(slot.whole, slot.dtype, mode="r", shape=slot.shape)
    except (OSError, ValueError):
        return None


def make_folder(slot: Slot) -> None:
    """Make the set's folder.

    Raises:
        UserError: that is not allowed here.
    """
    try:
        slot.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"folder {slot.folder} cannot be made ({error.strerror}): pass another cache_dir="
        ) from error


def rows_done(slot: Slot) -> int:
    """Whole rows (a view of a picture each) in the growing file."""
    try:
        size = slot.part.stat().st_size
    except OSError:
        return 0
    return 0 if size > slot.bytes else size // slot.row_bytes


def check_space(slot: Slot, done: int) -> None:
    """Raises UserError where the rest of the array does not fit on the disk."""
    needed = slot.bytes - done * slot.row_bytes
    free = shutil.disk_usage(slot.folder).free
    if needed * _SPARE > free:
        if not done:
            remove(slot.folder)
        raise UserError(
            f"the activations need {size(needed)} but {slot.folder.parent} has {size(free)} free: "
            "pass cache_dir= on a larger disk, take fewer pictures or views, cut further back, or "
            "free space with transfer.clear()"
        )


@contextlib.contextmanager
def growing(slot: Slot, done: int):
    """The growing file, cut to `done` rows and open for more; on a full disk it is removed.

    Raises:
        UserError: the disk is full, or does not let us write.
    """
    try:
        # Unbuffered: a batch is handed to the system whole, so a kill costs no earlier one.
        with open(slot.part, "ab", buffering=0) as file:
            file.truncate(done * slot.row_bytes)
            yield file
    except OSError as error:
        if error.errno not in _FULL:
            raise UserError(
                f"{slot.part} cannot be written ({error.strerror or error}): pass another "
                "cache_dir="
            ) from error
        remove(slot.folder)
        raise UserError(
            f"the disk of {slot.folder.parent} became full: what was written is removed again; "
            "free some space or pass cache_dir= on a larger disk"
        ) from error


def append(file, values: np.ndarray) -> None:
    """Append rows to an open growing file."""
    left = memoryview(np.ascontiguousarray(values)).cast("B")
    while left:
        left = left[file.write(left) :]


def finish(slot: Slot) -> np.memmap:
    """Give the grown file its final name, then say so in the facts.

    Raises:
        UserError: the folder does not let us write.
    """
    facts = slot.folder / "facts.part"
    try:
        with open(slot.part, "rb+") as file:
            os.fsync(file.fileno())  # or a power cut could leave a whole file of zeros
        os.replace(slot.part, slot.whole)
        facts.write_text(json.dumps(_facts(slot)))
        os.replace(facts, slot.folder / "facts.json")
        return np.memmap(slot.whole, slot.dtype, mode="r", shape=slot.shape)
    except OSError as error:
        raise UserError(
            f"{slot.whole} cannot be written ({error.strerror or error}): pass another cache_dir="
        ) from error


def remove(folder: Path) -> int:
    """Remove one set's files, and nothing else.

    Returns:
        Bytes that were freed.
    """
    freed = 0
    for name in _FILES:
        with contextlib.suppress(OSError):
            path = folder / name
            length = path.stat().st_size
            path.unlink()
            freed += length
    with contextlib.suppress(OSError):
        folder.rmdir()
    return freed


def clear(cache_dir: Path | str | None = None) -> int:
    """Remove all activations that are kept.

    Args:
        cache_dir: as given to `activations`; by default the course's cache.

    Returns:
        Bytes that were freed.
    """
    folder = root(cache_dir)
    if not folder.is_dir():
        return 0
    sets = [child for child in folder.iterdir() if re.fullmatch(r"[0-9a-f]{32}", child.name)]
    return sum(remove(child) for child in sets if child.is_dir() and not child.is_symlink())


def size(count: float) -> str:
    """Bytes as one would say them: '622 MB', '1.4 GB', '12 kB'."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.{0 if count >= 10 * unit else 1}f} {name}"
    return f"{count / 1e3:.0f} kB"


def _facts(slot: Slot) -> dict:
    return {"shape": list(slot.shape), "dtype": slot.dtype.name, "bytes": slot.bytes}
