"""Makes a folder with every kind of bad file that students bring."""

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image


def scene(seed: int, width: int = 120, height: int = 90) -> Image.Image:
    """Some blurred colored areas; pictures of two seeds are not alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, format_: str = "JPEG", **options) -> bytes:
    """Bytes of a picture file."""
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    return stream.getvalue()


def good_folder(folder: Path, classes: int = 2, each: int = 10) -> Path:
    """A folder with nothing to tell."""
    for label in range(classes):
        place = folder / f"class{label}"
        place.mkdir(parents=True)
        for number in range(each):
            (place / f"{number:02}.jpg").write_bytes(encoded(scene(1000 * label + number)))
    return folder


def png_header(width: int, height: int) -> bytes:
    """A PNG file that declares a size and holds next to nothing."""
    data = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunks = b""
    for name, content in ((b"IHDR", data), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")):
        chunks += struct.pack(">I", len(content)) + name + content
        chunks += struct.pack(">I", zlib.crc32(name + content))
    return b"\x89PNG\r\n\x1a\n" + chunks


def _turned(orientation: int, seed: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(scene(seed), exif=exif)


def _many_pages() -> bytes:
    page = Image.new("L", (40, 40))
    return encoded(page, "TIFF", save_all=True, append_images=[page] * 299)


def _clear() -> Image.Image:
    picture = scene(203).convert("RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 60, 60))
    return picture


def _frames(seed: int) -> dict:
    return {"save_all": True, "append_images": [scene(seed + 50), scene(seed + 51)]}


# Name below a class folder: content, kind of finding that it must get, whether it is left out.
BAD_FILES = {
    "empty.jpg": (lambda: b"", "empty_file", True),
    "text.jpg": (lambda: b"I am no picture. " * 20, "unreadable", True),
    "truncated.jpg": (lambda: encoded(scene(200, 600, 400))[:4000], "truncated", True),
    "truncated.png": (lambda: encoded(scene(201), "PNG")[:-3000], "truncated", True),
    "really_png.jpg": (lambda: encoded(scene(202), "PNG"), "wrong_ending", False),
    "no_ending": (lambda: encoded(scene(204)), "wrong_ending", False),
    "moving.gif": (lambda: encoded(scene(205), "GIF", **_frames(205)), "animation", False),
    "moving.webp": (lambda: encoded(scene(206), "WEBP", **_frames(206)), "animation", False),
    "moving.png": (lambda: encoded(scene(207), "PNG", **_frames(207)), "animation", False),
    "printer.jpg": (lambda: encoded(scene(208).convert("CMYK")), "cmyk", False),
    "clear.png": (lambda: encoded(_clear(), "PNG"), "transparency", False),
    "palette_clear.gif": (
        lambda: encoded(scene(209).quantize(16), "PNG", transparency=3),
        "transparency",
        False,
    ),
    "deep_gray.png": (
        lambda: encoded(
            Image.fromarray(np.asarray(scene(210).convert("L"), np.uint16) * 257), "PNG"
        ),
        "16_bit",
        False,
    ),
    "float.tif": (lambda: encoded(scene(211).convert("F"), "TIFF"), "16_bit", False),
    "gray.jpg": (lambda: encoded(scene(212).convert("L")), "gray", False),
    "one_bit.png": (lambda: encoded(scene(213).convert("1"), "PNG"), "gray", False),
    "lying.jpg": (lambda: _turned(6, 214), "rotation", False),
    "bomb.png": (lambda: png_header(60_000, 60_000), "bomb", True),
    "small_bomb.png": (lambda: png_header(6000, 6000), "bomb", True),
    "pages.tif": (_many_pages, "multi_page", True),
    "two_pages.tif": (
        lambda: encoded(scene(215), "TIFF", save_all=True, append_images=[scene(216)]),
        "multi_page",
        False,
    ),
    "icon.png": (lambda: encoded(scene(217, 16, 16), "PNG"), "too_small", True),
    "panorama.jpg": (lambda: encoded(scene(218, 900, 100)), "aspect", False),
    "phone.heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(100), "heic", True),
    "renamed_heic.jpg": (lambda: b"\0\0\0\x18ftypmif1" + bytes(100), "heic", True),
    "camera.dng": (lambda: b"II*\0" + bytes(100), "stray_file", True),
    "notes.txt": (lambda: b"pens on my desk", "stray_file", True),
    "Thumbs.db": (lambda: b"\xd0\xcf\x11\xe0", "system_file", False),
    ".DS_Store": (lambda: b"\0\0\0\1Bud1", "system_file", False),
    "new\nline.jpg": (lambda: encoded(scene(219)), "odd_name", False),
    f"{'long' * 40}.jpg": (lambda: encoded(scene(220)), "odd_name", False),
    "Twin.jpg": (lambda: encoded(scene(221)), "case_twins", False),
    "twin.jpg": (lambda: encoded(scene(222)), "case_twins", False),
    "original.jpg": (lambda: encoded(scene(223)), "exact_duplicate", False),
    "copy.jpg": (lambda: encoded(scene(223)), "exact_duplicate", False),
    "shot.jpg": (lambda: encoded(scene(224)), "near_duplicate", False),
    "shot_mirrored.png": (
        lambda: encoded(scene(224).transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG"),
        "near_duplicate",
        False,
    ),
}


def messy_folder(folder: Path, outside: Path) -> Path:
    """A good folder with two classes, and every kind of trouble in and around the first.

    Args:
        folder: is made.
        outside: a folder beside it, which links point to.
    """
    good_folder(folder)
    place = folder / "class0"
    for name, (content, _, _) in BAD_FILES.items():
        (place / name).write_bytes(content())
    outside.mkdir()
    (outside / "secret.jpg").write_bytes(encoded(scene(300)))
    os.symlink(outside / "secret.jpg", place / "link.jpg")
    os.symlink(outside, folder / "linked_class")
    os.symlink(folder, place / "loop")
    os.mkfifo(place / "pipe.jpg")
    (place / "nested").mkdir()
    (place / "nested" / "deep.jpg").write_bytes(encoded(scene(301)))
    (folder / "loose.jpg").write_bytes(encoded(scene(302)))
    (folder / "empty_class").mkdir()
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "few").mkdir()
    (folder / "few" / "one.jpg").write_bytes(encoded(scene(303)))
    for name in ("class0", "class1"):
        (folder / name / f"both_{name}.jpg").write_bytes(encoded(scene(304)))
        (folder / name / f"alike_{name}.jpg").write_bytes(
            encoded(scene(305), quality=90 if name == "class0" else 50)
        )
    return folder
