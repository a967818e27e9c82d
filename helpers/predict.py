"""From a picture to class names with probabilities."""

from collections.abc import Sequence

import keras
import numpy as np

from helpers.errors import UserError


def top_k(
    model: keras.Model, image: np.ndarray, class_names: Sequence[str], k: int = 5
) -> list[tuple[str, float]]:
    """The k likeliest classes of one picture, likeliest first.

    Args:
        model: takes (n, height, width, channels), gives (n, classes) probabilities.
        image: (height, width, channels) uint8 or float, in the range the model was trained on.
        class_names: one name an output.
        k: how many; all classes where there are fewer.

    Returns:
        (name, probability in 0..1) pairs.

    Raises:
        UserError: the picture does not fit the model, or the names do not fit its outputs.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise UserError(f"k is {k!r}: use a whole number, 1 or more")
    image = _checked_image(image, getattr(model, "input_shape", (None,) * 4))
    batch = keras.ops.convert_to_tensor(image[None])
    probabilities = keras.ops.convert_to_numpy(model(batch, training=False))[0].astype(np.float64)
    if probabilities.ndim != 1 or len(probabilities) != len(class_names):
        raise UserError(
            f"{len(class_names)} class names but the model's output has shape "
            f"{probabilities.shape}: pass the names of the data it was trained on"
        )
    if probabilities.min() < -1e-3 or abs(probabilities.sum() - 1) > 1e-2:
        raise UserError(
            "the model's outputs are not probabilities, for they do not sum to 1: "
            "end it with a softmax, as in keras.Sequential([model, keras.layers.Softmax()])"
        )
    likeliest = np.argsort(-probabilities, kind="stable")[:k]
    return [(class_names[label], float(probabilities[label])) for label in likeliest]


def probabilities(
    model: keras.Model,
    images: np.ndarray,
    *,
    mirror: bool = False,
    shift: int = 0,
    batch_size: int = 500,
) -> np.ndarray:
    """Class probabilities of many pictures, on request as a mean over several views of each.

    The mean over views is usually a little better than any one of them (test-time augmentation).

    Args:
        model: takes (n, height, width, channels), gives (n, classes) probabilities.
        images: (n, height, width, channels), in the range the model was trained on.
        mirror: whether to look at each picture's mirror image too.
        shift: look also at each picture moved by so many pixels to the upper left and to the
            lower right; both together count as much as the picture in place. 0: do not.
        batch_size: pictures in a batch.

    Returns:
        (n, classes) float32.
    """
    images = np.asarray(images)
    views, weights = [images], [1.0]
    if shift:
        views += [_moved(images, shift), _moved(images, -shift)]
        weights += [0.5, 0.5]
    if mirror:
        views += [view[:, :, ::-1] for view in views]
        weights += weights
    answers = [
        model.predict(np.ascontiguousarray(view), batch_size=batch_size, verbose=0)
        for view in views
    ]
    return np.average(answers, axis=0, weights=weights).astype(np.float32)


def _moved(images: np.ndarray, pixels: int) -> np.ndarray:
    """Copies moved along the diagonal; what comes in at an edge is the picture reflected there."""
    edge = abs(pixels)
    padded = np.pad(images, ((0, 0), (edge, edge), (edge, edge), (0, 0)), mode="reflect")
    start = edge + pixels
    height, width = images.shape[1:3]
    return padded[:, start : start + height, start : start + width]


def confidence(probabilities: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted class and its probability for each picture.

    Args:
        probabilities: (n, classes) float.

    Returns:
        (n,) int64 labels and (n,) probabilities, dtype as given.

    Raises:
        UserError: not two axes, or no classes.
    """
    probabilities = np.asarray(probabilities)
    if probabilities.ndim != 2 or probabilities.shape[1] == 0:
        raise UserError(
            f"probabilities have shape {probabilities.shape}: pass (n, classes), "
            "as model.predict returns them"
        )
    return probabilities.argmax(axis=1).astype(np.int64), probabilities.max(axis=1)


def _checked_image(image: np.ndarray, input_shape: tuple) -> np.ndarray:
    """The picture as an array, if the model takes it."""
    image = np.asarray(image)
    expected = tuple(input_shape[1:])
    if image.ndim == len(expected) + 1 and len(image) == 1:
        raise UserError(f"image is a batch of one, shape {image.shape}: pass image[0]")
    fits = image.ndim == len(expected) and all(
        size is None or size == given for size, given in zip(expected, image.shape, strict=True)
    )
    if not fits:
        raise UserError(
            f"image has shape {image.shape} but the model takes {expected}: "
            "resize it, and keep (height, width, channels) in this order"
        )
    if image.dtype.kind not in "uif":
        raise UserError(f"image has dtype {image.dtype}: pass uint8 or float pixels")
    if not np.isfinite(image).all():
        raise UserError("image holds NaN or infinity: look at how it was prepared")
    return image
