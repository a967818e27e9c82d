"""Decode one photo that nobody has checked yet."""

import io
import warnings
from dataclasses import dataclass

from PIL import Image

from helpers.photos import pixels
from helpers.photos.reading import Refused
from helpers.photos.signatures import ENDINGS, FORMATS, format_of

MAX_PIXELS_JPEG = 80_000_000  # a JPEG file can be decoded at an eighth of its size
MAX_PIXELS = 50_000_000
_MAX_PIXELS_PER_BYTE, _SUSPICIOUS_FROM = 1000, 4_000_000  # no photograph packs so well
_MAX_PAGES = 20
_ORIENTATION = 0x0112  # number of the EXIF tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SWAPS = {_TURNS[number] for number in (5, 6, 7, 8)}  # width becomes height


@dataclass(frozen=True)
class Opened:
    """A decoded photo.

    Attributes:
        picture: RGB, upright, perhaps smaller than in the file.
        size: (width, height) in the file, upright.
        notes: (kind, end of a sentence) of what had to be done to it.
    """

    picture: Image.Image
    size: tuple[int, int]
    notes: tuple[tuple[str, str], ...]


def decode(data: bytes, suffix: str, *, at_least: int) -> Opened:
    """The picture in a file's bytes, in color and upright.

    Args:
        data: the whole file.
        suffix: ending of its name, to compare with what it is.
        at_least: neither side may become smaller than this by decoding at a part of the size.

    Raises:
        Refused: not a picture of an admitted format, damaged, or too large to decode.
    """
    if format_of(data) == "HEIC":
        raise Refused(
            "heic", "is a HEIC or AVIF picture, which the course cannot read: convert it to JPEG"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged metadata; the pixels are what counts
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with _open(data) as picture:
            _refuse_huge(picture, len(data))
            try:
                return _upright(picture, data, suffix, at_least)
            except Refused:
                raise
            except Exception:
                raise Refused(
                    "truncated",
                    "breaks off or is damaged inside: copy it anew or remove it",
                    _what_is_left(data, at_least),
                ) from None


def _open(data: bytes) -> Image.Image:
    """The picture of which only the header has been read."""
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Refused(
            "bomb",
            f"says that it has over {Image.MAX_IMAGE_PIXELS / 1e6:.0f} million pixels and is "
            "not opened: save it smaller",
        ) from None
    except Exception:  # a decoder may raise almost anything on a hostile file
        raise Refused(
            "unreadable", "cannot be read as a picture: open it, save it as JPEG, or remove it"
        ) from None


def _upright(picture: Image.Image, data: bytes, suffix: str, at_least: int) -> Opened:
    """Decode the pixels of an opened picture."""
    notes = _notes_from_header(picture, data, suffix)
    size = picture.size
    _decode_small(picture, at_least)
    # Only now: Pillow turns a TIFF picture itself while decoding, and forgets the tag.
    turn = _turn(picture)
    flat, more = pixels.to_rgb(picture)
    notes += more
    if turn is not None:
        flat = flat.transpose(turn)
        notes.append(("rotation", "is stored lying or mirrored; it is turned upright"))
        size = size[::-1] if turn in _SWAPS else size
    return Opened(flat, size, tuple(notes))


def _decode_small(picture: Image.Image, at_least: int) -> None:
    """Decode; a JPEG at a half, quarter or eighth of its size, which takes less time."""
    if picture.format in ("JPEG", "MPO"):
        mode = picture.mode if picture.mode in ("L", "RGB") else None
        picture.draft(mode, (at_least, at_least))
    picture.load()


def _what_is_left(data: bytes, at_least: int) -> Image.Image | None:
    """The part of a JPEG before it breaks off, to be shown; the rest is gray."""
    end_of_image = b"\xff\xd9"
    try:
        with Image.open(io.BytesIO(data + end_of_image), formats=("JPEG",)) as picture:
            _decode_small(picture, at_least)
            return pixels.to_rgb(picture)[0]
    except Exception:
        return None


def _refuse_huge(picture: Image.Image, bytes_: int) -> None:
    """Refuse by the size that the header declares, before anything is decoded."""
    count = picture.width * picture.height
    limit = MAX_PIXELS_JPEG if picture.format in ("JPEG", "MPO") else MAX_PIXELS
    size = f"says that it has {picture.width} x {picture.height} pixels"
    if count > limit:
        raise Refused("bomb", f"{size}, over {limit / 1e6:.0f} million: save it smaller")
    if count > _SUSPICIOUS_FROM and count > _MAX_PIXELS_PER_BYTE * bytes_:
        raise Refused("bomb", f"{size} in {bytes_:,} bytes, which no photo has: remove it")


def _notes_from_header(picture: Image.Image, data: bytes, suffix: str) -> list[tuple[str, str]]:
    """What is to be told before the pixels are there."""
    notes = []
    name = "JPEG" if picture.format == "MPO" else picture.format  # two photos of a stereo camera
    if ENDINGS.get(suffix.lower()) != name:
        ending = f"ends in {suffix}" if suffix else "has no ending"
        notes.append(("wrong_ending", f"{ending} but is a {name} picture; it is read as that"))
    if name == "TIFF" and picture.is_animated:
        if _has_page(picture, _MAX_PAGES):
            raise Refused(
                "multi_page", f"is a document of over {_MAX_PAGES} pages: save one as a picture"
            )
        notes.append(("multi_page", "has several pages; the first is used"))
    elif name != "JPEG" and getattr(picture, "is_animated", False):
        notes.append(("animation", "is an animation; its first frame is used"))
    if name == "PNG" and data[24:25] == b"\x10":  # bits a channel, in the first chunk
        notes.append(("16_bit", "has 16 bits a channel; 8 are kept"))
    return notes


def _has_page(picture: Image.Image, number: int) -> bool:
    """Whether a TIFF file has a page of this number; only headers are read, and page 0 stays."""
    try:
        picture.seek(number)
    except EOFError:
        return False
    finally:
        picture.seek(0)
    return True


def _turn(picture: Image.Image) -> Image.Transpose | None:
    """How the camera was held, from EXIF; None where that is upright or not to be read."""
    try:
        return _TURNS.get(picture.getexif().get(_ORIENTATION))
    except Exception:  # damaged metadata is no reason to lose the picture
        return None
