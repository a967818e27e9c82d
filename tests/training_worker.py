"""One training run in a process of its own, for the tests that kill it.

    python training_worker.py RUN_DIR OUT.json small|s2 SECONDS

SECONDS stretch the moments around a save, in which the tests kill it.

Writes a line to standard output at each step worth being killed at, and at the end the digest of
the weights and the history to OUT.json.
"""

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

from helpers import augment, models, training


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


def data(n: int, size: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise in which each class brightens its own column."""
    rng = np.random.default_rng(7)
    labels = rng.integers(0, classes, n)
    images = rng.integers(0, 200, (n, size, size, 3), dtype=np.uint8)
    images[np.arange(n), :, labels] += 40
    return images, labels


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

    training.np.savez, training.os.replace = slow_write, slow_replace


def run(run_dir: Path | None, network: str = "small") -> dict:
    """Train to the end; digest of the final weights, history and numbers of the epochs."""
    keras.utils.set_random_seed(3)
    if network == "small":
        model, (x, y) = small_network(), data(640, 12, 4)
    else:
        model, (x, y) = models.s2_network(), data(640, 32, 10)
    optimizer = keras.optimizers.Adam(use_ema=True, ema_momentum=0.9)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = training.fit(
        model,
        x[128:],
        y[128:],
        epochs=6,
        batch_size=64,
        validation_data=(x[:128], y[:128]),
        augment=lambda images, labels, rng: (augment.shift_and_flip(images, 1, rng), labels),
        callbacks=[
            keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
            keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5),
        ],
        run_dir=run_dir,
        verbose=0,
    )
    digest = hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest()
    return {"weights": digest, "history": history.history, "epochs": history.epoch}


if __name__ == "__main__":
    linger_in_save(float(sys.argv[4]))
    Path(sys.argv[2]).write_text(json.dumps(run(Path(sys.argv[1]), sys.argv[3])))
