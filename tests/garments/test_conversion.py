import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from helpers import datasets, garments
from helpers.errors import UserError


def card(height=200, width=150, ground=245, thing=60, box=(40, 160, 50, 110)):
    """A dark board with a bright corner on a light ground, (h, w, 3) uint8."""
    picture = np.full((height, width, 3), ground, dtype=np.uint8)
    top, bottom, left, right = box
    picture[top:bottom, left:right] = thing
    picture[top : top + 30, left : left + 20] = (thing + 40) % 256
    return picture


def box_of(image, above=40):
    on = image > above
    rows, columns = np.flatnonzero(on.any(axis=1)), np.flatnonzero(on.any(axis=0))
    return int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])


def close(one, other, most=12):
    return np.abs(one.image.astype(int) - other.image).max() <= most


def test_the_object_is_light_on_black_centered_with_its_ratio_kept():
    image = garments.to_fashion(card()).image
    assert image.shape == (28, 28) and image.dtype == np.uint8 and image.max() == 255
    assert box_of(image) == (0, 27, 7, 20)  # 120 x 60 pixels become 28 x 14
    assert not image[:, :6].any() and not image[:, 22:].any()
    assert image[20:25, 9:19].min() > 150


def test_steps_go_from_the_photo_to_the_image():
    photo = card()
    converted = garments.to_fashion(photo)
    names = [name for name, _ in converted.steps]
    assert names == ["photo", "object", "cropped", "light on black", "centered"]
    assert np.array_equal(converted.steps[0][1], photo)
    assert converted.steps[2][1].shape == (120, 60, 3)
    assert converted.steps[-1][1] is converted.image
    assert all(picture.dtype == np.uint8 for _, picture in converted.steps)


def test_a_dark_background_is_not_negated_twice():
    light = card()
    assert close(garments.to_fashion(255 - light), garments.to_fashion(light))


def test_pictures_of_fashion_mnist_stay_nearly_what_they_are():
    images = datasets.load("fashion_mnist", profile="quick").train.images[:60, ..., 0]
    again = np.stack([garments.to_fashion(image).image for image in images])
    alike = [
        np.corrcoef(*pair)[0, 1]
        for pair in zip(again.reshape(60, -1), images.reshape(60, -1), strict=True)
    ]
    # The faint first row or column of an object may be cut off, and the rest moves.
    assert np.median(alike) > 0.8
    assert 0.9 < again.mean() / images.mean() < 1.2


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_is_refused(value):
    with pytest.raises(UserError, match="nothing stands out"):
        garments.to_fashion(np.full((80, 60, 3), value, np.uint8))


def test_noise_and_a_shaded_background_are_not_the_object():
    rng = np.random.default_rng(0)
    ground = card().astype(float) - 30 * np.linspace(0, 1, 150)[None, :, None]
    noisy = np.clip(ground + rng.normal(0, 4, ground.shape), 0, 255).astype(np.uint8)
    noisy[5, 5] = 0  # dust
    assert garments.to_fashion(noisy).steps[2][1].shape[0] in range(118, 123)
    assert box_of(garments.to_fashion(noisy).image, 90) == (0, 27, 7, 20)


def test_a_strongly_shaded_background_is_followed():
    ground = card().astype(float) * np.linspace(0.72, 1, 150)[None, :, None]
    noisy = ground + np.random.default_rng(0).normal(0, 4, ground.shape)
    image = garments.to_fashion(np.clip(noisy, 0, 255).astype(np.uint8)).image
    assert box_of(image, 90) == (0, 27, 7, 20)


def test_an_object_may_touch_the_border():
    photo = card(box=(40, 200, 50, 110))
    assert garments.to_fashion(photo).steps[2][1].shape == (160, 60, 3)


def test_a_white_garment_on_light_gray_does_not_vanish():
    image = garments.to_fashion(card(ground=225, thing=255, box=(40, 160, 50, 110))).image
    assert box_of(image, 10) == (0, 27, 7, 20)


def test_two_things_are_both_kept():
    photo = card(box=(60, 140, 10, 60))
    photo[60:140, 90:140] = 60
    assert garments.to_fashion(photo).steps[2][1].shape == (80, 130, 3)


@pytest.mark.parametrize(
    ("height", "width"), [(12, 12), (20, 2000), (2000, 30), (28, 28), (1500, 1100)]
)
def test_any_size(height, width):
    box = (height // 4, 3 * height // 4, width // 4, 3 * width // 4)
    photo = np.full((height, width, 3), 250, np.uint8)
    photo[box[0] : box[1], box[2] : box[3]] = 40
    image = garments.to_fashion(photo).image
    top, bottom, left, right = box_of(image)
    assert max(bottom - top, right - left) == 27
    assert abs(top + bottom - 27) <= 1 and abs(left + right - 27) <= 1


GRAY = Image.fromarray(card()).convert("L")


def transparent():
    picture = Image.fromarray(card()).convert("RGBA")
    picture.putalpha(Image.fromarray(np.where(card()[..., 0] < 200, 255, 0).astype(np.uint8)))
    return picture


@pytest.mark.parametrize(
    "picture",
    [
        Image.fromarray(card()),
        GRAY,
        GRAY.convert("P"),
        Image.fromarray(card()).quantize(16),
        Image.fromarray(card()).convert("CMYK"),
        transparent(),
        Image.fromarray(np.asarray(GRAY).astype(np.uint16) * 257),
        np.asarray(GRAY),
        np.asarray(GRAY)[..., None],
        np.asarray(GRAY).astype(np.uint16) * 257,
        np.asarray(transparent()),
    ],
)
def test_every_kind_of_picture_gives_the_same(picture):
    assert close(garments.to_fashion(picture), garments.to_fashion(card()))


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "tif", "gif"])
def test_files(tmp_path, ending):
    path = tmp_path / f"board.{ending}"
    Image.fromarray(card()).save(path)
    for given in (path, str(path)):
        assert box_of(garments.to_fashion(given).image, 90) == (0, 27, 7, 20)


def test_a_photo_stored_lying_is_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "lying.jpg"
    Image.fromarray(np.rot90(card())).save(path, quality=95, exif=exif)
    assert close(garments.to_fashion(path), garments.to_fashion(card()), 40)
    with Image.open(path) as lazy:
        assert close(garments.to_fashion(lazy), garments.to_fashion(card()), 40)


def bomb():
    """A PNG file that declares a huge picture and holds next to nothing."""
    data = b""
    head = struct.pack(">2I5B", 60_000, 60_000, 8, 2, 0, 0, 0)
    for name, content in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 99)), (b"IEND", b"")):
        data += struct.pack(">I", len(content)) + name + content
        data += struct.pack(">I", zlib.crc32(name + content))
    return b"\x89PNG\r\n\x1a\n" + data


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"I am no picture. " * 20, "cannot be read"),
        (bomb(), "million pixels"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "cannot be read"),
    ],
)
def test_hostile_files_are_refused_in_one_line(tmp_path, content, words):
    path = tmp_path / "odd.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words) as caught:
        garments.to_fashion(path)
    assert str(caught.value).startswith("odd.png") and "\n" not in str(caught.value)


def test_a_missing_file_a_link_and_a_folder_are_refused(tmp_path):
    (tmp_path / "link.png").symlink_to(tmp_path / "board.png")
    for path in (tmp_path / "none.png", tmp_path / "link.png", tmp_path):
        with pytest.raises(UserError):
            garments.to_fashion(path)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (card() / 255.0, "dtype"),
        (card().astype(int), "dtype"),
        (np.zeros((2, 28, 28, 3), np.uint8), "shape"),
        (np.zeros((28, 28, 2), np.uint8), "shape"),
        (np.zeros((0, 28), np.uint8), "shape"),
        (np.zeros((5, 400), np.uint8), "at least 12"),
        (Image.new("L", (10_000, 6_000)), "million"),
        (None, "NoneType"),
        ([[1, 2], [3, 4]], "list"),
    ],
)
def test_what_is_no_picture_is_refused(picture, words):
    with pytest.raises(UserError, match=words):
        garments.to_fashion(picture)
