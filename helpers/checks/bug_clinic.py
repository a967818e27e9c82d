"""Checks of lesson 14: twelve programs, each with a mistake, two of them with two.

A check sees what the student's functions do with small data of its own, never how they are written.
On a program as it was the verdict says only what was measured, for it is read before the search; on
one that was mended in part, or wrongly, it names the likely cause. The checks have numbers: a name
would give the mistake away.
"""

import contextlib
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from helpers.checks.core import Wrong, as_array, call, check, describe, likely, require_model
from helpers.checks.networks import require_probabilities, require_shapes, trace
from helpers.checks.watching import Watched, apart, clothes, images_of, of, reader, watch, which
from helpers.settings import SEED

_COLUMN = "it was mended for labels (n, 1) only; most labels are (n,)."
_HALF = "one of the two mistakes is mended: "


# --- two numbers that should agree ---------------------------------------------------------------


@check("bug_clinic.case_1")
@apart
def case_1(accuracy: Callable[..., float]) -> str:
    """Check the fraction of right answers, for labels (n,) and (n, 1) and for good and bad ones."""
    for n, right in ((40, 30), (50, 0), (1, 1)):
        answers = np.random.default_rng(n).integers(0, 10, n)
        labels = np.where(np.arange(n) < right, answers, (answers + 3) % 10)
        wrong = {}  # shape of the labels: what the function says
        for shape in ((n, 1), (n,)):
            model, images = reader(answers)
            try:
                told = call(accuracy, model, images, labels.reshape(shape), in_place=True)
            except Wrong as error:
                if wrong:  # as the other shape is wrong too, its number tells more
                    break
                error.cause = error.cause or ("" if shape == (n, 1) else _COLUMN)
                raise
            value = float(as_array(told, "one number", shape=()))
            if not np.isclose(value, right / n, atol=1e-4):
                wrong[shape] = value
        for value in wrong.values():
            causes = {
                _COLUMN: (n, 1) not in wrong,
                "more than all: each answer is compared with each label.": value > 1,
                "a label that fits any of the answers counts as right.": value > 0.9,
            }
            text = f"this network names {right} of {n} images right, your function says "
            raise Wrong("value", f"{text}{value:.1%}.", likely(causes))
    return "right for a good and a bad network, whether the labels are (n,) or (n, 1)."


@check("bug_clinic.case_2")
@apart
def case_2(train_classifier: Callable[..., Any], name_images: Callable[..., Any]) -> str:
    """Check that a network is asked as it was trained, about one image as about many."""
    x, y = clothes(80, classes=5)
    dark = np.arange(len(x)) % 2 == 1  # brightness tells the ten classes apart
    x[dark] //= 4
    y = y + 5 * dark
    with watch() as calls:
        model = call(train_classifier, x, y)
        require_model(model)
        told = call(name_images, model, x, in_place=True)
    given, asked = images_of(of("fit", calls)[-1].told["x"]), of("predict", calls)
    named, place = as_array(told, "the class of each image", shape=(len(x),)), which(given, x)
    own = model.predict(given, verbose=0).argmax(axis=1)[place >= 0]
    place = place[place >= 0]
    skill = np.mean(own == y[place])
    differ = np.mean(named[place] != own)
    if skill < 0.25 or differ > 0.02:
        used = images_of(asked[-1].told["x"]) if asked else given
        ranges = given.min(), given.max(), used.min(), used.max()
        told = "it is trained with pixels from {:.3g} to {:.3g}, and asked with {:.3g} to {:.3g}."
        causes = {
            "": not asked or (np.allclose(ranges, (-1, 1, 0, 1), atol=0.01) and skill > 0.25),
            "the network learns little now: are the pixels scaled twice?": skill < 0.25,
            told.format(*ranges): True,
        }
        text = f"by `evaluate` the network names {skill:.1%} of the images right, by "
        text += f"`name_images` {np.mean(named == y):.1%}; {differ:.0%} of the answers differ."
        raise Wrong("value", text, likely(causes))
    for rows in (np.flatnonzero(dark), *np.flatnonzero(dark)[:4, None]):
        again = as_array(call(name_images, model, x[rows], in_place=True), "a class for each image")
        if np.mean(again != named[rows]) > 0.02:
            text = "the same images are named differently when others are not beside them."
            cause = "the pixels are scaled by numbers that were measured on the images at hand."
            raise Wrong("value", text, cause, "scale by numbers that are always the same.")
    return "images are named as well as in training, one alone as among others."


@check("bug_clinic.case_3")
@apart
def case_3(recall_by_class: Callable[..., Any]) -> str:
    """Check each class's recall for a network whose answers are known."""
    labels = np.random.default_rng(SEED).permutation(np.repeat(np.arange(10), np.arange(21, 31)))
    number = np.array([np.sum(labels[:i] == label) for i, label in enumerate(labels)])
    answers = np.where(number < 20 - labels, labels, (labels + 1) % 10)
    model, images = reader(answers)
    with watch() as calls:
        told = call(recall_by_class, model, images, labels, in_place=True)
    shapes = {(): "that is the mean over the classes."}
    recall = as_array(told, "ten numbers", shape=(10,), shapes=shapes).astype(float)
    hit = np.bincount(labels[answers == labels], minlength=10)
    right, precision = hit / np.bincount(labels), hit / np.bincount(answers)
    if not np.allclose(recall, right, atol=1e-4):
        worst = np.abs(recall - right).argmax()
        text = f"of class {worst} this network names {right[worst]:.1%} right, your function says "
        cause = _order_cause(of("predict", calls), recall, images, labels)
        cause = "that is the precision." if np.allclose(recall, precision) else cause
        raise Wrong("value", text + f"{recall[worst]:.1%}.", cause)
    return "each class gets its own recall."


def _order_cause(asked: list[Watched], recall: Any, images: np.ndarray, labels: np.ndarray) -> str:
    """Why answers and labels do not belong together; "" in the program as it was."""
    if len(asked) != 1 or len(asked[0].result) != len(labels):
        return ""
    first, second = (which(asked[0].told["x"], images) for _ in range(2))
    found = asked[0].result.argmax(axis=1) == labels
    unshuffled = np.allclose(recall, [found[labels == label].mean() for label in range(10)])
    fixed = np.array_equal(first, second)
    causes = {
        "the pairs keep one order now, but it is not the order of `labels`.": fixed,
        "the labels come from another pass, and each pass has its own order.": not unshuffled,
    }
    return likely(causes)


# --- it does not learn ---------------------------------------------------------------------------


@check("bug_clinic.case_4")
@apart
def case_4(build_model: Callable[[], Any]) -> str:
    """Check that the loss takes the outputs for what they are, and that the network learns."""
    x, y = clothes(30)
    model = call(build_model)
    require_model(model)
    require_shapes(model, (28, 28, 1), 10)
    if not model.compiled:
        raise Wrong("value", "the model is not compiled.", nudge="call `model.compile`.")
    cause, text = _loss_cause(model, x[:64], y[:64]), "this model cannot be trained."
    with contextlib.suppress(Exception):  # labels and loss do not fit
        loss = model.fit(x, y, epochs=5, batch_size=32, verbose=0).history["loss"][-1]
        skill = np.mean(model.predict(x, verbose=0).argmax(axis=1) == y)
        text = f"after 5 epochs the loss is {loss:.3g}, and {skill:.0%} of 300 images are right."
        if cause is None and skill > 0.4:
            return f"the loss fits the outputs: {text}"
    raise Wrong("value", text, cause or "")


def _loss_cause(model: Any, x: np.ndarray, y: np.ndarray) -> str | None:
    """None if the loss fits the outputs, "" in the program as it was, else the likely cause."""
    import keras

    outputs = model.predict(x, verbose=0)
    odd = "the loss is not the cross-entropy of class numbers."
    try:  # with plain arrays: behind a softmax in the same graph, Keras would find the scores
        loss = float(np.mean(keras.losses.get(model.loss)(y, outputs)))
    except Exception:
        return odd
    logarithms = outputs - np.log(np.exp(outputs).sum(axis=1, keepdims=True))
    scores_fit = np.isclose(loss, -logarithms[np.arange(len(y)), y].mean(), rtol=1e-3)
    plain = float(np.mean(keras.losses.sparse_categorical_crossentropy(y, outputs)))
    plain_fits = np.isclose(loss, plain, rtol=1e-3)
    if outputs.min() >= 0 and np.allclose(outputs.sum(axis=1), 1, atol=1e-3):
        require_probabilities(trace(model, x[:4]))  # two softmax layers make some, too
        twice = "the softmax is taken twice: by the network, and by the loss."
        return None if plain_fits else twice if scores_fit else odd
    if outputs.min() >= 0 or np.abs(model.predict(x * 1e4, verbose=0)).max() < 1.01:
        return "the last activation makes neither probabilities nor scores of any size."
    return None if scores_fit else "" if plain_fits else odd


@check("bug_clinic.case_5")
@apart
def case_5(draw_sample: Callable[..., tuple]) -> str:
    """Check that a sample is drawn by chance, and that each image keeps its label."""
    n, size, rng = 500, 120, np.random.default_rng(SEED)
    images, labels = rng.integers(0, 256, (n, 28, 28, 1), np.uint8), rng.integers(0, 10, n)
    drawn = []
    for seed in (1, 1, 2):
        x, y = _two(call(draw_sample, images, labels, size, seed))
        x, y = as_array(x, "images", shape=(size, 28, 28, 1)), as_array(y, "labels", shape=(size,))
        rows = which(x, images)
        if (y != labels[rows]).any() or rows.min() < 0:
            cause = "images and labels are both drawn, but each in an order of its own."
            text = f"{np.mean(y == labels[rows]):.0%} of the images have their own label."
            raise Wrong("value", text, "" if np.array_equal(y, labels[:size]) else cause)
        drawn.append(rows)
    first, again, other = drawn
    causes = {
        "it is drawn from the first rows only.": first.max() < size,
        "the same seed gives another sample.": not np.array_equal(first, again),
        "another seed gives the same sample.": np.array_equal(np.sort(first), np.sort(other)),
        "an image is drawn more than once.": len(np.unique(first)) < size,
    }
    if cause := likely(causes):
        raise Wrong("value", "images and labels fit, but it is no random sample.", cause)
    return "a random sample, given by the seed, and each image has its own label."


def _two(told: Any) -> tuple:
    if not (isinstance(told, tuple | list) and len(told) == 2):
        raise Wrong("type", f"expected two things, got {describe(told)}.")
    return tuple(told)


@check("bug_clinic.case_6")
@apart
def case_6(function: Callable[[np.ndarray], np.ndarray]) -> str:
    """Check the new labels of all ten classes, of a single class and of no image."""
    right = np.array([1, 1, 1, 1, 1, 0, 1, 0, 2, 0])
    labels = np.random.default_rng(SEED).permutation(np.arange(200) % 10)
    for given in (labels, np.full(7, 9), np.full(1, 8), labels[:0]):
        new = as_array(call(function, given), "a new label for each", shape=(len(given),))
        if (wrong := np.flatnonzero(new != right[given])).size:
            old, got = given[wrong[0]], new[wrong[0]]
            as_it_was = np.array_equal(new, np.where(right == 0, 1, right)[given])
            swapped = np.array_equal(new, np.array([1, 0, 2])[right][given])
            causes = {
                "": as_it_was,
                "the numbers of shoes and clothes are exchanged.": swapped,
                "only 0, 1 and 2 are new labels: was a number added and not taken away?": got > 2,
                "a label that is already new is taken for an old one.": True,
            }
            text = f"the old label {old} becomes {got:.0f}, expected {right[old]}."
            raise Wrong("value", text, likely(causes))
    return "all ten old labels become the right ones."


@check("bug_clinic.case_7")
@apart
def case_7(fine_tune: Callable[..., Any]) -> str:
    """Check two stages of training: first the base keeps its weights, then it learns, too."""
    import keras
    from keras import layers

    x, y = clothes(20, classes=5)
    own = [layers.Conv2D(4, 5, strides=3, activation="relu"), layers.Flatten()]
    base = keras.Sequential([keras.Input((28, 28, 1)), *own])
    with watch() as calls:
        model = call(fine_tune, base, x / 255, y, in_place=True)
    require_model(model)
    require_shapes(model, (28, 28, 1), 5)
    fits, members = of("fit", calls), {id(weight) for weight in base.weights}
    if len(fits) < 2:
        cause = "base and head now learn together from the start, and the head is random then."
        raise Wrong("value", "`fit` is called once; two stages were asked for.", cause)
    first, last = (
        max((np.abs(new - old).max() for old, new in zip(*weights, strict=True)), default=0)
        for weights in (fits[0].weights(members, True), fits[-1].weights(members, True))
    )
    if first > 0:
        cause = "`trainable` is not False when the model is compiled for the first stage."
        text = f"in the first stage the weights of the base change, by up to {first:.4f}."
        raise Wrong("value", text, cause)
    if last == 0:
        causes = {
            "`base.trainable` is still False.": not base.trainable,
            "the last `compile` runs before the first stage, where the base is frozen.": True,
        }
        cause = likely(causes) if len(of("compile", calls)) > 1 or not base.trainable else ""
        raise Wrong("value", "in the last stage the weights of the base change by 0.0000.", cause)
    heads = fits[0].weights(members, False)[1], fits[1].weights(members, False)[0]
    if not all(map(np.array_equal, *heads)):
        raise Wrong("value", "the second stage starts with a new head.", "the model is built anew.")
    return f"the base keeps its weights, then they change by up to {last:.4f}."


@check("bug_clinic.case_8")
@apart
def case_8(train: Callable[..., list[float]]) -> str:
    """Check the learning rate of each step, and the numbers that the first convolution is given."""
    x, y = clothes(64)
    with watch() as calls:
        as_array(call(train, x, y, 4), "4 accuracies", shape=(4,))
    fit = of("fit", calls)[-1]
    rates = np.array(fit.rates)
    end, middle = rates[-1] / rates.max(), rates[len(rates) // 2] / rates.max()
    steps = trace(fit.model, images_of(fit.told["x"])[:8])
    first = next(step for step in steps if step.layer.trainable_weights)
    largest = np.abs(first.given).max()
    scaled = 0.3 < largest < 5
    if end > 0.3 or middle < 0.02:
        causes = {
            "": np.count_nonzero(rates > 1e-3 * rates.max()) == 4,
            "the rate stays the same: the schedule is gone.": np.ptp(rates) == 0,
            "the schedule is too long: it must end with the last of all batches.": end > 0.3,
            "the schedule is too short: it must end with the last of all batches.": True,
        }
        text = f"after 4 epochs {fit.result.history['accuracy'][-1]:.1%} of 640 images are right."
        half = f"{_HALF}the network gets its pixels in a good range. Still, " if scaled else ""
        raise Wrong("value", half + text, likely(causes))
    if not scaled:
        cause = "now nothing scales the pixels." if largest > 5 else ""
        text = f"{_HALF}the learning rate falls until the end of the training."
        raise Wrong("value", text, cause)
    return f"the learning rate falls for {len(rates)} steps, and pixels reach {largest:.2g}."


# --- too good ------------------------------------------------------------------------------------


@check("bug_clinic.case_9")
@apart
def case_9(score: Callable[..., float]) -> str:
    """Check a score of answers where one in twenty is True, the class that is looked for.

    Balanced accuracy, F1 and their like all pass: each is low for answers that never change. F1
    depends on which class is called True, but here this is the shirts, which the program looks for.
    """
    labels = np.random.default_rng(SEED).permutation(np.arange(400) % 20 == 0)
    half = labels & (np.cumsum(labels) % 2 == 0)
    answers = {"no": labels & False, "yes": labels | True, "half": half, "all": labels}
    told = {key: call(score, labels, given.astype(int)) for key, given in answers.items()}
    value = {key: float(as_array(one, "one number", shape=())) for key, one in told.items()}
    if value["no"] > 0.5:
        text = f"answers that find no shirt at all get {value['no']:.1%}."
        weighted = "the frequent class still decides."
        raise Wrong("value", text, "" if np.isclose(value["no"], 0.95) else weighted)
    if value["yes"] > 0.5:
        text = f"answers that call everything a shirt get {value['yes']:.1%}."
        raise Wrong("value", text, "recall alone does not count false alarms.")
    if not np.isclose(value["all"], 1):
        raise Wrong("value", f"perfect answers get {value['all']:.3g}, expected 1.")
    if not value["no"] + 0.05 < value["half"] < 0.95:
        text = f"answers that find half of the shirts get {value['half']:.1%}."
        raise Wrong("value", text, "precision alone does not count what is overlooked.")
    return f"no shirt found: {value['no']:.1%}, half of them: {value['half']:.1%}, all: 100 %."


@check("bug_clinic.case_10")
@apart
def case_10(make_parts: Callable[..., tuple]) -> str:
    """Check that copies are in the training part only, and that everything else stays."""
    rng, n = np.random.default_rng(SEED), 100
    images = np.zeros((n, 28, 28, 1), np.uint8)
    images[:, 10:18, 10:18, 0] = rng.integers(0, 256, (n, 8, 8))
    labels = rng.permutation(np.arange(n) % 10)  # by chance: nothing can be learned from them
    parts = [_two(part) for part in _two(call(make_parts, images, labels))]
    # A shift keeps the sum of the squares, and no two images have the same one.
    squares = [images_of(part).astype(float) ** 2 for part in ([images], *parts)]
    sums, *found = (each.sum(axis=(1, 2, 3)) for each in squares)
    rows, rows_v = (np.abs(part[:, None] - sums).argmin(axis=1) for part in found)
    times = np.bincount(rows, minlength=n)
    most = np.bincount(rows_v, minlength=n).max()
    if (known := np.isin(rows_v, rows)).any():
        text = "the check draws the labels by chance: of new images nobody can name more than 10%. "
        text += f"Of your validation part {known.mean():.0%} can be named."
        cause = "the training part has copies of images that stand in the validation part."
        raise Wrong("value", text, "" if most > 1 and known.mean() > 0.95 else cause)
    pairs = zip((rows, rows_v), parts, strict=True)
    labeled = [np.array_equal(labels[place], y) for place, (_, y) in pairs]
    causes = {
        "images and labels are not in the same order.": not all(labeled),
        "the validation part has copies, too: it counts an image several times.": most > 1,
        "some images are in neither part.": len(set(rows) | set(rows_v)) < n,
        "the validation part should have about 30 % of the images.": not 15 <= len(rows_v) <= 45,
        "the training part has lost its copies.": times[times > 0].mean() < 10,
        "the copies are not shifted.": len(np.unique(parts[0][0][rows == rows[0]], axis=0)) < 5,
    }
    if cause := likely(causes):
        text = f"{len(rows):,} images to train on and {len(rows_v):,} that judge have none in "
        raise Wrong("value", f"{text}common, but something else is wrong.", cause)
    return f"{len(rows):,} images to train on, none a copy of the {len(rows_v)} that judge."


@check("bug_clinic.case_11")
@apart
def case_11(cross_validate: Callable[..., list[float]]) -> str:
    """Check that five networks judge five folds, none of which they have seen."""
    x, y = clothes(30)
    x, y, new = x[:150] / 255, y[:150], (x[150:] / 255, y[150:])
    with watch() as calls:
        told = call(cross_validate, x, y)
    scores = as_array(told, "five accuracies", shape=(5,))
    fits, judged, leaks = [], [], 0  # each `fit`, with the images that its weights have seen
    for one in calls:
        seen = set().union(*(rows for fit, rows in fits if one.continues(fit)))
        if one.kind == "fit":
            seen |= set(which(one.told["x"], x))
            fits.append((one, seen))
        given = one.told.get("validation_data" if one.kind == "fit" else "x")
        if one.kind != "compile" and given is not None:
            judged.append(which(given, x))
            leaks += not seen.isdisjoint(judged[-1])
    if leaks:
        again = any(b.continues(a) for (a, _), (b, _) in pairwise(fits))
        causes = {
            "each network is new, but its training has the fold that judges it.": not again,
            "`compile` brings a new optimizer; the weights stay.": len(of("compile", calls)) > 1,
        }
        skill = fits[-1][0].model.evaluate(*new, verbose=0)[1]
        text = f"the last fold gets {scores[-1]:.1%}; of 150 new images the same network names "
        raise Wrong("value", f"{text}{skill:.1%} right.", likely(causes))
    times = np.bincount(np.concatenate(judged), minlength=150) if judged else np.ones(150)
    if len(fits) < 5 or (times != 1).any():
        text = "the five folds together do not judge each image once."
        raise Wrong("value", text, "the two parts of a split are exchanged, or not used.")
    return f"each fold is judged by a network that has not seen it: {scores.mean():.1%}."


@check("bug_clinic.case_12")
@apart
def case_12(compare: Callable[..., dict[str, float]]) -> str:
    """Check that optimizers are compared from new weights, and not by test images."""
    x, y = clothes(10)
    x, names = x / 255, ["adam", "sgd"]
    # 32, 29 and 31 images: an accuracy tells on which of them it was measured.
    parts = [(x[a:b], y[a:b]) for a, b in ((0, 32), (32, 61), (61, 92))]
    with watch() as calls:
        best = call(compare, names, *parts)
    if not isinstance(best, dict) or list(best) != names:
        raise Wrong("type", f"expected a dictionary for {names}, got {describe(best)}.")
    values = np.array([float(as_array(value, "an accuracy", shape=())) for value in best.values()])
    said = ", ".join(f"{name} {value:.1%}" for name, value in zip(names, values, strict=True))
    fits = of("fit", calls)
    fresh = not any(b.continues(a) for i, b in enumerate(fits) for a in fits[:i])
    given = [(one.kind, one.told.get(key)) for one in calls for key in ("x", "validation_data")]
    tested = {kind for kind, part in given if part is not None and which(part, x).max() > 60}
    if tested:
        half = f"{_HALF}each optimizer gets new weights. Still, " if fresh else ""
        cause = "" if "fit" in tested else "the test images still choose, only not within `fit`."
        raise Wrong("value", f"{half}the accuracies are {said}.", cause)
    if not np.allclose(values * 29, np.round(values * 29), atol=1e-3):
        cause = "they are measured on images that the network was trained with."
        raise Wrong("value", f"{said}: these do not come from the validation images.", cause)
    if not fresh:
        text = f"{_HALF}the test images take no part. Still, the accuracies are {said}."
        raise Wrong("value", text)
    if {fit.optimizer for fit in fits} != set(names):
        raise Wrong("value", f"the accuracies are {said}.", "not every optimizer is used.")
    return f"new weights for each optimizer, and no test image: {said}."
