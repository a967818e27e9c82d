import dataclasses

import numpy as np
import pytest
from PIL import Image

from helpers import photos
from helpers.errors import UserError
from helpers.photos.loading import square
from tests.photos.messy import encoded, good_folder, scene


def test_photos_labels_and_names(tmp_path):
    inspection = photos.inspect(good_folder(tmp_path), progress=False)
    data = photos.load(inspection, 48, progress=False)
    assert data.images.shape == (20, 48, 48, 3) and data.images.dtype == np.uint8
    assert data.labels.dtype == np.int64 and data.labels.tolist() == [0] * 10 + [1] * 10
    assert data.class_names == ("class0", "class1")
    assert data.groups.dtype == np.int64 and len(data.groups) == 20
    for path, label in zip(data.paths, data.labels, strict=True):
        assert path.parent.name == data.class_names[label]


def test_everything_usable_can_be_loaded(messy):
    inspection, _, _ = messy
    data = photos.load(inspection, 32, progress=False)
    assert len(data.images) == len(inspection.usable)
    # Every one is really a picture: none is of one color.
    assert (data.images.reshape(len(data.images), -1).std(axis=1) > 5).all()


def test_transparent_parts_are_white(messy):
    data = photos.load(messy[0], 64, fit="pad", progress=False)
    row = [path.name for path in data.paths].index("clear.png")
    assert (data.images[row, 15:30, 5:25] == 255).all()


def test_gray_of_16_bits_keeps_its_range(messy):
    data = photos.load(messy[0], 32, progress=False)
    row = [path.name for path in data.paths].index("deep_gray.png")
    wanted = square(scene(210).convert("L").convert("RGB"), 32, "crop")
    assert np.abs(data.images[row].astype(int) - wanted).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied(tmp_path, orientation):
    upright = scene(5, 200, 100)
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # back to how the sensor saw it
    stored = upright.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.jpg").write_bytes(encoded(scene(90 + ord(name)), quality=95))
    (tmp_path / "a" / "2.jpg").write_bytes(encoded(stored, exif=exif, quality=95))
    data = photos.load(photos.inspect(tmp_path, progress=False), 50, progress=False)
    difference = data.images[1].astype(int) - square(upright, 50, "crop")
    assert np.abs(difference).mean() < 6


def test_crop_takes_the_middle_and_pad_takes_all():
    picture = Image.new("RGB", (300, 100), (200, 0, 0))
    picture.paste((0, 0, 200), (100, 0, 200, 100))
    assert (square(picture, 20, "crop") == (0, 0, 200)).all()
    padded = square(picture, 30, "pad")
    assert (padded[:9] == 255).all() and (padded[21:] == 255).all()
    assert (padded[11:19, 1:8] == (200, 0, 0)).all() and (padded[11:19, 12:18, 2] == 200).all()


def test_made_smaller_without_false_patterns():
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    small = square(Image.fromarray(stripes), 37, "crop").astype(int)
    assert np.abs(small - 127).max() < 25


def test_large_jpegs_look_the_same_as_without_shortcut(tmp_path):
    good_folder(tmp_path, each=2)
    (tmp_path / "class0" / "large.jpg").write_bytes(encoded(scene(3, 2400, 1800), quality=95))
    data = photos.load(photos.inspect(tmp_path, progress=False), 64, progress=False)
    row = [path.name for path in data.paths].index("large.jpg")
    wanted = square(scene(3, 2400, 1800), 64, "crop").astype(int)
    assert np.abs(data.images[row] - wanted).mean() < 3


@pytest.mark.parametrize("size", [0, 4, 5000, 96.0, True, None])
def test_bad_size(messy, size):
    with pytest.raises(UserError, match="size is"):
        photos.load(messy[0], size)


def test_bad_fit(messy):
    with pytest.raises(UserError, match="fit is 'stretch': use one of crop, pad"):
        photos.load(messy[0], 32, fit="stretch")


def test_memory_is_bounded(messy):
    many = dataclasses.replace(messy[0], usable=messy[0].usable * 20)
    with pytest.raises(UserError, match="over 2 GB"):
        photos.load(many, 1024)


def test_a_file_that_changes_after_the_inspection(tmp_path):
    inspection = photos.inspect(good_folder(tmp_path), progress=False)
    (tmp_path / "class1" / "03.jpg").write_bytes(b"")
    with pytest.raises(UserError, match=r"03.jpg has changed since the inspection, it is empty"):
        photos.load(inspection, 32, progress=False)
