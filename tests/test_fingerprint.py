"""Settings are told apart by what they do, whatever holds the number; and not by anything else."""

import functools
import types

import keras
import numpy as np
import pytest

from helpers import fingerprint

STRENGTH = 1


def shift(images, amount):
    return images + np.uint8(amount)


def closure(amount):
    return lambda images, labels, rng: (shift(images, amount), labels)


class Shift:
    def __init__(self, amount):
        self._amount = amount

    def __call__(self, images, labels, rng):
        return shift(images, self._amount), labels


def function_with(**names):
    """A function of the global variables `shift` and `STRENGTH`, some of them replaced."""

    def change(images, labels, rng):
        return shift(images, STRENGTH), labels

    return type(change)(change.__code__, {**globals(), **names})


class ScaledLoss(keras.losses.Loss):
    def __init__(self, scale):
        super().__init__()
        self.scale = scale

    def call(self, y_true, y_pred):
        return self.scale * keras.losses.sparse_categorical_crossentropy(y_true, y_pred)


def using(thing):
    return lambda images, labels, rng: (thing(images), labels)


def attribute_of(thing):
    return lambda images, labels, rng: (shift(images, thing.brighter), labels)


PARTS = keras.layers.RandomFlip, np.flipud, lambda x: x[:, 1:], lambda x: x[:, 2:]
KINDS = {
    "closure": closure,
    "nested function": lambda n: lambda x, y, rng: ((lambda: x + n)(), y),
    "default": lambda n: lambda x, y, rng, n=n: (x + n, y),
    "keyword default": lambda n: lambda x, y, rng, *, n=n: (x + n, y),
    "partial": lambda n: functools.partial(shift, amount=n),
    "body": lambda n: PARTS[n + 1],
    "global number": lambda n: function_with(STRENGTH=n),
    "global array": lambda n: function_with(STRENGTH=np.array([n])),
    "global function": lambda n: function_with(shift=lambda images, by: shift(images, by + n)),
    "object": Shift,
    "object that is called": lambda n: using(Shift(n)),
    "method": lambda n: Shift(n).__call__,
    "namespace": lambda n: attribute_of(types.SimpleNamespace(brighter=n)),
    "list": lambda n: [Shift(0), Shift(n)],
    "cached": lambda n: using(functools.lru_cache(lambda x: x + n)),
    "loss": ScaledLoss,
    "loss of Keras": lambda n: keras.losses.CategoricalCrossentropy(label_smoothing=0.1 * n),
    "loss that does not tell Keras": lambda n: keras.losses.Huber(delta=n),
    "layer": lambda n: using(keras.layers.RandomTranslation(0.1 * n, 0.1)),
    "schedule": lambda n: keras.optimizers.schedules.CosineDecay(0.1 * n, 10),
}


@pytest.mark.parametrize("kind", KINDS)
def test_another_number_gives_another_digest(kind):
    make = KINDS[kind]
    assert fingerprint.digest(make(1)) == fingerprint.digest(make(1))
    assert fingerprint.digest(make(1)) != fingerprint.digest(make(2))


def test_only_what_is_read_counts():
    """Not the whole of an object that a function takes one attribute of, as a data set."""
    first, second = (types.SimpleNamespace(brighter=1, test=n) for n in (1, 2))
    assert fingerprint.digest(attribute_of(first)) == fingerprint.digest(attribute_of(second))


def test_things_that_refer_to_each_other():
    first, second = Shift(1), Shift(1)
    first.other, second.other = second, first
    assert fingerprint.digest(first) == fingerprint.digest(second)


def test_a_cell_run_again_gives_the_same():
    """A notebook's functions lie in files whose names change from kernel to kernel."""
    source = "def augment(x, y, rng):\n    kinds = {'a', 'b', 'c'}\n    return x, y"
    found = set()
    for file in ("/tmp/ipykernel_1/1.py", "/tmp/ipykernel_2/2.py"):
        names = {"__name__": "__main__"}
        exec(compile("\n" * len(found) + source, file, "exec"), names)
        found.add(fingerprint.digest(names["augment"]))
    assert len(found) == 1


def build(slope=0.5, unused=0, regularizer=None, skip=0, precision=None):
    for _ in range(unused):
        keras.layers.Dense(1)  # Keras counts on: dense_3 instead of dense_2
    inputs = keras.Input((3,))
    inner = keras.Sequential([keras.layers.Dense(3, kernel_regularizer=regularizer)])(inputs)
    own = keras.layers.Lambda(lambda x: slope * x, dtype=precision)(inner)
    model = keras.Model(inputs, keras.layers.Add()([own, (inputs, inner)[skip]]))
    model.layers[-1].own = lambda: model  # they refer to each other
    return model


def test_networks():
    same = fingerprint.network(build())
    assert fingerprint.network(build(unused=2)) == same
    frozen = build()
    frozen.layers[1].trainable = False
    others = [build(slope=0.6), build(regularizer="l2"), build(skip=1), frozen]
    others.append(build(precision="mixed_bfloat16"))
    assert same not in {fingerprint.network(model) for model in others}
