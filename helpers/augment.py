"""Augmentation of whole batches in NumPy: cheap on a CPU, and the same after a resume.

Every function draws from a generator that is handed in, and returns new arrays. For `training.fit`:

    def change(images, labels, rng):
        return augment.shift_and_flip(images, 2, rng), labels
"""

import numpy as np

from helpers.settings import CourseError


def shift_and_flip(images: np.ndarray, max_shift: int, rng: np.random.Generator) -> np.ndarray:
    """Copies shifted by up to `max_shift` pixels each way and mirrored with probability 1/2.

    What comes in at an edge is the image reflected there.

    Args:
        images: (n, height, width, channels), any dtype.
        max_shift: pixels, 0 or more.
        rng: source of the chance.

    Returns:
        (n, height, width, channels), dtype as given.

    Raises:
        CourseError: no batch of images.
    """
    _check_batch(images)
    n, height, width, _ = images.shape
    edge = (max_shift, max_shift)
    padded = np.pad(images, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    top, left = (rng.integers(0, 2 * max_shift + 1, n) for _ in range(2))
    mirrored = rng.random(n) < 0.5
    changed = np.empty_like(images)
    # Images that move alike are copied together: slices are much faster than single pixels.
    for row, column, turn in sorted(set(zip(top, left, mirrored, strict=True))):
        alike = np.flatnonzero((top == row) & (left == column) & (mirrored == turn))
        window = padded[alike, row : row + height, column : column + width]
        changed[alike] = window[:, :, ::-1] if turn else window
    return changed


def cutout(images: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Copies with one square each painted over in the batch's mean color.

    The center may be any pixel, so a part of the square may lie outside (DeVries and Taylor, 2017,
    https://arxiv.org/abs/1708.04552).

    Args:
        images: (n, height, width, channels), any dtype and range.
        size: side of the square in pixels, 1 or more.
        rng: source of the chance.

    Returns:
        (n, height, width, channels), dtype as given.

    Raises:
        CourseError: no batch of images.
    """
    _check_batch(images)
    n, height, width, _ = images.shape
    rows = _covered(height, size, n, rng)
    columns = _covered(width, size, n, rng)
    hidden = (rows[:, :, None] & columns[:, None, :])[..., None]
    color = images.mean(axis=(0, 1, 2)).astype(images.dtype)
    return np.where(hidden, color, images)


def mixup(
    images: np.ndarray, labels: np.ndarray, alpha: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Each image and label blended with those of a partner from the same batch.

    The fraction is drawn for each image from Beta(alpha, alpha): with a small alpha most images
    stay nearly as they are (Zhang et al., 2018, https://arxiv.org/abs/1710.09412).

    Args:
        images: (n, height, width, channels), any dtype.
        labels: (n, classes) one-hot rows or probabilities.
        alpha: more than 0.
        rng: source of the chance.

    Returns:
        Images (n, height, width, channels) and labels (n, classes), both float32.

    Raises:
        CourseError: no batch of images, or labels that are class numbers.
    """
    _check_batch(images)
    labels = np.asarray(labels)
    if labels.ndim != 2:
        text = f"labels of shape {labels.shape} can't be mixed"
        raise CourseError(f"{text}: make one-hot rows with `keras.utils.to_categorical`")
    fraction = rng.beta(alpha, alpha, len(images)).astype("float32")
    partner = rng.permutation(len(images))
    of_images, of_labels = fraction[:, None, None, None], fraction[:, None]
    # Float first: two uint8 images that are added run over at 255.
    images, labels = images.astype("float32"), labels.astype("float32")
    mixed = of_images * images + (1 - of_images) * images[partner]
    return mixed, of_labels * labels + (1 - of_labels) * labels[partner]


def _covered(length: int, size: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Which rows or columns the squares cover, (n, length) booleans."""
    start = rng.integers(0, length, n)[:, None] - size // 2
    place = np.arange(length)
    return (place >= start) & (place < start + size)


def _check_batch(images: np.ndarray) -> None:
    if images.ndim != 4:
        text = "is no batch (n, height, width, channels): for one image pass `image[None]`"
        raise CourseError(f"an array of shape {images.shape} {text}")
