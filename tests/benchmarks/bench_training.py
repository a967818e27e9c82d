"""What surviving costs: `training.fit` with a run folder against plain `model.fit`.

    python tests/benchmarks/bench_training.py [--images N] [--rounds N]

S2's network at batch 128. The two take turns, an epoch each, so that both meet the same load.
Printed are medians over epochs, of wall and processor seconds, saving included.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from helpers import models, training

BATCH = 128


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=8)
    args = parser.parse_args()
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (args.images, 32, 32, 3), dtype=np.uint8)
    y = rng.integers(0, 10, args.images)
    plain, surviving = network(), network()
    clocks = EpochClock([]), EpochClock([])
    with tempfile.TemporaryDirectory() as folder:
        for done in range(args.rounds + 1):  # the first round traces the graphs
            plain.fit(
                x,
                y,
                batch_size=BATCH,
                epochs=done + 1,
                initial_epoch=done,
                callbacks=[clocks[0]],
                verbose=0,
            )
            training.fit(
                surviving,
                x,
                y,
                batch_size=BATCH,
                epochs=done + 1,
                run_dir=Path(folder) / "run",
                callbacks=[clocks[1]],
                verbose=False,
            )
    wall, cpu = zip(*(clock.medians() for clock in clocks), strict=True)
    for name, seconds, used in zip(("model.fit", "training.fit"), wall, cpu, strict=True):
        print(f"{name:<13} {seconds:6.2f} s an epoch, {used:6.2f} processor seconds")
    print(f"ratio {wall[1] / wall[0]:.3f} (wall), {cpu[1] / cpu[0]:.3f} (processor)")


def network() -> keras.Model:
    keras.utils.set_random_seed(1)
    model = models.s2_network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class EpochClock(keras.callbacks.Callback):
    """Wall and processor seconds from the beginning of an epoch to the end of `fit`."""

    def __init__(self, seconds: list):
        super().__init__()
        self.seconds = seconds  # an argument, or a resumed `fit` would restore it from its file

    def on_epoch_begin(self, epoch, logs=None):
        self.begun = np.array([time.perf_counter(), time.process_time()])

    def on_train_end(self, logs=None):
        self.seconds.append([time.perf_counter(), time.process_time()] - self.begun)

    def medians(self) -> np.ndarray:
        """(wall, processor), over all epochs but the first."""
        return np.median(self.seconds[1:], axis=0)


if __name__ == "__main__":
    main()
