"""A small network, images for it, and what a process runs that is killed while it computes."""

import time
from pathlib import Path

import keras
import numpy as np
from keras import layers

from helpers import transfer

BATCH, ROWS = 4, 100
BATCH_BYTES = BATCH * 8 * 8 * 4 * 2


def network(scale: float = 1 / 127.5) -> keras.Model:
    """Two residual blocks with batch normalization; (n, 8, 8, 3) uint8 to (n, 4)."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((8, 8, 3), dtype="uint8")
    x = layers.Rescaling(scale, -1.0, name="prepare")(inputs)
    x = layers.Conv2D(4, 3, padding="same", name="stem")(x)
    for block in (1, 2):
        y = layers.BatchNormalization(name=f"block{block}_bn")(x)
        y = layers.Conv2D(4, 3, padding="same", name=f"block{block}_project")(y)
        x = layers.Add(name=f"block{block}_add")([x, y])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(inputs, layers.Dense(4, name="logits")(x))


def images(count: int) -> np.ndarray:
    """(count, 8, 8, 3) uint8."""
    return np.random.default_rng(7).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)


def block2(model: keras.Model) -> keras.Model:
    """What lies before the cut behind the second block: gives (n, 8, 8, 4)."""
    return transfer.split_model(model, "block2_add")[0]


def compute_slowly(folder: Path) -> None:
    """Compute the features of ROWS images."""
    answer = transfer._answer

    def slowly(*arguments):
        time.sleep(0.1)
        return answer(*arguments)

    transfer._answer, transfer._BATCH = slowly, BATCH
    transfer.cached_features(block2(network()), images(ROWS), folder=folder, progress=False)
