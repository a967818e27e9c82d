"""The network that `python -m helpers tune` searches, as lesson 05 builds it, and its pictures."""

import keras
import numpy as np
from keras import layers

from helpers.errors import UserError

SIDE = 16  # pixels: a quarter of the work of 32 x 32


def build(hp) -> keras.Model:
    """Network of lesson 05: pictures (n, 16, 16, 3) in 0..255 to (n, 10) probabilities.

    Args:
        hp: `keras_tuner.HyperParameters`; declared are filters, blocks, dropout, learning_rate.

    Returns:
        Compiled model with the metric accuracy.
    """
    keras.utils.set_random_seed(1001)
    filters = hp.Choice("filters", [8, 16, 32], default=16)
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Rescaling(1 / 255)])
    for block in range(hp.Int("blocks", 1, 3, default=2)):
        model.add(layers.Conv2D(filters * 2**block, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(hp.Float("dropout", 0.0, 0.6, step=0.2, default=0.2)))
    model.add(layers.Dense(10, activation="softmax"))
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log", default=1e-3)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)  # so that Hyperband can restore Adam's memory
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def half_size(images: np.ndarray) -> np.ndarray:
    """Halve the sides of pictures by the mean of 2 x 2 pixels.

    Args:
        images: (n, height, width, channels), both sides even, any dtype.

    Returns:
        (n, height / 2, width / 2, channels) of the same dtype; integers are rounded.
    """
    if images.ndim != 4 or images.shape[1] % 2 or images.shape[2] % 2:
        raise UserError(f"pictures of shape {images.shape}: expected (n, height, width, c), even")
    n, height, width, channels = images.shape
    means = images.reshape(n, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
    if np.issubdtype(images.dtype, np.integer):
        means = np.rint(means)
    return means.astype(images.dtype)
