"""Several random splits of a few photos, with near duplicates kept together."""

import numpy as np

from helpers.errors import UserError

_TRIES = 20  # draws of which the one nearest to the wanted numbers is taken


def splits(
    labels: np.ndarray,
    groups: np.ndarray,
    *,
    repeats: int = 5,
    val_fraction: float = 0.3,
    seed: int = 1001,
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw stratified splits into training and validation rows.

    All rows of a group are on one side, so a near duplicate of a training picture is never in
    the validation rows. Each class has at least one row on both sides, and about val_fraction
    of its rows are for validation.

    Args:
        labels: (n,) integers.
        groups: (n,) integers, equal for exact and near duplicates.
        repeats: number of splits.
        val_fraction: share of each class for validation, above 0 and below 1.
        seed: of the draws; the same seed gives the same splits.

    Returns:
        One (train_rows, val_rows) a repeat, sorted int64 rows that together are 0..n-1.

    Raises:
        UserError: the arrays do not fit each other, a number is out of range, or a class cannot
            be on both sides.
    """
    labels, groups = _row_of_integers("labels", labels), _row_of_integers("groups", groups)
    if len(labels) != len(groups):
        raise UserError(f"{len(labels)} labels and {len(groups)} groups: pass one of each a photo")
    if isinstance(repeats, bool) or not isinstance(repeats, int | np.integer) or repeats < 1:
        raise UserError(f"repeats is {repeats!r}: use a whole number from 1")
    if not 0 < val_fraction < 1:
        raise UserError(f"val_fraction is {val_fraction!r}: use a number above 0 and below 1")
    table = _table(labels, groups)
    wanted = np.clip(np.round(val_fraction * table.sum(axis=0)), 1, table.sum(axis=0) - 1)
    rng = np.random.default_rng(seed)
    group_of_row = np.unique(groups, return_inverse=True)[1].reshape(-1)
    result = []
    for _ in range(repeats):
        for_validation = _draw(table, wanted, rng)[group_of_row]
        result.append((np.flatnonzero(~for_validation), np.flatnonzero(for_validation)))
    return result


def _table(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """(groups, classes) number of rows of each class in each group."""
    classes, label_of_row = np.unique(labels, return_inverse=True)
    names, group_of_row = np.unique(groups, return_inverse=True)
    table = np.zeros((len(names), len(classes)), dtype=np.int64)
    np.add.at(table, (group_of_row.reshape(-1), label_of_row.reshape(-1)), 1)
    for column, label in zip(table.T, classes, strict=True):
        if np.count_nonzero(column) < 2:
            why = "one picture" if column.sum() == 1 else f"{column.sum()} near duplicates of one"
            raise UserError(
                f"class {label} has only {why}, which cannot be both for training and for "
                "validation: take different pictures of it"
            )
    return table


def _draw(table: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(groups,) bool, True for validation: the best of some random draws."""
    best, least = None, np.inf
    for _ in range(_TRIES):
        chosen = _one_draw(table, wanted, rng)
        taken = table[chosen].sum(axis=0)
        possible = (taken > 0).all() and (taken < table.sum(axis=0)).all()
        miss = np.abs(taken - wanted).sum()
        if possible and miss < least:
            best, least = chosen, miss
        if least == 0:
            break
    if best is None:
        raise UserError(
            "near duplicates link the classes so that no split has each class on both sides: "
            "remove the pictures that are found in two classes"
        )
    return best


def _one_draw(table: np.ndarray, wanted: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Take groups in random order while they fit, then what a class without any needs."""
    chosen = np.zeros(len(table), dtype=bool)
    taken = np.zeros(table.shape[1], dtype=np.int64)
    order = rng.permutation(len(table))
    for group in order:
        if (taken + table[group] <= wanted).all():
            chosen[group] = True
            taken += table[group]
    for column in np.flatnonzero(taken == 0):
        # No group was small enough: take the smallest.
        members = order[table[order, column] > 0]
        smallest = members[table[members].sum(axis=1).argmin()]
        chosen[smallest] = True
    return chosen


def _row_of_integers(name: str, values: np.ndarray) -> np.ndarray:
    values = np.asarray(values)
    if values.ndim != 1 or not len(values):
        raise UserError(f"{name} has shape {values.shape}: pass one number a photo, shape (n,)")
    if values.dtype.kind not in "ui":
        raise UserError(f"{name} has dtype {values.dtype}: pass integers")
    return values
