"""Fetch one file from whichever of its mirrors delivers it soonest, if it is the right one.

The bytes gather in `TARGET.part`, which outlives breaks, kills and restarts. Only a file whose hash
is right is renamed to its final name. First each mirror gets a strict chance: one below the rate
is left for the next, which goes on where it stopped. If all are slow (a slow line at home), the
fastest seen is asked again without hurry.
"""

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from helpers.sources import files, rounds, transfer
from helpers.sources.catalog import Archive
from helpers.sources.transfer import Patience


def fetch(
    urls: Sequence[str],
    target: str | Path,
    *,
    size: int | None = None,
    sha256: str | None = None,
    md5: str | None = None,
    min_rate: float = 250_000,
    slow_after: float = 2.0,
    connect_timeout: float = 6.0,
    read_timeout: float = 10.0,
    pause: float = 0.5,
    progress: bool = True,
) -> Path:
    """Download a file, resume where an earlier try stopped, and check its hash.

    Args:
        urls: mirrors of the same file, in the order to ask them.
        target: where the file goes; if it is there already and right, nothing is done.
        size: its bytes, or None if unknown.
        sha256, md5: its hash; one of them is needed, sha256 is preferred.
        min_rate: bytes per second below which the next mirror is asked.
        slow_after: seconds over which the rate is measured.
        connect_timeout, read_timeout: seconds.
        pause: seconds before a mirror that broke off is asked again.
        progress: show a bar with the host, the rate and the time left.

    Returns:
        The target's path.

    Raises:
        rounds.NoMirrorDelivered: none delivered the right file.
        UserError: no space on the disk, no permission to write.
    """
    target = Path(target)
    if not (sha256 or md5):
        raise ValueError("fetch needs a sha256 or md5: without a hash no file can be trusted")
    wanted = Archive(target.name, size, md5, sha256, tuple(urls))
    patience = Patience(min_rate, slow_after, connect_timeout, read_timeout)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            if not (target.is_file() and files.is_official(target, wanted)):
                rounds.Download(wanted, target, patience, pause, progress).run()
    except OSError as error:
        raise transfer.disk_error(error, target, size) from None
    return target


@contextlib.contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold the lock of a download; say so when another process has it."""
    lock = FileLock(f"{target}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another process is downloading {target.name}: waiting for it.", flush=True)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
