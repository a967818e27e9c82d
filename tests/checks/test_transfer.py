import numpy as np
import pytest

from helpers.checks import check_prepare, check_trainable_counts

RIGHT = {"one_layer": 12_810, "hidden_256": 330_506, "frozen": 2_257_984}


def test_counts_right(judged):
    assert judged(check_trainable_counts, RIGHT)[0] == "correct"
    as_numpy = {key: np.int64(value) for key, value in RIGHT.items()}
    assert judged(check_trainable_counts, as_numpy)[0] == "correct"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"one_layer": 12_800}, "biases are forgotten"),
        ({"one_layer": 14_080}, "per output, not per input"),
        ({"one_layer": 1_290}, "nothing is hidden"),
        ({"hidden_256": 330_240}, "biases are forgotten"),
        ({"hidden_256": 327_936}, "hidden layer alone"),
        ({"hidden_256": 165_258}, "S3's head"),
        ({"hidden_256": 340_746}, "has 256 inputs"),
        ({"frozen": 0}, "still there"),
        ({"frozen": 2_423_242}, "the whole network"),
        ({"frozen": 410_208}, "small network"),
        ({"frozen": -1}, "no count"),
        ({"frozen": float("nan")}, "no count"),
        ({"one_layer": "12810"}, "expected a whole number"),
        ({"one_layer": True}, "expected a whole number"),
        ({"one_layer": 5}, "not 5"),
    ],
)
def test_counts_wrong(judged, changes, words):
    status, said = judged(check_trainable_counts, RIGHT | changes)
    assert status == "wrong"
    assert words in said


def test_counts_odd_things(judged):
    assert judged(check_trainable_counts, [12_810])[0] == "wrong"
    assert (
        "no entry for 'frozen'"
        in judged(check_trainable_counts, {"one_layer": 1, "hidden_256": 2})[1]
    )
    assert judged(check_trainable_counts, RIGHT | {"frozen": ...})[0] == "todo"
    assert judged(check_trainable_counts, dict.fromkeys(RIGHT, ...))[0] == "todo"


@pytest.mark.parametrize(
    "function",
    [
        lambda images: images.astype("float32") / 127.5 - 1,
        lambda images: (images.astype("float32") - 127.5) / 127.5,
        lambda images: (images / 255 * 2 - 1).astype("float32"),
    ],
)
def test_prepare_right(judged, function):
    assert judged(check_prepare, function)[0] == "correct"


def in_place(images):
    images //= 2
    return images.astype("float32")


def spoiled(images):
    values = images.astype("float32") / 127.5 - 1
    values[0, 0, 0, 0] = np.nan
    return values


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda images: images.astype("float32") / 255, "range from 0 to 1"),
        (lambda images: images.astype("float32") / 255 - 1, "255 instead of 127.5"),
        (lambda images: (images.astype("float32") - 1) / 127.5, "division comes first"),
        (lambda images: images.astype("float32") - 127.5, "not divided"),
        (lambda images: images.astype("float32") / 127.5, "subtract 1"),
        (lambda images: images.astype("float32"), "were not changed"),
        (lambda images: images.astype("float32")[..., ::-1] / 127.5 - 1, "red first"),
        (lambda images: (images - np.uint8(127)) / np.float32(127.5), "again at 255"),
        (lambda images: images / 127.5 - 1, "of dtype 'float64'"),
        (lambda images: images, "got 'uint8'"),
        (lambda images: (images.astype("float32") / 127.5 - 1)[0], "the shape of the pictures"),
        (lambda images: "-1 to 1", "expected an array"),
        (lambda images: images.pixels, "AttributeError"),
        (spoiled, "NaN"),
        (in_place, "changes the data"),
        (np.zeros(3), "expected a function"),
    ],
)
def test_prepare_wrong(judged, function, words):
    status, said = judged(check_prepare, function)
    assert status == "wrong"
    assert words in said


def test_prepare_todo(judged):
    assert judged(check_prepare, ...)[0] == "todo"
    assert judged(check_prepare, lambda images: ...)[0] == "todo"
