"""Lesson 12: right answers pass, wrong ones are refused with their cause."""

import numpy as np
import pytest

from helpers.checks import data_or_model as check

y = np.repeat(np.arange(4), 50)
p = np.random.default_rng(0).dirichlet(np.ones(4), 200) + 0.6 * np.eye(4)[y]
p /= p.sum(axis=1, keepdims=True)
called, top = p.argmax(axis=1), p.max(axis=1)
THRESHOLDS = np.array([p[y == c, c].mean() for c in range(4)])

labels = np.arange(4000) % 10
sure = np.random.default_rng(1).dirichlet(np.ones(10), 4000) / 2 + np.eye(10)[labels] / 2
noise = np.random.default_rng(2).random(4000)


def most_suspect(given):
    """All positions, those with the least probable label first."""
    return np.argsort(sure[np.arange(4000), given])


def half_blind(given):
    """As `most_suspect`, but every second wrong label is overlooked."""
    return np.argsort(sure[np.arange(4000), given] + (noise < 0.5))


def part(gain, by):
    """An answer of exercise 4: a gain, divided by the mistakes "before" or "after", or by all."""

    def model_part(before, after):
        repaired, new = (~before & after).sum(), (before & ~after).sum()
        mistakes = {"before": (~before).sum(), "after": (~after).sum(), "all": len(before)}
        return gain(repaired, new) / mistakes.get(by, 1)

    return model_part


def net(repaired, new):
    return repaired - new


LABELS = np.array([3, 5, 0, 1])
GIVEN = {"halves": (), "thresholds": (y, p), "finder": (labels, sure), "model_part": ()}
GIVEN["own_eyes"] = (LABELS,)

RIGHT = [
    ("halves", "B E A C F"),
    ("thresholds", THRESHOLDS.tolist()),
    ("finder", lambda given: most_suspect(given)[:300]),
    ("model_part", part(net, "before")),
    ("model_part", lambda before, after: (after.mean() - before.mean()) / (1 - before.mean())),
    ("own_eyes", "3501"),
    ("own_eyes", "35 ?2"),
    ("own_eyes", [3, 5, 0, "?"]),
]
WRONG = [
    ("halves", "B E D C F", "all images"),
    ("halves", "B A E C F", "line E"),
    ("halves", "E A B C F", "line B"),
    ("halves", "B E C A F", "needs the temperature"),
    ("halves", "B E A F C", "repaired answers"),
    ("thresholds", p.mean(axis=0), "over *all* images"),
    ("thresholds", [top[y == c].mean() for c in range(4)], "mean *confidence*"),
    ("thresholds", [p[called == c, c].mean() for c in range(4)], "*predicted*"),
    ("thresholds", [p[(called == c) & (y == c), c].mean() for c in range(4)], "only images that"),
    ("thresholds", p[np.arange(200), y], "one number an image"),
    ("thresholds", p, "the probabilities themselves"),
    ("thresholds", [p[y == c].mean(axis=0) for c in range(4)], "*all* columns"),
    ("thresholds", [p[y == c, c].sum() for c in range(4)], "sums"),
    ("finder", most_suspect, "at most 300"),
    ("finder", lambda given: most_suspect(given)[-300:], "upside down"),
    ("finder", lambda given: half_blind(given)[:300], "more than one network"),
    ("finder", lambda given: np.arange(0, 4000, 14), "its argument"),
    ("finder", lambda given: given == 1, "the gaps themselves"),
    ("finder", lambda given: [1, 1], "more than once"),
    ("finder", np.arange(5), "expected a function"),
    ("model_part", part(lambda repaired, new: repaired, "before"), "not subtracted"),
    ("model_part", part(net, "all"), "all images"),
    ("model_part", part(net, "after"), "second network"),
    ("model_part", part(lambda repaired, new: new - repaired, "before"), "other way round"),
    ("model_part", part(net, ""), "a number of images"),
    ("model_part", lambda before, after: part(net, "before")(after, before), "exchanged"),
    ("model_part", lambda before, after: before, "one number"),
    ("own_eyes", "cat dog airplane automobile", "names instead"),
    ("own_eyes", "350x", "no digit"),
    ("own_eyes", "350", "3 answers for 4"),
    ("own_eyes", 3501, "expected digits"),
]


@pytest.mark.parametrize(("name", "answer"), RIGHT)
def test_right(name, answer):
    assert getattr(check, name)(answer, *GIVEN[name])


@pytest.mark.parametrize(("name", "answer", "words"), WRONG)
def test_wrong(name, answer, words):
    verdict = getattr(check, name)(answer, *GIVEN[name])
    assert verdict.status == "wrong" and words in repr(verdict)


def test_own_eyes_are_counted():
    assert "3 of 4" in check.own_eyes("35?1", LABELS).text


@pytest.mark.parametrize("name", GIVEN)
def test_a_stub_is_not_done_yet(name):
    assert getattr(check, name)(..., *GIVEN[name]).status == "todo"
