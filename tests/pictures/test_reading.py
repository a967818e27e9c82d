"""Pictures as people have them, and files that only look like some."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from helpers import pictures
from helpers.errors import UserError

# Four colors in four corners show any turn, mirroring or swap of channels.
CORNERS = np.zeros((20, 30, 3), np.uint8)
CORNERS[:10, :15], CORNERS[:10, 15:] = (250, 0, 0), (0, 250, 0)
CORNERS[10:, :15], CORNERS[10:, 15:] = (0, 0, 250), (250, 250, 250)


def corners_of(picture):
    array = np.asarray(picture).astype(int)
    return [array[y, x].tolist() for y in (3, -4) for x in (3, -4)]


def assert_corners(picture, tolerance=40):
    np.testing.assert_allclose(corners_of(picture), corners_of(CORNERS), atol=tolerance)


@pytest.mark.parametrize(
    ("ending", "mode"),
    [
        *((ending, "RGB") for ending in ("jpg", "png", "webp", "bmp", "tif", "gif")),
        ("png", "RGBA"),
        ("webp", "RGBA"),
        ("tif", "RGBA"),
        ("png", "P"),
        ("gif", "P"),
        ("bmp", "P"),
        ("tif", "CMYK"),
        ("jpg", "CMYK"),
    ],
)
def test_color_in_every_format_and_mode(tmp_path, ending, mode):
    path = tmp_path / f"Bär 猫.{ending}"
    picture = Image.fromarray(CORNERS)
    (picture.quantize(8) if mode == "P" else picture.convert(mode)).save(path)
    opened = pictures.read(path)
    assert opened.picture.mode == "RGB" and opened.size == (30, 20)
    assert_corners(opened.picture)
    same = pictures.read(path.read_bytes())
    assert np.array_equal(np.asarray(same.picture), np.asarray(opened.picture))
    assert ("cmyk" in dict(opened.notes)) == (mode == "CMYK")


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "bmp", "tif", "gif"])
@pytest.mark.parametrize("mode", ["L", "1"])
def test_gray(tmp_path, ending, mode):
    Image.fromarray(CORNERS[..., 0]).convert(mode).convert("L").save(tmp_path / f"a.{ending}")
    array = np.asarray(pictures.read(tmp_path / f"a.{ending}").picture).astype(int)
    assert array.shape == (20, 30, 3)
    assert array[3, 3, 0] > 200 and array[3, -4, 0] < 50
    assert (np.ptp(array, axis=2) < 8).all()


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_sixteen_bits(tmp_path, ending):
    ramp = np.tile(np.linspace(0, 65535, 30).astype(np.uint16), (20, 1))
    Image.fromarray(ramp).save(tmp_path / f"a.{ending}")
    opened = pictures.read(tmp_path / f"a.{ending}")
    assert "16_bit" in dict(opened.notes)
    np.testing.assert_allclose(np.asarray(opened.picture)[..., 1], ramp / 257, atol=1)


def png(size, bits, color, data):
    """A PNG file made by hand: Pillow writes neither 16 bits in color nor a lying header."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", *size, bits, color, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


def test_sixteen_bits_in_color():
    rows = b"".join(b"\0" + (row.astype(">u2") * 257).tobytes() for row in CORNERS)
    opened = pictures.read(png((30, 20), 16, 2, rows))
    assert "16_bit" in dict(opened.notes)
    assert_corners(opened.picture, 1)


@pytest.mark.parametrize("value", [128.4, 128.4 / 255])
def test_float_tiff(tmp_path, value):
    pixels = np.full((9, 9), value, np.float32)
    Image.fromarray(pixels).save(tmp_path / "a.tiff")
    assert np.asarray(pictures.read(tmp_path / "a.tiff").picture)[0, 0].tolist() == [128] * 3


def test_transparency_becomes_white(tmp_path):
    clear = np.dstack([CORNERS, np.full((20, 30), 255, np.uint8)])
    clear[:10, :15, 3] = 0
    Image.fromarray(clear).save(tmp_path / "a.png")
    palette = Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30) % 2).convert("P")
    palette.putpalette([250, 0, 0, 0, 0, 250])
    palette.save(tmp_path / "palette.gif", transparency=0)
    assert corners_of(pictures.read(tmp_path / "a.png").picture)[0] == [255] * 3
    found = np.asarray(pictures.read(tmp_path / "palette.gif").picture)
    assert {tuple(color) for color in found.reshape(-1, 3)} == {(255, 255, 255), (0, 0, 250)}


@pytest.mark.parametrize("number", range(1, 9))
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_exif_orientation(tmp_path, ending, number):
    lying = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[number]
    picture = Image.fromarray(CORNERS)
    stored = picture if lying is None else picture.transpose(lying)
    exif = Image.Exif()
    exif[0x0112] = number
    stored.save(tmp_path / f"a.{ending}", exif=exif)
    opened = pictures.read(tmp_path / f"a.{ending}")
    assert opened.size == opened.picture.size == (30, 20)
    assert_corners(opened.picture)
    with Image.open(tmp_path / f"a.{ending}") as lazy:
        assert_corners(pictures.read(lazy).picture)


@pytest.mark.parametrize("ending", ["gif", "webp", "png"])
def test_first_frame_of_an_animation(tmp_path, ending):
    first, second = Image.fromarray(CORNERS), Image.new("RGB", (30, 20), "black")
    first.save(tmp_path / f"a.{ending}", save_all=True, append_images=[second], duration=100)
    opened = pictures.read(tmp_path / f"a.{ending}")
    assert_corners(opened.picture)
    assert "animation" in dict(opened.notes)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1)])
def test_extreme_sizes(tmp_path, size):
    Image.new("RGB", size, (200, 100, 50)).save(tmp_path / "a.png")
    opened = pictures.read(tmp_path / "a.png")
    assert opened.size == size
    for how in ("crop", "pad"):
        assert pictures.fit(opened.picture, 32, how).shape == (32, 32, 3)


def test_wrong_or_no_ending_is_told_and_read(tmp_path):
    for name in ("cat.png", "cat"):
        Image.fromarray(CORNERS).save(tmp_path / name, "JPEG")
        assert "wrong_ending" in dict(pictures.read(tmp_path / name).notes)
    assert pictures.read((tmp_path / "cat").read_bytes()).notes == ()


def test_large_jpeg_is_decoded_smaller_and_tells_its_own_size(tmp_path):
    Image.fromarray(CORNERS).resize((3000, 2400), 0).save(tmp_path / "a.jpg")
    opened = pictures.read(str(tmp_path / "a.jpg"))
    assert opened.size == (3000, 2400) and opened.picture.size == (1500, 1200)
    assert_corners(opened.picture)


def refused_files(folder):
    """(name, words of the refusal)"""
    good = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8)).save(
        good, "JPEG"
    )
    contents = {
        "truncated.jpg": (good.getvalue()[:4000], "breaks off"),
        "empty.jpg": (b"", "is empty"),
        "letter.png": (b"Dear network, this is no picture.", "cannot be read as a picture"),
        "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "cannot be read"),
        "phone.heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 50, "HEIC"),
        "page.jpg": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "cannot be read"),
        "header.png": (b"\x89PNG\r\n\x1a\n", "cannot be read"),
    }
    for name, (data, words) in contents.items():
        (folder / name).write_bytes(data)
        yield name, words
    for side in (3000, 20_000, 2**31 - 1):
        (folder / f"bomb{side}.png").write_bytes(png((side, side), 8, 2, b"\0" * 1000))
        yield f"bomb{side}.png", "pixels"
    (folder / "folder.png").mkdir()
    yield "folder.png", "is a folder"
    (folder / "link.jpg").symlink_to(folder / "truncated.jpg")
    yield "link.jpg", "is a link"
    yield "missing.jpg", "does not exist"
    yield "truncated.jpg/inside.jpg", "does not exist"
    yield "a\0b.jpg", "no file name"


def test_refusals_are_one_line_and_name_the_file(tmp_path):
    for name, words in refused_files(tmp_path):
        with pytest.raises(UserError, match=words) as caught:
            pictures.read(f"{tmp_path}/{name}")
        text = str(caught.value)
        assert "\n" not in text and len(text) < 250, text
        assert name.split("/")[-1].replace("\0", "\N{REPLACEMENT CHARACTER}") in text


@pytest.mark.parametrize(
    "address",
    ["https://a.example/cat.jpg", " HTTP://a.example", "file:///etc/passwd", "data:image/png;,x"],
)
def test_nothing_is_fetched(address):
    with pytest.raises(UserError, match="nothing is fetched"):
        pictures.read(address)


@pytest.mark.parametrize("thing", [None, 3, 3.5, {}, object(), [], [[]], "", b"", b"text"])
def test_other_things(thing):
    with pytest.raises(UserError) as caught:
        pictures.read(thing)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "I", "F", "I;16", "1", "HSV"])
def test_pillow_pictures(mode):
    picture = Image.new(mode, (9, 5))
    opened = pictures.read(picture)
    assert (opened.picture.mode, opened.picture.size) == ("RGB", (9, 5))


def test_pillow_picture_that_cannot_be_decoded(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99, 3), np.uint8)).save(
        tmp_path / "a.png"
    )
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:3000])
    with Image.open(tmp_path / "a.png") as lazy, pytest.raises(UserError, match="be decoded"):
        pictures.read(lazy)


def test_tiff_of_many_pages(tmp_path):
    pages = [Image.new("L", (8, 8))] * 25
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    with pytest.raises(UserError, match="pages"):
        pictures.read(tmp_path / "a.tif")
