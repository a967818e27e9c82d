"""CIFAR-10 and CIFAR-100 as their author publishes them: pickled batches, packed or extracted.

Krizhevsky, A. (2009). Learning multiple layers of features from tiny images.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import arrays, files, unpickle
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet, Member


def read_archive(spec: DataSet, path: Path, source: str) -> Arrays:
    """Read the official archive, member by member and in memory. The caller has checked its hash.

    Raises:
        UserError: a batch is missing, unsafe, damaged or not what it should be.
    """
    names = {f"{spec.folder}/{member.name}": member for member in spec.members}
    found = files.read_tar(path, dict.fromkeys(names, _batch_limit(spec)))
    if missing := [name for name in names if name not in found]:
        raise UserError(
            f"{path} lacks {missing[0]}: it is not {spec.title}'s archive; get a fresh copy"
        )
    batches = ((member, f"{path}: {name}", found.pop(name)) for name, member in list(names.items()))
    return _assemble(spec, path, batches, source)


def read_folder(spec: DataSet, folder: Path, source: str) -> Arrays:
    """Read the extracted batches of a folder.

    Raises:
        UserError: as for `read_archive`.
    """
    limit = _batch_limit(spec)
    for member in spec.members:
        path = folder / member.name
        if not path.is_file():
            raise UserError(f"{folder} lacks {member.name}: extract the whole archive")
        if path.stat().st_size > limit:
            raise UserError(f"{path} is far too large for a batch: extract the archive anew")
    batches = (
        (member, folder / member.name, (folder / member.name).read_bytes())
        for member in spec.members
    )
    return _assemble(spec, folder, batches, source)


def is_official_folder(spec: DataSet, folder: Path) -> bool:
    """Whether every batch of an extracted folder is the published one, by md5."""
    return all(
        (folder / member.name).is_file()
        and member.md5 is not None
        and files.digest(folder / member.name, "md5") == member.md5
        for member in spec.members
    )


def _batch_limit(spec: DataSet) -> int:
    """Generous bound for one batch: all images, and 200 bytes of names and labels for each."""
    height, width, channels = spec.image_shape
    return max(spec.train_count, spec.test_count) * (height * width * channels + 200) + 2**16


def _assemble(
    spec: DataSet, where: Path, batches: Iterable[tuple[Member, object, bytes]], source: str
) -> Arrays:
    parts: dict[bool, list[tuple[np.ndarray, np.ndarray]]] = {False: [], True: []}
    for member, name, data in batches:
        parts[member.test].append(_read_batch(spec, data, name))
    train, test = (_join(parts[is_test]) for is_test in (False, True))
    return arrays.make(spec, where, train, test, source)


def _join(batches: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    images, labels = zip(*batches, strict=True)
    return np.concatenate(images), np.concatenate(labels)


def _read_batch(spec: DataSet, data: bytes, where: object) -> tuple[np.ndarray, np.ndarray]:
    """Images (n, h, w, c) and labels (n,) of one pickled batch."""
    batch = unpickle.load(data, where)
    height, width, channels = spec.image_shape
    pixels = batch.get("data")
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2:
        raise UserError(f"{where} has no table of pixels under 'data': get a fresh copy")
    if pixels.shape[1] != height * width * channels:
        raise UserError(
            f"{where} has {pixels.shape[1]} values an image, expected "
            f"{height * width * channels}: get a fresh copy"
        )
    labels = _labels(spec, batch, spec.label_key, len(pixels), spec.class_count, where)
    if spec.label_key == "fine_labels":
        coarse = _labels(spec, batch, "coarse_labels", len(pixels), len(spec.coarse_names), where)
        if not np.array_equal(np.asarray(spec.fine_to_coarse)[labels], coarse):
            raise UserError(f"{where}: fine and coarse labels contradict: get a fresh copy")
    images = pixels.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
    return images, labels


def _labels(
    spec: DataSet, batch: dict, key: str, count: int, classes: int, where: object
) -> np.ndarray:
    """(count,) int64 labels of a batch, each in [0, classes)."""
    labels = batch.get(key)
    if isinstance(labels, np.ndarray) and labels.ndim == 1:
        labels = labels.tolist()
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise UserError(f"{where} has no list of whole numbers under '{key}': get a fresh copy")
    if len(labels) != count:
        raise UserError(f"{where} has {len(labels)} labels for {count} images: get a fresh copy")
    if any(not 0 <= label < classes for label in labels):
        raise UserError(
            f"{where} has labels outside 0 to {classes - 1}, so it is not {spec.title}: "
            "get a fresh copy"
        )
    return np.array(labels, dtype=np.int64)
