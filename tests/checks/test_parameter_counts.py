import numpy as np
import pytest

from helpers.checks import check_parameter_counts

RIGHT = {"conv": 18_496, "batch_norm": 256, "dense": 262_272}


@pytest.mark.parametrize("kind", [int, float, np.int64])
def test_right(judged, kind):
    answers = {key: kind(value) for key, value in RIGHT.items()}
    assert judged(check_parameter_counts, answers)[0] == "correct"


@pytest.mark.parametrize(
    ("key", "answer", "words"),
    [
        ("conv", 18_432, "bias is forgotten"),
        ("conv", 640, "all 32 input channels"),
        ("conv", 1_792, "not the 3 colors"),
        ("conv", 18_464, "per output channel"),
        ("conv", 18_496 * 1024, "size of the picture"),
        ("conv", 6_208, "nine positions"),
        ("conv", 7, "input channels × output channels"),
        ("batch_norm", 128, "gamma and beta only"),
        ("batch_norm", 64, "more than one number"),
        ("batch_norm", 4, "for each channel"),
        ("dense", 262_144, "bias is forgotten"),
        ("dense", 2_176, "not added"),
        ("dense", 264_192, "not per input"),
        ("dense", "262,272", "expected a whole number"),
        ("dense", True, "expected a whole number"),
        ("dense", -1, "no whole number above 0"),
        ("dense", 0.5, "no whole number above 0"),
        ("dense", float("nan"), "no whole number above 0"),
        ("dense", float("inf"), "could not be read"),
        ("dense", np.zeros(3), "expected a whole number"),
    ],
)
def test_wrong(judged, key, answer, words):
    status, said = judged(check_parameter_counts, RIGHT | {key: answer})
    assert status == "wrong"
    assert words in said
    if "could not" not in words:
        assert f"'{key}'" in said and "262,272" not in said.replace("text '262,272'", "")


@pytest.mark.parametrize(
    ("answers", "words"),
    [(3, "dictionary"), ([1, 2, 3], "dictionary"), ({"conv": 1}, "no entry for 'batch_norm'")],
)
def test_no_dictionary_of_the_three(judged, answers, words):
    status, said = judged(check_parameter_counts, answers)
    assert status == "wrong" and words in said


def test_todo(judged):
    assert judged(check_parameter_counts, dict.fromkeys(RIGHT, ...))[0] == "todo"
    status, said = judged(check_parameter_counts, RIGHT | {"dense": ...})
    assert status == "todo" and "2 of 3 right so far; still open: dense" in said
    assert (
        judged(check_parameter_counts, {"conv": 1, "batch_norm": ..., "dense": ...})[0] == "wrong"
    )
