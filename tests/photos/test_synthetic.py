"""Synthetic photos: the same everywhere, as files from a phone, and not to be told by color."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from helpers.errors import UserError
from helpers.photos import synthetic
from helpers.photos.synthetic.implements import STEP, marker, pen, pencil
from helpers.photos.synthetic.noise import value_noise
from helpers.photos.synthetic.scene import photo


@pytest.fixture(scope="module")
def course_photos():
    return synthetic.writing_implements()


def test_shapes_labels_and_names(course_photos):
    images, labels, names = course_photos
    assert images.shape == (102, 96, 96, 3) and images.dtype == np.uint8
    assert labels.dtype == np.int64 and np.bincount(labels).tolist() == [34, 34, 34]
    assert tuple(names) == ("markers", "pencils", "pens")


def test_a_photo_depends_on_seed_and_number_alone(course_photos):
    few, _, _ = synthetic.writing_implements(5)
    np.testing.assert_array_equal(few, course_photos[0][:5])
    other, _, _ = synthetic.writing_implements(5, seed=7)
    assert all(not np.array_equal(a, b) for a, b in zip(few, other, strict=True))


def test_drawing_leaves_the_global_chance_alone():
    np.random.seed(3)
    expected = np.random.random()
    np.random.seed(3)
    synthetic.writing_implements(2, 32)
    assert np.random.random() == expected


def test_the_scene_is_the_same_at_any_size():
    small = photo("pens", 1001, 4, 64, 64)[0]
    large = photo("pens", 1001, 4, 320, 320)[0]
    shrunk = np.asarray(Image.fromarray(large).resize((64, 64), Image.Resampling.BOX))
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.9


def test_photos_differ_in_light_and_use_the_range(course_photos):
    brightness = course_photos[0].mean(axis=(1, 2, 3))
    assert brightness.min() < 80 and brightness.max() > 160
    contrast = course_photos[0].std(axis=(1, 2, 3))
    assert contrast.min() > 3  # no empty picture


def test_color_alone_does_not_tell_the_classes(course_photos):
    """Neither mean colors nor 8 x 8 thumbnails: the class is in the details."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    images, labels, _ = course_photos
    blocks = images.reshape(102, 8, 12, 8, 12, 3).mean(axis=(2, 4)).reshape(102, -1)
    means = np.concatenate([images.mean(axis=(1, 2)), images.std(axis=(1, 2))], axis=1)
    for features in (blocks, means):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01))
        assert cross_val_score(model, features, labels, cv=3).mean() < 0.6


@pytest.mark.parametrize("make", [pencil, pen, marker])
def test_implements_are_of_real_size(make):
    for seed in range(30):
        thing = make(np.random.default_rng(seed))
        assert 60 < thing.length < 230
        assert 3 < thing.radius.max() < 10 and thing.radius.min() >= 0
        assert thing.color.shape == (len(thing.radius), 3) and np.isfinite(thing.color).all()
        assert thing.color.min() >= 0 and thing.color.max() <= 1
        for piece in thing.pieces:
            assert piece.begin >= 0 and abs(piece.offset) <= thing.radius.max()
            assert len(piece.radius) * STEP == piece.length


def test_noise_is_smooth_and_in_range():
    x, y = np.meshgrid(np.linspace(-40, 40, 200), np.linspace(-40, 40, 200))
    noise = value_noise(np.random.default_rng(0), x, y, 10)
    assert 0 <= noise.min() < 0.2 and 0.8 < noise.max() <= 1
    assert np.abs(np.diff(noise, axis=0)).max() < 0.1


def test_a_folder_as_from_a_phone(tmp_path):
    folder = synthetic.write_folder(tmp_path / "a" / "photos", count=24, size=(128, 96))
    files = sorted(folder.rglob("*.jpg"))
    assert sorted(p.name for p in folder.iterdir()) == ["markers", "pencils", "pens"]
    assert len(files) == 24 and all("synthetic" in file.name for file in files)
    sizes, turned = set(), 0
    for file in files:
        with Image.open(file) as picture:
            assert picture.format == "JPEG"
            turned += picture.getexif().get(0x0112, 1) != 1
            sizes.add(ImageOps.exif_transpose(picture).size)
    assert turned >= 3 and {(128, 96), (96, 128)} < sizes


def test_turned_files_show_the_scene_upright(tmp_path):
    folder = synthetic.write_folder(tmp_path, count=24, size=(128, 96))
    seen = set()
    for file in folder.rglob("*.jpg"):
        index = int(file.stem.rsplit("_", 1)[1])
        with Image.open(file) as picture:
            seen.add(picture.getexif()[0x0112])
            upright = np.asarray(ImageOps.exif_transpose(picture))
        scene = photo(file.parent.name, 1001, index, upright.shape[1], upright.shape[0])[0]
        assert np.corrcoef(upright.ravel(), scene.ravel())[0, 1] > 0.8
    assert len(seen) >= 3


def test_writing_again_replaces_its_own_files_only(tmp_path):
    synthetic.write_folder(tmp_path, count=6, size=(32, 32))
    mine = tmp_path / "pens" / "mine.jpg"
    mine.write_bytes(b"mine")
    synthetic.write_folder(tmp_path, count=3, size=(32, 32))
    assert len(list(tmp_path.rglob("synthetic_*.jpg"))) == 3
    assert mine.read_bytes() == b"mine"


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"count": -3}, {"count": 2.5}, {"size": 8}, {"size": 10**6}, {"seed": -1}],
)
def test_what_cannot_be_drawn_is_named(wrong, tmp_path):
    with pytest.raises(UserError) as raised:
        synthetic.writing_implements(**wrong)
    assert str(next(iter(wrong.values()))) in str(raised.value)
    if "size" in wrong:
        wrong = {"size": (wrong["size"], 64)}
    with pytest.raises(UserError):
        synthetic.write_folder(tmp_path / "new", **wrong)
    assert not (tmp_path / "new").exists()


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "photos").write_text("a file")
    with pytest.raises(UserError, match="name another folder"):
        synthetic.write_folder(tmp_path / "photos", count=1)
