import numpy as np
import pytest
from PIL import Image

from helpers import photos
from helpers.errors import UserError
from helpers.photos import findings, opening, reading
from tests.photos.messy import BAD_FILES, encoded, good_folder, scene


def kinds_of(inspection, name):
    return {
        finding.kind
        for finding in inspection.findings
        if any(path.name == name for path in finding.paths)
    }


@pytest.mark.parametrize("name", BAD_FILES)
def test_names_each_bad_file(messy, name):
    inspection, _, _ = messy
    _, kind, left_out = BAD_FILES[name]
    assert kind in kinds_of(inspection, name)
    usable = {path.name for path, _ in inspection.usable}
    is_system = kind == "system_file"
    assert (name in usable) == (not left_out and not is_system)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("link.jpg", "symlink"),
        ("linked_class", "symlink"),
        ("loop", "symlink"),
        ("pipe.jpg", "stray_file"),
        ("nested", "nested_folder"),
        ("loose.jpg", "outside_class"),
        (".ipynb_checkpoints", "system_file"),
        ("both_class0.jpg", "label_conflict"),
        ("both_class1.jpg", "label_conflict"),
        ("alike_class0.jpg", "near_conflict"),
    ],
)
def test_names_what_lies_around(messy, name, kind):
    assert kind in kinds_of(messy[0], name)


def test_at_least_25_kinds(messy):
    found = {finding.kind for finding in messy[0].findings}
    assert len(found) >= 25
    assert {"few_pictures", "empty_class", "imbalance"} <= found


def test_nothing_is_changed(messy):
    _, before, after = messy
    assert before == after


def test_nothing_outside_is_read(messy):
    inspection, _, _ = messy
    names = {path.name for path, _ in inspection.usable}
    assert not names & {"secret.jpg", "link.jpg", "deep.jpg", "loose.jpg"}
    assert "linked_class" not in inspection.class_names
    assert ".ipynb_checkpoints" not in inspection.class_names


def test_sentences_fit_one_line(messy):
    for finding in messy[0].findings:
        assert finding.message.isprintable() and len(finding.message) < 250
        assert finding.kind in findings.KINDS
        for thumbnail in finding.thumbnails:
            assert thumbnail.dtype == np.uint8 and thumbnail.ndim == 3
            assert max(thumbnail.shape[:2]) <= 96
    assert len(messy[0].describe().splitlines()) > 25


def test_groups_hold_copies_together(messy):
    inspection, _, _ = messy
    group = {
        path.name: number
        for (path, _), number in zip(inspection.usable, inspection.groups, strict=True)
    }
    assert group["original.jpg"] == group["copy.jpg"]
    assert group["shot.jpg"] == group["shot_mirrored.png"]
    assert group["alike_class0.jpg"] == group["alike_class1.jpg"]
    assert group["original.jpg"] != group["shot.jpg"]


def test_good_folder_has_no_findings(tmp_path):
    inspection = photos.inspect(good_folder(tmp_path), progress=False)
    assert inspection.findings == ()
    assert inspection.counts == {"class0": 10, "class1": 10}
    assert len(set(inspection.groups)) == 20
    assert inspection.labels.tolist() == [0] * 10 + [1] * 10
    assert "nothing to tell" in inspection.describe()


def test_stereo_jpeg_of_a_phone_is_a_jpeg(tmp_path):
    folder = good_folder(tmp_path)
    mpo = encoded(scene(1), "MPO", save_all=True, append_images=[scene(2)])
    (folder / "class0" / "phone.jpg").write_bytes(mpo)
    inspection = photos.inspect(folder, progress=False)
    assert "animation" not in kinds_of(inspection, "phone.jpg")
    assert "wrong_ending" not in kinds_of(inspection, "phone.jpg")
    assert "phone.jpg" in {path.name for path, _ in inspection.usable}


def test_many_of_a_kind_are_one_finding(tmp_path):
    folder = good_folder(tmp_path)
    for number in range(4):
        (folder / "class1" / f"gray{number}.jpg").write_bytes(encoded(scene(number).convert("L")))
    (finding,) = photos.inspect(folder, progress=False).by_kind()["gray"]
    assert len(finding.paths) == 4 and finding.message.startswith("4 photos, the first is class1/")


def test_truncated_photo_shows_what_is_left(messy):
    (first, _) = messy[0].by_kind()["truncated"]
    assert first.path.name == "truncated.jpg" and len(first.thumbnails) == 1
    assert first.thumbnails[0].shape == (64, 96, 3)


def test_one_class_is_told(tmp_path):
    inspection = photos.inspect(good_folder(tmp_path, classes=1), progress=False)
    assert [finding.kind for finding in inspection.findings] == ["single_class"]


def test_unequal_classes_are_told(tmp_path):
    folder = good_folder(tmp_path, each=4)
    for number in range(10):
        (folder / "class0" / f"more{number}.jpg").write_bytes(encoded(scene(500 + number)))
    found = photos.inspect(folder, min_per_class=4, progress=False)
    assert [finding.kind for finding in found.findings] == ["imbalance"]
    found = photos.inspect(folder, min_per_class=5, max_ratio=5, progress=False)
    assert [finding.kind for finding in found.findings] == ["few_pictures"]


def test_long_class_names_that_look_alike(tmp_path):
    for middle in "ab":
        place = tmp_path / ("x" * 60 + middle + "x" * 60)
        place.mkdir()
        (place / "1.jpg").write_bytes(encoded(scene(ord(middle))))
    found = photos.inspect(tmp_path, progress=False)
    assert len(found.class_names) == 2 and found.labels.tolist() == [0, 1]


def test_class_folders_that_differ_in_case(tmp_path):
    folder = good_folder(tmp_path)
    (folder / "Class0").mkdir()
    (folder / "Class0" / "a.jpg").write_bytes(encoded(scene(77)))
    found = photos.inspect(folder, progress=False).by_kind()
    assert "class0" in found["case_twins"][0].message


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    folder = good_folder(tmp_path)
    real = reading.os.open

    def refusing(path, flags):
        if str(path).endswith("class0/03.jpg"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags)

    monkeypatch.setattr(reading.os, "open", refusing)
    found = photos.inspect(folder, min_per_class=1, progress=False)
    assert [finding.kind for finding in found.findings] == ["no_permission"]


def test_large_files_are_not_read(tmp_path, monkeypatch):
    folder = good_folder(tmp_path, each=2)
    with open(folder / "class0" / "big.jpg", "wb") as file:
        file.truncate(reading.MAX_BYTES + 1)
    found = photos.inspect(folder, min_per_class=1, progress=False)
    assert [finding.kind for finding in found.findings] == ["too_large"]


def test_links_and_pipes_are_never_opened(tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "secret")
    with pytest.raises(reading.Refused, match="may not be read"):
        reading.read_bytes(tmp_path / "link.jpg")
    reading.os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(reading.Refused, match="is no regular file"):
        reading.read_bytes(tmp_path / "pipe.jpg")


def test_too_many_files(tmp_path):
    found = photos.inspect(good_folder(tmp_path), max_files=10, progress=False)
    assert found.counts == {"class0": 5, "class1": 5}
    assert found.by_kind()["too_many_files"][0].fatal


def test_a_name_that_is_no_text(tmp_path):
    folder = good_folder(tmp_path)
    try:
        (folder / "class0" / "caf\udce9.jpg").write_bytes(encoded(scene(9000)))
    except OSError:
        pytest.skip("this file system takes only text as names")
    found = photos.inspect(folder, progress=False)
    assert [finding.kind for finding in found.findings] == ["odd_name"]
    found.findings[0].message.encode()


@pytest.mark.parametrize("shift", range(5))
def test_damaged_bytes_stop_nothing(tmp_path, shift):
    folder = good_folder(tmp_path, each=2)
    rng = np.random.default_rng(shift)
    for format_ in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        for number in range(6):
            data = bytearray(encoded(scene(shift), format_))
            for place in rng.integers(0, min(len(data), 2 ** (5 + number)), 8):
                data[place] = rng.integers(0, 256)
            (folder / "class1" / f"{format_}{number}.{format_.lower()}").write_bytes(data)
    photos.inspect(folder, progress=False)


def test_nothing_usable_says_what_there_is(tmp_path):
    (tmp_path / "pens").mkdir()
    (tmp_path / "pens" / "a.jpg").write_bytes(b"")
    (tmp_path / "loose.jpg").write_bytes(encoded(scene(1)))
    with pytest.raises(UserError, match=r"empty file \(1\).*one folder for each class"):
        photos.inspect(tmp_path, progress=False)


def test_classes_one_level_deeper(tmp_path):
    good_folder(tmp_path / "photos")
    with pytest.raises(UserError, match=r"folder in a class \(2\)"):
        photos.inspect(tmp_path, progress=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"min_per_class": 0}, "min_per_class is 0"), ({"max_files": 1.5}, "max_files is 1.5")],
)
def test_bad_options(tmp_path, options, message):
    with pytest.raises(UserError, match=message):
        photos.inspect(tmp_path, **options)


def test_no_folder(tmp_path):
    with pytest.raises(UserError, match="does not exist: name the folder"):
        photos.inspect(tmp_path / "nothing")
    (tmp_path / "file").write_bytes(b"x")
    with pytest.raises(UserError, match="is a file"):
        photos.inspect(tmp_path / "file")


def test_opening_leaves_no_warning_filter_behind():
    import warnings

    before = list(warnings.filters)
    opening.decode(encoded(scene(1)), ".jpg", at_least=32)
    assert warnings.filters == before


def test_large_jpegs_are_decoded_small():
    data = encoded(scene(1, 4000, 3000))
    opened = opening.decode(data, ".jpg", at_least=96)
    assert opened.size == (4000, 3000) and max(opened.picture.size) <= 500
    assert isinstance(opened.picture, Image.Image)
