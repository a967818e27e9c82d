"""Checks of lesson 11: lines in order, the likeliest classes, a threshold, a mended function."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from helpers.checks.answers import require_threshold
from helpers.checks.core import Wrong, as_array, call, check, compare, describe, shorten
from helpers.checks.ordering import require_order
from helpers.metrics import wilson_interval

_NAMES = ("cat", "dog", "frog", "ship", "truck", "bird")
_TOP_K = (  # (probabilities, k); no two are alike, so the order is certain
    (np.array([0.05, 0.31, 0.02, 0.4, 0.12, 0.1]), 3),
    (np.array([0.6, 0.01, 0.2, 0.04, 0.06, 0.09], dtype=np.float32), 1),
    (np.array([0.1, 0.2, 0.7]), 5),
)


@check("predict_and_share.lines_of_a_prediction")
def lines_of_a_prediction(order: Any) -> str:
    """Check the order of seven lines: open, turn, RGB, fit, batch, predict, print."""
    before = {
        ("D", "H"): "the image must be opened first.",
        ("H", "A"): "the tag belongs to the opened file: turn the image before you change it.",
        ("H", "G"): "the tag belongs to the opened file: turn the image before you change it.",
        ("A", "G"): "a GIF holds numbers of colors: made smaller before line A, it is not smooth.",
        ("G", "C"): "an array has no `fit`: Pillow's work comes before NumPy's.",
        ("A", "C"): "an array has no `convert`: Pillow's work comes before NumPy's.",
        ("C", "B"): "`predict` takes the batch, which line C makes.",
        ("B", "E"): "`p` is there only after line B.",
    }
    cause = "this network's first layer divides by 255; divided twice, the image is black."
    require_order(order, "DHAGCBE", before, {"F": cause})
    return "open, upright, three channels, 32 × 32, a batch, probabilities, a name."


@check("predict_and_share.top_k")
def top_k(work: Any) -> str:
    """Check a function from (classes,) probabilities, (classes,) names and k to k pairs.

    They are (name, probability), the likeliest first.
    """
    for p, k in _TOP_K:
        names, wanted = list(_NAMES[: len(p)]), min(k, len(p))
        given = f"for {len(p)} classes and k = {k}"
        found_names, found = _pairs(call(work, p, names, k), given)
        if len(found) != wanted:
            cause = "the slice `[:k]` is missing." if len(found) == len(p) else "k is not used."
            raise Wrong("shape", f"{len(found)} pairs {given}, expected {wanted}.", cause)
        order = np.argsort(-p)[:wanted]
        causes = {
            "these are percentages: leave out the `* 100`.": 100 * p[order],
            "the least likely come first: turn it round with `[::-1]`.": np.sort(p)[:wanted],
            "the right ones, but the least likely of them first.": p[order][::-1],
            "the first k classes, not sorted.": p[:wanted],
        }
        places = [f"{given}, probability {place + 1}" for place in range(wanted)]
        nudge = "`np.argsort(p)[::-1]` are the class numbers, the likeliest first."
        compare(found, p[order], causes=causes, names=places, nudge=nudge)
        if found_names != [names[i] for i in order]:
            cause = "the names were not picked by the same numbers as the probabilities."
            raise Wrong("value", f"the names are {', '.join(found_names)} {given}.", cause)
    return "the likeliest first, each with its name; and all classes where there are fewer than k."


def _pairs(result: Any, given: str) -> tuple[list[str], np.ndarray]:
    """Names and probabilities of a list of pairs."""
    if not isinstance(result, list | tuple):
        causes = {
            dict: "that is a dictionary: its pairs are `list(d.items())`.",
            np.ndarray: "an array holds texts or numbers, not both.",
            zip: "`list(zip(…))` makes a list of it.",
        }
        text = f"expected a list of pairs {given}, got {describe(result)}."
        raise Wrong("type", text, causes.get(type(result), ""))
    for pair in result:
        match pair:
            case (str(), int() | float() | np.number()):
                continue
            case (_, str()):
                cause = "the pairs are (probability, name)."
            case _:
                cause = "the names alone, or the probabilities alone."
        nudge = "the name, `class_names[i]`, comes first."
        raise Wrong("type", f"expected (name, number), got {shorten(pair, 40)}.", cause, nudge)
    return [name for name, _ in result], np.array([float(value) for _, value in result])


@check("predict_and_share.safe_threshold")
def safe_threshold(threshold: Any, p: np.ndarray, y: np.ndarray) -> str:
    """Check a threshold on images that did not choose it: 95 % right, 75 % answered.

    p: (n, k) probabilities. y: (n,) integers, the labels.
    """
    right = require_threshold(threshold, p, y, accuracy=0.95, coverage=0.75)
    low, high = wilson_interval(right.sum(), len(right))
    answered = len(right) / len(y)
    return f"{right.mean():.1%} right ({low:.1%} to {high:.1%}), {answered:.1%} answered."


@check("predict_and_share.mended_page")
def mended_page(
    classify: Any, files: Sequence[Path], expected: Callable[[Path], list[tuple[str, float]]]
) -> str:
    """Check a page's function from a file to {name: probability} with files and right pairs."""
    for file in files:
        right, found = dict(expected(file)), call(classify, str(file))
        if not isinstance(found, dict) or not found:
            cause = "`gr.Label` takes a dictionary: `dict(pairs)` makes one of pairs."
            raise Wrong("type", f"expected {{name: probability}}, got {describe(found)}.", cause)
        if strange := [name for name in found if name not in right]:
            text = f"'{shorten(strange[0], 40)}' is none of the class names."
            raise Wrong("value", text, "numbers of classes in place of their names?")
        values = as_array(list(found.values()), "probabilities", shape=(None,))
        wanted = np.array([right[name] for name in found])
        causes = {
            "these are percentages; `gr.Label` takes fractions.": 100 * wanted,
            "another image than `predict.top_k` sees: which layer divides by 255?": True,
        }
        names = [f"the probability of {name} for {file.name}" for name in found]
        compare(values, wanted, causes=causes, names=names, rtol=0.01, atol=1e-3)
    return f"{len(files)} files, and the same numbers as `predict.top_k`."
