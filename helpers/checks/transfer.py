"""Checks of lesson 06: parameters left to train, pixels for MobileNetV2, unfreezing, a new head."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import softmax

from helpers.checks.answers import walk_numbers
from helpers.checks.core import Wrong, as_array, call, check, compare, describe, require_model
from helpers.checks.networks import require_probabilities, require_shapes, trace

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
            0: "the base is frozen, so its parameters are not trained; they are still there.",
            _BASE + _HIDDEN_256: "that is the whole network, head included.",
            410_208: "that is the base of the small network; S3's has alpha 1.0.",
        },
        "the base is the same whichever head follows; the cell above printed its size.",
    ),
}


@check("transfer.trainable_counts")
def trainable_counts(answers: Mapping[str, Any]) -> str:
    """Check parameter counts of S3's network with other heads.

    They are integers by "one_layer" and "hidden_256" (trainable) and "frozen" (the base).
    """
    walk_numbers(answers, _COUNTS)
    return "both heads, and the base that stays the same."


@check("transfer.prepare")
def prepare(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from uint8 pixels (n, h, w, 3) to float32 in [-1, 1]."""
    pixels = np.random.default_rng(1001).integers(0, 256, (4, 8, 6, 3), dtype=np.uint8)
    result = as_array(call(function, pixels), "pixels of the images' shape", shape=pixels.shape)
    values, wrapped = pixels.astype(np.float32), (pixels - np.uint8(127)) / 127.5
    causes = {
        "that is the range from 0 to 1; MobileNetV2 wants -1 to 1.": values / 255,
        "the division comes first, then the subtraction of 1.": (values - 1) / 127.5,
        "divided by 255 instead of 127.5.": values / 255 - 1,
        "the values are shifted, but not divided by 127.5.": values - 127.5,
        "the pixels were not changed.": values,
        "divided, but not shifted: subtract 1.": values / 127.5,
        "the calculation ran in `uint8`, where numbers below 0 start again at 255.": wrapped,
        "blue and red are exchanged; MobileNetV2 wants red first.": values[..., ::-1] / 127.5 - 1,
        "whole numbers cannot hold what lies between -1 and 1.": lambda it: it.dtype.kind != "f",
    }
    compare(result, values / 127.5 - 1, causes=causes, nudge="where do 0 and 255 go?", atol=1e-3)
    if result.dtype != np.float32:
        text = f"the values are right, but of type `{result.dtype}`."
        cause = "a division of whole numbers gives `float64`, which is twice as large."
        raise Wrong("type", text, cause, "convert with `.astype('float32')` before you calculate.")
    return "0 becomes -1, 255 becomes 1, as `float32`, and the images are not changed."


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


@check("transfer.new_head")
def new_head(model: Any, backbone: Any) -> str:
    """Check a head for (n, h, w, c) features of `backbone`: pooling, and one layer with softmax."""
    require_model(model)
    wanted = tuple(backbone.output_shape[1:])
    require_shapes(model, wanted, 10)
    if model.count_params() != (expected := wanted[-1] * 10 + 10):
        text = f"your head has {model.count_params():,} parameters, expected {expected:,}."
        cause = "more than one dense layer, or `Flatten`, which keeps every point of the map."
        nudge = "global average pooling has none; the dense layer has channels × 10 + 10."
        raise Wrong("value", text, cause if model.count_params() > expected else "", nudge)
    if len(model.trainable_weights) < len(model.weights):
        cause = "`trainable` is `False`, for the layer or for the whole head."
        raise Wrong("value", "the dense layer is frozen: this head can't learn.", cause)
    _check_probabilities(model, wanted)
    return f"takes features {wanted}, and gives ten probabilities with few parameters."


def _check_probabilities(model: Any, shape: tuple[int, ...]) -> None:
    """Compare them with those that pooling, by mean or maximum, and one dense layer give."""
    features = np.random.default_rng(1001).normal(size=(4, *shape)).astype("float32")
    steps = trace(model, features)
    require_probabilities(steps)
    kernel, bias = sorted(model.get_weights(), key=lambda weight: -weight.ndim)
    pooled = [pool(features, axis=(1, 2)) for pool in (np.mean, np.max)]
    ways = [softmax(values @ kernel.reshape(-1, 10) + bias, axis=-1) for values in pooled]
    found = steps[-1].made
    right = min(ways, key=lambda way: np.abs(way - found).max())
    nudge = "pooling and one dense layer with a softmax, and nothing else that changes numbers."
    compare(found, right, nudge=nudge, rtol=1e-3, atol=1e-4)
