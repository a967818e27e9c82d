"""CIFAR-10 in the layout of its official archive, made from the cached images, for benchmarks."""

import hashlib
import inspect
import io
import pickle
import tarfile
from pathlib import Path

import numpy as np

from helpers import datasets, paths
from helpers.sources import store
from helpers.sources.catalog import CATALOG

SPEC = CATALOG["cifar10"]


def archive(per_batch: int = 10_000) -> bytes:
    """A .tar.gz with five training batches and a test batch of `per_batch` real images each."""
    data = store.load(paths.cache_dir(), SPEC)
    if data is None:  # noise of the right size would do, but real images pack like real ones
        sample = datasets.load("cifar10", profile="quick")
        train = sample.train.images, sample.train.labels
        test = tuple(np.asarray(part) for part in sample.test)
    else:
        train = data.train_images, data.train_labels
        test = data.test_images, data.test_labels
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=6) as tar:
        for number, member in enumerate(SPEC.members):
            images, labels = test if member.test else train
            rows = np.arange(number * per_batch, (number + 1) * per_batch) % len(images)
            pixels = images[rows].transpose(0, 3, 1, 2).reshape(per_batch, -1)
            batch = {
                b"batch_label": member.name.encode(),
                b"labels": labels[rows].tolist(),
                b"data": np.ascontiguousarray(pixels),
                b"filenames": [b"picture_%05d.png" % row for row in rows],
            }
            content = pickle.dumps(batch, protocol=3)  # older ones write bytes as a call
            info = tarfile.TarInfo(f"{SPEC.folder}/{member.name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def digest(path: Path) -> str:
    """sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def expect(digest: str, origin: str | None = None, rows: int = 10_000) -> None:
    """Make keras.datasets.cifar10 expect another archive, of `rows` images a batch.

    The hash, the address and the number of images are constants within `load_data`, so they are
    replaced in the compiled function; everything else is Keras' own code.
    """
    from keras import datasets as keras_datasets

    function = inspect.unwrap(keras_datasets.cifar10.load_data)
    new = {
        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce": digest,
        "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz": origin
        or "http://127.0.0.1:9/nowhere",
        50000: 5 * rows,
        10000: rows,
    }
    code = function.__code__
    constants = tuple(
        new.get(value, value) if isinstance(value, str | int) else value for value in code.co_consts
    )
    function.__code__ = code.replace(co_consts=constants)
