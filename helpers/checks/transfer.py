"""Checks of lesson 06 about numbers: parameters left to train, and pixels for MobileNetV2."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk
from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.student import as_array, call

_BIAS = "the biases are forgotten: one more number for each output."
_BASE = 2_257_984  # MobileNetV2, alpha 1.0, without top
# Right number, then what each usual wrong number comes from, then a nudge.
_COUNTS = {
    "one_layer": (
        1280 * 10 + 10,
        {
            1280 * 10: _BIAS,
            1280 * 10 + 1280: "there is one bias per output, not per input.",
            128 * 10 + 10: "the layer stands directly on the 1,280 features; nothing is hidden.",
            3 * 3 * 1280 * 10 + 10: "pooling leaves one number per channel, not 3 × 3.",
            _BASE + 1280 * 10 + 10: "that is all parameters; the frozen ones are not trained.",
        },
        "each of the 1,280 features is joined to each of the ten outputs.",
    ),
    "hidden_256": (
        1280 * 256 + 256 + 256 * 10 + 10,
        {
            1280 * 256 + 256 * 10: _BIAS,
            1280 * 256 + 256: "this is the hidden layer alone; the output layer is trained too.",
            1280 * 256: "this is the hidden layer alone, and without its biases.",
            1280 * 256 + 256 + 1280 * 10 + 10: "the output layer stands on the hidden one, so it "
            "has 256 inputs.",
            1280 * 128 + 128 + 128 * 10 + 10: "that is S3's head; here 256 are hidden.",
            2 * (1280 * 128 + 128 + 128 * 10 + 10): "twice S3's head counts the ten output biases "
            "twice.",
            _BASE
            + 1280 * 256
            + 256
            + 256 * 10
            + 10: "that is all parameters; the frozen ones are not trained.",
        },
        "count two dense layers: 1,280 to 256, then 256 to 10.",
    ),
    "frozen": (
        _BASE,
        {
            0: "the base is frozen, so its parameters are not trained; they are still there.",
            _BASE + 165_258: "that is the whole network, head included.",
            _BASE + 1280 * 256 + 256 + 256 * 10 + 10: "that is the whole network, head included.",
            410_208: "that is the base of the small network; S3's has alpha 1.0.",
        },
        "the base is the same whichever head follows; the cell above printed its size.",
    ),
}


@check("transfer_learning.trainable_counts")
def check_trainable_counts(answers: Mapping[str, Any]) -> str:
    """Check parameter counts of S3's network with other heads.

    Args:
        answers: integers by "one_layer" (1,280 features to 10, trainable), "hidden_256" (1,280
            to 256 to 10, trainable) and "frozen" (the base).
    """
    walk(answers, _COUNTS, _check_count)
    return "both heads, and the base that stays the same."


def _check_count(key: str, answer: Any) -> None:
    right, causes, nudge = _COUNTS[key]
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        raise Wrong("type", f"`{key}`: expected a whole number, got {describe(answer)}.")
    if not np.isfinite(answer) or answer < 0 or answer != int(answer):
        raise Wrong("range", f"`{key}`: {describe(answer)} is no count of parameters.")
    if answer != right:
        cause = causes.get(int(answer), "")
        raise Wrong("value", f"`{key}`: it is not {int(answer):,}.", cause, nudge)


@check("transfer_learning.prepare")
def check_prepare(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from uint8 pixels (n, h, w, 3) to float32 in [-1, 1]."""
    rng = np.random.default_rng(1001)
    pixels = rng.integers(0, 256, (4, 8, 6, 3), dtype=np.uint8)
    pixels[0, 0, 0], pixels[0, 0, 1] = 0, 255  # both ends of the range occur
    result = as_array(call(function, pixels), "an array of pixels")
    if result.shape != pixels.shape:
        text = f"expected the shape of the pictures, {pixels.shape}, got {result.shape}."
        raise Wrong("shape", text, "", "only the values change.")
    if result.dtype.kind != "f":
        raise Wrong(
            "type",
            f"expected `float32`, got `{result.dtype}`.",
            "whole numbers cannot hold what lies between -1 and 1.",
            "convert with `.astype('float32')`, before the calculation.",
        )
    if not np.isfinite(result).all():
        raise Wrong("range", "some values are NaN or infinite.", "a division by 0.")
    expected = pixels.astype(np.float32) / 127.5 - 1
    if not np.allclose(result, expected, atol=1e-3):
        low, high = float(result.min()), float(result.max())
        raise Wrong(
            "range" if not (low >= -1.01 and high <= 1.01) else "value",
            f"your values go from {low:.3g} to {high:.3g}; "
            f"a pixel of {pixels[1, 1, 1, 0]} became {float(result[1, 1, 1, 0]):.3g}, "
            f"expected {expected[1, 1, 1, 0]:.3g}.",
            _cause(pixels, result),
            "where do 0, 127.5 and 255 go?",
        )
    if result.dtype != np.float32:
        raise Wrong(
            "type",
            f"the values are right, but of dtype `{result.dtype}`.",
            "a division of whole numbers gives `float64`, which is twice as large.",
            "convert with `.astype('float32')`, before the calculation.",
        )
    return "0 becomes -1, 255 becomes 1, as `float32`, and the pictures are not changed."


def _cause(pixels: np.ndarray, result: np.ndarray) -> str:
    values = pixels.astype(np.float32)
    means = values.mean()
    causes = {
        "that is the range from 0 to 1; MobileNetV2 wants -1 to 1.": values / 255,
        "the division comes first, then the subtraction of 1.": (values - 1) / 127.5,
        "divided by 255 instead of 127.5.": values / 255 - 1,
        "the values are shifted, but not divided by 127.5.": values - 127.5,
        "the pixels were not changed.": values,
        "divided, but not shifted: subtract 1.": values / 127.5,
        "the calculation ran in `uint8`, where numbers below 0 start again at 255.": (
            pixels - np.uint8(127)
        ).astype(np.float32)
        / 127.5,
        "standardized with the mean of these pictures; the network expects fixed numbers.": (
            (values - means) / max(float(values.std()), 1e-6)
        ),
        "blue and red are exchanged; MobileNetV2 wants red first.": values[..., ::-1] / 127.5 - 1,
    }
    return next((why for why, array in causes.items() if np.allclose(result, array, atol=1e-3)), "")
