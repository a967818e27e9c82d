"""How much sooner CIFAR-10 is there than through keras.datasets when the main host crawls.

    python tests/benchmarks/bench_download.py               (some four minutes)
    python tests/benchmarks/bench_download.py --full-size   (over half an hour)

A local server plays both hosts: the main one sends 80 kB/s, a second mirror sends freely. Ours
asks the main host first, as keras.datasets does. The archive holds real images in the official
layout. By default it is a tenth of the official size, so ours, which needs two seconds to find
out that the main host is slow, is measured against a tenth of Keras' waiting.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import datasets
from helpers.sources.catalog import Archive, Member
from tests.benchmarks import official

RATE = 80_000  # bytes per second of the main host
NAME = official.SPEC.archives[0].filename

_KERAS = """
import sys, time
from keras import datasets
from tests.benchmarks import official
official.expect(sys.argv[1], sys.argv[2], int(sys.argv[3]))
start = time.perf_counter()
(x, _), _ = datasets.cifar10.load_data()
assert x.shape == (5 * int(sys.argv[3]), 32, 32, 3)
print("seconds", time.perf_counter() - start)
"""


def serve(data: bytes) -> ThreadingHTTPServer:
    """Start the server of both hosts: /slow/NAME and /fast/NAME."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            wanted = self.headers.get("Range")
            offset = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(data) - offset))
            if wanted:
                self.send_header("Content-Range", f"bytes {offset}-{len(data) - 1}/{len(data)}")
            self.end_headers()
            step = RATE // 10 if self.path.startswith("/slow") else 2**20
            begin, sent = time.monotonic(), 0
            try:
                for start in range(offset, len(data), step):
                    self.wfile.write(data[start : start + step])
                    sent += step
                    if self.path.startswith("/slow"):
                        time.sleep(max(0, begin + sent / RATE - time.monotonic()))
            except OSError:
                return

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def ours(data: bytes, rows: int, mirrors: list[str]) -> float:
    """Seconds until `datasets.load` has handed out the arrays, with an empty cache."""
    archive = Archive(NAME, len(data), None, hashlib.sha256(data).hexdigest(), ())
    members = tuple(Member(member.name, None, member.test) for member in official.SPEC.members)
    spec = replace(
        official.SPEC, train_count=5 * rows, test_count=rows, archives=(archive,), members=members
    )
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KERAS_HOME"] = folder
        start = time.perf_counter()
        loaded = datasets.load(
            "cifar10", profile="full", mirrors=mirrors, cache_dir=folder, catalog={"cifar10": spec}
        )
        seconds = time.perf_counter() - start
    if "official archive" not in loaded.source:
        sys.exit(f"ours did not get the archive but {loaded.source}")
    return seconds


def keras(digest: str, origin: str, rows: int) -> float:
    """Seconds of `keras.datasets.cifar10.load_data()` with an empty cache, without the import."""
    root = Path(__file__).resolve().parents[2]
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"KERAS_HOME": folder, "PYTHONPATH": str(root)}
        result = subprocess.run(
            [sys.executable, "-c", _KERAS, digest, origin, str(rows)],
            env=environment | {"TF_CPP_MIN_LOG_LEVEL": "3"},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root,
        )
    return float(result.stdout.split()[-1])


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--full-size", action="store_true", help="the whole 170 MB")
    parser.add_argument("--rows", type=int, default=1000, help="images a batch (default 1000)")
    args = parser.parse_args()
    rows = 10_000 if args.full_size else args.rows
    data = official.archive(rows)
    server = serve(data)
    base = f"http://127.0.0.1:{server.server_port}"
    slow, fast = f"{base}/slow/{NAME}", f"{base}/fast/{NAME}"
    print(f"archive: {len(data) / 1e6:.1f} MB, main host {RATE / 1000:.0f} kB/s", flush=True)
    mine = ours(data, rows, [slow, fast])
    print(f"ours:  {mine:8.1f} s until the arrays are at hand", flush=True)
    theirs = keras(hashlib.sha256(data).hexdigest(), slow, rows)
    print(f"keras: {theirs:8.1f} s")
    print(f"ratio: {theirs / mine:8.1f}")
    server.shutdown()


if __name__ == "__main__":
    main()
