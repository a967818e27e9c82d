"""The one door for images that nobody has checked yet: `open_image("my_cat.jpg")`."""

import contextlib
import io
import re
import warnings
from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

from helpers.settings import CourseError

MAX_BYTES = 50_000_000  # of one file

# How the files of each format begin and end. Pillow's other decoders are never tried.
FORMATS = {
    "JPEG": (rb"\xff\xd8\xff", (".jpg", ".jpeg", ".jpe", ".jfif")),
    "PNG": (rb"\x89PNG\r\n\x1a\n", (".png", ".apng")),
    "WEBP": (rb"RIFF....WEBP", (".webp",)),
    "BMP": (rb"BM", (".bmp",)),
    "GIF": (rb"GIF8[79]a", (".gif",)),
    "TIFF": (rb"II[*+]\0|MM\0[*+]", (".tif", ".tiff")),
    "HEIC": (rb"....ftyp(he[iv]|hif|mif1|msf1|avi[fs])", ()),  # is told, but not read
}


class BadImage(CourseError):
    """A file that cannot be used: what is wrong with it, and what to do."""

    def __init__(self, finding: str, advice: str, name: str = "the image"):
        super().__init__(f"{name} {finding}: {advice}")
        self.finding, self.advice = finding, advice


def open_image(path: str | Path) -> Image.Image:
    """The image in a file that nobody has checked: RGB, upright, 8 bits, never too large.

    JPEG, PNG, WebP, BMP, GIF, and TIFF are read, of an animation the first frame. Transparent
    parts become white; 16 bits are scaled by what is in them. Links are not followed, and nothing
    is fetched from the web.

    Raises:
        CourseError: no image, a damaged one, or a too large one; in one line, with what to do.
    """
    path = Path(path).expanduser()
    try:
        return decode(path)[1]
    except BadImage as error:
        raise BadImage(error.finding, error.advice, shown(path.name)) from None


def shown(name: object, longest: int = 60) -> str:
    """A name fit to print: no control characters or broken letters, a long one's middle cut."""
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(name))
    half = (longest - 1) // 2
    return text if len(text) <= longest else f"{text[:half]}…{text[-half:]}"


def is_system_file(name: str) -> bool:
    """Whether a computer, not a person, put a file or folder of this name there."""
    return name.startswith(".") or name.lower() in ("thumbs.db", "desktop.ini", "__macosx")


def image_format(head: bytes) -> str | None:
    """What the first bytes of a file say: a key of `FORMATS`, or None."""
    fits = (kind for kind, (start, _) in FORMATS.items() if re.match(start, head, re.DOTALL))
    return next(fits, None)


def decode(path: Path, at_least: int = 0) -> tuple[bytes, Image.Image, list[tuple[str, str]]]:
    """A file's bytes, its image, RGB and upright, and (finding, advice) for what was done to it.

    With `at_least` a JPEG may be decoded at a half, a quarter, or an eighth of its size, which
    takes less time, as long as its shorter side keeps so many pixels.
    """
    if path.is_symlink() or not path.is_file():
        raise BadImage("is no file, or a link", "check the name, or name the file itself")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise BadImage(f"has over {MAX_BYTES / 1e6:.0f} MB", "save it smaller")
        data = path.read_bytes()
    except OSError as error:
        raise BadImage(f"cannot be read ({error.strerror})", "check its permissions") from None
    if not data:
        raise BadImage("is empty (0 bytes)", "copy it anew")
    kind = image_format(data)
    if kind == "HEIC":
        raise BadImage("is a HEIC or AVIF image, which is not read here", "convert it to JPEG")
    if kind is None:
        raise BadImage("is no image", "open it and save it as JPEG, or remove it")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged metadata; the pixels are what counts
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(data), formats=[kind])
        except Exception:  # a decoder may raise almost anything on a hostile file
            finding = "has a damaged header, or over 89 million pixels"
            raise BadImage(finding, "save it anew, and smaller") from None
        try:
            return data, *_upright(image, at_least)
        except Exception:
            raise BadImage("breaks off or is damaged inside", "copy it anew") from None


def _upright(image: Image.Image, at_least: int) -> tuple[Image.Image, list[tuple[str, str]]]:
    """The pixels of an opened image, RGB, upright, and (finding, advice) for what was done."""
    notes = []
    deep = ";16" in str(image.tile)  # 16 bits a channel, of which Pillow keeps 8
    if at_least:
        image.draft(None, (at_least, at_least))  # only a JPEG does this
    image.load()  # which turns a TIFF image, and only that
    with contextlib.suppress(Exception):  # damaged metadata is no reason to lose the image
        if image.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9):
            image = ImageOps.exif_transpose(image)
            notes.append(("is stored lying or mirrored (EXIF)", "nothing; it is turned"))
    rgb, more = _to_rgb(image, deep)
    return rgb, notes + more


def _to_rgb(image: Image.Image, deep: bool) -> tuple[Image.Image, list[tuple[str, str]]]:
    """A decoded image in mode RGB, and (finding, advice) of what was changed."""
    many_bits = ("has more than 8 bits a channel", "look at it; its brightest value sets the scale")
    if image.mode.startswith(("I", "F")):
        return _scaled(image), [many_bits]
    if image.has_transparency_data:
        colors, white = image.convert("RGBA"), Image.new("RGBA", image.size, "white")
        if colors.getchannel("A").getextrema()[0] < 255:
            rgb = Image.alpha_composite(white, colors).convert("RGB")
            return rgb, [("is transparent in parts", "nothing; they become white")]
    rgb = image.convert("RGB")
    if deep:  # the upper byte of a camera's 12 bits has 4 of them, and is nearly black
        return _scaled(rgb) if np.asarray(rgb).max() < 128 else rgb, [many_bits]
    cmyk = ("has a printer's colors (CMYK)", "look at it; it is converted")
    return rgb, [cmyk] if image.mode == "CMYK" else []


def _scaled(image: Image.Image) -> Image.Image:
    """Values of any range as 0..255; white is 1 or the smallest 2^n - 1 that holds them all."""
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0).clip(0)
    white = 2 ** np.ceil(np.log2(max(values.max(), 1) + 1)) - 1
    return Image.fromarray(np.rint(values * (255 / white)).astype(np.uint8)).convert("RGB")
