"""What a student's function does to Keras while a check calls it.

A check that trains the student's network stays apart from the notebook: it prints nothing, and
leaves the random numbers as they were.
"""

import contextlib
import functools
import inspect
import io
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from unittest import mock

import numpy as np

from helpers import datasets
from helpers.checks.core import Wrong
from helpers.settings import SEED


def apart(examine: Callable[..., str]) -> Callable[..., str]:
    """Let a check print nothing and disturb no random numbers."""

    @functools.wraps(examine)
    def alone(*work):
        import keras

        states = random.getstate(), np.random.get_state()
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(warnings.catch_warnings(action="ignore"))
            stack.callback(random.setstate, states[0])
            stack.callback(np.random.set_state, states[1])
            keras.utils.set_random_seed(SEED)  # the same verdict each time
            return examine(*work)

    return alone


class Watched(NamedTuple):
    """A call of a model's method: what it was given, and what it did to the weights."""

    kind: str
    model: Any
    told: dict[str, Any]
    before: list[np.ndarray]
    after: list[np.ndarray]
    result: Any
    rates: list[float]  # the learning rate of each step
    optimizer: str

    def continues(self, fit: "Watched") -> bool:
        """Whether it begins with weights that an earlier `fit` has changed."""
        threes = zip(fit.before, fit.after, self.before, strict=False)
        return any(np.array_equal(new, own) and (new != old).any() for old, new, own in threes)

    def weights(self, members: set[int], inside: bool) -> tuple[list, list]:
        """Before and after it: the weights with these ids, or all others."""
        chosen = [(id(weight) in members) == inside for weight in self.model.weights]
        both = self.before, self.after
        before, after = ([w for w, yes in zip(part, chosen, strict=False) if yes] for part in both)
        return before, after


@contextlib.contextmanager
def watch() -> Iterator[list[Watched]]:
    """A list of the calls of compile, fit, evaluate and predict that are made inside."""
    import keras

    calls, running = [], False

    def watched_method(kind: str) -> Any:
        original = getattr(keras.Model, kind)

        def watched(model, *args, **kwargs):
            nonlocal running
            if running:  # `fit` calls `evaluate`
                return original(model, *args, **kwargs)
            told = inspect.signature(original).bind(model, *args, **kwargs).arguments
            before, rates, running = model.get_weights(), [], True
            if kind == "fit" and isinstance(callbacks := kwargs.get("callbacks") or [], list):
                kwargs["callbacks"] = [*callbacks, noting(model, rates)]
            try:
                result = original(model, *args, **kwargs)
            finally:
                running = False
            optimizer = type(getattr(model, "optimizer", None)).__name__.lower()
            weights = before, model.get_weights()
            calls.append(Watched(kind, model, told, *weights, result, rates, optimizer))
            return result

        return mock.patch.object(keras.Model, kind, watched)

    def noting(model: Any, rates: list[float]) -> Any:
        def note(batch, logs=None):
            rates.append(float(model.optimizer.learning_rate))

        return keras.callbacks.LambdaCallback(on_train_batch_begin=note)

    with contextlib.ExitStack() as stack:
        for kind in ("compile", "fit", "evaluate", "predict"):
            stack.enter_context(watched_method(kind))
        yield calls


def of(kind: str, calls: list[Watched]) -> list[Watched]:
    found = [one for one in calls if one.kind == kind]
    if kind == "fit" and not found:
        raise Wrong("value", "your function trains no network with `fit`.")
    return found


def images_of(given: Any) -> np.ndarray:
    """The images of what a model was given: an array, a pair, or a data set of batches."""
    if isinstance(given, tuple | list):
        return np.asarray(given[0])
    if hasattr(given, "element_spec"):
        return np.concatenate([images_of(batch) for batch in given])
    return np.asarray(given)


def which(given: Any, known: np.ndarray) -> np.ndarray:
    """Position of each image among the known ones, however it is scaled; -1 if it is none."""
    rows, columns = (part.reshape(len(part), -1) for part in (images_of(given), known))
    if rows.shape[1] != columns.shape[1]:
        return np.full(len(rows), -1)
    alike = _centered(rows) @ _centered(columns).T
    return np.where(alike.max(axis=1) > 0.999, alike.argmax(axis=1), -1)


def _centered(rows: np.ndarray) -> np.ndarray:
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-9)


def clothes(per_class: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Images of Fashion-MNIST, pixels from 0 to 255, so many of each class, and their labels."""
    images, labels = datasets.load("fashion_mnist", profile="quick").train
    rows = np.stack([np.flatnonzero(labels == label)[:per_class] for label in range(classes)])
    return images[rows.T.reshape(-1)], labels[rows.T.reshape(-1)]


def reader(answers: np.ndarray) -> tuple[Any, np.ndarray]:
    """A compiled model and images, no two alike, to which it gives these answers."""
    import keras

    images, rows = np.zeros((len(answers), 784), np.uint8), np.arange(len(answers))
    images[rows, answers] = images[rows, 28 + rows] = 255
    last = keras.layers.Dense(10, activation="softmax", use_bias=False)
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), last])
    model.set_weights([np.eye(784, 10) / 25])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, images.reshape(-1, 28, 28, 1)
