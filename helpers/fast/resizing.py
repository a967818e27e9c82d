"""Small pictures first: progressive resizing, together with flip and shift."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from helpers.augment import shift_and_flip
from helpers.errors import UserError


@dataclass(frozen=True)
class GrowingPictures:
    """Augmentation for `training.fit` whose pictures are small in the first epochs.

    A convolution's cost grows with the number of pixels, and rough shapes can be learned from few
    of them (J. Howard, Training Imagenet in 3 hours for 25 minutes, 2018,
    https://www.fast.ai/posts/2018-04-30-dawnbench-fastai.html).

    Attributes:
        epochs: of the whole run.
        sizes: pairs (share of the epochs done, side in pixels), the first share 0, rising.
        max_shift: pixels each way at full size; None neither shifts nor mirrors.
    """

    epochs: int
    sizes: tuple[tuple[float, int], ...]
    max_shift: int | None = 2

    def at_epoch(self, epoch: int) -> Callable:
        """What is done with the batches of an epoch, counted from 0."""
        size = [side for share, side in self.sizes if share * self.epochs <= epoch][-1]
        return partial(self._change, size)

    def _change(
        self, size: int, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        if self.max_shift is not None:
            images = shift_and_flip(images, self.max_shift, rng)
        return shrink(images, size), labels


def shrink(images: np.ndarray, size: int) -> np.ndarray:
    """Square pictures made smaller; each new pixel is the mean of the area it covers.

    Args:
        images: (n, side, side, channels), any dtype.
        size: new side in pixels, at most the old one.

    Returns:
        (n, size, size, channels) float32 in the range given; the pictures themselves where they
        have that size already.

    Raises:
        UserError: pictures are not square, or smaller than that.
    """
    n, height, width, channels = images.shape
    if height != width or not 1 <= size <= height:
        raise UserError(f"pictures of {height} x {width} can't be shrunk to {size} x {size} pixels")
    if size == height:
        return images
    weights = _area_weights(height, size)
    rows = weights @ images.reshape(n, height, width * channels).astype(np.float32)
    return (weights @ rows.reshape(n * size, width, channels)).reshape(n, size, size, channels)


def _area_weights(side: int, size: int) -> np.ndarray:
    """(size, side) float32: how much each old pixel adds to each new one; rows sum to 1."""
    edges = np.arange(size + 1) * side / size
    pixel = np.arange(side)
    overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    return (overlap.clip(min=0) * size / side).astype(np.float32)
