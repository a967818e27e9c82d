"""Smooth chance: noise that has a size in millimeters, whatever the number of pixels."""

import numpy as np

_CELLS = 32


def value_noise(rng: np.random.Generator, x: np.ndarray, y: np.ndarray, scale: float) -> np.ndarray:
    """Random values on a lattice, smoothly interpolated (Perlin's value noise).

    Args:
        rng: source of the lattice; the same number of draws whatever the shape of x and y.
        x, y: (h, w) float32, millimeters.
        scale: distance of two lattice points in millimeters; the pattern repeats after 32.

    Returns:
        (h, w) float32 in 0..1.
    """
    lattice = rng.random((_CELLS, _CELLS), dtype=np.float32)
    columns, right = _cells(x / scale)
    rows, down = _cells(y / scale)
    below, beside = (rows + 1) % _CELLS, (columns + 1) % _CELLS
    upper = lattice[rows, columns] * (1 - right) + lattice[rows, beside] * right
    lower = lattice[below, columns] * (1 - right) + lattice[below, beside] * right
    return upper * (1 - down) + lower * down


def _cells(position: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number of the lattice cell, and how far into it, eased so that no edge shows."""
    whole = np.floor(position)
    part = (position - whole).astype(np.float32)
    return whole.astype(np.int32) % _CELLS, part * part * (3 - 2 * part)
