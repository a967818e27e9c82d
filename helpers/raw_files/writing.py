"""Write CIFAR-100's raw files from arrays, in the layout of the published ones."""

import os
import pickle
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import sample
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import CATALOG, DataSet

NAMES = ("train", "test", "meta")
_SOURCE = "source.txt"  # written last: a folder that has it is complete


def make_example(folder: str | Path) -> Path:
    """Write files in CIFAR-100's format that hold the embedded sample of CIFAR-10.

    No image of CIFAR-100 ships with the course. The ten classes of CIFAR-10 take the place of the
    hundred fine ones, with two superclasses, animals and vehicles.

    Args:
        folder: where to put `train` (2,000 images), `test` (500) and `meta`; files of these names
            are replaced.

    Returns:
        The folder.

    Raises:
        UserError: the folder cannot be written.
    """
    spec = CATALOG["cifar10"]
    return write_arrays(
        Path(folder),
        spec,
        sample.read(spec),
        "a stand-in: the embedded sample of CIFAR-10 in CIFAR-100's format, with the superclasses "
        "animals and vehicles",
    )


def write_arrays(folder: Path, spec: DataSet, data: Arrays, source: str) -> Path:
    """Write a data set with superclasses in CIFAR-100's format, in its published order.

    The names of the pictures' files are made up from class and row; arrays do not know them.

    Args:
        folder: where to put the three files.
        spec: what `data` is; has superclasses.
        data: all images and labels.
        source: where they come from, for people.

    Raises:
        UserError: the folder cannot be written.
    """
    order = np.argsort(data.train_index, kind="stable")
    parts = {
        "train": (data.train_images[order], data.train_labels[order], "training batch 1 of 1"),
        "test": (data.test_images, data.test_labels, "testing batch 1 of 1"),
    }
    contents = {name: _batch(spec, *part) for name, part in parts.items()}
    contents["meta"] = {
        "fine_label_names": list(spec.class_names),
        "coarse_label_names": list(spec.coarse_names),
    }
    # Protocol 4 keeps bytes as they are; the older ones of Python 3 make pixels half as long again.
    return put(folder, {name: pickle.dumps(c, protocol=4) for name, c in contents.items()}, source)


def put(folder: Path, contents: Mapping[str, bytes], source: str) -> Path:
    """Write files so that nobody meets a half-written one, and note where they come from.

    Raises:
        UserError: the folder cannot be written.
    """
    folder = folder.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in {**contents, _SOURCE: source.encode()}.items():
            number, draft = tempfile.mkstemp(prefix=".draft-", dir=folder)
            try:
                with open(number, "wb") as file:
                    file.write(data)
                os.replace(draft, folder / name)
            finally:
                Path(draft).unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(
            f"{folder} cannot be written ({reason}): choose a folder with space that you may "
            "write to"
        ) from None
    return folder


def is_complete(folder: Path) -> bool:
    """Whether `put` has written all files of a folder."""
    return all((folder / name).is_file() for name in (*NAMES, _SOURCE))


def describe(folder: str | Path) -> str:
    """One line for people: where the raw files of a folder come from."""
    note = Path(folder).expanduser() / _SOURCE
    try:
        return "source: " + note.read_text(encoding="utf-8").splitlines()[0]
    except (OSError, ValueError, IndexError):
        return f"source: files in the folder {note.parent.name}"


def _batch(spec: DataSet, images: np.ndarray, labels: np.ndarray, title: str) -> dict:
    rows = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).reshape(len(images), -1)
    coarse = np.asarray(spec.fine_to_coarse)[labels]
    names = [f"{spec.class_names[label]}_{row:06d}.png" for row, label in enumerate(labels)]
    return {
        "filenames": names,
        "batch_label": title,
        "fine_labels": labels.tolist(),
        "coarse_labels": coarse.tolist(),
        "data": rows,
    }
