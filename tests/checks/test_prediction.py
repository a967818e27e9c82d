import numpy as np
import pytest

from helpers.checks import check_pad_to_square, check_top_k


def top_k(p, names, k):
    order = np.argsort(p)[::-1][:k]
    return [(names[i], float(p[i])) for i in order]


def pad(image, value=0, dtype=None):
    height, width, _ = image.shape
    side = max(height, width)
    square = np.full((side, side, 3), value, dtype or image.dtype)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = image
    return square


def test_right(judged):
    assert judged(check_top_k, top_k)[0] == "correct"
    tuples = lambda p, names, k: tuple(list(pair) for pair in top_k(p, names, k))  # noqa: E731
    assert judged(check_top_k, tuples)[0] == "correct"
    assert judged(check_pad_to_square, pad)[0] == "correct"


@pytest.mark.parametrize("check", [check_top_k, check_pad_to_square])
@pytest.mark.parametrize("work", [..., None, lambda *_: ...])
def test_todo(judged, check, work):
    assert judged(check, work)[0] == "todo"


def upward(p, names, k):
    return [(names[i], p[i]) for i in np.argsort(p)[:k]]


def last_of_upward(p, names, k):
    return [(names[i], p[i]) for i in np.argsort(p)[-k:]]


def names_unsorted(p, names, k):
    return list(zip(names, np.sort(p)[::-1], strict=True))[:k]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (upward, "begins with the smallest"),
        (last_of_upward, "least likely of them first"),
        (names_unsorted, "the names were not"),
        (lambda p, names, k: top_k(p, names, len(p)), "is missing"),
        (lambda p, names, k: top_k(p, names, 2), "k is not used"),
        (lambda p, names, k: dict(top_k(p, names, k)), "a dictionary"),
        (lambda p, names, k: np.array(top_k(p, names, k)), "texts or numbers"),
        (lambda p, names, k: [name for name, _ in top_k(p, names, k)], "names alone"),
        (lambda p, names, k: [(s, n) for n, s in top_k(p, names, k)], "the name comes first"),
        (lambda p, names, k: [(i, p[i]) for i in np.argsort(-p)[:k]], "number of the class"),
        (lambda p, names, k: [(n, 100 * s) for n, s in top_k(p, names, k)], "percent"),
        (lambda p, names, k: list(zip(names[:k], p[:k], strict=True)), "first k classes"),
        (lambda p, names, k: [(names[i], p[i]) for i in range(k)][:0], "0 pairs"),
        (lambda p, names: [], "TypeError"),
        (3, "expected a function"),
    ],
)
def test_wrong_top_k(judged, function, words):
    status, said = judged(check_top_k, function)
    assert status == "wrong", said
    assert words in said, said


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda image: image[: min(image.shape[:2]), : min(image.shape[:2])], "that is a crop"),
        (lambda image: image.copy(), "came back as it was"),
        (lambda image: pad(image)[..., 0], "channels are missing"),
        (lambda image: pad(image, dtype=float), "float64"),
        (lambda image: pad(image, value=255), "white"),
        (lambda image: pad(image[::-1]), "does not stand unchanged"),
        (lambda image: np.flip(pad(np.flip(image, (0, 1))), (0, 1)), "round down"),
        (
            lambda image: np.pad(
                image,
                [(0, max(image.shape) - side) for side in image.shape[:2]] + [(0, 0)],
            ),
            "not moved to the middle",
        ),
        (lambda image: "text", "expected an array"),
        ([], "expected a function"),
    ],
)
def test_wrong_pad(judged, function, words):
    status, said = judged(check_pad_to_square, function)
    assert status == "wrong", said
    assert words in said, said
