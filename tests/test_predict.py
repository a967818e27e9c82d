import keras
import numpy as np
import pytest

from helpers import predict
from helpers.errors import UserError

NAMES = ("cat", "dog", "frog")


@pytest.fixture(scope="module")
def model():
    """Means of the three color channels, as probabilities."""
    return keras.Sequential(
        [
            keras.Input((4, 4, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Softmax(),
        ]
    )


def picture(red=0, green=0, blue=0):
    return np.full((4, 4, 3), (red, green, blue), np.uint8)


def test_likeliest_first(model):
    found = predict.top_k(model, picture(green=255, blue=128), NAMES, k=2)
    assert [name for name, _ in found] == ["dog", "frog"]
    weights = np.exp([0, 1, 128 / 255])
    np.testing.assert_allclose([p for _, p in found], (weights / weights.sum())[1:], rtol=1e-5)
    assert all(type(p) is float for _, p in found)


def test_no_more_than_there_are(model):
    found = predict.top_k(model, picture(), NAMES)
    assert [name for name, _ in found] == list(NAMES)  # equal: in the order of the names


def test_float_pixels(model):
    whole = predict.top_k(model, picture(red=200), NAMES)
    assert predict.top_k(model, picture(red=200).astype("float32"), NAMES) == whole


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (picture()[None], "pass image\\[0\\]"),
        (np.zeros((4, 4, 2)), "1, 3 or 4 channels"),
        (np.full((4, 4, 3), -1.0), "values from -1 to -1 but the model takes 0 to 255"),
        (np.zeros(4), "pass \\(height, width\\)"),
        ("missing.jpg", "does not exist"),
        ("https://a.example/cat.jpg", "nothing is fetched"),
        (np.zeros((3, 4, 4)), "in this order"),
        (np.full((4, 4, 3), np.nan), "NaN"),
        (np.full((4, 4, 3), "a"), "dtype"),
    ],
)
def test_wrong_images(model, image, words):
    with pytest.raises(UserError, match=words):
        predict.top_k(model, image, NAMES)


def test_wrong_names_and_k(model):
    with pytest.raises(UserError, match="2 class names but the model's output has shape"):
        predict.top_k(model, picture(), NAMES[:2])
    for k in (0, 1.5, True):
        with pytest.raises(UserError, match="k is"):
            predict.top_k(model, picture(), NAMES, k=k)


def test_logits_are_refused(model):
    logits = keras.Sequential([keras.Input((4, 4, 3)), *model.layers[:-1]])
    with pytest.raises(UserError, match="end it with a softmax"):
        predict.top_k(logits, picture(red=255, green=255), NAMES)


def test_a_model_that_does_not_tell_its_input_shape(model):
    unbuilt = keras.Sequential(model.layers)
    assert predict.top_k(unbuilt, picture(red=255), NAMES, k=1)[0][0] == "cat"


def test_confidence():
    labels, shares = predict.confidence([[0.2, 0.8], [0.6, 0.4]])
    assert labels.tolist() == [1, 0]
    assert labels.dtype == np.int64
    assert shares.tolist() == [0.8, 0.6]
    with pytest.raises(UserError, match="pass \\(n, classes\\)"):
        predict.confidence([0.2, 0.8])


class Corner:
    """Stands for a model: its answer is the upper left pixel's share of 255, and the rest."""

    def __init__(self):
        self.calls = 0

    def predict(self, images, batch_size, verbose):
        self.calls += 1
        share = images[:, 0, 0, 0] / 255
        return np.stack([share, 1 - share], axis=1).astype("float32")


def test_views_are_averaged_with_the_picture_in_place_counting_double():
    image = np.zeros((1, 4, 4, 1), np.uint8)
    image[0, 0, 0], image[0, 1, 1] = 200, 100
    image[0, 0, 3], image[0, 1, 2] = 40, 80
    model = Corner()
    plain = predict.probabilities(model, image)
    np.testing.assert_allclose(plain, [[200 / 255, 55 / 255]], rtol=1e-6)
    assert model.calls == 1
    mirrored = predict.probabilities(model, image, mirror=True)[0, 0] * 255
    assert mirrored == pytest.approx((200 + 40) / 2)
    # Moved to the upper left the corner shows pixel (1, 1); to the lower right its reflection.
    moved = predict.probabilities(model, image, shift=1)[0, 0] * 255
    assert moved == pytest.approx((2 * 200 + 100 + 100) / 4)
    all_views = predict.probabilities(model, image, mirror=True, shift=1)[0, 0] * 255
    assert all_views == pytest.approx(((2 * 200 + 200) / 4 + (2 * 40 + 160) / 4) / 2)
    assert image[0, 0, 0] == 200


def test_views_are_probabilities_in_single_precision():
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1), dtype=np.uint8)
    result = predict.probabilities(Corner(), images, mirror=True, shift=1)
    assert result.shape == (5, 2) and result.dtype == np.float32
    np.testing.assert_allclose(result.sum(axis=1), 1, rtol=1e-5)
