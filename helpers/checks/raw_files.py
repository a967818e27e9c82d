"""Check of lesson 09 on the raw rows of CIFAR-100, turned into images."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array


@check("cifar100_superclasses.to_images")
def check_to_images(images: Any, data: np.ndarray) -> str:
    """Check images made from the raw file's rows.

    Args:
        images: the student's: (n, 32, 32, 3) uint8.
        data: (n, 3072) uint8; a row holds the red plane line by line, then green, then blue.
    """
    if callable(images):
        raise Wrong(
            "type",
            f"expected an array of images, got {describe(images)}.",
            "the function was passed, not what it returns.",
            "call it with the rows, and pass its result.",
        )
    result = as_array(images, "an array of images")
    planes = data.reshape(-1, 3, 32, 32)
    right = planes.transpose(0, 2, 3, 1)
    if result.shape != right.shape:
        raise _wrong_shape(result.shape, len(data))
    if np.array_equal(result, right):
        if result.dtype != np.uint8:
            raise Wrong(
                "type",
                f"the pixels are in place, but their dtype is `{result.dtype}`.",
                "",
                "keep `uint8`: moving pixels needs no arithmetic.",
            )
        return f"{len(data):,} images of shape `(32, 32, 3)`, every pixel in its place."
    _check_range(result, right)
    raise Wrong(
        "value",
        "the shape is right, but pixels are not in their places.",
        _cause(result, data, right),
        "`reshape` into three planes of 32 x 32 first; then `transpose` moves the axis of the "
        "planes to the end.",
    )


def _wrong_shape(shape: tuple[int, ...], count: int) -> Wrong:
    causes = {
        (count, 3, 32, 32): "the channels are still first, as the file has them: the `transpose` "
        "is missing.",
        (count, 3072): "the rows are as they were.",
        (32, 32, 3): "that is one image; asked for are all rows.",
        (1, 32, 32, 3): "that is one image; asked for are all rows.",
        (count, 1024, 3): "height and width are still one axis.",
        (count, 3, 1024): "the three planes are apart; height and width are still one axis.",
        (32, 32, 3, count): "the axis of the images must stay first.",
        (count, 32, 3, 32): "the channels stand in the middle; they belong last.",
        (count, 32, 32): "one plane was taken of three: the pictures have no colors.",
    }
    text = f"{count:,} rows became an array of shape {shape}, expected ({count}, 32, 32, 3)."
    nudge = "first `reshape` into (n, 3, 32, 32), then `transpose` the axes."
    return Wrong("shape", text, causes.get(tuple(shape), ""), nudge)


def _check_range(result: np.ndarray, right: np.ndarray) -> None:
    low, high = result.min(), result.max()
    if result.dtype.kind == "f" and not np.isfinite(result).all():
        raise Wrong("range", "some values are NaN or infinite.", "a division by zero.")
    if high <= 1 < right.max():
        raise Wrong(
            "range",
            f"values go from {low:.3g} to {high:.3g}, in the file from {right.min()} to "
            f"{right.max()}.",
            "the pixels were divided by 255 as well.",
            "only move the pixels here; the network's first layer rescales them.",
        )


def _cause(result: np.ndarray, data: np.ndarray, right: np.ndarray) -> str:
    usual = {
        "`reshape` alone, to (n, 32, 32, 3): it takes three neighbors of the red plane for the "
        "colors of one pixel, which looks like colored noise.": data.reshape(-1, 32, 32, 3),
        "height and width changed places, as by `transpose(0, 3, 2, 1)`: the pictures lie on "
        "their side.": right.swapaxes(1, 2),
        "the colors come out as blue, green, red.": right[..., ::-1],
        "the pictures stand on their heads.": right[:, ::-1],
        "the pictures are mirrored.": right[:, :, ::-1],
        "the images are in another order.": right[::-1],
    }
    found = [cause for cause, wrong in usual.items() if np.array_equal(result, wrong)]
    return found[0] if found else ""
