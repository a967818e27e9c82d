"""A data set as pictures in class folders: PATH/train/CLASS/*.png and PATH/test/CLASS/*.png.

With PATH/CLASS/*.png alone, a sixth of each class becomes the test part.
"""

import re
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import arrays, pictures
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP", ".bmp": "BMP"}
_PARTS = ("train", "test")


def is_folder(spec: DataSet, folder: Path) -> bool:
    """Whether a folder has at least half of the class folders, itself or in `train`."""
    wanted = {_plain(name) for name in spec.class_names}
    return any(
        len(wanted & {_plain(child.name) for child in base.iterdir() if child.is_dir()})
        >= len(wanted) / 2
        for base in (folder, folder / "train")
        if base.is_dir()
    )


def read(spec: DataSet, folder: Path, *, progress: bool = True) -> Arrays:
    """Read all pictures; each must have the data set's size.

    Raises:
        UserError: a class is missing or empty, or a file is not such a picture.
    """
    if (folder / "train").is_dir():
        for part in _PARTS:
            if not (folder / part).is_dir():
                raise UserError(f"{folder} has no folder '{part}': add it, with a folder a class")
        train, test = (_read_part(spec, folder / part, progress) for part in _PARTS)
        note = ""
    else:
        images, labels = _read_part(spec, folder, progress)
        test_rows = _sixth_of_each_class(labels)
        train_rows = np.setdiff1d(np.arange(len(labels)), test_rows)
        train = images[train_rows], labels[train_rows]
        test = images[test_rows], labels[test_rows]
        note = ", a sixth of each class taken as test part"
    source = (
        f"{len(train[1])} + {len(test[1])} pictures in the class folders of {folder.name}{note}"
    )
    return arrays.make(spec, folder, train, test, source, complete=False)


def _sixth_of_each_class(labels: np.ndarray) -> np.ndarray:
    """Sorted rows, at least one of each class, always the same for the same labels."""
    rng = np.random.default_rng(arrays.DEFAULT_SEED)
    by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    chosen = [rng.choice(rows, max(1, len(rows) // 6), replace=False) for rows in by_class]
    return np.sort(np.concatenate(chosen))


def _read_part(spec: DataSet, folder: Path, progress: bool) -> tuple[np.ndarray, np.ndarray]:
    from tqdm.auto import tqdm

    paths, labels = [], []
    by_name = {_plain(child.name): child for child in folder.iterdir() if child.is_dir()}
    for label, name in enumerate(spec.class_names):
        child = by_name.get(_plain(name))
        if child is None:
            raise UserError(f"{folder} has no folder for the class '{name}': add it")
        found = sorted(
            path for path in child.iterdir() if path.suffix.lower() in FORMATS and path.is_file()
        )
        if not found:
            raise UserError(f"{child} holds no pictures ({', '.join(FORMATS)}): add some")
        paths += found
        labels += [label] * len(found)
    limit = 4 * (spec.train_count + spec.test_count)
    if len(paths) > limit:
        raise UserError(f"{folder} holds {len(paths)} pictures, over {limit}: take fewer")
    height, width, channels = spec.image_shape
    images = np.empty((len(paths), *spec.image_shape), dtype=np.uint8)
    bar = tqdm(paths, desc=f"pictures in {folder.name}", unit="", disable=not progress)
    for row, path in enumerate(bar):
        images[row] = pictures.read(
            path,
            path,
            channels=channels,
            formats=(FORMATS[path.suffix.lower()],),
            size=(width, height),
        )
    return images, np.array(labels, dtype=np.int64)


def _plain(name: str) -> str:
    """A class name without what file systems do not allow: 'T-shirt/top' gives 't_shirt_top'."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
