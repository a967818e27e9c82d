"""A picture of any size and shape as the few pixels that a network takes."""

import numpy as np
from PIL import Image, ImageOps

from helpers.errors import UserError
from helpers.garments import to_fashion
from helpers.photos.loading import square

WAYS = {
    "crop": "the largest part in the middle that has the right shape",
    "pad": "the whole picture, with white edges",
    "garment": "a garment cut out and put light on black, as in Fashion-MNIST; 28 x 28, gray",
}
_LARGEST = 1024


def fit(
    picture: Image.Image, size: int | tuple[int, int], how: str = "crop", *, channels: int = 3
) -> np.ndarray:
    """What the network sees of a picture; the ratio of its sides is never changed.

    Args:
        picture: in mode RGB, of any size, as `read` gives it.
        size: pixels a side, or (height, width), 1 to 1024.
        how: one of `WAYS`.
        channels: 3 for color, 1 for gray (ITU-R BT.601).

    Returns:
        (height, width, channels) uint8. A picture of just this size is not changed.

    Raises:
        UserError: size, how or channels is none of these, or "garment" where it does not fit.
    """
    height, width = _checked_size(size)
    if how not in WAYS:
        raise UserError(f"how is {how!r}: use one of {', '.join(WAYS)}")
    if channels not in (1, 3):
        raise UserError(f"channels is {channels!r}: use 3 for color or 1 for gray")
    if how == "garment":
        if (height, width, channels) != (28, 28, 1):
            raise UserError(
                "how is 'garment' but the network does not take 28 x 28 gray pixels: "
                "use 'crop' or 'pad'"
            )
        return to_fashion(picture).image[..., None]
    pixels = _color(picture.convert("RGB"), height, width, how)
    if channels == 1:
        return np.asarray(Image.fromarray(pixels).convert("L"))[..., None]
    return pixels


def _color(picture: Image.Image, height: int, width: int, how: str) -> np.ndarray:
    if height == width:
        return square(picture, height, how)
    place = {"crop": ImageOps.fit, "pad": _pad}[how]
    return np.asarray(place(picture, (width, height), Image.Resampling.BICUBIC))


def _pad(picture: Image.Image, size: tuple[int, int], method: Image.Resampling) -> Image.Image:
    return ImageOps.pad(picture, size, method, color="white")


def _checked_size(size: int | tuple[int, int]) -> tuple[int, int]:
    sides = size if isinstance(size, tuple | list) else (size, size)
    whole = [isinstance(side, int | np.integer) and not isinstance(side, bool) for side in sides]
    if len(sides) != 2 or not all(whole) or not all(1 <= side <= _LARGEST for side in sides):
        raise UserError(
            f"size is {size!r}: use a whole number of pixels from 1 to {_LARGEST}, or "
            "(height, width)"
        )
    return int(sides[0]), int(sides[1])
