"""Cross-validation and learning curves: which rows to train on, the same for every candidate."""

from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_labels, same_length

Fold = tuple[np.ndarray, np.ndarray]


def stratified(
    labels: np.ndarray, k: int = 5, seed: int = 1001, groups: np.ndarray | None = None
) -> list[Fold]:
    """Split rows into k folds; each is the validation set once (Kohavi, 1995).

    Every class is spread evenly over the folds: their numbers of it differ by one at most, without
    groups.

    Args:
        labels: (n,) or (n, 1) integers from 0.
        k: number of folds, 2 or more.
        seed: of the shuffling; the same seed gives the same folds.
        groups: (n,) integers, equal for an original and its copies: they stay in one fold.

    Returns:
        k pairs (train_rows, val_rows), ascending int64. The validation rows are disjoint and
        together all rows; the training rows are the rest.

    Raises:
        UserError: labels or groups that are none, or a class with fewer images, or groups, than k.
    """
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    labels = read_labels(labels, "labels")
    _check_whole("k", k, 2)
    if groups is not None:
        groups = read_labels(groups, "groups")
        same_length(labels=labels, groups=groups)
    _check_sizes(labels, k, groups)
    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    splitter = kind(k, shuffle=True, random_state=seed)
    return [
        (train.astype(np.int64), val.astype(np.int64))
        for train, val in splitter.split(labels, labels, groups)
    ]


def _check_sizes(labels: np.ndarray, k: int, groups: np.ndarray | None) -> None:
    unit = "images" if groups is None else "groups"
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        size = len(rows if groups is None else np.unique(groups[rows]))
        if size < k:
            raise UserError(f"class {label} has {size} {unit}: for {k} folds it needs {k} or more")


def scores(
    build: Callable[[], Any],
    x: np.ndarray,
    y: np.ndarray,
    folds: Sequence[Fold],
    fit: Callable[[Any, np.ndarray, np.ndarray, np.ndarray, np.ndarray], float],
) -> np.ndarray:
    """Train one candidate on every fold and score it on the rest.

    Args:
        build: makes the candidate; called once a fold. It may return the same model each time if
            it sets the weights back, which saves Keras from tracing it again.
        x: (n, ...) images.
        y: (n,) labels.
        folds: as `stratified` gives them.
        fit: trains and scores: fit(model, x_train, y_train, x_val, y_val) -> score.

    Returns:
        (k,) float64 scores, in the order of the folds.

    Raises:
        UserError: there are no folds; x, y and folds do not fit; a score is no finite number; or
            the model still has the weights of the fold before.
    """
    x, y = np.asarray(x), np.asarray(y)
    same_length(x=x, y=y)
    if not len(folds):
        raise UserError("no folds: make them with folds.stratified(labels)")
    found: list[float] = []
    trained: list[np.ndarray] | None = None
    for train, val in folds:
        if max(np.max(train), np.max(val)) >= len(x):
            raise UserError(f"the folds name rows beyond the {len(x):,} images: make them of y")
        model = build()
        if trained is not None and _same(_weights(model), trained):
            raise UserError(
                "build returned the model with the weights of the fold before, which has seen "
                "these images: build a new one, or set its weights back"
            )
        score = float(fit(model, x[train], y[train], x[val], y[val]))
        if not np.isfinite(score):
            raise UserError(f"fold {len(found) + 1} has the score {score}: look at its training")
        found.append(score)
        trained = _weights(model)
    return np.array(found, dtype=np.float64)


def nested_rows(labels: np.ndarray, counts: Sequence[int], seed: int = 1001) -> list[np.ndarray]:
    """Stratified subsets for a learning curve, each inside the next larger one.

    A curve over nested subsets shows what more images add; over subsets drawn afresh it would also
    show the luck of each draw.

    Args:
        labels: (n,) or (n, 1) integers from 0.
        counts: sizes of the subsets, rising, n at most.
        seed: of the shuffling.

    Returns:
        Ascending int64 rows, one array for each of counts. The share of each class is that of
        labels, up to one image.

    Raises:
        UserError: labels that are none; counts that do not rise or are larger than n; or a
            subset so small that a class is missing.
    """
    labels = read_labels(labels, "labels")
    counts = list(counts)
    if not counts:
        raise UserError("counts is empty: give the sizes of the subsets, as in [100, 1000]")
    for count in counts:
        _check_whole("a count", count, 1)
    if sorted(set(counts)) != counts or counts[-1] > len(labels):
        raise UserError(f"counts is {counts}: give rising numbers up to {len(labels):,}")
    order = _evenly_mixed(labels, np.random.default_rng(seed))
    classes = len(np.unique(labels))
    if len(np.unique(labels[order[: counts[0]]])) < classes:
        raise UserError(
            f"{counts[0]} images are too few to hold each of {classes} classes: give a larger count"
        )
    return [np.sort(order[:count]) for count in counts]


def _evenly_mixed(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """All rows in an order in which every beginning has the classes in their shares."""
    place = np.empty(len(labels))
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        place[rows] = (np.arange(len(rows)) + 0.5) / len(rows)  # each class evenly over 0..1
    mixed = rng.permutation(len(labels))  # so that equal places are in no order of classes
    return mixed[np.argsort(place[mixed], kind="stable")].astype(np.int64)


def _weights(model: Any) -> list[np.ndarray] | None:
    """A copy of a Keras model's weights; None of another model."""
    return model.get_weights() if hasattr(model, "get_weights") else None


def _same(weights: list[np.ndarray] | None, others: list[np.ndarray]) -> bool:
    if weights is None or len(weights) != len(others):
        return False
    return all(np.array_equal(one, other) for one, other in zip(weights, others, strict=True))


def _check_whole(name: str, value: Any, least: int) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise UserError(f"{name} is {value!r}: use a whole number from {least}")
