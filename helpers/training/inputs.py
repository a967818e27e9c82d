"""Finds what would fail, or train nonsense, before the first step, and says it in one line."""

from collections.abc import Sequence

import keras
import numpy as np

from helpers.errors import UserError

_CHUNK = 4096  # pictures looked at in one go when searching for NaN


def checked_pair(pair: Sequence, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures and labels as arrays of equal length.

    Args:
        pair: (pictures, labels), arrays or nested lists.
        what: name for the message, as "training data".

    Raises:
        UserError: not two arrays, empty, of different lengths, or with NaN or infinity.
    """
    if isinstance(pair, np.ndarray) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise UserError(f"{what}: pass a pair of arrays, (images, labels)")
    x, y = (_array(values, what) for values in pair)
    if len(x) == 0:
        raise UserError(
            f"{what}: there are no pictures in it (shape {x.shape}): check how it was cut"
        )
    if len(x) != len(y):
        raise UserError(f"{what}: {len(x)} pictures but {len(y)} labels: cut both in the same way")
    for name, values in (("pictures", x), ("labels", y)):
        if (row := _first_not_finite(values)) is not None:
            raise UserError(
                f"{what}: the {name} hold NaN or infinity, first in row {row}: "
                "look for a division by zero or a missing value where they are prepared"
            )
    return x, y


def check_numbers(epochs: int, batch_size: int, seed: int) -> None:
    """Raises UserError unless epochs and batch size are at least 1 and the seed at least 0."""
    for name, value, least in (
        ("epochs", epochs, 1),
        ("batch_size", batch_size, 1),
        ("seed", seed, 0),
    ):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise UserError(f"{name} is {value!r}: use a whole number, {least} or more")


def check_compiled(model: keras.Model) -> None:
    """Raises UserError for what is not a Keras model, or one that was not compiled."""
    if not isinstance(model, keras.Model):
        raise UserError(f"model is a {type(model).__name__}: pass a Keras model")
    if not model.compiled or model.optimizer is None:
        raise UserError(
            "the model is not compiled: call model.compile(optimizer, loss, metrics) before fit"
        )


def check_callbacks(callbacks: Sequence) -> None:
    """Raises UserError for what is no Keras callback, and for one that does `fit`'s own work."""
    for callback in callbacks:
        if not isinstance(callback, keras.callbacks.Callback):
            raise UserError(f"callbacks hold a {type(callback).__name__}: pass Keras callbacks")
        if isinstance(callback, keras.callbacks.BackupAndRestore):
            raise UserError("BackupAndRestore would resume the run a second time: leave it out")


def build(model: keras.Model, x: np.ndarray) -> tuple[int, ...]:
    """Build model and optimizer by trying the model on one picture.

    Returns:
        The output's shape without the batch axis.

    Raises:
        UserError: the model does not take such pictures.
    """
    try:
        output = model(keras.ops.convert_to_tensor(x[:1]), training=False)
    except Exception as error:  # backends raise kinds of their own
        expected = getattr(model, "input_shape", None)
        hint = f", it expects {expected}" if expected else ""
        raise UserError(
            f"the model does not take a batch of shape {x[:1].shape}{hint}: make input shape and "
            f"pictures agree ({_first_line(error)})"
        ) from error
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return tuple(getattr(output, "shape", (None,)))[1:]


def check_labels(y: np.ndarray, output_shape: tuple, loss: object, what: str) -> None:
    """Hold labels against the output layer and the loss.

    Args:
        y: (n,) or (n, 1) class numbers, or (n, classes) one-hot rows.
        output_shape: the model's output without the batch axis.
        loss: what the model was compiled with.
        what: name for the message.

    Raises:
        UserError: a label has no output, or the loss expects labels of the other kind.
    """
    if len(output_shape) != 1 or (classes := output_shape[0]) < 2:
        return
    kind = _loss_name(loss)
    numbers = y.ndim == 1 or (y.ndim == 2 and y.shape[1] == 1)
    if "sparse" in kind and not numbers:
        raise UserError(
            f"{what}: labels have shape {y.shape} but the loss expects class numbers of shape "
            "(n,): use loss='categorical_crossentropy', or labels.argmax(axis=1)"
        )
    if "sparse" in kind and (y.min() < 0 or y.max() >= classes):
        raise UserError(
            f"{what}: labels run from {y.min()} to {y.max()} but the output layer has {classes} "
            f"units, for 0 to {classes - 1}: correct the labels or the output layer"
        )
    if kind == "categoricalcrossentropy" and y.shape[1:] != tuple(output_shape):
        way = "'sparse_categorical_crossentropy'" if numbers else f"one-hot rows of {classes}"
        raise UserError(
            f"{what}: labels have shape {y.shape} but the loss expects (n, {classes}): use "
            f"{'loss=' if numbers else ''}{way}"
        )


def _array(values: object, what: str) -> np.ndarray:
    try:
        array = np.asanyarray(values)  # a sealed test split stays sealed, a memory map on disk
    except Exception as error:
        raise UserError(f"{what}: cannot be read as an array ({_first_line(error)})") from error
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise UserError(
            f"{what}: expected arrays of numbers, got {type(values).__name__} (dtype "
            f"{array.dtype}): pass images and labels as NumPy arrays of one shape each"
        )
    return array


def _first_not_finite(values: np.ndarray) -> int | None:
    if values.dtype.kind != "f":
        return None
    for start in range(0, len(values), _CHUNK):
        chunk = values[start : start + _CHUNK]
        bad = ~np.isfinite(chunk).reshape(len(chunk), -1).all(axis=1)
        if bad.any():
            return start + int(bad.argmax())
    return None


def _loss_name(loss: object) -> str:
    """'sparsecategoricalcrossentropy' for the loss's text, function or class alike."""
    if not isinstance(loss, str):
        loss = getattr(loss, "__name__", type(loss).__name__)
    return loss.lower().replace("_", "")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0][:150]
