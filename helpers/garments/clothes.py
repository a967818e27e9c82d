"""Outlines of clothes, flat as on a shop's picture; each maker draws its own sizes."""

import numpy as np

from helpers.garments.drawing import Shape, mirrored

_DARKER, _SEAM = 0.72, 0.018  # of the cloth's color; width in units, a garment is 2 to 3 high


def t_shirt(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """Short sleeves, round neck, sometimes stripes or a print."""
    sleeve, width, hem = rng.uniform(0.82, 0.98), rng.uniform(0.54, 0.62), rng.uniform(1.1, 1.35)
    body = mirrored(
        [
            (0.24, -0.98),
            (0.60, -0.86),
            (sleeve, -0.34),
            (sleeve - 0.22, -0.18),
            (width + 0.02, -0.42),
            (width - 0.03, 0.3),
            (width, hem),
        ]
    )
    shapes = [Shape(body, color, smooth=False, shade=0.18)]
    decoration = rng.integers(3)
    if decoration == 1:
        shapes += _stripes(width - 0.04, hem, _another(rng, color))
    elif decoration == 2:
        square = np.array([(-0.25, -0.3), (0.25, -0.3), (0.25, 0.2), (-0.25, 0.2)])
        shapes.append(Shape(square, _another(rng, color), smooth=False))
    shapes.append(Shape(_neck(0.24, -0.98, 0.16), color * _DARKER, smooth=False))
    seams = [[(side * 0.60, -0.86), (side * (width + 0.02), -0.42)] for side in (-1, 1)]
    return shapes + [_seam(seam, color) for seam in seams]


def trousers(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """Long, narrow or wide."""
    ankle, length = rng.uniform(0.18, 0.3), rng.uniform(1.2, 1.45)
    body = mirrored(
        [
            (0.40, -1.0),
            (0.50, -0.55),
            (0.30 + ankle / 2, 0.4),
            (0.13 + ankle, length),
            (0.12, length),
            (0.015, -0.3),
        ]
    )
    fly = [(0, -0.95), (0.03, -0.6), (0, -0.32)]
    pockets = [[(side * 0.26, -0.88), (side * 0.43, -0.66)] for side in (-1, 1)]
    band = [(-0.41, -0.91), (0.41, -0.91)]
    return [
        Shape(body, color, smooth=False, shade=0.2),
        *(_seam(seam, color) for seam in (fly, band, *pockets)),
    ]


def skirt(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """From short to below the knee, straight or wide, with folds."""
    hem, length = rng.uniform(0.5, 0.95), rng.uniform(-0.05, 0.95)
    body = mirrored(
        [(0.38, -1.0), (0.44, -0.75), ((0.44 + hem) / 2, (length - 0.75) / 2), (hem, length)]
    )
    shapes = [Shape(body, color, smooth=False, shade=0.22)]
    for place in np.linspace(-0.7, 0.7, int(rng.integers(2, 7))):
        fold = [(place * 0.4, -0.7), (place * hem, length - 0.02)]
        shapes.append(_seam(fold, color))
    return [*shapes, _seam([(-0.385, -0.88), (0.385, -0.88)], color)]


def dress(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """With narrow shoulders or short sleeves, a waist, and a skirt that widens."""
    hem, length = rng.uniform(0.42, 0.75), rng.uniform(1.0, 1.5)
    shoulder = [(0.20, -1.1), (0.38, -1.06)]
    if rng.random() < 0.5:
        shoulder += [(0.60, -0.75), (0.47, -0.66)]
    waist = rng.uniform(0.26, 0.34)
    body = mirrored([*shoulder, (0.36, -0.72), (waist, -0.2), (waist + 0.12, 0.15), (hem, length)])
    folds = [[(side * 0.1, -0.15), (side * hem * 0.5, length - 0.03)] for side in (-1, 1)]
    return [
        Shape(body, color, smooth=False, shade=0.2),
        Shape(_neck(0.20, -1.1, 0.22), color * _DARKER, smooth=False),
        *(_seam(seam, color) for seam in ([(-waist, -0.2), (waist, -0.2)], *folds)),
    ]


def bag(rng: np.random.Generator, color: np.ndarray) -> list[Shape]:
    """A handbag with a handle, and a flap or a pocket."""
    top, height = rng.uniform(0.75, 0.95), rng.uniform(1.0, 1.3)
    body = mirrored([(top, -0.2), (0.97, height - 0.3), (0.93, height - 0.2)])
    reach, rise = rng.uniform(0.35, 0.55), rng.uniform(0.4, 0.75)
    handle = [(-reach, -0.15), (-reach * 0.8, -0.2 - rise), (reach * 0.8, -0.2 - rise)]
    shapes = [
        Shape(np.array([*handle, (reach, -0.15)]), color * 0.8, line=rng.uniform(0.06, 0.1)),
        Shape(body, color, smooth=False, shade=0.15),
    ]
    if rng.random() < 0.6:
        flap = mirrored([(top, -0.2), (top * 0.95, 0.2), (0.2, 0.32)])
        shapes.append(Shape(flap, color * 0.86, smooth=False, shade=0.1))
    buckle = np.array([(-0.07, 0.2), (0.07, 0.2), (0.07, 0.36), (-0.07, 0.36)])
    return [*shapes, Shape(buckle, np.array([0.78, 0.68, 0.42]), smooth=False)]


def _stripes(half: float, hem: float, color: np.ndarray) -> list[Shape]:
    rows = np.arange(-0.3, hem - 0.1, 0.22)
    return [
        Shape(
            np.array([(-half, y), (half, y), (half, y + 0.09), (-half, y + 0.09)]),
            color,
            smooth=False,
            shade=0.18,
        )
        for y in rows
    ]


def _neck(half: float, top: float, depth: float) -> np.ndarray:
    """The inside of the collar: half an ellipse that hangs from the shoulders."""
    angle = np.linspace(0, np.pi, 20)
    return np.stack([half * np.cos(angle), top + depth * np.sin(angle)], axis=1)


def _seam(points: list[tuple[float, float]], color: np.ndarray) -> Shape:
    return Shape(np.array(points), color * _DARKER, smooth=False, line=_SEAM)


def _another(rng: np.random.Generator, color: np.ndarray) -> np.ndarray:
    """A color for a decoration, light on dark cloth and dark on light cloth."""
    return rng.uniform(0.65, 0.9, 3) if color.mean() < 0.45 else rng.uniform(0.1, 0.35, 3)
