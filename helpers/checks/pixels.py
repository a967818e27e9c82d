"""Checks of lesson 01 that look at pixels: their range, and their order."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.student import as_array, call


@check("data_preparation.to_float")
def check_to_float(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from images (n, h, w, 3) uint8 to the same as float32 in [0, 1]."""
    images = np.random.default_rng(1001).integers(3, 190, (4, 6, 5, 3), dtype=np.uint8)
    images[0, 0, 0] = (10, 60, 200)  # neither 0 nor 255 occurs: stretching the range shows
    images[1] //= 2  # a brightest pixel of its own
    result = as_array(call(function, images), "an array of floats")
    _check_float_type(result)
    if result.shape != images.shape:
        raise Wrong(
            "shape",
            f"images of shape {images.shape} came back with shape {result.shape}.",
            "the array was reshaped, or only a part of it was converted.",
            "dividing an array by a number keeps its shape.",
        )
    _check_float_range(result, images)
    _check_float_values(result, images)
    if result.dtype != np.float32:
        big = result.dtype == np.float64
        raise Wrong(
            "type",
            f"the values are right, but the dtype is `{result.dtype}`, asked for was `float32`.",
            "NumPy divides integers in `float64`: twice the memory, and Keras wants `float32`."
            if big
            else "too few digits to keep 256 steps apart safely.",
            "convert with `.astype(…)` before you divide.",
        )
    return "`float32`, from 0 to 1, every pixel divided by 255."


def _check_float_type(result: np.ndarray) -> None:
    if result.dtype.kind != "f":
        whole = result.size and result.max() <= 1
        raise Wrong(
            "type",
            f"the pixels have dtype `{result.dtype}`, asked for was `float32`.",
            "whole numbers have no room between 0 and 1: the fractions were cut off."
            if whole
            else "the pixels were not converted.",
            "convert to `float32` first, divide after that, with `/`.",
        )


def _check_float_range(result: np.ndarray, images: np.ndarray) -> None:
    low, high = float(result.min()), float(result.max())
    text = f"values go from {low:.3g} to {high:.3g}, for pixels from {images.min()} to 200."
    exact = images / 255
    if not np.isfinite(result).all():
        raise Wrong("range", "some values are NaN or infinite.", "a division by zero.")
    if np.array_equal(result, images):
        raise Wrong("range", text, "the division is missing.", "what is the greatest pixel value?")
    if not result.any():
        cause = "integer division `//`, or a dtype without fractions before the division."
        raise Wrong("range", text, cause, "convert to `float32` first, then divide with `/`.")
    if np.allclose(result, exact / 255, rtol=1e-2):
        cause = "divided by 255 twice, here or in an earlier cell."
        raise Wrong("range", text, cause, "divide once.")
    if low < 0:
        cause = "scaled to [-1, 1], or mean and standard deviation taken out."
        raise Wrong("range", text, cause, "black (0) should stay 0, white (255) become 1.")
    if high > 1:
        raise Wrong("range", text, "divided by a number that is too small.")


def _check_float_values(result: np.ndarray, images: np.ndarray) -> None:
    exact = images / 255
    values = images.astype(float)
    within = {"axis": (1, 2, 3), "keepdims": True}
    low, high = values.min(**within), values.max(**within)
    usual = {
        "divided by 256: white would become 0.996, not 1.": values / 256,
        "divided by the brightest pixel of this batch, so the same picture gets other numbers "
        "in another batch.": values / values.max(),
        "divided by each picture's own brightest pixel, so brightness is lost.": values / high,
        "stretched from the darkest to the brightest pixel of this batch, so numbers depend on "
        "the batch.": (values - values.min()) / (values.max() - values.min()),
        "each picture stretched on its own, so brightness and contrast are lost.": (values - low)
        / (high - low),
        "black and white are exchanged.": 1 - exact,
    }
    if np.allclose(result, exact, atol=1e-3):
        return
    found = [cause for cause, wrong in usual.items() if np.allclose(result, wrong, atol=1e-3)]
    raise Wrong(
        "value",
        f"a pixel of 200 became {float(result[0, 0, 0, 2]):.4f}, expected {200 / 255:.4f}.",
        found[0] if found else "",
        "which constant is the greatest value of any `uint8`?",
    )


@check("data_preparation.rows_to_images")
def check_rows_to_images(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from raw CIFAR rows (n, 3072) uint8 to images (n, 32, 32, 3) uint8.

    A row holds 1,024 red values, line by line, then the green ones, then the blue ones.
    """
    rows = np.random.default_rng(1001).integers(0, 256, (3, 3072), dtype=np.uint8)
    result = as_array(_call_on_rows(function, rows), "an array of images")
    planes = rows.reshape(-1, 3, 32, 32)
    images = planes.transpose(0, 2, 3, 1)
    if result.shape != images.shape:
        raise _wrong_image_shape(result.shape, images.shape)
    if np.array_equal(result, images):
        if result.dtype != np.uint8:
            raise Wrong(
                "type",
                f"the pixels are in place, but their dtype is `{result.dtype}`.",
                nudge="keep `uint8`: moving pixels needs no arithmetic.",
            )
        return "`(n, 32, 32, 3)`, every pixel in its place, in the order red, green, blue."
    usual = {
        "a direct reshape to (n, 32, 32, 3): it takes three neighbors in the red plane for one "
        "pixel's colors, which looks like colored noise.": rows.reshape(-1, 32, 32, 3),
        "height and width are exchanged, so pictures lie on their side.": images.swapaxes(1, 2),
        "the colors come out as blue, green, red.": images[..., ::-1],
        "pictures stand on their heads.": images[:, ::-1],
        "pictures are mirrored.": images[:, :, ::-1],
        "the images come out in another order.": images[::-1],
        "the channel axis was made last by reshape, which moves no pixel.": planes.reshape(
            -1, 32, 32, 3
        ),
    }
    found = [cause for cause, wrong in usual.items() if np.array_equal(result, wrong)]
    raise Wrong(
        "value",
        "the shape is right, but pixels are not in their places.",
        found[0] if found else "",
        "split each row into its three planes first; then move the axis of the planes to the end "
        "with `transpose`.",
    )


def _call_on_rows(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> Any:
    try:
        return call(function, rows)
    except Wrong as failure:
        if failure.stage != "run":
            raise
        try:
            call(function, rows[:1])
        except Exception:
            raise failure from None
        raise Wrong(
            "shape",
            f"your function works for one row, but stops for {len(rows)}.",
            "the number of rows is written into a shape as 1.",
            "use `len(rows)` there, or -1, which stands for what is left.",
        ) from None


def _wrong_image_shape(shape: tuple[int, ...], expected: tuple[int, ...]) -> Wrong:
    causes = {
        (3, 3, 32, 32): "channels are still first, as the file has them; Keras wants them last.",
        (3, 3072): "the rows came back as they were.",
        (1, *expected[1:]): "only the first row was turned into an image.",
        expected[1:]: "only one row was turned into an image.",
        (3, 1024, 3): "the channels are last now; height and width are still one axis.",
        (3, 3, 1024): "the three planes are apart; height and width are still one axis.",
        (32, 32, 3, 3): "the axis of the images must stay first.",
        (3, 32, 3, 32): "two axes changed places too many; the channels belong last.",
    }
    return Wrong(
        "shape",
        f"3 rows became an array of shape {shape}, expected {expected}.",
        causes.get(tuple(shape), ""),
        "first `reshape` into planes, then `transpose` the axes.",
    )
