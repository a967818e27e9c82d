"""Augmentation of whole batches in NumPy: cheap on a CPU, and the same after a resume.

Every function takes its chance from a generator that is handed in, and returns new arrays.
`training.fit(…, augment=FlipShift())` gives each batch a generator that seed, epoch and batch
decide.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from helpers.errors import UserError


@dataclass(frozen=True)
class FlipShift:
    """Mirror half of the pictures and shift all: the strong baseline for photographs.

    Attributes:
        max_shift: pixels each way.
    """

    max_shift: int = 2

    def __call__(
        self, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """A batch (n, height, width, channels) and its labels, which stay as they are."""
        return shift_and_flip(images, self.max_shift, rng), labels


@dataclass(frozen=True)
class Cutout:
    """Hide one square in each picture (DeVries and Taylor, 2017): a network can't lean on one spot.

    Attributes:
        size: side of the square in pixels.
    """

    size: int = 8

    def __call__(
        self, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """A batch (n, height, width, channels) and its labels, which stay as they are."""
        return cutout(images, self.size, rng), labels


@dataclass(frozen=True)
class Mixup:
    """Blend each picture and its label with another one's (Zhang et al., 2018).

    Attributes:
        alpha: both parameters of the beta distribution that the shares are drawn from.
    """

    alpha: float = 0.2

    def __call__(
        self, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """A batch (n, height, width, channels) and labels (n, classes) to the same in float32."""
        return mixup(images, labels, self.alpha, rng)


@dataclass(frozen=True)
class Chain:
    """One change after the other, as in `Chain((FlipShift(), Cutout()))`.

    Attributes:
        steps: callables from (images, labels, rng) to (images, labels).
    """

    steps: tuple[Callable, ...]

    def __call__(
        self, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """A batch (n, height, width, channels) and its labels, through all steps."""
        for step in self.steps:
            images, labels = step(images, labels, rng)
        return images, labels


def shift_and_flip(images: np.ndarray, max_shift: int, rng: np.random.Generator) -> np.ndarray:
    """Copies shifted by up to `max_shift` pixels each way and mirrored with probability 1/2.

    What comes in at an edge is the picture reflected there.

    Args:
        images: (n, height, width, channels), any dtype.
        max_shift: pixels, smaller than both sides.
        rng: source of the chance.

    Returns:
        (n, height, width, channels), dtype as given.

    Raises:
        UserError: no batch of pictures, or the shift is negative or as large as a picture.
    """
    _check_batch(images)
    if not 0 <= max_shift < min(images.shape[1:3]):
        raise UserError(
            f"max_shift is {max_shift} for pictures of {images.shape[1]} x {images.shape[2]} "
            "pixels: choose 0 or more, and less than both sides"
        )
    n, height, width, _ = images.shape
    edge = (max_shift, max_shift)
    padded = np.pad(images, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    top, left = (rng.integers(0, 2 * max_shift + 1, n) for _ in range(2))
    mirrored = rng.random(n) < 0.5
    changed = np.empty_like(images)
    # Pictures that move alike are copied together: slices are much faster than single pixels.
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
        UserError: no batch of pictures, or the size is less than 1.
    """
    _check_batch(images)
    if size < 1:
        raise UserError(f"the cutout's size is {size}: choose 1 pixel or more")
    n, height, width, _ = images.shape
    rows = _hidden(height, size, n, rng)
    columns = _hidden(width, size, n, rng)
    hidden = (rows[:, :, None] & columns[:, None, :])[..., None]
    color = images.mean(axis=(0, 1, 2)).astype(images.dtype)
    return np.where(hidden, color, images)


def mixup(
    images: np.ndarray, labels: np.ndarray, alpha: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Each picture and label blended with those of a partner from the same batch.

    The share is drawn for each picture from Beta(alpha, alpha): with a small alpha most pictures
    stay nearly as they are (Zhang et al., 2018, https://arxiv.org/abs/1710.09412).

    Args:
        images: (n, height, width, channels), any dtype.
        labels: (n, classes) one-hot rows or probabilities.
        alpha: more than 0.
        rng: source of the chance.

    Returns:
        Images (n, height, width, channels) and labels (n, classes), both float32.

    Raises:
        UserError: no batch of pictures, labels that are class numbers, or alpha is not above 0.
    """
    _check_batch(images)
    labels = np.asarray(labels)
    if labels.ndim != 2 or labels.shape[0] != len(images) or labels.shape[1] < 2:
        raise UserError(
            f"labels of shape {labels.shape} can't be mixed: pass one-hot rows (n, classes), "
            "as `keras.utils.to_categorical(labels, 10)` makes them"
        )
    if not alpha > 0:
        raise UserError(f"mixup's alpha is {alpha}: choose a number above 0, such as 0.2")
    n = len(images)
    share = rng.beta(alpha, alpha, n).astype("float32")
    partner = rng.permutation(n)
    of_images, of_labels = share[:, None, None, None], share[:, None]
    # Float first: two uint8 pictures that are added run over at 255.
    images, labels = images.astype("float32"), labels.astype("float32")
    mixed = of_images * images + (1 - of_images) * images[partner]
    return mixed, of_labels * labels + (1 - of_labels) * labels[partner]


def _hidden(length: int, size: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """Which rows or columns the squares cover, (n, length) booleans."""
    start = rng.integers(0, length, n)[:, None] - size // 2
    place = np.arange(length)
    return (place >= start) & (place < start + size)


def _check_batch(images: np.ndarray) -> None:
    shape = np.shape(images)
    if len(shape) != 4:
        raise UserError(
            f"an array of shape {shape} is no batch of pictures: expected (n, height, width, "
            "channels); for one picture pass `image[None]`"
        )
