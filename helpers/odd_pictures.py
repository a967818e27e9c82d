"""Pictures that show none of a network's classes: what does it say to them?

All of them are drawn by this program: one color, noise, patterns, text, a face made of circles,
and the writing implements of `helpers.photos.synthetic`. They are clearly none of CIFAR's or
Fashion-MNIST's classes, but they are no sample of everything else there is: a network that passes
on them may still name a wrong class with confidence for a photo of something else.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers.errors import UserError

_FINE = 4  # drawn so many times larger, then reduced, for smooth edges
_TEXTS = ("Hello", "EXIT", "2 + 2", "Keras", "sale!", "page 7")
_SKINS = ((240, 200, 175), (205, 150, 115), (140, 90, 60), (85, 55, 40))
Draw = Callable[[np.random.Generator, int], np.ndarray]


class OddPictures(NamedTuple):
    """Pictures and what they show."""

    images: np.ndarray  # (n, size, size, 3) uint8
    names: tuple[str, ...]  # (n,) "noise", "text", …


def draw(each: int = 1, size: int = 32, seed: int = 1001) -> OddPictures:
    """Draw pictures of every kind, kind after kind.

    Args:
        each: pictures a kind; all pictures of "black" and "white" are equal.
        size: height and width in pixels, 8 to 1024.
        seed: the same seed gives the same pictures.

    Raises:
        UserError: a number is out of range.
    """
    for name, value, low, high in (("each", each, 1, 1000), ("size", size, 8, 1024)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise UserError(f"{name} is {value!r}: pass a whole number")
        if not low <= value <= high:
            raise UserError(f"{name} is {value}: pass {low} to {high}")
    images, names = [], []
    for number, (name, make) in enumerate(KINDS.items()):
        for index in range(each):
            # A generator for each picture: more of one kind does not change the others.
            images.append(make(np.random.default_rng([seed, number, index]), int(size)))
            names.append(name)
    return OddPictures(np.stack(images), tuple(names))


def _flat(value: int) -> Draw:
    return lambda _, size: np.full((size, size, 3), value, np.uint8)


def _noise(rng: np.random.Generator, size: int) -> np.ndarray:
    return rng.integers(0, 256, (size, size, 3), dtype=np.uint8)


def _stripes(rng: np.random.Generator, size: int) -> np.ndarray:
    along, _ = _turned(rng, size)
    return _two_colors(rng, np.floor(along * rng.uniform(4, 10)).astype(int) % 2 == 0)


def _checkerboard(rng: np.random.Generator, size: int) -> np.ndarray:
    along, across = _turned(rng, size)
    squares = rng.uniform(4, 8)
    cells = np.floor(along * squares) + np.floor(across * squares)
    return _two_colors(rng, cells.astype(int) % 2 == 0)


def _gradient(rng: np.random.Generator, size: int) -> np.ndarray:
    along, _ = _turned(rng, size)
    share = ((along - along.min()) / np.ptp(along))[..., None]
    first, second = _colors(rng)
    return np.rint(first * (1 - share) + second * share).astype(np.uint8)


def _text(rng: np.random.Generator, size: int) -> np.ndarray:
    back, front = _colors(rng)
    canvas, pen = _canvas(size, back)
    text = _TEXTS[rng.integers(len(_TEXTS))]
    large = ImageFont.load_default(100)
    width = large.getlength(text)
    font = ImageFont.load_default(100 * 0.85 * canvas.width / width)
    middle = (canvas.width / 2, canvas.width * rng.uniform(0.35, 0.65))
    pen.text(middle, text, tuple(front.tolist()), font, anchor="mm")
    return _reduced(canvas, size)


def _face(rng: np.random.Generator, size: int) -> np.ndarray:
    """A round face: eyes, nose, mouth."""
    skin = _SKINS[rng.integers(len(_SKINS))]
    canvas, pen = _canvas(size, _colors(rng)[0])
    side = canvas.width
    dark, white = (25, 25, 30), (245, 245, 240)

    def oval(x: float, y: float, rx: float, ry: float, color: tuple) -> None:
        box = [(x - rx) * side, (y - ry) * side, (x + rx) * side, (y + ry) * side]
        pen.ellipse(box, fill=color)

    x, y = rng.uniform(0.45, 0.55, 2)
    wide = rng.uniform(0.3, 0.38)
    oval(x, y, wide, wide * 1.15, skin)
    for direction in (-1, 1):
        oval(x + direction * wide * 0.42, y - 0.1, 0.07, 0.055, white)
        oval(x + direction * wide * 0.42 + 0.01, y - 0.1, 0.032, 0.04, dark)
    pen.line([(x * side, y * side), (x * side, (y + 0.08) * side)], dark, max(1, side // 40))
    mouth = [(x - 0.14) * side, (y + 0.05) * side, (x + 0.14) * side, (y + 0.22) * side]
    pen.arc(mouth, 20, 160, dark, max(1, side // 25))
    return _reduced(canvas, size)


def _rings(rng: np.random.Generator, size: int) -> np.ndarray:
    along, across = _turned(rng, size)
    distance = np.hypot(along, across)
    return _two_colors(rng, np.floor(distance * rng.uniform(6, 12)).astype(int) % 2 == 0)


def _implement(kind: str) -> Draw:
    def make(rng: np.random.Generator, size: int) -> np.ndarray:
        from helpers.photos.synthetic.scene import photo

        seed, index = rng.integers(0, 2**31, 2)
        return photo(kind, int(seed), int(index), size, size)[0]

    return make


def _turned(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Two coordinates of each pixel, -0.5 to 0.5 from the middle, turned by a random angle."""
    steps = (np.arange(size) + 0.5) / size - 0.5
    x, y = np.meshgrid(steps, steps)
    angle = rng.uniform(0, np.pi)
    return x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)


def _colors(rng: np.random.Generator) -> np.ndarray:
    """(2, 3) uint8: two colors, the second far enough from the first to be seen on it."""
    first = rng.integers(0, 256, 3)
    second = (first + rng.integers(90, 166, 3)) % 256
    return np.stack([first, second]).astype(np.uint8)


def _two_colors(rng: np.random.Generator, mask: np.ndarray) -> np.ndarray:
    first, second = _colors(rng)
    return np.where(mask[..., None], first, second)


def _canvas(size: int, color: np.ndarray) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (size * _FINE, size * _FINE), tuple(color.tolist()))
    return picture, ImageDraw.Draw(picture)


def _reduced(picture: Image.Image, size: int) -> np.ndarray:
    return np.asarray(picture.resize((size, size), Image.Resampling.BOX))


KINDS: dict[str, Draw] = {
    "black": _flat(0),
    "white": _flat(255),
    "noise": _noise,
    "stripes": _stripes,
    "checkerboard": _checkerboard,
    "rings": _rings,
    "gradient": _gradient,
    "text": _text,
    "face drawing": _face,
    "pencil": _implement("pencils"),
    "pen": _implement("pens"),
    "marker": _implement("markers"),
}
