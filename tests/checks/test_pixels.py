import numpy as np
import pytest

from helpers.checks import check_rows_to_images, check_to_float


def in_place(images):
    images[...] = images / 255
    return images


def returns_nothing(images):
    images.astype("float32") / 255


def standardized(images):
    return ((images - images.mean()) / images.std()).astype("float32")


def by_picture(images):
    return (images / images.max(axis=(1, 2, 3), keepdims=True)).astype("float32")


@pytest.mark.parametrize(
    "function",
    [
        lambda images: images.astype("float32") / 255,
        lambda images: np.float32(images) / np.float32(255),
        lambda images: (images / 255).astype(np.float32),
        lambda images: images.astype("float32") * (1 / 255),
    ],
)
def test_to_float_right(judged, function):
    assert judged(check_to_float, function)[0] == "correct"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x.astype("float32"), "division is missing"),
        (lambda x: x, "not converted"),
        (lambda x: x // 255, "cut off"),
        (lambda x: (x / 255).astype("uint8"), "cut off"),
        (lambda x: (x // 255).astype("float32"), "integer division"),
        (lambda x: x / 255, "twice the memory"),
        (lambda x: (x / 255).astype("float16"), "too few digits"),
        (lambda x: x.astype("float32") / 256, "256"),
        (lambda x: x.astype("float32") / x.max(), "brightest pixel of this batch"),
        (by_picture, "own brightest pixel"),
        (lambda x: ((x - x.min()) / np.ptp(x)).astype("float32"), "stretched"),
        (lambda x: x.astype("float32") / 255 / 255, "twice"),
        (lambda x: x.astype("float32") / 127.5 - 1, "[-1, 1]"),
        (standardized, "standard deviation"),
        (lambda x: 1 - x.astype("float32") / 255, "exchanged"),
        (lambda x: x.astype("float32") / 100, "too small"),
        (lambda x: x.astype("float32") / 0, "NaN or infinite"),
        (lambda x: x.reshape(4, -1).astype("float32") / 255, "keeps its shape"),
        (lambda x: x[0] / 255, "keeps its shape"),
        (in_place, "changes the data"),
        (returns_nothing, "returns nothing"),
        (lambda x: (row for row in x), "generator"),
        (lambda x: "pixels", "expected an array"),
        (lambda x: [[1.0], [2.0, 3.0]], "expected an array"),
        (lambda x: np.float32(3), "keeps its shape"),
        (lambda x: np.zeros(0, "float32"), "keeps its shape"),
        (lambda x: np.zeros(0, "uint8"), "dtype"),
        (lambda x: y_is_not_defined, "NameError"),  # noqa: F821
        (np.float32(3), "expected a function"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_to_float_wrong(judged, function, words):
    status, said = judged(check_to_float, function)
    assert status == "wrong"
    assert words in said


def test_to_float_todo(judged):
    assert judged(check_to_float, lambda images: ...)[0] == "todo"


def planes(rows):
    return rows.reshape(-1, 3, 32, 32)


@pytest.mark.parametrize(
    "function",
    [
        lambda rows: planes(rows).transpose(0, 2, 3, 1),
        lambda rows: np.moveaxis(planes(rows), 1, -1),
        lambda rows: np.stack(
            [rows[:, i : i + 1024].reshape(-1, 32, 32) for i in (0, 1024, 2048)], -1
        ),
        lambda rows: [planes(row)[0].transpose(1, 2, 0) for row in rows],
    ],
)
def test_rows_right(judged, function):
    assert judged(check_rows_to_images, function)[0] == "correct"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda rows: rows.reshape(-1, 32, 32, 3), "colored noise"),
        (planes, "channels are still first"),
        (lambda rows: planes(rows).transpose(0, 3, 2, 1), "height and width are exchanged"),
        (lambda rows: planes(rows).transpose(0, 2, 3, 1)[..., ::-1], "blue, green, red"),
        (lambda rows: planes(rows).transpose(0, 2, 3, 1)[:, ::-1], "heads"),
        (lambda rows: planes(rows).transpose(0, 2, 3, 1)[:, :, ::-1], "mirrored"),
        (lambda rows: rows.reshape(1, 3, 32, 32).transpose(0, 2, 3, 1), "one row"),
        (lambda rows: rows[0].reshape(3, 32, 32).transpose(1, 2, 0), "one row"),
        (lambda rows: rows[:1].reshape(1, 3, 32, 32).transpose(0, 2, 3, 1), "only the first row"),
        (lambda rows: rows, "as they were"),
        (lambda rows: planes(rows).transpose(0, 2, 3, 1) / 255, "not in their places"),
        (lambda rows: planes(rows).transpose(0, 2, 3, 1).astype(int), "keep 'uint8'"),
        (lambda rows: rows.reshape(7, 7), "ValueError"),
        (lambda rows: rows.T.reshape(32, 32, 3, 3), "must stay first"),
        (lambda rows: np.zeros((5, 5)), "expected (3, 32, 32, 3)"),
    ],
)
def test_rows_wrong(judged, function, words):
    status, said = judged(check_rows_to_images, function)
    assert status == "wrong"
    assert words in said


def test_rows_todo(judged):
    assert judged(check_rows_to_images, lambda rows: ...)[0] == "todo"
