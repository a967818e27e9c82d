"""Nine epochs of report S3's frozen network: as S3 trained them, and with the trunk run once.

    python tests/benchmarks/bench_transfer.py [--images N] [--validation N] [--batch N]

S3: MobileNetV2 at 96 x 96 with ImageNet weights, frozen, GAP, Dense 128, dropout .5, softmax; the
whole network runs in every epoch, in batches of 32, each enlarged on the way, and is judged on
the validation pictures after each epoch. One epoch is timed, after a first step that traces, and
counted nine times. Ours: the same network; the trunk runs once and the head is trained for nine
epochs on what it gave. Cold: with nothing in the cache. Warm: the same call again.
Weights come from Keras' cache ($KERAS_HOME), or the internet.
"""

import argparse
import os
import tempfile
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import layers

from helpers import datasets, predict, pretrained, training, transfer

EPOCHS, S3_BATCH = 9, 32
LAST_FROZEN = "frozen"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", type=int, default=4_000, help="default: %(default)s")
    parser.add_argument("--validation", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--batch", type=int, default=256, help="of our head; default: %(default)s")
    parser.add_argument("--rate", type=float, default=1e-3, help="of both; default: %(default)s")
    args = parser.parse_args()
    data = datasets.load("cifar10", profile="full")
    train = data.train.images[: args.images], data.train.labels[: args.images]
    val = data.val.images[: args.validation], data.val.labels[: args.validation]
    if len(train[0]) < args.images or len(val[0]) < args.validation:
        raise SystemExit("all of CIFAR-10 is needed: python -m helpers data fetch cifar10")
    found = pretrained.find("mobilenet_v2", "full")
    print(found.source)
    s3, s3_accuracy = seconds_of_s3(network(found), train, val, args.rate)
    print(f"S3    {s3:7.1f} s (one epoch, counted {EPOCHS} times), {s3_accuracy}")
    with tempfile.TemporaryDirectory() as cache:
        for name in ("cold", "warm"):
            seconds, accuracy = seconds_of_ours(network(found), train, val, args, cache)
            print(f"{name}  {seconds:7.1f} s, {accuracy:.1%} validation; ratio {s3 / seconds:.1f}")


def network(found: pretrained.Pretrained) -> keras.Model:
    """S3's network: 2,423,242 parameters, pictures (n, 32, 32, 3) to (n, 10) probabilities."""
    keras.utils.set_random_seed(1001)
    inputs = keras.Input((32, 32, 3), dtype="uint8")
    large = layers.Resizing(found.input_size, found.input_size)(inputs)
    base = found.build(found.preprocess(large))
    base.trainable = False
    x = layers.GlobalAveragePooling2D(name=LAST_FROZEN)(base.output)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(10, activation="softmax")(x))


def compiled(model: keras.Model, rate: float) -> keras.Model:
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def seconds_of_s3(model: keras.Model, train: tuple, val: tuple, rate: float) -> tuple[float, str]:
    """Seconds of nine epochs, and what one epoch reached (the other eight are not run)."""
    compiled(model, rate)
    options = {"epochs": 1, "batch_size": S3_BATCH, "verbose": 0}
    first = tuple(values[:S3_BATCH] for values in train)
    model.fit(*first, validation_data=first, **options)
    start = time.perf_counter()
    history = model.fit(*train, validation_data=val, **options).history
    seconds = time.perf_counter() - start
    return EPOCHS * seconds, f"{history['val_accuracy'][-1]:.1%} validation after one epoch"


def seconds_of_ours(
    model: keras.Model, train: tuple, val: tuple, args: argparse.Namespace, cache: str
) -> tuple[float, float]:
    """Seconds of trunk (or cache) and nine epochs of the head; validation accuracy of the whole."""
    start = time.perf_counter()
    trunk, tail = transfer.split(model, LAST_FROZEN)
    x, x_val = (
        transfer.activations(trunk, images, cache_dir=cache, progress=False)[0]
        for images, _ in (train, val)
    )
    got = time.perf_counter() - start
    training.fit(
        compiled(tail, args.rate),
        x,
        train[1],
        epochs=EPOCHS,
        batch_size=args.batch,
        validation_data=(x_val, val[1]),
        verbose=False,
    )
    seconds = time.perf_counter() - start
    print(f"      activations {got:.1f} s, head {seconds - got:.1f} s")
    answers = predict.probabilities(model, np.asarray(val[0])).argmax(axis=1)
    return seconds, float((answers == val[1]).mean())


if __name__ == "__main__":
    main()
