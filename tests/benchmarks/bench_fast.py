"""How long until CIFAR-10 is learned as well as report S2 learned it: S2's recipe and the fast one.

    python tests/benchmarks/bench_fast.py [--epochs N] [--s2-images N] [--precision P]

S2: its network, batches of 32, pictures shifted by up to a tenth and mirrored, Adam, 50 epochs on
50,000 pictures; the report's public notebook reached 88.72 % on the test split. Its cost is
extrapolated from one epoch (or a part, with --s2-images), after the first step, which traces.
Fast: the whole recipe, from the untouched pictures to the last weights; judged on validation.
"""

import argparse
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from helpers import datasets, fast, models, predict, training
from helpers.augment import FlipShift

S2_EPOCHS, S2_BATCH, S2_IMAGES, S2_ACCURACY = 50, 32, 50_000, 0.8872


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, help="of the fast recipe; default: all of it")
    parser.add_argument("--s2-images", type=int, default=45_000, help="default: %(default)s")
    parser.add_argument("--precision", choices=("float32", "mixed_bfloat16"))
    parser.add_argument("--seed", type=int, default=1001)
    args = parser.parse_args()
    data = datasets.load("cifar10", profile="full")
    if len(data.train.labels) < 40_000:
        raise SystemExit("all of CIFAR-10 is needed: python -m helpers data fetch cifar10")
    s2_seconds = seconds_of_s2(data, args.s2_images)
    fast_seconds, accuracy, mirrored, parameters = seconds_of_fast(data, args)
    s2_parameters = models.s2_network().count_params()
    print(
        f"S2    {s2_parameters:>9,} parameters, {S2_EPOCHS} epochs: {s2_seconds:,.0f} s "
        f"(extrapolated), {S2_ACCURACY:.2%} test in its report"
    )
    print(
        f"fast  {parameters:>9,} parameters: {fast_seconds:,.0f} s, validation {accuracy:.2%}, "
        f"with mirror images {mirrored:.2%}"
    )
    reached = max(accuracy, mirrored) >= S2_ACCURACY
    print(f"ratio {s2_seconds / fast_seconds:.1f}" + ("" if reached else ", BUT S2 IS NOT REACHED"))


def seconds_of_s2(data, images: int) -> float:
    keras.utils.set_random_seed(1001)
    model = models.s2_network()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x, y = (array[:images] for array in data.train)
    options = {"batch_size": S2_BATCH, "augment": FlipShift(3), "verbose": False}
    training.fit(model, x[:S2_BATCH], y[:S2_BATCH], epochs=1, **options)
    start = time.perf_counter()
    training.fit(model, x, y, epochs=1, **options)
    return (time.perf_counter() - start) * S2_EPOCHS * S2_IMAGES / len(x)


def seconds_of_fast(data, args: argparse.Namespace) -> tuple[float, float, float, int]:
    start = time.perf_counter()
    precision = args.precision or fast.faster_precision()
    changed = {"epochs": args.epochs} if args.epochs else {}
    recipe = fast.Recipe(seed=args.seed, precision=precision, **changed)
    print(f"fast recipe: {recipe.epochs} epochs, {precision}")
    model, _ = fast.train(*data.train, recipe)
    seconds = time.perf_counter() - start
    images, labels = np.asarray(data.val.images), data.val.labels
    plain, mirrored = (
        float((predict.probabilities(model, images, mirror=mirror).argmax(axis=1) == labels).mean())
        for mirror in (False, True)
    )
    return seconds, plain, mirrored, model.count_params()


if __name__ == "__main__":
    main()
