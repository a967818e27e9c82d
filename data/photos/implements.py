"""Drawn photos of markers, pencils, and pens on tables; `draw.py` writes them to files.

The class shows in details (a wooden cone, a metal tip, a felt tip, a clip, a cap). Body colors,
tables, and light are the same for all three. `rng` decides; x, y, and all lengths are
millimeters; colors are in 0..1. Implements are described along their axis, the tip first.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter


def colors(percent: str) -> np.ndarray:
    """Colors such as "86 68 10, 78 14 14", percent of red, green, and blue, as (n, 3) in 0..1."""
    return np.array([color.split() for color in percent.split(",")], float) / 100


STEP = 0.25  # millimeters between two entries of an implement's tables
BODIES = (
    "86 68 10, 78 14 14, 12 28 62, 10 45 25, 10 10 11, 92 92 90, 90 45 10, 48 20 50,"
    "20 58 72, 88 42 58, 58 58 60, 46 30 18"
)
METALS = "75 76 78, 80 68 42, 42 43 45"
CLOTHS = "30 38 52, 62 22 22, 55 55 52, 28 42 32, 84 80 72, 20 20 24"
GRAYS = "90 90 90, 14 14 15"
PALE, DARK = colors("86 85 82, 16 14 13")


def pick(rng, palette: str) -> np.ndarray:
    """One of the colors, (3,), not quite as it is in the list."""
    chosen = colors(palette)[rng.integers(1 + palette.count(","))]
    return np.clip(chosen + rng.normal(0, 0.04, 3), 0.02, 0.98)


def mix(under: np.ndarray, over: np.ndarray, part: np.ndarray) -> np.ndarray:
    """`part` (h, w) of `over` laid on `under`, both (h, w, 3) or (3,)."""
    return under + (over - under) * part[..., None]


def noise(rng, x: np.ndarray, y: np.ndarray, scale: float) -> np.ndarray:
    """Perlin's value noise in 0..1: random values on a lattice, smoothly interpolated."""
    lattice = rng.random((32, 32))
    column, row = np.floor(x / scale).astype(int), np.floor(y / scale).astype(int)
    right, down = (np.square(t) * (3 - 2 * t) for t in (x / scale - column, y / scale - row))
    corners = [[lattice[(row + i) % 32, (column + j) % 32] for j in (0, 1)] for i in (0, 1)]
    upper, lower = (a + (b - a) * right for a, b in corners)
    return upper + (lower - upper) * down


def stroke(distance: np.ndarray, half_width: float) -> np.ndarray:
    """1 on a line, 0 off it, soft over half a millimeter."""
    return np.clip((half_width - distance) / 0.5 + 0.5, 0, 1)


def to_line(position: np.ndarray, period: float) -> np.ndarray:
    """Distance to the nearest multiple of the period."""
    return np.abs(np.mod(position + period / 2, period) - period / 2)


def turned(rng, x: np.ndarray, y: np.ndarray) -> tuple:
    """The same coordinates, turned by any angle."""
    angle = rng.uniform(0, 2 * np.pi)
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def wood(rng, x, y):
    """Grain along x, and gaps between planks."""
    wander = noise(rng, x / 6, y, 9) * rng.uniform(10, 28)
    rings = 0.5 + 0.5 * np.sin((y + wander) * rng.uniform(0.5, 1.4))
    light = 0.78 + rng.uniform(0.08, 0.25) * rings + 0.16 * noise(rng, x / 14, y, 0.7)
    if rng.random() < 0.5:
        light = np.where(np.mod(y, rng.uniform(45, 110)) < 1.0, light * 0.45, light)
    return light[..., None] * pick(rng, "62 43 26, 80 64 44, 42 27 17, 70 58 46")


def paper(rng, x, y):
    """White or cream, blank, ruled or squared, sometimes written on."""
    white = np.array([0.93, 0.93, 0.93 - rng.uniform(0, 0.12)])
    page = white * (0.96 + 0.06 * noise(rng, x, y, 22))[..., None]
    ruled, distance, line = rng.integers(3), rng.uniform(5, 9), np.array([0.55, 0.66, 0.82])
    for position in (y, x)[:ruled]:
        page = mix(page, line, 0.8 * stroke(to_line(position, distance), 0.25))
    if rng.random() < 0.5:  # handwriting: a wave that swells and stops between the words
        row = np.floor(y / distance)
        wave = 1.6 * np.sin(x * 1.9) * (0.3 + noise(rng, x, row, 3))
        words = noise(rng, x, 7 * row, 6) > 0.42
        written = words * stroke(to_line(y + wave + 2.5, distance), 0.35)
        page = mix(page, pick(rng, "12 16 42, 15 15 16, 60 12 14"), 0.8 * written)
    return page


def cloth(rng, x, y):
    """A weave with folds, plain or striped."""
    thread = 2 * np.pi / rng.uniform(0.9, 2.4)
    folds = noise(rng, x, y, rng.uniform(25, 60)) - 0.3
    light = 0.80 + 0.08 * np.sin(x * thread) * np.sin(y * thread) + 0.35 * folds
    color = pick(rng, CLOTHS)
    if rng.random() < 0.4:
        period = rng.uniform(8, 40)
        stripes = np.mod(x, period) < period * rng.uniform(0.15, 0.5)
        color = mix(color, pick(rng, CLOTHS), 0.8 * stripes)
    return light[..., None] * color


def desk(rng, x, y):
    """A plain top with notes, rulers, coins, and the rings of a cup."""
    speckle = 0.94 + 0.06 * noise(rng, x, y, 0.6) + 0.06 * noise(rng, x, y, 40)
    top = speckle[..., None] * pick(rng, "86 86 85, 30 31 33, 74 70 63, 55 62 68")
    for _ in range(rng.integers(1, 4)):
        u, v = turned(rng, x - rng.uniform(-70, 70), y - rng.uniform(-70, 70))
        away, kind = np.hypot(u, v), rng.integers(4)
        if kind == 0:
            outside = np.maximum(np.abs(u), np.abs(v)) - rng.uniform(20, 50)
            thing = pick(rng, "96 90 42, 95 60 66, 62 84 62, 97 97 95")
        elif kind == 1:  # as long and thin as what is looked for
            half = rng.uniform(8, 16)
            outside = np.maximum(np.abs(u) - 90, np.abs(v) - half)
            long = np.where(to_line(u, 10) < 0.5, 7, 4)
            ticks = stroke(to_line(u, 5), 0.25) * (v > half - long)
            thing = mix(pick(rng, "90 84 62, 82 84 86, 45 62 75"), DARK, ticks)
        elif kind == 2:
            radius = rng.uniform(8, 13)
            outside = away - radius
            light = 0.85 + 0.2 * u / radius - 0.3 * stroke(np.abs(away - radius * 0.88), 0.5)
            thing = np.clip(light, 0, 1.2)[..., None] * pick(rng, METALS)
        else:
            ring = stroke(np.abs(away - rng.uniform(30, 42)), 1.2)
            top = mix(top, np.array([0.35, 0.22, 0.12]), 0.35 * ring)
            continue
        top = top * (1 - 0.3 * np.clip(1 - outside / 4, 0, 1)[..., None])  # its shadow
        top = mix(top, thing, np.clip(0.5 - outside, 0, 1))
    return top


class Body(NamedTuple):
    """Tables along an axis, one entry every `STEP`."""

    radius: np.ndarray  # (m,) millimeters
    color: np.ndarray  # (m, 3)
    gloss: np.ndarray  # (m,); 0 everywhere: a print, which has no shadow
    begin: float = 0.0  # where on the axis of the implement that it lies on
    offset: float = 0.0  # and how far beside that axis, millimeters
    hexagonal: bool = False


def part(length, start, end, color, gloss=0.35, dome="", ribs=0.0) -> tuple:
    """Tables of a piece, from radius `start` to `end`, rounded at its `dome`, with grooves."""
    count = max(1, round(length / STEP))
    along = (np.arange(count) + 0.5) / count
    radius = start + (end - start) * along
    if dome:
        low, high = sorted([start, end])
        low = low if low < high else 0.4 * high
        radius = low + (high - low) * np.sqrt(1 - (1 - along if dome == "start" else along) ** 2)
    grooves = 1 - ribs * (np.mod(np.arange(count) * STEP, 2.0) < 1.0)
    return radius, grooves[:, None] * color, np.full(count, gloss)


def joined(parts: list[tuple], **place) -> Body:
    """Some parts, one after another."""
    return Body(*map(np.concatenate, zip(*parts, strict=True)), **place)


def clip(rng, begin: float, length: float, radius: float, color) -> Body:
    """A narrow bar on the barrel, at a side of it now and then."""
    half, offset = rng.uniform(0.8, 1.4), radius * rng.uniform(-0.9, 0.9)
    bar = [part(length - 2, half, half, color, 0.7), part(2, half, half, color, 0.7, "end")]
    return joined(bar, begin=begin, offset=offset)


def imprint(rng, begin: float, radius: float) -> Body:
    """A maker's name, too small to read: marks of different lengths."""
    count = round(rng.uniform(15, 35) / STEP)
    marks = np.repeat(rng.random(count // 4 + 1) < 0.6, 4)[:count]
    color = np.full((count, 3), rng.choice([0.15, 0.9]))
    radii = np.where(marks, radius * rng.uniform(0.15, 0.3), 0)
    return Body(radii, color, np.zeros(count), begin, radius * rng.uniform(-0.4, 0.4))


def pencil(rng) -> list[Body]:
    """Round or hexagonal, graphite or colored, new or short, with an eraser or without."""
    radius, thick, body = rng.uniform(3.2, 4.8), rng.uniform(0.8, 1.5), pick(rng, BODIES)
    lead = body if rng.random() < 0.4 else pick(rng, "22 22 24")
    parts = [
        part(rng.uniform(2, 5), rng.uniform(0.25, 0.7), thick, lead),
        part(rng.uniform(9, 19), thick, radius, pick(rng, "85 66 46"), 0.05),
        part(rng.uniform(55, 145), radius, radius, body, rng.uniform(0.1, 0.6)),
    ]
    end = rng.integers(3)
    if end == 0:
        rubber = pick(rng, "86 50 50, 90 90 88")
        parts.append(
            part(rng.uniform(9, 13), radius, radius, pick(rng, "75 76 78, 80 68 42"), 0.8, ribs=0.3)
        )
        parts.append(part(rng.uniform(3, 8), radius, radius, rubber, 0.05, "end"))
    elif end == 1:
        parts.append(part(rng.uniform(4, 14), radius, radius, pick(rng, BODIES)))
    whole = joined(parts, hexagonal=rng.random() < 0.6)
    return [whole, *[imprint(rng, 45, radius)] * (rng.random() < 0.6)]


def pen(rng) -> list[Body]:
    """A ballpoint: with a push button, or with a cap that is on, off, or on the other end."""
    radius, body, metal = rng.uniform(3.8, 6.0), pick(rng, BODIES), pick(rng, METALS)
    fittings = metal if rng.random() < 0.5 else pick(rng, BODIES)
    wide, back = radius * 1.12, radius * rng.uniform(0.85, 1)
    barrel = part(rng.uniform(55, 80), radius, back, body, 0.5)
    kind = rng.choice(["button", "button", "on", "off", "behind"])
    if kind == "on":
        long = rng.uniform(40, 58)
        top = part(4, wide * 0.6, wide, fittings, 0.5, "start")
        parts = [top, part(long, wide, wide, fittings, 0.5), barrel]
        return [joined(parts), clip(rng, 2, long * 0.8, wide, metal)]
    grip = pick(rng, "14 14 15") if rng.random() < 0.4 else body
    tip = metal if rng.random() < 0.7 else fittings
    parts = [
        part(rng.uniform(2, 3.5), 0.35, 0.7, pick(rng, "75 76 78, 80 68 42"), 0.9),
        part(rng.uniform(7, 16), rng.uniform(1.0, 1.5), radius * 0.92, tip, 0.7),
        part(rng.uniform(20, 38), radius * 0.95, radius, grip, 0.2, ribs=rng.choice([0, 0.4])),
        barrel,
    ]
    if kind == "button":
        parts.append(part(3, radius, radius, fittings, 0.7))
        parts.append(part(rng.uniform(25, 35), radius, radius * 0.85, body, 0.5))
        parts.append(part(rng.uniform(5, 11), radius * 0.45, radius * 0.4, fittings, 0.7, "end"))
    elif kind == "behind":
        parts.append(part(rng.uniform(35, 45), wide, wide, fittings, 0.5))
    whole = joined([*parts, *[part(4, back, back * 0.7, fittings, 0.5, "end")] * (kind == "off")])
    bodies = [whole, *[imprint(rng, 50, radius)] * (rng.random() < 0.5)]
    if kind != "off":
        long = rng.uniform(26, 38)
        bodies.append(clip(rng, len(whole.radius) * STEP - long - 9, long, radius, metal))
    return bodies


def marker(rng) -> list[Body]:
    """A felt-tip pen, slim or thick, with its cap on, off, or on the other end."""
    radius, ink = rng.uniform(4.6, 8.5), pick(rng, BODIES)
    body = ink if rng.random() < 0.5 else pick(rng, GRAYS)
    wide, thick = radius * rng.uniform(1.0, 1.1), radius * rng.uniform(0.28, 0.42)
    barrel = part(rng.uniform(65, 95), radius, radius * rng.uniform(0.9, 1), body)
    plug = part(rng.uniform(5, 12), radius * 0.9, radius * 0.85, ink, dome="end")
    long = rng.uniform(30, 46)
    cap = part(long, wide, wide, ink, 0.4, ribs=rng.choice([0, 0, 0.25]))
    pieces = [imprint(rng, 45, radius)] * (rng.random() < 0.7)
    kind = rng.choice(["on", "off", "off", "behind"])
    if kind == "on":
        dome = part(rng.uniform(2, 5), wide * 0.7, wide, ink, 0.4, "start")
        if rng.random() < 0.35:
            pieces.append(clip(rng, 3, long * 0.75, wide, ink))
        return [joined([dome, cap, barrel, plug]), *pieces]
    collar = ink if rng.random() < 0.3 else pick(rng, GRAYS)
    parts = [
        part(rng.uniform(4, 7), thick * rng.uniform(0.5, 0.9), thick, ink * 0.7, 0.0, "start"),
        part(rng.uniform(5, 11), radius * 0.55, radius * 0.7, collar),
        part(rng.uniform(2, 5), radius * 0.75, radius, body),
    ]
    return [joined([*parts, barrel, plug if kind == "off" else cap]), *pieces]


MAKERS = {"markers": marker, "pencils": pencil, "pens": pen}


def lay(canvas, x, y, body: Body, place: tuple, angle: float, light: float, height: float) -> None:
    """Lay a body of revolution, or one with six sides, and its shadow onto the canvas.

    `place`: where its axis begins; `light`: the direction it comes from; `height`: 0 flat, 1 high.
    """
    pixel, length = x[0, 1] - x[0, 0], len(body.radius) * STEP
    cos, sin = np.cos(angle), np.sin(angle)
    reach = body.radius.max() * (1.5 - height) * (body.gloss.max() > 0)
    for away in (reach, 0):  # the shadow first
        left = x - place[0] - body.begin * cos + body.offset * sin + away * np.cos(light)
        up = y - place[1] - body.begin * sin - body.offset * cos + away * np.sin(light)
        along, across = cos * left + sin * up, cos * up - sin * left
        index = np.clip((along / STEP).astype(int), 0, len(body.radius) - 1)
        radius = body.radius[index]
        inside = np.minimum(radius - np.abs(across), np.minimum(along, length - along))
        if away:
            shadow = np.clip(inside / (0.7 * reach + 1 + pixel) + 0.5, 0, 1)
            canvas *= 1 - 0.55 * (shadow**2 * (3 - 2 * shadow))[..., None]
    covered = np.clip(inside / pixel + 0.5, 0, 1) * (radius > 0)
    side = np.clip(across / np.maximum(radius, 0.05), -1, 1)
    if body.hexagonal:  # three of six sides: the slope is constant on each
        side = 0.8 * sum(np.clip((side + edge) * 8, -0.5, 0.5) for edge in (-0.5, 0.5))
    sideways = np.sin(light - angle) * (1.1 - 0.6 * height)
    facing = np.sqrt(1 - 0.95 * side**2) * height + side * sideways
    shine = body.gloss[index] * np.exp(-(((side - 0.6 * sideways) / 0.22) ** 2))
    lit = (0.42 + 0.63 * np.clip(facing, 0, 1))[..., None]
    canvas[:] = mix(canvas, body.color[index] * lit + 0.55 * shine[..., None], covered)


def photo(kind: str, seed: list[int], width: int, height: int) -> Image.Image:
    """One or two implements of a kind on a table, as a cheap camera sees them."""
    rng = np.random.default_rng(seed)
    pixel = rng.uniform(28, 52) / min(width, height) / 2  # drawn twice as large
    x, y = np.meshgrid(*[(np.arange(2 * n) - n + 0.5) * pixel for n in (width, height)])
    paint = (wood, paper, cloth, desk)[rng.integers(4)]
    scene = paint(rng, *(c + rng.uniform(-60, 60) for c in turned(rng, x, y)))
    light, elevation = rng.uniform(0, 2 * np.pi), rng.uniform(0.6, 1.0)
    for _ in range(2 if rng.random() < 0.15 else 1):
        bodies, angle = MAKERS[kind](rng), rng.uniform(0, 2 * np.pi)
        # The tip lies in the photo; now and then it is the last third, and the tip is not seen.
        hidden = rng.uniform(0, 0.15) if rng.random() < 0.93 else rng.uniform(0.7, 1.0)
        before = hidden * len(bodies[0].radius) * STEP
        at = rng.uniform(-0.45, 0.45, 2) * (x[0, -1], y[-1, 0])
        place = at - before * np.array([np.cos(angle), np.sin(angle)])
        for body in bodies:
            lay(scene, x, y, body, place, angle, light, elevation)
    half, slope = np.hypot(x[0, 0], y[0, 0]), turned(rng, x, y)[0]
    lit = 1 + rng.uniform(0, 0.4) * slope / half
    lit -= rng.uniform(0, 0.35) * (x**2 + y**2) / half**2
    warmth, tint = rng.normal(0, 0.07), rng.normal(0, 0.02)
    scene *= lit[..., None] * [1 + warmth, 1 + tint, 1 - warmth] * rng.uniform(0.7, 1.15)
    image = as_image(scene.reshape(height, 2, width, 2, 3).mean(axis=(1, 3)))
    blur = ImageFilter.GaussianBlur(0.008 * rng.uniform() ** 2 * min(width, height))
    grain = rng.uniform(0.004, 0.03) * rng.standard_normal((height, width, 3))
    return as_image(np.asarray(image.filter(blur)) / 255 + grain)


def as_image(colors: np.ndarray) -> Image.Image:
    """Colors (h, w, 3) in 0..1 as an image."""
    return Image.fromarray(np.rint(255 * np.clip(colors, 0, 1)).astype(np.uint8))
