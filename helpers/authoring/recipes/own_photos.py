"""What lesson 10 compares on the drawn photos, with the lesson's own functions.

A run makes the five splits of its seed: `epoch` is the number of the split there, and "mean" and
"spread" go over all five. New photos are judged once, by a network trained on all the old ones.
"""

from collections.abc import Callable
from functools import cache
from types import SimpleNamespace

import keras
import numpy as np
from keras import layers
from keras.optimizers.schedules import CosineDecay
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold
from sklearn.neighbors import KNeighborsClassifier

from helpers import augment, models, photos, transfer
from helpers.authoring import notebooks
from helpers.authoring.recipes.first_lessons import Values
from helpers.settings import BUILD, DATA, CourseError

_DRAWN, _NEW = DATA / "photos" / "drawn", DATA / "photos" / "new"
_FEATURES = BUILD / "runs" / "features"
_EPOCHS = 12  # of a network without weights
_SIZE = {"ours": 96, "MobileNetV2": 160}


@cache
def lesson() -> SimpleNamespace:
    """What lesson 10 defines."""
    names = ("five_splits", "three_shots", "tiny_gray", "our_base", "s5_network")
    names += ("flip_and_turn", "six_views", "train_head", "without_weights", "train_all")
    known = {"keras": keras, "layers": layers, "np": np, "models": models, "augment": augment}
    known |= {"CosineDecay": CosineDecay, "StratifiedGroupKFold": StratifiedGroupKFold}
    return notebooks.taught("10", *names, **known)


def mobilenet() -> keras.Model:
    """MobileNetV2 with ImageNet weights, which fit images of any size: pixels 0..255 to maps."""
    try:
        known = keras.applications.MobileNetV2((96, 96, 3), include_top=False, weights="imagenet")
    except Exception as error:  # Keras raises a bare one for no connection
        reason = "ImageNet weights can't be had: connect, or put them into Keras' cache"
        raise CourseError(reason) from error
    pixels = keras.Input((_SIZE["MobileNetV2"], _SIZE["MobileNetV2"], 3))
    prepared = keras.applications.mobilenet_v2.preprocess_input(pixels)
    base = keras.applications.MobileNetV2(include_top=False, weights=None, input_tensor=prepared)
    base.set_weights(known.get_weights())
    return base


def backbone(network: str, size: int) -> keras.Model:
    """Photos, pixels 0..255, to the features of the frozen network."""
    pooling = layers.GlobalAveragePooling2D
    base = mobilenet() if network == "MobileNetV2" else lesson().our_base()
    if network == "ours":
        pooling = layers.GlobalMaxPooling2D
    return transfer.split_model(lesson().s5_network(base, size, pooling, 3), "pooling")[0]


def summary(accuracies: list[float]) -> Values:
    """The splits, their mean, and their standard deviation."""
    yield from ((number, "val_accuracy", one) for number, one in enumerate(accuracies, 1))
    yield len(accuracies), "mean", float(np.mean(accuracies))
    yield len(accuracies), "spread", float(np.std(accuracies, ddof=1))


def accuracy(model: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Fraction of right answers."""
    return float((model.predict(x, verbose=0).argmax(axis=1) == y).mean())


def weights(augmented: bool, network: str = "ours") -> Callable:
    """A new head on a frozen network, as a function of the seed."""

    def run(seed: int) -> Values:
        size = _SIZE[network]
        x, y, _, _ = photos.load(_DRAWN, size)
        frozen = backbone(network, size)

        def features(images: np.ndarray) -> np.ndarray:
            found = transfer.cached_features(frozen, images, folder=_FEATURES, progress=False)
            return np.asarray(found, "float32")

        if augmented:
            views = np.stack([features(view) for view in lesson().six_views(x, seed)])
        else:
            views = np.repeat(features(x)[None], 6, axis=0)
        found = []
        for number, (train, val) in enumerate(lesson().five_splits(y, photos.find_groups(x), seed)):
            head = lesson().train_head(views[:, train], y[train], 3, seed + number)
            found.append(accuracy(head, views[0][val], y[val]))
        yield from summary(found)
        final = lesson().train_head(views, y, 3, seed)
        x_new, y_new, _, _ = photos.load(_NEW, size)
        yield len(found), "new_accuracy", accuracy(final, features(x_new), y_new)

    return run


def no_weights(augmented: bool) -> Callable:
    """The layers of our network with random weights, all of which learn."""

    def run(seed: int) -> Values:
        size = _SIZE["ours"]
        x, y, _, _ = photos.load(_DRAWN, size)
        base, found = lesson().our_base(), []
        for number, (train, val) in enumerate(lesson().five_splits(y, photos.find_groups(x), seed)):
            keras.utils.set_random_seed(seed + number)
            front = lesson().flip_and_turn() if augmented else []
            new = lesson().without_weights(base)
            new = lesson().s5_network(new, size, layers.GlobalMaxPooling2D, 3, front)
            lesson().train_all(new, x[train], y[train], _EPOCHS)
            found.append(accuracy(new, x[val], y[val]))
        yield from summary(found)

    return run


def by_heart(torn: bool) -> Callable:
    """The nearest neighbor on three shots of each photo, torn apart or kept together."""

    def run(seed: int) -> Values:
        x, y, _, _ = photos.load(_DRAWN, _SIZE["ours"])
        labels, groups = np.tile(y, 3), np.tile(photos.find_groups(x), 3)
        gray = lesson().tiny_gray(lesson().three_shots(x, seed))
        splits = lesson().five_splits(labels, groups, seed)
        if torn:
            folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=seed)
            splits = folds.split(gray, labels)
        nearest = KNeighborsClassifier(n_neighbors=1)
        yield from summary(
            [
                float(nearest.fit(gray[train], labels[train]).score(gray[val], labels[val]))
                for train, val in splits
            ]
        )

    return run


EXPERIMENTS = {
    "own_photos": {
        "four arms": {
            "no weights": no_weights(augmented=False),
            "no weights, augmented": no_weights(augmented=True),
            "weights": weights(augmented=False),
            "weights, augmented": weights(augmented=True),
        },
        "ImageNet": {
            "weights": weights(augmented=False, network="MobileNetV2"),
            "weights, augmented": weights(augmented=True, network="MobileNetV2"),
        },
        "by heart": {"torn": by_heart(torn=True), "whole": by_heart(torn=False)},
    },
}
