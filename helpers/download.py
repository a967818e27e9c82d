"""Fetch one file from whichever of its mirrors delivers it, and only if its hash is right.

The bytes gather in `TARGET.part`, which outlives breaks and kills; only a file whose hash is right
gets its final name. A mirror that is slow, stalls or breaks off is left, and the next one goes on
where it stopped. Those that sent anything are asked again in their turn, with more patience.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import requests
from filelock import FileLock

from helpers.settings import CourseError

CHUNK = 2**18
MIN_RATE = 250_000  # bytes per second, below which a mirror is slow
PATIENCE = 4  # so many times slower it may be at the next try, down to MIN_RATE / 64
MAX_TRIES = 60
WINDOW = 2.0  # seconds over which the rate is measured
TIMEOUT = (6.0, 10.0)  # seconds to connect, and without a byte before a mirror has stalled
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
NAME_CERTIFICATES = "name the right file in REQUESTS_CA_BUNDLE or SSL_CERT_FILE"
PROXY = "the proxy wants a password: set HTTPS_PROXY and HTTP_PROXY=http://USER:PASSWORD@HOST:PORT"


class MirrorFailed(Exception):
    """Why a mirror did not deliver."""


def is_right(path: Path, hash: str, size: int | None = None) -> bool:
    """Whether there is a file of this hash ("md5:c58f...") and, if given, this size."""
    if not path.is_file() or size not in (None, path.stat().st_size):
        return False
    algorithm, _, known = hash.partition(":")
    with open(path, "rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest() == known


def host(url: str) -> str:
    """Host and port of a web address, without a password; a CourseError if it is none."""
    with contextlib.suppress(ValueError):  # IPv6 that is not closed, or a port beyond 65535
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname:
            return parts.hostname + (f":{parts.port}" if parts.port else "")
    raise CourseError(f"'{url}' is no web address: give one such as https://school.example/data")


def fetch(urls: Sequence[str], target: Path, *, hash: str, size: int) -> None:
    """Download a file, resume where an earlier try stopped, and check its hash.

    Args:
        urls: mirrors of the same file, in the order to ask them.
        target: where the file goes; if it is there already and right, nothing is asked.
        hash: algorithm and hexadecimal digest, "sha256:..." or "md5:...".
        size: its bytes.

    Raises:
        CourseError: no mirror delivered it (names each with its reason), an address or a setting
            is wrong, or the folder cannot be written.
    """
    hosts = {url: host(url) for url in urls}
    if is_right(target, hash, size):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not is_right(target, hash, size):  # another process may have fetched it
                _gather(hosts, target, hash, size)
    except OSError as error:  # those of the network are MirrorFailed by now
        reason = f"{target} cannot be written ({error.strerror})"
        raise CourseError(f"{reason}: make space, or name another KERAS_HOME") from None


def _gather(hosts: dict[str, str], target: Path, hash: str, size: int) -> None:
    """Ask the mirrors, whose hosts are named in messages, until the file is whole and right."""
    part = target.with_name(target.name + ".part")
    waiting = [(url, MIN_RATE) for url in hosts]
    reasons = {}
    for _ in range(MAX_TRIES):
        if not waiting:
            break
        url, min_rate = waiting.pop(0)
        begin = _size(part)
        try:
            if begin < size:
                _append(url, part, size, min_rate)
        except MirrorFailed as failure:
            reasons[url] = str(failure)
            if _size(part) > begin:
                waiting.append((url, max(min_rate / PATIENCE, MIN_RATE / 64)))
            continue
        if is_right(part, hash, size):
            os.replace(part, target)
            return
        part.unlink()
        reasons[url] = "sends a wrong file (its hash differs)"
        if begin:  # what was there before may have been wrong: once more, this mirror alone
            waiting.insert(0, (url, min_rate))
    told = "; ".join(f"{hosts[url]}: {reason}" for url, reason in reasons.items())
    raise CourseError(f"no mirror delivered {target.name} ({told})")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _append(url: str, part: Path, size: int, min_rate: float) -> None:
    """Ask one mirror for what is missing, and append it to the part file."""
    from tqdm.auto import tqdm

    begin = _size(part)
    shown = {"total": size, "initial": begin, "unit": "B", "unit_scale": True, "leave": False}
    with (
        _asked(url, begin, size) as answer,
        open(part, "ab") as file,
        tqdm(desc=host(url), **shown) as bar,
    ):
        skip = 0 if answer.status_code == 206 else begin  # it does not know Range
        # read1 gives what has come in; read(n) would wait for n bytes, however slowly they drip.
        read = getattr(answer.raw, "read1", answer.raw.read)
        start, got = time.monotonic(), 0
        while file.tell() < size:
            try:
                data = read(CHUNK)
            except Exception as error:  # urllib3's and http.client's many names for two things
                reason = "stalled" if "imed out" in str(error) else "broke the connection"
                raise MirrorFailed(reason) from None
            if not data:
                raise MirrorFailed("broke off")
            got += len(data)
            skip, data = max(0, skip - len(data)), data[skip:]
            bar.update(file.write(data[: size - file.tell()]))
            seconds = time.monotonic() - start
            if seconds >= WINDOW:
                if got / seconds < min_rate:
                    raise MirrorFailed(f"slow, {got / seconds / 1e3:.0f} kB/s")
                start, got = time.monotonic(), 0


def _asked(url: str, begin: int, size: int) -> requests.Response:
    """A mirror's answer to a request for the bytes from `begin` on."""
    certificates = next(filter(None, map(os.environ.get, CERTIFICATES)), True)
    if certificates is not True and not os.path.exists(certificates):
        raise CourseError(f"{certificates} is a missing file: {NAME_CERTIFICATES}")
    headers = {"Accept-Encoding": "identity", "User-Agent": "keras-image-course"}
    headers |= {"Range": f"bytes={begin}-"} if begin else {}
    options = {"headers": headers, "stream": True, "timeout": TIMEOUT, "verify": certificates}
    try:
        answer = requests.get(url, **options)
    except requests.exceptions.ProxyError:
        raise MirrorFailed(f"the proxy does not answer, or {PROXY}") from None
    except requests.exceptions.SSLError:
        raise MirrorFailed(f"its certificate is not trusted: {NAME_CERTIFICATES}") from None
    except Exception:  # of `requests` and of what it is made of
        raise MirrorFailed("cannot be reached (no network?)") from None
    status, length = answer.status_code, answer.headers.get("Content-Length", "")
    if status not in (200, 206):
        raise MirrorFailed(PROXY if status == 407 else f"answers with status {status}")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        raise MirrorFailed("sends a web page instead of the file")
    if length.isdecimal() and int(length) + begin * (status == 206) != size:
        raise MirrorFailed(f"announces {length} bytes, not those of the file")
    return answer
