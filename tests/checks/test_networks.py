"""What checks ask of a network, apart from the lessons' own."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks.core import Wrong
from helpers.checks.networks import require_accuracy

LABELS = np.arange(10).repeat(10)
# An image of each class's own brightness, which a single dense layer can read.
IMAGES = np.broadcast_to(LABELS[:, None, None, None], (100, 2, 2, 3)).astype("float32")


def network(answers):
    """A model that gives a class's images what `answers` says: (10,) class numbers."""
    model = keras.Sequential(
        [keras.Input((2, 2, 3)), layers.Flatten(), layers.Dense(10, activation="softmax")]
    )
    # -(x - c)² without x²: 2 c x - c², largest where the class c is the brightness x.
    weights, bias = np.zeros((12, 10)), np.full(10, -1e6)
    for source, answer in enumerate(answers):
        weights[0, answer], bias[answer] = 2 * source, -(source**2)
    model.layers[-1].set_weights([weights, bias])
    return model


def test_what_reaches_the_bar_is_told():
    assert require_accuracy(network(range(10)), IMAGES, LABELS, 0.99) == 1


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (network([3] * 10), "one class to nearly all"),
        (network(np.roll(range(10), 1)), "near guessing"),
        (network([0, 1, 2, 3, 4, 6, 7, 8, 9, 5]), "50.0% of the validation images"),
        ("a network", "expected a Keras model"),
    ],
)
def test_what_stays_below_is_told_with_its_cause(model, words):
    with pytest.raises(Wrong) as wrong:
        require_accuracy(model, IMAGES, LABELS, 0.55)
    assert words in f"{wrong.value.text} {wrong.value.cause}"


def test_a_bar_missed_by_little_has_no_made_up_cause():
    with pytest.raises(Wrong) as wrong:
        require_accuracy(network([0, 1, 2, 3, 4, 5, 6, 8, 9, 7]), IMAGES, LABELS, 0.8)
    assert wrong.value.cause == "" and "the bar is 80%" in wrong.value.text
