"""How long CIFAR-10 takes from the course's cache, and as Keras reads its extracted archive.

    python tests/benchmarks/bench_load.py

Both read 50,000 + 10,000 images, the embedded sample repeated. Each figure is the fastest of five;
the files are in the system's memory in both cases.
"""

import os
import pickle
import sys
import tempfile
import timeit
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from helpers import course, datasets, formats, sources


def main() -> None:
    """Print both times and their ratio."""
    course.import_keras_quietly()
    from keras.src.datasets.cifar import load_batch

    spec, data = sources.sample(formats.catalog()["cifar10"])
    images, labels = np.tile(data.test_images, (20, 1, 1, 1)), np.tile(data.test_labels, 20)
    whole = np.tile(images, (5, 1, 1, 1)), np.tile(labels, 5), images, labels
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COURSE_CACHE"] = folder
        datasets.keep(spec, formats.Arrays(*whole, data.source, np.arange(50_000), 5000))
        pixels = np.ascontiguousarray(images.transpose(0, 3, 1, 2).reshape(10_000, -1))
        batch = Path(folder) / "batch"
        batch.write_bytes(pickle.dumps({b"data": pixels, b"labels": labels.tolist()}, protocol=3))

        def theirs():  # what keras.datasets.cifar10.load_data does once the archive is extracted
            parts = [load_batch(str(batch)) for _ in range(6)]
            train = np.concatenate([images for images, _ in parts[:5]])
            return np.ascontiguousarray(train.transpose(0, 2, 3, 1)), parts[5]

        ours = min(timeit.repeat(lambda: datasets.fetch("cifar10"), repeat=5, number=1))
        keras = min(timeit.repeat(theirs, repeat=5, number=1))
    print(
        f"ours:  {1000 * ours:8.0f} ms\nkeras: {1000 * keras:8.0f} ms\nratio: {keras / ours:8.1f}"
    )


if __name__ == "__main__":
    main()
