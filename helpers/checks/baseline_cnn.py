"""Checks of lesson 02: parameters, a small network, early stopping, the best epoch."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Wrong, as_array, call, check, compare, describe
from helpers.checks.networks import require_classifier

_MOST_PARAMETERS = 60_000
_BIAS = "the bias is forgotten: one more number for each output."
_PER_PIXEL = "you multiplied by the size of the image; a kernel is shared by all positions."
_COUNTS = {
    "conv": (
        3 * 3 * 32 * 64 + 64,
        {
            3 * 3 * 32 * 64: _BIAS,
            3 * 3 * 64 + 64: "each kernel goes through all 32 input channels, not through one.",
            3 * 3 * 3 * 64 + 64: "the input has 32 channels here, not the 3 colors.",
            3 * 3 * 32 * 64 + 32: "there is one bias per output channel, not per input channel.",
            (3 * 3 * 32 * 64 + 64) * 32 * 32: _PER_PIXEL,
            3 * 3 * 32 * 64 * 32 * 32: _PER_PIXEL,
        },
        "kernel height × width × input channels × output channels, then the biases.",
    ),
    "batch_norm": (
        4 * 64,
        {
            2 * 64: "gamma and beta only; the moving mean and variance are stored as well.",
            64: "a channel needs more than one number: scale, shift, mean and variance.",
            4: "four numbers is right, but for each channel.",
            4 * 64 * 32 * 32: _PER_PIXEL,
        },
        "count what the layer stores for one channel, trained or not; then take all channels.",
    ),
    "dense": (
        2048 * 128 + 128,
        {
            2048 * 128: _BIAS,
            2048 * 128 + 2048: "there is one bias per output, not per input.",
            2048 + 128: "inputs and outputs are multiplied, not added: each is joined to each.",
        },
        "every output has one weight per input, and a bias.",
    ),
}
_BY_HEART = "it watches the training data, which the network may learn by heart."
# What is right for `EarlyStopping`, and what another value leads to.
_STOPPING = {
    "monitor": (("val_loss",), "accuracy moves in steps and says nothing of how sure it is."),
    "mode": (("auto", "min"), "with 'max' a falling loss counts as no progress."),
    "patience": ((3,), "patience is the number of epochs without progress to wait."),
    "restore_best_weights": ((True,), "the model would keep its last weights, not the best."),
    "baseline": ((None,), "a network that is not better than that after 3 epochs is stopped."),
    "start_from_epoch": ((0,), "in the epochs before it nothing is watched."),
}
# Two runs in which each usual mistake leads to another epoch.
_HISTORIES = (
    {
        "loss": [1.9, 1.5, 1.2, 0.9, 0.7, 0.6, 0.4, 0.5],
        "accuracy": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.85],
        "val_loss": [1.6, 1.7, 1.1, 0.95, 0.9, 1.0, 1.2, 1.3],
        "val_accuracy": [0.4, 0.3, 0.5, 0.6, 0.65, 0.7, 0.68, 0.66],
    },
    {
        "loss": [1.8, 1.4, 1.1, 0.8, 0.9],
        "accuracy": [0.3, 0.5, 0.6, 0.7, 0.65],
        "val_loss": [1.7, 1.15, 1.25, 1.4, 1.45],
        "val_accuracy": [0.4, 0.5, 0.6, 0.55, 0.5],
    },
)


@check("baseline_cnn.parameter_counts")
def parameter_counts(answers: Mapping[str, Any]) -> str:
    """Check the parameters of three layers, biases and all that is stored included.

    "conv" is 3 x 3 from 32 to 64 channels, "batch_norm" has 64, "dense" takes 2,048 to 128.
    """
    walk_numbers(answers, _COUNTS)
    return "all three counts, biases and moving statistics included."


@check("baseline_cnn.small_network")
def small_network(model: Any) -> str:
    """Check a small CNN: pixels (n, 32, 32, 3) to (n, 10) probabilities, 60,000 parameters."""
    require_classifier(model, most=_MOST_PARAMETERS)
    return f"{model.count_params():,} parameters; ten probabilities per image, summing to 1."


@check("baseline_cnn.early_stopping")
def early_stopping(callback: Any) -> str:
    """Check an `EarlyStopping` callback: val_loss, patience 3, best weights restored."""
    from keras.callbacks import EarlyStopping

    if not isinstance(callback, EarlyStopping):
        cause = "the parentheses are missing." if callback is EarlyStopping else ""
        if isinstance(callback, list):
            cause = "`fit` takes a list, this check the one callback."
        text = f"expected an `EarlyStopping` callback, got {describe(callback)}."
        raise Wrong("type", text, cause)
    if abs(callback.min_delta) > 0.01:
        text = f"`min_delta` is {abs(callback.min_delta):g}: a smaller improvement counts as none."
        cause = "the loss seldom falls by so much in an epoch: training would end too early."
        raise Wrong("value", text, cause, "leave `min_delta` at its default, 0.")
    for name, (right, cause) in _STOPPING.items():
        if (value := getattr(callback, name)) not in right:
            cause = cause if str(value).startswith("val_") or name != "monitor" else _BY_HEART
            text = f"`{name}` is {value!r}, expected {right[0]!r}."
            raise Wrong("value", text, cause, f"see the argument `{name}` of `EarlyStopping`.")
    return "watches `val_loss`, waits 3 epochs, and goes back to the best weights."


@check("baseline_cnn.best_epoch")
def best_epoch(function: Callable[[dict[str, list[float]]], int]) -> str:
    """Check a function from a history's dictionary to the epoch with the lowest val_loss.

    Epochs count from 1, as Keras prints them.
    """
    for history in _HISTORIES:
        losses = history["val_loss"]
        causes = {
            "Python counts from 0, epochs count from 1.": np.argmin(losses),
            "the highest loss (`argmax`) instead of the lowest.": np.argmax(losses) + 1,
            "the training loss, not the validation loss.": np.argmin(history["loss"]) + 1,
            "the best accuracy, not the lowest loss.": np.argmax(history["val_accuracy"]) + 1,
            "the last epoch, not the best.": len(losses),
            "that is the lowest loss itself, not the epoch it was reached in.": min(losses),
        }
        result = as_array(call(function, history), "one number", shape=())
        nudge = "find the position of the lowest value in the list, then turn it into an epoch."
        compare(result, np.argmin(losses) + 1, causes=causes, nudge=nudge)
    return "right for two runs of different length; epochs count from 1."
