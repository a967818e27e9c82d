"""Parts of the data that share a property, and how good the model is on each."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_numbers, read_right, same_length
from helpers.metrics.intervals import Interval, wilson

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601: green looks brightest
_CHUNK = 1000  # pictures at once: bounds the memory


class SliceRow(NamedTuple):
    """Pictures whose value lies between low and high, both included."""

    low: float
    high: float
    count: int
    interval: Interval  # accuracy with its 95 % interval (Wilson)


def brightness(images: np.ndarray) -> np.ndarray:
    """Mean brightness of each picture, as people see it.

    Args:
        images: (n, h, w, 3), (n, h, w, 1) or (n, h, w); uint8, or float in [0, 1].

    Returns:
        (n,) float64, 0 black to 1 white.

    Raises:
        UserError: no batch of pictures.
    """
    return _each(images, lambda batch: (batch @ _LUMA).mean(axis=(1, 2)))


def object_size(images: np.ndarray, threshold: float = 0.5) -> np.ndarray:
    """Share of the pixels that differ from the color of the border: a stand-in for object size.

    The background is taken to be the median color of the outermost pixels. A pixel counts if it
    is far from that color, compared with the picture's own most distant pixels (98th percentile);
    so a gray ship on a gray sea is seen too. This is an estimate: it fails where the background
    is busy, or the object has its color, reaches the border or is framed.

    Args:
        images: (n, h, w, 3), (n, h, w, 1) or (n, h, w); uint8, or float in [0, 1].
        threshold: from which part of the largest distance a pixel counts, between 0 and 1.

    Returns:
        (n,) float64 in [0, 1]; 0 for a picture of one color.

    Raises:
        UserError: no batch of pictures, or threshold is out of range.
    """
    if not (np.isscalar(threshold) and 0 < threshold < 1):
        raise UserError(f"threshold is {threshold!r}: pass a number between 0 and 1")
    return _each(images, lambda batch: _foreground(batch, threshold))


def by_slice(values: np.ndarray, right: np.ndarray, parts: int = 5) -> list[SliceRow]:
    """Accuracy in slices with (nearly) the same number of pictures, from low values to high.

    Pictures with the same value stay in one slice; so there may be fewer slices than asked for.

    Args:
        values: (n,) the property, such as `brightness(images)`.
        right: (n,) booleans, whether the prediction is right.
        parts: number of slices, 1 to n.

    Raises:
        UserError: lengths differ, or parts does not fit.
    """
    values = read_numbers(values, "values")
    right = read_right(right)
    same_length(values=values, right=right)
    if isinstance(parts, bool) or not isinstance(parts, int | np.integer):
        raise UserError(f"parts is {parts!r}: pass a whole number")
    if not 1 <= parts <= len(values):
        raise UserError(f"{parts} parts of {len(values)} pictures: pass 1 to {len(values)}")
    edges = np.quantile(values, np.linspace(0, 1, parts + 1)[1:-1])
    place = np.searchsorted(edges, values, side="right")
    rows = []
    for part in np.unique(place):
        members = place == part
        inside = values[members]
        rows.append(
            SliceRow(float(inside.min()), float(inside.max()), len(inside), wilson(right[members]))
        )
    return rows


def _each(images: np.ndarray, measure: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Measure pictures, given as (m, h, w, 3) float32 in [0, 1], a chunk at a time."""
    images = _read_pictures(images)
    scale = np.float32(255 if images.dtype == np.uint8 else 1)
    parts = []
    for start in range(0, len(images), _CHUNK):
        batch = images[start : start + _CHUNK].astype(np.float32) / scale
        parts.append(measure(np.broadcast_to(batch, (*batch.shape[:3], 3))))
    return np.concatenate(parts).astype(np.float64)


def _read_pictures(images: np.ndarray) -> np.ndarray:
    """Return images as (n, h, w, 1 or 3), or say why they are no pictures."""
    images = np.asarray(images)
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise UserError(f"an array of shape {images.shape}: expected images (n, h, w, channels)")
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise UserError(f"images of {images.dtype}: convert them with `.astype('uint8')`")
    low, high = float(images.min()), float(images.max())
    # Not "low < 0 or high > 1": a comparison with NaN is always false.
    if not (low >= 0 and high <= 1):
        raise UserError(f"float images from {low:.3g} to {high:.3g}: divide pixels by 255")
    return images


def _foreground(batch: np.ndarray, threshold: float) -> np.ndarray:
    """Share of pixels far from the border's color, (m,)."""
    sides = [batch[:, 0], batch[:, -1], batch[:, 1:-1, 0], batch[:, 1:-1, -1]]
    background = np.median(np.concatenate(sides, axis=1), axis=1)[:, None, None]
    distance = np.sqrt(((batch - background) ** 2).mean(axis=-1))
    farthest = np.quantile(distance, 0.98, axis=(1, 2), keepdims=True)
    return (distance > threshold * farthest).mean(axis=(1, 2))
