"""Chance as a function of seed and epoch, so that a resumed run draws what it would have drawn."""

import math
from collections.abc import Callable

import keras
import numpy as np

# (images, labels, rng) of one batch to (images, labels): see `helpers.augment`.
Augment = Callable[[np.ndarray, np.ndarray, np.random.Generator], tuple[np.ndarray, np.ndarray]]


class ShuffledBatches(keras.utils.PyDataset):
    """Batches in an order that only seed and epoch decide.

    Args:
        x: (n, ...) pictures, any dtype; may be memory-mapped.
        y: (n,) or (n, k) labels.
        batch_size: pictures in a batch; the last batch holds the rest.
        seed: whole number, 0 or more.
        augment: changes each batch; an object with `at_epoch(epoch)` gives a function an epoch.
    """

    def __init__(
        self,
        x: np.ndarray,
        y: np.ndarray,
        batch_size: int,
        seed: int,
        augment: Augment | None = None,
    ):
        super().__init__()
        self.augment = augment
        self.x, self.y = x, y
        self.batch_size = batch_size
        self.seed = seed
        self._seal = getattr(x, "_seal", None)  # so that a sealed test split sees it is trained on
        self.start_epoch(0)

    def __len__(self) -> int:
        return math.ceil(len(self.x) / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        chosen = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        change = self._previews[index % 2] if self._previews else self._change
        if change is None:
            return self.x[chosen], self.y[chosen]
        # A generator of its own for each batch: the batches may be asked for in any order.
        rng = np.random.default_rng([self.seed, self.epoch, index])
        return change(self.x[chosen], self.y[chosen], rng)

    def preview(self, epochs: tuple[int, int]) -> None:
        """Until an epoch starts, show batches of two epochs in turn.

        Keras' TensorFlow backend looks at the first two batches before it trains, and takes sides
        that agree for fixed. This way it learns which differ from epoch to epoch.
        """
        self._previews = [self._of_epoch(epoch) for epoch in epochs]

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for an epoch, counted from 0."""
        self.epoch = epoch
        self._previews = []
        self._change = self._of_epoch(epoch)
        self.order = np.random.default_rng([self.seed, epoch]).permutation(len(self.x))

    def _of_epoch(self, epoch: int) -> Augment | None:
        at_epoch = getattr(self.augment, "at_epoch", None)
        return at_epoch(epoch) if at_epoch else self.augment


def seed_layers(model: keras.Model, seed: int, epoch: int) -> None:
    """Set the random state of dropout, augmentation and the like for an epoch, counted from 0.

    A seed that a layer was given itself is replaced.
    """
    generators = (
        generator
        for layer in model._flatten_layers()
        for generator in getattr(layer, "_seed_generators", ())
    )
    for index, generator in enumerate(generators):
        number = np.random.default_rng([seed, epoch, index]).integers(2**31)
        state = np.zeros(generator.state.shape, generator.state.dtype)
        state[0] = number
        generator.state.assign(state)


class EpochChance(keras.callbacks.Callback):
    """Sets order and random state at the beginning of each epoch."""

    def __init__(self, batches: ShuffledBatches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.batches.start_epoch(epoch)
        seed_layers(self.model, self.batches.seed, epoch)
