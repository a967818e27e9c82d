"""What lesson 06 compares: borrowed networks, frozen and fine-tuned, and one from scratch.

The functions are the lesson's own, read from its cells. What a frozen part gives is computed once
and shared by all runs (`transfer.cached_features`). Judged on validation images only.
"""

import time
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

import keras
import numpy as np
from keras import layers
from keras.optimizers.schedules import CosineDecay

from helpers import models, transfer
from helpers.authoring import notebooks
from helpers.authoring.recipes.first_lessons import Values, cifar10, figures
from helpers.settings import BUILD, CourseError

_FEATURES = BUILD / "runs" / "features"
_JUDGED = 2000  # validation images, where judging takes as long as training
_FEW, _MANY = 2048, 45_000  # training images for MobileNetV2
_SAMPLE = 1800  # for our network: as many as the embedded sample has


@cache
def lesson() -> SimpleNamespace:
    """What lesson 06 defines."""
    known = {"keras": keras, "layers": layers, "np": np, "models": models}
    names = ("build_classifier", "our_base", "unfreeze", "train_head", "fine_tune")
    return notebooks.taught("06", *names, **known)


def ours(base: keras.Model | None = None) -> keras.Model:
    """Lesson 06's classifier on our network."""
    return lesson().build_classifier(base or lesson().our_base(), 32, lambda x: x)


def mobilenet() -> keras.Model:
    """Lesson 06's classifier on MobileNetV2 with ImageNet weights."""
    shape = (96, 96, 3)
    try:
        base = keras.applications.MobileNetV2(
            shape, include_top=False, pooling="avg", weights="imagenet"
        )
    except Exception as error:  # Keras raises a bare one for no connection
        reason = "ImageNet weights can't be had: connect, or put them into Keras' cache"
        raise CourseError(reason) from error
    return lesson().build_classifier(base, 96, keras.applications.mobilenet_v2.preprocess_input)


def features(backbone: keras.Model, images: np.ndarray) -> np.ndarray:
    """What a backbone gives; kept for the other runs, and computed by one of them."""
    return transfer.cached_features(backbone, images, folder=_FEATURES, progress=False)


def pooled(network: keras.Model) -> str:
    """The last layer of the base."""
    (base,) = (layer for layer in network.layers if isinstance(layer, keras.Model))
    return base.layers[-1].name


def head_on_frozen(network: keras.Model, train, val, epochs: int) -> keras.callbacks.History:
    """Train the classifier's head on the features of its frozen base."""
    (x, y), (x_val, y_val) = train, val
    backbone, head = transfer.split_model(network, pooled(network))
    judged = features(backbone, x_val), y_val
    return lesson().train_head(head, features(backbone, x), y, epochs, judged)


def few(images: int, judged: int = _JUDGED) -> tuple:
    """The first training images and the first validation images, with labels."""
    train, (x_val, y_val) = cifar10(images)
    return train, (x_val[:judged], y_val[:judged])


# --- our network, 1,800 images ------------------------------------------------------------------


def scratch(seed: int, images: int = _SAMPLE, epochs: int = 16) -> Values:
    """The layers of our network with random weights; all of them learn."""
    train, val = few(images)
    base = keras.models.clone_model(lesson().our_base())
    network = ours(base)
    base.trainable = True
    optimizer = keras.optimizers.AdamW(CosineDecay(3e-3, -(-images // 32) * epochs))
    network.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    options = {"epochs": epochs, "batch_size": 32, "validation_data": val, "verbose": 0}
    return figures(network.fit(*train, **options))


def ours_frozen(seed: int) -> Values:
    """A new head on the frozen base."""
    return figures(head_on_frozen(ours(), *few(_SAMPLE), epochs=40))


def ours_tuned(seed: int, images: int = _SAMPLE, epochs: int = 6, rate: float = 1e-4) -> Values:
    """The same, then all layers learn with a small rate."""
    train, val = few(images)
    base = lesson().our_base()
    network = ours(base)
    head_on_frozen(network, train, val, epochs=40)
    lesson().unfreeze(base)
    network.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    options = {"epochs": epochs, "batch_size": 32, "validation_data": val, "verbose": 0}
    return figures(network.fit(*train, **options))


# --- MobileNetV2 --------------------------------------------------------------------------------


def frozen(images: int, judged: int = _JUDGED) -> Callable:
    """A new head on the frozen base, as a function of the seed."""

    def run(seed: int) -> Values:
        return figures(head_on_frozen(mobilenet(), *few(images, judged), epochs=10))

    return run


def tuned(rate: float, images: int = _FEW, epochs: int = 3) -> Callable:
    """The same, then Adam trains what lies behind `block_12_add`, as a function of the seed."""

    def run(seed: int) -> Values:
        train, val = few(images)
        network = mobilenet()
        head_on_frozen(network, train, val, epochs=10)
        backbone, head = transfer.split_model(network, "block_12_add")
        (x, y), (x_val, y_val) = ((features(backbone, x), y) for x, y in (train, val))
        lesson().unfreeze(head)
        head.compile(
            keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
        )
        judged = {"validation_data": (x_val, y_val), "validation_batch_size": 128}
        return figures(head.fit(x, y, epochs=epochs, batch_size=32, verbose=0, **judged))

    return run


def whole_recipe(seed: int, images: int = _MANY, judged: int = 5000, epochs: int = 2) -> Values:
    """The recipe at the end of lesson 06: mirror images, warm-up and cosine."""
    train, val = few(images, judged)
    network = mobilenet()
    head_on_frozen(network, train, val, epochs=10)
    backbone, head = transfer.split_model(network, "block_12_add")
    (x, y), (x_val, y_val) = train, val
    both = np.concatenate([features(backbone, x), features(backbone, x[:, :, ::-1])])
    judged_features = features(backbone, x_val), y_val
    begin = time.perf_counter()
    history = lesson().fine_tune(head, both, np.tile(y, 2), epochs, judged_features)
    yield epochs, "seconds", time.perf_counter() - begin  # without those of the features
    yield from figures(history)


# --- file, experiment, variant ------------------------------------------------------------------

EXPERIMENTS = {
    "transfer": {
        "our network, 1,800 images": {
            "from scratch": scratch,
            "frozen": ours_frozen,
            "fine-tuned": ours_tuned,
        },
        "MobileNetV2, 2,048 images": {
            "frozen": frozen(_FEW),
            **{name: tuned(float(name)) for name in ("1e-5", "1e-4", "1e-3", "1e-2")},
        },
        "MobileNetV2, 45,000 images": {
            "frozen": frozen(_MANY, judged=5000),
            "fine-tuned": whole_recipe,
        },
    },
}
