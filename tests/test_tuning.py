"""Trials as a table, before and after a search was killed, and what mattered."""

import keras
import keras_tuner
import numpy as np
import pandas as pd
import pytest

from helpers import tuning
from helpers.settings import CourseError

X = np.random.default_rng(0).random((16, 2), dtype=np.float32)
FIT = {"x": X, "y": X.sum(axis=1), "validation_data": (X, X.sum(axis=1)), "verbose": 0}


def build(hp):
    units = hp.Choice("units", [1, 2, 4])
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units), keras.layers.Dense(1)])
    optimizer = keras.optimizers.SGD(hp.Float("rate", 1e-4, 1e-1, sampling="log"))
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, "mse")
    return model


def random_search(folder):
    options = {"objective": "val_loss", "directory": folder, "project_name": "search"}
    return keras_tuner.RandomSearch(build, max_trials=4, seed=1, **options)


def test_a_search_that_was_broken_off_keeps_its_finished_trials(tmp_path):
    def accident(epoch, logs):
        if len(tuner.oracle.trials) == 3:
            raise KeyboardInterrupt

    tuner = random_search(tmp_path)
    assert list(tuning.trials(tuner)) == ["status", "score"] and tuning.trials(tuner).empty
    with pytest.raises(KeyboardInterrupt):
        tuner.search(**FIT, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=accident)])
    before = tuning.trials(random_search(tmp_path))  # read again from the folder
    assert list(before["status"]) == ["COMPLETED", "COMPLETED", "RUNNING"]
    assert before["score"].isna().tolist() == [False, False, True]
    again = random_search(tmp_path)
    again.search(**FIT)
    after = tuning.trials(again)
    assert list(after.columns) == ["status", "score", "units", "rate"] and len(after) == 4
    pd.testing.assert_frame_equal(after.iloc[:2], before.iloc[:2])
    assert (after["status"] == "COMPLETED").all() and after.index.name == "trial"
    best = again.oracle.get_best_trials()[0]
    assert after["score"].min() == after["score"][best.trial_id] == best.score
    assert after["rate"][best.trial_id] == best.hyperparameters["rate"]


@pytest.mark.slow
def test_hyperband_tells_its_rounds(tmp_path):
    tuner = keras_tuner.Hyperband(
        build, "val_loss", max_epochs=2, factor=2, seed=1, directory=tmp_path, project_name="band"
    )
    tuner.search(**FIT)
    trials = tuning.trials(tuner)
    later = trials[trials["round"] > 0]
    assert (later["initial_epoch"] == 1).all() and (later["epochs"] == 2).all() and len(later)
    assert not any(name.startswith("tuner/") for name in trials)


def made_up(count=24, **columns):
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"rate": rng.uniform(size=count), "units": rng.integers(1, 5, count)})
    return table.assign(status="COMPLETED", score=table["rate"] ** 2, epochs=2, **columns)


def test_importance_finds_what_decides_the_score():
    found = tuning.importance(made_up(), rounds=4)
    assert found.shape == (4, 2)
    np.testing.assert_allclose(found.sum(axis=1), 1)
    assert (found["rate"] > 0.8).all()
    pd.testing.assert_frame_equal(found, tuning.importance(made_up(), rounds=4))


def test_importance_takes_words_truth_values_and_missing_ones():
    trials = made_up(word=["a", "b", None] * 8, flag=[True, False] * 12)
    trials.loc[3, "units"] = np.nan
    trials.loc[5, "score"] = np.nan  # a trial that failed
    trials["score"] = trials["score"] * 0 + (trials["word"] == "a")
    found = tuning.importance(trials, rounds=3)
    assert found.mean().idxmax() == "word" and set(found) == {"rate", "units", "word", "flag"}


def test_importance_where_nothing_mattered_and_of_too_few_trials():
    assert (tuning.importance(made_up().assign(score=0.5), rounds=2) == 0).all(axis=None)
    with pytest.raises(CourseError, match="3 trials"):
        tuning.importance(made_up(3))
