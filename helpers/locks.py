"""One process at a time in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from helpers.errors import UserError


@contextmanager
def held(folder: Path, taken: str) -> Iterator[None]:
    """Hold a folder against other processes; the hold of a killed one is void.

    Args:
        folder: an existing folder.
        taken: what to say where another process holds it.

    Raises:
        UserError: another process holds the folder, or it cannot be written to.
    """
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise UserError(taken) from error
    except PermissionError as error:
        raise UserError(f"folder {folder} cannot be written to: choose another folder") from error
    except (OSError, NotImplementedError):
        pass  # some network drives know no locks; the work itself does not need one
    try:
        yield
    finally:
        lock.release()
