"""Checks of lesson 01: class counts, pixels as floats, rows to images, a stratified split."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, compare, likely
from helpers.checks.rows import two_parts

_FRACTION = 0.1  # of the images that go to validation


@check("data_preparation.class_counts")
def class_counts(counts: Any, labels: np.ndarray) -> str:
    """Check the number of images of each of ten classes: (10,) integers, or a dictionary.

    `labels` are (n,) or (n, 1) integers in [0, 10).
    """
    labels = np.asarray(labels).reshape(-1)
    right = np.bincount(labels, minlength=10)
    if isinstance(counts, Mapping):
        if not set(counts) <= set(range(10)):
            cause = "class names as keys, or classes counted from 1: the labels are 0 to 9."
            raise Wrong("range", "the keys of your dictionary are not the labels.", cause)
        counts = [counts.get(number, 0) for number in range(10)]
    if isinstance(counts, tuple) and len(counts) == 2:
        cause = "`np.unique(…, return_counts=True)` gives the classes first, then the counts."
        raise Wrong("type", "expected counts, got a pair.", cause, "take the second of the two.")
    shapes = {
        (): "that is the number of all images.",
        (len(labels),): "that is one entry per image; count how often each label occurs.",
        (10, 1): "there is an axis too many.",
    }
    nudge = "one count per class, in the order of the labels."
    array = as_array(counts, "10 counts", shape=(10,), shapes=shapes, nudge=nudge)
    causes = {
        "these are fractions, not counts: leave out the division.": right / right.sum(),
        "these are percentages, not counts.": 100 * right / right.sum(),
        "these are the labels themselves, not how often they occur.": np.arange(10),
        "every count stands one class too far; the first class is 0.": (
            lambda found: np.array_equal(found[1:], right[:-1])
        ),
        "right, but sorted by size or by first appearance, not by class.": (
            lambda found: np.array_equal(np.sort(found), np.sort(right))
        ),
        "another split was counted, or a class is missing.": lambda a: a.sum() != len(labels),
    }
    names = [f"the count of class {number}" for number in range(10)]
    nudge = "`np.bincount` counts integers in the order of their values."
    compare(array, right, causes=causes, names=names, nudge=nudge)
    return f"{len(labels):,} images in 10 classes, {right.min():,} to {right.max():,} each."


@check("data_preparation.to_float")
def to_float(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from images (n, h, w, 3) uint8 to the same as float32 in [0, 1]."""
    images = np.random.default_rng(1001).integers(3, 190, (4, 6, 5, 3), dtype=np.uint8)
    images[0, 0, 0] = (10, 60, 200)  # neither 0 nor 255 occurs: stretching the range shows
    images[1] //= 2  # a brightest pixel of its own
    what, nudge = f"an array of shape {images.shape}", "dividing an array keeps its shape."
    result = as_array(call(function, images), what, shape=images.shape, nudge=nudge)
    nudge = "which constant is the greatest value of any `uint8`?"
    values = images.astype(float)
    low, high = (pick(values, axis=(1, 2, 3), keepdims=True) for pick in (np.min, np.max))
    causes = {
        "a division by zero: some values are NaN or infinite.": lambda a: not np.isfinite(a).all(),
        "the division is missing.": values,
        "`//`, or a type of whole numbers: the fractions were cut off.": 0 * values,
        "divided by 255 twice, here or in an earlier cell.": lambda a: a.max() < 0.01,
        "divided by 256: white would become 0.996, not 1.": values / 256,
        "divided by the brightest pixel of this batch; in another it differs.": values / high.max(),
        "divided by each image's own brightest pixel, so brightness is lost.": values / high,
        "stretched to this batch's range.": (values - low.min()) / (high.max() - low.min()),
        "each image stretched on its own, so contrast is lost.": (values - low) / (high - low),
        "black and white are exchanged.": 1 - values / 255,
        "scaled to [-1, 1] or standardized; black (0) should stay 0.": lambda a: a.min() < 0,
        "divided by a number that is too small.": lambda a: a.max() > 1,
    }
    compare(result, images / 255, causes=causes, nudge=nudge, rtol=0, atol=1e-3)
    if result.dtype != np.float32:
        text = f"the values are right, but of type `{result.dtype}`; asked for was `float32`."
        cause = "too few digits to keep 256 steps apart safely."
        if result.dtype == np.float64:
            cause = "NumPy divides integers in `float64`: twice the memory."
        raise Wrong("type", text, cause, "convert with `.astype(…)` before you divide.")
    return "`float32`, from 0 to 1, every pixel divided by 255."


@check("data_preparation.rows_to_images")
def rows_to_images(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from raw CIFAR rows (n, 3072) uint8 to images (n, 32, 32, 3) uint8.

    A row holds 1,024 red values, line by line, then the green ones, then the blue ones.
    """
    rows = np.random.default_rng(1001).integers(0, 256, (3, 3072), dtype=np.uint8)
    require_images(call(function, rows), rows)
    return "`(n, 32, 32, 3)`, every pixel in its place, in the order red, green, blue."


def require_images(images: Any, rows: np.ndarray) -> None:
    """Raises Wrong unless it is (n, 32, 32, 3) uint8, the images of raw rows (n, 3072) uint8."""
    n, right = len(rows), rows.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    shapes = {
        (n, 3, 32, 32): "the channels are still first, as in the file: `transpose` is missing.",
        (n, 3072): "the rows are as they were.",
        (1, 32, 32, 3): "that is one image; asked for are all rows.",
        (32, 32, 3): "that is one image; asked for are all rows.",
        (32, 32, 3, n): "the axis of the images must stay first.",
        (n, 32, 32): "one plane was taken of three: the images have no colors.",
    }
    nudge = "first `reshape` into (n, 3, 32, 32), then `transpose` the axes."
    what = f"an array of images, shape {right.shape}"
    array = as_array(images, what, shape=right.shape, shapes=shapes, nudge=nudge)
    some = np.flatnonzero((array != right).any(axis=(1, 2, 3)))[:20]  # all would fill the memory
    if some.size:
        few = right[some]
        causes = {
            "the pixels were divided by 255 as well; only move them here.": few / 255,
            "`reshape` alone takes three neighbors in the red plane for one pixel's colors, which "
            "looks like colored noise.": rows[some].reshape(-1, 32, 32, 3),
            "height and width changed places: the images lie on their side.": few.swapaxes(1, 2),
            "the colors come out as blue, green, red.": few[..., ::-1],
            "the images are upside down.": few[:, ::-1],
            "the images are mirrored.": few[:, :, ::-1],
            "the images are in another order.": right[::-1][some],
        }
        fits = {text: np.allclose(array[some], wrong) for text, wrong in causes.items()}
        text = f"pixels are not in their places, first in image {some[0]}."
        raise Wrong("value", text, likely(fits), nudge)
    if array.dtype != np.uint8:
        text = f"the pixels are in place, but their type is `{array.dtype}`."
        raise Wrong("type", text, "", "keep `uint8`: moving pixels needs no arithmetic.")


@check("data_preparation.split")
def split(function: Callable[[np.ndarray], Any], labels: np.ndarray) -> str:
    """Check a function from labels (n,) to the indexes of a training and a validation set.

    Validation gets 10 % of each class, drawn at random but the same in each call.
    """
    labels = np.asarray(labels).reshape(-1)
    train, val = two_parts(call(function, labels), len(labels))
    if len(train) < len(val):
        cause = "the wrong order of the two parts, or the fraction is reversed."
        raise Wrong("value", "the training part is the smaller one.", cause)
    _check_fraction(val, labels)
    again = two_parts(call(function, labels), len(labels))
    if not (np.array_equal(val, again[1]) and np.array_equal(train, again[0])):
        cause = "the random numbers have no seed (`random_state`)."
        raise Wrong("value", "a second call gives another split.", cause, "fix the seed, to 1001.")
    members = [np.flatnonzero(np.isin(np.flatnonzero(labels == k), val)) for k in np.unique(labels)]
    # Two images are always equally spaced, so small classes prove nothing.
    if all(len(places) > 2 and len(set(np.diff(places))) == 1 for places in members):
        text = "the validation images of each class stand at regular places."
        cause = "the first, the last or every tenth image was taken, not a random choice."
        raise Wrong("value", text, cause, "files are often sorted: shuffle first.")
    counts = f"{len(train):,} training and {len(val):,} validation images"
    return f"{counts}, {_FRACTION:.0%} of each class, none twice, none lost, always the same."


def _check_fraction(val: np.ndarray, labels: np.ndarray) -> None:
    right = _FRACTION * np.bincount(labels)
    counts = np.bincount(labels[val], minlength=len(right))
    total, fraction = len(val), len(val) / len(labels)
    causes = {
        "0.25 is the default of `train_test_split`.": lambda _: round(fraction, 2) == 0.25,
        f"validation gets {fraction:.1%} of all images, asked for was {_FRACTION:.0%}.": (
            lambda _: abs(total - right.sum()) > len(right)
        ),
        "the split is not stratified: a random draw hits classes unequally.": lambda _: True,
    }
    names = [f"class {k}: the number of validation images" for k in range(len(right))]
    nudge = "choose 10 % within each class, or see `stratify` in `train_test_split`."
    compare(counts, right, causes=causes, names=names, nudge=nudge, rtol=0, atol=1)
