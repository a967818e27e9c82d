"""Check of lesson 11's exercise to put a whole picture onto a square."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.student import as_array, call

_SHAPES = ((4, 10, 3), (9, 4, 3), (5, 5, 3), (1, 6, 3))  # wide, high with an odd rest, square, thin


@check("predict_and_share.pad_to_square")
def check_pad_to_square(function: Any) -> str:
    """Check a function that pads a picture with black to a square.

    Args:
        function: the student's: takes (height, width, 3) uint8; returns (side, side, 3) uint8,
            the picture in the middle of black, an odd row or column at the bottom or the right.
    """
    rng = np.random.default_rng(1001)
    for shape in _SHAPES:
        image = rng.integers(1, 256, shape, dtype=np.uint8)  # no black: edges are edges
        result = as_array(call(function, image), "an array of pixels")
        _examine(result, image)
    return f"{len(_SHAPES)} pictures, wide, high, square and thin: whole, in the middle, on black."


def _examine(result: np.ndarray, image: np.ndarray) -> None:
    height, width, _ = image.shape
    side = max(height, width)
    given = f"for a picture of shape {image.shape}"
    if result.shape != (side, side, 3):
        causes = {
            (min(height, width),) * 2 + (3,): "the shorter side was taken: that is a crop.",
            image.shape: "the picture came back as it was.",
            (side, side): "the channels are missing.",
        }
        text = f"shape {result.shape} {given}, expected {(side, side, 3)}."
        raise Wrong("shape", text, causes.get(result.shape, ""), "side = max(height, width)")
    if result.dtype != np.uint8:
        cause = "`np.zeros` makes float64 where no dtype is given."
        raise Wrong("type", f"dtype `{result.dtype}`, expected `uint8`.", cause, "dtype=np.uint8")
    top, left = (side - height) // 2, (side - width) // 2
    right = _placed(image, top, left)
    if np.array_equal(result, right):
        return
    if np.array_equal(result, _placed(image, side - height - top, side - width - left)):
        text = f"the picture is one row or column off {given}."
        raise Wrong("value", text, "the odd one stands at the top or left.", "round down: `//`")
    if np.array_equal(result, _placed(image, 0, 0)):
        text = f"the picture is at the top left {given}."
        raise Wrong("value", text, "it is not moved to the middle.", "(side - height) // 2")
    inside = result[top : top + height, left : left + width]
    if np.array_equal(inside, image):
        edge = int(result[right.sum(axis=2) == 0].max())
        cause = "white." if edge == 255 else "the picture's own edge is repeated."
        raise Wrong("value", f"the rest holds values up to {edge}, expected black (0).", cause)
    cause = "the picture was stretched, turned, or copied into other rows and columns."
    raise Wrong("value", f"the picture does not stand unchanged in the middle {given}.", cause)


def _placed(image: np.ndarray, top: int, left: int) -> np.ndarray:
    side = max(image.shape[:2])
    square = np.zeros((side, side, 3), np.uint8)
    square[top : top + image.shape[0], left : left + image.shape[1]] = image
    return square
