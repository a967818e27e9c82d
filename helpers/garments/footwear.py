"""Outlines of shoes and boots, alone and in pairs. Seen from the side the toe points left."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from helpers.garments.drawing import Shape

_PALE = np.array([0.86, 0.85, 0.82])
_DARK = np.array([0.16, 0.14, 0.13])


def shoe(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """A sneaker from the side."""
    collar, toe = rng.uniform(-0.58, -0.44), rng.uniform(-0.02, 0.06)
    upper = [
        (-0.98, 0.20),
        (-0.90, toe),
        (-0.60, -0.08),
        (-0.25, -0.26),
        (0.08, collar),
        (0.22, collar + 0.02),
        (0.48, -0.30),
        (0.78, collar + 0.06),
        (0.92, collar + 0.04),
        (0.95, -0.1),
        (0.95, 0.26),
        (0.0, 0.28),
    ]
    sole_color = [_PALE, color * 0.55][rng.integers(2)]
    stripe = [(0.05, 0.14), (0.22, -0.02), (0.42, -0.12)]
    light = _PALE if color.mean() < 0.55 else color * 0.5
    laces = [[(x, y), (x + 0.15, y + 0.12)] for x, y in ((-0.36, -0.24), (-0.2, -0.33))]
    laces.append([(-0.05, -0.42), (0.09, -0.3)])
    return [
        Shape(np.array(upper), color, shade=0.12),
        Shape(_sole(0.18, rng.uniform(0.34, 0.4)), sole_color, smooth=False),
        Shape(np.array(stripe), light, line=0.07),
        *(Shape(np.array(lace), light, smooth=False, line=0.035) for lace in laces),
        Shape(np.array([(-0.62, -0.07), (-0.6, 0.18)]), color * 0.7, line=0.02),
    ]


def boot(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """A boot from the side, ankle-high to half-high, with a flat or a higher heel."""
    top, heel = -rng.uniform(0.75, 1.3), rng.uniform(0.36, 0.5)
    upper = [
        (-0.98, 0.20),
        (-0.92, 0.02),
        (-0.62, -0.12),
        (-0.26, -0.28),
        (-0.08, -0.56),
        (-0.10, top),
        (0.78, top - 0.02),
        (0.76, -0.5),
        (0.86, -0.15),
        (0.88, 0.24),
        (0.0, 0.24),
    ]
    block = [(0.42, 0.2), (0.92, 0.2), (0.9, heel), (0.5, heel)]
    under = [(-1.0, 0.18), (0.9, 0.18), (0.9, 0.26), (0.3, 0.27), (-0.98, min(0.3, heel))]
    return [
        Shape(np.array(upper), color, shade=0.15),
        Shape(np.array(block), _DARK, smooth=False),
        Shape(np.array(under), _DARK, smooth=False),
        Shape(np.array([(0.3, top + 0.03), (0.34, -0.2), (0.3, 0.1)]), color * 0.65, line=0.03),
        Shape(np.array([(-0.08, -0.5), (0.3, -0.2), (0.82, -0.15)]), color * 0.7, line=0.02),
    ]


def pair_of_shoes(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """One sneaker behind the other, or both from above."""
    if rng.random() < 0.5:
        return _behind(rng, shoe, color)
    return _twice(_shoe_from_above(color), apart=0.48)


def pair_of_boots(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """One boot behind the other, or both from the front."""
    if rng.random() < 0.5:
        return _behind(rng, boot, color)
    return _twice(_boot_from_front(rng, color), apart=rng.uniform(0.5, 0.58))


def _sole(top: float, bottom: float) -> np.ndarray:
    return np.array(
        [
            (-1.0, top),
            (0.97, top - 0.02),
            (1.0, top + 0.1),
            (0.96, bottom),
            (-0.9, bottom),
            (-1.02, bottom - 0.08),
        ]
    )


def _shoe_from_above(color: np.ndarray) -> list[Shape]:
    outline = [(0, -1.0), (0.28, -0.85), (0.36, -0.45), (0.28, 0.15), (0.30, 0.7), (0.18, 0.97)]
    half = np.array(outline)
    around = np.concatenate([half, half[:0:-1] * (-1, 1)])
    opening = np.array([(0, 0.05), (0.17, 0.2), (0.2, 0.55), (0.1, 0.85)])
    opening = np.concatenate([opening, opening[:0:-1] * (-1, 1)])
    light = _PALE if color.mean() < 0.55 else color * 0.5
    return [
        Shape(around * 1.06, _PALE * 0.9),
        Shape(around, color, shade=0.2),
        Shape(opening, _DARK),
        *(
            Shape(np.array([(-0.14, y), (0.14, y)]), light, smooth=False, line=0.04)
            for y in (-0.4, -0.26, -0.12)
        ),
    ]


def _boot_from_front(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    top = -rng.uniform(1.0, 2.0)
    half = np.array([(0.36, top), (0.30, -0.3), (0.33, 0.2), (0.38, 0.6), (0.3, 0.78)])
    around = np.concatenate([half, half[::-1] * (-1, 1)])
    rim = np.array([(-0.36, top), (-0.2, top + 0.07), (0.2, top + 0.07), (0.36, top)])
    toe = np.array([(-0.35, 0.62), (0.35, 0.62), (0.32, 0.84), (-0.32, 0.84)])
    return [
        Shape(toe, _DARK),
        Shape(around, color, smooth=False, shade=0.3),
        Shape(rim, _DARK),
        Shape(np.array([(-0.3, 0.3), (0, 0.2), (0.3, 0.3)]), color * 0.65, line=0.03),
    ]


def _behind(
    rng: np.random.Generator, maker: Callable[..., list[Shape]], color: np.ndarray
) -> list[Shape]:
    """The same shoe twice, one higher, to the right and behind."""
    front = maker(rng, color)
    offset = np.array([rng.uniform(0.25, 0.6), -rng.uniform(0.3, 0.6)])
    back = [replace(shape, outline=shape.outline * 0.94 + offset) for shape in front]
    return back + front


def _twice(one: list[Shape], apart: float) -> list[Shape]:
    """The same shoe left and right of the middle."""
    return [
        replace(shape, outline=shape.outline * (side, 1) + (side * apart, 0))
        for side in (-1, 1)
        for shape in one
    ]
