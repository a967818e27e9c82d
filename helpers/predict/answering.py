"""Ask a model about one prepared picture, and make sure that probabilities come back."""

from collections.abc import Sequence

import keras
import numpy as np

from helpers.errors import UserError


def answer(model: keras.Model, pixels: np.ndarray, *, mirror: bool = False) -> np.ndarray:
    """Probabilities of one picture.

    It is asked about alone, not in a batch with others: sums in another order would differ in the
    last digits, and the same picture should get the same answer everywhere.

    Args:
        model: to (n, classes) probabilities.
        pixels: (height, width, channels) or (height, width) float32, in the model's range.
        mirror: whether to take the mean with the mirror image.

    Returns:
        (classes,) float64.

    Raises:
        UserError: the model cannot take the picture, or its outputs are no probabilities.
    """
    found = _ask(model, pixels)
    if mirror:
        found = (found + _ask(model, np.ascontiguousarray(pixels[:, ::-1]))) / 2
    return found


def _ask(model: keras.Model, pixels: np.ndarray) -> np.ndarray:
    batch = keras.ops.convert_to_tensor(pixels[None])
    try:
        outputs = model(batch, training=False)
    except Exception as error:  # a backend raises its own kinds where shapes do not fit
        reason = (str(error) or type(error).__name__).strip().splitlines()[0][:120]
        raise UserError(
            f"the model cannot take a picture of shape {pixels.shape} ({reason}): pass what it "
            "was trained on"
        ) from error
    if isinstance(outputs, list | tuple | dict):
        raise UserError(
            f"the model has {len(outputs)} outputs: pass one with the classes' probabilities alone"
        )
    found = keras.ops.convert_to_numpy(outputs)[0].astype(np.float64)
    if not np.isfinite(found).all():
        raise UserError("the model's outputs hold NaN: its training failed, train it again")
    if found.ndim == 1 and (found.min() < -1e-3 or abs(found.sum() - 1) > 1e-2):
        raise UserError(
            "the model's outputs are not probabilities, for they do not sum to 1: "
            "end it with a softmax, as in keras.Sequential([model, keras.layers.Softmax()])"
        )
    return found


def checked_names(class_names: Sequence[str] | None, outputs: tuple[int, ...]) -> Sequence[str]:
    """One name an output; without any they are numbered.

    Raises:
        UserError: names and outputs differ in number.
    """
    if class_names is None and len(outputs) == 1:
        return tuple(f"class {number}" for number in range(outputs[0]))
    names = class_names if class_names is not None else ()
    if isinstance(names, str) or len(outputs) != 1 or outputs[0] != len(names):
        count = 1 if isinstance(names, str) else len(names)
        raise UserError(
            f"{count} class names but the model's output has shape {outputs}: pass the names of "
            "the data it was trained on"
        )
    return names
