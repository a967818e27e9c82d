"""A trunk's answers to all views of all pictures, batch by batch, from any row on."""

from collections.abc import Callable, Iterator

import keras
import numpy as np

from helpers.transfer.views import apply


class Batches:
    """The trunk's answers, batch by batch; rows count through all views of all pictures.

    Args:
        trunk: see `activations`.
        images: array-like, (n, height, width, channels).
        views: checked views.
        batch_size: pictures in a batch; the last batch of a view holds the rest.
        seed: of the augmentations.
    """

    def __init__(
        self,
        trunk: keras.Model,
        images: np.ndarray,
        views: tuple[str | Callable, ...],
        batch_size: int,
        seed: int,
    ):
        self.trunk, self.images, self.views = trunk, images, views
        self.batch_size, self.seed = batch_size, seed

    def whole(self, rows: int) -> int:
        """Of so many rows, those that are whole batches."""
        view, row = divmod(rows, self.images.shape[0])
        return rows - row % self.batch_size if view < len(self.views) else rows

    def after(self, rows: int) -> Iterator[np.ndarray]:
        """The batches that follow the first `rows` rows, each (up to batch_size, ...) floats."""
        n = self.images.shape[0]
        first_view, first_row = divmod(rows, n)
        for index in range(first_view, len(self.views)):
            for start in range(first_row if index == first_view else 0, n, self.batch_size):
                batch = np.asarray(self.images[start : start + self.batch_size])
                yield self._answer(apply(self.views[index], batch, (self.seed, index, start)))

    def _answer(self, batch: np.ndarray) -> np.ndarray:
        count = len(batch)
        if count < self.batch_size < self.images.shape[0]:
            # A batch of another size would make the backend prepare the trunk a second time.
            batch = np.concatenate([batch, np.repeat(batch[-1:], self.batch_size - count, axis=0)])
        return np.asarray(self.trunk.predict_on_batch(batch))[:count]
