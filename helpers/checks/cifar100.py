"""Checks of lesson 09: images from raw rows, the map to superclasses, and what a network says."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from helpers.checks.core import as_array, check, compare
from helpers.checks.data_preparation import require_images
from helpers.metrics import inside_superclass, to_coarse


@check("cifar100_superclasses.to_images")
def to_images(images: Any, data: np.ndarray) -> str:
    """Check images (n, 32, 32, 3) uint8 made from the raw file's rows.

    `data` is (n, 3072) uint8; a row holds the red plane line by line, then green, then blue.
    """
    require_images(images, data)
    return f"{len(data):,} images of shape `(32, 32, 3)`, every pixel in its place."


@check("cifar100_superclasses.fine_to_coarse")
def fine_to_coarse(answer: Any, fine_labels: Sequence[int], coarse_labels: Sequence[int]) -> str:
    """Check the superclass of each class, (k,) integers or a dictionary, from the file's two lists.

    fine_labels: (n,) integers in [0, k), each occurring. coarse_labels: (n,) integers in [0, m).
    """
    fine, coarse = np.asarray(fine_labels), np.asarray(coarse_labels)
    classes, superclasses = int(fine.max()) + 1, int(coarse.max()) + 1
    right = np.full(classes, -1)
    right[fine] = coarse
    if isinstance(answer, Mapping):
        answer = [answer.get(label, -1) for label in range(classes)]
    shapes = {
        (len(fine),): "that is one entry an image; asked for is one a class.",
        (superclasses,): "that is one entry a superclass; asked for is one a fine class.",
        (len(fine), 2): "these are the pairs of all images; keep one for each class.",
        (classes, superclasses): "that is a table of counts; which column is not zero?",
    }
    array = as_array(answer, f"{classes} integers", shape=(classes,), shapes=shapes)
    first_seen = right[list(dict.fromkeys(fine.tolist()))]
    causes = {
        "some fine labels are no keys: is it {fine label: superclass}?": lambda a: (a == -1).any(),
        "superclasses were counted from 1.": right + 1,
        "these are the fine labels themselves.": np.arange(classes),
        "the classes stand in the order in which they occur, not sorted by number.": first_seen,
        f"these are the labels of the first {classes} images.": coarse[:classes],
        "the superclasses were sorted; fine labels are sorted by *name*.": np.sort(right),
        "every entry stands one class too far; the first class is 0.": np.roll(right, 1),
    }
    names = [f"the superclass of fine label {label}" for label in range(classes)]
    nudge = "take any image of a fine class: its coarse label is the answer for that class."
    compare(array, right, causes=causes, names=names, nudge=nudge)
    return f"each of the {classes} classes lies in one of {superclasses} superclasses."


@check("cifar100_superclasses.coarse_probabilities")
def coarse_probabilities(answer: Any, p: np.ndarray, fine_to_coarse: np.ndarray) -> str:
    """Check probabilities (n, m) of superclasses, made from `p` (n, k) of fine classes.

    `fine_to_coarse` are (k,) integers, the superclass of each class, 0 to m - 1.
    """
    p, fine_to_coarse = np.asarray(p, dtype=float), np.asarray(fine_to_coarse)
    right = to_coarse(p, fine_to_coarse)
    n, superclasses = right.shape
    shapes = {
        (superclasses, n): "rows and columns changed places; a row is an image.",
        (n,): "these are labels, not probabilities: `argmax` comes after the sums.",
        p.shape: "there is still one column for each fine class.",
    }
    what = f"an array of probabilities, shape {right.shape}"
    array = as_array(answer, what, shape=right.shape, shapes=shapes)
    members = [p[:, fine_to_coarse == number] for number in range(superclasses)]
    largest = np.stack([columns.max(axis=1) for columns in members], axis=1)
    last = np.stack([columns[:, -1] for columns in members], axis=1)
    means = right / np.bincount(fine_to_coarse)
    causes = {
        "the mean was taken; with it rows no longer sum to 1.": means,
        "the largest probability of each superclass was taken, not the sum.": largest,
        "`+=` with repeated indexes adds once: use a loop, or a matrix product.": last,
    }
    nudge = "the classes of a superclass exclude each other: their probabilities add up."
    compare(array, right, causes=causes, nudge=nudge, atol=1e-4)
    return f"{superclasses} columns, and every row still sums to 1."


@check("cifar100_superclasses.inside_fraction")
def inside_fraction(
    fraction: Any, y: np.ndarray, predicted: np.ndarray, fine_to_coarse: np.ndarray
) -> str:
    """Check the fraction of mistakes that stay inside the superclass, a number in [0, 1].

    y, predicted: (n,) fine labels; at least one is wrong. fine_to_coarse: (k,) integers.
    """
    value = as_array(fraction, "one number", shape=(), nudge="divide one count by another.")
    y, predicted = np.asarray(y), np.asarray(predicted)
    row = inside_superclass(y, predicted, fine_to_coarse)
    right_coarse = np.asarray(fine_to_coarse)[y] == np.asarray(fine_to_coarse)[predicted]
    causes = {
        "that is the accuracy on superclasses; right answers are no mistakes.": right_coarse.mean(),
        "divided by all images, not by the mistakes.": row.inside / len(y),
        "that is the fraction of mistakes that *leave* the superclass.": 1 - row.fraction,
        "that is the fraction of all images that are wrong.": row.mistakes / len(y),
        "divided by the images whose superclass is right.": row.inside / max(right_coarse.sum(), 1),
        "that is a count; divide it by the number of mistakes.": row.inside,
        "that is in percent.": 100 * row.fraction,
    }
    nudge = "in how many of the rows with `predicted != y` do the coarse labels agree?"
    compare(value, row.fraction, causes=causes, nudge=nudge, rtol=0)
    return (
        f"{row.inside:,} of {row.mistakes:,} mistakes stay inside the superclass: "
        f"{row.fraction:.1%}, by chance {row.by_chance:.1%}."
    )
