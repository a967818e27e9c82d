"""One try at one mirror: ask for the missing bytes, check every header, append to the part file.

Nothing here decides where to go next; `download` does.
"""

import contextlib
import errno
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from helpers.errors import UserError
from helpers.sources import answers
from helpers.sources.answers import MAX_SIZE, MirrorFailed

CHUNK = 256 * 1024
MAX_REDIRECTS = 5


@dataclass(frozen=True)
class Patience:
    """How long to bear with a mirror.

    Attributes:
        min_rate: bytes per second below which a mirror is slow; 0 bears any rate.
        slow_after: seconds over which the rate is measured.
        connect_timeout: seconds to connect.
        read_timeout: seconds without a byte after which a mirror has stalled.
    """

    min_rate: float
    slow_after: float
    connect_timeout: float
    read_timeout: float


@dataclass
class Outcome:
    """What one try did: bytes appended, bytes per second, and whether the file is whole."""

    received: int = 0
    rate: float = 0.0
    complete: bool = False


def append(
    url: str,
    part: Path,
    size: int | None,
    patience: Patience,
    outcome: Outcome,
    *,
    skip_known: bool = False,
    advance: Callable[[int], object] = lambda count: None,
    announce: Callable[[int], object] = lambda total: None,
) -> None:
    """Ask one mirror for what is missing and append it to the part file.

    Args:
        url: the mirror's address of the file.
        part: the part file; what it holds is kept.
        size: the file's bytes, or None if unknown.
        patience: limits.
        outcome: filled in as the bytes come, so that it is true after an exception too.
        skip_known: read a whole answer past the bytes that are here already, for a mirror that
            ignores Range.
        advance: told of each number of bytes appended.
        announce: told the file's size once it is known.

    Raises:
        MirrorFailed: the mirror is slow, stalled, wrong or dead.
        UserError: the disk is full or not writable.
    """
    offset = part.stat().st_size if part.exists() else 0
    asked = 0 if skip_known else offset
    with _opened(url, asked, patience) as response:
        to_skip = 0 if response.status_code == 206 else offset
        total = answers.checked_head(response, asked, size)
        if total is not None:
            if total < offset:
                raise MirrorFailed("no range", "has fewer bytes than are here already")
            announce(total)
        begin = time.monotonic()
        with _writing(part) as file:
            for data in _chunks(response, patience, None if total is None else total - offset):
                if to_skip:
                    dropped = min(to_skip, len(data))
                    to_skip -= dropped
                    data = data[dropped:]
                over = total is not None and offset + outcome.received + len(data) > total
                if over or offset + outcome.received + len(data) > MAX_SIZE:
                    file.truncate(offset)
                    advance(-outcome.received)
                    outcome.received = 0
                    raise MirrorFailed("useless", "sends more than it announced")
                _write(file, data, part)
                outcome.received += len(data)
                outcome.rate = outcome.received / max(time.monotonic() - begin, 1e-6)
                advance(len(data))
    missing = 0 if total is None else total - offset - outcome.received
    if missing:
        raise MirrorFailed("broken", f"cut off with {missing / 1e6:.1f} MB missing")
    outcome.complete = True


@contextlib.contextmanager
def _opened(url: str, offset: int, patience: Patience) -> Iterator[requests.Response]:
    """The answer's head has arrived; its body has not. Closed at the end."""
    session = requests.Session()
    session.max_redirects = MAX_REDIRECTS
    headers = {"Accept-Encoding": "identity", "User-Agent": "keras-image-course"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        response = _within(
            patience.connect_timeout + 2 * patience.read_timeout,
            lambda: session.get(
                url,
                headers=headers,
                stream=True,
                timeout=(patience.connect_timeout, patience.read_timeout),
            ),
        )
        with response:
            yield response
    finally:
        session.close()


def _within(seconds: float, ask: Callable[[], requests.Response]) -> requests.Response:
    """Run `ask` in a thread that may be abandoned.

    The timeouts of a socket begin anew with each byte, so a mirror that drips its headers, or a
    name server that does not answer, would hold us for ever.
    """
    inbox: queue.Queue = queue.Queue()

    def work() -> None:
        try:
            inbox.put(ask())
        except BaseException as error:  # handed to the thread that waits
            inbox.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        answer = inbox.get(timeout=seconds)
    except queue.Empty:
        raise MirrorFailed("useless", "no answer in time") from None
    if isinstance(answer, requests.Response):
        return answer
    raise answers.explained(answer) from None


def _chunks(response: requests.Response, patience: Patience, needed: int | None) -> Iterator[bytes]:
    """The body as it comes in; raises when it is slow or stalls. `needed` is a hint only."""
    raw = response.raw
    # read1 gives what has come in; read(n) would wait for all n bytes, however slow they drip.
    read = raw.read1 if hasattr(raw, "read1") else lambda count: raw.read(min(count, 8192))
    received = 0
    marks = deque([(time.monotonic(), 0)])  # (time, bytes so far), to measure the last seconds
    while True:
        try:
            data = read(CHUNK)
        except Exception as error:  # urllib3's and http.client's many names for two things
            if "imed out" in str(error) or "Timeout" in type(error).__name__:
                raise MirrorFailed("broken", "stalled") from None
            raise MirrorFailed("broken", "broke the connection") from None
        if not data:
            return
        yield data
        received += len(data)
        now = time.monotonic()
        marks.append((now, received))
        while len(marks) > 2 and now - marks[1][0] >= patience.slow_after:
            marks.popleft()
        seconds = now - marks[0][0]
        if patience.min_rate and seconds >= patience.slow_after:
            rate = (received - marks[0][1]) / seconds
            nearly_done = needed is not None and needed - received <= rate * patience.slow_after
            if rate < patience.min_rate and not nearly_done:
                raise MirrorFailed("slow", f"slow, {rate / 1e3:.0f} kB/s")


@contextlib.contextmanager
def _writing(part: Path):
    try:
        with open(part, "ab") as file:
            yield file
    except OSError as error:
        raise disk_error(error, part) from None


def _write(file, data: bytes, part: Path) -> None:
    try:
        file.write(data)
    except OSError as error:
        raise disk_error(error, part) from None


def disk_error(error: OSError, path: Path, needed: int | None = None) -> UserError:
    """The line for a full or forbidden disk."""
    space = "" if needed is None else f", {needed / 1e6:.0f} MB are needed"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        problem = "the disk is full"
    else:
        problem = error.strerror or type(error).__name__
    return UserError(
        f"{path} cannot be written ({problem}){space}: make space or name another folder in "
        "COURSE_CACHE"
    )
