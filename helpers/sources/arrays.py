"""A whole data set as arrays, and the checks that each must pass before anyone trains on it."""

from typing import NamedTuple

import numpy as np

from helpers.errors import UserError
from helpers.sources.catalog import DataSet

DEFAULT_SEED = 1001
DEFAULT_VAL_FRACTION = 0.1


class Arrays(NamedTuple):
    """All images and labels of one data set.

    Attributes:
        train_images: (n, h, w, c) uint8, the images for training and validation.
        train_labels: (n,) int64.
        test_images: (m, h, w, c) uint8.
        test_labels: (m,) int64.
        source: one sentence: where the data came from.
        train_index: (n,) int64, each training row's position in the published order.
        val_count: None, or the number of rows at the end of the training arrays that are the
            validation split under the default fraction and seed.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str
    train_index: np.ndarray
    val_count: int | None = None


def make(
    spec: DataSet,
    where: object,
    train: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    source: str,
    *,
    complete: bool = True,
) -> Arrays:
    """Check both parts and put them together.

    Args:
        spec: the data set that this should be.
        where: the file or folder to name in an error.
        train: (images, labels) in the published order.
        test: the same for the test part.
        source: one sentence for people.
        complete: whether the number of images must be the published one.

    Raises:
        UserError: a shape, dtype, number or label is not what it should be.
    """
    counts = (spec.train_count, spec.test_count) if complete else (None, None)
    train_images, train_labels = checked(spec, where, "training", *train, counts[0])
    test_images, test_labels = checked(spec, where, "test", *test, counts[1])
    index = np.arange(len(train_labels), dtype=np.int64)
    return Arrays(train_images, train_labels, test_images, test_labels, source, index)


def checked(
    spec: DataSet,
    where: object,
    part: str,
    images: np.ndarray,
    labels: np.ndarray,
    count: int | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return (images, int64 labels), or say in one line what is wrong with them.

    Raises:
        UserError: naming `where`, what it holds and what was expected.
    """
    labels = np.asarray(labels)
    wanted = f"{'n' if count is None else count} x {' x '.join(map(str, spec.image_shape))}"
    found = None
    if images.dtype != np.uint8:
        found = f"{part} images of type {images.dtype}, expected uint8"
    elif images.ndim != 4 or images.shape[1:] != spec.image_shape:
        found = f"{part} images of shape {images.shape}, expected {wanted}"
    elif count is not None and len(images) != count:
        found = f"{len(images)} {part} images, expected {count}"
    elif len(images) == 0:
        found = f"no {part} images"
    elif labels.ndim != 1 or labels.dtype.kind not in "iu":
        found = f"{part} labels that are not a list of integers"
    elif len(labels) != len(images):
        found = f"{len(labels)} {part} labels for {len(images)} images"
    elif labels.min() < 0 or labels.max() >= spec.class_count:
        low, high = int(labels.min()), int(labels.max())
        found = f"{part} labels from {low} to {high}, expected 0 to {spec.class_count - 1}"
    if found:
        raise UserError(
            f"{where} holds {found}: it is not {spec.title} or is damaged; get a fresh copy, "
            f"for instance with `python -m helpers data fetch {spec.name}`"
        )
    return images, labels.astype(np.int64)


def split_rows(labels: np.ndarray, val_fraction: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Stratified split of rows into training and validation.

    Args:
        labels: (n,) labels in the published order, so that a seed means the same rows always.
        val_fraction: share of the rows that go to validation, in [0, 1).
        seed: of the random draw.

    Returns:
        Two int64 arrays of row numbers, shuffled, that together are 0..n-1.

    Raises:
        UserError: the fraction is out of range or too small for one image a class.
    """
    rows = np.arange(len(labels), dtype=np.int64)
    if not 0 <= val_fraction < 1:
        raise UserError(f"val_fraction is {val_fraction}: give a number from 0 up to below 1")
    if val_fraction == 0:
        return np.random.default_rng(seed).permutation(rows), rows[:0]
    from sklearn.model_selection import train_test_split  # a slow import, seldom needed

    try:
        return tuple(
            train_test_split(rows, test_size=val_fraction, random_state=seed, stratify=labels)
        )
    except ValueError as error:
        raise UserError(
            f"val_fraction={val_fraction} of {len(labels)} images cannot be split by class "
            f"({error}): choose another fraction"
        ) from None


def in_default_order(arrays: Arrays) -> Arrays:
    """The same data with training rows first and the default validation rows last (a copy)."""
    train, val = split_rows(arrays.train_labels, DEFAULT_VAL_FRACTION, DEFAULT_SEED)
    rows = np.concatenate([train, val])
    return arrays._replace(
        train_images=arrays.train_images[rows],
        train_labels=arrays.train_labels[rows],
        train_index=arrays.train_index[rows],
        val_count=len(val),
    )
