"""Read a picture that nobody has checked yet, wherever it comes from."""

import os
import re
import stat
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from helpers.errors import UserError
from helpers.photos import opening, pixels, reading
from helpers.photos.names import shown
from helpers.photos.opening import Opened
from helpers.photos.reading import Refused
from helpers.pictures import arrays

# A JPEG may be decoded at a half or less while its shorter side keeps so many pixels: no network
# of the course sees more, and phones take pictures of 4,000 x 3,000.
_DETAIL = 1024
_WEB = re.compile(r"(?:[a-z][a-z0-9+.-]{1,20}://|data:)", re.IGNORECASE)
_BYTES = (bytes, bytearray, memoryview)


def read(source: str | Path | bytes | Image.Image | np.ndarray) -> Opened:
    """The picture upright and in color.

    JPEG, PNG, WebP, BMP, TIFF, and GIF are read, of an animation the first frame; no other
    decoder is ever tried. Transparent parts become white. Nothing is fetched from the web.

    Args:
        source: a file's name or path; the bytes of a file; a Pillow picture; or an array
            (h, w), (h, w, 1), (h, w, 3) or (h, w, 4), of the ranges in `helpers.pictures.arrays`.

    Returns:
        `picture`, in mode RGB; `size`, its (width, height) in pixels in the file; and `notes`,
        (kind, end of a sentence) for all that had to be done to it.

    Raises:
        UserError: no picture, a damaged one, one too large to decode, or a web address.
    """
    if isinstance(source, str) and _WEB.match(source.lstrip()):
        raise UserError(
            f"'{shown(source)}' is a web address, and nothing is fetched: save the picture as a "
            "file and name that"
        )
    name = shown(Path(source).name) if isinstance(source, str | Path) else "the picture"
    try:
        return _opened(source)
    except Refused as refused:
        raise UserError(f"{name or 'the picture'} {refused.reason}") from None


def _opened(source: object) -> Opened:
    if isinstance(source, str | Path):
        return _from_file(_path(source))
    if isinstance(source, _BYTES):
        return _from_bytes(bytes(source))
    if isinstance(source, Image.Image):
        return _from_pillow(source)
    return arrays.read(source)


def _path(source: str | Path) -> Path:
    """The path of a regular file, or why it is none, before anything is opened."""
    try:
        path = Path(source).expanduser()
        mode = os.lstat(path).st_mode
    except (ValueError, RuntimeError):  # a zero byte; a home that does not exist
        raise Refused("stray_file", "is no file name: name a file") from None
    except (FileNotFoundError, NotADirectoryError):
        raise Refused("missing", "does not exist: check the name and the folder") from None
    except OSError as error:
        raise Refused("no_permission", f"cannot be found ({error.strerror})") from None
    if stat.S_ISLNK(mode):
        raise Refused(
            "symlink", "is a link to another place and is not followed: name the picture itself"
        )
    if stat.S_ISDIR(mode):
        raise Refused("stray_file", "is a folder: name one picture in it")
    return path


def _from_file(path: Path) -> Opened:
    return opening.decode(reading.read_bytes(path), path.suffix, at_least=_DETAIL)


def _from_bytes(data: bytes) -> Opened:
    if not data:
        raise Refused("empty_file", "is empty (0 bytes): pass the bytes of a whole file")
    if len(data) > reading.MAX_BYTES:
        raise Refused(
            "too_large",
            f"has {len(data) / 1e6:,.0f} MB, over {reading.MAX_BYTES / 1e6:.0f} MB: save it "
            "smaller",
        )
    opened = opening.decode(data, "", at_least=_DETAIL)
    # Bytes have no name, so there is no ending to wonder about.
    notes = tuple(note for note in opened.notes if note[0] != "wrong_ending")
    return Opened(opened.picture, opened.size, notes)


def _from_pillow(picture: Image.Image) -> Opened:
    if not picture.width or not picture.height:
        raise Refused("empty_file", "has no pixels: take another one")
    if picture.width * picture.height > opening.MAX_PIXELS:
        raise Refused(
            "bomb",
            f"has {picture.width} x {picture.height} pixels, over "
            f"{opening.MAX_PIXELS / 1e6:.0f} million: make it smaller",
        )
    try:
        picture.load()
        flat, notes = pixels.to_rgb(ImageOps.exif_transpose(picture))
    except Exception as error:  # a lazy picture of a hostile file may raise almost anything
        raise Refused(
            "truncated", f"cannot be decoded ({type(error).__name__}): save it as JPEG or PNG"
        ) from None
    return Opened(flat, flat.size, tuple(notes))
