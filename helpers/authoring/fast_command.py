"""Train the fast network by its recipe over several seeds, and record what it reaches.

  python -m helpers fast                       # three seeds: validation, test and seconds
  python -m helpers fast --data fashion_mnist  # the recipe for another data set
  python -m helpers fast --ablation            # each part left out, judged on validation data
  python -m helpers fast --ablation --widths 16 32 64 --images 20000 --epochs 6   # as recorded

Figures go to data/reference_runs.json under `fast_network`, or `fast_cifar100` and
`fast_fashion_mnist`: the whole recipe as profile `full`, the table of parts as `ablation`. Each
finished run is kept in build/fast/, so a command that was killed goes on where it was.
"""

import argparse
import hashlib
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import keras
import numpy as np

from helpers import datasets, paths, predict
from helpers.authoring import machine, references
from helpers.authoring.files import write_text
from helpers.errors import UserError
from helpers.fast import CIFAR100, FASHION, Recipe, faster_precision, train

RECIPES = {"cifar10": Recipe(), "cifar100": CIFAR100, "fashion_mnist": FASHION}
RECORDS = {
    "cifar10": "fast_network",
    "cifar100": "fast_cifar100",
    "fashion_mnist": "fast_fashion_mnist",
}

# What the recipe is without one of its parts; the names are also those of the recorded figures.
WITHOUT = {
    "whole": {},
    "no_whitening": {"whitened": False},
    "no_one_cycle": {"one_cycle": False},
    "no_label_smoothing": {"label_smoothing": 0.0},
    "no_muon": {"orthogonal": False},
    "no_flip_shift": {"flip_shift": False},
    "no_small_pictures": {"sizes": ((0.0, 32),)},
    "slow_statistics": {"statistics_momentum": 0.99},
    "average_pooling": {"maximum_at_end": False},
    "no_logit_scale": {"logit_scale": 1.0},
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--data", choices=list(RECIPES), default="cifar10")
    parser.add_argument("--ablation", action="store_true", help="leave out each part in turn")
    parser.add_argument("--parts", nargs="+", choices=list(WITHOUT), default=list(WITHOUT))
    parser.add_argument("--seeds", nargs="+", type=int, default=[1001, 1002, 1003], metavar="SEED")
    parser.add_argument("--epochs", type=int, help="default: the recipe's")
    parser.add_argument("--images", type=int, metavar="N", help="training pictures; default: all")
    parser.add_argument("--widths", nargs="+", type=int, help="filters of the stages")
    parser.add_argument(
        "--precision",
        choices=("auto", "float32", "mixed_bfloat16"),
        default="auto",
        help="auto tries which one is faster here (default)",
    )
    parser.add_argument("--record", default="", metavar="NAME", help="record under another name")
    parser.add_argument("--restart", action="store_true", help="train finished runs again")


def run(args: argparse.Namespace) -> int:
    """Train what is missing, record everything; returns the exit code."""
    basis = RECIPES[args.data]
    epochs = basis.epochs if args.epochs is None else args.epochs
    widths = basis.widths if args.widths is None else tuple(args.widths)
    images = 60_000 if args.images is None else args.images  # more than any of them has
    if min(epochs, images, *widths) < 1 or min(args.seeds) < 0:
        raise UserError("use 1 epoch, picture and filter or more, and seeds from 0 on")
    data = datasets.load(args.data, profile="full")
    if len(data.train.labels) < 40_000:
        raise UserError(
            f"all of {args.data} is needed: run `python -m helpers data fetch {args.data}`"
        )
    precision = faster_precision() if args.precision == "auto" else args.precision
    parts = args.parts if args.ablation else ["whole"]
    here = machine.describe()
    here["hardware"] += f", {precision}"
    entry_name = args.record or ("ablation" if args.ablation else "full")
    rows: dict[int, references.Row] = {}
    for seed in dict.fromkeys(args.seeds):
        for part in parts:
            recipe = replace(basis, epochs=epochs, seed=seed, precision=precision, widths=widths)
            training = Run(part, replace(recipe, **WITHOUT[part]), images, args.data)
            figures = training.figures(data, use_test=not args.ablation, restart=args.restart)
            rows.setdefault(seed, {}).update(
                {f"{part}_{name}" if args.ablation else name: f for name, f in figures.items()}
            )
        rows[seed] = _with_seconds(rows[seed], len(parts))
        references.record(
            paths.DATA / "reference_runs.json",
            RECORDS[args.data],
            entry_name,
            references.entry(rows, here),
        )
    print(
        f"recorded as {RECORDS[args.data]}.{entry_name}; `python -m helpers lint --fix` quotes it"
    )
    return 0


@dataclass(frozen=True)
class Run:
    """One training run of the recipe, or of the recipe without a part."""

    part: str
    recipe: Recipe
    images: int  # the first so many training pictures
    data_set: str = "cifar10"

    @property
    def folder(self) -> Path:
        """Where the run and its figures are kept."""
        text = json.dumps([self.data_set, asdict(self.recipe), self.images], sort_keys=True)
        return paths.BUILD / "fast" / hashlib.sha256(text.encode()).hexdigest()[:12]

    def model(self, data, restart: bool = False) -> keras.Model:
        """The trained model; trained now as far as it is not yet."""
        x, y = (array[: self.images] for array in data.train)
        return train(x, y, self.recipe, run_dir=self.folder / "run", restart=restart)[0]

    def figures(self, data, *, use_test: bool, restart: bool) -> references.Row:
        """Accuracies and seconds, from the run's file if it is finished."""
        file = self.folder / ("test.json" if use_test else "validation.json")
        recipe = self.recipe
        title = (
            f"{self.data_set}, {self.part}, seed {recipe.seed}, {recipe.epochs} epochs, "
            f"{recipe.precision}"
        )
        if restart or not file.exists():
            print(title, flush=True)
            fresh = restart or not (self.folder / "run").exists()
            start = time.perf_counter()
            model = self.model(data, restart)
            seconds = time.perf_counter() - start
            figures = _accuracies(model, data.val, "val")
            if use_test:
                figures |= _accuracies(model, data.test, "test")
            if fresh:  # what a resumed run took is not known
                figures["seconds"] = (seconds, "s")
            write_text(file, json.dumps({"recipe": asdict(recipe), "figures": figures}) + "\n")
        figures = json.loads(file.read_text("utf-8"))["figures"]
        shown = ", ".join(f"{name} {value:.4g}" for name, (value, _) in figures.items())
        print(f"{title}: {shown}")
        return {name: tuple(figure) for name, figure in figures.items()}


def _accuracies(model: keras.Model, split, name: str) -> references.Row:
    """Accuracy from the picture alone, with its mirror image, and with moved views as well."""
    images, labels = np.asarray(split[0]), split[1]
    views = {"": {}, "_mirrored": {"mirror": True}, "_views": {"mirror": True, "shift": 1}}
    figures = {}
    for suffix, options in views.items():
        answers = predict.probabilities(model, images, **options).argmax(axis=1)
        figures[f"{name}_accuracy{suffix}"] = (float((answers == labels).mean()), "%")
    return figures


def _with_seconds(row: references.Row, runs: int) -> references.Row:
    """The row with the seconds of its runs together, if those of all of them are known."""
    seconds = [value for name, (value, _) in row.items() if name.endswith("seconds")]
    return row | {"seconds": (sum(seconds), "s")} if len(seconds) == runs else row
