"""Computes activations in a process that a test kills: argument 1 is the cache folder."""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from helpers import transfer

ROWS, BATCH = 1200, 4


def pictures() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (ROWS, 16, 16, 3), dtype=np.uint8)


def trunk() -> keras.Model:
    keras.utils.set_random_seed(1)
    inputs = keras.Input((16, 16, 3))
    x = layers.Conv2D(8, 3, activation="relu")(layers.Rescaling(1 / 255)(inputs))
    return keras.Model(inputs, layers.MaxPooling2D()(x))


def compute(folder: str) -> np.ndarray:
    options = {"views": ("plain", "mirror"), "batch_size": BATCH, "progress": False}
    return transfer.activations(trunk(), pictures(), cache_dir=folder, **options)


if __name__ == "__main__":
    compute(sys.argv[1])
