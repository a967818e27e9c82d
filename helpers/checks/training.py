"""Checks of lesson 02 about training: when to stop, and which epoch was best."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe, shorten
from helpers.checks.student import call


@check("baseline_cnn.early_stopping")
def check_early_stopping(callback: Any) -> str:
    """Check an `EarlyStopping` callback: val_loss, patience 3, best weights restored."""
    from keras.callbacks import EarlyStopping

    if callback is EarlyStopping:
        raise Wrong(
            "type",
            "expected a callback, got the class `EarlyStopping` itself.",
            "the parentheses are missing.",
            "call the class, with its settings.",
        )
    if not isinstance(callback, EarlyStopping):
        cause = (
            "`fit` takes a list, this check takes the one callback."
            if isinstance(callback, list)
            else ""
        )
        raise Wrong(
            "type", f"expected an `EarlyStopping` callback, got {describe(callback)}.", cause
        )
    watched = callback.monitor
    if watched != "val_loss":
        if not str(watched).startswith("val_"):
            cause = "it watches the training data, which the network may learn by heart."
        else:
            cause = "accuracy moves in steps and says nothing of how sure the network is."
        if getattr(callback, "mode", "auto") == "min" and "acc" in str(watched):
            cause += " With `mode` 'min' it even waits for accuracy to fall."
        raise Wrong(
            "value",
            f"it watches `{watched}`.",
            cause,
            "which curve rises again first when a network overfits?",
        )
    if getattr(callback, "mode", "auto") == "max":
        raise Wrong(
            "value",
            "`mode` is 'max', so a falling loss counts as no progress.",
            "a mode meant for accuracy.",
            "a loss is better when it is smaller; the default mode knows that.",
        )
    if callback.patience != 3:
        causes = {0: "the default: one epoch without progress, and training ends."}
        raise Wrong(
            "value",
            f"`patience` is {shorten(callback.patience, 20)}, asked for was 3.",
            causes.get(callback.patience, ""),
            "patience is the number of epochs without progress to wait.",
        )
    if not callback.restore_best_weights:
        raise Wrong(
            "value",
            "the best weights are not restored.",
            "the default: the model keeps its last weights, which are 3 epochs past the best.",
            "see the argument `restore_best_weights`.",
        )
    return "watches `val_loss`, waits 3 epochs, and goes back to the best weights."


@check("baseline_cnn.best_epoch")
def check_best_epoch(function: Callable[[dict[str, list[float]]], int]) -> str:
    """Check a function from a history's dictionary to the epoch with the lowest val_loss.

    Epochs count from 1, as Keras prints them.
    """
    for history in _histories():
        val_loss = history["val_loss"]
        best = int(np.argmin(val_loss))
        result = call(function, history)
        if isinstance(result, bool) or not isinstance(result, int | float | np.number | np.ndarray):
            raise Wrong("type", f"expected a number, got {describe(result)}.")
        if np.size(result) != 1:
            raise Wrong(
                "shape", f"expected one number, got {describe(result)}.", "one epoch is asked for."
            )
        number = float(np.reshape(result, ()))
        if number == best + 1:
            continue
        causes = {
            best: "Python counts from 0, epochs count from 1.",
            int(np.argmax(val_loss)) + 1: "the highest loss (`argmax`) instead of the lowest.",
            int(np.argmin(history["loss"]))
            + 1: "the training loss instead of the validation loss.",
            int(np.argmax(history["val_accuracy"]))
            + 1: "the best accuracy; the lowest loss was asked for.",
            len(val_loss): "the last epoch, not the best.",
            min(val_loss): "that is the lowest loss itself, not the epoch it was reached in.",
        }
        raise Wrong(
            "value",
            f"the lowest `val_loss` is in epoch {best + 1}, your function says {number:g}.",
            causes.get(number, ""),
            "find the position of the lowest value in the list, then turn it into an epoch.",
        )
    return "right for two runs of different length; epochs count from 1."


def _histories() -> Iterator[dict[str, list[float]]]:
    """Two runs in which each usual mistake leads to another epoch."""
    yield {
        "loss": [1.9, 1.5, 1.2, 0.9, 0.7, 0.6, 0.4, 0.5],
        "accuracy": [0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.85],
        "val_loss": [1.6, 1.7, 1.1, 0.95, 0.9, 1.0, 1.2, 1.3],
        "val_accuracy": [0.4, 0.3, 0.5, 0.6, 0.65, 0.7, 0.68, 0.66],
    }
    yield {
        "loss": [1.8, 1.4, 1.1, 0.8, 0.9],
        "accuracy": [0.3, 0.5, 0.6, 0.7, 0.65],
        "val_loss": [1.7, 1.15, 1.25, 1.4, 1.45],
        "val_accuracy": [0.4, 0.5, 0.6, 0.55, 0.5],
    }
