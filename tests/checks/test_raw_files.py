import numpy as np
import pytest

from helpers.checks import check_to_images

DATA = np.random.default_rng(0).integers(0, 256, (7, 3072), dtype=np.uint8)
PLANES = DATA.reshape(-1, 3, 32, 32)
RIGHT = PLANES.transpose(0, 2, 3, 1)


@pytest.mark.parametrize(
    "images", [RIGHT, np.moveaxis(PLANES, 1, -1), np.ascontiguousarray(RIGHT), list(RIGHT)]
)
def test_right(judged, images):
    status, said = judged(check_to_images, images, DATA)
    assert status == "correct" and "7 images" in said


@pytest.mark.parametrize(
    ("images", "words"),
    [
        (PLANES, "channels are still first"),
        (DATA.reshape(-1, 32, 32, 3), "'reshape' alone"),
        (PLANES.transpose(0, 3, 2, 1), "height and width changed places"),
        (DATA, "as they were"),
        (RIGHT[0], "one image"),
        (RIGHT[:1], "one image"),
        (RIGHT[:5], "expected (7, 32, 32, 3)"),
        (PLANES.transpose(0, 2, 1, 3), "in the middle"),
        (PLANES.transpose(2, 3, 1, 0), "must stay first"),
        (PLANES[:, 0], "no colors"),
        (DATA.reshape(-1, 3, 1024), "one axis"),
        (DATA.reshape(-1, 1024, 3), "one axis"),
        (RIGHT[..., ::-1], "blue, green, red"),
        (RIGHT[:, ::-1], "heads"),
        (RIGHT[:, :, ::-1], "mirrored"),
        (RIGHT[::-1], "another order"),
        (RIGHT // 2, "not in their places"),
        (RIGHT / 255, "divided by 255"),
        (RIGHT * np.nan, "NaN"),
        (RIGHT.astype(float), "keep 'uint8'"),
        (lambda data: RIGHT, "the function was passed"),
        ("images", "expected an array"),
        (np.zeros((0,)), "expected (7, 32, 32, 3)"),
    ],
)
def test_wrong(judged, images, words):
    status, said = judged(check_to_images, images, DATA)
    assert status == "wrong"
    assert words in said


@pytest.mark.parametrize("work", [..., None])
def test_todo(judged, work):
    assert judged(check_to_images, work, DATA)[0] == "todo"
