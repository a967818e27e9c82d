"""Lesson 02's checks: right answers pass, and each known mistake is refused with its cause."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import baseline_cnn as check

STEP = {"error": -0.2689, "slope": -0.5379, "new_w1": 1.0379}
NUMBERS = {"conv": 18_496, "batch_norm": 256, "dense": 262_272, "width": 15}
SCALE = layers.Rescaling(1 / 255)
# Dark images of class 0, bright ones of class 1: a network of ten classes learns them in a moment.
LABELS = np.arange(64) % 2
IMAGES = np.full((64, 32, 32, 3), 20, "uint8") + (200 * LABELS[:, None, None, None]).astype("uint8")


def conv(filters=8, size=3):
    return [
        layers.Conv2D(filters, size, activation="relu"),
        layers.MaxPooling2D(4),
        layers.Conv2D(filters, size, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


def dense(activation="softmax", units=10):
    return [layers.Dense(units, activation=activation)]


def build(middle, end, input_shape=(32, 32, 3), scale=SCALE):
    start = [scale] if scale else []
    return keras.Sequential([keras.Input(input_shape), *start, *middle, *end])


def nested():
    inputs = keras.Input((32, 32, 3))
    return keras.Model(inputs, dense()[0](build(conv(), [])(inputs)))


def adapted():
    layer = layers.Normalization()
    layer.adapt(np.random.default_rng(0).integers(0, 256, (50, 32, 32, 3)))
    return layer


def frozen(model, index=None):
    (model if index is None else model.layers[index]).trainable = False
    return model


def trained(model=None, labels=LABELS, epochs=20, rate=0.01):
    model = model or build(conv(), dense())
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    model.fit(IMAGES, labels, batch_size=16, epochs=epochs, verbose=0)
    return model


def overtrained():
    model = trained(epochs=1)
    model.optimizer.iterations.assign(601)
    return model


def flat():
    return build([layers.Flatten()], dense())


def small(make):
    """The check of a trained network, on the images that it was trained on."""
    return lambda: check.small_network(make(), IMAGES, LABELS)


def mended(make):
    return lambda: check.mended_training(make(), IMAGES, LABELS)


def judged(judge, answer):
    return lambda: judge(answer)


RIGHT = [
    judged(check.gradient_step, STEP),
    judged(check.gradient_step, {"error": -0.27, "slope": -0.54, "new_w1": 1.04}),
    judged(check.gradient_step, {key: np.float64(value) for key, value in STEP.items()}),
    judged(check.training_epoch, "D B C H F A E"),
    judged(check.layer_numbers, NUMBERS),
    judged(check.layer_numbers, NUMBERS | {"width": 15.0}),
    mended(lambda: trained(flat())),
    small(trained),
    small(lambda: trained(build(conv(), [*dense(None), layers.Softmax()]))),
    small(lambda: trained(nested())),
    small(lambda: trained(build(conv(), dense(), scale=adapted()))),
    small(lambda: trained(build(conv(), dense(), scale=layers.Rescaling(1 / 127.5, -1)))),
]


@pytest.mark.parametrize("judge", RIGHT)
def test_right(judge):
    verdict = judge()
    assert verdict.status == "correct", verdict


FLAT = [layers.Flatten(), layers.Dense(15, activation="relu")]
WRONG = [
    (judged(check.gradient_step, STEP | {"error": 0.27}), "sign is turned"),
    (judged(check.gradient_step, STEP | {"error": 0.731}), "p itself"),
    (judged(check.gradient_step, STEP | {"slope": -0.27}), "input is missing"),
    (judged(check.gradient_step, STEP | {"slope": 1.46}), "needs the error"),
    (judged(check.gradient_step, STEP | {"new_w1": -0.04}), "goes up the slope"),
    (judged(check.gradient_step, STEP | {"new_w1": 0.54}), "old weight"),
    (judged(check.gradient_step, STEP | {"new_w1": 0.77}), "took the error"),
    (judged(check.gradient_step, STEP | {"error": 3}), "first the score"),
    (judged(check.training_epoch, "D B C H F G E"), "line G does not belong"),
    (judged(check.training_epoch, "D B C H F A G E"), "the loss grows"),
    (judged(check.training_epoch, "B D C H F A E"), "cut from the shuffled"),
    (judged(check.training_epoch, "D C H F A B E"), "inside the loop"),
    (judged(check.training_epoch, "D B H C F A E"), "nothing to compare"),
    (judged(check.training_epoch, "D B C F H A E"), "begins at the loss"),
    (judged(check.training_epoch, "D B C H A F E"), "before its slope is known"),
    (judged(check.training_epoch, "D B C H F E A"), "when the epoch's steps are done"),
    (judged(check.layer_numbers, NUMBERS | {"conv": 18_432}), "bias is forgotten"),
    (judged(check.layer_numbers, NUMBERS | {"conv": 18_464}), "per output channel"),
    (judged(check.layer_numbers, NUMBERS | {"batch_norm": 128}), "scale and shift only"),
    (judged(check.layer_numbers, NUMBERS | {"dense": "262,272"}), "expected a number"),
    (judged(check.layer_numbers, NUMBERS | {"width": 16}), "padding='same'"),
    (judged(check.layer_numbers, NUMBERS | {"width": 14}), "first place counts"),
    (judged(check.layer_numbers, NUMBERS | {"width": 15.5}), "round down"),
    (judged(check.layer_numbers, {"conv": 1}), "no entry for 'batch_norm'"),
    (judged(check.layer_numbers, 3), "expected a dictionary"),
    # It runs, and what it learns does not hold: the labels are not those of the images.
    (mended(lambda: trained(flat(), labels=LABELS + 5)), "does not hold for others"),
    (mended(lambda: trained(build([layers.Flatten()], dense(None)))), "scores (logits)"),
    (small(lambda: build(conv(), dense())), "made no step"),
    (small(lambda: trained(labels=LABELS + 5)), "the bar is 45%"),
    (small(overtrained), "at most 600 are allowed"),
    (small(lambda: build(conv(), dense("relu"))), "relu"),
    (small(lambda: build(conv(), dense("sigmoid"))), "need not sum to 1"),
    (small(lambda: build(conv(), dense(None))), "scores (logits)"),
    (small(lambda: build(FLAT, dense())), "no 'Conv2D'"),
    (small(lambda: build([*conv()[:1], layers.Flatten()], dense())), "input is long"),
    (small(lambda: build([], dense(), (3, 32, 32))), "channels come last"),
    (small(lambda: build(conv()[:1], dense())), "still an image"),
    (small(lambda: build(conv(), dense("sigmoid", 1))), "two classes"),
    (small(lambda: keras.Sequential([*conv(), *dense()])), "begin with"),
    # Two softmax layers, in every way of writing it.
    (small(lambda: build(conv(), [*dense(), layers.Softmax()])), "two softmax"),
    (small(lambda: build(conv(), dense() + dense())), "two softmax"),
    # Nothing to train, too little of it, or on raw pixels.
    (small(lambda: frozen(build(conv(), dense()))), "is frozen"),
    (small(lambda: frozen(build(conv(), dense()), 1)), "is frozen"),
    (small(lambda: build(conv(1, 1), dense(), scale=None)), "sees one pixel"),
    (small(lambda: build(conv(16, 1), dense())), "sees one pixel"),
    (small(lambda: build(conv(2), dense())), "too few filters"),
    (small(lambda: build(conv(), dense(), scale=None)), "from 0 to 255"),
    (small(lambda: build(conv(), dense(), scale=layers.Rescaling(1 / 26))), "255"),
    (small(lambda: build([SCALE, *conv()], dense())), "divided twice"),
    (small(lambda: build(conv(), dense(), scale=layers.Normalization())), "adapt"),
    (
        small(
            lambda: keras.Sequential([keras.Input((32, 32, 3)), build(conv(), dense(), scale=None)])
        ),
        "from 0 to 255",
    ),
]


@pytest.mark.parametrize(("judge", "words"), WRONG)
def test_wrong(judge, words):
    verdict = judge()
    assert verdict.status == "wrong"
    assert words in repr(verdict)


@pytest.mark.parametrize(
    "judge",
    [
        judged(check.gradient_step, dict.fromkeys(STEP, ...)),
        judged(check.training_epoch, ...),
        judged(check.layer_numbers, dict.fromkeys(NUMBERS, ...)),
        judged(check.layer_numbers, NUMBERS | {"dense": ...}),
        small(lambda: ...),
    ],
)
def test_todo(judge):
    assert judge().status == "todo"


def test_a_check_leaves_the_model_as_it_was():
    model = trained(epochs=1)
    before = [w.copy() for w in model.get_weights()]
    check.small_network(model, IMAGES, LABELS)
    assert "watched" not in repr(keras.Layer.__call__)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
