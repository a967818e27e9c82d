"""Outlines, filled and shaded, onto a canvas: what the drawn garments are made of."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

_STEPS = 8  # points of the curve between two points of an outline


@dataclass(frozen=True, eq=False)
class Shape:
    """One piece of a garment.

    Attributes:
        outline: (k, 2) x and y; y grows downward. The garment's own units.
        color: (3,) in 0..1.
        smooth: draw a curve through the points, or straight edges.
        line: width of a stroke along the points in the garment's units, or 0 to fill.
        shade: how much darker its left and right edges are, 0..1.
    """

    outline: np.ndarray
    color: np.ndarray
    smooth: bool = True
    line: float = 0.0
    shade: float = 0.0


def mirrored(points: list[tuple[float, float]]) -> np.ndarray:
    """The right half of an outline, from top to bottom, and its mirror image at x = 0."""
    right = np.asarray(points, dtype=np.float32)
    left = right[::-1] * np.array([-1, 1], dtype=np.float32)
    return np.concatenate([right, left])


def bounds(shapes: list[Shape]) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and largest (x, y) of some shapes, (2,) each."""
    points = np.concatenate([shape.outline for shape in shapes])
    return points.min(axis=0), points.max(axis=0)


def paint(canvas: np.ndarray, shapes: list[Shape], scale: float, offset: np.ndarray) -> np.ndarray:
    """Lay shapes onto the canvas, the first one lowest.

    Args:
        canvas: (h, w, 3) float32 in 0..1, changed in place.
        shapes: what to draw.
        scale: pixels a unit.
        offset: (2,) where (0, 0) lies, in pixels.

    Returns:
        (h, w) bool, what is covered now.
    """
    covered = np.zeros(canvas.shape[:2], dtype=bool)
    for shape in shapes:
        points = shape.outline * scale + offset
        inside = _inside(canvas.shape[:2], points, shape, scale)
        canvas[inside] = shape.color * _shade(inside, points, shape.shade)[inside][:, None]
        covered |= inside
    return covered


def _inside(size: tuple[int, int], points: np.ndarray, shape: Shape, scale: float) -> np.ndarray:
    layer = Image.new("1", size[::-1])
    draw = ImageDraw.Draw(layer)
    if shape.line:
        curve = _curve(points, closed=False) if shape.smooth else points
        width = max(round(shape.line * scale), 1)
        draw.line([tuple(map(float, point)) for point in curve], 1, width, joint="curve")
    else:
        curve = _curve(points, closed=True) if shape.smooth else points
        draw.polygon([tuple(map(float, point)) for point in curve], 1)
    return np.array(layer)


def _shade(inside: np.ndarray, points: np.ndarray, depth: float) -> np.ndarray:
    """Darker toward both sides, as cloth that goes around a body, (h, w) float32."""
    left, right = points[:, 0].min(), points[:, 0].max()
    column = np.arange(inside.shape[1], dtype=np.float32)
    side = (2 * column - left - right) / max(right - left, 1)
    return np.broadcast_to(1 - depth * np.clip(side, -1, 1) ** 2, inside.shape)


def _curve(points: np.ndarray, closed: bool) -> np.ndarray:
    """A curve through all points (Catmull and Rom, 1974)."""
    if closed:
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        beyond = np.roll(points, -2, axis=0)
        here = points
    else:
        ends = np.concatenate([points[:1], points, points[-1:]])
        before, here, after, beyond = ends[:-3], ends[1:-2], ends[2:-1], ends[3:]
    t = (np.arange(_STEPS) / _STEPS)[None, :, None]
    before, here, after, beyond = (part[:, None] for part in (before, here, after, beyond))
    curve = 0.5 * (
        2 * here
        + (after - before) * t
        + (2 * before - 5 * here + 4 * after - beyond) * t**2
        + (3 * here - before - 3 * after + beyond) * t**3
    ).reshape(-1, 2)
    return curve if closed else np.concatenate([curve, points[-1:]])
