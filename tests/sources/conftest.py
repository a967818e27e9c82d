"""Fixtures: a tiny data set in the official layouts, and a server that does as it is told."""

import gzip
import hashlib
import pickle
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from helpers.sources.catalog import CATALOG, Archive, DataSet, Member
from tests.sources.hostile import Server, Tiny, batch, idx_bytes, tar_gz


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    """No test sees or changes the user's caches, or asks a real mirror."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    for name in ("COURSE_DATA", "COURSE_MIRRORS", "COURSE_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def tiny() -> Tiny:
    dicts = {f"data_batch_{number}": batch(40, 40 * number) for number in range(1, 6)}
    dicts["test_batch"] = batch(40, 1000)
    batches = {name: pickle.dumps(value, protocol=2) for name, value in dicts.items()}
    data = tar_gz({f"cifar-10-batches-py/{name}": value for name, value in batches.items()})
    spec = replace(
        CATALOG["cifar10"],
        train_count=200,
        test_count=40,
        members=tuple(
            Member(name, hashlib.md5(value).hexdigest(), name == "test_batch")
            for name, value in batches.items()
        ),
        archives=(Archive("cifar-10-python.tar.gz", None, None, None, ()),),
    )
    return Tiny(spec, b"", batches, dicts).with_archive(data)


@pytest.fixture(scope="session")
def tiny_fashion() -> tuple[DataSet, dict[str, bytes]]:
    """A Fashion-MNIST of 100 + 20 images: its catalog entry and its packed files."""
    rng = np.random.default_rng(0)
    parts = [
        rng.integers(0, 256, (100, 28, 28)),
        np.arange(100) % 10,
        rng.integers(0, 256, (20, 28, 28)),
        np.arange(20) % 10,
    ]
    archives, contents = [], {}
    for known, values in zip(CATALOG["fashion_mnist"].archives, parts, strict=True):
        plain = idx_bytes(values)
        packed = gzip.compress(plain, mtime=0)
        contents[known.filename] = packed
        archives.append(
            Archive(
                known.filename,
                len(packed),
                hashlib.md5(packed).hexdigest(),
                None,
                (),
                hashlib.sha256(plain).hexdigest(),
                len(plain),
            )
        )
    spec = replace(
        CATALOG["fashion_mnist"], train_count=100, test_count=20, archives=tuple(archives)
    )
    return spec, contents


@pytest.fixture
def server():
    """Runs while the test does."""
    state = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.close_connection = True
            state.asked.append((self.path, self.headers.get("Range")))
            behavior = state.behave.get(self.path)
            try:
                if behavior is None:
                    self.send_error(404)
                else:
                    behavior(self, state)
            except (BrokenPipeError, ConnectionResetError):
                pass

        def log_message(self, *_):
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

    httpd = Quiet(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    state.stopping.set()
    httpd.shutdown()
    httpd.server_close()
