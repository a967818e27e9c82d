import numpy as np
import pytest

from helpers import unsure
from helpers.checks import check_answer, check_temperature

RNG = np.random.default_rng(0)
TRUE = RNG.dirichlet(np.full(4, 0.5), 2000)
Y = (TRUE.cumsum(axis=1) > RNG.random((2000, 1))).argmax(axis=1)
P = unsure.cool(TRUE, 0.5)
T = unsure.temperature(P, Y)
LOSS = -np.log(unsure.cool(P, T)[np.arange(2000), Y]).mean()


@pytest.mark.parametrize("answer", [T, 1.03 * T, np.float32(T), np.array(T), np.array([T])])
def test_temperature_right(judged, answer):
    status, said = judged(check_temperature, answer, P, Y)
    assert status == "correct" and "the loss falls from" in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (1 / T, "1 / T"),
        (LOSS, "smallest loss itself"),
        (1.0, "not their logarithms"),
        (4 * T, "too coarse"),
        (np.linspace(0.5, 3, 20), "all temperatures"),
        (0, "above 0"),
        (-T, "above 0"),
        (np.nan, "above 0"),
        ("2", "expected one number"),
        (unsure.temperature, "expected one number"),
    ],
)
def test_temperature_wrong(judged, answer, words):
    status, said = judged(check_temperature, answer, P, Y)
    assert status == "wrong" and words in said


FEW = np.array([[0.7, 0.3], [0.2, 0.8], [0.4, 0.6], [0.9, 0.1]])
RIGHT = np.array([0, 1, -1, 0])


@pytest.mark.parametrize("answer", [RIGHT, RIGHT.tolist(), RIGHT.astype(float)])
def test_answer_right(judged, answer):
    status, said = judged(check_answer, answer, FEW, 0.7)
    assert status == "correct" and "3 of 4" in said


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ([0, 1, 1, 0], "threshold is not used"),
        ([-1, -1, 1, -1], "changed places"),
        ([-1, 1, -1, 0], "use '>='"),
        ([0, 1, 0, 0], "became class 0"),
        ([1, 0, -1, 1], "argmin"),
        ([0, 1, 0], "only the sure ones"),
        (RIGHT[:, None], "one column too many"),
        (FEW, "probabilities of all classes"),
        (FEW.max(axis=1), "probabilities instead of class numbers"),
        (FEW.max(axis=1) >= 0.7, "True and False"),
        ([0, 1, 2, 0], "labels are -1"),
        ([0, 1, np.nan, 0], "labels are -1"),
        (["cat"] * 4, "expected 4 labels"),
        (5, "expected 4 labels"),
    ],
)
def test_answer_wrong(judged, answer, words):
    status, said = judged(check_answer, answer, FEW, 0.7)
    assert status == "wrong" and words in said


def test_todo(judged):
    assert judged(check_answer, ..., FEW, 0.7)[0] == "todo"
    assert judged(check_temperature, None, P, Y)[0] == "todo"
