"""A network with residual blocks that is small enough to run many times, and pictures for it."""

import keras
import numpy as np
import pytest
from keras import layers


def build(scale: float = 1 / 127.5, dropout: float = 0.5) -> keras.Model:
    """Two residual blocks with batch normalization; (n, 8, 8, 3) uint8 to (n, 4)."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((8, 8, 3), dtype="uint8")
    x = layers.Rescaling(scale, -1.0, name="prepare")(inputs)
    x = layers.Conv2D(4, 3, padding="same", name="stem")(x)
    for block in (1, 2):
        y = layers.Conv2D(6, 1, name=f"block{block}_expand")(x)
        y = layers.BatchNormalization(name=f"block{block}_bn")(y)
        y = layers.ReLU(name=f"block{block}_relu")(y)
        y = layers.Conv2D(4, 3, padding="same", name=f"block{block}_project")(y)
        x = layers.Add(name=f"block{block}_add")([x, y])
    x = layers.GlobalAveragePooling2D(name="pool")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, layers.Dense(4, name="logits")(x))


@pytest.fixture
def model() -> keras.Model:
    """A fresh network; moving statistics that are not zeros and ones."""
    network = build()
    rng = np.random.default_rng(5)
    for layer in network.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.moving_mean.assign(rng.normal(size=6).astype("float32"))
            layer.moving_variance.assign(rng.uniform(0.5, 2, 6).astype("float32"))
    return network


@pytest.fixture
def images() -> np.ndarray:
    """(10, 8, 8, 3) uint8."""
    return np.random.default_rng(7).integers(0, 256, (10, 8, 8, 3), dtype=np.uint8)
