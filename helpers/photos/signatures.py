"""Which kind of file the first bytes and the ending tell."""

from pathlib import PurePath

# Pillow's names of the formats that are decoded; no other decoder is ever tried.
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
ENDINGS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".apng": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
HEIC_ENDINGS = (".heic", ".heif", ".avif", ".hif")
# Raw camera files begin like a TIFF file, but hold only a preview that one could show.
_RAW_ENDINGS = (".dng", ".nef", ".cr2", ".arw", ".pef", ".srw", ".rw2", ".orf")
_SYSTEM_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"}
_BEGINNINGS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"BM": "BMP",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
HEAD = 32  # bytes that `format_of` wants to see


def format_of(head: bytes) -> str | None:
    """Format of a file that begins so: one of `FORMATS`, "HEIC", or None."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp" and head[8:12] in (
        b"heic",
        b"heix",
        b"hevc",
        b"heim",
        b"heis",
        b"mif1",
        b"msf1",
        b"avif",
        b"avis",
    ):
        return "HEIC"
    return next((name for start, name in _BEGINNINGS.items() if head.startswith(start)), None)


def promises_picture(name: str) -> bool:
    """Whether the ending is one of a picture that can be used."""
    return PurePath(name).suffix.lower() in ENDINGS


def may_be_picture(name: str) -> bool:
    """Whether a file of this name is worth a look inside: a picture's ending, or none at all."""
    suffix = PurePath(name).suffix.lower()
    return suffix in ENDINGS or suffix in HEIC_ENDINGS or suffix == ""


def is_raw(name: str) -> bool:
    """Whether the ending is that of a camera's raw data."""
    return PurePath(name).suffix.lower() in _RAW_ENDINGS


def is_system_file(name: str) -> bool:
    """Whether a computer, not a person, put a file or folder of this name there."""
    return name.startswith(".") or name == "__MACOSX" or name.lower() in _SYSTEM_FILES
