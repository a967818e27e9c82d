"""An array as a picture. The rule for its range:

- bool: False is black, True is white;
- uint8 and other whole numbers up to 255: 0 is black, 255 is white;
- uint16 with a value over 255: 0 is black, 65535 is white;
- float: if the largest value is 1 or less, 1 is white; else 255 is.

Anything else has been normalized for a network and is no picture any more.
"""

import numpy as np
from PIL import Image

from helpers.photos import opening, pixels
from helpers.photos.opening import Opened
from helpers.photos.reading import Refused

_CHANNELS = (1, 3, 4)


def read(values: object) -> Opened:
    """A picture from an array, or from anything that NumPy makes one of.

    Args:
        values: (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), the fourth channel being opacity.

    Raises:
        Refused: no such array, too large, or values that are no colors.
    """
    array = as_numbers(values)
    _check_shape(array.shape)
    array = array[..., 0] if array.ndim == 3 and array.shape[2] == 1 else array
    eight, notes = to_uint8(array)
    # Gray stays gray here, so that `to_rgb` says what it does to it.
    flat, more = pixels.to_rgb(Image.fromarray(eight))
    return Opened(flat, flat.size, (*notes, *more))


def as_numbers(values: object) -> np.ndarray:
    """An array of numbers, whatever its shape.

    Raises:
        Refused: no numbers, or NaN or infinity among them.
    """
    if values is None or isinstance(values, str | bytes | dict | set):
        raise Refused("no_picture", _no_picture(values))
    try:
        array = np.asarray(values)
    except Exception:  # tensors and lists of anything raise what they like
        raise Refused("no_picture", _no_picture(values)) from None
    if array.dtype.kind not in "buif":
        if array.dtype.kind == "O" and array.ndim == 0:
            raise Refused("no_picture", _no_picture(values))
        raise Refused("no_picture", f"has dtype {array.dtype}: pass uint8 or float pixels")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise Refused("no_picture", "holds NaN or infinity: look at how it was prepared")
    return array


def to_uint8(array: np.ndarray) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Values by the rule above as 0..255, and (kind, end of a sentence) of what was changed.

    Args:
        array: finite numbers of any shape, not empty.

    Raises:
        Refused: values that are no colors.
    """
    if array.dtype == np.uint8:
        return array, []
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * 255, []
    low, high = float(array.min()), float(array.max())
    if array.dtype == np.uint16 and high > 255:
        scaled = np.rint(array.astype(np.float32) / 257).astype(np.uint8)
        return scaled, [("16_bit", "has 16 bits a channel; 8 are kept")]
    if low < 0 or high > 255:
        raise Refused(
            "no_picture",
            f"has values from {low:.4g} to {high:.4g}: pass pixels of 0 to 255, or of 0 to 1, "
            "as they were before any normalization",
        )
    if array.dtype.kind == "f" and high <= 1:
        scaled = np.rint(array.astype(np.float64) * 255).astype(np.uint8)
        return scaled, [("unit_range", "has values of 0 to 1; they are taken times 255")]
    return np.rint(array).astype(np.uint8), []


def _check_shape(shape: tuple[int, ...]) -> None:
    if 0 in shape:
        raise Refused("no_picture", f"is an array of shape {shape}, without pixels: pass another")
    if len(shape) == 4 and shape[0] == 1:
        raise Refused("no_picture", f"is a batch of one, shape {shape}: pass image[0]")
    if len(shape) == 4:
        raise Refused("no_picture", f"is a batch of {shape[0]}, shape {shape}: pass one of them")
    if len(shape) == 3 and shape[0] in (1, 3) and shape[2] not in _CHANNELS:
        raise Refused(
            "no_picture",
            f"has shape {shape}, channels first: pass (height, width, channels) in this order, "
            "as np.moveaxis(image, 0, -1) gives it",
        )
    if len(shape) != 2 and not (len(shape) == 3 and shape[2] in _CHANNELS):
        raise Refused(
            "no_picture",
            f"is an array of shape {shape}: pass (height, width), or (height, width, channels) "
            "with 1, 3 or 4 channels",
        )
    if shape[0] * shape[1] > opening.MAX_PIXELS:
        raise Refused(
            "bomb",
            f"has {shape[1]} x {shape[0]} pixels, over {opening.MAX_PIXELS / 1e6:.0f} million: "
            "make it smaller",
        )


def _no_picture(values: object) -> str:
    return (
        f"is of type {type(values).__name__}: pass a file name, bytes, a Pillow picture or an array"
    )
