"""What the markers of labs 1 and 2 share: CIFAR-10's test images, and evidence of any form."""

import functools

import numpy as np

from helpers import datasets, sources
from helpers.formats import catalog
from helpers.grading.labs import Mark, OtherShape, describe

NO_CLASSIFIER = Mark(
    0,
    "This is no classifier: images (32, 32, 3) should become ten probabilities.",
    hint="Begin with `keras.Input((32, 32, 3))`; end with `Dense(10)` and softmax.",
)


def array(value, shape):
    """The numbers in a value, as float64, of this shape."""
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "biuf" or numbers.shape != shape:
        raise OtherShape(f"Numbers of the shape {shape} were asked for; {describe(value)} came.")
    return numbers.astype(float)


def close(value, right):
    """Whether numbers are these, to three digits or so."""
    return bool(np.allclose(array(value, right.shape), right, atol=2e-3))


def parts(found):
    """A mark from parts of equal weight, as {what should be so: whether it is so}."""
    missing = [text for text, good in found.items() if not good]
    reason = f"Not so: {'; '.join(missing)}." if missing else ""
    return Mark(1 - len(missing) / len(found), reason)


@functools.cache
def test_split():
    """CIFAR-10's test images and labels: all if the course's cache has them, else the sample."""
    spec = catalog()["cifar10"]
    data = datasets.cached(spec) or sources.sample(spec)[1]
    return np.asarray(data.test_images), np.asarray(data.test_labels)


def drawn(rng, each):
    """Positions of test images, `each` of every class, in random order."""
    labels = test_split()[1]
    rows = [rng.choice(np.flatnonzero(labels == k), each, replace=False) for k in range(10)]
    return rng.permutation(np.concatenate(rows))


def layers_of(network):
    """The layers of a measured network by their class."""
    found = {}
    for layer in network["layers"]:
        found.setdefault(layer["class"], []).append(layer)
    return found


def outputs_of(network, images):
    """What a measured network says about CIFAR images, or None if it is no classifier of them."""
    outputs = np.asarray(network["outputs"], float)
    if outputs.shape != (len(images), 10) or list(network["input"]) != [32, 32, 3]:
        return None
    return outputs if np.abs(outputs.sum(axis=1) - 1).max() < 1e-3 else None
