"""One search in a process of its own, for the tests that kill it.

    python tuning_worker.py FOLDER [--tuner random] [--trials 5] [--linger SECONDS]

Prints a line when a trial begins training. The networks are so small that a search takes seconds.
"""

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np

from helpers import tuning


def build(hp) -> keras.Model:
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(hp.Int("units", 2, 64), activation="relu"),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    rate = hp.Float("learning_rate", 1e-4, 1e-1, sampling="log")
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class Announce(keras.callbacks.Callback):
    def __init__(self, linger: float):
        super().__init__()
        self.linger = linger

    def on_train_begin(self, logs=None) -> None:
        print("training", flush=True)
        time.sleep(self.linger)


def search(folder: Path, tuner: str = "random", trials: int = 5, linger: float = 0) -> None:
    """Begin the search, or go on with it."""
    kt = tuning.keras_tuner()
    kinds = {
        "random": (kt.RandomSearch, {"max_trials": trials}),
        "bayesian": (kt.BayesianOptimization, {"max_trials": trials, "num_initial_points": 2}),
        "hyperband": (kt.Hyperband, {"max_epochs": 2, "factor": 2}),
    }
    make, options = kinds[tuner]
    place = tuning.open_search(folder, build, tuner=tuner)
    inputs = np.random.default_rng(7).random((32, 4), dtype=np.float32)
    labels = (inputs[:, 0] > 0.5).astype("int64")
    make(build, objective="val_accuracy", seed=5, **options, **place).search(
        inputs,
        labels,
        validation_data=(inputs, labels),
        epochs=1,
        callbacks=[Announce(linger)],
        verbose=0,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tuner", default="random")
    parser.add_argument("--trials", type=int, default=5)
    parser.add_argument("--linger", type=float, default=0)
    args = parser.parse_args()
    search(args.folder, args.tuner, args.trials, args.linger)
