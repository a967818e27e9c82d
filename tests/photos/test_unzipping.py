import io
import stat
import struct
import zipfile

import pytest

from helpers import photos
from helpers.errors import UserError
from helpers.photos import unzipping, zip_rules
from tests.photos.messy import encoded, good_folder, scene

JPEG = encoded(scene(1))
GOOD = {f"{name}/{number}.jpg": encoded(scene(number)) for name in ("a", "b") for number in (1, 2)}


def packed(path, entries, **options):
    """A zip file of {name or ZipInfo: bytes}, in this order; pairs may repeat a name."""
    pairs = entries.items() if isinstance(entries, dict) else entries
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, data in pairs:
            archive.writestr(name, data)
    return path


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def special(name, kind):
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (kind | 0o777) << 16
    return info


def test_unpacks_class_folders(tmp_path):
    found = photos.unzip(packed(tmp_path / "x.zip", GOOD), tmp_path / "out")
    assert found.folder == tmp_path / "out" and found.pictures == 4 and found.skipped == ()
    assert names_in(tmp_path / "out") == sorted(GOOD)
    assert (tmp_path / "out" / "a" / "1.jpg").read_bytes() == GOOD["a/1.jpg"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "x.zip"]


def test_unpacked_photos_can_be_inspected(tmp_path):
    good_folder(tmp_path / "mine")
    entries = {
        f"mine/{name}": (tmp_path / "mine" / name).read_bytes()
        for name in names_in(tmp_path / "mine")
    }
    entries |= {"__MACOSX/mine/._00.jpg": b"x", "mine/.DS_Store": b"x", "mine/readme.txt": b"x"}
    found = photos.unzip(packed(tmp_path / "x.zip", entries), tmp_path / "new" / "out")
    assert len(found.skipped) == 1 and "readme.txt" in found.skipped[0]
    inspection = photos.inspect(found.folder, progress=False)
    assert inspection.counts == {"class0": 10, "class1": 10} and not inspection.findings


def test_a_single_class_is_not_taken_for_the_folder_around(tmp_path):
    found = photos.unzip(packed(tmp_path / "x.zip", {"pens/1.jpg": JPEG}), tmp_path / "out")
    assert names_in(found.folder) == ["pens/1.jpg"]


def test_only_pictures_land(tmp_path):
    entries = GOOD | {
        "a/run.sh": b"#!/bin/sh",
        "a/fake.jpg": b"#!/bin/sh",
        "a/page.html": b"<html>",
        "a/.hidden.jpg": JPEG,
        "Thumbs.db": b"x",
    }
    found = photos.unzip(packed(tmp_path / "x.zip", entries), tmp_path / "out")
    assert names_in(found.folder) == sorted(GOOD)
    assert len(found.skipped) == 3


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../evil.jpg", "points out of the folder"),
        ("a/../../evil.jpg", "points out of the folder"),
        ("/tmp/evil.jpg", "points out of the folder"),
        ("..\\evil.jpg", "points out of the folder"),
        ("C:\\evil.jpg", "points out of the folder"),
        ("c:evil.jpg", "points out of the folder"),
        ("\\\\host\\share\\evil.jpg", "points out of the folder"),
        ("a/con.jpg", "computers do not allow"),
        ("a/new\nline.jpg", "computers do not allow"),
        ("a/inner.zip", "is an archive itself"),
        ("a/inner.tar.gz", "is an archive itself"),
        ("1/2/3/4/5/6/7.jpg", "very long name"),
        ("a/" + "x" * 240 + ".jpg", "very long name"),
        ("../__MACOSX/evil.txt", "points out of the folder"),
        (special("a/link.jpg", stat.S_IFLNK), "is a link or a device"),
        (special("a/device.jpg", stat.S_IFCHR), "is a link or a device"),
        ("A/1.JPG", "is in it twice"),
        ("a/1.jpg", "is in it twice"),
        ("a/1.jpg/inside.jpg", "lies in a file"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_refuses_and_leaves_nothing(tmp_path, name, message):
    place = tmp_path / "place"
    place.mkdir()
    file = packed(tmp_path / "x.zip", [*GOOD.items(), (name, JPEG)])
    with pytest.raises(UserError, match=message):
        photos.unzip(file, place / "out")
    assert list(place.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["place", "x.zip"]


def refused(file, folder, message):
    with pytest.raises(UserError, match=message):
        photos.unzip(file, folder)
    assert not folder.exists()
    assert not list(folder.parent.glob(".unzip-*"))


def patched(file, edit):
    data = bytearray(file.read_bytes())
    edit(data)
    file.write_bytes(data)
    return file


def test_refuses_encrypted(tmp_path):
    def encrypt(data):
        place = data.index(b"PK\1\2")
        data[place + 8] |= 1

    file = patched(packed(tmp_path / "x.zip", GOOD), encrypt)
    refused(file, tmp_path / "out", "is encrypted")


def test_refuses_a_zip_bomb(tmp_path):
    file = packed(tmp_path / "x.zip", {"a/1.jpg": JPEG + bytes(40 * 2**20)})
    refused(file, tmp_path / "out", "unpacks to far more")


def test_counts_what_is_written_not_what_is_declared(tmp_path, monkeypatch):
    # The directory says 10 bytes; what comes out is cut or found wrong, never more.
    def lie(data):
        place = data.index(b"PK\1\2")
        data[place + 24 : place + 28] = struct.pack("<L", 10)

    file = patched(packed(tmp_path / "x.zip", {"a/1.jpg": JPEG + bytes(10**6)}), lie)
    refused(file, tmp_path / "out", "is damaged")
    monkeypatch.setattr(unzipping, "_RATIO_FROM", 1000)
    file = packed(tmp_path / "y.zip", {"a/1.jpg": JPEG + bytes(10**6)})
    refused(file, tmp_path / "out", "unpacks to far more")


def test_total_is_bounded(tmp_path):
    file = packed(tmp_path / "x.zip", GOOD)
    with pytest.raises(UserError, match="unpacks to far more"):
        photos.unzip(file, tmp_path / "out", max_total=2 * len(JPEG))
    assert not (tmp_path / "out").exists()


def test_refuses_too_many_entries(tmp_path, monkeypatch):
    file = packed(tmp_path / "x.zip", {f"a/{number}.jpg": b"" for number in range(200)})
    monkeypatch.setattr(zip_rules, "MAX_ENTRIES", 100)
    refused(file, tmp_path / "out", "over 100 entries")


def test_directory_is_bounded_before_it_is_read(tmp_path):
    # One end record that announces a directory of 3 GB.
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 3 * 10**9, 0, 0)
    (tmp_path / "x.zip").write_bytes(end)
    refused(tmp_path / "x.zip", tmp_path / "out", "entries")


def test_refuses_wrong_checksum(tmp_path):
    def flip(data):
        data[data.index(b"PK\1\2") + 16] ^= 255

    refused(patched(packed(tmp_path / "x.zip", GOOD), flip), tmp_path / "out", "is damaged")


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_refuses_a_part_of_a_file(tmp_path, part):
    file = packed(tmp_path / "x.zip", GOOD)
    file.write_bytes(file.read_bytes()[: int(part * file.stat().st_size)])
    refused(file, tmp_path / "out", "is no zip file|is damaged")


@pytest.mark.parametrize("seed", range(40))
def test_random_damage_is_a_plain_error(tmp_path, seed):
    import random

    def damage(data):
        dice = random.Random(seed)
        start = data.index(b"PK\1\2") if seed % 2 else 0
        for _ in range(4):
            data[dice.randrange(start, len(data))] = dice.randrange(256)

    file = patched(packed(tmp_path / "x.zip", GOOD), damage)
    try:
        photos.unzip(file, tmp_path / "out")
    except UserError:
        assert not (tmp_path / "out").exists()
    assert {path.name for path in tmp_path.iterdir()} <= {"x.zip", "out"}


def test_never_overwrites(tmp_path):
    file = packed(tmp_path / "x.zip", GOOD)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="is not empty"):
        photos.unzip(file, tmp_path / "out")
    assert names_in(tmp_path / "out") == ["mine.txt"]
    (tmp_path / "empty").mkdir()
    assert photos.unzip(file, tmp_path / "empty").pictures == 4
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="is not empty"):
        photos.unzip(file, tmp_path / "link")


def test_no_zip_file(tmp_path):
    for content in (b"", b"PK\5\6", b"not a zip file" * 10):
        (tmp_path / "x.zip").write_bytes(content)
        refused(tmp_path / "x.zip", tmp_path / "out", "is no zip file")
    refused(tmp_path / "nothing.zip", tmp_path / "out", "is no file")


def test_no_pictures(tmp_path):
    refused(packed(tmp_path / "x.zip", {}), tmp_path / "out", "has no pictures")
    refused(packed(tmp_path / "y.zip", {"a/b.txt": b"x"}), tmp_path / "out", "has no pictures")


def test_a_comment_at_the_end_is_fine(tmp_path):
    file = packed(tmp_path / "x.zip", GOOD)
    with zipfile.ZipFile(file, "a") as archive:
        archive.comment = b"my photos " * 100
    assert photos.unzip(file, tmp_path / "out").pictures == 4


def test_names_from_windows(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("top_1/a/1.jpg", JPEG)
    (tmp_path / "x.zip").write_bytes(stream.getvalue().replace(b"top_1/a/1", b"top_1\\a\\1"))
    assert names_in(photos.unzip(tmp_path / "x.zip", tmp_path / "out").folder) == ["a/1.jpg"]
