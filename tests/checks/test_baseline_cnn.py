"""Lesson 02's checks: right answers pass, and each known mistake is refused with its cause."""

import keras
import numpy as np
import pytest
from keras import layers
from keras.callbacks import EarlyStopping, ModelCheckpoint

from helpers.checks import baseline_cnn as check

COUNTS = {"conv": 18_496, "batch_norm": 256, "dense": 262_272}
SCALE = layers.Rescaling(1 / 255)


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


def stopping(**changes):
    options = {"monitor": "val_loss", "patience": 3, "restore_best_weights": True}
    return EarlyStopping(**(options | changes))


def lowest(history):
    return int(np.argmin(history["val_loss"])) + 1


RIGHT = [
    (check.parameter_counts, lambda: COUNTS),
    (check.small_network, lambda: build(conv(), dense())),
    (check.small_network, lambda: build(conv(), [*dense(None), layers.Softmax()])),
    (check.small_network, nested),
    (check.small_network, lambda: build(conv(), dense(), scale=adapted())),
    (check.small_network, lambda: build(conv(), dense(), scale=layers.BatchNormalization())),
    (check.small_network, lambda: build(conv(), dense(), scale=layers.Rescaling(1 / 127.5, -1))),
    (check.early_stopping, stopping),
    (check.best_epoch, lambda: lowest),
    (check.best_epoch, lambda: lambda h: h["val_loss"].index(min(h["val_loss"])) + 1),
]


@pytest.mark.parametrize(("judge", "make"), RIGHT)
def test_right(judge, make):
    assert judge(make()).status == "correct"


FLAT = [layers.Flatten(), layers.Dense(15, activation="relu")]
WRONG = [
    (check.parameter_counts, lambda: COUNTS | {"conv": 18_432}, "bias is forgotten"),
    (check.parameter_counts, lambda: COUNTS | {"conv": 18_464}, "per output channel"),
    (check.parameter_counts, lambda: COUNTS | {"batch_norm": 128}, "gamma and beta only"),
    (check.parameter_counts, lambda: COUNTS | {"dense": "262,272"}, "expected a number"),
    (check.parameter_counts, lambda: {"conv": 1}, "no entry for 'batch_norm'"),
    (check.parameter_counts, lambda: 3, "expected a dictionary"),
    (check.small_network, lambda: build(conv(), dense("relu")), "relu"),
    (check.small_network, lambda: build(conv(), dense("sigmoid")), "need not sum to 1"),
    (check.small_network, lambda: build(conv(), dense(None)), "scores (logits)"),
    (check.small_network, lambda: build(FLAT, dense()), "no 'Conv2D'"),
    (check.small_network, lambda: build([*conv()[:1], layers.Flatten()], dense()), "input is long"),
    (check.small_network, lambda: build([], dense(), (3, 32, 32)), "channels come last"),
    (check.small_network, lambda: build(conv()[:1], dense()), "still an image"),
    (check.small_network, lambda: build(conv(), dense("sigmoid", 1)), "two classes"),
    (check.small_network, lambda: keras.Sequential([*conv(), *dense()]), "begin with"),
    # Two softmax layers, in every way of writing it.
    (check.small_network, lambda: build(conv(), [*dense(), layers.Softmax()]), "two softmax"),
    (check.small_network, lambda: build(conv(), dense() + dense()), "two softmax"),
    # Nothing to train, too little of it, or on raw pixels.
    (check.small_network, lambda: frozen(build(conv(), dense())), "is frozen"),
    (check.small_network, lambda: frozen(build(conv(), dense()), 1), "is frozen"),
    (check.small_network, lambda: build(conv(1, 1), dense(), scale=None), "sees one pixel"),
    (check.small_network, lambda: build(conv(16, 1), dense()), "sees one pixel"),
    (check.small_network, lambda: build(conv(2), dense()), "too few filters"),
    (check.small_network, lambda: build(conv(), dense(), scale=None), "from 0 to 255"),
    (check.small_network, lambda: build(conv(), dense(), scale=layers.Rescaling(1 / 26)), "255"),
    (check.small_network, lambda: build([SCALE, *conv()], dense()), "divided twice"),
    (check.small_network, lambda: build(conv(), dense(), scale=layers.Normalization()), "adapt"),
    (
        check.small_network,
        lambda: keras.Sequential([keras.Input((32, 32, 3)), build(conv(), dense(), scale=None)]),
        "from 0 to 255",
    ),
    (check.early_stopping, lambda: stopping(monitor="loss"), "training data"),
    (check.early_stopping, lambda: stopping(monitor="val_accuracy"), "moves in steps"),
    (check.early_stopping, lambda: stopping(mode="max"), "falling loss counts as no progress"),
    (check.early_stopping, lambda: stopping(patience=0), "'patience' is 0"),
    (check.early_stopping, lambda: stopping(patience="3"), "is '3', expected 3"),
    (check.early_stopping, lambda: stopping(min_delta=0.5), "'min_delta' is 0.5"),
    (check.early_stopping, lambda: stopping(baseline=0.01), "'baseline' is 0.01"),
    (check.early_stopping, lambda: stopping(start_from_epoch=50), "'start_from_epoch' is 50"),
    (check.early_stopping, lambda: EarlyStopping, "parentheses are missing"),
    (check.early_stopping, lambda: [stopping()], "takes a list"),
    (check.early_stopping, lambda: ModelCheckpoint("never.keras"), "ModelCheckpoint"),
    (check.best_epoch, lambda: lambda h: np.argmin(h["val_loss"]), "counts from 0"),
    (check.best_epoch, lambda: lambda h: np.argmin(h["loss"]) + 1, "training loss"),
    (check.best_epoch, lambda: lambda h: min(h["val_loss"]), "lowest loss itself"),
    (check.best_epoch, lambda: lambda h: h["val_loss"], "shape (8,)"),
]


@pytest.mark.parametrize(("judge", "make", "words"), WRONG)
def test_wrong(judge, make, words):
    verdict = judge(make())
    assert verdict.status == "wrong"
    assert words in repr(verdict)


@pytest.mark.parametrize(
    ("judge", "work"),
    [
        (check.parameter_counts, dict.fromkeys(COUNTS, ...)),
        (check.parameter_counts, COUNTS | {"dense": ...}),
        (check.small_network, ...),
        (check.early_stopping, ...),
        (check.best_epoch, lambda history: ...),
    ],
)
def test_todo(judge, work):
    assert judge(work).status == "todo"


def test_a_check_leaves_the_model_as_it_was():
    model = build(conv(), dense())
    before = [w.copy() for w in model.get_weights()]
    check.small_network(model)
    assert all("call" not in vars(layer) for layer in model.layers)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
