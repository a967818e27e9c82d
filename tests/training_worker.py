"""One training run in a process of its own, for the tests that kill it.

    python training_worker.py RUN_DIR OUT.json [--network small|s2] [--epochs N] [--linger SECONDS]

Writes a line to standard output at each step worth being killed at, and at the end the digest of
the weights and the history to OUT.json.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
from keras import layers

from helpers import models, training
from helpers.training import state


def small_network() -> keras.Model:
    """Convolution with everything that draws random numbers or keeps moving averages."""
    return keras.Sequential(
        [
            keras.Input((12, 12, 3)),
            layers.Rescaling(1 / 255),
            layers.RandomFlip("horizontal"),
            layers.RandomTranslation(0.1, 0.1),
            layers.Conv2D(8, 3),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )


def pictures(n: int, size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which each class brightens its own column."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, classes, n)
    images = rng.integers(0, 200, (n, size, size, 3), dtype=np.uint8)
    images[np.arange(n), :, labels] += 40
    return images, labels


def callbacks() -> list[keras.callbacks.Callback]:
    return [
        keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
        keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5),
    ]


def linger_in_save(seconds: float) -> None:
    """Stretch the moments around a save, so that a kill is likely to fall into them."""
    written, replace = np.savez, os.replace

    def slow_write(file, **arrays):
        print("saving", flush=True)
        written(file, **arrays)
        file.flush()
        file.truncate(file.tell() // 2)  # a file cut off half way
        time.sleep(seconds)
        file.seek(0)
        written(file, **arrays)

    def slow_replace(source, target):
        print("replacing", flush=True)
        time.sleep(seconds)
        replace(source, target)
        print("replaced", flush=True)
        time.sleep(seconds)

    state.np.savez, state.os.replace = slow_write, slow_replace


def run(run_dir: Path | None, network: str = "small", epochs: int = 6) -> dict:
    """Train to the end; digest of the final weights, history and numbers of the epochs."""
    keras.utils.set_random_seed(3)
    if network == "small":
        model, (x, y) = small_network(), pictures(640, 12, 4)
    else:
        model, (x, y) = models.s2_network(), pictures(640, 32, 10)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(
        model,
        x[128:],
        y[128:],
        epochs=epochs,
        batch_size=64,
        validation_data=(x[:128], y[:128]),
        callbacks=callbacks(),
        run_dir=run_dir,
    )
    digest = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
    return {"weights": digest, "history": history.history, "epochs": history.epoch}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("run_dir", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--network", choices=("small", "s2"), default="small")
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--linger", type=float, default=0)
    args = parser.parse_args()
    if args.linger:
        linger_in_save(args.linger)
    args.out.write_text(json.dumps(run(args.run_dir, args.network, args.epochs)))


if __name__ == "__main__":
    main()
