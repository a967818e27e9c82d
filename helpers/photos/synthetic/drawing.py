"""An implement into the picture: its shadow, then itself, lit from one side."""

from dataclasses import dataclass

import numpy as np

from helpers.photos.synthetic.implements import STEP, Implement

_AMBIENT = 0.42


@dataclass(frozen=True)
class Pose:
    """Where the axis begins (millimeters), where it points (radians), where the light is."""

    x: float
    y: float
    angle: float
    light: float  # direction it comes from, radians
    height: float  # of the light: 0 flat, 1 from above


def draw(canvas: np.ndarray, x: np.ndarray, y: np.ndarray, thing: Implement, pose: Pose) -> None:
    """Lay the implement and what is on it onto the canvas.

    Args:
        canvas: (h, w, 3) float32, changed in place.
        x, y: (h, w) float32, millimeters, evenly spaced.
        thing: the implement.
        pose: where it lies.
    """
    pixel = float(x[0, 1] - x[0, 0])
    _shade_under(canvas, x, y, thing, pose, pixel)
    _lay(canvas, x, y, thing, pose, pixel)
    for piece in thing.pieces:
        cos, sin = np.cos(pose.angle), np.sin(pose.angle)
        on_top = Pose(
            pose.x + piece.begin * cos - piece.offset * sin,
            pose.y + piece.begin * sin + piece.offset * cos,
            pose.angle,
            pose.light,
            pose.height,
        )
        if piece.gloss.any():  # a print casts no shadow
            _shade_under(canvas, x, y, piece, on_top, pixel)
        _lay(canvas, x, y, piece, on_top, pixel)


def _shade_under(canvas, x, y, thing: Implement, pose: Pose, pixel: float) -> None:
    """A soft shadow on the side away from the light."""
    reach = float(thing.radius.max()) * (1.5 - pose.height)
    softness = 0.35 * reach + 0.5
    dx, dy = -reach * np.cos(pose.light), -reach * np.sin(pose.light)
    box = _box(x, y, thing, pose, 2 * reach + softness)
    along, across = _axes(x[box] - dx, y[box] - dy, pose)
    radius = _look_up(thing.radius, along)
    inside = np.minimum(radius - np.abs(across), np.minimum(along, thing.length - along))
    shadow = np.clip(inside / (2 * softness + pixel) + 0.5, 0, 1)
    shadow *= shadow * (3 - 2 * shadow)
    canvas[box] *= 1 - 0.55 * shadow[..., None]


def _lay(canvas, x, y, thing: Implement, pose: Pose, pixel: float) -> None:
    """The implement itself: a body of revolution, or one with six sides."""
    box = _box(x, y, thing, pose, pixel)
    along, across = _axes(x[box], y[box], pose)
    radius = _look_up(thing.radius, along)
    ends = np.clip(np.minimum(along, thing.length - along) / pixel + 0.5, 0, 1)
    covered = np.clip((radius - np.abs(across)) / pixel + 0.5, 0, 1) * ends * (radius > 0)
    if not covered.any():
        return
    side = np.clip(across / np.maximum(radius, 0.05), -1, 1)
    normal = _facets(side) if thing.hexagonal else side
    sideways = np.sin(pose.light - pose.angle) * (1.1 - 0.6 * pose.height)
    facing = np.sqrt(1 - 0.95 * normal**2) * pose.height + normal * sideways
    lit = _AMBIENT + (1.05 - _AMBIENT) * np.clip(facing, 0, 1)
    shine = _look_up(thing.gloss, along) * np.exp(-(((normal - 0.6 * sideways) / 0.22) ** 2))
    color = _look_up(thing.color, along) * lit[..., None] + 0.55 * shine[..., None]
    canvas[box] += (color - canvas[box]) * covered[..., None]


def _facets(side: np.ndarray) -> np.ndarray:
    """Three of a pencil's six sides: the slope is constant on each, with narrow edges between."""
    return 0.8 * (np.clip((side - 0.5) * 8, -0.5, 0.5) + np.clip((side + 0.5) * 8, -0.5, 0.5))


def _axes(x: np.ndarray, y: np.ndarray, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Millimeters along the axis and across it."""
    cos, sin = np.float32(np.cos(pose.angle)), np.float32(np.sin(pose.angle))
    x, y = x - np.float32(pose.x), y - np.float32(pose.y)
    return cos * x + sin * y, cos * y - sin * x


def _look_up(table: np.ndarray, along: np.ndarray) -> np.ndarray:
    index = np.clip((along / STEP).astype(np.int32), 0, len(table) - 1)
    return table[index]


def _box(x, y, thing: Implement, pose: Pose, margin: float) -> tuple[slice, slice]:
    """Rows and columns that hold the implement; the rest of the picture is left alone."""
    reach = float(thing.radius.max()) + margin
    ends_x = [pose.x, pose.x + thing.length * np.cos(pose.angle)]
    ends_y = [pose.y, pose.y + thing.length * np.sin(pose.angle)]
    columns = np.searchsorted(x[0], [min(ends_x) - reach, max(ends_x) + reach])
    rows = np.searchsorted(y[:, 0], [min(ends_y) - reach, max(ends_y) + reach])
    return slice(*rows), slice(*columns)
