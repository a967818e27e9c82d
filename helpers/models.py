"""Networks that lessons build by hand once, and those whose weights come with the course.

All of them take images as they are, pixels from 0 to 255, because their first layer divides by
255. A saved model can then be handed an image without a word on how to prepare it.
"""

import keras
from keras import layers

from helpers.settings import DATA, CourseError

WEIGHTS = DATA / "weights"


def s2_network() -> keras.Model:
    """Report S2's network: three blocks of 32, 64 and 128 filters; 552,362 parameters.

    A block is Conv-BN-Conv-BN-MaxPool-Dropout, the ReLU sits in the convolution, before the batch
    normalization (Ioffe and Szegedy, 2015). The convolutions keep their bias as in S2's listing,
    although the normalization after them could do its work. The moving statistics have momentum
    0.9, not Keras' 0.99 as in S2, because small samples have too few batches for that.

    Returns:
        Uncompiled model: (n, 32, 32, 3) pixels 0..255, uint8 or float, to (n, 10) probabilities.
    """
    model = _begin("s2_network")
    for filters in (32, 64, 128):
        for _ in range(2):
            model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
            model.add(layers.BatchNormalization(momentum=0.9))
        model.add(layers.MaxPooling2D())
        model.add(layers.Dropout(0.25))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(10, activation="softmax"))
    return model


def small_cnn() -> keras.Model:
    """The compact network whose weights come with the course; 289,642 parameters.

    Six 3 x 3 convolutions, each with batch normalization and ReLU. Where the image shrinks,
    the pooling comes straight after the convolution: normalization and ReLU then work on a
    quarter of the values. Global max pooling replaces the large dense layer.

    Returns:
        Uncompiled model: (n, 32, 32, 3) pixels 0..255, uint8 or float, to (n, 10) probabilities.
    """
    model = _begin("small_cnn")
    for filters in (32, 64, 128):
        for pool in (True, False):
            # Without bias, for the normalization adds its own.
            model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
            if pool:
                model.add(layers.MaxPooling2D())
            model.add(layers.BatchNormalization(momentum=0.9))
            model.add(layers.ReLU())
    model.add(layers.GlobalMaxPooling2D())
    model.add(layers.Dense(10, activation="softmax"))
    return model


def load_small() -> keras.Model:
    """`small_cnn` with the CIFAR-10 weights of the course: a prediction without training.

    Returns:
        Uncompiled model, (n, 32, 32, 3) pixels 0..255 to (n, 10) probabilities.

    Raises:
        CourseError: the weights file is missing or damaged.
    """
    return _load(small_cnn(), "cifar10_small.weights.h5")


def load_fast() -> keras.Model:
    """The network of `fast_cnn` with the CIFAR-10 weights of the course; as `load_small`."""
    from helpers import fast_cnn  # only here: who builds S2's network need not read it

    return _load(fast_cnn.network(), "cifar10_fast.weights.h5")


def load_cifar100() -> keras.Model:
    """The network of `fast_cnn` with the CIFAR-100 weights of the course; as `load_small`.

    It takes images of any size from 16 pixels on, and gives (n, 100) probabilities. The layer
    before the last is a Dense layer on 256 features.
    """
    from helpers import fast_cnn

    model = fast_cnn.network(recipe=fast_cnn.CIFAR100, classes=100)
    return _load(model, "cifar100_fast.weights.h5")


def _begin(name: str) -> keras.Sequential:
    """A model that knows its input and divides the pixels by 255."""
    return keras.Sequential([keras.Input((32, 32, 3)), layers.Rescaling(1 / 255)], name=name)


def _load(model: keras.Model, file: str) -> keras.Model:
    """Give a model the weights that come for it, or say what is wrong with them."""
    path = WEIGHTS / file
    if not path.is_file():
        raise CourseError(f"weights file {path} is missing: check the course out again")
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras raise many kinds for a damaged file
        raise CourseError(
            f"weights file {path} is damaged or of another network: check the course out again"
        ) from error
    return model
