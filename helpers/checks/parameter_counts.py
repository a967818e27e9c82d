"""Check of lesson 02's exercise to count parameters by hand."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk
from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe

_BIAS = "the bias is forgotten: one more number for each output."
_PER_PIXEL = "you multiplied by the size of the picture; a kernel is shared by all positions."
# Right number, then what each usual wrong number comes from.
_COUNTS = {
    "conv": (
        3 * 3 * 32 * 64 + 64,
        {
            3 * 3 * 32 * 64: _BIAS,
            3 * 3 * 64 + 64: "each kernel goes through all 32 input channels, not through one.",
            3 * 3 * 64: "each kernel goes through all 32 input channels, and has a bias.",
            3 * 3 * 3 * 64 + 64: "the input has 32 channels here, not the 3 colors.",
            3 * 3 * 32 * 64 + 32: "there is one bias per output channel, not per input channel.",
            3 * 3 * 32 + 64: "every output channel has a kernel of its own.",
            3 * 3 * 32 + 32: "every output channel has a kernel of its own.",
            3 * 32 * 64 + 64: "a 3 × 3 kernel has nine positions, not three.",
            (3 * 3 * 32 * 64 + 64) * 32 * 32: _PER_PIXEL,
            3 * 3 * 32 * 64 * 32 * 32: _PER_PIXEL,
            3 * 3 * 32 * 64 + 64 * 32 * 32: _PER_PIXEL,
        },
        "kernel height × width × input channels × output channels, then the biases.",
    ),
    "batch_norm": (
        4 * 64,
        {
            2 * 64: "gamma and beta only; the moving mean and variance are stored as well.",
            64: "a channel needs more than one number: scale, shift, mean and variance.",
            3 * 64: "three numbers per channel; there is one more.",
            4: "four numbers is right, but for each channel.",
            2: "the numbers are per channel, and two of them are not trained.",
            4 * 64 * 32 * 32: _PER_PIXEL,
        },
        "count what the layer stores for one channel, trained or not; then take all channels.",
    ),
    "dense": (
        2048 * 128 + 128,
        {
            2048 * 128: _BIAS,
            2048 * 128 + 2048: "there is one bias per output, not per input.",
            2048 * 128 + 1: "there is one bias per output, not one in all.",
            2048 + 128: "inputs and outputs are multiplied, not added: each is joined to each.",
        },
        "every output has one weight per input, and a bias.",
    ),
}


@check("baseline_cnn.parameter_counts")
def check_parameter_counts(answers: Mapping[str, Any]) -> str:
    """Check parameter counts worked out by hand.

    Args:
        answers: integers by "conv" (3 x 3, 32 to 64 channels, with bias), "batch_norm" (64
            channels, all that is stored) and "dense" (2,048 to 128, with bias).
    """
    walk(answers, _COUNTS, _check_count)
    return "all three counts, biases and moving statistics included."


def _check_count(key: str, answer: Any) -> None:
    right, causes, nudge = _COUNTS[key]
    if isinstance(answer, bool) or not isinstance(answer, int | float | np.number):
        raise Wrong("type", f"`{key}`: expected a whole number, got {describe(answer)}.")
    if not answer > 0 or answer != int(answer):
        raise Wrong("range", f"`{key}`: {describe(answer)} is no whole number above 0.")
    if answer != right:
        cause = causes.get(int(answer), "")
        raise Wrong("value", f"`{key}`: it is not {int(answer):,}.", cause, nudge)
