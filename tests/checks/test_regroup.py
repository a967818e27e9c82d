from dataclasses import replace

import numpy as np
import pytest

from helpers import variants
from helpers.checks import check_regroup
from helpers.labels import FASHION_MNIST, regroup
from helpers.variant_groupings import FASHION

LABELS = np.random.default_rng(0).integers(0, 10, 500)
SHEET = replace(variants.for_student("S1", "fashion"), grouping=FASHION[1])  # drops class 8
S5 = {"upper": (0, 2, 3, 4, 6), "lower": (1,), "shoes": (5, 7, 9)}


def regrouped(grouping=FASHION[1], labels=LABELS, **changes):
    options = {"groups": grouping.groups, "drop": grouping.drop} | changes
    return regroup(labels, options["groups"], FASHION_MNIST, drop=options["drop"])


@pytest.mark.parametrize("grouping", FASHION)
def test_right(judged, grouping):
    variant = replace(SHEET, grouping=grouping)
    status, said = judged(check_regroup, regrouped(grouping), variant, LABELS)
    assert status == "correct", said
    assert f"grouping {grouping.number}" in said


def test_members_by_number_are_right_too(judged):
    groups = {
        name: [FASHION_MNIST.index(old) for old in olds] for name, olds in FASHION[1].groups.items()
    }
    assert judged(check_regroup, regrouped(groups=groups), SHEET, LABELS)[0] == "correct"


def wrong_answers():
    first, second, third = FASHION[1].groups.items()
    groups = FASHION[1].groups
    yield "S5's grouping", regrouped(groups=S5, drop=[8])
    yield "in the order", regrouped(groups=dict([second, first, third]))
    yield "other names", regrouped(groups=dict(zip("abc", groups.values(), strict=True)))
    moved = {**groups, first[0]: first[1][1:], third[0]: (*third[1], first[1][0])}
    yield "on the card it is in", regrouped(groups=moved)
    yield "on the card it is dropped", regrouped(groups={**groups, "x": ("Bag",)}, drop=())
    yield "expected 500", regrouped(labels=LABELS[:400])
    yield "sorted, shuffled", regrouped(labels=np.sort(LABELS))
    yield "only a part", regrouped().labels
    yield "only a part", [1, 2]
    yield "does it", groups
    yield "expected what", "text"
    yield "expected what", 3
    small = regroup(LABELS % 3, {"a": [0], "b": [1, 2]}, ("x", "y", "z"))
    yield "class_names", small


@pytest.mark.parametrize(("words", "answer"), list(wrong_answers()))
def test_wrong(judged, words, answer):
    status, said = judged(check_regroup, answer, SHEET, LABELS)
    assert status == "wrong", said
    assert words in said, said


@pytest.mark.parametrize("answer", [..., None])
def test_todo(judged, answer):
    assert judged(check_regroup, answer, SHEET, LABELS)[0] == "todo"
