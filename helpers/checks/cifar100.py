"""Checks of lesson 09: images from raw rows, the map to superclasses, an order, sums, a bar."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, likely
from helpers.checks.data_preparation import require_images
from helpers.checks.ordering import require_order
from helpers.metrics import to_coarse

_RIGHT, _NAMED = 0.75, 0.60  # the bar: of all answers, and of the images that get a class


@check("cifar100_superclasses.to_images")
def to_images(images: Any, data: np.ndarray) -> str:
    """Check images (n, 32, 32, 3) uint8 made from the raw file's rows.

    `data` is (n, 3072) uint8; a row holds the red plane line by line, then green, then blue.
    """
    require_images(images, data)
    return f"{len(data):,} images of shape `(32, 32, 3)`, every pixel in its place."


@check("cifar100_superclasses.fine_to_coarse")
def fine_to_coarse(answer: Any, fine: Sequence[int], coarse: Sequence[int]) -> str:
    """Check the superclass of each class, (100,) integers, -1 where the two lists don't tell.

    fine, coarse: (n,) classes in [0, 100) and superclasses of the same images, n below 100.
    """
    right, by_image, by_group = np.full((3, 100), -1)
    right[fine], by_image[: len(coarse)], by_group[coarse] = coarse, coarse, fine
    shapes = {
        (len(fine),): "that is one entry an image; asked for is one a class.",
        (len(set(fine)),): "the classes that don't occur have no entry: make it -1.",
    }
    array = as_array(answer, "100 integers", shape=(100,), shapes=shapes)
    causes = {
        "the number of the image was taken as the position; it is the class.": by_image,
        "classes and superclasses changed places.": by_group,
        "classes that don't occur must stay -1; 0 is a superclass.": np.maximum(right, 0),
    }
    names = [f"the superclass of class {label}" for label in range(100)]
    nudge = f"the first image is of class {fine[0]}, so entry {fine[0]} must be {coarse[0]}."
    compare(array, right, causes=causes, names=names, nudge=nudge)
    return f"{len(set(fine))} of 100 classes have a superclass, the others are open."


@check("cifar100_superclasses.run_with_callbacks")
def run_with_callbacks(order: Any) -> str:
    """Check the order of the lines A to H of a training with two callbacks; C is the leak."""
    before = {
        ("D", "F"): "`model` is made in line D.",
        ("F", "G"): "`fit` needs a model that is compiled.",
        ("H", "G"): "`fit` takes `stop`, which line H makes.",
        ("B", "G"): "`fit` takes `best`, which line B makes.",
        ("G", "E"): "the file is written while line G runs.",
        ("E", "A"): "the last epoch is not the best one: load the file, then judge.",
    }
    leak = "the test images would choose the epoch, and then judge it."
    require_order(order, "ABDEFGH", before, {"C": leak})
    return "build, compile, two callbacks, `fit`, load the best epoch, judge once."


@check("cifar100_superclasses.coarse_probabilities")
def coarse_probabilities(answer: Any, p: np.ndarray, fine_to_coarse: np.ndarray) -> str:
    """Check probabilities (n, m) of superclasses, made from `p` (n, k) of classes.

    `fine_to_coarse` are (k,) integers, the superclass of each class, 0 to m - 1.
    """
    p, fine_to_coarse = np.asarray(p, dtype=float), np.asarray(fine_to_coarse)
    right = to_coarse(p, fine_to_coarse)
    n, superclasses = right.shape
    shapes = {
        (superclasses, n): "rows and columns changed places; a row is an image.",
        (n,): "these are labels, not probabilities: `argmax` comes after the sums.",
        p.shape: "there is still one column for each class.",
    }
    what = f"an array of probabilities, shape {right.shape}"
    array = as_array(answer, what, shape=right.shape, shapes=shapes)
    members = [p[:, fine_to_coarse == number] for number in range(superclasses)]
    largest = np.stack([columns.max(axis=1) for columns in members], axis=1)
    last = np.stack([columns[:, -1] for columns in members], axis=1)
    causes = {
        "the mean was taken; with it rows no longer sum to 1.": right / np.bincount(fine_to_coarse),
        "the largest probability of each superclass was taken, not the sum.": largest,
        "`+=` with repeated indexes adds once: use a loop, or a matrix product.": last,
    }
    nudge = "the classes of a superclass exclude each other: their probabilities add up."
    compare(array, right, causes=causes, nudge=nudge, atol=1e-3)
    return f"{superclasses} columns, and every row still sums to 1."


@check("cifar100_superclasses.is_sure")
def is_sure(
    function: Callable[[np.ndarray], np.ndarray],
    p: np.ndarray,
    y: np.ndarray,
    fine_to_coarse: np.ndarray,
) -> str:
    """Check a rule for which images get a class, and which only their superclass.

    It takes p, (n, k) probabilities, and returns (n,) booleans. y: (n,) classes.
    """
    shapes = {p.shape: "that is one value a class; asked for is one an image."}
    sure = as_array(call(function, p), f"{len(y):,} booleans", shape=y.shape, shapes=shapes)
    if not np.isin(sure, (0, 1)).all():
        cause = "these are probabilities or labels: compare the confidence with a threshold."
        raise Wrong("type", "expected True or False for each image.", cause)
    sure, confidence = sure.astype(bool), p.max(axis=1)
    added = to_coarse(p, fine_to_coarse).argmax(axis=1) == fine_to_coarse[y]
    right, named = np.where(sure, p.argmax(axis=1) == y, added).mean(), sure.mean()
    text = f"{right:.1%} of the answers are right, {named:.1%} of the images get a class; "
    text += f"the bar is {_RIGHT:.0%} and {_NAMED:.0%}."
    if right < _RIGHT or named < _NAMED:
        causes = {
            "no image gets a class: the threshold is too high, or in percent.": named == 0,
            "every image gets a class, also where the network is unsure.": named == 1,
            "turned round: the class is named where the network is unsure.": (
                np.cov(sure, confidence)[0, 1] < 0
            ),
            "the rule is too careful: a lower threshold.": right >= _RIGHT,
            "the rule is too bold: a higher threshold.": named >= _NAMED,
        }
        nudge = "compute both numbers on the first half for several thresholds."
        raise Wrong("value", text, likely(causes), nudge)
    return text
