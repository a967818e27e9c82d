"""The recipe by which the small MobileNetV2 that ships was trained on CIFAR-100."""

import math
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from helpers import training
from helpers.augment import FlipShift
from helpers.pretrained import SMALL_ALPHA
from helpers.schedules import OneCycle


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how the weights come out; chosen in short trials, never on test."""

    # (epochs, pixels a side): MobileNetV2 shrinks a picture 32 times, so CIFAR's are enlarged; to
    # learn from less enlarged ones first saves time (see `helpers.fast.resizing`).
    stages: tuple[tuple[int, int], ...] = ((6, 40), (3, 64))
    batch_size: int = 128
    seed: int = 1001
    peak_rate: float = 0.05
    warmup_share: float = 0.2  # of the first stage
    kept_rate: float = 0.5  # of the peak, at the end of the first stage
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.1
    dropout: float = 0.1
    statistics_momentum: float = 0.9  # Keras' 0.999 needs far more steps than there are here
    max_shift: int = 4


def train(
    recipe: Recipe, train_split, val_split, run_dir: Path | None = None
) -> tuple[keras.Model, keras.Model]:
    """Train MobileNetV2 (Sandler et al., 2018) from random weights.

    Args:
        recipe: see `Recipe`.
        train_split, val_split: (images, labels), (n, 32, 32, 3) uint8 and (n,) class numbers.
        run_dir: folder that makes the run survive a kill.

    Returns:
        The whole classifier, (n, 32, 32, 3) pixels 0..255 to probabilities, and the network below
        its head, which is what ships.
    """
    classes = int(train_split[1].max()) + 1
    labels, val_labels = (
        keras.utils.to_categorical(split[1], classes) for split in (train_split, val_split)
    )
    keras.utils.set_random_seed(recipe.seed)
    weights = None
    for number, (epochs, size) in enumerate(recipe.stages):
        # A network of its own for each size: how Keras pads before a stride depends on it.
        model, base = classifier(classes, size, recipe)
        model.set_weights(weights or model.get_weights())
        steps = epochs * math.ceil(len(labels) / recipe.batch_size)
        _compile(model, _schedule(recipe, number, steps), recipe)
        training.fit(
            model,
            train_split[0],
            labels,
            epochs=epochs,
            batch_size=recipe.batch_size,
            validation_data=(val_split[0], val_labels),
            augment=FlipShift(recipe.max_shift),
            run_dir=run_dir and run_dir / f"stage-{number}",
            seed=recipe.seed + number,
        )
        weights = model.get_weights()
    return model, base


def classifier(classes: int, size: int, recipe: Recipe) -> tuple[keras.Model, keras.Model]:
    """Untrained network that enlarges its pictures to that size, and the part below its head."""
    inputs = keras.Input((32, 32, 3))
    enlarged = layers.Resizing(size, size)(inputs)
    base = backbone(layers.Rescaling(1 / 127.5, offset=-1)(enlarged))
    rng = np.random.default_rng(recipe.seed)
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = recipe.statistics_momentum
        if isinstance(layer, layers.DepthwiseConv2D):
            # Keras counts all channels as inputs of a filter that sees one, and starts too small.
            layer.kernel.assign(rng.normal(0, math.sqrt(2 / 9), layer.kernel.shape))
    x = layers.GlobalAveragePooling2D()(base.output)
    x = layers.Dropout(recipe.dropout)(x)
    outputs = layers.Dense(classes, activation="softmax")(x)
    return keras.Model(inputs, outputs), base


def backbone(inputs: keras.KerasTensor) -> keras.Model:
    """MobileNetV2 without its head, on random weights; 410,208 parameters."""
    return keras.applications.MobileNetV2(
        input_tensor=inputs, include_top=False, alpha=SMALL_ALPHA, weights=None
    )


def _schedule(
    recipe: Recipe, stage: int, steps: int
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Up to the peak and part of the way down in the first stage, then down to nearly nothing."""
    if stage == 0 and len(recipe.stages) > 1:
        return OneCycle(recipe.peak_rate, steps, recipe.warmup_share, end_share=recipe.kept_rate)
    rate = recipe.peak_rate * recipe.kept_rate
    return OneCycle(rate, steps, warmup_share=0, end_share=0.01)


def _compile(model: keras.Model, rate: object, recipe: Recipe) -> None:
    optimizer = keras.optimizers.SGD(
        rate, momentum=recipe.momentum, nesterov=True, weight_decay=recipe.weight_decay
    )
    optimizer.exclude_from_weight_decay(var_names=["beta", "gamma", "bias"])
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
    model.compile(optimizer, loss, metrics=["accuracy"])
