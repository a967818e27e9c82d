"""Train a network whose weights ship in data/weights.

  python -m helpers weights small       # lessons 01 to 05: all of CIFAR-10
  python -m helpers weights fast        # lessons 04 and 08: all of CIFAR-10
  python -m helpers weights mobilenet   # lessons 06 and 10: all of CIFAR-100

It takes minutes on two free cores, and writes the weights and a record of how they came about.
The recipes were chosen on training and validation data; the test split is used once, for the
record.
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

from helpers import datasets, fast, models, paths, pretrained
from helpers.authoring import machine, mobilenet_recipe, small_recipe
from helpers.authoring.fast_command import Run
from helpers.errors import UserError
from helpers.paths import DATA

_DATA_SET = {"small": "cifar10", "fast": "cifar10", "mobilenet": "cifar100"}
_FILE = {
    "small": models.SMALL_WEIGHTS["cifar10"],
    "fast": models.FAST_WEIGHTS["cifar10"],
    "mobilenet": pretrained.SMALL_FILE,
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "network", nargs="?", choices=tuple(_FILE), default="small", help="default: small"
    )
    parser.add_argument(
        "--out", type=Path, default=DATA / "weights", help="folder to write to (%(default)s)"
    )
    parser.add_argument(
        "--epochs", type=int, help="default: as the recipe says; fewer to try it out"
    )
    parser.add_argument(
        "--profile",
        choices=("quick", "full"),
        default="full",
        help="quick trains on the embedded sample and needs --out (default: %(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Train, judge, write; returns the exit code."""
    if args.epochs is not None and args.epochs < 1:
        raise UserError(f"--epochs is {args.epochs}: use 1 or more")
    shipped = DATA / "weights"
    if args.profile == "quick" and args.out.resolve() == shipped.resolve():
        raise UserError("the sample is too small for weights that ship: pass --out FOLDER")
    name = _DATA_SET[args.network]
    data = datasets.load(name, profile=args.profile)
    if args.profile == "full" and len(data.train.labels) < 40_000:
        raise UserError(f"all of {name} is needed: run `python -m helpers data fetch {name}`")
    print(data.describe())
    train = {"small": _small, "fast": _fast, "mobilenet": _mobilenet}[args.network]
    model, recipe, figures = train(args.epochs, data)
    facts = {"training_images": len(data.train.labels), "recipe": asdict(recipe), **figures}
    record = write(args.network, model, args.out, {**facts, **machine.describe()})
    print(
        f"validation accuracy {record['validation_accuracy']:.2%}, "
        f"test accuracy {record['test_accuracy']:.2%}; written to {args.out}"
    )
    return 0


def _small(epochs: int | None, data) -> tuple[keras.Model, small_recipe.Recipe, dict]:
    """The trained small network, its recipe, and what is recorded of the run."""
    recipe = small_recipe.Recipe(**({} if epochs is None else {"epochs": epochs}))
    start, start_cpu = time.monotonic(), time.process_time()
    model = small_recipe.train(recipe, data.train, data.val)
    seconds = {
        "wall": round(time.monotonic() - start),
        "cpu": round(time.process_time() - start_cpu),  # of all cores together
    }
    accuracies = {
        "validation_accuracy": _accuracy(model, data.val),
        "test_accuracy": _accuracy(model, data.test),
    }
    return model, recipe, {"seconds": seconds, **accuracies}


def _fast(epochs: int | None, data) -> tuple[keras.Model, fast.Recipe, dict]:
    """The same for the fast network: a run that `python -m helpers fast` has done is not redone."""
    changed = {} if epochs is None else {"epochs": epochs}
    recipe = fast.Recipe(precision=fast.faster_precision(), **changed)
    run = Run("whole", recipe, len(data.train.labels))
    figures = run.figures(data, use_test=True, restart=False)
    facts = {
        "seconds": {"wall": round(figures["seconds"][0])} if "seconds" in figures else None,
        "validation_accuracy": round(figures["val_accuracy"][0], 4),
        "test_accuracy": round(figures["test_accuracy"][0], 4),
    }
    return run.model(data), recipe, facts


def _mobilenet(epochs: int | None, data) -> tuple[keras.Model, mobilenet_recipe.Recipe, dict]:
    """The same for MobileNetV2, of which only the part below the head is returned."""
    changed = {} if epochs is None else {"stages": ((epochs, 64),)}
    recipe = mobilenet_recipe.Recipe(**changed)
    stages = "-".join(f"{count}x{size}px" for count, size in recipe.stages)
    run_dir = paths.BUILD / "weights" / f"mobilenet-{stages}-{len(data.train.labels)}"
    resumed = run_dir.exists()  # then nobody knows how long it took in all
    start = time.monotonic()
    model, base = mobilenet_recipe.train(recipe, data.train, data.val, run_dir)
    seconds = None if resumed else {"wall": round(time.monotonic() - start)}
    accuracies = {
        "validation_accuracy": _accuracy(model, data.val),
        "test_accuracy": _accuracy(model, data.test),
    }
    return base, recipe, {"seconds": seconds, **accuracies}


def write(network: str, model: keras.Model, folder: Path, facts: dict) -> dict:
    """Write weights and record side by side.

    Args:
        network: "small", "fast" or "mobilenet".
        model: a trained network of that kind.
        folder: made if need be.
        facts: what the record says besides file, size and checksum.

    Returns:
        The record as written.
    """
    build = {
        "small": models.small_cnn,
        "fast": models.fast_network,
        "mobilenet": lambda: mobilenet_recipe.backbone(keras.Input((None, None, 3))),
    }[network]
    bare = build()  # without optimizer, whose state would double the file
    bare.set_weights(model.get_weights())
    path = folder / _FILE[network]
    folder.mkdir(parents=True, exist_ok=True)
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
    name = path.name.removesuffix(".weights.h5")
    path.with_name(f"{name}.json").write_text(text, encoding="utf-8")
    return record


def _accuracy(model: keras.Model, split) -> float:
    probabilities = model.predict(np.asarray(split[0]), batch_size=500, verbose=0)
    return round(float((probabilities.argmax(axis=1) == split[1]).mean()), 4)
