"""Checks of lesson 07: regrouping, a network of one's own, folds, class weights."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, describe, likely
from helpers.checks.networks import require_classifier
from helpers.checks.rows import once, two_parts
from helpers.variants import Grouping

_S5 = np.array([0, 1, 0, 0, 0, 2, 0, 2, -1, 2])  # the lesson's example: upper, lower, shoes
_COUNTS = ((60, 15, 25), (8, 40), (5, 10, 20, 65))  # images of each class, in three tries


@check("fashion_mnist_regrouping.regroup")
def regroup(
    my_labels: Any, grouping: Grouping, old_labels: np.ndarray, class_names: Sequence[str]
) -> str:
    """Check the new label of every image, (n,) integers, -1 where its class is dropped.

    `old_labels` (n,) are indexes into `class_names`; `grouping` says which classes to join.
    """
    old_labels = np.asarray(old_labels).reshape(-1)
    new_class = _new_class(grouping.groups, class_names)
    right = new_class[old_labels]
    kept = int((right >= 0).sum())
    shapes = {
        new_class.shape: "that is the new class of each *old class*; index it with the labels.",
        (kept,): "the dropped images are gone; here they stay, as -1, so that rows still fit.",
    }
    array = as_array(my_labels, "one number for each image", shape=right.shape, shapes=shapes)
    by_name = _new_class(dict(sorted(grouping.groups.items())), class_names)
    maps = {
        "this is S5's grouping, the lesson's example: take `variant.grouping`.": _S5,
        "the new classes were counted from 1.": np.where(new_class < 0, -1, new_class + 1),
        "dropped images are in class 0: begin with `np.full(10, -1)`.": new_class.clip(min=0),
        "these are the old labels.": np.arange(len(class_names)),
        "the groups were sorted by name; `grouping.groups` has another order.": by_name,
    }
    causes = {text: wrong[old_labels] for text, wrong in maps.items()}
    names = [f"image {row} ({class_names[old]})" for row, old in enumerate(old_labels)]
    compare(array, right, causes=causes, names=names, nudge="look up this class in the variant.")
    return f"grouping {grouping.number}: {kept:,} images kept, {len(right) - kept:,} dropped."


def _new_class(groups: Mapping[str, Sequence[str]], class_names: Sequence[str]) -> np.ndarray:
    """The new class of each old one, (classes,) int64, -1 where it is in no group."""
    new_class = np.full(len(class_names), -1)
    for number, members in enumerate(groups.values()):
        new_class[[list(class_names).index(name) for name in members]] = number
    return new_class


@check("fashion_mnist_regrouping.architecture")
def architecture(model: Any, *, classes: int = 3, max_parameters: int = 150_000) -> str:
    """Check a network of one's own: (n, 28, 28, 1) pixels 0..255 to (n, classes) probabilities."""
    require_classifier(model, (28, 28, 1), classes, most=max_parameters, convolution=False)
    return f"{model.count_params():,} of at most {max_parameters:,} parameters; outputs sum to 1."


@check("fashion_mnist_regrouping.folds")
def folds(work: Any, labels: np.ndarray, *, k: int = 5) -> str:
    """Check a list of k pairs (train_rows, val_rows): disjoint, complete and stratified.

    `labels` are (n,) integers.
    """
    labels = np.asarray(labels).reshape(-1)
    if not isinstance(work, list | tuple) or len(work) != k:
        cause = "scikit-learn's `split` is a generator: `list(…)` makes folds for every candidate."
        text = f"expected a list of {k} pairs, got {describe(work)}."
        raise Wrong("type", text, cause if hasattr(work, "send") else "")
    pairs = [two_parts(p, len(labels), where=f"in fold {n} ") for n, p in enumerate(work, 1)]
    trains, vals = zip(*pairs, strict=True)
    if not once(vals, len(labels)):
        causes = {
            "the same fold stands there more than once.": len({tuple(val) for val in vals}) < k,
            "training and validation are exchanged in each pair.": once(trains, len(labels)),
            "each fold was drawn on its own, as `ShuffleSplit` does.": True,
        }
        nudge = "cut the images into k parts once; each part is validation in one fold."
        raise Wrong("value", "not every image is in validation once.", likely(causes), nudge)
    table = np.stack([np.bincount(labels[val], minlength=labels.max() + 1) for val in vals])
    if (np.ptp(table, axis=0) > 2).any():  # some ways to cut a class leave two more in a fold
        worst = int(np.ptp(table, axis=0).argmax())
        text = f"class {worst} has {', '.join(map(str, table[:, worst]))} images in the folds."
        cause = "the folds are not stratified: `KFold` does not look at the labels."
        raise Wrong("value", text, cause, "cut each class into k parts.")
    return f"{k} folds: each image is in validation once, and each class is spread evenly."


@check("fashion_mnist_regrouping.class_weights")
def class_weights(function: Callable[[np.ndarray], dict[int, float]]) -> str:
    """Check a function from labels (n,) to a dictionary of weights, n / (classes * count) each."""
    for tried in _COUNTS:
        counts = np.array(tried)
        n, k = int(counts.sum()), len(counts)
        labels = np.random.default_rng(0).permutation(np.repeat(np.arange(k), counts))
        weights = _weights(call(function, labels), k)
        inverse = 1 / counts
        causes = {
            "the number of classes is missing: the mean weight of all images is k.": n / counts,
            "these are the fractions of the classes: the largest weighs most.": counts / n,
            "these are the counts: the largest class weighs most.": counts,
            "1 / count alone: all weights are tiny, and so are the steps.": inverse,
            "the largest class has weight 1; the mean weight is above 1.": counts.max() / counts,
            "the weights were scaled to sum to 1.": inverse / inverse.sum(),
            "the weights were rounded, as by `//`.": n // (k * counts),
        }
        names = [f"for classes of {tried} images, weight {c}" for c in range(k)]
        nudge = "n / (k * count): n images in all, k classes."
        compare(weights, n / (k * counts), causes=causes, names=names, nudge=nudge, rtol=1e-3)
    return "every class adds the same to the loss, and the mean weight of all images is 1."


def _weights(weights: Any, classes: int) -> np.ndarray:
    """The weights in the order of the classes, (classes,) float64."""
    if not isinstance(weights, Mapping) or set(weights) != set(range(classes)):
        text = f"expected a dictionary with the keys 0 to {classes - 1}, got {describe(weights)}."
        nudge = "`fit(class_weight=…)` takes no list: `dict(enumerate(weights))` makes the other."
        raise Wrong("type", text, "", nudge)
    values = [weights[number] for number in range(classes)]
    return as_array(values, "one number for each class", shape=(classes,)).astype(float)
