"""Train the networks whose weights ship in data/weights.

The recipes were chosen on training and validation data; the test split is used once, for the
record. A run that was killed goes on where it was (build/weights).
"""

import hashlib
import json
import math
import os
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import keras
import numpy as np

from helpers import datasets, fast_cnn, models, training
from helpers.augment import shift_and_flip
from helpers.authoring import record
from helpers.fast_cnn import Recipe
from helpers.settings import BUILD, SEED, CourseError


def _accuracy(model: keras.Model, split) -> float:
    p = model.predict(np.asarray(split[0]), batch_size=500, verbose=0)
    return round(float((p.argmax(axis=1) == split[1]).mean()), 4)


def weights(network: str, out: Path) -> int:
    """Train one of the networks that ship, and write its weights and record; the exit code.

    Args:
        network: "small" or "fast" (CIFAR-10), or "cifar100".
        out: folder for NAME.weights.h5 and NAME.json.

    Raises:
        CourseError: the whole data set is not there.
    """
    data = _whole("cifar100" if network == "cifar100" else "cifar10")
    train = {"small": _train_small, "fast": _train_fast, "cifar100": _train_cifar100}[network]
    start = time.perf_counter()
    model, bare, file, recipe = train(data)
    model.set_weights(bare.get_weights())  # rounded, if the file is: what ships is what is judged
    facts = {
        "file": file,
        "parameters": bare.count_params(),
        "training_images": len(data.train.labels),
        "recipe": recipe,
        "seconds": {"wall": round(time.perf_counter() - start)},
        "validation_accuracy": _accuracy(model, data.val),
        "test_accuracy": _accuracy(model, data.test),
    }
    out.mkdir(parents=True, exist_ok=True)
    unfinished = out / f"unfinished-{file}"
    bare.save_weights(unfinished)
    os.replace(unfinished, out / file)
    facts["sha256"] = hashlib.sha256((out / file).read_bytes()).hexdigest()
    text = json.dumps(facts | record.machine(), indent=2) + "\n"
    (out / file.replace(".weights.h5", ".json")).write_text(text, "utf-8")
    print(f"test accuracy {facts['test_accuracy']:.2%}; written to {out / file}")
    return 0


def _bare(network: keras.Model, trained: keras.Model) -> keras.Model:
    """The network without optimizer, whose state would double the file."""
    network.set_weights(trained.get_weights())
    return network


def _train_small(data: datasets.Dataset) -> tuple[keras.Model, keras.Model, str, dict]:
    """SGD with a warm-up and a cosine on `models.small_cnn`, flip and shift."""
    recipe = {"epochs": 12, "batch_size": 256, "peak_rate": 0.2, "weight_decay": 5e-4, "shift": 2}
    steps = recipe["epochs"] * math.ceil(len(data.train.labels) / recipe["batch_size"])
    warmup = steps // 5
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, steps - warmup, warmup_target=recipe["peak_rate"], warmup_steps=warmup
    )
    keras.utils.set_random_seed(SEED)
    model = models.small_cnn()
    optimizer = keras.optimizers.SGD(
        schedule, momentum=0.9, nesterov=True, weight_decay=recipe["weight_decay"]
    )
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    training.fit(
        model,
        *data.train,
        epochs=recipe["epochs"],
        batch_size=recipe["batch_size"],
        validation_data=tuple(data.val),
        augment=flip_shift(recipe["shift"]),
        run_dir=BUILD / "weights" / "small",
    )
    return model, _bare(models.small_cnn(), model), "cifar10_small.weights.h5", recipe


def _train_fast(data: datasets.Dataset) -> tuple[keras.Model, keras.Model, str, dict]:
    """The recipe of `helpers.fast_cnn`."""
    recipe = replace(Recipe(), precision=fast_cnn.faster_precision())
    model, _ = fast_cnn.train(*data.train, recipe, run_dir=BUILD / "weights" / "fast")
    return model, _bare(fast_cnn.network(), model), "cifar10_fast.weights.h5", asdict(recipe)


def flip_shift(max_shift: int) -> Callable:
    """Augmentation for `training.fit`: mirror half of the images, and shift all."""

    def augment(images, labels, rng):
        return shift_and_flip(images, max_shift, rng), labels

    return augment


def _train_cifar100(data: datasets.Dataset) -> tuple[keras.Model, keras.Model, str, dict]:
    """The recipe of `helpers.fast_cnn` for a hundred classes; kept in half precision."""
    recipe = replace(fast_cnn.CIFAR100, precision=fast_cnn.faster_precision())
    model, _ = fast_cnn.train(
        *data.train,
        recipe,
        validation_data=tuple(data.val),
        run_dir=BUILD / "runs" / f"cifar100-{recipe.seed}",  # shared with `python -m helpers runs`
    )
    classes = len(data.class_names)
    half = fast_cnn.network(recipe=replace(recipe, precision="float16"), classes=classes)
    return model, _bare(half, model), "cifar100_fast.weights.h5", asdict(recipe)


def _whole(name: str) -> datasets.Dataset:
    data = datasets.load(name, profile="full")
    if len(data.train.labels) < 40_000:
        raise CourseError(f"all of {name} is needed: run `python -m helpers data fetch {name}`")
    return data
