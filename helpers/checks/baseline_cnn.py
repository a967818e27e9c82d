"""Checks of lesson 02: a gradient step, an epoch's order, numbers of layers, two trained models."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Wrong, as_array, check
from helpers.checks.networks import require_accuracy, require_classifier
from helpers.checks.ordering import require_order

_MOST_PARAMETERS = 60_000
_MOST_STEPS = 600
_SMALL_BAR = 0.45  # what exercise 5 asks for
_MENDED_BAR = 0.20  # softmax regression reaches 0.27 or more, with wrong labels about 0.13

_SIGN = "the sign is turned: it is p - y, what the network said minus the truth."
_ERROR = {
    0.2689: _SIGN,
    0.7311: "this is p itself; y, which is 1 here, is still to be taken off.",
    -0.7311: "this is the probability of the deer, with a minus.",
}
_SLOPE = {
    0.5379: _SIGN,
    -0.2689: "the input is missing: w1 multiplies 2, so its slope is twice the error.",
    -0.1345: "multiplied by the weight w1 instead of its input.",
    1.4621: "p times the input; the slope needs the error, p - y.",
}
_NEW_WEIGHT = {
    -0.0379: "this step goes up the slope: the loss would rise.",
    0.5379: "this is the change; the old weight, 0.5, is still to be added.",
    0.7689: "the step took the error, not the slope.",
}
_STEP = {
    "error": (-0.2689, _ERROR, "first the score, then p by softmax, then p - y."),
    "slope": (-0.5379, _SLOPE, "error times the input that w1 multiplies."),
    "new_w1": (1.0379, _NEW_WEIGHT, "old weight minus learning rate times slope."),
}
_ORDER = {
    ("D", "B"): "the batches are cut from the shuffled images.",
    ("B", "C"): "what is moved to the right happens inside the loop over the batches.",
    ("C", "H"): "there is nothing to compare before the network has answered.",
    ("H", "F"): "`backward` begins at the loss, and the loss needs the probabilities.",
    ("F", "A"): "a weight can't step before its slope is known.",
    ("A", "E"): "validation comes when the epoch's steps are done.",
}
_BIAS = "the bias is forgotten: one more number for each output."
_PER_PIXEL = "you multiplied by the size of the image; a kernel is shared by all positions."
_CONV = {
    3 * 3 * 32 * 64: _BIAS,
    3 * 3 * 64 + 64: "each kernel goes through all 32 input channels, not through one.",
    3 * 3 * 3 * 64 + 64: "the input has 32 channels here, not the 3 colors.",
    3 * 3 * 32 * 64 + 32: "there is one bias per output channel, not per input channel.",
    (3 * 3 * 32 * 64 + 64) * 32 * 32: _PER_PIXEL,
    3 * 3 * 32 * 64 * 32 * 32: _PER_PIXEL,
}
_BATCH_NORM = {
    2 * 64: "scale and shift only; the running mean and variance are stored as well.",
    64: "a channel needs more than one number: scale, shift, mean and variance.",
    4: "four numbers is right, but for each channel.",
    4 * 64 * 32 * 32: _PER_PIXEL,
}
_DENSE = {
    2048 * 128: _BIAS,
    2048 * 128 + 2048: "there is one bias per output, not per input.",
    2048 + 128: "inputs and outputs are multiplied, not added: each is joined to each.",
}
_WIDTH = {
    16: "that is with `padding='same'`; without padding the kernel must fit in.",
    30: "that is with steps of one pixel; here the window moves by two.",
    15.5: "there is no half place: round down.",
    14.5: "the first place counts too: add 1 after the division.",
    14: "the first place counts too: add 1 after the division.",
}
_LAYERS = {
    "conv": (18_496, _CONV, "kernel height × width × channels in × channels out, then the biases."),
    "batch_norm": (256, _BATCH_NORM, "count what is stored for one channel, trained or not."),
    "dense": (262_272, _DENSE, "every output has one weight per input, and a bias."),
    "width": (15, _WIDTH, "how many places has a window of 3 in a row of 32, if it moves by 2?"),
}


@check("baseline_cnn.gradient_step")
def gradient_step(step: Mapping[str, Any]) -> str:
    """Check one step by hand: inputs (2, 1), weights (0.5, 0), true class, learning rate 1."""
    walk_numbers(step, _STEP, atol=0.006)
    return "the error is negative, so the weight grows, and with it the right class's score."


@check("baseline_cnn.training_epoch")
def training_epoch(order: Any) -> str:
    """Check the order of an epoch's lines; G, the step uphill, does not belong there."""
    uphill = "plus the slope is the direction in which the loss grows."
    require_order(order, "ABCDEFH", _ORDER, {"G": uphill})
    return "shuffle; for each batch forward, loss, backward, step; then validation."


@check("baseline_cnn.layer_numbers")
def layer_numbers(answers: Mapping[str, Any]) -> str:
    """Check the parameters of three layers, all that is stored included, and a width.

    "conv" is 3 x 3 from 32 to 64 channels, "batch_norm" has 64, "dense" takes 2,048 to 128;
    "width" is what a 3 x 3 convolution with stride 2 and no padding makes of 32 pixels.
    """
    walk_numbers(answers, _LAYERS)
    return "biases, running statistics and the first place of the window included."


@check("baseline_cnn.mended_training")
def mended_training(model: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Check that a program learns after it was mended; images and labels are for validation."""
    require_classifier(model, convolution=False)
    try:
        accuracy = require_accuracy(model, images, labels, _MENDED_BAR)
    except Wrong as wrong:
        cause = "what it learned about its own images does not hold for others."
        nudge = "look at what goes into `fit`, one row after the other."
        raise Wrong("value", wrong.text, cause, nudge) from None
    return f"it learns now: {accuracy:.0%} of the validation images."


@check("baseline_cnn.small_network")
def small_network(model: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Check a small CNN, pixels (n, 32, 32, 3) to (n, 10): its size, its steps, its accuracy."""
    require_classifier(model, most=_MOST_PARAMETERS)
    optimizer = getattr(model, "optimizer", None)  # none before `compile`
    steps = int(as_array(getattr(optimizer, "iterations", 0), "a number of steps", shape=()))
    if steps > _MOST_STEPS:
        text = f"the network made {steps:,} steps, at most {_MOST_STEPS} are allowed."
        cause = "too many epochs, or a second `fit`, which goes on where the first one ended."
        nudge = "build and compile the network anew, then call `fit` once, with fewer epochs."
        raise Wrong("range", text, cause, nudge)
    if not steps:
        text, cause = "the network made no step yet.", "`fit` was not called on this model."
        raise Wrong("run", text, cause, "compile the model, then call `fit`.")
    accuracy = require_accuracy(model, images, labels, _SMALL_BAR)
    return f"{accuracy:.1%} with {model.count_params():,} parameters and {steps} steps."
