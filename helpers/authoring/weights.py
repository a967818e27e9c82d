"""Train the small network whose weights ship in data/weights.

It takes all of CIFAR-10, about seven minutes on two free cores, and writes the weights and a
record of how they came about. The recipe was chosen on the validation split; the test split is
used once, for the record.
"""

import argparse
import hashlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import keras
import numpy as np

from helpers import datasets, models
from helpers.authoring import machine
from helpers.authoring.small_recipe import Recipe, train
from helpers.errors import UserError
from helpers.paths import DATA


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=DATA / "weights", help="folder to write to (%(default)s)"
    )
    parser.add_argument(
        "--epochs", type=int, default=Recipe.epochs, help="default %(default)s; fewer to try it out"
    )
    parser.add_argument(
        "--profile",
        choices=("quick", "full"),
        default="full",
        help="quick trains on the embedded sample and needs --out (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Train, judge, write; returns the exit code."""
    if args.epochs < 1:
        raise UserError(f"--epochs is {args.epochs}: use 1 or more")
    shipped = DATA / "weights"
    if args.profile == "quick" and args.out.resolve() == shipped.resolve():
        raise UserError("the sample is too small for weights that ship: pass --out FOLDER")
    data = datasets.load("cifar10", profile=args.profile)
    if args.profile == "full" and len(data.train.labels) < 40_000:
        raise UserError("all of CIFAR-10 is needed: run `python -m helpers data fetch cifar10`")
    recipe = Recipe(epochs=args.epochs)
    print(f"{data.describe()}\ntraining {models.small_cnn().count_params():,} parameters")
    start, start_cpu = time.monotonic(), time.process_time()
    model = train(recipe, data.train, data.val)
    seconds = {
        "wall": round(time.monotonic() - start),
        "cpu": round(time.process_time() - start_cpu),  # of all cores together
    }
    record = write(
        model,
        args.out,
        {
            "training_images": len(data.train.labels),
            "recipe": asdict(recipe),
            "seconds": seconds,
            "validation_accuracy": _accuracy(model, data.val),
            "test_accuracy": _accuracy(model, data.test),
            **machine.describe(),
        },
    )
    print(
        f"validation accuracy {record['validation_accuracy']:.2%}, "
        f"test accuracy {record['test_accuracy']:.2%}; written to {args.out}"
    )
    return 0


def write(model: keras.Model, folder: Path, facts: dict) -> dict:
    """Write weights and record side by side.

    Args:
        model: a trained `models.small_cnn`.
        folder: made if need be.
        facts: what the record says besides file, size and checksum.

    Returns:
        The record as written.
    """
    bare = models.small_cnn()  # without optimizer, whose state would double the file
    bare.set_weights(model.get_weights())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / models.SMALL_WEIGHTS["cifar10"]
    unfinished = path.with_name(f"unfinished-{path.name}")
    bare.save_weights(unfinished)
    os.replace(unfinished, path)
    record = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "parameters": bare.count_params(),
        **facts,
    }
    text = json.dumps(record, indent=2) + "\n"
    path.with_name("cifar10_small.json").write_text(text, encoding="utf-8")
    return record


def _accuracy(model: keras.Model, split) -> float:
    probabilities = model.predict(np.asarray(split[0]), batch_size=500, verbose=0)
    return round(float((probabilities.argmax(axis=1) == split[1]).mean()), 4)
