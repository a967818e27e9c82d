"""Photos of strangers: what is read, what is left out and why, what a zip file may not do."""

import io
import os
import struct
import warnings
import zipfile
import zlib
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image, ImageOps

from helpers import photos
from helpers.settings import DATA, CourseError

DRAWN = DATA / "photos" / "drawn"
PEN = DRAWN / "pens" / "drawn_pen_002.jpg"


def scene(seed):
    """A photo of its own: blurred noise."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8))
    return small.resize((96, 72), Image.Resampling.BICUBIC)


def as_bytes(image, kind="JPEG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


JPEG = as_bytes(scene(3))


def folder_of(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def clean(root, classes=("markers", "pens"), each=12):
    names = [f"{name}/{number}.jpg" for name in classes for number in range(each)]
    return folder_of(root, {name: as_bytes(scene(zlib.crc32(name.encode()))) for name in names})


def zipped(files, method=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def written(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


@pytest.fixture
def opened(tmp_path):
    """From a file's bytes to the image that the door gives."""

    def open_bytes(data):
        (tmp_path / "image").write_bytes(data)
        return photos.open_image(tmp_path / "image")

    return open_bytes


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_every_orientation_is_turned_upright(opened, kind):
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        data = as_bytes(scene(1), kind, exif=exif)
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        assert np.array_equal(opened(data), upright), orientation


@pytest.mark.parametrize("white", [255, 4095, 65535])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_gray_of_16_bits_is_scaled_by_what_is_in_it(opened, white, kind):
    ramp = np.linspace(0, white, 64 * 64).reshape(64, 64).astype(np.uint16)
    seen = np.asarray(opened(as_bytes(Image.fromarray(ramp), kind)))
    assert seen.shape == (64, 64, 3) and seen.max() == 255
    assert np.abs(seen[..., 0] - ramp / (white / 255)).max() <= 1


def png(width, height, depth, rows):
    """A PNG file with a header that may lie."""

    def chunk(kind, data):
        sums = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + sums

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + body


def test_color_of_16_bits_with_12_used_is_not_nearly_black(opened):
    ramp = np.linspace(0, 4095, 64 * 64 * 3).reshape(64, 64, 3).astype(">u2")
    seen = np.asarray(opened(png(64, 64, 16, b"".join(b"\0" + row.tobytes() for row in ramp))))
    assert seen.max() == 255 and 100 < seen.mean() < 150


def test_transparent_becomes_white_and_gray_gets_three_channels(opened):
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    assert opened(as_bytes(clear, "PNG")).getpixel((0, 0)) == (255, 255, 255)
    assert opened(as_bytes(Image.new("L", (40, 40), 7), "PNG")).getpixel((0, 0)) == (7, 7, 7)


BAD = {
    "empty": (b"", "is empty"),
    "text": (b"not an image at all", "is no image"),
    "HEIC": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "convert it to JPEG"),
    "broken": (as_bytes(scene(1))[:900], "breaks off"),
    "header": (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "damaged"),
    "bomb": (png(200_000, 200_000, 8, b""), "pixels"),
    "large": (png(10_000, 9000, 8, b""), "pixels"),
}


@pytest.mark.parametrize("data, words", BAD.values(), ids=BAD)
def test_bad_images_are_refused_in_one_line(data, words, tmp_path):
    (tmp_path / "a\nb.jpg").write_bytes(data)
    with warnings.catch_warnings(), pytest.raises(CourseError, match=words) as caught:
        warnings.simplefilter("error")
        photos.open_image(tmp_path / "a\nb.jpg")
    assert "\n" not in str(caught.value)


def test_links_pipes_missing_and_huge_files_are_refused(tmp_path, monkeypatch):
    (tmp_path / "link.jpg").symlink_to(PEN)
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "huge.jpg").write_bytes(JPEG)
    monkeypatch.setattr(photos.image_files, "MAX_BYTES", 100)
    for name in ("link.jpg", "pipe.jpg", "missing.jpg", "", "zero\0byte.jpg", "huge.jpg"):
        with pytest.raises(CourseError):
            photos.open_image(tmp_path / name)


def test_the_drawn_folder_tells_its_troubles():
    table = photos.inspect(DRAWN).set_index("file")
    expected = {
        "markers/preview.png": ("20 x 15", False),
        "pens/broken.jpg": ("breaks off", False),
        "pens/empty.png": ("empty", False),
        "pens/Thumbs.db": ("system", False),
        "pencils/surely_a_pencil.jpg": ("same file as one in pens", False),
        "markers/drawn_marker_000.jpg": ("CMYK", True),
        "pencils/drawn_pencil_013.jpg_large": ("is a JPEG", True),
        "pens/mirrored.jpg": ("looks like", True),
    }
    for file, (words, used) in expected.items():
        assert words in table.finding[file] and table.used[file] == used, file
    assert table.finding.str.contains("looks like").sum() == 2


def test_load_gives_what_is_usable():
    images, labels, class_names, files = photos.load(DRAWN, 32)
    assert images.shape == (103, 32, 32, 3) and images.dtype == np.uint8
    assert class_names == ["markers", "pencils", "pens"] and labels.dtype == np.int64
    assert [class_names[label] for label in labels] == [file.parent.name for file in files]


@pytest.mark.parametrize("name", ["photo.jpg_large", "photo.pjpeg", "photo.JPG~2", "photo"])
def test_a_jpeg_with_another_ending_is_read_and_to_be_renamed(tmp_path, name):
    folder_of(clean(tmp_path), {f"pens/{name}": JPEG})
    row = photos.inspect(tmp_path).set_index("file").loc[f"pens/{name}"]
    assert row.finding == "is a JPEG" and "rename it to photo.jpg" in row.advice and row.used


@pytest.mark.parametrize("name", ["$5_$10", "钢笔", "naïve & <b>"])
def test_names_of_classes_come_through(tmp_path, name):
    folder = clean(tmp_path, ("pens", name))
    assert name in photos.load(folder, 32)[2]
    assert f"{name}/" in set(photos.inspect(folder).file)


def test_a_folder_of_splits_gets_the_advice(tmp_path):
    clean(tmp_path / "mine" / "train")
    with pytest.raises(CourseError, match="inspect mine/train instead"):
        photos.inspect(tmp_path / "mine")


def test_what_lies_astray_is_told(tmp_path):
    astray = {"loose.jpg": JPEG, "pens/deep/a.jpg": JPEG, "pens/a.nef": as_bytes(scene(1), "TIFF")}
    folder_of(clean(tmp_path), astray)
    (tmp_path / "pens" / "link.jpg").symlink_to(PEN)
    table = photos.inspect(tmp_path).set_index("file")
    assert not table.used[["loose.jpg", "pens/deep", "pens/a.nef", "pens/link.jpg"]].any()


@pytest.mark.parametrize("name", ["none", "markers/0.jpg", "markers"])
def test_no_folder_or_no_classes_in_it(tmp_path, name):
    with pytest.raises(CourseError):
        photos.load(clean(tmp_path) / name, 32)


# What a camera does to the pixels before it writes the note "turn me" with this number.
STORED = dict(enumerate(["FLIP_LEFT_RIGHT", "ROTATE_180", "FLIP_TOP_BOTTOM"], start=2))
STORED |= {5: "TRANSPOSE", 6: "ROTATE_90", 7: "TRANSVERSE", 8: "ROTATE_270"}


@pytest.mark.parametrize("noted", [True, False])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_copy_in_any_orientation_has_the_group_of_its_original(tmp_path, orientation, noted):
    """Also without the note: then it lies on its side or is mirrored."""
    clean(tmp_path, each=3)
    originals = [PEN, DRAWN / "pencils" / "drawn_pencil_001.jpg"]
    for number, path in enumerate(originals):
        (tmp_path / "pens" / f"original_{number}.jpg").write_bytes(path.read_bytes())
        image, exif = photos.open_image(path), Image.Exif()
        image = image.resize((image.width * 2 // 3, image.height * 2 // 3))
        if orientation > 1:
            image = image.transpose(Image.Transpose[STORED[orientation]])
        if noted:
            exif[0x0112] = orientation
        copy = as_bytes(image, quality=60, exif=exif)
        (tmp_path / "pens" / f"copy_{number}.jpg").write_bytes(copy)
    images, _, _, files = photos.load(tmp_path, 64)
    group = dict(zip([file.stem for file in files], photos.find_groups(images), strict=True))
    assert all(group[f"copy_{n}"] == group[f"original_{n}"] for n in (0, 1))
    assert len(set(photos.find_groups(images))) == len(files) - 2
    assert photos.inspect(tmp_path).finding.str.contains("looks like").sum() == 2


def test_zip_files_are_added_to_a_folder_and_replace_nothing(tmp_path):
    data = zipped({"mine/pens/a.jpg": JPEG, "mine/pencils/b.jpg_large": JPEG, "__MACOSX/x": b"1"})
    skipped = photos.unzip(data, tmp_path)
    assert len(skipped) == 0 and list(skipped.columns) == ["file", "reason"]
    assert written(tmp_path) == ["pencils/b.jpg_large", "pens/a.jpg"]
    more = zipped({"pens/a.jpg": as_bytes(scene(4)), "markers/c.jpg": JPEG})
    assert "already" in photos.unzip(more, tmp_path).set_index("file").reason["pens/a.jpg"]
    assert written(tmp_path) == ["markers/c.jpg", "pencils/b.jpg_large", "pens/a.jpg"]
    assert (tmp_path / "pens" / "a.jpg").read_bytes() == JPEG
    assert len(photos.unzip(more, tmp_path)) == 2


SKIPPED = {
    "pens/12:30.jpg": "not allowed",
    "../outside.jpg": "not allowed",
    "pens/../../outside.jpg": "not allowed",
    "/tmp/absolute.jpg": "not allowed",
    "pens\\..\\..\\outside.jpg": "not allowed",
    "pens/.. /outside.jpg": "not allowed",
    "a/b/c/d/e/f/g.jpg": "not allowed",
    "pens/notes.txt": "no image",
    "pens/a.jpg/b.jpg": "already",
}


@pytest.mark.parametrize("name, reason", SKIPPED.items(), ids=SKIPPED)
def test_one_bad_name_costs_one_file(tmp_path, name, reason):
    data = b"text" if name.endswith("txt") else JPEG
    skipped = photos.unzip(zipped({"pens/a.jpg": JPEG, name: data}), tmp_path / "in" / "new")
    assert len(skipped) == 1 and reason in skipped.reason[0]
    assert written(tmp_path) == ["in/new/pens/a.jpg"]


def test_links_and_damaged_files_in_a_zip_are_skipped(tmp_path):
    link = zipfile.ZipInfo("pens/link.jpg")
    link.external_attr = 0o120777 << 16
    data = bytearray(zipped({"pens/a.jpg": JPEG, "pens/bad.jpg": JPEG, link: b"/etc/passwd"}))
    place = data.index(b"pens/bad.jpg") + 200
    data[place : place + 4] = b"\xff\xff\xff\xff"
    skipped = photos.unzip(bytes(data), tmp_path).set_index("file").reason
    assert set(skipped.index) == {"pens/link.jpg", "pens/bad.jpg"}
    assert "damaged" in skipped["pens/bad.jpg"] and written(tmp_path) == ["pens/a.jpg"]


@pytest.mark.parametrize("data", [b"", b"no zip", zipped({}), zipped({"a.jpg": JPEG})[:-30]])
def test_a_zip_that_is_refused_leaves_nothing(tmp_path, data):
    with pytest.raises(CourseError):
        photos.unzip(data, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_a_zip_bomb_is_skipped_or_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(photos.image_files, "MAX_BYTES", 1_000_000)
    bomb = JPEG + b"\0" * 3_000_000
    skipped = photos.unzip(zipped({"pens/a.jpg": JPEG, "pens/bomb.jpg": bomb}), tmp_path / "new")
    assert "over 1 MB" in skipped.reason[0]
    declared = [struct.pack("<L", size) for size in (len(bomb), 5000)]
    lying = zipped({"pens/bomb.jpg": bomb}).replace(*declared)
    assert "damaged" in photos.unzip(lying, tmp_path / "lying").reason[0]
    packed = photos.unzip(zipped({"a.jpg": JPEG}, zipfile.ZIP_BZIP2), tmp_path / "bzip2")
    assert "unusual" in packed.reason[0]
    many = zipped({f"pens/{n}.jpg": JPEG for n in range(4)})
    for limit in ({"_MAX_DATA": 2 * len(JPEG)}, {"MAX_FILES": 3}):
        with patch.multiple(photos, **limit), pytest.raises(CourseError, match="over"):
            photos.unzip(many, tmp_path / "more")
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize("light", [True, False])
def test_a_garment_becomes_light_on_black_in_the_middle(tmp_path, light):
    photo = np.full((200, 150, 3), 240 if light else 15, np.uint8)
    photo[40:160, 60:90] = (60, 90, 60) if light else (200, 180, 200)
    photo[10, 10] = 128  # dust
    Image.fromarray(photo).save(tmp_path / "photo.png")
    image = photos.to_fashion(tmp_path / "photo.png")
    assert image.shape == (28, 28) and image.dtype == np.uint8 and image.max() == 255
    columns = np.flatnonzero(image.max(axis=0) > 100)
    assert image[:, [0, -1]].max() == 0 and 13 <= columns.mean() <= 14 and 6 <= len(columns) <= 8


def test_all_drawn_garments_stand_out_and_a_flat_photo_does_not(tmp_path):
    for path in sorted((DATA / "photos" / "garments").glob("*_0.jpg")):
        steps = photos.fashion_steps(path)
        assert next(iter(steps)) == "photo" and steps["centered"].shape == (28, 28)
        assert 0.08 < (steps["object"] > 0).mean() < 0.6, path.name
    Image.new("RGB", (120, 90), "gray").save(tmp_path / "flat.png")
    with pytest.raises(CourseError, match="nothing stands out"):
        photos.to_fashion(tmp_path / "flat.png")
