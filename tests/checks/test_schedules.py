import numpy as np
import pytest

from helpers.checks import (
    check_choose_rate,
    check_moving_average,
    check_staircase,
    check_warmup_cosine,
)


def ema(values, momentum=0.9, first=None):
    averages, average = [], values[0] if first is None else first
    for value in values:
        average = momentum * average + (1 - momentum) * value
        averages.append(average)
    return averages


@pytest.fixture(scope="module")
def cosine():
    from keras.optimizers.schedules import CosineDecay

    def make(**changes):
        options = {
            "initial_learning_rate": 0.0,
            "warmup_target": 3e-3,
            "warmup_steps": 352,
            "decay_steps": 9 * 352,
        }
        return CosineDecay(**(options | changes))

    return make


@pytest.mark.parametrize(
    "function",
    [
        lambda step: 1e-3 * 0.96 ** (step // 1000),
        lambda step: np.float32(0.001) * 0.96 ** np.floor(step / 1000),
    ],
)
def test_staircase_right(judged, function):
    assert judged(check_staircase, function)[0] == "correct"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda step: 1e-3 * 0.96 ** (step / 1000), "whole"),
        (lambda step: 0.96 ** (step // 1000), "first rate, 0.001, is missing"),
        (lambda step: 1e-3 * 0.96**step, "after every 1,000"),
        (lambda step: 1e-3 * 0.96 ** (step // 1000 + 1), "one fall too many"),
        (lambda step: 1e-3, "never falls"),
        (lambda step: 1e-3 * 0.96 * (step // 1000), "power"),
        (lambda step: 1e-3 - step, "stays above 0"),
        (lambda step: float("nan"), "nan"),
        (lambda step: [1e-3, 2e-3], "expected one number"),
        (lambda step: "0.001", "learning rate"),
        (lambda: 1e-3, "exactly one argument"),
        (1e-3, "expected a function"),
    ],
)
def test_staircase_wrong(judged, function, words):
    status, said = judged(check_staircase, function)
    assert status == "wrong"
    assert words in said


@pytest.mark.parametrize("changes", [{}, {"warmup_steps": 351}, {"decay_steps": 3170}])
def test_warmup_cosine_right(judged, cosine, changes):
    assert judged(check_warmup_cosine, cosine(**changes))[0] == "correct"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decay_steps": 10 * 352}, "counts from the end of the warm-up"),
        ({"decay_steps": 9}, "counts epochs instead of steps"),
        ({"warmup_steps": 1}, "steps, not epochs"),
        ({"warmup_steps": 96}, "the peak is at step 96"),
        ({"warmup_target": 0.03}, "highest rate is 0.03"),
        ({"initial_learning_rate": 1e-3}, "asked for was 0"),
        ({"initial_learning_rate": 3e-3, "warmup_target": None, "warmup_steps": 0}, "no warm-up"),
        ({"alpha": 0.1}, "not 0"),
    ],
)
def test_warmup_cosine_wrong(judged, cosine, changes, words):
    status, said = judged(check_warmup_cosine, cosine(**changes))
    assert status == "wrong"
    assert words in said


def test_warmup_cosine_odd_things(judged, cosine):
    from keras.optimizers import Adam
    from keras.optimizers.schedules import CosineDecay

    from helpers.schedules import OneCycle

    assert "parentheses are missing" in judged(check_warmup_cosine, CosineDecay)[1]
    assert "takes as 'learning_rate'" in judged(check_warmup_cosine, Adam(cosine()))[1]
    early = OneCycle(3e-3, 3520, warmup_share=0.3, start_share=0, end_share=0)
    assert "expected 352" in judged(check_warmup_cosine, early)[1]
    assert judged(check_warmup_cosine, 3e-3)[0] == "wrong"
    assert judged(check_warmup_cosine, ...)[0] == "todo"


@pytest.mark.parametrize(
    "function",
    [
        lambda sweep: sweep["rate"][int(np.argmin(sweep["loss"]))] / 10,
        lambda sweep: np.array([sweep["rate"][np.argmin(sweep["loss"])]]) / 10,
    ],
)
def test_choose_rate_right(judged, function):
    assert judged(check_choose_rate, function)[0] == "correct"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda sweep: sweep["rate"][int(np.argmin(sweep["loss"]))], "Divide by 10"),
        (lambda sweep: int(np.argmin(sweep["loss"])), "position in the list"),
        (lambda sweep: min(sweep["loss"]), "that is the loss"),
        (lambda sweep: min(sweep["loss"]) / 10, "tenth of the loss"),
        (lambda sweep: sweep["rate"][int(np.argmax(sweep["loss"]))] / 10, "highest loss"),
        (lambda sweep: sweep["rate"], "expected one number"),
        (lambda sweep: sweep["rates"], "KeyError"),
        (lambda sweep: sweep["loss"].sort() or 1, "changes the data"),
        (0.01, "expected a function"),
    ],
)
def test_choose_rate_wrong(judged, function, words):
    status, said = judged(check_choose_rate, function)
    assert status == "wrong"
    assert words in said


@pytest.mark.parametrize("function", [ema, lambda values: np.array(ema(values), "float32")])
def test_moving_average_right(judged, function):
    assert judged(check_moving_average, function)[0] == "correct"


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda values: ema(values, first=0.0), "begins at 0"),
        (lambda values: ema(values, momentum=0.1), "exchanged"),
        (lambda values: np.cumsum(values) / np.arange(1, len(values) + 1), "never fade"),
        (lambda values: ema(values)[-1], "only the last average"),
        (lambda values: ema(values)[1:], "5 values in"),
        (lambda values: values, "came back"),
        (lambda values: np.full(len(values), np.nan), "averages are"),
        (lambda values: "average", "array of averages"),
    ],
)
def test_moving_average_wrong(judged, function, words):
    status, said = judged(check_moving_average, function)
    assert status == "wrong"
    assert words in said


@pytest.mark.parametrize("check", [check_staircase, check_choose_rate, check_moving_average])
def test_not_done_yet(judged, check):
    assert judged(check, ...)[0] == "todo"
    assert judged(check, lambda given: ...)[0] == "todo"
