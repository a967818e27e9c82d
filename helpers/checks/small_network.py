"""Check of lesson 02's exercise to build a network."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.networks import all_layers, check_parameters

_INPUT = (32, 32, 3)
_CLASSES = 10
_MOST_PARAMETERS = 60_000


@check("baseline_cnn.small_network")
def check_small_network(model: Any) -> str:
    """Check a small CNN: (n, 32, 32, 3) to (n, 10) probabilities, at most 60,000 parameters."""
    import keras

    if not isinstance(model, keras.Model):
        cause = "call the function that builds the model." if callable(model) else ""
        raise Wrong("type", f"expected a Keras model, got {describe(model)}.", cause)
    _check_shapes(model)
    layers = list(all_layers(model))
    if not any(isinstance(layer, keras.layers.Conv2D) for layer in layers):
        raise Wrong(
            "type",
            "the network has no `Conv2D` layer.",
            "dense layers alone see 3,072 numbers without their places in the picture.",
            "begin with one or two `Conv2D` layers, each with pooling behind it.",
        )
    check_parameters(model, _MOST_PARAMETERS)
    _check_output(model, layers[-1])
    return f"{model.count_params():,} parameters; {_CLASSES} probabilities per image, summing to 1."


def _check_shapes(model: Any) -> None:
    try:
        inside, outside = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    except (AttributeError, ValueError, TypeError):
        raise Wrong(
            "shape",
            "the model has no single input and output shape yet.",
            "it does not know its input.",
            "begin with `keras.Input((32, 32, 3))`.",
        ) from None
    if inside != _INPUT:
        cause = ""
        if inside == (3, 32, 32):
            cause = "channels come last in Keras."
        elif inside == (3072,):
            cause = "images were flattened, so their rows and columns are lost."
        raise Wrong("shape", f"the model takes {inside}, images are {_INPUT}.", cause)
    if outside != (_CLASSES,):
        cause = ""
        if len(outside) == 3:
            cause = "there is still a picture at the end: height, width, channels."
        elif outside == (1,):
            cause = "one output can tell two classes apart; here are ten."
        raise Wrong(
            "shape",
            f"the model gives {outside} per image, expected ({_CLASSES},).",
            cause,
            "the last layer needs one unit per class, and a flat input.",
        )


def _check_output(model: Any, last: Any) -> None:
    import keras

    name = getattr(getattr(last, "activation", None), "__name__", "")
    causes = {
        "relu": "`relu` cuts negative values to 0 and knows no sum: no probabilities, and no "
        "gradient for classes at 0.",
        "sigmoid": "`sigmoid` decides each class for itself, so the ten need not sum to 1.",
        "linear": "without activation the outputs are scores (logits) of any size.",
    }
    images = np.random.default_rng(1001).random((4, *_INPUT), dtype=np.float32)
    outputs = keras.ops.convert_to_numpy(model(images, training=False))
    sums = outputs.sum(axis=-1)
    in_range = np.isfinite(outputs).all() and outputs.min() >= 0
    if not (in_range and np.allclose(sums, 1, atol=1e-3)):
        raise Wrong(
            "value",
            "the outputs are no probabilities: for a random image they sum to "
            f"{sums[0]:.3g}, with values from {outputs[0].min():.3g} to {outputs[0].max():.3g}.",
            causes.get(name, ""),
            "which activation turns ten scores into ten positive numbers that sum to 1?",
        )
