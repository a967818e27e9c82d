import numpy as np
import pytest

from helpers import pictures
from helpers.errors import UserError

COLOR = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def pixels(values):
    return np.asarray(pictures.read(values).picture)


@pytest.mark.parametrize(
    "values",
    [
        COLOR,
        COLOR.astype(np.int64),
        COLOR.astype(np.float32),
        COLOR / 255,
        (COLOR / 255).astype(np.float32),
        COLOR.astype(np.uint16) * 257,
        COLOR.tolist(),
        np.dstack([COLOR, np.full((6, 8), 255, np.uint8)]),
        np.asfortranarray(COLOR),
        COLOR[::-1][::-1],
    ],
)
def test_every_range_gives_the_same_picture(values):
    assert np.array_equal(pixels(values), COLOR)


def test_gray_and_black_and_white():
    gray = COLOR[..., 0]
    for values in (gray, gray[..., None]):
        assert np.array_equal(pixels(values), np.repeat(gray[..., None], 3, axis=2))
    assert pixels(np.array([[True, False]])).tolist() == [[[255] * 3, [0] * 3]]


def test_scaling_is_told():
    assert "unit_range" in dict(pictures.read(COLOR / 255).notes)
    assert "unit_range" not in dict(pictures.read(COLOR).notes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (COLOR / 127.5 - 1, "values from -"),
        (COLOR * 2.0, "values from"),
        (np.full((4, 4), np.nan), "NaN"),
        (np.full((4, 4), np.inf), "infinity"),
        (np.full((4, 4), "a"), "dtype"),
        (np.full((4, 4), None), "dtype"),
        (np.zeros((4, 4), complex), "dtype"),
        (np.zeros((0, 4, 3)), "without pixels"),
        (COLOR[None], "pass image\\[0\\]"),
        (np.stack([COLOR, COLOR]), "one of them"),
        (np.moveaxis(COLOR, -1, 0), "channels first"),
        (np.zeros((4, 4, 2)), "1, 3 or 4 channels"),
        (np.zeros(4), "pass \\(height, width\\)"),
        (np.broadcast_to(np.uint8(0), (10**5, 10**5)), "million"),
    ],
)
def test_refused(values, words):
    with pytest.raises(UserError, match=words):
        pictures.read(values)
