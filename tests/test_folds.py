import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from helpers import folds
from helpers.errors import UserError

LABELS = np.random.default_rng(3).permutation(np.repeat([0, 1, 2], [503, 101, 247]))


@pytest.mark.parametrize("k", [2, 3, 5, 10, 101])
@pytest.mark.parametrize("labels", [LABELS, np.sort(LABELS), LABELS[:, None]])
def test_folds_are_disjoint_complete_and_stratified(k, labels):
    found = folds.stratified(labels, k)
    assert len(found) == k
    for train, val in found:
        assert train.dtype == val.dtype == np.int64
        assert np.array_equal(np.union1d(train, val), np.arange(len(labels)))
        assert len(train) + len(val) == len(labels)
        assert (np.diff(train) > 0).all() and (np.diff(val) > 0).all()
    everything = np.sort(np.concatenate([val for _, val in found]))
    assert np.array_equal(everything, np.arange(len(labels)))
    flat = labels.reshape(-1)
    table = np.stack([np.bincount(flat[val], minlength=3) for _, val in found])
    assert (np.ptp(table, axis=0) <= 1).all()


def test_copies_stay_with_their_original():
    rng = np.random.default_rng(0)
    sources = np.concatenate([np.arange(851), rng.choice(np.flatnonzero(LABELS == 1), 400)])
    labels = LABELS[sources]
    found = folds.stratified(labels, 5, groups=sources)
    for train, val in found:
        assert not set(sources[train]) & set(sources[val])
        assert set(labels[val]) == {0, 1, 2}
    everything = np.sort(np.concatenate([val for _, val in found]))
    assert np.array_equal(everything, np.arange(len(labels)))


def test_seeds():
    one, again, other = (folds.stratified(LABELS, 4, seed)[0][1] for seed in (1001, 1001, 7))
    assert np.array_equal(one, again) and not np.array_equal(one, other)


def test_another_process_makes_the_same_folds():
    code = (
        "import numpy as np; from helpers import folds;"
        "y = np.arange(300) % 3; s = folds.stratified(y, 4) + [folds.nested_rows(y, [50, 90])];"
        "print([int((np.arange(len(r)) * r).sum()) for pair in s for r in pair])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1] and len(said[0]) > 20


@pytest.mark.parametrize(
    ("labels", "options", "words"),
    [
        ([], {}, "labels is empty"),
        (np.eye(10), {}, "argmax"),
        ([0.0, np.nan], {}, "dtype float64"),
        (LABELS, {"k": 1}, "k is 1: use a whole number from 2"),
        (LABELS, {"k": 2.0}, "k is 2.0"),
        (LABELS, {"k": True}, "k is True"),
        (LABELS, {"k": 102}, "class 1 has 101 images: for 102 folds it needs 102 or more"),
        (LABELS, {"groups": LABELS[:5]}, "rows differ in number"),
        (LABELS, {"groups": LABELS}, "class 0 has 1 groups"),
    ],
)
def test_folds_that_are_refused(labels, options, words):
    with pytest.raises(UserError) as raised:
        folds.stratified(labels, **options)
    assert words in str(raised.value) and "\n" not in str(raised.value)


class Model:
    """As much of a Keras model as matters here."""

    def __init__(self):
        self.weights = np.zeros(2)

    def get_weights(self):
        return [self.weights.copy()]


def mean_label(model, x_train, y_train, x_val, y_val):
    model.weights += len(y_train)
    return y_val.mean()


def test_scores_of_each_fold():
    y = LABELS[:40]
    x = np.arange(40)[:, None]
    pairs = folds.stratified(y, 4)
    seen = []

    def fit(model, x_train, y_train, x_val, y_val):
        seen.append(x_val[:, 0])
        assert np.array_equal(y[x_train[:, 0]], y_train)
        return mean_label(model, x_train, y_train, x_val, y_val)

    found = folds.scores(Model, x, y, pairs, fit)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [y[val].mean() for _, val in pairs])
    assert all(np.array_equal(one, val) for one, (_, val) in zip(seen, pairs, strict=True))


def test_a_model_that_has_seen_the_images_is_noticed():
    y, model = LABELS[:40], Model()
    with pytest.raises(UserError, match="has seen these images"):
        folds.scores(lambda: model, y, y, folds.stratified(y, 3), mean_label)

    def set_back():
        model.weights[:] = 0
        return model

    assert len(folds.scores(set_back, y, y, folds.stratified(y, 3), mean_label)) == 3


def test_candidates_without_weights_work():
    y = LABELS[:40]
    pairs = folds.stratified(y, 3)
    assert len(folds.scores(object, y, y, pairs, lambda *_: 1)) == 3


def test_scores_that_are_refused():
    y = LABELS[:40]
    pairs = folds.stratified(y, 3)
    with pytest.raises(UserError, match="no folds"):
        folds.scores(Model, y, y, [], mean_label)
    with pytest.raises(UserError, match="rows differ"):
        folds.scores(Model, y[:-1], y, pairs, mean_label)
    with pytest.raises(UserError, match="beyond the 20 images"):
        folds.scores(Model, y[:20], y[:20], pairs, mean_label)
    with pytest.raises(UserError, match="fold 1 has the score nan"):
        folds.scores(Model, y, y, pairs, lambda *_: np.nan)


@pytest.mark.parametrize("labels", [LABELS, np.sort(LABELS)])
def test_nested_subsets(labels):
    counts = [20, 100, 101, 600, len(labels)]
    subsets = folds.nested_rows(labels, counts)
    assert [len(rows) for rows in subsets] == counts
    for small, large in pairwise(subsets):
        assert set(small) < set(large)
    shares = np.bincount(labels) / len(labels)
    for rows in subsets:
        assert rows.dtype == np.int64 and (np.diff(rows) > 0).all()
        assert np.abs(np.bincount(labels[rows], minlength=3) - len(rows) * shares).max() <= 1
    again = folds.nested_rows(labels, [100, 300])
    assert np.array_equal(again[0], subsets[1]), "a subset must not depend on the others"
    assert not np.array_equal(folds.nested_rows(labels, [100], seed=7)[0], subsets[1])


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([], "counts is empty"),
        ([0], "a count is 0"),
        ([10.5], "a count is 10.5"),
        ([100, 50], "rising"),
        ([50, 50], "rising"),
        ([len(LABELS) + 1], "rising numbers up to 851"),
        ([2], "too few to hold each of 3 classes"),
    ],
)
def test_counts_that_are_refused(counts, words):
    with pytest.raises(UserError, match=words):
        folds.nested_rows(LABELS, counts)
