"""Nine epochs of report S3's frozen network: as S3 trained them, and with cached features.

    python tests/benchmarks/bench_transfer.py [--images N] [--validation N] [--batch N]

S3: MobileNetV2 at 96 x 96 with ImageNet weights, frozen, GAP, Dense 128, dropout .5, softmax; the
whole network runs in every epoch, in batches of 32, and is judged on the validation images after
each epoch. One epoch is timed, after a first step that prepares the program, and counted nine
times. Ours: the same network; its base runs once, and the head is trained for nine epochs on the
features. Cold: with nothing in the cache. Warm: the same call again.
Weights come from Keras' cache ($KERAS_HOME) or the internet; random ones take as long.
"""

import argparse
import os
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from helpers import datasets, transfer

EPOCHS, SIZE, S3_BATCH = 9, 96, 32


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=4_000, help="default: %(default)s")
    parser.add_argument("--validation", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--batch", type=int, default=256, help="of our head; default: %(default)s")
    parser.add_argument("--profile", default="full", help="default: %(default)s")
    args = parser.parse_args()
    data = datasets.load("cifar10", profile=args.profile)
    train = data.train.images[: args.images], data.train.labels[: args.images]
    val = data.val.images[: args.validation], data.val.labels[: args.validation]
    base = mobilenet()
    s3 = seconds_of_s3(network(base), train, val)
    print(f"S3    {s3:7.1f} s (one epoch, counted {EPOCHS} times)")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("cold", "warm"):
            seconds = seconds_of_ours(network(base), train, val, args.batch, folder)
            print(f"{name}  {seconds:7.1f} s; ratio {s3 / seconds:.1f}")


def mobilenet() -> keras.Model:
    """MobileNetV2 without its head; with random weights where ImageNet's can't be had."""
    shape = (SIZE, SIZE, 3)
    try:
        return keras.applications.MobileNetV2(shape, include_top=False, weights="imagenet")
    except Exception as error:  # Keras raises a bare one for no connection
        print(f"random weights ({str(error).splitlines()[0]})")
        return keras.applications.MobileNetV2(shape, include_top=False, weights=None)


def network(base: keras.Model) -> keras.Model:
    """S3's network: 2,423,242 parameters, images (n, 32, 32, 3) to (n, 10) probabilities."""
    keras.utils.set_random_seed(1001)
    base.trainable = False
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    x = layers.Rescaling(1 / 127.5, offset=-1)(layers.Resizing(SIZE, SIZE)(inputs))
    x = layers.GlobalAveragePooling2D(name="features")(base(x, training=False))
    x = layers.Dropout(0.5)(layers.Dense(128, activation="relu")(x))
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def compiled(model: keras.Model) -> keras.Model:
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def seconds_of_s3(model: keras.Model, train: tuple, val: tuple) -> float:
    """Seconds of nine epochs; the other eight are not run."""
    compiled(model)
    options = {"epochs": 1, "batch_size": S3_BATCH, "verbose": 0}
    first = tuple(values[:S3_BATCH] for values in train)
    model.fit(*first, validation_data=first, **options)
    start = time.perf_counter()
    model.fit(*train, validation_data=val, **options)
    return EPOCHS * (time.perf_counter() - start)


def seconds_of_ours(model: keras.Model, train: tuple, val: tuple, batch: int, folder: str) -> float:
    """Seconds of features (or cache) and nine epochs of the head."""
    start = time.perf_counter()
    backbone, head = transfer.split_model(model, "features")
    x, x_val = (
        transfer.cached_features(backbone, images, folder=folder, progress=False)
        for images, _ in (train, val)
    )
    got = time.perf_counter() - start
    options = {"epochs": EPOCHS, "batch_size": batch, "verbose": 0}
    history = compiled(head).fit(x, train[1], validation_data=(x_val, val[1]), **options)
    seconds = time.perf_counter() - start
    accuracy = np.max(history.history["val_accuracy"])
    print(f"      features {got:.1f} s, head {seconds - got:.1f} s, validation {accuracy:.1%}")
    return seconds


if __name__ == "__main__":
    main()
