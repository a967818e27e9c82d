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
from keras import layers

from helpers import datasets, fast_cnn, models, training
from helpers.augment import shift_and_flip
from helpers.authoring import record
from helpers.fast_cnn import Recipe
from helpers.optimizers import OneCycle
from helpers.settings import BUILD, SEED, CourseError


def _accuracy(model: keras.Model, split) -> float:
    p = model.predict(np.asarray(split[0]), batch_size=500, verbose=0)
    return round(float((p.argmax(axis=1) == split[1]).mean()), 4)


def weights(network: str, out: Path) -> int:
    """Train one of the networks that ship, and write its weights and record; the exit code.

    Args:
        network: "small" or "fast" (CIFAR-10), or "mobilenet" (CIFAR-100).
        out: folder for NAME.weights.h5 and NAME.json.

    Raises:
        CourseError: the whole data set is not there.
    """
    data = _whole("cifar100" if network == "mobilenet" else "cifar10")
    train = {"small": _train_small, "fast": _train_fast, "mobilenet": _train_mobilenet}[network]
    start = time.perf_counter()
    model, bare, file, recipe = train(data)
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


def _train_mobilenet(data: datasets.Dataset) -> tuple[keras.Model, keras.Model, str, dict]:
    """MobileNetV2 (Sandler et al., 2018) from random weights, in two stages of image size.

    MobileNetV2 shrinks an image 32 times, so CIFAR's are enlarged; to learn from less enlarged
    ones first saves time. The rate rises to its peak, and falls to a half of it in the first stage
    and to nearly nothing in the second.
    """
    recipe = {"stages": ((6, 40), (3, 64)), "batch_size": 128, "peak_rate": 0.05, "shift": 4}
    classes = len(data.class_names)
    labels, val_labels = (
        keras.utils.to_categorical(split.labels, classes) for split in (data.train, data.val)
    )
    keras.utils.set_random_seed(SEED)
    trained = None
    for number, (epochs, size) in enumerate(recipe["stages"]):
        # A network of its own for each size: how Keras pads before a stride depends on it.
        model, backbone = _mobilenet_classifier(classes, size)
        model.set_weights(trained or model.get_weights())
        steps = epochs * math.ceil(len(labels) / recipe["batch_size"])
        rate = OneCycle(recipe["peak_rate"], steps, 0.2, end_fraction=0.5)
        if number:
            rate = OneCycle(recipe["peak_rate"] / 2, steps, 0, end_fraction=0.01)
        optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True, weight_decay=5e-4)
        optimizer.exclude_from_weight_decay(var_names=["beta", "gamma", "bias"])
        loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
        model.compile(optimizer, loss, metrics=["accuracy"])
        training.fit(
            model,
            data.train.images,
            labels,
            epochs=epochs,
            batch_size=recipe["batch_size"],
            validation_data=(data.val.images, val_labels),
            augment=flip_shift(recipe["shift"]),
            run_dir=BUILD / "weights" / f"mobilenet-{number}",
            seed=SEED + number,
        )
        trained = model.get_weights()
    bare = _mobilenet(keras.Input((None, None, 3)))
    return model, _bare(bare, backbone), "mobilenet_v2_035_cifar100.weights.h5", recipe


def _mobilenet(inputs: keras.KerasTensor) -> keras.Model:
    """MobileNetV2 without its head, on random weights; 410,208 parameters."""
    return keras.applications.MobileNetV2(
        input_tensor=inputs, include_top=False, alpha=0.35, weights=None
    )


def _mobilenet_classifier(classes: int, size: int) -> tuple[keras.Model, keras.Model]:
    """Untrained network that enlarges its images to that size, and the part below its head."""
    inputs = keras.Input((32, 32, 3))
    enlarged = layers.Resizing(size, size)(inputs)
    backbone = _mobilenet(layers.Rescaling(1 / 127.5, offset=-1)(enlarged))
    rng = np.random.default_rng(SEED)
    for layer in backbone.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.9  # Keras' 0.999 needs far more steps than there are here
        if isinstance(layer, layers.DepthwiseConv2D):
            # Keras counts all channels as inputs of a filter that sees one, and starts too small.
            layer.kernel.assign(rng.normal(0, math.sqrt(2 / 9), layer.kernel.shape))
    x = layers.GlobalAveragePooling2D()(backbone.output)
    outputs = layers.Dense(classes, activation="softmax")(layers.Dropout(0.1)(x))
    return keras.Model(inputs, outputs), backbone


def _whole(name: str) -> datasets.Dataset:
    data = datasets.load(name, profile="full")
    if len(data.train.labels) < 40_000:
        raise CourseError(f"all of {name} is needed: run `python -m helpers data fetch {name}`")
    return data
