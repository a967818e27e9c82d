"""Is an exported file the same network, how large is it, and how fast?"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from helpers.errors import UserError
from helpers.export.formats import FORMATS
from helpers.export.running import Predict, predictor

_REPEATS = 20  # of one picture; the median is taken
_BATCH_REPEATS = 3


class Row(NamedTuple):
    """One file, measured."""

    format: str  # "keras", "onnx" or "litert"
    path: Path
    megabytes: float  # 10^6 bytes
    ms_single: float  # milliseconds for one picture, asked alone
    ms_batch: float  # milliseconds a picture, all pictures in one batch
    largest_difference: float  # of any probability, from the Keras model's
    same_class: float  # share of the pictures with the same likeliest class, in [0, 1]


def check(model: keras.Model, path: Path | str, images: np.ndarray) -> float:
    """The largest difference between the probabilities of a file and those of its model.

    Rounding alone gives about 1e-6; more than 1e-4 says that something was exported wrongly, or
    that weights were quantized.

    Args:
        model: the model that was exported.
        path: .keras, .onnx or .tflite file.
        images: (n, height, width, channels) pixels as the model takes them.

    Returns:
        0 or more; NaN if the file's answers hold NaN.

    Raises:
        UserError: the file can't be run, or pictures or outputs do not fit.
    """
    images = _checked(images)
    expected = np.asarray(model.predict_on_batch(images))
    return _largest_difference(expected, _run(predictor(path), images, Path(path)))


def compare(model: keras.Model, paths: Sequence[Path | str], images: np.ndarray) -> list[Row]:
    """Measure files of one model on this machine: size, time, differences.

    Args:
        model: the model that was exported.
        paths: .keras, .onnx and .tflite files.
        images: (n, height, width, channels) pixels as the model takes them; 32 are enough.

    Returns:
        A row for each file.

    Raises:
        UserError: a file can't be run, or pictures or outputs do not fit.
    """
    images = _checked(images)
    expected = np.asarray(model.predict_on_batch(images))
    rows = []
    for path in map(Path, paths):
        predict = predictor(path)
        found = _run(predict, images, path)  # the first call prepares much, and is not timed
        difference = _largest_difference(expected, found)
        batch = _milliseconds(predict, images, _BATCH_REPEATS) / len(images)
        predict(images[:1])
        single = _milliseconds(predict, images[:1], _REPEATS)
        same = float((found.argmax(axis=1) == expected.argmax(axis=1)).mean())
        format = next(name for name, ending in FORMATS.items() if ending == path.suffix)
        size = path.stat().st_size / 1e6
        rows.append(Row(format, path, size, single, batch, difference, same))
    return rows


def table(rows: Sequence[Row]) -> str:
    """Rows of `compare` as a text with aligned columns."""
    head = ("file", "MB", "ms, one picture", "ms, in a batch", "difference", "same class")
    lines = [head] + [
        (
            row.path.name,
            f"{row.megabytes:.2f}",
            f"{row.ms_single:.2f}",
            f"{row.ms_batch:.2f}",
            f"{row.largest_difference:.1e}",
            f"{100 * row.same_class:.0f} %",
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            [line[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True)]
        )
        for line in lines
    )


def example_images(model: keras.Model, count: int = 36) -> np.ndarray:
    """Pictures of a size that a model takes, to compare its files with: drawn, not real.

    Args:
        model: built model for pictures.
        count: how many.

    Returns:
        (count, height, width, channels) uint8; 32 x 32 where the model takes any size.

    Raises:
        UserError: the model takes no pictures.
    """
    from helpers import odd_pictures

    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4 or shape[3] not in (1, 3):
        raise UserError(
            f"the model takes {shape}, no pictures: it needs (n, height, width, 1 or 3)"
        )
    height, width = shape[1] or 32, shape[2] or 32
    each = -(-count // len(odd_pictures.KINDS))
    images = odd_pictures.draw(each, max(height, width, 8)).images[:count, :height, :width]
    return images if shape[3] == 3 else images[..., 1:2]


def _checked(images: np.ndarray) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 4 or not len(images):
        raise UserError(f"images of shape {images.shape}: pass (n, height, width, channels)")
    if images.dtype.kind not in "uif" or not np.isfinite(images).all():
        raise UserError(f"images of {images.dtype} with NaN or no numbers: pass pixels")
    return images


def _run(predict: Predict, images: np.ndarray, path: Path) -> np.ndarray:
    try:
        return np.asarray(predict(images))
    except Exception as error:
        first = (str(error) or type(error).__name__).strip().splitlines()[0][:120]
        raise UserError(
            f"{path.name} does not take images of shape {images.shape} ({first}): pass pictures "
            "of the model's size"
        ) from error


def _largest_difference(expected: np.ndarray, found: np.ndarray) -> float:
    if expected.shape != found.shape:
        raise UserError(
            f"the file gives {found.shape}, the model {expected.shape}: it belongs to another model"
        )
    return float(np.abs(expected - found).max())


def _milliseconds(predict: Predict, images: np.ndarray, repeats: int) -> float:
    """Median time of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        predict(images)
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))
