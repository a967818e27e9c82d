"""Checks of lesson 12: an order, label thresholds, a finder with a bar, a count, own eyes."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, describe, likely
from helpers.checks.ordering import require_order
from helpers.metrics import wilson_interval

BAR, MOST = 0.76, 300  # of the finder: fraction of the planted labels found, number of suspects
_BEFORE = {
    ("B", "A"): "`answers` is made in line B.",
    ("E", "A"): "`choose` is made in line E.",
    ("A", "C"): "the repair needs the temperature, which line A finds.",
    ("C", "F"): "the error is that of the repaired answers, which line C makes.",
}


@check("data_or_model.halves")
def halves(order: Any) -> str:
    """Check the order of the lines that choose a temperature on one half, and judge it."""
    cause = "it chooses the temperature on all images, also on those that judge it."
    require_order(order, "ABCEF", _BEFORE, {"D": cause})
    return "one half chooses the temperature, the other half judges it."


@check("data_or_model.thresholds")
def thresholds(work: Any, y: np.ndarray, p: np.ndarray) -> str:
    """Check the mean probability of each class over the images labeled so, (k,) numbers.

    y: (n,) integers, the labels; every class occurs. p: (n, k) probabilities.
    """
    n, classes = p.shape
    labeled, called = (np.eye(classes)[labels] for labels in (y, p.argmax(axis=1)))

    def means(members: np.ndarray, columns: np.ndarray = p) -> np.ndarray:
        """(k,) mean of each class's column over its members, (n, k) ones and zeros."""
        return (members * columns).sum(axis=0) / members.sum(axis=0).clip(1)

    right = means(labeled)
    shapes = {
        (): "that is one threshold for all classes.",
        (n,): "one number an image: its own probability, not yet the mean of its class.",
        p.shape: "these are the probabilities themselves.",
        (classes, classes): "the means of *all* columns for each label; one of them is needed.",
    }
    array = as_array(work, f"{classes} numbers", shape=(classes,), shapes=shapes)
    confidences = means(labeled, p.max(axis=1, keepdims=True))
    causes = {
        "these are sums, not means.": right * labeled.sum(axis=0),
        "the mean over *all* images, whatever their label.": p.mean(axis=0),
        "the mean *confidence* of the images, whatever they were called.": confidences,
        "images *predicted* as the class were taken, not those labeled so.": means(called),
        "only images that are right were taken.": means(called * labeled),
    }
    nudge = 'rows with the label c, column c: `p["fast"][y == c, c]`.'
    compare(array, right, causes=causes, nudge=nudge, atol=1e-4)
    return f"thresholds from {right.min():.2f} to {right.max():.2f}."


@check("data_or_model.finder")
def finder(function: Callable[[np.ndarray], np.ndarray], y: np.ndarray, p: np.ndarray) -> str:
    """Check a function from labels (n,) to at most 300 positions, in three plantings.

    y: (n,) integers, the labels. p: (n, k) probabilities of the network whose most similar class
    becomes the wrong label of every twentieth image, drawn by chance.
    """
    similar = np.where(np.eye(p.shape[1], dtype=bool)[y], -1, p).argmax(axis=1)
    found, last = [], []
    for seed in (101, 102, 103):
        planted = np.random.default_rng(seed).choice(len(y), len(y) // 20, replace=False)
        labels = y.copy()
        labels[planted] = similar[planted]
        positions = as_array(call(function, labels), "positions", shape=(None,))
        if positions.dtype.kind not in "iu":
            cause = "a condition, or the gaps themselves."
            nudge = "`np.argsort` and `np.flatnonzero` give positions."
            raise Wrong("type", f"`{positions.dtype}` is no position.", cause, nudge)
        if len(positions) > MOST:
            text = f"{len(positions):,} suspects, at most {MOST} are allowed."
            raise Wrong("shape", text, nudge=f"`[:{MOST}]` keeps the first ones.")
        if len(np.unique(positions)) < len(positions):
            raise Wrong("value", "a position occurs more than once.")
        found.append(np.isin(planted, positions).mean())
        last.append(positions)
    mean = np.mean(found)
    if mean < BAR:
        text = f"it finds {mean:.1%} of the planted labels, in the mean; the bar is {BAR:.0%}."
        fixed = np.array_equal(last[0], last[1])
        causes = {
            "the same positions for all labels: it does not look at its argument.": fixed,
            "no better than drawing positions by chance: the order is upside down?": mean < 0.1,
        }
        nudge = "use all 300 places, and the answers of more than one network."
        raise Wrong("value", text, likely(causes), nudge)
    return f"{mean:.1%} of the planted labels are among {len(last[0])} suspects."


@check("data_or_model.model_part")
def model_part(function: Callable[[np.ndarray, np.ndarray], float]) -> str:
    """Check a function from two networks' (n,) booleans to the net gain by mistake of the first."""
    for both, new, repaired, neither in ((70, 10, 10, 10), (60, 5, 25, 10), (80, 0, 12, 8)):
        counts = [both, new, repaired, neither]
        before = np.repeat([True, True, False, False], counts)
        after = np.repeat([True, False, True, False], counts)
        n, mistakes, net = len(before), repaired + neither, repaired - new
        causes = {
            "new mistakes are not subtracted.": repaired / mistakes,
            "divided by all images, not by the mistakes.": net / n,
            "divided by the mistakes of the second network.": net / (new + neither),
            "the two networks are exchanged.": -net / (new + neither),
            "that is the other way round: new mistakes minus repaired ones.": -net / mistakes,
            "that is a number of images; divide by the number of mistakes.": float(net),
        }
        value = as_array(call(function, before, after), "one number", shape=())
        nudge = f"of {mistakes} mistakes {repaired} are repaired, and {new} are new."
        compare(value, net / mistakes, causes=causes, nudge=nudge)
    return "repaired minus new, by the mistakes; two equally good networks get 0."


@check("data_or_model.own_eyes")
def own_eyes(answer: Any, labels: np.ndarray) -> str:
    """Count a person's answers, a digit or ? each, that agree with (n,) labels."""
    if isinstance(answer, list | tuple):
        answer = "".join(map(str, answer))
    if not isinstance(answer, str):
        raise Wrong("type", f'expected digits such as "35?0", got {describe(answer)}.')
    digits = "".join(answer.split())
    if odd := sorted(set(digits) - set("0123456789?")):
        cause = "names instead of digits?" if len(digits) > 2 * len(labels) else ""
        raise Wrong("value", f"'{odd[0]}' is no digit and no ?.", cause)
    if len(digits) != len(labels):
        raise Wrong("shape", f"{len(digits)} answers for {len(labels)} images.")
    agree = sum(digit == str(label) for digit, label in zip(digits, labels, strict=True))
    low, high = wilson_interval(agree, len(labels))
    return (
        f"you agree with {agree} of {len(labels)} labels, where the network agrees with none. 95 % "
        f"interval: at least {low:.0%} and at most {high:.0%} of its mistakes can be seen right."
    )
