"""What a search with keras-tuner found: its trials as a table, and which hyperparameter mattered.

The search itself is keras-tuner's: `keras_tuner.RandomSearch(...).search(...)`.
"""

from typing import Any

import numpy as np
import pandas as pd

from helpers.settings import SEED, CourseError

_NOTES = "tuner/"  # Hyperband's notes to itself stand among the hyperparameters
_HYPERBAND = ("epochs", "initial_epoch", "bracket", "round")  # the notes that we show
_NO_HYPERPARAMETERS = {"status", "score", *_HYPERBAND}
_TREES, _SHUFFLES, _FEWEST = 30, 3, 4


def trials(tuner: Any) -> pd.DataFrame:
    """All trials of a search, in the order in which they began.

    Args:
        tuner: a tuner of keras-tuner, before, during or after its search; one that was made with
            `overwrite=False` knows the trials in its folder.

    Returns:
        One row a trial, its index named "trial". Columns: `status` ("COMPLETED", "RUNNING",
        "FAILED", ...); `score`, the objective, NaN unless the trial is completed; for Hyperband
        `epochs` (up to which the trial was trained), `initial_epoch` (from which on), `bracket`
        and `round`; and a column for each hyperparameter, NaN where it was not declared yet.
    """
    known = tuner.oracle.trials
    rows = [_row(known[name]) for name in tuner.oracle.start_order if name in known]
    table = pd.DataFrame(rows, columns=None if rows else ["trial", "status", "score"])
    return table.set_index("trial")


def _row(trial: Any) -> dict[str, Any]:
    values = trial.hyperparameters.values
    completed = trial.status == "COMPLETED" and trial.score is not None
    return {
        "trial": str(trial.trial_id),
        "status": str(trial.status),
        "score": float(trial.score) if completed else np.nan,
        **{name: values[_NOTES + name] for name in _HYPERBAND if _NOTES + name in values},
        **{name: value for name, value in values.items() if not name.startswith(_NOTES)},
    }


def importance(trials: pd.DataFrame, *, rounds: int = 10) -> pd.DataFrame:
    """Importance of each hyperparameter by permutation, over resampled sets of trials.

    A random forest (Breiman, 2001) learns the score from the hyperparameters. Then the values of
    one hyperparameter are shuffled; how much worse the forest gets is its importance. Each round
    draws as many trials as there are, with repetition: the spread over the rounds shows how far
    the result hangs on single trials.

    Args:
        trials: as the function `trials` gives, at least four of them with a score; all trained
            for the same number of epochs, or this number will matter most.
        rounds: how many resampled sets.

    Returns:
        (rounds, hyperparameters) table of fractions in [0, 1], which sum to 1 in each row, or to
        0 where nothing mattered.

    Raises:
        CourseError: fewer than four trials with a score.
    """
    scored = trials[trials["score"].notna()]
    if len(scored) < _FEWEST:
        raise CourseError(f"{len(scored)} trials with a score: importance needs {_FEWEST} or more")
    values = scored.drop(columns=[c for c in scored if c in _NO_HYPERPARAMETERS]).apply(_numbers)
    scores = scored["score"].to_numpy()
    rng = np.random.default_rng(SEED)
    found = [_one_round(values.to_numpy(float), scores, rng) for _ in range(rounds)]
    return pd.DataFrame(found, columns=values.columns)


def _one_round(values: np.ndarray, scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fractions (hyperparameters,) for one resampled set of trials."""
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    drawn = rng.integers(0, len(scores), len(scores))
    state = int(rng.integers(2**31))
    forest = RandomForestRegressor(_TREES, random_state=state).fit(values[drawn], scores[drawn])
    # Judged on all trials, drawn or not: on the drawn ones alone the forest knows too much.
    result = permutation_importance(
        forest, values, scores, scoring="r2", n_repeats=_SHUFFLES, random_state=state
    )
    gains = np.maximum(result.importances_mean, 0)
    return gains / gains.sum() if gains.sum() > 0 else np.zeros_like(gains)


def _numbers(column: pd.Series) -> pd.Series:
    """One number a trial; words become places in their order, a missing value too."""
    if pd.api.types.is_numeric_dtype(column) and column.notna().all():
        return column.astype(float)
    return column.astype(str).astype("category").cat.codes.astype(float)
