"""Variants: the same everywhere, even over a class, and however the code is typed."""

import os
import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from helpers import labels, variant_groupings, variants
from helpers.errors import UserError
from helpers.paths import ROOT

# Written down once: these may never change while a course is running.
KNOWN = {
    ("S1234567", "fashion"): (
        3,
        (1, 5, 8),
        (6839, 5451, 2138, 2016, 9708, 5882, 9544, 7114,
         538, 5483, 2895, 4691, 4805, 3292, 7819, 749),
        3676,
    ),
    ("S1234567", "cifar100"): (
        None,
        (),
        (5714, 704, 1578, 1218, 8423, 1118, 8096, 1972,
         2313, 4624, 8682, 3194, 6578, 7139, 2211, 5892),
        6221,
    ),
}  # fmt: skip
_NAMES = ("Ona", "Ieva", "Jonas", "Li", "Ada", "Max", "Eva", "Tom", "Uwe", "Zoë")
CODE_STYLES = {
    "consecutive": [str(number) for number in range(1_000_001, 1_000_301)],
    "short": [f"S{number}" for number in range(300)],
    "names": [f"{name} {number}" for number in range(30) for name in _NAMES],
    "mail": [f"student{number}@school.example" for number in range(300)],
}


@pytest.mark.parametrize(("student", "lab"), KNOWN)
def test_known_variants_stay(student, lab):
    given = variants.for_student(student, lab)
    number, architectures, images, seed = KNOWN[student, lab]
    assert (given.grouping.number if given.grouping else None) == number
    assert (given.architectures, given.images, given.seed) == (architectures, images, seed)
    assert given.lab == lab


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_other_processes_and_hash_seeds_give_the_same(seed):
    code = (
        "from helpers import variants;"
        "print(variants.for_student('S1234567', 'fashion'));"
        "print(variants.for_student('S1234567', 'cifar100'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    here = [repr(variants.for_student("S1234567", lab)) for lab in ("fashion", "cifar100")]
    assert done.stdout.splitlines() == here


def test_no_random_generator_is_touched():
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    variants.for_student("a1", "fashion")
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("codes", CODE_STYLES.values(), ids=CODE_STYLES)
def test_even_over_a_class(codes):
    """Chi-square over the groupings, 9 degrees of freedom: 27.9 is passed once in a thousand."""
    given = [variants.for_student(code, "fashion") for code in codes]
    counts = variants.distribution(given)
    for name, expected in (("groupings", 30), ("architectures", 90)):
        assert sorted(counts[name]) == list(range(1, 11))
        assert sum((n - expected) ** 2 / expected for n in counts[name].values()) < 27.9, name
    quarters = Counter(image * 4 // 10_000 for variant in given for image in variant.images)
    assert sum((n - 1_200) ** 2 / 1_200 for n in quarters.values()) < 16.3  # 3 degrees of freedom
    assert len({variant.images for variant in given}) == 300
    assert len({variant.seed for variant in given}) > 280


def test_neighbors_and_labs_have_nothing_to_do_with_each_other():
    one, two = (variants.for_student(code, "fashion") for code in ("1000001", "1000002"))
    assert len(set(one.images) & set(two.images)) <= 2 and one.seed != two.seed
    other = variants.for_student("1000001", "cifar100")
    assert len(set(one.images) & set(other.images)) <= 2 and one.seed != other.seed


def test_numbers_are_in_range():
    for code in range(200):
        given = variants.for_student(code, "fashion", test_size=20)
        assert len(set(given.images)) == 16 and set(given.images) <= set(range(20))
        assert len(set(given.architectures)) == 3 and set(given.architectures) <= set(range(1, 11))
        assert list(given.architectures) == sorted(given.architectures)
        assert 1_000 <= given.seed < 10_000
    assert sorted(variants.for_student("a", "cifar100", test_size=16).images) == list(range(16))


def test_another_test_size_changes_the_images_alone():
    one = variants.for_student("a1", "fashion")
    two = variants.for_student("a1", "fashion", test_size=np.int64(9_450))
    assert one.images != two.images and max(two.images) < 9_450
    assert (one.grouping, one.architectures, one.seed) == (
        two.grouping,
        two.architectures,
        two.seed,
    )


@pytest.mark.parametrize(
    "typed",
    [
        "ab1234", " AB 1234\n", "Ab-12-34", "ab–12—34", "ab‑1234", "ab−1234", "ＡＢ１２３４",
        "ab\u00a01234", "\ufeffab1234", "ab\u200b1234", "ab\u00ad1234", "A B\t1 2 3 4",
    ],
)  # fmt: skip
def test_ways_of_typing_one_code(typed):
    assert variants.normalize(typed) == "ab1234"
    assert variants.for_student(typed, "fashion") == variants.for_student("ab1234", "fashion")


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Zoë", "Zoe\u0308"),
        ("STRASSE", "straße"),
        ("Intaitė", "INTAITĖ"),
        ("7", 7),
        (7, np.int64(7)),
    ],
)
def test_one_name_in_two_ways(one, two):
    assert variants.normalize(one) == variants.normalize(two)


@pytest.mark.parametrize("code", ["a-\u0301b", "İx", "Å1", "ﬁ 2", "x\u200d\u0308"])
def test_normalizing_twice_changes_nothing(code):
    once = variants.normalize(code)
    assert variants.normalize(once) == once


@pytest.mark.parametrize(("one", "two"), [("1", "01"), ("ab", "ba"), ("a.b", "ab"), ("a_b", "ab")])
def test_other_codes_stay_apart(one, two):
    assert variants.normalize(one) != variants.normalize(two)


@pytest.mark.parametrize(
    "code",
    [
        "", "  ", "-", "...", "…", "\u200b", None, True, 3.5, float("nan"), b"ab", ["ab"], -5,
        "=1+1", "@SUM(1)", "+1", "＝1", "a=b", "a|b", "a\0b", "a\x07b", "a\ud800", "x" * 65, "a😀",
    ],
)  # fmt: skip
def test_codes_that_are_refused(code):
    with pytest.raises(UserError, match="student code") as caught:
        variants.for_student(code, "fashion")
    assert "\n" not in str(caught.value)


def test_an_unknown_lab_names_the_known():
    with pytest.raises(UserError, match="fashion, cifar100"):
        variants.for_student("a1", "mnist")


@pytest.mark.parametrize("size", [15, 0, -1, 20.0, "100", True, 10**30])
def test_test_sizes_that_are_refused(size):
    with pytest.raises(UserError, match="test_size"):
        variants.for_student("a1", "fashion", test_size=size)


def test_the_code_is_not_in_the_variant():
    given = variants.for_student("Secret77", "fashion")
    for text in (repr(given), given.describe(), pickle.dumps(given).decode("latin-1")):
        assert "secret" not in text.lower()
    with pytest.raises(AttributeError):
        given.seed = 1


def test_the_card_as_text():
    said = variants.for_student("S1234567", "fashion").describe()
    for words in (
        "grouping 3: Which layer?",
        "0 Over other clothes: Pullover, Coat",
        "1, 5, 8",
        "3676",
    ):
        assert words in said
    assert "grouping" not in variants.for_student("S1234567", "cifar100").describe()


@pytest.mark.parametrize("grouping", variant_groupings.FASHION, ids=lambda g: str(g.number))
def test_each_grouping_is_one(grouping):
    y = np.repeat(np.arange(10), 7)
    new = labels.regroup(y, grouping.groups, labels.FASHION_MNIST, drop=grouping.drop)
    counts = np.bincount(new.labels)
    assert len(counts) == 3 and counts.max() >= 2 * counts.min() > 0
    assert len(new.dropped) <= 1
    example = {(0, 2, 3, 4, 6), (1,), (5, 7, 9)}
    parts = {tuple(np.flatnonzero(new.new_class == number).tolist()) for number in range(3)}
    assert parts != example


def test_groupings_are_numbered_and_differ():
    table = variant_groupings.FASHION
    assert [grouping.number for grouping in table] == list(range(1, 11))
    assert len({frozenset(members for _, members in grouping.members) for grouping in table}) == 10
    assert len({grouping.title for grouping in table}) == 10
