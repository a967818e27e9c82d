"""What the pencils lie on: wood, paper, cloth, and a desk with other things on it."""

from collections.abc import Callable

import numpy as np

from helpers.photos.synthetic.noise import value_noise

_WOODS = [(0.62, 0.43, 0.26), (0.80, 0.64, 0.44), (0.42, 0.27, 0.17), (0.70, 0.58, 0.46)]
_CLOTHS = [
    (0.30, 0.38, 0.52),
    (0.62, 0.22, 0.22),
    (0.55, 0.55, 0.52),
    (0.28, 0.42, 0.32),
    (0.84, 0.80, 0.72),
    (0.20, 0.20, 0.24),
]
_DESKS = [(0.86, 0.86, 0.85), (0.30, 0.31, 0.33), (0.74, 0.70, 0.63), (0.55, 0.62, 0.68)]
_NOTES = [(0.96, 0.90, 0.42), (0.95, 0.60, 0.66), (0.62, 0.84, 0.62), (0.97, 0.97, 0.95)]
_INKS = [(0.12, 0.16, 0.42), (0.15, 0.15, 0.16), (0.60, 0.12, 0.14)]


def surface(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """One of the surfaces, turned and shifted.

    Args:
        rng: decides everything about it.
        x, y: (h, w) float32, millimeters, 0 in the middle of the picture.

    Returns:
        (h, w, 3) float32, colors around 0..1, not yet lit.
    """
    kinds: list[Callable] = [_wood, _paper, _cloth, _desk]
    paint = kinds[rng.integers(len(kinds))]
    angle = rng.uniform(0, 2 * np.pi)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    shift_x, shift_y = rng.uniform(-60, 60, 2).astype(np.float32)
    return paint(rng, cos * x + sin * y + shift_x, cos * y - sin * x + shift_y)


def _wood(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Grain along x: lines that run together and apart, and gaps between planks."""
    wander = value_noise(rng, x / 6, y, 9) * rng.uniform(10, 28)
    rings = 0.5 + 0.5 * np.sin((y + wander) * rng.uniform(0.5, 1.4))
    fibers = value_noise(rng, x / 14, y, 0.7)
    light = 0.78 + rng.uniform(0.08, 0.25) * rings + 0.16 * fibers
    if rng.random() < 0.5:
        plank = rng.uniform(45, 110)
        light = np.where(np.mod(y, plank) < 1.0, light * 0.45, light)
    return light[..., None] * _color(rng, _WOODS)


def _paper(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """White or cream, blank, ruled or squared, sometimes written on."""
    white = np.array([0.93, 0.93, 0.93 - rng.uniform(0, 0.12)], np.float32)
    page = white * (0.96 + 0.06 * value_noise(rng, x, y, 22))[..., None]
    ruled, distance = rng.integers(3), rng.uniform(5, 9)
    line = np.array([0.55, 0.66, 0.82], np.float32)
    if ruled:
        page = _mix(page, line, 0.8 * _stroke(_to_line(y, distance), 0.25))
    if ruled == 2:
        page = _mix(page, line, 0.8 * _stroke(_to_line(x, distance), 0.25))
    if rng.random() < 0.5:  # handwriting: a wave that swells and stops between the words
        ink = _color(rng, _INKS)
        wave = 1.6 * np.sin(x * 1.9 + 3 * value_noise(rng, x, y * 0 + 3, 4))
        wave *= 0.3 + value_noise(rng, x, np.floor(y / distance), 3)
        words = value_noise(rng, x, 7 * np.floor(y / distance), 6) > 0.42
        page = _mix(page, ink, 0.8 * words * _stroke(_to_line(y + wave + 2.5, distance), 0.35))
    return page


def _cloth(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A weave with folds, plain or striped."""
    thread = 2 * np.pi / rng.uniform(0.9, 2.4)
    weave = np.sin(x * thread) * np.sin(y * thread)
    folds = value_noise(rng, x, y, rng.uniform(25, 60))
    light = 0.80 + 0.08 * weave + 0.35 * (folds - 0.3) + 0.08 * value_noise(rng, x, y, 0.8)
    colors = np.broadcast_to(_color(rng, _CLOTHS), (*x.shape, 3))
    if rng.random() < 0.4:
        period = rng.uniform(8, 40)
        stripes = np.mod(x, period) < period * rng.uniform(0.15, 0.5)
        colors = _mix(colors, _color(rng, _CLOTHS), 0.8 * stripes)
    return light[..., None] * colors


def _desk(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A plain top with notes, a ruler, a coin and a cup's ring."""
    speckle = 0.94 + 0.06 * value_noise(rng, x, y, 0.6) + 0.06 * value_noise(rng, x, y, 40)
    top = speckle[..., None] * _color(rng, _DESKS)
    for _ in range(rng.integers(1, 4)):
        paint = (_note, _ruler, _coin, _cup_ring)[rng.integers(4)]
        angle = rng.uniform(0, 2 * np.pi)
        cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
        left, up = x - rng.uniform(-110, 110), y - rng.uniform(-110, 110)
        top = paint(rng, top, cos * left + sin * up, cos * up - sin * left)
    return top


def _note(rng, top: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A square piece of colored paper with its shadow."""
    half = rng.uniform(20, 50)
    shadow = np.clip(1 - _outside(x - 2, y - 2, half, half) / 4, 0, 1)
    sheet = np.clip(0.5 - _outside(x, y, half, half), 0, 1)
    return _mix(top * (1 - 0.3 * shadow[..., None]), _color(rng, _NOTES), sheet)


def _ruler(rng, top: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """As long and thin as what is looked for, with a tick every millimeter or five."""
    half = rng.uniform(8, 16)
    body = np.clip(0.5 - _outside(x, y, 90, half), 0, 1)
    length = np.where(_to_line(x, 10) < 0.5, 7, 4)
    ticks = _stroke(_to_line(x, 5), 0.25) * (y > half - length)
    shade = _color(rng, [(0.90, 0.84, 0.62), (0.82, 0.84, 0.86), (0.45, 0.62, 0.75)])
    shadow = np.clip(1 - _outside(x - 1.5, y - 1.5, 90, half) / 3, 0, 1)
    ruler = _mix(np.broadcast_to(shade, top.shape), np.float32([0.15, 0.15, 0.15]), ticks)
    return _mix(top * (1 - 0.3 * shadow[..., None]), ruler, body)


def _coin(rng, top: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A metal disc with a rim."""
    radius, away = rng.uniform(8, 13), np.hypot(x, y)
    shade = _color(rng, [(0.72, 0.60, 0.35), (0.70, 0.70, 0.70), (0.62, 0.40, 0.28)])
    light = 0.85 + 0.2 * x / radius - 0.3 * _stroke(np.abs(away - radius * 0.88), 0.5)
    shadow = np.clip(1 - (np.hypot(x - 1, y - 1) - radius) / 2, 0, 1)
    coin = np.clip(light, 0, 1.2)[..., None] * shade
    return _mix(top * (1 - 0.35 * shadow[..., None]), coin, np.clip(radius - away + 0.5, 0, 1))


def _cup_ring(rng, top: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What a wet cup leaves."""
    stain = _stroke(np.abs(np.hypot(x, y) - rng.uniform(30, 42)), 1.2)
    return _mix(top, np.float32([0.35, 0.22, 0.12]), 0.35 * stain)


def _color(rng: np.random.Generator, choices: list[tuple[float, float, float]]) -> np.ndarray:
    """One of the colors, (3,) float32, not quite as it is in the list."""
    color = np.float32(choices[rng.integers(len(choices))])
    return np.clip(color + rng.normal(0, 0.03, 3), 0, 1).astype(np.float32)


def _mix(under: np.ndarray, over: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`share` (h, w) of `over` laid on `under`, both (h, w, 3) or (3,)."""
    share = np.asarray(share, np.float32)[..., None]
    return under + (over - under) * share


def _to_line(position: np.ndarray, period: float) -> np.ndarray:
    """Distance to the nearest multiple of the period."""
    return np.abs(np.mod(position + period / 2, period) - period / 2)


def _stroke(distance: np.ndarray, half_width: float) -> np.ndarray:
    """1 on a line, 0 off it, soft over half a millimeter."""
    return np.clip((half_width - distance) / 0.5 + 0.5, 0, 1)


def _outside(x: np.ndarray, y: np.ndarray, half_x: float, half_y: float) -> np.ndarray:
    """Distance to a rectangle, negative inside."""
    return np.maximum(np.abs(x) - half_x, np.abs(y) - half_y)
