import numpy as np
import pytest

from helpers.checks import check_best_epoch, check_early_stopping


@pytest.fixture(scope="module")
def stopping():
    from keras.callbacks import EarlyStopping

    def make(**changes):
        options = {"monitor": "val_loss", "patience": 3, "restore_best_weights": True}
        return EarlyStopping(**(options | changes))

    return make


def test_early_stopping_right(judged, stopping):
    assert judged(check_early_stopping, stopping())[0] == "correct"
    assert judged(check_early_stopping, stopping(mode="min", min_delta=1e-4))[0] == "correct"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"monitor": "loss"}, "training data"),
        ({"monitor": "accuracy"}, "training data"),
        ({"monitor": "val_accuracy"}, "moves in steps"),
        ({"monitor": "val_accuracy", "mode": "min"}, "waits for accuracy to fall"),
        ({"mode": "max"}, "falling loss counts as no progress"),
        ({"patience": 0}, "the default: one epoch"),
        ({"patience": 10}, "'patience' is 10"),
        ({"restore_best_weights": False}, "not restored"),
    ],
)
def test_early_stopping_wrong(judged, stopping, changes, words):
    status, said = judged(check_early_stopping, stopping(**changes))
    assert status == "wrong"
    assert words in said


def test_early_stopping_odd_things(judged, stopping):
    from keras.callbacks import EarlyStopping, ModelCheckpoint

    assert "parentheses are missing" in judged(check_early_stopping, EarlyStopping)[1]
    assert "takes a list" in judged(check_early_stopping, [stopping()])[1]
    checkpoint = ModelCheckpoint("never-written.keras")
    assert "ModelCheckpoint" in judged(check_early_stopping, checkpoint)[1]
    assert judged(check_early_stopping, "val_loss")[0] == "wrong"
    assert judged(check_early_stopping, ...)[0] == "todo"


def pops(history):
    history["val_loss"].pop()
    return 5


@pytest.mark.parametrize(
    "function",
    [
        lambda history: int(np.argmin(history["val_loss"])) + 1,
        lambda history: np.argmin(history["val_loss"]) + 1,
        lambda history: history["val_loss"].index(min(history["val_loss"])) + 1,
    ],
)
def test_best_epoch_right(judged, function):
    assert judged(check_best_epoch, function)[0] == "correct"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda history: np.argmin(history["val_loss"]), "counts from 0"),
        (lambda history: np.argmax(history["val_loss"]) + 1, "highest loss"),
        (lambda history: np.argmin(history["loss"]) + 1, "training loss"),
        (lambda history: np.argmax(history["val_accuracy"]) + 1, "best accuracy"),
        (lambda history: min(history["val_loss"]), "lowest loss itself"),
        (lambda history: len(history["val_loss"]), "last epoch"),
        (lambda history: 5, "your function says 5"),
        (lambda history: history["val_loss"], "list of 8 entries"),
        (lambda history: np.array([1, 2]), "expected one number"),
        (lambda history: "5", "expected a number"),
        (lambda history: True, "expected a number"),
        (lambda history: history.history["val_loss"], "AttributeError"),
        (pops, "changes the data"),
        (5, "expected a function"),
    ],
)
def test_best_epoch_wrong(judged, function, words):
    status, said = judged(check_best_epoch, function)
    assert status == "wrong"
    assert words in said


def test_best_epoch_todo(judged):
    assert judged(check_best_epoch, lambda history: ...)[0] == "todo"
