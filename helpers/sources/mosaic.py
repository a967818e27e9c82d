"""The course's own compact format: lossless WebP mosaics, `labels.npz` and `meta.json`.

`train_0.webp`, `train_1.webp`, … and `test_0.webp`, … hold the images as tiles, row by row;
`labels.npz` holds `train_fine` and `test_fine`, one label a tile (tiles beyond the last label are
empty), and may hold `train_index` and `test_index`, the rows of the published data set that a
sample was taken from. `meta.json` may give a source, class names and the files' sha256.
"""

import json
import zipfile
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import arrays, files, pictures
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet

_MAX_JSON = 2**20


def is_folder(folder: Path) -> bool:
    """Whether a folder looks like this format."""
    return all((folder / name).is_file() for name in ("meta.json", "labels.npz", "train_0.webp"))


def read_meta(folder: Path) -> dict:
    """The folder's `meta.json`.

    Raises:
        UserError: it is damaged.
    """
    path = folder / "meta.json"
    try:
        if path.stat().st_size > _MAX_JSON:
            raise ValueError("too large")
        meta = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(meta, dict):
            raise ValueError("no object")
    except (OSError, ValueError, RecursionError) as error:
        raise UserError(f"{path} cannot be read ({error}): get a fresh copy") from None
    return meta


def read(spec: DataSet, folder: Path, source: str) -> Arrays:
    """Read such a folder, whole data set or sample.

    Raises:
        UserError: a file is missing, damaged or not what it should be.
    """
    meta = read_meta(folder)
    names = meta.get("fine_label_names")
    if names is not None and tuple(names) != spec.class_names:
        raise UserError(f"{folder} holds other classes than {spec.title}: name another folder")
    labels = _read_labels(folder / "labels.npz")
    parts = [
        (_read_tiles(spec, folder, part, len(labels[f"{part}_fine"])), labels[f"{part}_fine"])
        for part in ("train", "test")
    ]
    result = arrays.make(spec, folder, *parts, source, complete=False)
    index = labels.get("train_index")
    val_count = meta.get("val_count")
    if index is None or type(val_count) is not int:
        return result
    count = len(result.train_labels)
    if index.shape != (count,) or not 0 <= val_count < count or len(np.unique(index)) != count:
        raise UserError(f"{folder / 'labels.npz'} does not fit its meta.json: get a fresh copy")
    return result._replace(train_index=index.astype(np.int64), val_count=val_count)


def problems(folder: Path) -> list[str]:
    """What differs from the hashes in `meta.json`: one line a file, none if all is well."""
    hashes = read_meta(folder).get("sha256")
    if not isinstance(hashes, dict) or not hashes:
        return [f"{folder / 'meta.json'} gives no hashes"]
    found = []
    for name, expected in sorted(hashes.items()):
        path = folder / Path(name).name
        if not path.is_file():
            found.append(f"{path} is missing")
        elif files.digest(path, "sha256") != expected:
            found.append(f"{path} differs from its hash")
    return found


def _read_labels(path: Path) -> dict[str, np.ndarray]:
    labels = {}
    try:
        with np.load(path, allow_pickle=False) as archive:
            for name in ("train_fine", "test_fine", "train_index", "test_index"):
                if name in archive.files:
                    labels[name] = archive[name]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} cannot be read ({error}): get a fresh copy") from None
    for name in ("train_fine", "test_fine"):
        if name not in labels:
            raise UserError(f"{path} lacks {name}: get a fresh copy")
    for name, values in labels.items():
        if values.ndim != 1 or values.dtype.kind not in "iu":
            raise UserError(f"{path}: {name} is not a list of integers: get a fresh copy")
    return labels


def _read_tiles(spec: DataSet, folder: Path, part: str, count: int) -> np.ndarray:
    """The first `count` tiles of a part's mosaics, (count, h, w, c) uint8."""
    height, width, channels = spec.image_shape
    tiles, found, number = [], 0, 0
    while found < count:
        path = folder / f"{part}_{number}.webp"
        if not path.is_file():
            raise UserError(
                f"{folder} has {found} {part} images for {count} labels: add {path.name}"
            )
        mosaic = pictures.read(path, path, channels=channels, formats=("WEBP",))
        if mosaic.shape[0] % height or mosaic.shape[1] % width:
            raise UserError(f"{path} is no mosaic of {height} x {width} tiles: get a fresh copy")
        tiles.append(pictures.untile(mosaic, height, width))
        found += len(tiles[-1])
        number += 1
    return np.concatenate(tiles)[:count]
