"""The recipe by which the small network that ships was trained, in plain Keras and NumPy."""

import math
from dataclasses import dataclass

import keras
import numpy as np

from helpers import models
from helpers.augment import shift_and_flip
from helpers.progress import EpochProgress


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how the weights come out."""

    epochs: int = 12
    batch_size: int = 256
    seed: int = 1001
    peak_rate: float = 0.2
    warmup_share: float = 0.2  # of all steps
    momentum: float = 0.9
    weight_decay: float = 5e-4
    max_shift: int = 2


class ShiftedFlippedBatches(keras.utils.PyDataset):
    """Training batches in a new order every epoch, each picture shifted and half of them mirrored.

    Args:
        images: (n, height, width, channels) uint8.
        labels: (n,) integers.
        recipe: batch size, shift in pixels and seed are taken from it.
    """

    def __init__(self, images: np.ndarray, labels: np.ndarray, recipe: Recipe):
        super().__init__()
        self.images, self.labels, self.recipe = images, labels, recipe
        self.epoch = 0
        self.on_epoch_end()

    def __len__(self) -> int:
        return math.ceil(len(self.images) / self.recipe.batch_size)

    def on_epoch_end(self) -> None:
        """Draw the next epoch's order; the seed and the number of the epoch decide it."""
        self.epoch += 1
        self.order = np.random.default_rng([self.recipe.seed, self.epoch]).permutation(
            len(self.images)
        )

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        start = index * self.recipe.batch_size
        chosen = self.order[start : start + self.recipe.batch_size]
        rng = np.random.default_rng([self.recipe.seed, self.epoch, index])
        return shift_and_flip(self.images[chosen], self.recipe.max_shift, rng), self.labels[chosen]


def train(recipe: Recipe, train_split, val_split) -> keras.Model:
    """Train `models.small_cnn` by the recipe.

    The learning rate rises in a line to its peak and falls along a half cosine to zero
    (Loshchilov and Hutter, 2017; Smith and Topin, 2018).

    Args:
        recipe: see `Recipe`.
        train_split, val_split: (images, labels), (n, 32, 32, 3) uint8 and (n,) integers.

    Returns:
        The trained model, compiled with accuracy as its metric.
    """
    keras.utils.set_random_seed(recipe.seed)
    model = models.small_cnn()
    batches = ShiftedFlippedBatches(*train_split, recipe)
    steps = recipe.epochs * len(batches)
    warmup = round(recipe.warmup_share * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        decay_steps=steps - warmup,
        warmup_target=recipe.peak_rate,
        warmup_steps=warmup,
    )
    optimizer = keras.optimizers.SGD(
        schedule, momentum=recipe.momentum, nesterov=True, weight_decay=recipe.weight_decay
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        batches,
        epochs=recipe.epochs,
        shuffle=False,
        validation_data=tuple(val_split),
        validation_batch_size=500,
        callbacks=[EpochProgress()],
        verbose=0,
    )
    return model
