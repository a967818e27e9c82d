"""Where is the object? What differs from the background, which is what the border shows."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from helpers.errors import UserError

_CLOSE = 0.05 * 255  # the data set's own tolerance when it trims edges (Xiao et al., 2017)
_BIN = 16  # gray values; the background is the most frequent color at the border
_ROUNDS = 5  # of fitting the background
_SPECK = 0.02  # parts smaller than this share of the largest part are dust
_LEAST = 0.002  # share of the picture that an object must cover
_FINE = 100  # pixels: in smaller pictures a line may be one pixel wide, and is no speck


class Found(NamedTuple):
    """The object and what it lies on.

    Attributes:
        mask: (height, width) bool, True on the object.
        light: whether the background is lighter than mid-gray.
    """

    mask: np.ndarray
    light: bool


def find(rgb: np.ndarray) -> Found:
    """Tell the object from an even, or evenly shaded, background.

    The background is a color that changes linearly over the picture, fitted to the pixels at the
    border that have the border's most frequent color: an object may touch the border.

    Args:
        rgb: (height, width, 3) uint8.

    Raises:
        UserError: nothing stands out from the background.
    """
    background, tolerance = _background(rgb)
    mask = np.abs(rgb - background).max(axis=2) > tolerance
    mask = _without_specks(mask)
    if mask.mean() < _LEAST:
        raise UserError(
            "nothing stands out from the background: take a picture of one garment on an even "
            "background of another color"
        )
    return Found(mask, bool(background.mean() >= 127.5))


def _background(rgb: np.ndarray) -> tuple[np.ndarray, float]:
    """The background's color at each pixel, (height, width, 3) float32, and how far it strays."""
    height, width = rgb.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    thick = max(1, round(0.02 * min(height, width)))
    border = np.ones((height, width), dtype=bool)
    border[thick:-thick, thick:-thick] = False
    colors, terms_there = rgb[border].astype(np.float32), terms[border]
    constant = _most_frequent(colors)
    fit = np.zeros((3, 3), dtype=np.float32)
    fit[0] = constant
    for _ in range(_ROUNDS):  # the part that fits grows along a shaded background
        alike = np.abs(colors - terms_there @ fit).max(axis=1) <= 1.5 * _BIN
        fit, *_ = np.linalg.lstsq(terms_there[alike], colors[alike], rcond=None)
    if alike.mean() < 0.6:
        # Few pixels, or those of one edge alone, do not tell how the color changes.
        alike = np.abs(colors - constant).max(axis=1) <= 1.5 * _BIN
        fit = np.zeros((3, 3), dtype=np.float32)
        fit[0] = colors[alike].mean(axis=0)
    residual = np.abs(colors[alike] - terms_there[alike] @ fit).max(axis=1)
    tolerance = max(_CLOSE, 1.5 * float(np.quantile(residual, 0.95)))
    return terms @ fit, tolerance


def _most_frequent(colors: np.ndarray) -> np.ndarray:
    """The mean color of the fullest cell of a coarse grid of colors."""
    # Half a cell of offset: pure white and pure black lie inside a cell and not at its edge.
    cells = (colors.astype(np.int64) + _BIN // 2) // _BIN
    codes = cells @ np.array([1, 100, 10_000])
    _, which, counts = np.unique(codes, return_inverse=True, return_counts=True)
    return np.median(colors[which.reshape(-1) == counts.argmax()], axis=0)


def _without_specks(mask: np.ndarray) -> np.ndarray:
    """Drop single pixels and parts that are much smaller than the largest: noise and dust."""
    if min(mask.shape) >= _FINE:
        mask = ndimage.binary_opening(mask, np.ones((2, 2), dtype=bool))
    parts, count = ndimage.label(mask, np.ones((3, 3), dtype=bool))
    if not count:
        return mask
    sizes = np.bincount(parts.reshape(-1))
    sizes[0] = 0
    return (sizes >= _SPECK * sizes.max())[parts]
