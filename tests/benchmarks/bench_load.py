"""How long CIFAR-10 takes from the kit's cache, and through keras.datasets from Keras' own cache.

    python tests/benchmarks/bench_load.py

Needs CIFAR-10 in the kit's cache. Keras gets an archive of the same images in the official layout,
in a cache of its own in a temporary folder; its expected hash is changed to that archive's. Every
"first" figure is a process of its own; imports are not counted, for they are made once. The files
are in the system's memory in both cases.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import official

_OURS = """
import json, time
import numpy as np
from helpers import datasets
from helpers.paths import cache_dir
cache = cache_dir()
def once(touch):
    start = time.perf_counter()
    data = datasets.load("cifar10", profile="full", offline=True, cache_dir=cache)
    if touch:
        for split in (data.train, data.val, data.test):
            np.asarray(split.images).reshape(-1).view(np.uint64).max()
    return time.perf_counter() - start
print(json.dumps([once(TOUCH) for _ in range(5)]))
"""
_KERAS = """
import json, sys, time
import numpy as np
from keras import datasets
from tests.benchmarks import official
official.expect(sys.argv[1])
def once(touch):
    start = time.perf_counter()
    (x_train, _), (x_test, _) = datasets.cifar10.load_data()
    if touch:
        for images in (x_train, x_test):
            # The same reading: along memory, eight bytes at a time.
            images.transpose(0, 3, 1, 2).reshape(-1).view(np.uint64).max()
    return time.perf_counter() - start
once(False)  # unpacks the archive, which later calls need not do
print(json.dumps([once(TOUCH) for _ in range(3)]))
"""


def measure(code: str, touch: bool, *arguments: str, **environment: str) -> list[float]:
    """Seconds of each repetition in a process of its own."""
    root = Path(__file__).resolve().parents[2]
    result = subprocess.run(
        [sys.executable, "-c", code.replace("TOUCH", str(touch)), *arguments],
        env=os.environ | environment | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONPATH": str(root)},
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    return json.loads(result.stdout.strip().splitlines()[-1])


def main() -> None:
    """Print the table."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "datasets" / "cifar-10-batches-py-target_archive"
        archive.parent.mkdir()
        archive.write_bytes(official.archive())
        digest = official.digest(archive)
        print(f"{'':42}{'ours':>12}{'keras':>11}{'ratio':>9}")
        for touch in (False, True):
            what = "all pixels read" if touch else "arrays at hand"
            ours = measure(_OURS, touch)
            keras = measure(_KERAS, touch, digest, KERAS_HOME=folder)
            for when, mine, theirs in (
                ("first load in a process", ours[0], keras[0]),
                ("repeated, fastest", min(ours[1:]), min(keras)),
            ):
                line = f"{when}, {what}"
                figures = f"{mine * 1000:9.1f} ms {theirs * 1000:7.0f} ms {theirs / mine:6.0f} x"
                print(f"{line:42}{figures}")


if __name__ == "__main__":
    main()
