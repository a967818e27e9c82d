"""Class probabilities of many pictures, and the answers in them."""

import keras
import numpy as np

from helpers.errors import UserError


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
