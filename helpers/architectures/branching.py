"""Architectures with several paths. Each function takes (n, h, w, c), returns (n, features)."""

from keras import layers


def two_branches(x):
    """Number 8: two kernel sizes at once, after Szegedy et al. (2015), arXiv:1409.4842."""
    for filters in (16, 32):
        small = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        large = layers.Conv2D(filters, 5, padding="same", activation="relu")(x)
        x = layers.Concatenate()([small, large])
        x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    return layers.GlobalAveragePooling2D()(x)


def shortcuts(x):
    """Number 9: residual learning, after He et al. (2016), arXiv:1512.03385.

    Without batch normalization, which the paper has behind every convolution: the shortcut is to
    be the one thing that is new.
    """
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(x)
    for filters in (32, 64):
        x = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(2)(x)
        x = _residual(x, filters)
    return layers.GlobalAveragePooling2D()(x)


def _residual(x, filters: int):
    """Two convolutions whose result is added to what went in."""
    change = layers.Conv2D(filters, 3, padding="same", activation="relu")(x)
    change = layers.Conv2D(filters, 3, padding="same")(change)
    x = layers.Add()([x, change])
    return layers.ReLU()(x)
