"""The fast network: no residual connections, and its first layer is computed, not learned."""

import keras
import numpy as np
from keras import layers

from helpers.errors import UserError

_PATCH_IMAGES = 5000  # enough for a covariance of a few dozen numbers
_SMALLEST_VARIANCE = 5e-4  # pixels are in 0..1; keeps noise from being blown up


def network(
    images: np.ndarray | None = None,
    *,
    classes: int = 10,
    channels: int = 3,
    widths: tuple[int, ...] = (32, 128, 256),
    whitened: bool = True,
    statistics_momentum: float = 0.6,
    maximum_at_end: bool = True,
    logit_scale: float = 1 / 9,
    precision: str = "float32",
) -> keras.Model:
    """Build the network; it takes pictures of any size from 16 pixels on.

    A frozen 2 x 2 convolution whitens the picture. Each stage is Conv-Pool-BN-ReLU-Conv-BN-ReLU:
    the pooling stands directly behind the convolution, so that normalization and ReLU work on a
    quarter of the values. The design follows K. Jordan, 94 % on CIFAR-10 in 3.29 seconds on a
    single GPU, 2024 (arXiv:2404.00498), narrower and without its identity-like first weights.

    Args:
        images: (n, height, width, channels) pixels 0..255, to compute the whitening from; None
            leaves it random, for a network whose weights are loaded afterwards.
        classes: number of outputs.
        channels: 3 in color, 1 in gray.
        widths: filters of each stage.
        whitened: False learns the first layer instead.
        statistics_momentum: momentum of the moving statistics of batch normalization.
        maximum_at_end: global max pooling; False takes the average.
        logit_scale: what the scores are multiplied by before softmax.
        precision: Keras' dtype policy of the layers, "float32" or "mixed_bfloat16".

    Returns:
        Uncompiled model: (n, height, width, channels) pixels 0..255, uint8 or float, to
        (n, classes) float32 probabilities.
    """
    policy = {"dtype": precision}
    inputs = keras.Input((None, None, channels))
    x = layers.Rescaling(1 / 255, **policy)(inputs)
    # One filter for each of a patch's values, and its negative.
    first = layers.Conv2D(2 * 4 * channels, 2, trainable=not whitened, name="whitening", **policy)
    x = layers.ReLU(**policy)(first(x))
    if whitened and images is not None:
        first.set_weights(whitening(images))
    for width in widths:
        for pool in (True, False):
            x = layers.Conv2D(width, 3, padding="same", use_bias=False, **policy)(x)
            if pool:
                x = layers.MaxPooling2D(**policy)(x)
            x = layers.BatchNormalization(scale=False, momentum=statistics_momentum, **policy)(x)
            x = layers.ReLU(**policy)(x)
    end = layers.GlobalMaxPooling2D if maximum_at_end else layers.GlobalAveragePooling2D
    x = end(**policy)(x)
    # The last steps in full precision: differences between small probabilities count here.
    x = layers.Dense(classes, use_bias=False, dtype="float32")(x)
    x = layers.Rescaling(logit_scale, dtype="float32")(x)
    outputs = layers.Softmax(dtype="float32")(x)
    return keras.Model(inputs, outputs, name="fast_network")


def whitening(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kernels and biases that turn 2 x 2 patches into uncorrelated values of equal variance.

    The kernels are the eigenvectors of the patches' covariance, each divided by the standard
    deviation along it, and their negatives, for the ReLU behind them lets only one sign through.

    Args:
        images: (n, height, width, channels) pixels 0..255; the first 5,000 are looked at.

    Returns:
        (2, 2, channels, 8 * channels) float32 kernels and (8 * channels,) float32 biases, for
        pixels divided by 255: 24 kernels in color.
    """
    if images.ndim != 4 or images.shape[3] not in (1, 3) or len(images) == 0:
        raise UserError(
            f"images of shape {images.shape}: whitening needs (n, height, width, 1 or 3 channels)"
        )
    channels = images.shape[3]
    sample = np.asarray(images[:_PATCH_IMAGES], dtype=np.float32) / 255
    patches = np.lib.stride_tricks.sliding_window_view(sample, (2, 2), axis=(1, 2))[:, ::2, ::2]
    patches = np.moveaxis(patches, 3, -1).reshape(
        -1, 4 * channels
    )  # rows, columns, channels of a kernel
    mean = patches.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(patches - mean, rowvar=False))
    directions = directions[:, ::-1] / np.sqrt(variances[::-1] + _SMALLEST_VARIANCE)
    kernels = np.concatenate([directions, -directions], axis=1)
    biases = -mean @ kernels
    return kernels.reshape(2, 2, channels, -1).astype(np.float32), biases.astype(np.float32)
