"""Lesson 09's checks: right answers in their variety, wrong ones with the likely cause."""

import keras
import numpy as np
import pytest

from helpers import fast_cnn
from helpers.authoring import notebooks
from helpers.checks import cifar100 as check

DATA = np.random.default_rng(0).integers(0, 256, (7, 3072), dtype=np.uint8)
PLANES = DATA.reshape(-1, 3, 32, 32)
IMAGES = PLANES.transpose(0, 2, 3, 1)

# Seven images of six classes in four superclasses.
FINE, COARSE = [19, 29, 0, 11, 19, 3, 99], [11, 15, 4, 14, 11, 8, 13]
MAP = np.full(100, -1)
MAP[FINE] = COARSE
BY_IMAGE = np.full(100, -1)
BY_IMAGE[:7] = COARSE
SWAPPED = np.full(100, -1)
SWAPPED[COARSE] = FINE

# A hundred classes in twenty superclasses of five, not in their order.
GROUPS = np.random.default_rng(1).permutation(np.arange(100) % 20)
P = np.random.default_rng(0).dirichlet(np.full(100, 0.1), 30)
SUMS = P @ np.eye(20)[GROUPS]

# A network that is right where it is sure, and finds the superclass where it is not.
Y = np.arange(400) % 100
SURE = np.arange(400) % 10 < 7
ORDER = np.argsort(GROUPS, kind="stable").reshape(20, 5)  # a superclass in each row
SIBLING = np.empty(100, int)
SIBLING[ORDER] = ORDER[:, [1, 2, 3, 4, 0]]
HONEST = np.zeros((400, 100))
HONEST[np.arange(400), np.where(SURE, Y, SIBLING[Y])] = np.where(SURE, 0.6, 0.2)
HONEST += (1 - HONEST.sum(axis=1, keepdims=True)) / 100

GIVEN = {
    "to_images": (DATA,),
    "fine_to_coarse": (FINE, COARSE),
    "run_with_callbacks": (),
    "coarse_probabilities": (P, GROUPS),
    "is_sure": (HONEST, Y, GROUPS),
}


def verdict(name, answer):
    return getattr(check, name)(answer, *GIVEN[name])


@pytest.mark.parametrize("name", GIVEN)
def test_a_stub_is_not_done_yet(name):
    assert verdict(name, ...).status == "todo"


RIGHT = [
    ("to_images", IMAGES, "7 images"),
    ("fine_to_coarse", MAP, "6 of 100 classes"),
    ("run_with_callbacks", "D F H B G E A", "judge once"),
    ("run_with_callbacks", list("bhdfgea"), "judge once"),
    ("coarse_probabilities", SUMS.tolist(), "20 columns"),
    ("is_sure", lambda p: p.max(axis=1) >= 0.4, "100.0% of the answers are right, 70.0%"),
    ("is_sure", lambda p: [int(row.max() > 0.4) for row in p], "the bar is 75% and 60%"),
]


@pytest.mark.parametrize(("name", "answer", "words"), RIGHT)
def test_right(name, answer, words):
    found = verdict(name, answer)
    assert found.status == "correct" and words in repr(found), found


def last_only():
    result = np.zeros((30, 20))
    result[:, GROUPS] += P
    return result


def of_members(function):
    return np.stack([function(P[:, m == GROUPS]) for m in range(20)], axis=1)


WRONG = [
    ("to_images", DATA.reshape(-1, 32, 32, 3), "'reshape' alone"),
    ("to_images", IMAGES[:5], "(7, 32, 32, 3)"),
    ("to_images", PLANES[:, 0], "no colors"),
    ("to_images", IMAGES[::-1], "another order"),
    ("to_images", np.concatenate([IMAGES[:3], IMAGES[3:] // 2]), "first in image 3"),
    ("fine_to_coarse", BY_IMAGE, "number of the image"),
    ("fine_to_coarse", SWAPPED, "changed places"),
    ("fine_to_coarse", np.maximum(MAP, 0), "must stay -1"),
    ("fine_to_coarse", COARSE, "one entry an image"),
    ("fine_to_coarse", np.array([4, 8, 14, 11, 15, 13]), "make it -1"),
    ("fine_to_coarse", {19: 11}, "100 integers"),
    ("fine_to_coarse", [[1], [2, 3]], "100 integers"),
    ("run_with_callbacks", "D F H B C E A", "choose the epoch"),
    ("run_with_callbacks", "D F H B G A E", "not the best one"),
    ("run_with_callbacks", "F D H B G E A", "made in line D"),
    ("run_with_callbacks", "D F H G B E A", "which line B makes"),
    ("run_with_callbacks", "D F H B G E", "missing: A"),
    ("coarse_probabilities", SUMS / 5, "the mean"),
    ("coarse_probabilities", of_members(lambda p: p.max(axis=1)), "the largest probability"),
    ("coarse_probabilities", last_only(), "'+='"),
    ("coarse_probabilities", P, "each class"),
    ("coarse_probabilities", SUMS.T, "changed places"),
    ("coarse_probabilities", SUMS.argmax(axis=1), "not probabilities"),
    ("is_sure", lambda p: p.max(axis=1) >= 0, "also where the network is unsure"),
    ("is_sure", lambda p: p.max(axis=1) >= 40, "in percent"),
    ("is_sure", lambda p: p.max(axis=1) < 0.4, "turned round"),
    ("is_sure", lambda p: p.max(axis=1) * (np.arange(400) < 300) > 0.4, "too careful"),
    ("is_sure", lambda p: p.max(axis=1), "with a threshold"),
    ("is_sure", lambda p: p >= 0.4, "one value a class"),
    ("is_sure", lambda p: p.max(), "400 booleans"),
    ("is_sure", np.ones(400, bool), "expected a function"),
    ("is_sure", lambda p, t: p, "exactly one argument"),
]


@pytest.mark.parametrize(("name", "answer", "words"), WRONG)
def test_wrong(name, answer, words):
    found = verdict(name, answer)
    assert found.status == "wrong" and words in repr(found), found


def test_the_network_on_the_page_is_the_one_whose_weights_come_with_the_course():
    known = {"keras": keras, "layers": keras.layers, "fast_cnn": fast_cnn}
    ours = notebooks.taught("09", "build_ours", **known).build_ours(IMAGES, 100)
    shipped = fast_cnn.network(IMAGES, fast_cnn.CIFAR100, classes=100)
    ours.set_weights(shipped.get_weights())
    answers = [model.predict(IMAGES, verbose=0) for model in (ours, shipped)]
    np.testing.assert_allclose(*answers, atol=1e-6)
