"""A picture of any kind as red, green and blue, upright, and not too large to work with."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from helpers.errors import UserError
from helpers.photos import opening, pixels, reading
from helpers.photos.names import shown

_AREA = 400_000  # pixels; more show nothing that 28 x 28 pixels could
_LEAST = 12  # pixels of the shorter side
_DETAIL = 400  # pixels; a JPEG may be decoded smaller down to this


def read(picture: str | Path | Image.Image | np.ndarray) -> np.ndarray:
    """The pixels of a picture, (height, width, 3) uint8.

    Args:
        picture: a file; a Pillow picture; or an array (h, w), (h, w, 1), (h, w, 3) or (h, w, 4)
            uint8, or (h, w) uint16.

    Raises:
        UserError: no picture, damaged, of a kind that is not admitted, or too small or too large.
    """
    if isinstance(picture, str | Path):
        flat = _from_file(Path(picture).expanduser())
    elif isinstance(picture, Image.Image):
        flat = _from_pillow(picture)
    elif isinstance(picture, np.ndarray):
        flat = _from_pillow(_from_array(picture))
    else:
        raise UserError(
            f"the picture is of type {type(picture).__name__}: pass a file name, a Pillow picture "
            "or an array"
        )
    if min(flat.size) < _LEAST:
        raise UserError(
            f"the picture has {flat.width} x {flat.height} pixels: take one with at least "
            f"{_LEAST} on each side"
        )
    times = (_AREA / (flat.width * flat.height)) ** 0.5
    if times < 1:
        size = tuple(max(round(side * times), 1) for side in flat.size)
        flat = flat.resize(size, Image.Resampling.BOX)
    return np.asarray(flat)


def _from_file(path: Path) -> Image.Image:
    try:
        return opening.decode(reading.read_bytes(path), path.suffix, at_least=_DETAIL).picture
    except reading.Refused as refused:
        raise UserError(f"{shown(path.name)} {refused}") from None


def _from_pillow(picture: Image.Image) -> Image.Image:
    if picture.width * picture.height > opening.MAX_PIXELS:
        raise UserError(
            f"the picture has {picture.width} x {picture.height} pixels, over "
            f"{opening.MAX_PIXELS / 1e6:.0f} million: make it smaller"
        )
    try:
        picture.load()
        return pixels.to_rgb(ImageOps.exif_transpose(picture))[0]
    except Exception as error:  # a lazy picture of a hostile file may raise almost anything
        raise UserError(
            f"the picture cannot be decoded ({type(error).__name__}): save it as JPEG or PNG"
        ) from None


def _from_array(array: np.ndarray) -> Image.Image:
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    gray, color = array.ndim == 2, array.ndim == 3 and array.shape[2] in (3, 4)
    if not array.size or not (gray or color):
        raise UserError(
            f"an array of shape {array.shape} is no picture: pass (height, width), "
            "(height, width, 3) or (height, width, 4)"
        )
    if array.dtype != np.uint8 and not (gray and array.dtype == np.uint16):
        raise UserError(
            f"an array of dtype {array.dtype}: pass pixels of 0 to 255 as uint8, "
            "from 0..1 by `(255 * picture).astype('uint8')`"
        )
    return Image.fromarray(array)
