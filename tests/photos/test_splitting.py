import numpy as np
import pytest

from helpers import photos
from helpers.errors import UserError

LABELS = np.repeat([0, 1, 2], [40, 35, 27])


def alone(labels):
    return np.arange(len(labels))


def test_each_row_once_and_classes_in_proportion():
    found = photos.splits(LABELS, alone(LABELS))
    assert len(found) == 5
    for train, val in found:
        assert train.dtype == val.dtype == np.int64
        assert sorted([*train, *val]) == list(range(len(LABELS)))
        assert np.bincount(LABELS[val]).tolist() == [12, 10, 8]


def test_repeats_differ_and_a_seed_means_the_same():
    first, second = (photos.splits(LABELS, alone(LABELS), repeats=6) for _ in range(2))
    assert all((a[1] == b[1]).all() for a, b in zip(first, second, strict=True))
    assert len({tuple(val) for _, val in first}) == 6
    other = photos.splits(LABELS, alone(LABELS), seed=7)
    assert tuple(other[0][1]) != tuple(first[0][1])


def test_every_row_gets_its_turn():
    times = np.zeros(len(LABELS))
    for _, val in photos.splits(LABELS, alone(LABELS), repeats=200):
        times[val] += 1
    assert times.min() > 30 and times.max() < 95  # expected 60


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_never_divided(seed):
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 60, len(LABELS))  # across classes too
    for train, val in photos.splits(LABELS, groups, seed=seed):
        assert not set(groups[train]) & set(groups[val])
        assert set(LABELS[train]) == set(LABELS[val]) == {0, 1, 2}
        assert abs(len(val) / len(LABELS) - 0.3) < 0.1


def test_a_large_group_stays_in_training():
    groups = alone(LABELS)
    groups[:20] = 0
    for _, val in photos.splits(LABELS, groups):
        assert 0 not in groups[val]
        assert np.bincount(LABELS[val]).tolist() == [12, 10, 8]


def test_two_of_a_class_are_one_on_each_side():
    labels = np.array([5, 5, 9, 9])
    for train, val in photos.splits(labels, alone(labels), val_fraction=0.01):
        assert sorted(labels[train]) == sorted(labels[val]) == [5, 9]


def test_two_large_groups_are_one_on_each_side():
    labels, groups = np.repeat([0, 1], 10), np.repeat([0, 1, 2, 3], 5)
    for train, val in photos.splits(labels, groups):
        assert len(set(groups[train])) == len(set(groups[val])) == 2
        assert set(labels[train]) == set(labels[val]) == {0, 1}


@pytest.mark.parametrize(
    ("labels", "groups", "message"),
    [
        ([0, 0, 1], [0, 1, 2], "class 1 has only one picture"),
        ([0, 0, 1, 1], [0, 1, 2, 2], "class 1 has only 2 near duplicates of one"),
        ([0, 1, 0, 1], [0, 0, 1, 1], None),
        ([0, 1, 0, 2, 1, 2], [0, 0, 1, 1, 2, 2], "near duplicates link the classes"),
        ([0, 0, 1, 1], [0, 1, 2], "4 labels and 3 groups"),
        ([], [], "labels has shape"),
        ([[0], [1]], [0, 1], "labels has shape"),
        ([0.0, 1.0], [0, 1], "labels has dtype float64"),
        ([0, 1], [0.0, np.nan], "groups has dtype float64"),
    ],
)
def test_bad_arrays(labels, groups, message):
    if message is None:
        assert len(photos.splits(np.array(labels), np.array(groups))) == 5
        return
    with pytest.raises(UserError, match=message):
        photos.splits(np.array(labels), np.array(groups))


@pytest.mark.parametrize(
    "options",
    [
        {"repeats": 0},
        {"repeats": 2.5},
        {"val_fraction": 0},
        {"val_fraction": 1},
        {"val_fraction": float("nan")},
    ],
    ids=str,
)
def test_bad_options(options):
    with pytest.raises(UserError, match=next(iter(options))):
        photos.splits(LABELS, alone(LABELS), **options)
