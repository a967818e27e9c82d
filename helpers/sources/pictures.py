"""Open a picture file from anywhere without being harmed by it."""

import io
import warnings
from pathlib import Path

import numpy as np

from helpers.errors import UserError

_MODES = {1: "L", 3: "RGB"}


def read(
    source: Path | bytes,
    where: object,
    *,
    channels: int,
    formats: tuple[str, ...],
    size: tuple[int, int] | None = None,
    max_pixels: int = 20_000_000,
) -> np.ndarray:
    """Pixels of one picture.

    Args:
        source: the file, or its bytes.
        where: the name for an error.
        channels: 3 for color, 1 for gray; the picture is converted.
        formats: Pillow's names of the formats admitted; no other decoder is tried.
        size: (width, height) that it must have, or None.
        max_pixels: refuse a larger one before it is decoded.

    Returns:
        (height, width, channels) uint8.

    Raises:
        UserError: not such a picture, of another size, or too large.
    """
    from PIL import Image  # slow to import, and not needed when the data come from the cache

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            stream = io.BytesIO(source) if isinstance(source, bytes) else source
            with Image.open(stream, formats=formats) as picture:
                if size is not None and picture.size != size:
                    raise UserError(
                        f"{where} is {picture.width} x {picture.height} pixels, expected "
                        f"{size[0]} x {size[1]}: resize or remove it"
                    )
                if picture.width * picture.height > max_pixels:
                    raise UserError(
                        f"{where} has {picture.width} x {picture.height} pixels, far more than "
                        "expected: remove it"
                    )
                pixels = np.asarray(picture.convert(_MODES[channels]))
    except UserError:
        raise
    except Exception as error:  # a decoder may raise almost anything on a hostile file
        raise UserError(
            f"{where} cannot be read as a picture ({type(error).__name__}): get a fresh copy "
            "or remove it"
        ) from None
    return pixels.reshape(*pixels.shape[:2], channels)


def untile(mosaic: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut a mosaic into its tiles, row by row.

    Args:
        mosaic: (rows * height, columns * width, channels).
        height, width: of one tile.

    Returns:
        (rows * columns, height, width, channels).
    """
    rows, columns = mosaic.shape[0] // height, mosaic.shape[1] // width
    channels = mosaic.shape[2]
    tiles = mosaic.reshape(rows, height, columns, width, channels).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(-1, height, width, channels)
