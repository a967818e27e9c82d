"""Checks of lesson 13: whitening, a round of Muon, the recipe's order, a mended run, a race."""

from collections.abc import Callable
from typing import Any

import numpy as np

from helpers.checks.core import Todo, Wrong, as_array, call, check, compare
from helpers.checks.networks import require_accuracy
from helpers.checks.ordering import require_order

BAR = 0.68  # accuracy, of the race
_BEFORE = {
    ("F", "E"): "it asks for the length of `small`, which is not there yet.",
    ("E", "B"): "the schedule needs the number of steps.",
    ("B", "D"): "the optimizer is given the schedule.",
    ("G", "D"): "there is no network to compile yet.",
    ("D", "H"): "a network must be compiled before it can be trained.",
    ("H", "A"): "the images are small first, and `initial_epoch=half` says that half is over.",
}


@check("train_fast.whiten")
def whiten(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check a function from patches (n, k) to as many numbers whose covariance is the identity."""
    for k in (2, 12):
        patches = _patches(k)
        white = as_array(call(function, patches), f"an array {patches.shape}", shape=patches.shape)
        own = np.linalg.eigvalsh(np.cov(patches, rowvar=False))
        covariance = np.cov(white, rowvar=False)
        variances = np.diag(covariance)
        mixed = np.abs(covariance - np.diag(variances)).max() > 0.02
        alone = mixed and np.allclose(variances, 1, 0.01)
        causes = {
            "turned, but not divided by the spread.": np.allclose(variances, own, 0.01),
            "divided by the variances, not by their roots.": np.allclose(variances * own, 1, 0.01),
            "each column was standardized by itself; they are still correlated.": alone,
            "`eigh` gives the directions as columns, in the order of the variances.": mixed,
        }
        names = [f"in row {row} of the covariance, a number" for row in range(k)]
        compare(covariance, np.eye(k), causes=causes, names=names, rtol=0, atol=0.02)
        if (mean := np.abs(white.mean(axis=0)).max()) > 0.01:
            cause = "the mean was not subtracted."
            raise Wrong("value", f"a column has the mean {mean:.3g}.", cause)
    return "for 2 and for 12 columns the covariance is the identity, and the mean is 0."


def _patches(k: int) -> np.ndarray:
    """(3000, k) numbers in 0..1 that go up and down together, as neighboring pixels do."""
    rng = np.random.default_rng(1001)
    common, own = rng.uniform(0.2, 0.8, (3000, 1)), rng.normal(0, 0.06, (3000, k))
    return common * np.linspace(0.8, 1.2, k) + own


@check("train_fast.one_round")
def one_round(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check one round of Muon's iteration, for a wide, a tall and a square matrix."""
    a, b, c = 3.4445, -4.7750, 2.0315
    for shape in ((4, 9), (9, 4), (5, 5)):
        x = np.random.default_rng(1001).normal(size=shape)
        x /= np.linalg.norm(x)
        gram = x @ x.T
        right = a * x + (b * gram + c * gram @ gram) @ x
        single = a * x + b * x**3 + c * x**5
        causes = {
            "`*` and `**` work on single numbers; here matrices are multiplied, `@`.": single,
            "the last product, with X, is missing in the term with c.": a * x + b * gram @ x,
            "b and c are exchanged.": a * x + (c * gram + b * gram @ gram) @ x,
            "A A is `a @ a`, not `a * a`.": a * x + (b * gram + c * gram * gram) @ x,
            "that is more than one round.": lambda y, right=right: (y**2).sum() > (right**2).sum(),
        }
        result = as_array(call(function, x), f"an array {shape}", shape=shape)
        compare(result, right, causes=causes, nudge="try it on a matrix of one number.", rtol=1e-3)
    return "right for a wide, a tall and a square matrix."


@check("train_fast.order")
def order(answer: Any) -> str:
    """Check the order of the recipe's lines; line C counts images, not batches."""
    unused = {"C": "a schedule counts steps, that is batches; this one counts images."}
    require_order(answer, "ABDEFGH", _BEFORE, unused)
    return "each line finds what it needs."


@check("train_fast.prepare")
def prepare(function: Callable[[np.ndarray, int, int], tuple]) -> str:
    """Check whitening and schedule of a run of 5 epochs of 600 images, 64 in a batch."""
    rng = np.random.default_rng(1001)
    coarse = rng.integers(0, 256, (600, 8, 8, 3)).repeat(4, axis=1).repeat(4, axis=2)
    images = (coarse + rng.integers(-20, 21, coarse.shape)).clip(0, 255).astype(np.uint8)
    kernels, biases, schedule = call(function, images, 5, 64)
    kernels = as_array(kernels, "kernels (2, 2, 3, 12)", shape=(2, 2, 3, 12)).reshape(12, 12)
    biases, steps = as_array(biases, "12 biases", shape=(12,)), 5 * 10
    corners = [images[:, i : i + 31, j : j + 31] / 255 for i in (0, 1) for j in (0, 1)]
    made = np.stack(corners, axis=3).reshape(-1, 12) @ kernels + biases
    spread, mean = made.std(axis=0), np.abs(made.mean(axis=0)).max()
    if not 0.5 < spread.max() < 2 or mean > 0.1:
        text = f"in the network the layer's outputs spread by {spread.max():.2g} around "
        text += f"{mean:.2g}; expected about 1 and 0."
        cause = "the layer meets other numbers there than in this function."
        raise Wrong("value", text, cause, "what does the layer before it do to each pixel?")
    rates = np.array([float(schedule(step)) for step in range(steps)])
    early, late = rates[steps // 2] < 0.25, rates[-1] > 0.15
    if early or late or rates.max() < 0.6:
        text = f"the highest rate of the {steps} steps is {rates.max():.3g}, the middle one is "
        text += f"{rates[steps // 2]:.3g}, the last one {rates[-1]:.3g}."
        length = "longer" if late else "shorter"
        cause = f"the schedule is made for a {length} run than this one." if late or early else ""
        raise Wrong("value", text, cause, "600 images, 64 in a batch: how many steps?")
    return "the layer's outputs are white in the network, and the triangle fits the run."


@check("train_fast.race")
def race(model: Any, seconds: Any, limit: float, images: np.ndarray, labels: np.ndarray) -> str:
    """Check a trained network and its time against the bar of the race."""
    if seconds is ... or seconds is None:
        raise Todo("`racer_seconds` is missing: measure the time around the whole training.")
    time = float(as_array(seconds, "a number of seconds", shape=()))
    if not time > 0.1:
        raise Wrong("range", f"{time:.3g} seconds.", "the clock was stopped before the training.")
    accuracy = require_accuracy(model, images, labels, BAR)
    if time > limit:
        text = f"{accuracy:.1%}, but after {time:.0f} seconds; the limit is {limit:.0f}."
        raise Wrong("value", text, "too many epochs, or a network that is too wide.")
    return f"{accuracy:.1%} of the validation images after {time:.0f} seconds."
