"""A tiny data set in the official layouts, and a server that misbehaves as it is told."""

import gzip
import hashlib
import io
import os
import pickle
import struct
import tarfile
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from helpers.formats import DataSet, File, catalog


def batch(count: int, seed: int) -> dict:
    """A CIFAR-10 batch as its author would pickle it."""
    rng = np.random.default_rng(seed)
    return {
        "batch_label": "a batch",
        "labels": [int(label) for label in rng.permutation(np.arange(count) % 10)],
        "data": rng.integers(0, 256, (count, 3072), dtype=np.uint8),
        "filenames": [f"image_{row}.png" for row in range(count)],
    }


def tar_gz(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def published_as(data: bytes, name: str, **content) -> File:
    """The entry of a file if `data` were what its authors published."""
    return File(name, len(data), sha256(data), **content)


@dataclass
class Tiny:
    """A CIFAR-10 of 200 + 40 images: its entry in the catalog, its archive and its batches."""

    spec: DataSet
    archive: bytes
    batches: dict[str, bytes]
    dicts: dict[str, dict]


def tiny_cifar() -> Tiny:
    names = [name for name, _ in catalog()["cifar10"].batches]
    dicts = {name: batch(40, seed) for seed, name in enumerate(names)}
    batches = {name: pickle.dumps(value, protocol=2) for name, value in dicts.items()}
    data = tar_gz({f"cifar-10-batches-py/{name}": value for name, value in batches.items()})
    spec = replace(
        catalog()["cifar10"],
        batches=tuple((name, sha256(value)) for name, value in batches.items()),
        files=(published_as(data, "cifar-10-python.tar.gz"),),
    )
    return Tiny(spec, data, batches, dicts)


def idx_bytes(values: np.ndarray) -> bytes:
    """An IDX file of uint8 values."""
    header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return header + values.astype(np.uint8).tobytes()


def tiny_fashion() -> tuple[DataSet, dict[str, bytes]]:
    """A Fashion-MNIST of 100 + 20 images: its entry in the catalog and its packed files."""
    rng, parts = np.random.default_rng(0), []
    for count in (100, 20):
        parts += [rng.integers(0, 256, (count, 28, 28)), np.arange(count) % 10]
    files, contents = [], {}
    for known, values in zip(catalog()["fashion_mnist"].files, parts, strict=True):
        plain = idx_bytes(values)
        contents[known.name] = gzip.compress(plain, mtime=0)
        content = {"content_hash": sha256(plain), "content_size": len(plain)}
        files.append(published_as(contents[known.name], known.name, **content))
    return replace(catalog()["fashion_mnist"], files=tuple(files)), contents


class Runs:
    """Makes a folder when unpickled by Python: the mark of code that ran."""

    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.mkdir, (self.marker,)


def flipped(data: bytes) -> bytes:
    """The data with one bit changed."""
    place = len(data) // 2
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


# The server: `behave[path]` answers a request for that path.
@dataclass
class Server:
    address: str = ""
    behave: dict[str, Callable] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)  # path and Range
    stopping: threading.Event = field(default_factory=threading.Event)

    def add(self, path: str, behavior: Callable) -> str:
        self.behave["/" + path] = behavior
        return f"{self.address}/{path}"

    def count(self, path: str) -> int:
        return sum(asked == "/" + path for asked, _ in self.asked)


@contextmanager
def running_server():
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.close_connection = True
            state.asked.append((self.path, self.headers.get("Range")))
            with suppress(BrokenPipeError, ConnectionResetError):
                state.behave.get(self.path, status(404))(self, state)

        def do_CONNECT(self):  # as a proxy
            status(407)(self, state)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield state
    state.stopping.set()
    server.shutdown()
    server.server_close()


def status(code: int, body: bytes = b"", **headers):
    """Answers with this status, body and headers."""

    def behave(handler, _state):
        handler.send_response(code)
        for name, value in ({"Content_Length": len(body)} | headers).items():
            handler.send_header(name.replace("_", "-"), str(value))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def good(data: bytes, **headers):
    """Serves the file, with Range; some headers may lie."""
    return _serves(data, lambda rest, _state: [rest], headers)


def crawls(data: bytes, rate: float):
    """Serves the file at `rate` bytes per second, with Range."""

    def pieces(rest, state):
        step = max(1, int(rate / 100))
        for start in range(0, len(rest), step):
            if not state.stopping.wait(0.01):
                yield rest[start : start + step]

    return _serves(data, pieces)


def stops_after(data: bytes, count: int, stall: bool = False):
    """Sends `count` bytes of what was asked for, then closes the connection, or says no more."""

    def pieces(rest, state):
        yield rest[:count]
        state.stopping.wait(20 if stall else 0)

    return _serves(data, pieces)


def _serves(data: bytes, pieces: Callable, headers: dict | None = None):
    def behave(handler, state):
        asked = handler.headers.get("Range", "bytes=0-")
        offset = int(asked.removeprefix("bytes=").removesuffix("-"))
        known = {"Content_Range": f"bytes {offset}-{len(data) - 1}/{len(data)}"} if offset else {}
        known["Content_Length"] = len(data) - offset
        code = 206 if offset else 200
        status(code, **(known | (headers or {})))(handler, state)
        for piece in pieces(data[offset:], state):
            handler.wfile.write(piece)

    return behave
