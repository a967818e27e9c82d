"""One photo: a surface, one or two implements on it, light and camera."""

import numpy as np

from helpers.photos.synthetic.camera import develop, expose
from helpers.photos.synthetic.drawing import Pose, draw
from helpers.photos.synthetic.implements import Implement, marker, pen, pencil
from helpers.photos.synthetic.surfaces import surface

MAKERS = {"markers": marker, "pencils": pencil, "pens": pen}

_SMALL = 256  # pixels; smaller pictures are drawn at twice the size, for thin lines


def photo(kind: str, seed: int, index: int, width: int, height: int) -> tuple[np.ndarray, int]:
    """A photo of one or two implements of a kind.

    Args:
        kind: one of `MAKERS`.
        seed, index: the same two give the same scene, at any size.
        width, height: in pixels.

    Returns:
        pixels: (height, width, 3) uint8.
        quality: at which it is to be stored as JPEG.
    """
    rng = np.random.default_rng([seed, index])
    times = 2 if max(width, height) <= _SMALL else 1
    x, y = _grid(width * times, height * times, shorter_side=rng.uniform(28, 52))
    scene = np.ascontiguousarray(surface(rng, x, y), dtype=np.float32)
    light, elevation = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.0)
    for _ in range(2 if rng.random() < 0.15 else 1):
        thing = MAKERS[kind](rng)
        draw(scene, x, y, thing, _pose(rng, thing, x, y, light, elevation))
    lit = expose(rng, scene, x, y)
    lit = lit.reshape(height, times, width, times, 3).mean(axis=(1, 3))
    return develop(rng, lit)


def _grid(width: int, height: int, shorter_side: float) -> tuple[np.ndarray, np.ndarray]:
    """Millimeters of each pixel, (height, width) float32 twice, 0 in the middle."""
    pixel = shorter_side / min(width, height)
    columns = (np.arange(width) - (width - 1) / 2) * pixel
    rows = (np.arange(height) - (height - 1) / 2) * pixel
    x, y = np.meshgrid(columns.astype(np.float32), rows.astype(np.float32))
    return x, y


def _pose(rng, thing: Implement, x, y, light: float, height: float) -> Pose:
    """Turned anyhow; its tip lies in the picture, the rest may reach out of it.

    Now and then it is the last third, and the tip is out of sight.
    """
    angle = rng.uniform(0, 2 * np.pi)
    shown = rng.uniform(0, 0.15) if rng.random() < 0.93 else rng.uniform(0.7, 1.0)
    at_x, at_y = rng.uniform(-0.45, 0.45) * x[0, -1], rng.uniform(-0.45, 0.45) * y[-1, 0]
    before = shown * thing.length
    return Pose(
        float(at_x - before * np.cos(angle)),
        float(at_y - before * np.sin(angle)),
        angle,
        light,
        height,
    )
