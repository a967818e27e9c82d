"""The pictures as they are, mirrored, or augmented: always the same for the same seed."""

from collections.abc import Callable

import numpy as np

from helpers.errors import UserError

PLAIN, MIRROR = "plain", "mirror"
View = str | Callable


def check(views: tuple[View, ...]) -> None:
    """Raises UserError unless each view is "plain", "mirror" or can be called."""
    if isinstance(views, str) or not isinstance(views, tuple | list) or not len(views):
        raise UserError(f"views is {views!r}: pass a tuple such as ('plain', 'mirror')")
    for view in views:
        if view not in (PLAIN, MIRROR) if isinstance(view, str) else not callable(view):
            raise UserError(
                f"view {view!r} is unknown: use 'plain', 'mirror' or an object of helpers.augment"
            )


def apply(view: View, images: np.ndarray, chance: tuple[int, ...]) -> np.ndarray:
    """One batch as a view shows it.

    Args:
        view: see `check`.
        images: (n, height, width, channels), any dtype.
        chance: whole numbers that an augmentation's random generator starts from.

    Returns:
        (n, height, width, channels).

    Raises:
        UserError: the augmentation changes the labels or the size, so nothing can be cached.
    """
    if isinstance(view, str):
        return images if view == PLAIN else images[:, :, ::-1]
    # Two columns, as one-hot labels have: an augmentation that mixes labels shows it here.
    labels = np.stack([np.arange(len(images)), np.arange(len(images))[::-1]], 1).astype("float32")
    changed, after = view(images, labels.copy(), np.random.default_rng(chance))
    if not np.array_equal(after, labels):
        raise UserError(
            f"view {view!r} changes the labels: activations are kept without labels, use an "
            "augmentation that leaves them as they are, such as FlipShift()"
        )
    if np.shape(changed) != images.shape:
        raise UserError(
            f"view {view!r} makes pictures {np.shape(changed)[1:]} of {images.shape[1:]}: use an "
            "augmentation that keeps their size"
        )
    return np.asarray(changed)
