"""Architectures without convolutions. Each function takes (n, h, w, c) and returns (n, features).

What it returns is what the output layer sees.
"""

from keras import layers


def softmax_regression(x):
    """Number 1: the pixels as they are."""
    return layers.Flatten()(x)


def one_hidden_layer(x):
    """Number 2: 128 units, each joined to every pixel."""
    x = layers.Flatten()(x)
    return layers.Dense(128, activation="relu")(x)
