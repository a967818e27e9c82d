"""Read one raw file of CIFAR-100, and hold everything in it against what it should be."""

import stat
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import unpickle
from helpers.sources.catalog import CATALOG

MAX_BYTES = 200 * 2**20  # the largest published file, `train`, has 155 MB
_ROW = 3 * 32 * 32
_FRESH = "get a fresh copy"
_LABELS = {
    "fine_labels": len(CATALOG["cifar100"].class_names),
    "coarse_labels": len(CATALOG["cifar100"].coarse_names),
}
_BATCH = {"data", *_LABELS, "filenames", "batch_label"}
_META = {"fine_label_names", "coarse_label_names"}


def read_pickle(path: str | Path) -> dict[str, object]:
    """Read a raw file of CIFAR-100 without running what may be in it.

    Args:
        path: the file `train`, `test` or `meta`.

    Returns:
        For `train` and `test` a dictionary with `data`, (n, 3072) uint8; `fine_labels`, a list of
        n integers in 0 to 99; `coarse_labels`, n integers in 0 to 19; `filenames`, n texts;
        `batch_label`, a text. For `meta`, `fine_label_names` and `coarse_label_names`, lists of
        texts.

    Raises:
        UserError: there is no such file, it is a link or far too large, its pickle wants more
            than plain values and uint8 arrays, or its content is not CIFAR-100's.
    """
    path = Path(path).expanduser()
    content = unpickle.load(_read_bytes(path), path)
    expected = _META if _META & content.keys() else _BATCH
    if missing := sorted(expected - content.keys()):
        raise UserError(f"{path} lacks '{missing[0]}': it is no file of CIFAR-100; {_FRESH}")
    if unknown := sorted(content.keys() - expected):
        raise UserError(
            f"{path} has an unknown entry '{unknown[0][:40]!s}': it is no file of CIFAR-100; "
            f"{_FRESH}"
        )
    return _checked_names(content, path) if expected is _META else _checked_batch(content, path)


def _read_bytes(path: Path) -> bytes:
    try:
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            raise UserError(f"{path} is a link: name the file itself")
        if not stat.S_ISREG(info.st_mode):
            raise UserError(f"{path} is no file: name `train`, `test` or `meta` in it")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{path} cannot be read ({reason}): check its name") from None
    if not data:
        raise UserError(f"{path} is empty: {_FRESH}")
    if len(data) > MAX_BYTES:
        raise UserError(f"{path} has over {MAX_BYTES >> 20} MB, far too much: {_FRESH}")
    return data


def _checked_batch(content: dict[str, object], path: Path) -> dict[str, object]:
    pixels = content["data"]
    if not isinstance(pixels, np.ndarray) or pixels.ndim != 2 or pixels.shape[1] != _ROW:
        found = f"shape {pixels.shape}" if isinstance(pixels, np.ndarray) else "no array"
        raise UserError(f"{path}: 'data' has {found}, expected (n, {_ROW}): {_FRESH}")
    count = len(pixels)
    for key, classes in _LABELS.items():
        _check_labels(content[key], key, count, classes, path)
    _check_map(content["fine_labels"], content["coarse_labels"], path)
    return {
        "data": pixels,
        "fine_labels": content["fine_labels"],
        "coarse_labels": content["coarse_labels"],
        "filenames": _texts(content["filenames"], "filenames", path, count),
        "batch_label": _texts([content["batch_label"]], "batch_label", path)[0],
    }


def _check_labels(labels: object, key: str, count: int, classes: int, path: Path) -> None:
    if not isinstance(labels, list) or not all(type(label) is int for label in labels):
        raise UserError(f"{path}: '{key}' is no list of whole numbers: {_FRESH}")
    if len(labels) != count:
        raise UserError(f"{path}: {len(labels)} {key} for {count} images: {_FRESH}")
    if any(not 0 <= label < classes for label in labels):
        raise UserError(f"{path}: {key} beyond 0 to {classes - 1}: {_FRESH}")


def _check_map(fine: list[int], coarse: list[int], path: Path) -> None:
    """Each fine class must lie in one superclass."""
    first: dict[int, int] = {}
    for label, superclass in zip(fine, coarse, strict=True):
        if first.setdefault(label, superclass) != superclass:
            raise UserError(
                f"{path}: fine label {label} has coarse labels {first[label]} and {superclass}: "
                f"{_FRESH}"
            )


def _checked_names(content: dict[str, object], path: Path) -> dict[str, object]:
    names = {}
    for kind in ("fine_label", "coarse_label"):
        key, most = f"{kind}_names", _LABELS[f"{kind}s"]
        names[key] = _texts(content[key], key, path)
        if not 1 <= len(names[key]) <= most:
            raise UserError(f"{path}: {len(names[key])} {key}, expected 1 to {most}: {_FRESH}")
    return names


def _texts(values: object, key: str, path: Path, count: int | None = None) -> list[str]:
    """A list of texts; Python 2 wrote them as bytes."""
    if not isinstance(values, list) or not all(isinstance(text, str | bytes) for text in values):
        raise UserError(f"{path}: '{key}' is no text, or no list of texts: {_FRESH}")
    if count is not None and len(values) != count:
        raise UserError(f"{path}: {len(values)} {key} for {count} images: {_FRESH}")
    return [text.decode("latin-1") if isinstance(text, bytes) else text for text in values]
