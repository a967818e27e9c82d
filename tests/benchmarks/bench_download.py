"""How much sooner CIFAR-10 is there than through Keras' downloader when the main host crawls.

    python tests/benchmarks/bench_download.py [MEGABYTES]

A local server plays both hosts: the main one sends 80 kB/s, a second mirror sends freely. Ours asks
the main host first, as Keras does. By default the file has a tenth of the real size, 17 MB, which
takes Keras three and a half minutes.
"""

import contextlib
import hashlib
import io
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import course, download
from tests import hostile

RATE = 80_000  # bytes per second of the main host


def main() -> None:
    """Print both times and their ratio."""
    course.import_keras_quietly()
    import keras

    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 17
    data = np.random.default_rng(0).bytes(int(megabytes * 1e6))
    print(f"file: {megabytes:.0f} MB, main host {RATE / 1000:.0f} kB/s", flush=True)
    with hostile.running_server() as server, tempfile.TemporaryDirectory() as folder:
        slow = server.add("slow", hostile.crawls(data, RATE))
        fast = server.add("fast", hostile.good(data))
        begin = time.perf_counter()
        target = Path(folder) / "ours"
        download.fetch([slow, fast], target, hash=hostile.sha256(data), size=len(data))
        ours = time.perf_counter() - begin
        print(f"ours:  {ours:8.1f} s", flush=True)
        begin = time.perf_counter()
        digest = hashlib.sha256(data).hexdigest()
        with contextlib.redirect_stdout(io.StringIO()):  # its progress bar
            keras.utils.get_file("theirs", slow, file_hash=digest, cache_dir=folder)
        theirs = time.perf_counter() - begin
    print(f"keras: {theirs:8.1f} s\nratio: {theirs / ours:8.1f}")


if __name__ == "__main__":
    main()
