"""`labels.regroup`: any grouping, nothing lost without being named, and a way back."""

import numpy as np
import pytest

from helpers import labels
from helpers.errors import UserError
from helpers.labels import FASHION_MNIST, regroup

# The grouping of the report behind the lab.
REPORT = {
    "upper clothes": [0, 2, 3, 4, 6],
    "lower clothes": ["Trouser"],
    "shoes": ["Sandal", "Sneaker", "Ankle boot"],
}


@pytest.fixture(scope="module")
def fashion():
    """Labels as in Fashion-MNIST: 7,000 of each class, mixed."""
    return np.random.default_rng(1).permutation(np.repeat(np.arange(10), 7_000))


def test_the_reports_counts(fashion):
    new = regroup(fashion, REPORT, FASHION_MNIST, drop=["Bag"])
    assert len(new.labels) == len(new.rows) == len(new.original) == 63_000
    assert np.bincount(new.labels).tolist() == [35_000, 7_000, 21_000]
    assert new.class_names == ("upper clothes", "lower clothes", "shoes")
    assert new.dropped == {"Bag": 7_000}
    assert new.labels.dtype == new.rows.dtype == new.original.dtype == np.int64
    said = new.describe()
    assert "63,000 of 70,000" in said and "Bag 7,000" in said and "lower clothes 7,000" in said


def test_the_way_back(fashion):
    new = regroup(fashion, REPORT, FASHION_MNIST, drop=[8])
    np.testing.assert_array_equal(fashion[new.rows], new.original)
    np.testing.assert_array_equal(new.new_class[new.original], new.labels)
    assert new.new_class.tolist() == [0, 1, 0, 0, 0, 2, 0, 2, -1, 2]
    assert (np.diff(new.rows) > 0).all() and 8 not in new.original


def test_the_input_is_left_alone_and_columns_are_read(fashion):
    before = fashion.copy()
    column = regroup(fashion[:, None].astype(np.uint8), REPORT, FASHION_MNIST, drop="Bag")
    flat = regroup(fashion, REPORT, FASHION_MNIST, drop=(np.int64(8),))
    np.testing.assert_array_equal(column.labels, flat.labels)
    np.testing.assert_array_equal(fashion, before)


def test_nothing_dropped_and_a_class_without_pictures():
    new = regroup([0, 0, 2], {"one": "a", "rest": ["b", "c"]}, ["a", "b", "c"])
    assert new.labels.tolist() == [0, 0, 1] and new.rows.tolist() == [0, 1, 2]
    assert new.dropped == {} and "dropped: nothing" in new.describe()


def test_the_superclasses_of_cifar100_are_a_grouping():
    to_coarse = np.array(labels.CIFAR100_FINE_TO_COARSE)
    groups = {
        name: np.flatnonzero(to_coarse == number)
        for number, name in enumerate(labels.CIFAR100_COARSE)
    }
    new = regroup(np.arange(100), groups, labels.CIFAR100_FINE)
    np.testing.assert_array_equal(new.labels, to_coarse)


@pytest.mark.parametrize(
    ("groups", "drop", "words"),
    [
        ({"x": [0, 1], "y": [1, 2]}, [], "'b' .* group 'x' and group 'y'"),
        ({"x": [0, "a"], "y": [1, 2]}, [], "'a' .* group 'x' twice"),
        ({"x": [0, 1], "y": [2]}, ["b"], "group 'x' and drop"),
        ({"x": [0], "y": [2]}, [], "in no group: b"),
        ({"x": [0, 1, 2], "y": []}, [], "group 'y' is empty"),
        ({"x": [0, 1, 3]}, [], "numbered 0 to 2"),
        ({"x": [0, 1, -1]}, [], "class -1"),
        ({"x": ["a", "b", "d"]}, [], "'d', which is no class"),
        ({"x": [0, 1, 2.0]}, [], "no class"),
        ({"x": [False, 1, 2]}, [], "no class"),
        ({"x": [0, 1, 2]}, ["z"], "drop holds 'z'"),
        ({"x": None}, [], "list of class names"),
        ({" ": [0, 1, 2]}, [], "name in words"),
        ({1: [0, 1, 2]}, [], "name in words"),
        ({}, [0, 1, 2], "pass the classes of each group"),
        ([[0, 1], [2]], [], "pass the classes of each group"),
    ],
)
def test_groupings_that_are_refused(groups, drop, words):
    with pytest.raises(UserError, match=words) as caught:
        regroup([0, 1, 2], groups, ["a", "b", "c"], drop=drop)
    assert "\n" not in str(caught.value)


def test_a_near_miss_is_named():
    with pytest.raises(UserError, match="did you mean 'T-shirt/top'"):
        regroup([0], {"tops": ["T-shirt"]}, FASHION_MNIST)


def test_a_name_that_two_classes_have():
    with pytest.raises(UserError, match="give numbers"):
        regroup([0], {"x": ["a", "b"]}, ["a", "a", "b"])


@pytest.mark.parametrize(
    "wrong", [[], [0, 3], [-1, 0], [0.0, 1.0], [np.nan], np.eye(3), ["a", "b"]]
)
def test_labels_that_are_refused(wrong):
    with pytest.raises(UserError, match="labels"):
        regroup(wrong, {"x": [0, 1, 2]}, ["a", "b", "c"])
