"""Check of lesson 07's exercise to design a network."""

from typing import Any

import numpy as np

from helpers.checks.core import Wrong, check
from helpers.checks.describe import describe
from helpers.checks.networks import all_layers, check_parameters

_NOT_PROBABILITIES = {
    "relu": "`relu` cuts negative values to 0 and knows no sum; a class at 0 gets no gradient.",
    "sigmoid": "`sigmoid` decides each class for itself, so they need not sum to 1.",
    "linear": "without activation the outputs are scores (logits) of any size.",
}
_NORMALIZING = ("BatchNormalization", "Normalization", "LayerNormalization", "GroupNormalization")


@check("fashion_mnist_regrouping.architecture")
def check_architecture(
    model: Any,
    *,
    classes: int = 3,
    max_parameters: int = 200_000,
    input_shape: tuple[int, int, int] = (28, 28, 1),
) -> str:
    """Check a network of one's own: pixels 0..255 to probabilities, within a parameter budget.

    Args:
        model: the student's: (n, *input_shape) to (n, classes).
        classes: number of outputs.
        max_parameters: trained or not.
        input_shape: (height, width, channels).
    """
    import keras

    if not isinstance(model, keras.Model):
        cause = "call the function that builds the model." if callable(model) else ""
        raise Wrong("type", f"expected a Keras model, got {describe(model)}.", cause)
    _check_shapes(model, input_shape, classes)
    _check_size(model, max_parameters)
    pixels = np.random.default_rng(1001).integers(0, 256, (8, *input_shape), dtype=np.uint8)
    _check_rescaled(model, pixels)
    _check_output(model, pixels)
    return (
        f"{model.count_params():,} of at most {max_parameters:,} parameters; pixels are rescaled, "
        f"and {classes} probabilities per image sum to 1."
    )


def _check_shapes(model: Any, input_shape: tuple[int, int, int], classes: int) -> None:
    try:
        inside, outside = tuple(model.input_shape[1:]), tuple(model.output_shape[1:])
    except (AttributeError, ValueError, TypeError):
        nudge = f"begin with `keras.Input({input_shape})`."
        text = "the model has no single input and output shape yet."
        raise Wrong("shape", text, "it does not know its input.", nudge) from None
    if inside != input_shape:
        causes = {
            input_shape[:2]: "the axis of the channels is missing; a grey picture has one channel.",
            (int(np.prod(input_shape)),): "pictures were flattened, so rows and columns are lost.",
            (*input_shape[:2], 3): "Fashion-MNIST is grey: one channel, not three colors.",
        }
        text = f"the model takes {inside}, images are {input_shape}."
        raise Wrong("shape", text, causes.get(inside, ""))
    if len(outside) == 3:
        raise Wrong(
            "shape",
            f"the model gives {outside} per image: height, width, channels.",
            "`Flatten` or `GlobalAveragePooling2D` is missing: a dense layer works on the last "
            "axis alone, once for each place of the picture.",
            "make the picture flat before the last layer.",
        )
    if outside != (classes,):
        cause = "that is all of Fashion-MNIST's classes." if outside == (10,) else ""
        text = f"the model gives {outside} per image, expected ({classes},)."
        raise Wrong("shape", text, cause, "the last layer needs one unit for each new class.")


def _check_size(model: Any, max_parameters: int) -> None:
    if model.count_params() == 0:
        raise Wrong("range", "the network has no parameters, so it cannot learn.")
    check_parameters(model, max_parameters)


def _check_rescaled(model: Any, pixels: np.ndarray) -> None:
    """Look at what the first layer with weights is given."""
    seen = _first_input(model, pixels)
    if seen is None:
        return
    largest = float(np.abs(seen).max())
    if largest > 10:
        raise Wrong(
            "value",
            f"the first layer with weights is given values up to {largest:.0f}.",
            "pixels from 0 to 255 go in as they are; the first steps of the training are then far "
            "too large.",
            "`layers.Rescaling(1 / 255)` as the first layer.",
        )
    if largest < 0.05:
        cause = "the pixels are divided twice, by two layers." if largest > 0 else ""
        text = f"the first layer with weights is given values of at most {largest:.2g}."
        raise Wrong("value", text, cause, "one `layers.Rescaling(1 / 255)` is enough.")


def _first_input(model: Any, pixels: np.ndarray) -> np.ndarray | None:
    """Input of the first layer with a kernel; None where a normalization comes before it.

    None also where it lies in a model inside the model, for its input belongs to that one.
    """
    import keras

    for layer in model.layers:
        if type(layer).__name__ in _NORMALIZING or hasattr(layer, "layers"):
            return None
        if layer.weights:
            try:
                before = keras.Model(model.inputs[0], layer.input)
                return keras.ops.convert_to_numpy(before(pixels, training=False))
            except (AttributeError, ValueError):  # a layer that is used twice has no one input
                return None
    return None


def _check_output(model: Any, pixels: np.ndarray) -> None:
    import keras

    outputs = keras.ops.convert_to_numpy(model(pixels, training=False))
    sums = outputs.sum(axis=-1)
    if np.isfinite(outputs).all() and outputs.min() >= 0 and np.allclose(sums, 1, atol=1e-3):
        return
    last = list(all_layers(model))[-1]
    name = getattr(getattr(last, "activation", None), "__name__", "")
    raise Wrong(
        "value",
        f"the outputs are no probabilities: for a random image they sum to {sums[0]:.3g}, with "
        f"values from {outputs[0].min():.3g} to {outputs[0].max():.3g}.",
        _NOT_PROBABILITIES.get(name, ""),
        "which activation makes positive numbers that sum to 1?",
    )
