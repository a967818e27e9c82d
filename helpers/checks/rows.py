"""Exercises that are answered with the rows of two parts, training and validation."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, describe, likely


def two_parts(
    result: Any, total: int, causes: Mapping[str, Callable[[np.ndarray], Any]] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of (training, validation), which hold each of `total` rows once.

    `causes` are more to say of wrong rows, {text: function of all rows in both parts}.

    Raises:
        Wrong: no pair, no whole numbers, or rows that are missing or there more than once.
    """
    if not isinstance(result, list | tuple | np.ndarray) or len(result) != 2:
        cause = ""
        if isinstance(result, list) and len(result) == 4:
            cause = "`train_test_split` returns four arrays if you give it two."
        text = f"expected a pair (training, validation), got {describe(result)}."
        raise Wrong("type", text, cause)
    train, val = parts = [as_array(part, "row numbers", shape=(None,)) for part in result]
    for part in parts:
        if part.dtype.kind not in "ui" or not part.size:
            nudge = "`np.flatnonzero` turns a mask into row numbers."
            raise Wrong("type", f"expected row numbers, got {describe(part)}.", nudge=nudge)
    rows = np.concatenate(parts)
    low, high = rows.min(), rows.max()
    double = sum(len(part) - len(np.unique(part)) for part in parts)
    if not np.array_equal(np.sort(rows), np.arange(total)):
        found = {
            **{text: applies(rows) for text, applies in (causes or {}).items()},
            "labels were returned, not row numbers.": len(np.unique(train)) <= len(train) / 5,
            f"your row numbers go from {low} to {high}.": low < 0 or high >= total,
            "training holds all images, also those of validation.": len(np.unique(train)) == total,
            "some rows are more than once in one part: drawn with replacement?": double,
            "some images are in both parts: a leak.": np.isin(train, val).any(),
            "some images are in neither part.": True,
        }
        text = f"the parts do not hold each of the rows 0 to {total - 1:,} once."
        raise Wrong("value", text, likely(found), "training is all that validation leaves over.")
    return train, val
