"""Fetch one file from whichever of its mirrors delivers it, and only if its hash is right.

The bytes gather in `TARGET.part`, which outlives breaks and kills; only a file whose hash is right
gets its final name. First a mirror that is slow, stalls or breaks off is left, and the next one
goes on where it stopped. If none delivers so, those that sent anything are asked again with more
patience, the fastest first, as long as that brings new bytes.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests
from filelock import FileLock

from helpers.settings import CourseError

CHUNK = 2**18
MIN_RATE = 250_000  # bytes per second, below which a mirror is slow
PATIENCE = 50  # after the first round it may be this many times slower
MAX_ROUNDS = 40
WINDOW = 2.0  # seconds over which the rate is measured
TIMEOUT = (6.0, 10.0)  # seconds to connect, and without a byte before a mirror has stalled
CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
NAME_CERTIFICATES = "name the right file in REQUESTS_CA_BUNDLE or SSL_CERT_FILE"
PROXY = "the proxy wants a password: set HTTPS_PROXY and HTTP_PROXY=http://USER:PASSWORD@HOST:PORT"

# What the exceptions of a request mean; the first kind that fits counts.
_REASONS = (
    (requests.exceptions.ProxyError, f"the proxy does not answer, or {PROXY}"),
    (requests.exceptions.SSLError, f"its certificate is not trusted: {NAME_CERTIFICATES}"),
    (requests.Timeout, "does not answer in time"),
    (requests.ConnectionError, "cannot be reached (no network?)"),
    (Exception, "gives no usable answer"),
)


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
    certificates = next(filter(None, map(os.environ.get, CERTIFICATES)), None)
    if certificates and not os.path.exists(certificates):
        raise CourseError(f"{certificates} is a missing file: {NAME_CERTIFICATES}")
    work = _Download(target, hash, size, {url: host(url) for url in urls}, certificates or True)
    if is_right(target, hash, size):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{target}.lock"):
            if not is_right(target, hash, size):  # another process may have fetched it
                work.run()
    except OSError as error:  # those of the network are MirrorFailed by now
        reason = f"{target} cannot be written ({error.strerror})"
        raise CourseError(f"{reason}: make space, or name another KERAS_HOME") from None


@dataclass
class _Download:
    """One download, with its mirrors and its part file."""

    target: Path
    hash: str
    size: int
    hosts: dict[str, str]  # of each address
    verify: str | bool  # the file of trusted certificates, or those of `requests`
    reasons: dict[str, str] = field(default_factory=dict)
    rates: dict[str, float] = field(default_factory=dict)  # of those that may be asked again
    suspects: set[str] = field(default_factory=set)  # that ended a wrong file

    def run(self) -> None:
        from tqdm.auto import tqdm

        self.part = self.target.with_name(self.target.name + ".part")
        urls, rate = list(self.hosts), MIN_RATE
        with tqdm(total=self.size, initial=self._done(), unit="B", unit_scale=True) as self.bar:
            if self._done() >= self.size and self._accept():
                return
            for _ in range(MAX_ROUNDS):
                self.received = 0
                if any(self._try(url, rate) for url in urls):
                    return
                if not self.received:
                    break
                urls = sorted(self.rates, key=self.rates.get, reverse=True)
                rate = MIN_RATE / PATIENCE
        told = "; ".join(f"{self.hosts[url]}: {reason}" for url, reason in self.reasons.items())
        raise CourseError(f"no mirror delivered {self.target.name} ({told})")

    def _try(self, url: str, min_rate: float) -> bool:
        """Whether this mirror completed the file; notes why not."""
        self.bar.set_description(self.hosts[url])
        try:
            while True:
                begin = self._done()
                self._append(url, min_rate)
                if self._accept():
                    return True
                # Others may have sent wrong bytes before it: once more, this mirror alone.
                if not begin or url in self.suspects:
                    self.rates.pop(url, None)
                    raise MirrorFailed("sends a wrong file (its hash differs)")
                self.suspects.add(url)
        except MirrorFailed as failure:
            self.reasons[url] = str(failure)
        return False

    def _accept(self) -> bool:
        """Name the whole file if it is right, else throw it away."""
        if is_right(self.part, self.hash, self.size):
            os.replace(self.part, self.target)
            return True
        self.part.unlink()
        self.bar.reset()
        return False

    def _append(self, url: str, min_rate: float) -> None:
        """Ask one mirror for what is missing, and append it to the part file."""
        begin = self._done()
        with self._asked(url, begin) as answer, open(self.part, "ab") as file:
            skip = 0 if answer.status_code == 206 else begin  # it does not know Range
            for data in self._chunks(url, answer, min_rate):
                skip, data = max(0, skip - len(data)), data[skip:]
                data = data[: self.size - file.tell()]
                file.write(data)
                self.received += len(data)
                self.bar.update(len(data))
                if file.tell() == self.size:
                    return
        raise MirrorFailed("broke off")

    def _asked(self, url: str, begin: int) -> requests.Response:
        """A mirror's answer to a request for the bytes from `begin` on."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "keras-image-course"}
        headers |= {"Range": f"bytes={begin}-"} if begin else {}
        options = {"headers": headers, "stream": True, "timeout": TIMEOUT, "verify": self.verify}
        try:
            answer = requests.get(url, **options)
        except Exception as error:  # of `requests` and of what it is made of
            raise MirrorFailed(next(text for k, text in _REASONS if isinstance(error, k))) from None
        status, length = answer.status_code, answer.headers.get("Content-Length", "")
        range_ = answer.headers.get("Content-Range", "").strip()
        if status in (206, 416) and begin and not range_.startswith(f"bytes {begin}-"):
            return self._asked(url, 0)  # it cannot resume; what is here is skipped
        if status not in (200, 206):
            raise MirrorFailed(PROXY if status == 407 else f"answers with status {status}")
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise MirrorFailed("sends a web page instead of the file")
        if length.isdecimal() and int(length) + begin * (status == 206) != self.size:
            raise MirrorFailed(f"announces {length} bytes, not those of the file")
        return answer

    def _chunks(self, url: str, answer: requests.Response, min_rate: float) -> Iterator[bytes]:
        """The bytes as they come in; raises when they come too slowly or not at all."""
        # read1 gives what has come in; read(n) would wait for n bytes, however slowly they drip.
        read = getattr(answer.raw, "read1", answer.raw.read)
        begin, got = time.monotonic(), 0
        while True:
            try:
                data = read(CHUNK)
            except Exception as error:  # urllib3's and http.client's many names for two things
                reason = "stalled" if "imed out" in str(error) else "broke the connection"
                raise MirrorFailed(reason) from None
            if not data:
                return
            yield data
            got += len(data)
            seconds = time.monotonic() - begin
            self.rates[url] = got / max(seconds, 1e-3)
            if seconds >= WINDOW:
                if self.rates[url] < min_rate:
                    raise MirrorFailed(f"slow, {self.rates[url] / 1e3:.0f} kB/s")
                begin, got = time.monotonic(), 0

    def _done(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0
