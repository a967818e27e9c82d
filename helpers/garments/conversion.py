"""From a photo to 28 x 28 pixels, light on black, the way Fashion-MNIST was made.

The data set's authors (Xiao, Rasul, Vollgraf, 2017, https://arxiv.org/abs/1708.07747, section 2)
trimmed the product photos, made the longest edge 28 pixels, sharpened, centered on 28 x 28,
negated and took the gray value. Two things differ here: a photo may have a dark background, which
is not negated, and the size is changed by averaging and not by leaving pixels out.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from helpers.garments import background
from helpers.garments.reading import read

SIDE = 28
_FLOOR = 16  # gray values: an object of the background's brightness does not vanish
_SHARPEN = ImageFilter.UnsharpMask(radius=1.0, percent=60, threshold=0)
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601


@dataclass(frozen=True, eq=False)
class Converted:
    """A photo as a network for Fashion-MNIST wants it, and how it became so.

    Attributes:
        image: (28, 28) uint8, the object light (up to 255) on black (0).
        steps: (name, picture) of each step, pictures (h, w) or (h, w, 3) uint8; the first is the
            photo, the last is `image`.
    """

    image: np.ndarray
    steps: tuple[tuple[str, np.ndarray], ...]


def to_fashion(picture: str | Path | Image.Image | np.ndarray) -> Converted:
    """Convert a photo of one garment to 28 x 28 pixels, light on black.

    Args:
        picture: a file; a Pillow picture; or an array (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)
            uint8, or (h, w) uint16. The background should be even: a wall, a table, paper.

    Raises:
        UserError: no readable picture, or nothing stands out from the background.
    """
    rgb = read(picture)
    mask, light = background.find(rgb)
    box = _box(mask)
    gray = light_on_black(rgb[box], mask[box], light)
    image = centered(gray)
    steps = (
        ("photo", rgb),
        ("object", np.where(mask, 255, 0).astype(np.uint8)),
        ("cropped", rgb[box]),
        ("light on black", gray),
        ("centered", image),
    )
    return Converted(image, steps)


def light_on_black(rgb: np.ndarray, mask: np.ndarray, light: bool) -> np.ndarray:
    """Gray values of the object on black.

    Args:
        rgb: (h, w, 3) uint8.
        mask: (h, w) bool, True on the object.
        light: whether the background is light, so that the picture is to be negated.

    Returns:
        (h, w) uint8.
    """
    gray = rgb @ _LUMA
    values = np.clip(255 - gray if light else gray, _FLOOR, 255)
    return np.where(mask, np.rint(values), 0).astype(np.uint8)


def centered(gray: np.ndarray) -> np.ndarray:
    """A gray picture with its longest edge made 28 pixels, in the middle of 28 x 28.

    Args:
        gray: (h, w) uint8, of any size.

    Returns:
        (28, 28) uint8, the ratio of the sides kept; sharpened, and stretched so that the
        brightest pixel is 255, as nearly every picture of the data set has it.
    """
    height, width = gray.shape
    times = SIDE / max(height, width)
    size = (max(round(width * times), 1), max(round(height * times), 1))
    small = Image.fromarray(gray).resize(size, Image.Resampling.BICUBIC)
    canvas = Image.new("L", (SIDE, SIDE))
    canvas.paste(small, ((SIDE - size[0]) // 2, (SIDE - size[1]) // 2))
    sharp = np.asarray(canvas.filter(_SHARPEN), dtype=np.float32)
    return np.rint(sharp * (255 / max(sharp.max(), 1))).astype(np.uint8)


def _box(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns that the object covers."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
