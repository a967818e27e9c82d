import numpy as np
import pytest

from helpers.checks import check_predicted_class

NAMES = ("airplane", "bird", "cat", "dog")
PROBABILITIES = np.array([0.1, 0.05, 0.6, 0.25], dtype=np.float32)


@pytest.mark.parametrize("answer", ["cat", np.str_("cat"), np.array(NAMES)[2]])
@pytest.mark.parametrize("probabilities", [PROBABILITIES, PROBABILITIES[None]])
def test_right(judged, answer, probabilities):
    status, said = judged(check_predicted_class, answer, probabilities, NAMES)
    assert status == "correct" and "60.0%" in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (2, "class's index, and the right one"),
        (np.int64(2), "class's index"),
        (PROBABILITIES.argmax(keepdims=True), "class's index"),
        (0.6, "`max`"),
        (PROBABILITIES.max(), "`max`"),
        (PROBABILITIES, "whole list"),
        (1, "that is a number"),
        ("bird", "`argmin`"),
        ("dog", "another has more"),
        ("Cat", "capital letters"),
        (" cat", "capital letters"),
        ("2", "index written as text"),
        ("cta", "did you mean 'cat'"),
        ("zebra" * 1000, "the names are"),
        (["cat"], "the answer is a text"),
        (b"cat", "the answer is a text"),
        ({}, "the answer is a text"),
        ([], "that is a number"),
    ],
)
def test_wrong(judged, answer, words):
    status, said = judged(check_predicted_class, answer, PROBABILITIES, NAMES)
    assert status == "wrong"
    assert words.replace("`", "'") in said
    assert len(said) < 600


def test_todo(judged):
    assert judged(check_predicted_class, ..., PROBABILITIES, NAMES)[0] == "todo"
