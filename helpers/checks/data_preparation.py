"""Checks of lesson 01: shapes, pixels as floats, a clean order, a shuffle, a split by groups."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk
from helpers.checks.core import Wrong, as_array, call, check, compare, describe, likely
from helpers.checks.ordering import require_order
from helpers.checks.rows import two_parts

_FRACTION = 0.25  # of the photos that go to validation
_ROW = "`x_train[7, 0]` is the first *row* of pixels of image 7."
_DTYPE = "(x_train[:64] / 255).dtype"
_SHAPES = {
    "x_train[7]": (32, 32, 3),
    "x_train[:64]": (64, 32, 32, 3),
    "x_train[7, 0]": (32, 3),
    "x_train[:64, :, :, 0]": (64, 32, 32),
    "y_train[:64]": (64,),
}
# Usual wrong shapes, and what they come from.
_MISTAKES = {
    ("x_train[7]", (1, 32, 32, 3)): "a number removes its axis; `7:8` keeps it.",
    ("x_train[:64]", (32, 32, 3)): "a slice keeps its axis.",
    ("x_train[:64]", (65, 32, 32, 3)): "`:64` stops before 64, and position 0 counts too.",
    ("x_train[:64]", (63, 32, 32, 3)): "`:64` begins at position 0.",
    ("x_train[7, 0]", (32, 32)): _ROW,
    ("x_train[7, 0]", (3,)): _ROW,
    ("x_train[7, 0]", (32, 32, 3)): _ROW,
    ("x_train[:64, :, :, 0]", (64, 32, 32, 1)): "a number removes its axis; `0:1` keeps it.",
    ("x_train[:64, :, :, 0]", (64, 32, 32, 3)): "only channel 0 is taken: red.",
    ("y_train[:64]", (64, 1)): "labels are a list of numbers here, not a column.",
}


@check("data_preparation.shapes")
def shapes(answers: Mapping[str, Any]) -> str:
    """Check shapes of parts of images (n, 32, 32, 3) uint8 and labels, and the type of x / 255."""

    def examine(key: str, answer: Any) -> None:
        if key == _DTYPE:
            _examine_dtype(answer)
            return
        if isinstance(answer, int | np.integer):
            cause = f"`({answer})` is a number; a tuple with one entry is `({answer},)`."
            raise Wrong("type", f"`{key}`: expected a tuple, got the number {answer}.", cause)
        if not isinstance(answer, tuple | list | np.ndarray):
            raise Wrong("type", f"`{key}`: expected a tuple, got {describe(answer)}.")
        shape = tuple(np.ravel(answer).tolist())
        if shape != _SHAPES[key]:
            cause = _MISTAKES.get((key, shape), "")
            nudge = "go through the axes one by one: which stay, and how long is each?"
            raise Wrong("value", f"`{key}`: it is not {shape}.", cause, nudge)

    walk(answers, [*_SHAPES, _DTYPE], examine)
    return "five shapes, and the type that a division of whole numbers gives."


def _examine_dtype(answer: Any) -> None:
    try:
        found = np.dtype(answer)
    except TypeError:
        text = f"expected the name of a type, such as `'uint8'`, got {describe(answer)}."
        raise Wrong("type", f"`{_DTYPE}`: {text}") from None
    if found != np.float64:
        cause = "it is what a network wants; NumPy makes a longer type of `uint8 / int`."
        if found.kind in "ui":
            cause = "the fractions would be lost: a division gives float numbers."
        raise Wrong("value", f"`{_DTYPE}`: it is not `{found}`.", cause)


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
        noise = rows[some].reshape(-1, 32, 32, 3)  # three neighbors in the red plane as a pixel
        causes = {
            "the pixels were divided by 255 as well; only move them here.": few / 255,
            "`reshape` alone makes colored noise: the colors of a pixel lie far apart.": noise,
            "height and width changed places: the images lie on their side.": few.swapaxes(1, 2),
            "the colors come out as blue, green, red.": few[..., ::-1],
            "the images are upside down.": few[:, ::-1],
            "the images are mirrored.": few[:, :, ::-1],
            "the images are in another order.": right[::-1][some],
        }
        names = [f"first in image {number}: a pixel" for number in some]
        compare(array[some], few, causes=causes, names=names, nudge=nudge)
    if array.dtype != np.uint8:
        text = f"the pixels are in place, but their type is `{array.dtype}`."
        raise Wrong("type", text, "", "keep `uint8`: moving pixels needs no arithmetic.")


_COPIES = "equal images must be gone before the split, or one copy can be on each side."
_BEFORE = {
    ("D", "B"): "`first` is made in line D.",
    ("B", "E"): _COPIES,
    ("D", "E"): _COPIES,
    ("G", "A"): "the layer is made in line G.",
    ("E", "A"): "`adapt` must see training images only, so the split comes first.",
    ("E", "C"): "the parts that `fit` takes are made in line E.",
    ("A", "C"): "a layer that has not seen images yet changes nothing.",
}


@check("data_preparation.clean_order")
def clean_order(order: Any) -> str:
    """Check the order of the lines A to G: remove copies, split, adapt, train; F is the leak."""
    leak = "it adapts to all images, those of validation too: a leak."
    require_order(order, "ABCDEG", _BEFORE, {"F": leak})
    return "copies out, then the split, then `adapt` on training images, then `fit`."


@check("data_preparation.mixed")
def mixed(work: tuple[Any, Any], images: np.ndarray, labels: np.ndarray) -> str:
    """Check that images (n, h, w, c) and labels (n,) stand in a new order, the same for both."""
    x = as_array(work[0], "images", shape=images.shape)
    y = as_array(work[1], "labels", shape=labels.shape, shapes={(len(labels), 1): "a column."})
    before = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    owners = [before.get(image.tobytes()) for image in x.astype(images.dtype)]
    if None in owners:
        text = f"{owners.count(None)} images are not among those that were given."
        raise Wrong("value", text, "pixels were changed, or mixed inside the images.")
    own = sum(owner == label for owner, label in zip(owners, y, strict=True))
    if own < len(y):
        text = f"only {own:,} of {len(y):,} images still have their own label."
        raise Wrong("value", text, "images and labels were put into two different orders.")
    if len({image.tobytes() for image in x}) < len(before):
        cause = "positions were drawn with replacement."
        raise Wrong("value", "some images are lost, others are there more than once.", cause)
    if np.array_equal(x, images):
        raise Wrong("value", "the images are still in their old order: nothing was mixed.")
    return f"{len(y):,} images in a new order, each with its own label."


@check("data_preparation.group_split")
def group_split(parts: Any, labels: np.ndarray, groups: np.ndarray) -> str:
    """Check rows (training, validation): whole groups, a quarter of each class, up to one photo."""
    if hasattr(parts, "__next__"):
        text = "expected one pair of parts, got all folds, one after the other."
        raise Wrong("type", text, "", "`next(…)` takes the first.")
    train, val = two_parts(parts, len(labels))
    if torn := len(np.intersect1d(groups[train], groups[val])):
        cause = "the splitter does not know the objects, or they were not passed to it."
        raise Wrong("value", f"{torn} objects have photos in both parts.", cause)
    have, all_of = (np.bincount(rows, minlength=10) for rows in (labels[val], labels))
    off = have - _FRACTION * all_of
    worst = np.abs(off).argmax()
    if abs(off[worst]) > 1:
        fraction = len(val) / len(labels)
        causes = {
            "the wrong order of the two parts.": fraction > 0.6,
            f"validation gets {fraction:.0%} of all photos.": abs(fraction - _FRACTION) > 0.04,
            "the splitter keeps objects whole, but does not look at the classes; in scikit-learn "
            "1.6, `shuffle=True` does that too.": True,
        }
        text = f"class {worst}: {have[worst]} of {all_of[worst]} photos are in validation."
        raise Wrong("value", text, likely(causes), f"asked for are {_FRACTION:.0%} of each class.")
    return f"{len(train)} and {len(val)} photos: objects whole, {_FRACTION:.0%} of each class."
