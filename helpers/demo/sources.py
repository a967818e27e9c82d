"""Which model the page asks, and pictures of the kind that it knows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
from PIL import Image

from helpers import model_files, predict
from helpers.errors import UserError
from helpers.model_files import Loaded
from helpers.sources import sample
from helpers.sources.catalog import CATALOG

EXAMPLES = 8


def served(
    model: keras.Model | str | Path | None = None, class_names: Sequence[str] | None = None
) -> Loaded:
    """The model to ask, from whatever the user named, with a name for each class.

    Args:
        model: a model; the path of a `.keras` file; "small" or "fast"; None means "small".
        class_names: one name an output, in place of those stored beside the file.

    Raises:
        UserError: no such model, a broken or foreign file, names that do not fit, or a model
            that takes no pictures of one known size.
    """
    if isinstance(class_names, str):
        raise UserError(f"class_names is {class_names!r}: pass a list with one name an output")
    model = "small" if model is None else model
    if isinstance(model, keras.Model):
        found = _in_memory(model, class_names)
    elif isinstance(model, str | Path):
        found = model_files.load(model, class_names)
    else:
        raise UserError(
            f"the model is of type {type(model).__name__}: pass a Keras model, the path of a "
            f".keras file, or one of {', '.join(model_files.SHIPPED)}"
        )
    return _tried(found)


def _in_memory(model: keras.Model, class_names: Sequence[str] | None) -> Loaded:
    names = None if class_names is None else tuple(map(str, class_names))
    notes = () if names else ("nobody told the names of the classes; they are numbered",)
    return Loaded(model, names, (), "crop", None, None, {}, model.name, notes)


def _tried(found: Loaded) -> Loaded:
    """The same, after a black picture went through it and came out with the right names."""
    black = Image.new("RGB", (64, 64))
    look = predict.look(found.model, black, **found.options)
    return replace(found, class_names=look.class_names, superclasses=look.superclasses)


def ways(found: Loaded) -> tuple[str, ...]:
    """Of `pictures.WAYS` those that fit the model, its own first."""
    gray = tuple(found.model.input_shape[1:]) == (28, 28, 1)
    fitting = ("crop", "pad", "garment") if gray else ("crop", "pad")
    return tuple(sorted(fitting, key=lambda way: way != found.how))


def examples(found: Loaded, count: int = EXAMPLES) -> dict[str, Image.Image]:
    """Pictures that ship with the course, one a class, by the name of their class.

    Gray models get clothes, all others CIFAR-10's pictures: they need not be the model's classes.
    """
    gray = len(found.model.input_shape) == 3 or found.model.input_shape[-1] == 1
    spec = CATALOG["fashion_mnist" if gray else "cifar10"]
    data = sample.read(spec)
    first = [int(np.flatnonzero(data.test_labels == label)[0]) for label in range(count)]
    pictures = [Image.fromarray(data.test_images[row].squeeze()) for row in first]
    return dict(zip(spec.class_names, pictures, strict=False))
