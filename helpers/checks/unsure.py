"""Checks of lesson 11's exercises on temperature and on "I don't know"."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array

_TOLERANCE = 0.1  # relative: a search in steps does not find T to the last digit


@check("predict_and_share.temperature")
def check_temperature(temperature: Any, p: np.ndarray, y: np.ndarray) -> str:
    """Check a temperature that was fitted on validation data.

    Args:
        temperature: the student's: a number above 0.
        p: (n, k) probabilities.
        y: (n,) integers, the labels.
    """
    from helpers import unsure

    array = as_array(temperature, "one number").astype(float)
    if array.size != 1:
        cause = "the losses, or all temperatures that were tried." if array.ndim == 1 else ""
        text = f"expected one number, got {describe(temperature)}."
        raise Wrong("shape", text, cause, "take the temperature with the smallest loss.")
    found = float(array.reshape(()))
    if not (np.isfinite(found) and found > 0):
        raise Wrong("range", f"a temperature is above 0, got {found:.4g}.")
    best = unsure.temperature(p, y)
    before, after, own = (_loss(p, y, heat) for heat in (1.0, best, found))
    if abs(found / best - 1) <= _TOLERANCE:
        return f"the loss falls from {before:.3f} to {own:.3f} at T = {found:.2f}."
    causes = {
        "that is 1 / T: probabilities were multiplied by what they should be divided by.": 1 / best,
        "that is the smallest loss itself, not the temperature that has it.": after,
        "the probabilities were divided, not their logarithms; or the first T was kept.": 1.0,
    }
    near = (text for text, value in causes.items() if abs(found / value - 1) < 0.02)
    raise Wrong(
        "value",
        f"at T = {found:.3g} the loss is {own:.4f}; there is a T with {after:.4f}.",
        next(near, "the grid is too coarse, or does not reach far enough."),
        "the loss is the mean of `-np.log(q[np.arange(len(y)), y])`, with q = cooled p.",
    )


@check("predict_and_share.answer")
def check_answer(answers: Any, p: np.ndarray, threshold: float) -> str:
    """Check labels in which -1 stands for "I don't know".

    Args:
        answers: the student's: (n,) integers.
        p: (n, k) probabilities.
        threshold: confidence from which on a class is named.
    """
    from helpers import unsure

    p = np.asarray(p, dtype=float)
    right = unsure.answer(p, threshold)
    array = as_array(answers, f"{len(p)} labels")
    if array.shape != right.shape:
        causes = {
            p.shape: "these are probabilities of all classes: take `argmax` of each row.",
            (int((right >= 0).sum()),): "only the sure ones are there: the others get -1.",
            (len(p), 1): "one column too many: the shape is (n,), not (n, 1).",
        }
        raise Wrong(
            "shape",
            f"expected {len(p)} labels, got {describe(answers)}.",
            causes.get(array.shape, ""),
            "one label per picture.",
        )
    if array.dtype == bool:
        cause = "the comparison with the threshold alone; the classes are missing."
        raise Wrong("type", "these are True and False.", cause, "use `np.where`.")
    classes = p.shape[1]
    if not (np.isfinite(array).all() and np.isin(array, np.arange(-1, classes)).all()):
        cause = "probabilities instead of class numbers." if array.dtype.kind == "f" else ""
        text = f"labels are -1 and 0 to {classes - 1}; yours go from {array.min():.3g} to "
        raise Wrong("range", f"{text}{array.max():.3g}.", cause, "-1 is 'I don't know'.")
    if np.array_equal(array, right):
        return f"{(right >= 0).sum()} of {len(p)} pictures get an answer."
    place = int((array != right).argmax())
    raise Wrong(
        "value",
        f"picture {place} with confidence {p[place].max():.3f}: expected {right[place]}, got "
        f"{array[place]:g}.",
        _cause(array, p, threshold),
        "`np.where(is_sure, label, -1)`.",
    )


def _cause(array: np.ndarray, p: np.ndarray, threshold: float) -> str:
    """What else was computed."""
    label, confidence = p.argmax(axis=1), p.max(axis=1)
    others = {
        "every picture gets an answer; the threshold is not used.": label,
        "sure and unsure have changed places.": np.where(confidence < threshold, label, -1),
        "a picture with exactly the threshold is to be answered: use `>=`.": np.where(
            confidence > threshold, label, -1
        ),
        "unsure pictures became class 0; they get -1.": np.where(confidence >= threshold, label, 0),
        "the least likely class was taken: `argmin` instead of `argmax`.": np.where(
            confidence >= threshold, p.argmin(axis=1), -1
        ),
    }
    return next((text for text, values in others.items() if np.array_equal(array, values)), "")


def _loss(p: np.ndarray, y: np.ndarray, heat: float) -> float:
    from helpers import unsure

    own = unsure.cool(p, heat)[np.arange(len(p)), np.asarray(y).reshape(-1)]
    return float(-np.log(np.maximum(own, np.finfo(float).tiny)).mean())
