"""Architectures that are one chain. Each function takes (n, h, w, c) and returns (n, features)."""

from keras import layers


def large_kernels(x):
    """Number 3: one layer of 9 x 9 kernels, then a coarse grid of where they fired."""
    x = layers.Conv2D(32, 9, activation="relu")(x)
    x = layers.MaxPooling2D(4)(x)
    return layers.Flatten()(x)


def strides(x):
    """Number 4: all convolutional, after Springenberg et al. (2015), arXiv:1412.6806."""
    for filters in (32, 64, 64):
        x = layers.Conv2D(filters, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Flatten()(x)
    return layers.Dense(64, activation="relu")(x)


def two_poolings(x):
    """Number 5, as report S5 lists it."""
    x = _pooled_convolutions(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    return layers.Dense(64, activation="relu")(x)


def global_average(x):
    """Number 6: a mean for each map, after Lin et al. (2014), arXiv:1312.4400."""
    x = _pooled_convolutions(x)
    return layers.GlobalAveragePooling2D()(x)


def separable(x):
    """Number 7: depthwise separable convolutions, after Chollet (2017), arXiv:1610.02357.

    The first convolution has one channel as input, so that there is nothing to separate.
    """
    x = _pooled_convolutions(x, layers.SeparableConv2D)
    return layers.GlobalAveragePooling2D()(x)


def three_poolings(x):
    """Number 10: report S5's own network without what it says it added, dropout and BN."""
    x = _pooled_convolutions(x)
    x = layers.AveragePooling2D(2)(x)
    x = layers.Flatten()(x)
    return layers.Dense(128, activation="relu")(x)


def _pooled_convolutions(x, kind: type[layers.Layer] = layers.Conv2D):
    """What numbers 5, 6, 7 and 10 have in common; `kind` makes the second and third layer."""
    x = layers.Conv2D(32, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = kind(64, 3, activation="relu")(x)
    x = layers.AveragePooling2D(2)(x)
    return kind(128, 3, activation="relu")(x)
