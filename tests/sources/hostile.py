"""Builders of tiny archives, and the ways in which a server can misbehave."""

import hashlib
import io
import struct
import tarfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from helpers.sources.catalog import DataSet


def batch(count: int, first: int, classes: int = 10) -> dict:
    """One CIFAR-10 batch of noise, as its author would pickle it."""
    rng = np.random.default_rng(first)
    labels = [(first + row) % classes for row in range(count)]
    return {
        "batch_label": "a batch",
        "labels": labels,
        "data": rng.integers(0, 256, (count, 3072), dtype=np.uint8),
        "filenames": [f"picture_{first + row}.png" for row in range(count)],
    }


def tar_gz(members: dict[str, bytes]) -> bytes:
    """A .tar.gz of these members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@dataclass
class Tiny:
    """A CIFAR-10 of 200 + 40 images: its catalog entry, its archive and its batches."""

    spec: DataSet
    archive: bytes
    batches: dict[str, bytes]
    dicts: dict[str, dict]

    @property
    def catalog(self) -> dict[str, DataSet]:
        return {self.spec.name: self.spec}

    def with_archive(self, data: bytes) -> "Tiny":
        """The same data set if its official archive were `data`."""
        archive = replace(
            self.spec.archives[0],
            size=len(data),
            md5=hashlib.md5(data).hexdigest(),
            sha256=hashlib.sha256(data).hexdigest(),
        )
        return replace(self, spec=replace(self.spec, archives=(archive,)), archive=data)


def idx_bytes(values: np.ndarray) -> bytes:
    """An IDX file of uint8 values."""
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.astype(np.uint8).tobytes()


@dataclass
class Server:
    """A local server; `behave[path]` answers a request for that path."""

    address: str
    behave: dict[str, Callable] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"{self.address}/{path}"

    def add(self, path: str, behavior: Callable) -> str:
        self.behave["/" + path] = behavior
        return self.url(path)

    def count(self, path: str) -> int:
        return sum(asked == "/" + path for asked, _ in self.asked)


def offset_of(handler) -> int:
    value = handler.headers.get("Range")
    return int(value.removeprefix("bytes=").removesuffix("-")) if value else 0


def head(handler, total: int, offset: int, **headers) -> None:
    """Status line and headers of an honest answer, some replaced; None leaves one out."""
    values = {"Content-Length": str(total - offset), "Content-Type": "application/gzip"}
    if offset:
        values["Content-Range"] = f"bytes {offset}-{total - 1}/{total}"
    values |= {name.replace("_", "-"): value for name, value in headers.items()}
    handler.send_response(206 if offset else 200)
    for name, value in values.items():
        if value is not None:
            handler.send_header(name, value)
    handler.end_headers()


def good(data: bytes, **headers):
    """Serves the file, with Range."""

    def behave(handler, _state):
        offset = offset_of(handler)
        if offset and offset >= len(data):
            handler.send_error(416)
            return
        head(handler, len(data), offset, **headers)
        handler.wfile.write(data[offset:])

    return behave


def crawls(data: bytes, rate: float, step: int = 1000):
    """Serves the file at `rate` bytes per second, with Range."""

    def behave(handler, state):
        offset = offset_of(handler)
        head(handler, len(data), offset)
        while offset < len(data) and not state.stopping.wait(step / rate):
            handler.wfile.write(data[offset : offset + step])
            offset += step

    return behave


def stops_after(data: bytes, count: int, stall: bool = False):
    """Sends `count` bytes of what was asked for, then closes the connection, or says no more."""

    def behave(handler, state):
        offset = offset_of(handler)
        head(handler, len(data), offset)
        handler.wfile.write(data[offset : offset + count])
        handler.wfile.flush()
        if stall:
            state.stopping.wait(20)

    return behave


def ignores_range(data: bytes):
    def behave(handler, _state):
        head(handler, len(data), 0)
        handler.wfile.write(data)

    return behave


def status(code: int, body: bytes = b""):
    def behave(handler, _state):
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def web_page(handler, _state):
    """What a captive portal answers to anything."""
    page = b"<html><body>Please log in.</body></html>"
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html; charset=utf-8")
    handler.send_header("Content-Length", str(len(page)))
    handler.end_headers()
    handler.wfile.write(page)


def redirects_to_itself(handler, _state):
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


def drips_headers(handler, state):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while not state.stopping.wait(0.05):
        handler.wfile.write(b"X-Drip: 1\r\n")
        handler.wfile.flush()


def sends_more(data: bytes):
    """No length announced, and more bytes than the file has."""

    def behave(handler, _state):
        head(handler, len(data), 0, Content_Length=None, Connection="close")
        handler.wfile.write(data + b"more than there should be")

    return behave


def flipped(data: bytes, place: int | None = None) -> bytes:
    """The data with one bit changed."""
    place = len(data) // 2 if place is None else place
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
