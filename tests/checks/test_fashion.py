"""Lesson 07's checks: right answers in their variety, wrong ones with the likely cause."""

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.model_selection import KFold, ShuffleSplit, StratifiedKFold

from helpers import datasets, variants
from helpers.authoring.recipes.fashion import lesson
from helpers.checks import fashion as check

CLASSES = list(datasets.load("fashion_mnist", profile="quick").class_names)
GROUPINGS = variants.groupings()["fashion"]
GROUPING = GROUPINGS[6]  # drops the bag; its groups are not sorted by name
OLD = np.random.default_rng(0).integers(0, 10, 500)
MAP = np.array([1, 1, 1, 0, 0, 2, 1, 2, -1, 2])

LABELS = np.arange(60) % 3
IMAGES = np.repeat(100 * LABELS, 784).reshape(60, 28, 28, 1).astype("uint8")
GIVEN = {"regroup": (GROUPING, OLD, CLASSES), "rare_shirts": (IMAGES, LABELS)}
STRATIFIED = StratifiedKFold(5, shuffle=True, random_state=1)


def said(name, answer, status):
    verdict = getattr(check, name)(answer, *GIVEN.get(name, ()))
    assert verdict.status == status, verdict
    return repr(verdict)


@pytest.mark.parametrize(
    "name", ["regroup", "cross_validate", "lines_without_a_leak", "rare_shirts"]
)
def test_a_stub_is_not_done_yet(name):
    said(name, ..., "todo")


@pytest.mark.parametrize("grouping", GROUPINGS)
def test_every_grouping_can_be_answered_and_tells_s5_apart(grouping):
    new_class = np.full(10, -1)
    for number, names in enumerate(grouping.groups.values()):
        new_class[[CLASSES.index(name) for name in names]] = number
    assert check.regroup(new_class[OLD], grouping, OLD, CLASSES)
    example = np.array([0, 1, 0, 0, 0, 2, 0, 2, -1, 2])
    assert "S5's" in repr(check.regroup(example[OLD], grouping, OLD, CLASSES))


def folds(splitter=STRATIFIED, anew=True, judge=slice(None), more=0):
    """A cross-validation with one thing changed; `judge` takes from (inside, outside)."""

    def cross_validate(build, x, y):
        model, scores = build(), []
        for inside, outside in splitter.split(x, y):
            model = build() if anew else model
            model.fit(x[np.append(inside, outside[:more])], y[np.append(inside, outside[:more])])
            model.fit(x=x[inside], y=y[inside])
            rows = (inside, outside)[judge] if isinstance(judge, int) else outside[judge]
            scores.append(model.evaluate(x[rows], y[rows])[1])
        return scores

    return cross_validate


def classifier(epochs=40, middle=(), labels=LABELS):
    """A network that tells three grays apart, or not."""
    keras.utils.set_random_seed(1)
    middle = [*middle, layers.Flatten(), layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), *middle])
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
    model.fit(IMAGES, labels, epochs=epochs, batch_size=6, verbose=0)
    return model


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("regroup", lambda: MAP[OLD].astype(float).tolist(), "grouping 7"),
        ("cross_validate", folds, "never seen"),
        ("lines_without_a_leak", lambda: "d a e g c", "copies of training images only"),
        ("lines_without_a_leak", lambda: list("GDAEC"), "copies of training images only"),
        ("rare_shirts", classifier, "balanced accuracy"),
    ],
)
def test_right(name, make, words):
    assert words in said(name, make(), "correct")


WRONG = {
    "regroup": [
        (lambda: MAP, "each *old class*"),
        (lambda: MAP[OLD][MAP[OLD] >= 0], "they stay, as -1"),
        (lambda: np.where(MAP < 0, -1, MAP + 1)[OLD], "counted from 1"),
        (lambda: MAP.clip(0)[OLD], "in class 0"),
        (lambda: np.array([0, 0, 0, 1, 1, 2, 0, 2, -1, 2])[OLD], "sorted by name"),
        (
            lambda: np.array([1, 1, 1, 0, 0, 2, 1, 2, -1, 1])[OLD],
            "(Ankle boot) is 1, expected 2",
        ),
    ],
    "cross_validate": [
        (lambda: folds(anew=False), "one network goes through all folds"),
        (lambda: folds(judge=0), "judged on the part that it was trained on"),
        (lambda: folds(more=2), "trained on more than the rows inside"),
        (lambda: folds(judge=slice(3)), "exactly once"),
        (lambda: folds(ShuffleSplit(5, test_size=0.2, random_state=1)), "exactly once"),
        (lambda: folds(KFold(5)), "not spread evenly"),
        (lambda: folds(StratifiedKFold(4)), "five accuracies"),
        (lambda: lambda build, x, y: [0.9] * 5, "exactly once"),
    ],
    "lines_without_a_leak": [
        (lambda: "F D A E G C", "rare class would stay rare"),
        (lambda: "D A E B G C", "are not changed"),
        (lambda: "A D E G C", "which the split makes"),
        (lambda: "D A C E G", "which line E makes"),
    ],
    "rare_shirts": [
        (lambda: classifier(0), "bar is"),
        (lambda: classifier(labels=LABELS * 0), "was 'fit' called"),
        (lambda: classifier(labels=np.where(LABELS == 2, 1, LABELS)), "hardly ever"),
        (lambda: classifier(labels=np.where(LABELS == 1, 2, LABELS)), "too often"),
        (lambda: classifier(0, [layers.Flatten(), layers.Dense(400)]), "at most 150,000"),
    ],
}


@pytest.mark.parametrize(
    ("name", "make", "words"), [(name, *row) for name, rows in WRONG.items() for row in rows]
)
def test_wrong(name, make, words):
    assert words in said(name, make(), "wrong")


def test_the_solution_of_the_lesson_fits_the_limit_of_parameters():
    assert lesson().architecture_4().count_params() <= 150_000
