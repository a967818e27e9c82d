"""Checks of lesson 11: the likeliest classes, a padded image, a temperature, "I don't know"."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, describe, shorten
from helpers.metrics import apply_temperature, fit_temperature

_NAMES = ("cat", "dog", "frog", "ship", "truck", "bird")
_TOP_K = (  # (probabilities, k); no two are alike, so the order is certain
    (np.array([0.05, 0.31, 0.02, 0.4, 0.12, 0.1]), 3),
    (np.array([0.6, 0.01, 0.2, 0.04, 0.06, 0.09], dtype=np.float32), 1),
    (np.array([0.1, 0.2, 0.7]), 5),
)
_SIZES = ((4, 10), (9, 4), (5, 5), (1, 6))  # wide, high with an odd rest, square, thin
_NUMBER = int | float | np.number


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
        kinds = tuple(type(part) for part in pair) if isinstance(pair, list | tuple) else ()
        if len(kinds) != 2 or not issubclass(kinds[0], str) or not issubclass(kinds[1], _NUMBER):
            is_turned = kinds[1:] == (str,) and kinds[0] is not str
            cause = "the pairs are (probability, name)." if is_turned else ""
            cause = cause if kinds else "the names alone, or the probabilities alone."
            nudge = "the name, `class_names[i]`, comes first."
            raise Wrong("type", f"expected (name, number), got {shorten(pair, 40)}.", cause, nudge)
    return [name for name, _ in result], np.array([float(value) for _, value in result])


@check("predict_and_share.pad_to_square")
def pad_to_square(work: Any) -> str:
    """Check a function that pads an image (height, width, 3) with black to a square, all uint8.

    The image is in the middle, an odd row or column of black at the bottom or the right.
    """
    rng = np.random.default_rng(1001)
    for height, width in _SIZES:
        side = max(height, width)
        image = rng.integers(1, 256, (height, width, 3), dtype=np.uint8)  # nothing is black
        shapes = {
            (min(height, width),) * 2 + (3,): "the shorter side was taken: that is a crop.",
            image.shape: "the image came back as it was.",
            (side, side): "the channels are missing.",
        }
        right, nudge = (side, side, 3), "`side = max(height, width)`"
        wanted = f"an image of shape {right} for one of shape {image.shape}"
        array = as_array(call(work, image), wanted, shape=right, shapes=shapes, nudge=nudge)
        if array.dtype != np.uint8:
            cause = "`np.zeros` makes float64 where no dtype is given."
            raise Wrong("type", f"dtype `{array.dtype}`, expected `uint8`.", cause)
        rest = np.array([side - height, side - width, 0])
        halves = np.stack([rest // 2, rest - rest // 2], axis=1)  # before and behind, a row an axis
        turned, corner = halves[:, ::-1], np.stack([0 * rest, rest], axis=1)
        causes = {
            "the odd row or column stands at the top or left.": np.pad(image, turned),
            "the image is at the top left, not in the middle.": np.pad(image, corner),
            "the rest is white, not black.": np.pad(image, halves, constant_values=255),
            "the image's own edge is repeated.": np.pad(image, halves, mode="edge"),
        }
        nudge = "it begins at `(side - height) // 2`, unchanged; the rest is 0."
        compare(array, np.pad(image, halves), causes=causes, nudge=nudge)
    return f"{len(_SIZES)} images, wide, high, square and thin: whole, in the middle, on black."


@check("predict_and_share.temperature")
def temperature(work: Any, p: np.ndarray, y: np.ndarray) -> str:
    """Check a temperature, a number above 0, that was fitted on validation data.

    p: (n, k) probabilities. y: (n,) integers, the labels.
    """
    nudge = "take the temperature with the smallest loss."
    found = float(as_array(work, "one number", shape=(), nudge=nudge))
    if not (np.isfinite(found) and found > 0):
        raise Wrong("range", f"a temperature is above 0, got {found:.4g}.")
    best = fit_temperature(p, y)
    before, after = _loss(p, y, 1.0), _loss(p, y, best)
    causes = {
        "that is 1 / T: multiplied where it should be divided by.": 1 / best,
        "that is the smallest loss itself, not the temperature that has it.": after,
        "the probabilities were divided, not their logarithms; or the first T was kept.": 1.0,
        "the temperature with the largest loss: `argmax` in place of `argmin`.": 0.2,
        "the grid is too coarse, or does not reach far enough.": lambda _: True,
    }
    nudge = "the loss is the mean of `-np.log(q[np.arange(len(y)), y])`, with q for this T."
    # A search in steps does not find T to the last digit.
    compare(found, best, causes=causes, nudge=nudge, rtol=0.1)
    return f"the loss falls from {before:.3f} to {_loss(p, y, found):.3f} at T = {found:.2f}."


def _loss(p: np.ndarray, y: np.ndarray, temperature: float) -> float:
    own = apply_temperature(p, temperature)[np.arange(len(p)), y]
    return float(-np.log(np.maximum(own, 1e-300)).mean())


@check("predict_and_share.answers")
def answers(work: Any, p: np.ndarray, threshold: float) -> str:
    """Check labels (n,) in which -1 stands for "I don't know".

    p: (n, k) probabilities. threshold: confidence from which on a class is named.
    """
    n, classes = np.shape(p)
    label, confidence = p.argmax(axis=1), p.max(axis=1)
    sure = confidence >= threshold
    shapes = {
        (n, classes): "these are probabilities of all classes: take `argmax` of each row.",
        (int(sure.sum()),): "only the sure ones are there: the others get -1.",
        (n, 1): "one column too many: the shape is (n,), not (n, 1).",
    }
    array = as_array(work, f"{n} labels", shape=(n,), shapes=shapes, nudge="one label an image.")
    if array.dtype == bool:
        cause = "the comparison with the threshold alone; the classes are missing."
        raise Wrong("type", "these are True and False.", cause, "use `np.where`.")
    if not np.isin(array, np.arange(-1, classes)).all():
        cause = "probabilities instead of class numbers." if array.dtype.kind == "f" else ""
        text = f"labels are -1 and 0 to {classes - 1}; yours go from {array.min():.3g} to "
        raise Wrong("range", f"{text}{array.max():.3g}.", cause, "-1 is 'I don't know'.")
    surer, least = np.where(confidence > threshold, label, -1), p.argmin(axis=1)
    causes = {
        "every image gets an answer; the threshold is not used.": label,
        "sure and unsure have changed places.": np.where(sure, -1, label),
        "an image with exactly the threshold is to be answered: use `>=`.": surer,
        "unsure images became class 0; they get -1.": np.where(sure, label, 0),
        "the least likely class was taken: not `argmin`, `argmax`.": np.where(sure, least, -1),
    }
    names = [f"image {i} with confidence {value:.3f}" for i, value in enumerate(confidence)]
    right, nudge = np.where(sure, label, -1), "`np.where(is_sure, label, -1)`"
    compare(array, right, causes=causes, names=names, nudge=nudge)
    return f"{sure.sum()} of {n} images get an answer."
