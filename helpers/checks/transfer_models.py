"""Checks of lesson 06 about models: what is thawed, and a tail for a trunk."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, check
from helpers.checks.describe import describe, shorten
from helpers.checks.networks import all_layers
from helpers.checks.student import require_function

_FROM = "second_conv"


@check("transfer_learning.thaw_from")
def check_thaw_from(function: Callable[[Any, str], Any]) -> str:
    """Check a function (model, name) that thaws from a layer on, batch normalization excepted."""
    require_function(function)
    for before in (True, False):  # what the flags were must not matter
        model = _model()
        for layer in model.layers:
            layer.trainable = before
        result = _run(function, model)
        if result is ...:
            raise Todo
        if result is not None and not hasattr(result, "layers"):
            raise Wrong("type", f"expected the model or nothing, got {describe(result)}.")
        _check_flags(result if result is not None else model)
    return "frozen before the layer, thawed from it on, batch normalization frozen everywhere."


def _model() -> Any:
    import keras
    from keras import layers

    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, name="first_conv"),
            layers.BatchNormalization(name="first_bn"),
            layers.Conv2D(4, 3, name=_FROM),
            layers.BatchNormalization(name="second_bn"),
            layers.ReLU(name="second_relu"),
            layers.GlobalAveragePooling2D(name="pool"),
            layers.Dense(2, name="classes"),
        ]
    )


def _run(function: Callable[[Any, str], Any], model: Any) -> Any:
    try:
        return function(model, _FROM)
    except KeyboardInterrupt:
        raise
    except NotImplementedError:
        raise Todo from None
    except BaseException as error:  # exit() in a function must not end the notebook either
        raise Wrong(
            "run",
            f"your function stopped with `{type(error).__name__}: {shorten(error)}`.",
            "",
            "it is called as `thaw_from(model, name)` with a small model.",
        ) from None


def _check_flags(model: Any) -> None:
    flags = {layer.name: bool(layer.trainable) for layer in model.layers}
    if not model.trainable and not any(flags.values()):
        raise Wrong(
            "value",
            "nothing is trainable.",
            "the model itself was frozen with `model.trainable = False`.",
            "set `trainable` of the single layers.",
        )
    if not flags[_FROM]:
        text = f"the layer `{_FROM}` itself is still frozen."
        cause = "you begin one layer too late; the named layer is thawed too."
        if not flags["classes"]:
            cause = "`trainable` was only set to `False`; what was frozen must be thawed again."
        raise Wrong("value", text, cause)
    if not flags["classes"]:
        raise Wrong(
            "value",
            "the last layer is frozen.",
            "only the named layer was thawed; all later ones should be too.",
        )
    if flags["first_conv"]:
        raise Wrong(
            "value",
            "the layer `first_conv`, before the named one, is trainable.",
            "layers before the named one keep the value they had; set it to `False`.",
        )
    if flags["second_bn"]:
        raise Wrong(
            "value",
            "`second_bn`, a BatchNormalization layer, is trainable.",
            "it stands behind the named layer, but is the exception.",
            "`isinstance(layer, layers.BatchNormalization)`",
        )
    if flags["first_bn"]:
        raise Wrong(
            "value",
            "`first_bn`, a BatchNormalization layer before the named one, is trainable.",
            "a condition with `or` where `and` is needed.",
        )


@check("transfer_learning.new_tail")
def check_new_tail(model: Any, trunk: Any) -> str:
    """Check a tail for a trunk: its activations, pooled, then ten probabilities in one layer.

    Args:
        model: the student's.
        trunk: model whose output the tail takes, (n, h, w, channels).
    """
    import keras

    if isinstance(model, type) or not isinstance(model, keras.Model):
        cause = "a list of layers is no model yet." if isinstance(model, list) else ""
        raise Wrong("type", f"expected a Keras model, got {describe(model)}.", cause)
    if not model.built:
        raise Wrong(
            "shape",
            "the model does not know its input shape.",
            "`keras.Input(…)` is missing.",
            "begin with `keras.Input(trunk.output_shape[1:])`.",
        )
    wanted = tuple(trunk.output_shape[1:])
    _check_shapes(model, wanted)
    rng = np.random.default_rng(1001)
    answer = np.asarray(model(rng.random((4, *wanted), dtype=np.float32)))
    if not np.isfinite(answer).all() or answer.min() < 0 or not np.allclose(answer.sum(1), 1, 0.01):
        sums = float(answer.sum(axis=1)[0])
        raise Wrong(
            "range",
            f"the outputs are no probabilities: those of one picture sum to {sums:.3g}.",
            "the last layer has no softmax.",
            '`activation="softmax"`',
        )
    _check_size(model, wanted)
    return f"takes activations {wanted}, and gives ten probabilities with few parameters."


def _check_shapes(model: Any, wanted: tuple[int, ...]) -> None:
    given = tuple(model.input_shape[1:])
    if given != wanted:
        cause = ""
        if given[-1:] == (3,):
            cause = "those are pictures; the tail gets what the trunk made of them."
        elif len(given) == len(wanted) + 1:
            cause = "`keras.Input` adds the number of pictures itself: leave out the first entry."
        raise Wrong("shape", f"your tail takes {given}, the trunk gives {wanted}.", cause)
    if tuple(model.output_shape[1:]) != (10,):
        cause = ""
        if len(model.output_shape) == 4:
            cause = "the pooling is missing: a dense layer works on each point of a map."
        raise Wrong("shape", f"one picture gives {model.output_shape[1:]}, expected (10,).", cause)


def _check_size(model: Any, wanted: tuple[int, ...]) -> None:
    expected = wanted[-1] * 10 + 10
    found = model.count_params()
    if found == expected:
        return
    kinds = {type(layer).__name__ for layer in all_layers(model)}
    cause = ""
    if "Flatten" in kinds:
        cause = "`Flatten` keeps every point of the map; pooling leaves one number per channel."
    elif sum(type(layer).__name__ == "Dense" for layer in all_layers(model)) > 1:
        cause = "there is a hidden layer; one dense layer was asked for."
    raise Wrong(
        "value",
        f"your tail has {found:,} parameters, expected {expected:,}.",
        cause,
        "global average pooling has none; the dense layer has channels × 10 + 10.",
    )
