"""Pencils, pens and markers, described along their axis.

The three share one list of body colors, overlap in thickness, and wear caps or not. What tells
them apart are the details at their ends: a wooden cone with a lead, a thin metal tip or a clip, a
felt tip behind a collar or a wide cap.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

STEP = 0.25  # millimeters between two entries of the tables

_BODIES = [
    (0.86, 0.68, 0.10),
    (0.78, 0.14, 0.14),
    (0.12, 0.28, 0.62),
    (0.10, 0.45, 0.25),
    (0.10, 0.10, 0.11),
    (0.92, 0.92, 0.90),
    (0.90, 0.45, 0.10),
    (0.48, 0.20, 0.50),
    (0.20, 0.58, 0.72),
    (0.88, 0.42, 0.58),
    (0.58, 0.58, 0.60),
    (0.46, 0.30, 0.18),
]
_METALS = [(0.75, 0.76, 0.78), (0.80, 0.68, 0.42), (0.42, 0.43, 0.45)]
_WOOD = (0.85, 0.66, 0.46)


@dataclass(frozen=True)
class Part:
    """A piece of an implement: millimeters along the axis, and radii at its two ends."""

    length: float
    start: float
    end: float
    color: np.ndarray
    gloss: float = 0.3
    rounded: str = ""  # "start" or "end": a dome instead of a cone
    ribs: float = 0.0  # depth of grooves across the axis, 0..1


@dataclass(frozen=True)
class Implement:
    """Tables along the axis, one entry every `STEP`; the tip, or the cap over it, comes first."""

    radius: np.ndarray  # (m,) float32, millimeters
    color: np.ndarray  # (m, 3) float32, 0..1
    gloss: np.ndarray  # (m,) float32, 0..1
    hexagonal: bool = False
    offset: float = 0.0  # of the axis from the axis of what carries it, millimeters
    begin: float = 0.0  # of a piece that lies on another: where on its axis
    pieces: list["Implement"] = field(default_factory=list)  # lie on it: clip, print

    @property
    def length(self) -> float:
        """Millimeters."""
        return len(self.radius) * STEP


def pencil(rng: np.random.Generator) -> Implement:
    """Round or hexagonal, graphite or colored, new or short, with an eraser or without."""
    radius, body = rng.uniform(3.2, 4.8), body_color(rng)
    lead = body if rng.random() < 0.4 else _shade(rng, (0.22, 0.22, 0.24))
    thick = rng.uniform(0.8, 1.5)
    parts = [
        Part(rng.uniform(2, 5), rng.uniform(0.25, 0.7), thick, lead, 0.25),
        Part(rng.uniform(9, 19), thick, radius, _shade(rng, _WOOD), 0.05),
        Part(rng.uniform(55, 145), radius, radius, body, rng.uniform(0.1, 0.6)),
    ]
    end = rng.integers(3)
    if end == 0:
        metal = _shade(rng, _METALS[rng.integers(2)])
        rubber = _shade(rng, [(0.86, 0.50, 0.50), (0.90, 0.90, 0.88)][rng.integers(2)])
        parts.append(Part(rng.uniform(9, 13), radius, radius, metal, 0.8, ribs=0.35))
        parts.append(Part(rng.uniform(3, 8), radius, radius, rubber, 0.05, "end"))
    elif end == 1:
        parts.append(Part(rng.uniform(4, 14), radius, radius, body_color(rng), 0.4))
    hexagonal = rng.random() < 0.6
    return _join(parts, hexagonal, [_imprint(rng, 45, radius)] * (rng.random() < 0.6))


def pen(rng: np.random.Generator) -> Implement:
    """A ballpoint: with a push button, or with a cap that is on, off, or on the other end."""
    radius, body = rng.uniform(3.8, 6.0), body_color(rng)
    metal = _shade(rng, _METALS[rng.integers(3)])
    fittings = metal if rng.random() < 0.5 else body_color(rng)
    clip = metal if rng.random() < 0.6 else fittings
    barrel = Part(rng.uniform(55, 80), radius, radius * rng.uniform(0.85, 1), body, 0.5)
    kind = rng.choice(["button", "button", "cap on", "cap off", "cap behind"])
    if kind == "cap on":
        cap = rng.uniform(40, 58)
        wide = radius * 1.12
        parts = [
            Part(4, wide * 0.6, wide, fittings, 0.5, "start"),
            Part(cap, wide, wide, fittings, 0.5),
            barrel,
            Part(4, radius * 0.9, radius * 0.6, fittings, 0.5, "end"),
        ]
        return _join(parts, False, [_clip(rng, 2, cap * 0.8, wide, clip)])
    grip = _shade(rng, (0.13, 0.13, 0.14)) if rng.random() < 0.4 else body
    tip = metal if rng.random() < 0.7 else fittings
    front = [
        Part(rng.uniform(2, 3.5), 0.35, 0.7, _shade(rng, _METALS[rng.integers(2)]), 0.9),
        Part(rng.uniform(7, 16), rng.uniform(1.0, 1.5), radius * 0.92, tip, 0.7),
        Part(rng.uniform(20, 38), radius * 0.95, radius, grip, 0.2, ribs=rng.choice([0, 0.4])),
    ]
    if kind == "button":
        back = [
            Part(3, radius, radius, fittings, 0.7),
            Part(rng.uniform(25, 35), radius, radius * 0.85, body, 0.5),
            Part(rng.uniform(5, 11), radius * 0.45, radius * 0.4, fittings, 0.7, "end"),
        ]
    elif kind == "cap behind":
        back = [
            Part(rng.uniform(35, 45), radius * 1.12, radius * 1.12, fittings, 0.5),
            Part(4, radius * 1.12, radius * 0.6, fittings, 0.5, "end"),
        ]
    else:
        back = [Part(4, radius * 0.9, radius * 0.7, fittings, 0.5, "end")]
    whole = _join([*front, barrel, *back], False, [])
    if kind != "cap off":
        length = rng.uniform(26, 38)
        whole.pieces.append(_clip(rng, whole.length - length - 9, length, radius, clip))
    if rng.random() < 0.5:
        whole.pieces.append(_imprint(rng, 50, radius))
    return whole


def marker(rng: np.random.Generator) -> Implement:
    """A felt-tip pen, slim or thick, with its cap on, off, or on the other end."""
    radius, ink = rng.uniform(4.6, 8.5), body_color(rng)
    body = (
        ink
        if rng.random() < 0.5
        else _shade(rng, [(0.9, 0.9, 0.9), (0.14, 0.14, 0.15)][rng.integers(2)])
    )
    barrel = Part(rng.uniform(65, 95), radius, radius * rng.uniform(0.9, 1), body, 0.35)
    plug = Part(rng.uniform(5, 12), radius * 0.9, radius * 0.85, ink, 0.35, "end")
    wide, long = radius * rng.uniform(1.0, 1.1), rng.uniform(30, 46)
    cap = Part(long, wide, wide, ink, 0.4, ribs=rng.choice([0, 0, 0.25]))
    pieces = [_imprint(rng, 45, radius)] * (rng.random() < 0.7)
    kind = rng.choice(["cap on", "cap off", "cap off", "cap behind"])
    if kind == "cap on":
        dome = Part(rng.uniform(2, 5), wide * 0.7, wide, ink, 0.4, "start")
        if rng.random() < 0.35:
            pieces.append(_clip(rng, 3, long * 0.75, wide, ink))
        return _join([dome, cap, barrel, plug], False, pieces)
    thick = radius * rng.uniform(0.28, 0.42)
    collar = (
        ink
        if rng.random() < 0.3
        else _shade(rng, [(0.88, 0.88, 0.86), (0.2, 0.2, 0.2)][rng.integers(2)])
    )
    felt = np.clip(ink * 0.7, 0, 1)
    front = [
        Part(
            rng.uniform(4, 7),
            thick * rng.uniform(0.5, 0.9),
            thick,
            felt,
            0.0,
            rng.choice(["", "start"]),
        ),
        Part(rng.uniform(5, 11), radius * 0.55, radius * 0.7, collar, 0.3),
        Part(rng.uniform(2, 5), radius * 0.75, radius, body, 0.35),
    ]
    back = [plug] if kind == "cap off" else [cap, Part(3, wide, wide * 0.7, ink, 0.4, "end")]
    return _join([*front, barrel, *back], False, pieces)


def body_color(rng: np.random.Generator) -> np.ndarray:
    """(3,) float32: one of the colors that all three classes share."""
    return _shade(rng, _BODIES[rng.integers(len(_BODIES))])


def _shade(rng: np.random.Generator, color: Sequence[float]) -> np.ndarray:
    return np.clip(color + rng.normal(0, 0.04, 3), 0.02, 0.98).astype(np.float32)


def _clip(rng, begin: float, length: float, radius: float, color: np.ndarray) -> Implement:
    """A narrow bar on the barrel; turned away with it now and then, so that it stands at a side."""
    half = rng.uniform(0.8, 1.4)
    parts = [Part(length - 2, half, half, color, 0.7), Part(2, half, half, color, 0.7, "end")]
    return _join(parts, False, [], offset=radius * rng.uniform(-0.9, 0.9), begin=begin)


def _imprint(rng, begin: float, radius: float) -> Implement:
    """A maker's name, too small to read: marks of different lengths."""
    count = round(rng.uniform(15, 35) / STEP)
    marks = np.repeat(rng.random(count // 4 + 1) < 0.6, 4)[:count]
    color = np.full((count, 3), 0.9 if rng.random() < 0.5 else 0.15, np.float32)
    height = np.where(marks, np.float32(radius * rng.uniform(0.15, 0.3)), 0).astype(np.float32)
    offset = radius * rng.uniform(-0.4, 0.4)
    return Implement(height, color, np.zeros(count, np.float32), offset=offset, begin=begin)


def _join(parts: list[Part], hexagonal: bool, pieces: list[Implement], **place) -> Implement:
    """Tables of the parts one after another."""
    radii, colors, glosses = [], [], []
    for part in parts:
        count = max(1, round(part.length / STEP))
        along = (np.arange(count, dtype=np.float32) + 0.5) / count
        if part.rounded:
            toward = 1 - along if part.rounded == "start" else along
            low, high = sorted([part.start, part.end])
            low = low if low < high else 0.4 * high
            radius = low + (high - low) * np.sqrt(1 - toward**2)
        else:
            radius = part.start + (part.end - part.start) * along
        grooves = 1 - part.ribs * (np.mod(np.arange(count) * STEP, 2.0) < 1.0)
        radii.append(radius)
        colors.append(grooves[:, None] * part.color)
        glosses.append(np.full(count, part.gloss))
    tables = [np.concatenate(table).astype(np.float32) for table in (radii, colors, glosses)]
    return Implement(*tables, hexagonal, pieces=list(pieces), **place)
