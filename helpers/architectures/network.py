"""From a number to a Keras model."""

from numbers import Integral

import keras
from keras import layers

from helpers.architectures import branching, convolutional, dense
from helpers.architectures.sheet import find
from helpers.errors import UserError

_BODIES = {
    1: dense.softmax_regression,
    2: dense.one_hidden_layer,
    3: convolutional.large_kernels,
    4: convolutional.strides,
    5: convolutional.two_poolings,
    6: convolutional.global_average,
    7: convolutional.separable,
    8: branching.two_branches,
    9: branching.shortcuts,
    10: convolutional.three_poolings,
}
_SMALLEST_SIDE = 22  # pixels; number 10 has nothing left of smaller pictures


def build(
    number: int,
    classes: int = 3,
    input_shape: tuple[int, int, int] = (28, 28, 1),
    output: str | None = "softmax",
) -> keras.Model:
    """Build an architecture of the task sheet, with new random weights.

    Call `keras.utils.set_random_seed` first where the weights are to be the same every time.

    Args:
        number: 1 to 10.
        classes: number of outputs, 2 or more.
        input_shape: (height, width, channels), both sides 22 pixels or more.
        output: activation of the last layer; another than softmax gives no probabilities.

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float,
        to (n, classes) probabilities.

    Raises:
        UserError: there is no such number, or classes or input_shape are out of range.
    """
    row = find(number)
    if not isinstance(classes, Integral) or isinstance(classes, bool) or classes < 2:
        raise UserError(f"classes is {classes!r}: give the number of classes, 2 or more")
    if not _is_shape(input_shape):
        raise UserError(
            f"input_shape is {input_shape!r}: give (height, width, channels), both sides "
            f"{_SMALLEST_SIDE} pixels or more"
        )
    inputs = keras.Input(input_shape)
    x = layers.Rescaling(1 / 255)(inputs)
    x = _BODIES[row.number](x)
    outputs = layers.Dense(classes, activation=output)(x)
    return keras.Model(inputs, outputs, name=f"architecture_{row.number}")


def _is_shape(shape: object) -> bool:
    if not isinstance(shape, tuple | list) or len(shape) != 3:
        return False
    whole = all(isinstance(side, Integral) for side in shape)
    return whole and min(shape[:2]) >= _SMALLEST_SIDE and shape[2] >= 1
