"""Lesson 05's checks: right answers pass, wrong ones are refused with their cause."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import tuning as check


def declare(hp, rate=None, dropout=None, units=(32, 64, 128)):
    rate = {"min_value": 1e-5, "max_value": 1e-1, "sampling": "log"} | (rate or {})
    hp.Float("learning_rate", **rate)
    hp.Float("dropout", **{"min_value": 0.0, "max_value": 0.5, "step": 0.1} | (dropout or {}))
    hp.Choice("units", list(units))


def smallest(table, least):
    return table[table["score"] >= least(table["score"].max())]["parameters"].idxmin()


def dense(hp, filters=(8, 32, 8), units=(32, 128, 32), names=("filters", "units"), rate=None):
    """A network whose two sizes are searched; a size that is a number is fixed."""

    def size(name, given):
        return given if isinstance(given, int) else hp.Int(name, given[0], given[1], step=given[2])

    model = keras.Sequential([keras.Input((16, 16, 3))])
    model.add(layers.Conv2D(size(names[0], filters), 3, activation="relu"))
    model.add(layers.GlobalAveragePooling2D())
    model.add(layers.Dense(size(names[1], units), activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    rate = rate or hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    return model


def chosen(hp):
    """The same space, the filters as a choice in another order."""
    return dense(hp, filters=hp.Choice("filters", [32, 8, 16, 24]))


CASES = [
    (check.search_space, declare, "Correct"),
    (check.search_space, lambda hp: declare(hp, units=(128, 32, 64)), "Correct"),
    (check.search_space, lambda hp: declare(hp, {"sampling": "linear"}), "drawn evenly"),
    (check.search_space, lambda hp: declare(hp, {"sampling": "reverse_log"}), "upper end"),
    (check.search_space, lambda hp: declare(hp, {"min_value": 1e-6}), "is 1e-06, asked for"),
    (check.search_space, lambda hp: declare(hp, {"step": 10}), "only a few"),
    (check.search_space, lambda hp: declare(hp, dropout={"step": None}), "every number"),
    (check.search_space, lambda hp: declare(hp, dropout={"step": 0.25}), "only a few"),
    (check.search_space, lambda hp: declare(hp, units=[32.0, 64.0, 128.0]), "whole numbers"),
    (check.search_space, lambda hp: hp.Float("lr", 0, 1), "declared are: lr"),
    (check.search_space, lambda hp: 1 / 0, "ZeroDivisionError"),
    (check.search_order, "G E B A F C", "Correct"),
    (check.search_order, "GEDAFC", "must not choose"),
    (check.search_order, "GBEAFC", "before the search costs"),
    (check.search_order, "EGBAFC", "must exist"),
    (check.search_order, "GEABFC", "nothing to choose the best from"),
    (check.search_order, "GEBFAC", "so these come first"),
    (check.search_order, "GEBACF", "before it can be trained"),
    (check.mended_space, dense, "Correct"),
    (check.mended_space, chosen, "Correct"),
    (check.mended_space, lambda hp: dense(hp, names=("size", "size")), "still get the same number"),
    (check.mended_space, lambda hp: dense(hp, units=64), "is fixed now"),
    (check.mended_space, lambda hp: dense(hp, units=(32, 256, 32)), "others than asked for"),
    (check.mended_space, lambda hp: dense(hp, rate=1e-3), "no longer searched"),
    (check.mended_space, lambda hp: 3, "expected a Keras model"),
    (check.choose_small, lambda t: smallest(t, lambda best: best - 0.02), "Correct"),
    (check.choose_small, lambda t: smallest(t, lambda best: 0.98 * best), "98 % of the best"),
    (check.choose_small, lambda t: smallest(t, lambda best: best - 0.01), "1 point below"),
    (check.choose_small, lambda t: smallest(t, lambda best: best - 0.05), "more than 2 points"),
    (check.choose_small, lambda t: t["score"].idxmax(), "nearly as good"),
    (check.choose_small, lambda t: t["parameters"].idxmin(), "too low"),
    (check.choose_small, lambda t: 0, "expected a label"),
    (check.choose_small, lambda t: t.loc[t["score"].idxmax()], "gives the label of the row"),
]


@pytest.mark.parametrize(("examine", "work", "words"), CASES)
def test_right_and_wrong_with_its_cause(examine, work, words):
    verdict = examine(work)
    assert verdict.status == ("correct" if words == "Correct" else "wrong"), repr(verdict)
    assert words in repr(verdict)


@pytest.mark.parametrize("stub", [..., lambda argument: ..., lambda argument: None])
def test_not_done_yet(stub):
    for examine in (check.search_space, check.mended_space, check.choose_small):
        assert examine(stub).status == "todo"


def test_a_network_that_is_small_and_good():
    images = np.zeros((40, 16, 16, 3), "uint8")
    labels = np.arange(40) % 4
    images[np.arange(40), labels] = 255  # the class is the bright row
    model = keras.Sequential([keras.Input((16, 16, 3)), layers.Flatten()])
    model.add(layers.Dense(10, activation="softmax"))
    assert check.small_and_good(...).status == "todo"
    assert "the bar is" in repr(check.small_and_good(model, images, labels))
    weights = np.zeros((768, 10))
    for label in range(4):
        weights[48 * label : 48 * (label + 1), label] = 1
    model.layers[-1].set_weights([weights, np.zeros(10)])
    assert check.small_and_good(model, images, labels)
    model.add(layers.Dense(500))
    assert "are allowed" in repr(check.small_and_good(model, images, labels))
