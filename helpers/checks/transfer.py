"""Checks of lesson 06: parameters left to train, lines in order, unfreezing, a small head."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Wrong, call, check, describe, require_model
from helpers.checks.networks import require_accuracy, require_probabilities, trace
from helpers.checks.ordering import require_order

_BASE = 2_257_984  # MobileNetV2, alpha 1.0, without top
_BIAS = "the biases are forgotten: one more number for each output."
_ALL = "that is all parameters; the frozen ones are not trained."
_HIDDEN_256 = 1280 * 256 + 256 + 256 * 10 + 10
_COUNTS = {
    "one_layer": (
        1280 * 10 + 10,
        {
            1280 * 10: _BIAS,
            1280 * 10 + 1280: "there is one bias per output, not per input.",
            _BASE + 1280 * 10 + 10: _ALL,
        },
        "each of the 1,280 features is joined to each of the ten outputs.",
    ),
    "hidden_256": (
        _HIDDEN_256,
        {
            1280 * 256 + 256 * 10: _BIAS,
            1280 * 256 + 256: "this is the hidden layer alone; the output layer is trained too.",
            1280 * 256 + 256 + 1280 * 10 + 10: "the output layer stands on 256 numbers, not 1,280.",
            _BASE + _HIDDEN_256: _ALL,
        },
        "count two dense layers: 1,280 to 256, then 256 to 10.",
    ),
    "frozen": (
        _BASE,
        {
            0: "the backbone is frozen, so its parameters are not trained; they are still there.",
            _BASE + _HIDDEN_256: "that is the whole network, head included.",
        },
        "the backbone is the same whichever head follows; the cell above printed its size.",
    ),
}


@check("transfer.trainable_counts")
def trainable_counts(answers: Mapping[str, Any]) -> str:
    """Check parameter counts of S3's network with other heads.

    They are integers by "one_layer" and "hidden_256" (trainable) and "frozen" (the backbone).
    """
    walk_numbers(answers, _COUNTS)
    return "both heads, and the backbone that stays the same."


_BEFORE = {
    ("G", "D"): "line D compiles the model that line G makes.",
    ("E", "D"): "what is frozen counts from the next `compile` on.",
    ("D", "A"): "a model is compiled before it is trained.",
    (
        "A",
        "B",
    ): "with a random head, large gradients would spoil the borrowed layers: train it first.",
    ("B", "H"): "a change of `trainable` counts only after the next `compile`.",
    ("H", "F"): "`fit` would go on with the old rate, and with the backbone still frozen.",
}
_UNUSED = {"C": "a rate of 0.1 destroys what was borrowed; Adam wants 1e-5 to 1e-4 here."}


@check("transfer.lines_of_fine_tuning")
def lines_of_fine_tuning(answer: Any) -> str:
    """Check the order of the lines that train a head, then all layers."""
    require_order(answer, "GEDABHF", _BEFORE, _UNUSED)
    return "first the head on a frozen backbone, then all layers with a small rate."


_FROM = "second_conv"
# The right flag of each layer, and why it may be the other one.
_FLAGS = {
    _FROM: (True, "you begin one layer too late; the named layer is trained too."),
    "classes": (True, "only the named layer was unfrozen; all later ones should be too."),
    "first_conv": (False, "all layers were unfrozen, not only the later ones."),
    "second_bn": (False, "it stands behind the named layer, but batch normalization is excepted."),
    "first_bn": (False, "a condition with `or` where `and` is needed."),
}
_KEEPS = "layers that your code does not reach keep the value they had; set it to `False`."


@check("transfer.unfreeze_from")
def unfreeze_from(function: Callable[[Any, str], Any]) -> str:
    """Check a function (model, name) that unfreezes from a layer on, but no batch normalization."""
    from_true, from_false = (_flags_after(function, before) for before in (True, False))
    if not any(from_false.values()):
        text = "in a model that was frozen before, nothing is trainable."
        cause = "what is to be trained must be set to `True`, and not the model frozen as a whole."
        raise Wrong("value", text, cause, "set `trainable` of single layers.")
    if from_false["first_conv"] and not from_false["classes"]:
        text = f"layers before `{_FROM}` are trainable, later ones are frozen."
        raise Wrong("value", text, "the two sides are exchanged.")
    for name, (right, cause) in _FLAGS.items():
        if from_true[name] != right or from_false[name] != right:
            text = f"the layer `{name}` is {'frozen' if right else 'trainable'}."
            raise Wrong("value", text, cause if from_false[name] != right else _KEEPS)
    return "frozen before the layer, trainable from it on, batch normalization frozen everywhere."


def _flags_after(function: Callable[[Any, str], Any], before: bool) -> dict[str, bool]:
    """Which layers of a small model train after the call; `before`, all or none of them did."""
    from keras import Input, Sequential, layers

    model = Sequential(
        [
            Input((8, 8, 3)),
            layers.Conv2D(4, 3, name="first_conv"),
            layers.BatchNormalization(name="first_bn"),
            layers.Conv2D(4, 3, name=_FROM),
            layers.BatchNormalization(name="second_bn"),
            layers.Dense(2, name="classes"),
        ]
    )
    for layer in model.layers:
        layer.trainable = before
    result = call(function, model, _FROM, in_place=True)
    if result is not None and result is not model:
        raise Wrong("value", f"expected the model or nothing, got {describe(result)}.", "a copy?")
    return {layer.name: bool(layer.trainable and model.trainable) for layer in model.layers}


@check("transfer.small_head")
def small_head(model: Any, features: np.ndarray, labels: np.ndarray) -> str:
    """Check a trained head of one dense layer: (n, f) features to ten probabilities, 68 % right."""
    require_model(model)
    (count,) = wanted = features.shape[1:]
    if (found := tuple(model.input_shape[1:])) != wanted:
        cause = "it takes images, not their features." if len(found) == 3 else ""
        raise Wrong("shape", f"your head takes {found}, expected {wanted}.", cause)
    if tuple(model.output_shape[1:]) != (10,):
        raise Wrong("shape", f"it gives {tuple(model.output_shape[1:])}, expected ten numbers.")
    if model.count_params() != (expected := count * 10 + 10):
        text = f"your head has {model.count_params():,} parameters, expected {expected:,}."
        raise Wrong("value", text, "more than one dense layer." * (model.count_params() > expected))
    require_probabilities(trace(model, np.asarray(features[:4], "float32")))
    accuracy = require_accuracy(model, np.asarray(features), labels, 0.68)
    return f"{accuracy:.1%} of the validation images with {expected:,} parameters; the bar is 68 %."
