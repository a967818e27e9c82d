import numpy as np
import pytest

from helpers import architectures
from helpers.errors import UserError
from helpers.variants import ARCHITECTURES

# Parameters with 3 and with 10 classes.
PARAMETERS = {
    1: (2_355, 7_850),
    2: (100_867, 101_770),
    3: (5_027, 10_634),
    4: (121_539, 121_994),
    5: (166_659, 167_114),
    6: (93_059, 93_962),
    7: (12_003, 12_906),
    8: (72_579, 73_034),
    9: (115_843, 116_298),
    10: (109_571, 110_474),
}


def kinds(model):
    return [type(layer).__name__ for layer in model.layers]


@pytest.mark.parametrize("number", PARAMETERS)
def test_parameters_and_probabilities(number):
    three, ten = architectures.build(number), architectures.build(number, classes=10)
    assert (three.count_params(), ten.count_params()) == PARAMETERS[number]
    assert three.name == f"architecture_{number}"
    images = np.random.default_rng(0).integers(0, 256, (4, 28, 28, 1), dtype=np.uint8)
    found = np.asarray(ten(images))
    assert found.shape == (4, 10)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.asarray(ten(images.astype("float32"))), found, rtol=1e-5)


def test_number_5_is_the_reports():
    model = architectures.build(5)
    assert kinds(model)[2:] == [
        "Conv2D",
        "MaxPooling2D",
        "Conv2D",
        "AveragePooling2D",
        "Conv2D",
        "Flatten",
        "Dropout",
        "Dense",
        "Dense",
    ]
    convolutions = [layer for layer in model.layers if type(layer).__name__ == "Conv2D"]
    assert [layer.filters for layer in convolutions] == [32, 64, 128]
    assert model.layers[-3].rate == 0.2 and model.layers[-2].units == 64


def test_number_10_is_the_reports_own_without_dropout_and_normalization():
    own = "Conv2D MaxPooling2D Dropout Conv2D AveragePooling2D BatchNormalization Dropout Conv2D "
    own += "AveragePooling2D Flatten Dense Dense"
    added = ("Dropout", "BatchNormalization")
    expected = [kind for kind in own.split() if kind not in added]
    assert kinds(architectures.build(10))[2:] == expected


def test_the_output_can_be_made_wrong_on_purpose():
    model = architectures.build(5, output="relu")
    assert model.layers[-1].activation.__name__ == "relu"
    assert model.count_params() == PARAMETERS[5][0]


def test_same_seed_gives_the_same_weights():
    import keras

    both = []
    for _ in range(2):
        keras.utils.set_random_seed(7)
        both.append(architectures.build(8).get_weights())
    assert all(np.array_equal(one, other) for one, other in zip(*both, strict=True))


def test_colored_pictures_fit_and_the_smallest_size_works():
    for number in PARAMETERS:
        model = architectures.build(number, input_shape=(22, 22, 3))
        assert model.output_shape == (None, 3)


@pytest.mark.parametrize("number", [0, 11, -1, True, "5", 5.0, None])
def test_unknown_numbers(number):
    for function in (architectures.build, architectures.describe):
        with pytest.raises(UserError, match="has the numbers 1 to 10"):
            function(number)


@pytest.mark.parametrize("classes", [0, 1, -3, True, 2.5, "3"])
def test_bad_classes(classes):
    with pytest.raises(UserError, match="classes is"):
        architectures.build(5, classes)


@pytest.mark.parametrize(
    "shape", [(28, 28), (21, 28, 1), (28, 28, 1, 1), (), None, 28, (None,) * 3]
)
def test_bad_input_shape(shape):
    with pytest.raises(UserError, match="input_shape is"):
        architectures.build(5, input_shape=shape)


def test_the_sheet_has_all_numbers_the_variants_hand_out():
    assert [row.number for row in architectures.SHEET] == list(range(1, ARCHITECTURES + 1))
    assert len({row.name for row in architectures.SHEET}) == ARCHITECTURES
    for row in architectures.SHEET:
        line = architectures.describe(row.number)
        assert line.startswith(f"{row.number} · ") and row.idea in line and "\n" not in line
        assert row.idea.endswith(".")
