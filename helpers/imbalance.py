"""Classes of very different size: weights, repeated rows, modified copies, and the leak.

Copies are made of training rows only, after the split. Whoever makes them before lets the network
train on changed pictures of its own test set; `leaked` counts that.
"""

from collections.abc import Callable

import numpy as np

from helpers.affine import SmallAffine
from helpers.errors import UserError


def class_weights(labels: np.ndarray) -> dict[int, float]:
    """The weight of each class for `model.fit(…, class_weight=…)`: n / (classes * count).

    Every class then adds the same to the loss, and the mean weight of all rows is 1 (King and
    Zeng, 2001, "Logistic regression in rare events data").

    Args:
        labels: (n,) or (n, 1) integers, 0 or more.

    Returns:
        Weights by the number of the class, of the classes that occur.

    Raises:
        UserError: no labels, no integers, negative ones, or one class only.
    """
    labels = _read_labels(labels)
    classes, counts = _count(labels)
    return {
        int(label): float(len(labels) / (len(classes) * count))
        for label, count in zip(classes, counts, strict=True)
    }


def oversample(labels: np.ndarray, seed: int = 1001) -> np.ndarray:
    """Rows, some of them several times, so that every class has as many as the largest.

    Within a class each row is repeated equally often, or once more.

    Args:
        labels: (n,) or (n, 1) integers, 0 or more.
        seed: decides which rows are repeated once more, and the order of the repetitions.

    Returns:
        (classes * largest count,) int64 positions: 0 to n - 1 first, the repetitions after them.

    Raises:
        UserError: no labels, no integers, negative ones, one class only, or a seed below 0.
    """
    labels = _read_labels(labels)
    rng = _generator(seed)
    classes, counts = _count(labels)
    rows = [np.arange(len(labels), dtype=np.int64)]
    for label, count in zip(classes, counts, strict=True):
        missing = int(counts.max() - count)
        members = np.flatnonzero(labels == label)
        rounds = -(-missing // int(count))
        again = [rng.permutation(members) for _ in range(rounds)]
        rows.append(np.concatenate([*again, members[:0]])[:missing])
    return np.concatenate(rows).astype(np.int64)


def modified_copies(
    images: np.ndarray,
    labels: np.ndarray,
    seed: int = 1001,
    change: Callable | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fill up the small classes with changed copies of their pictures.

    Args:
        images: (n, height, width) or (n, height, width, channels) uint8; the training rows only.
        labels: (n,) or (n, 1) integers, 0 or more.
        seed: decides which pictures are copied and how each copy is changed.
        change: takes (images (m, height, width, channels), labels, rng) and returns changed
            images and the same labels, as the classes of `helpers.augment` do; by default a small
            turn, zoom, shift and flip (`affine.SmallAffine`).

    Returns:
        images: (classes * largest count, …) uint8: the originals, then the copies.
        labels: (classes * largest count,) int64.
        source_rows: (classes * largest count,) int64, the row of `images` that each comes from.

    Raises:
        UserError: images that are no uint8 batch, labels that do not fit, one class only, or a
            change that alters labels, shape or dtype.
    """
    labels = _read_labels(labels)
    images = _read_images(images, len(labels))
    rows = oversample(labels, seed)
    copied = rows[len(labels) :]
    originals = images if images.ndim == 4 else images[..., None]
    # Another stream than the one that chose the rows.
    rng = np.random.default_rng([seed, 1])
    copies = _changed(change or SmallAffine(), originals[copied], labels[copied], rng)
    together = np.concatenate([images, copies.reshape(len(copied), *images.shape[1:])])
    return together, labels[rows], rows


def leaked(train_sources: np.ndarray, test_sources: np.ndarray) -> int:
    """How many originals stand, as themselves or as a copy, on both sides of a split.

    Args:
        train_sources: (n,) integers, the original row of each training row.
        test_sources: (m,) integers, the original row of each row on the other side.

    Raises:
        UserError: a side that is empty, or holds no row numbers.
    """
    train = _read_labels(train_sources, "train_sources")
    test = _read_labels(test_sources, "test_sources")
    return len(np.intersect1d(train, test))


def _changed(
    change: Callable, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    if not len(images):  # the classes are even
        return images
    copies, same = change(images, labels, rng)
    copies = np.asarray(copies)
    if copies.shape != images.shape or copies.dtype != np.uint8:
        raise UserError(
            f"the change made {copies.dtype} {copies.shape} of uint8 {images.shape}: use one that "
            "keeps shape and dtype, as `augment.FlipShift()` does"
        )
    if not np.array_equal(same, labels):
        raise UserError("the change alters labels: use one that keeps them, not mixup")
    return copies


def _count(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise UserError(
            f"all {len(labels):,} labels are {classes[0]}: pass labels of two or more classes"
        )
    return classes, counts


def _read_labels(labels: np.ndarray, name: str = "labels") -> np.ndarray:
    from helpers.metrics.inputs import read_labels  # brings scikit-learn

    labels = read_labels(labels, name)
    if labels.min() < 0:
        raise UserError(f"{name} holds {labels.min()}: pass numbers from 0 on")
    return labels


def _read_images(images: np.ndarray, rows: int) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim not in (3, 4):
        raise UserError(
            f"images has shape {images.shape}: pass (n, height, width) or "
            "(n, height, width, channels)"
        )
    if images.dtype != np.uint8:
        raise UserError(
            f"images has dtype {images.dtype}: pass pixels of 0 to 255 as uint8, before rescaling"
        )
    if len(images) != rows:
        raise UserError(f"{len(images):,} images and {rows:,} labels: pass one label a picture")
    return images


def _generator(seed: int) -> np.random.Generator:
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise UserError(f"seed is {seed!r}: give a whole number from 0 on")
    return np.random.default_rng(seed)
