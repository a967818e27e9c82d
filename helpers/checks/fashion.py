"""Checks of lesson 07: regrouping, cross-validation, an order without a leak, rare shirts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest.mock import MagicMock

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, likely
from helpers.checks.networks import require_classifier
from helpers.checks.ordering import require_order
from helpers.variants import Grouping

_S5 = np.array([0, 1, 0, 0, 0, 2, 0, 2, -1, 2])  # the lesson's example: upper, lower, shoes
BAR = 0.70  # balanced accuracy of the rare shirts' exercise


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


@check("fashion_mnist_regrouping.cross_validate")
def cross_validate(function: Callable[..., Any]) -> str:
    """Check a function from (build, x, y) to five accuracies, each of a new network."""
    y = np.random.default_rng(1).permutation(np.repeat([0, 1, 2], [50, 10, 30]))
    made = []  # stand-ins for networks, which note what is asked of them

    def build() -> MagicMock:
        made.append(MagicMock(**{"evaluate.return_value": [0.5, 0.9]}))
        return made[-1]

    scores = call(function, build, np.arange(len(y))[:, None], y)
    as_array(scores, "five accuracies, one number for each fold", shape=(5,))
    folds = []
    for toy in made:
        trained, judged = (
            [np.ravel(one.args[0] if one.args else one.kwargs["x"]) for one in method.mock_calls]
            for method in (toy.fit, toy.evaluate)
        )
        for rows in judged:
            leaked = int(np.isin(rows, np.concatenate([[], *trained])).sum())
            causes = {
                "one network goes through all folds, and remembers them.": len(judged) > 1,
                "it is judged on the part that it was trained on.": leaked == len(rows),
                "it was trained on more than the rows inside.": True,
            }
            if leaked:
                text = f"of {len(rows)} judged images {leaked} were trained on by the same network."
                raise Wrong("value", text, likely(causes), "where is the network built?")
        folds += judged
    counts = [np.bincount(y[rows], minlength=3) for rows in folds]
    if not np.array_equal(np.sort(np.concatenate([[], *folds])), np.arange(len(y))):
        cause = "cut the images into five parts once; each part is judged once."
        raise Wrong("value", "not every image is judged exactly once.", cause)
    if np.ptp(counts, axis=0).max() > 1:
        cause = "`KFold` does not look at the labels; `StratifiedKFold` does."
        raise Wrong("value", "the classes are not spread evenly over the folds.", cause)
    return "five networks, each judged on the fold that it has never seen."


@check("fashion_mnist_regrouping.lines_without_a_leak")
def lines_without_a_leak(order: Any) -> str:
    """Check the order of five lines: split, fill up, copy, build, fit."""
    before = {
        ("D", "A"): "line A needs `y_train`, which the split makes.",
        ("A", "E"): "line E needs `rows`, which line A draws.",
        ("E", "C"): "`fit` takes `x_more`, which line E makes.",
        ("G", "C"): "a model must be there before it is trained.",
    }
    unused = {
        "B": "what judges stays as it will be met in use: validation images are not changed.",
        "F": "the rare class would stay rare; and all images would be changed, also those of "
        "validation.",
    }
    require_order(order, "DAEGC", before, unused)
    return "first the split, then copies of training images only."


@check("fashion_mnist_regrouping.rare_shirts")
def rare_shirts(model: Any, x: np.ndarray, y: np.ndarray) -> str:
    """Check a trained network on images x (n, 28, 28, 1) of T-shirts, pullovers and shirts, y."""
    require_classifier(model, (28, 28, 1), 3, most=150_000, convolution=False)
    answers = model.predict(x, batch_size=500, verbose=0).argmax(axis=1)
    recalls = np.array([(answers[y == k] == k).mean() for k in range(3)])
    said = f"recalls {', '.join(f'{recall:.0%}' for recall in recalls)}"
    if recalls.mean() < BAR:
        causes = {
            "one class is answered for nearly all images: was `fit` called on this model?": (
                np.bincount(answers).max() > 0.9 * len(answers)
            ),
            "shirts are hardly ever answered: give their images more weight, or more copies.": (
                recalls[2] < recalls[:2].min() - 0.3
            ),
            "shirts are answered too often: their weight is too high.": (
                recalls[2] > recalls[:2].min() + 0.3
            ),
            "all three classes are mixed up: train longer, or take a larger network.": True,
        }
        text = f"balanced accuracy {recalls.mean():.1%}, the bar is {BAR:.0%} ({said})."
        raise Wrong("value", text, likely(causes))
    return f"balanced accuracy {recalls.mean():.1%} ({said}); the bar is {BAR:.0%}."
