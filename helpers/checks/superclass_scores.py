"""Checks of lesson 09 on what a model of fine classes says about superclasses."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array
from helpers.metrics.superclass import inside_superclass, to_coarse


@check("cifar100_superclasses.coarse_probabilities")
def check_coarse_probabilities(answer: Any, p: np.ndarray, fine_to_coarse: np.ndarray) -> str:
    """Check probabilities of superclasses made from those of fine classes.

    Args:
        answer: the student's: (n, m).
        p: (n, k) probabilities of the fine classes.
        fine_to_coarse: (k,) integers, the superclass of each class, 0 to m - 1.
    """
    p, fine_to_coarse = np.asarray(p, dtype=float), np.asarray(fine_to_coarse)
    right = to_coarse(p, fine_to_coarse)
    array = as_array(answer, "an array of probabilities").astype(float)
    count, superclasses = right.shape
    if array.shape != right.shape:
        causes = {
            (superclasses, count): "rows and columns changed places; a row is a picture.",
            (count,): "these are labels, not probabilities: `argmax` comes after the sums.",
            p.shape: "there is still one column for each fine class.",
        }
        text = f"expected shape {right.shape}, got {describe(answer)}."
        nudge = "one row a picture, one column a superclass."
        raise Wrong("shape", text, causes.get(array.shape, ""), nudge)
    if np.allclose(array, right, atol=1e-4):
        return f"{superclasses} columns, and every row still sums to 1."
    sizes = np.bincount(fine_to_coarse)
    largest = np.stack([p[:, fine_to_coarse == m].max(axis=1) for m in range(superclasses)], 1)
    usual = {
        "the mean was taken: then a superclass counts less the more classes it has, and rows no "
        "longer sum to 1.": right / sizes,
        "the largest probability of each superclass was taken, not the sum.": largest,
        "only the last class of each superclass was kept: `+=` with repeated indexes adds once; "
        "use `np.add.at`, a loop or a matrix product.": _last(p, fine_to_coarse, superclasses),
    }
    found = [cause for cause, wrong in usual.items() if np.allclose(array, wrong, atol=1e-4)]
    sums = array.sum(axis=1)
    stage = "value" if np.allclose(sums, 1, atol=1e-3) else "range"
    raise Wrong(
        stage,
        f"the first row sums to {sums[0]:.3f}; its greatest error is "
        f"{np.abs(array - right)[0].max():.3f}.",
        found[0] if found else "",
        "the classes of a superclass exclude each other: their probabilities add up.",
    )


def _last(p: np.ndarray, fine_to_coarse: np.ndarray, superclasses: int) -> np.ndarray:
    result = np.zeros((len(p), superclasses))
    result[:, fine_to_coarse] += p
    return result


@check("cifar100_superclasses.inside_share")
def check_inside_share(
    share: Any, y: np.ndarray, predicted: np.ndarray, fine_to_coarse: np.ndarray
) -> str:
    """Check the share of mistakes that stay inside the superclass.

    Args:
        share: the student's: a number in [0, 1].
        y: (n,) fine labels.
        predicted: (n,) fine labels; at least one is wrong.
        fine_to_coarse: (k,) integers, the superclass of each class.
    """
    array = as_array(share, "a number")
    if array.shape != ():
        nudge = "divide one count by another."
        raise Wrong("shape", f"expected one number, got {describe(share)}.", "", nudge)
    value = float(array)
    row = inside_superclass(y, predicted, fine_to_coarse)
    y, predicted = np.asarray(y), np.asarray(predicted)
    right_coarse = np.asarray(fine_to_coarse)[y] == np.asarray(fine_to_coarse)[predicted]
    if not 0 <= value <= 1:
        cause = ""
        if value == row.inside:
            cause = "that is a count; divide it by the number of mistakes."
        elif np.isclose(value, 100 * row.share, atol=0.1):
            cause = "that is in percent."
        elif np.isnan(value):
            cause = "zero was divided by zero."
        raise Wrong("range", f"a share lies between 0 and 1, yours is {value:.4g}.", cause)
    if np.isclose(value, row.share, rtol=0, atol=1e-6):
        return (
            f"{row.inside:,} of {row.mistakes:,} mistakes stay inside the superclass: "
            f"{row.share:.1%}, by chance {row.by_chance:.1%}."
        )
    causes = [
        (
            right_coarse.mean(),
            "that is the accuracy on superclasses; right answers are no mistakes.",
        ),
        (row.inside / len(y), "divided by all pictures, not by the mistakes."),
        (1 - row.share, "that is the share of mistakes that *leave* the superclass."),
        (row.mistakes / len(y), "that is the share of all pictures that are wrong."),
        (
            row.inside / max(right_coarse.sum(), 1),
            "divided by the pictures whose superclass is right.",
        ),
    ]
    cause = next((why for wrong, why in causes if np.isclose(value, wrong, rtol=0, atol=1e-6)), "")
    if not cause and abs(value - row.share) < 0.006:
        cause = "the value is rounded."
    raise Wrong(
        "value",
        f"expected {row.share:.4f}, got {value:.4f}.",
        cause,
        "look only at the rows with `predicted != y`; in how many of them do the coarse labels "
        "agree?",
    )
