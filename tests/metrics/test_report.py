"""The per-class report, against scikit-learn and by hand."""

import math

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from helpers import metrics
from helpers.errors import UserError

NAMES = ["cat", "dog", "ship", "truck"]


def test_agrees_with_scikit_learn(predictions):
    rows = metrics.class_report(predictions.y, predictions.predicted, NAMES)
    expected = precision_recall_fscore_support(predictions.y, predictions.predicted)
    np.testing.assert_allclose([row[1:] for row in rows], np.transpose(expected))
    assert [row.name for row in rows] == NAMES
    for function, name in ((metrics.macro, "macro"), (metrics.weighted, "weighted")):
        score = precision_recall_fscore_support(predictions.y, predictions.predicted, average=name)
        np.testing.assert_allclose(function(rows)[1:4], score[:3])
    accuracy = accuracy_score(predictions.y, predictions.predicted)
    assert metrics.weighted(rows).recall == pytest.approx(accuracy)


def test_what_is_undefined_is_not_called_zero():
    # Nothing is called a dog, and there are no ships.
    rows = metrics.class_report([0, 0, 1, 1], [0, 0, 0, 2], NAMES[:3])
    cat, dog, ship = rows
    assert cat == ("cat", 2 / 3, 1, 0.8, 2)
    assert math.isnan(dog.precision) and dog.recall == 0 and dog.f1 == 0
    assert ship.precision == 0 and math.isnan(ship.recall) and ship.support == 0
    assert metrics.macro(rows).recall == 0.5
    text = metrics.format_report(rows)
    assert "nan" not in text and "–" in text


def test_text_is_aligned_and_the_worst_class_comes_first(predictions):
    rows = metrics.class_report(predictions.y, predictions.predicted, NAMES)
    lines = metrics.format_report(rows).splitlines()
    assert len({len(line) for line in lines}) == 1
    worst = min(rows, key=lambda row: row.f1)
    assert lines[2].startswith(worst.name) and f"{100 * worst.recall:.1f} %" in lines[2]
    assert lines[-2].startswith("macro average") and lines[-1].endswith("600")
    unsorted = metrics.format_report(rows, sort=None).splitlines()
    assert [line.split()[0] for line in unsorted[2:6]] == NAMES


@pytest.mark.parametrize("sort", metrics.ClassRow._fields)
def test_sorts_by_every_column(sort):
    rows = metrics.class_report([0, 1, 1, 2], [0, 1, 0, 1], NAMES)
    lines = metrics.format_report(rows, sort=sort).splitlines()[2:6]
    assert sorted(line.split()[0] for line in lines) == sorted(NAMES)


def test_report_refuses():
    with pytest.raises(UserError, match="without rows"):
        metrics.format_report([])
    rows = metrics.class_report([0, 1], [0, 1], "ab")
    with pytest.raises(UserError, match="sort is 'accuracy': use one of name, precision"):
        metrics.format_report(rows, sort="accuracy")
    with pytest.raises(UserError, match="2 classes are numbered 0 to 1"):
        metrics.class_report([0, 2], [0, 1], "ab")
