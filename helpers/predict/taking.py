"""What a given model takes."""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np

from helpers import pictures
from helpers.errors import UserError

_LEAST_DIVISOR = 50  # a Rescaling layer that divides by less is no "/ 255" or "/ 127.5"


@dataclass(frozen=True)
class Takes:
    """What a model takes.

    Attributes:
        shape: (height, width, channels) or (height, width); None where any will do.
        white: the value of white, 255 or 1; None where nobody knows.
        how: of `pictures.WAYS`, for pictures of another size.
    """

    shape: tuple[int | None, ...]
    white: float | None
    how: str


def takes(
    model: keras.Model,
    *,
    how: str = "crop",
    size: int | None = None,
    white: float | None = None,
) -> Takes:
    """What a model takes, from its own input and from what the user adds.

    Args:
        model: with one input of pictures.
        how: one of `pictures.WAYS`.
        size: pixels a side, for a model that takes any.
        white: 255 or 1, the value of white in the pictures it was trained on. By default 255 if
            the model begins by dividing by such a number itself; else it is not known.

    Raises:
        UserError: an option out of range, or a model that takes no pictures.
    """
    shape = getattr(model, "input_shape", (None,) * 4)  # not known before it is built
    if not isinstance(shape, tuple) or (shape and isinstance(shape[0], tuple)):
        raise UserError("the model has several inputs: pass one that takes a picture alone")
    shape = tuple(shape[1:])
    if len(shape) not in (2, 3):
        raise UserError(f"the model takes {shape}, no pictures: pass one that takes pictures")
    if how not in pictures.WAYS:
        raise UserError(f"how is {how!r}: use one of {', '.join(pictures.WAYS)}")
    if white not in (None, 1, 255):
        raise UserError(f"white is {white!r}: use 255, or 1 for a model trained on 0 to 1")
    if size is not None:
        shape = _with_size(shape, size)
    if white is None and divides_itself(model):
        white = 255
    return Takes(shape, white, how)


def divides_itself(model: keras.Model) -> bool:
    """Whether the model begins by dividing pixels by 255 or the like, before any weights."""
    for layer in _layers(model):
        if isinstance(layer, keras.layers.Rescaling):
            return bool(np.max(np.abs(layer.scale)) <= 1 / _LEAST_DIVISOR)
        if type(layer).__name__ == "TrueDivide":  # `x / 127.5`, as in MobileNet's preprocessing
            return True
        if getattr(layer, "weights", ()):  # a bare operation has none
            return False
    return False


def _layers(model: keras.Model) -> Iterator:
    """All layers and bare operations in their order, those of models within the model too."""
    for part in getattr(model, "operations", None) or getattr(model, "layers", ()):
        if isinstance(part, keras.Model):
            yield from _layers(part)
        else:
            yield part


def _with_size(shape: tuple[int | None, ...], size: int) -> tuple[int | None, ...]:
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not 1 <= size <= 1024:
        raise UserError(f"size is {size!r}: use a whole number of pixels from 1 to 1024")
    if any(side not in (None, size) for side in shape[:2]):
        raise UserError(f"size is {size} but the model takes {shape}: leave size out")
    return (int(size), int(size), *shape[2:])
