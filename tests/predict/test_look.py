"""Any picture, one answer: what `predict.look` makes of files, arrays and models."""

import keras
import numpy as np
import pytest
from keras import layers
from PIL import Image

from helpers import models, predict
from helpers.errors import UserError
from helpers.labels import CIFAR10, CIFAR10_COARSE, CIFAR10_FINE_TO_COARSE
from helpers.predict.taking import divides_itself, takes
from helpers.sources import sample
from helpers.sources.catalog import CATALOG

NAMES = ("cat", "dog", "frog")
SUPERCLASSES = tuple(CIFAR10_COARSE[group] for group in CIFAR10_FINE_TO_COARSE)


def means(*first, shape=(4, 4, 3)):
    """A model without weights: the means of the channels, as probabilities."""
    parts = [*first, layers.GlobalAveragePooling2D(), layers.Softmax()]
    return keras.Sequential([keras.Input(shape), *parts])


@pytest.fixture(scope="module")
def model():
    return means(layers.Rescaling(1 / 255))


@pytest.fixture(scope="module")
def small():
    return models.load_small()


@pytest.fixture(scope="module")
def cifar10():
    """100 test pictures and labels of the sample that ships."""
    arrays = sample.read(CATALOG["cifar10"])
    return arrays.test_images[:100], arrays.test_labels[:100]


def red(height=4, width=4):
    return np.full((height, width, 3), (250, 0, 0), np.uint8)


def test_all_sources_give_the_same(model, tmp_path):
    Image.fromarray(red(20, 30)).save(tmp_path / "a.png")
    sources = [
        tmp_path / "a.png",
        str(tmp_path / "a.png"),
        (tmp_path / "a.png").read_bytes(),
        Image.open(tmp_path / "a.png"),
        red(20, 30),
        red(20, 30) / 255,
        red(),
        keras.ops.convert_to_tensor(red()),
    ]
    answers = [predict.top_k(model, source, NAMES) for source in sources]
    assert all(answer == answers[0] for answer in answers)


def test_what_a_look_holds(model):
    seen = predict.look(model, red(20, 30), NAMES, k=2, superclasses=("pet", "pet", "wild"))
    assert seen.picture.shape == (20, 30, 3) and seen.size == (30, 20)
    assert seen.seen.shape == (4, 4, 3) and seen.seen.dtype == np.uint8
    assert seen.pixels.dtype == np.float32
    assert seen.probabilities.shape == (3,) and seen.class_names == NAMES
    assert [name for name, _ in seen.top] == ["cat", "dog"]
    assert seen.top_superclasses[0] == ("pet", pytest.approx(seen.probabilities[:2].sum()))
    assert any("67 % of the picture" in note for note in seen.notes)


def test_pad_shows_white_edges_and_crop_does_not(model):
    assert predict.look(model, red(4, 8), NAMES, how="pad").seen[0].tolist() == [[255] * 3] * 4
    assert predict.look(model, red(4, 8), NAMES).seen[0].tolist() == [[250, 0, 0]] * 4


def test_mirror_is_the_mean_of_both_answers():
    flat = keras.Sequential([keras.Input((2, 2, 1)), layers.Flatten(), layers.Softmax()])
    image = np.array([[1, 2], [3, 4]], np.float32)[..., None]
    plain, turned, both = (
        predict.look(flat, values, mirror=mirror).probabilities
        for values, mirror in ((image, False), (image[:, ::-1], False), (image, True))
    )
    np.testing.assert_array_equal(both, (plain + turned) / 2)


def test_float_pixels_of_one_are_white_for_a_model_that_divides(model):
    assert predict.top_k(model, red() / 255, NAMES) == predict.top_k(model, red(), NAMES)
    assert "scaled" in predict.look(model, red() / 255, NAMES).notes[0]


def test_a_model_that_does_not_divide_gets_arrays_as_they_are_and_files_with_a_note(tmp_path):
    bare = means()
    Image.fromarray(red()).save(tmp_path / "a.png")
    ones = predict.top_k(bare, (red() / 255).astype(np.float32), NAMES)
    assert ones != predict.top_k(bare, red(), NAMES)
    assert any("white=1" in note for note in predict.look(bare, tmp_path / "a.png", NAMES).notes)
    told = predict.look(bare, tmp_path / "a.png", NAMES, white=1)
    assert list(told.top) == ones and told.notes == ()
    assert predict.top_k(bare, red(), NAMES, white=1) == ones


def test_a_model_shows_that_it_divides():
    inputs = keras.Input((4, 4, 3))
    pooled = layers.GlobalAveragePooling2D()(inputs / 127.5 - 1)
    assert divides_itself(keras.Model(inputs, layers.Softmax()(pooled)))
    assert divides_itself(means(layers.RandomFlip(), layers.Rescaling(1 / 255)))
    assert divides_itself(keras.Sequential([keras.Input((4, 4, 3)), means(layers.Rescaling(0.01))]))
    assert not divides_itself(means(layers.Rescaling(2.0)))
    assert not divides_itself(means(layers.Conv2D(3, 1), layers.Rescaling(1 / 255)))


def test_a_model_for_pictures_of_any_size(tmp_path):
    anything = means(layers.Rescaling(1 / 255), shape=(None, None, 3))
    Image.fromarray(red(50, 60)).save(tmp_path / "a.png")
    with pytest.raises(UserError, match="pass size=32"):
        predict.top_k(anything, tmp_path / "a.png", NAMES)
    assert predict.look(anything, tmp_path / "a.png", NAMES, size=8).seen.shape == (8, 8, 3)
    assert takes(anything).shape == (None, None, 3)
    for size in (0, 2.5, True):
        with pytest.raises(UserError, match="size is"):
            predict.top_k(anything, red(), NAMES, size=size)


@pytest.mark.parametrize("shape", [(28, 28, 1), (28, 28)])
def test_gray_models(shape):
    gray = keras.Sequential([keras.Input(shape), layers.Flatten(), layers.Softmax()])
    seen = predict.look(gray, red(50, 60))
    assert seen.seen.shape == (28, 28, 1) and seen.pixels.shape == shape
    assert predict.look(gray, np.zeros((28, 28), np.uint8)).top[0][1] == pytest.approx(1 / 784)


def test_without_names_classes_are_numbered(model):
    seen = predict.look(model, red())
    assert seen.top[0][0] == "class 0" and "numbered" in seen.notes[-1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"how": "stretch"}, "how is 'stretch'"),
        ({"how": "garment"}, "28 x 28 gray"),
        ({"size": 8}, "leave size out"),
        ({"white": 128}, "white is 128"),
        ({"superclasses": ("a", "b")}, "2 superclasses for 3 classes"),
        ({"k": 0}, "k is 0"),
    ],
)
def test_wrong_options(model, options, words):
    with pytest.raises(UserError, match=words):
        predict.look(model, red(9, 9), NAMES, **options)


def test_models_that_are_not_for_this():
    vector = keras.Sequential([keras.Input((5,)), layers.Softmax()])
    with pytest.raises(UserError, match="no pictures"):
        predict.top_k(vector, red())
    one = keras.Input((4, 4, 3))
    pooled = layers.Softmax()(layers.GlobalAveragePooling2D()(one))
    with pytest.raises(UserError, match="2 outputs"):
        predict.top_k(keras.Model(one, [pooled, pooled]), red())
    other = keras.Input((4, 4, 3))
    with pytest.raises(UserError, match="several inputs"):
        predict.top_k(keras.Model([one, other], layers.Add()([one, other])), red())
    with pytest.raises(UserError, match="hold NaN"):
        predict.top_k(means(layers.Rescaling(np.nan)), red())


def test_png_files_of_test_pictures_get_exactly_the_direct_answer(small, cifar10, tmp_path):
    images, labels = cifar10
    right_png = right_jpeg = 0
    for image, label in zip(images, labels, strict=True):
        direct = np.asarray(small(image[None], training=False))[0]
        Image.fromarray(image).save(tmp_path / "a.png")
        seen = predict.look(small, tmp_path / "a.png", CIFAR10, superclasses=SUPERCLASSES)
        np.testing.assert_array_equal(seen.probabilities, direct.astype(np.float64))
        right_png += seen.top[0][0] == CIFAR10[label]
        scene = Image.fromarray(image).resize((200, 200), Image.Resampling.BICUBIC)
        wide = Image.new("RGB", (300, 200), "white")
        wide.paste(scene, (50, 0))
        wide.save(tmp_path / "a.jpg", quality=90)
        right_jpeg += predict.top_k(small, tmp_path / "a.jpg", CIFAR10, 1)[0][0] == CIFAR10[label]
    print(f"right of 100: PNG {right_png}, JPEG of 300 x 200 {right_jpeg}")
    assert right_png >= 75
    assert right_jpeg >= right_png - 8
