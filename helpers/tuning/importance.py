"""Which hyperparameter mattered: a regression from hyperparameters to the score, shaken."""

from collections.abc import Sequence

import numpy as np

from helpers.errors import UserError
from helpers.tuning.trials import Trial

_TREES = 30
_SHUFFLES = 3


def importance(
    trials: Sequence[Trial], *, rounds: int = 10, seed: int = 1001
) -> dict[str, np.ndarray]:
    """Importance of each hyperparameter by permutation, over resampled sets of trials.

    A random forest (Breiman, 2001) learns the score from the hyperparameters. Then the values of
    one hyperparameter are shuffled; how much worse the forest gets is its importance. Each round
    draws as many trials as there are, with repetition: the spread over the rounds shows how far
    the result hangs on single trials.

    Args:
        trials: at least four with a score; all epochs alike, or their number will matter most.
        rounds: how many resampled sets.
        seed: of resampling, forest and shuffling.

    Returns:
        By name, (rounds,) float64 shares in [0, 1]; they sum to 1 in each round, or to 0 where
        nothing mattered.

    Raises:
        UserError: fewer than four trials with a score, or no round.
    """
    trials = [trial for trial in trials if trial.score is not None]
    if len(trials) < 4:
        raise UserError(f"{len(trials)} trials with a score: importance needs 4 or more")
    if rounds < 1:
        raise UserError(f"{rounds} rounds: ask for 1 or more")
    names = list(dict.fromkeys(name for trial in trials for name in trial.values))
    inputs = np.stack([_encode([t.values.get(name) for t in trials]) for name in names], axis=1)
    scores = np.array([trial.score for trial in trials])
    rng = np.random.default_rng(seed)
    found = np.stack([_one_round(inputs, scores, rng) for _ in range(rounds)])
    return dict(zip(names, found.T, strict=True))


def _one_round(inputs: np.ndarray, scores: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.inspection import permutation_importance

    drawn = rng.integers(0, len(scores), len(scores))
    state = int(rng.integers(2**31))
    forest = RandomForestRegressor(_TREES, random_state=state).fit(inputs[drawn], scores[drawn])
    # Judged on all trials, drawn or not: on the drawn ones alone the forest knows too much.
    result = permutation_importance(
        forest, inputs, scores, scoring="r2", n_repeats=_SHUFFLES, random_state=state
    )
    shares = np.maximum(result.importances_mean, 0)
    return shares / shares.sum() if shares.sum() > 0 else np.zeros_like(shares)


def _encode(values: list) -> np.ndarray:
    """One number a trial; words, and a hyperparameter that is not active, become a place."""
    if all(isinstance(value, int | float) for value in values):
        return np.array(values, dtype=float)
    places = {value: place for place, value in enumerate(sorted({str(v) for v in values}))}
    return np.array([places[str(value)] for value in values], dtype=float)
