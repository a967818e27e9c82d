"""Lesson 01's checks: right answers pass, and each known mistake is refused with its cause."""

import numpy as np
import pytest
from sklearn.model_selection import (
    GroupShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    train_test_split,
)
from sklearn.utils import shuffle

from helpers.checks import data_preparation as check
from helpers.checks.core import Wrong

# Shapes

SHAPES = {
    "x_train[7]": (32, 32, 3),
    "x_train[:64]": (64, 32, 32, 3),
    "x_train[7, 0]": (32, 3),
    "x_train[:64, :, :, 0]": (64, 32, 32),
    "y_train[:64]": (64,),
    "(x_train[:64] / 255).dtype": "float64",
}
DTYPE = "(x_train[:64] / 255).dtype"
ANSWERS = [
    SHAPES,
    {key: list(shape) for key, shape in SHAPES.items() if key != DTYPE} | {DTYPE: np.float64},
    SHAPES | {"x_train[7, 0]": np.array([32, 3]), DTYPE: np.zeros(1).dtype},
    SHAPES | {DTYPE: float},
]
WRONG_ANSWERS = [
    ({"x_train[7]": (1, 32, 32, 3)}, "a number removes its axis"),
    ({"x_train[:64]": (32, 32, 3)}, "a slice keeps its axis"),
    ({"x_train[:64]": (65, 32, 32, 3)}, "stops before 64"),
    ({"x_train[7, 0]": (32, 32)}, "first *row* of pixels"),
    ({"x_train[7, 0]": (3,)}, "first *row* of pixels"),
    ({"x_train[:64, :, :, 0]": (64, 32, 32, 1)}, "a number removes its axis"),
    ({"x_train[:64, :, :, 0]": (64, 32, 32, 3)}, "only channel 0"),
    ({"x_train[:64, :, :, 0]": (32, 32, 64)}, "one by one"),
    ({"y_train[:64]": 64}, "'(64,)'"),
    ({"y_train[:64]": (64, 1)}, "not a column"),
    ({"y_train[:64]": "(64,)"}, "expected a tuple"),
    ({DTYPE: "float32"}, "a longer type"),
    ({DTYPE: "uint8"}, "fractions would be lost"),
    ({DTYPE: "decimal"}, "the name of a type"),
    ({DTYPE: 64}, "the name of a type"),
]

# Pixels as floats


def in_place(images):
    images[...] = images / 255
    return images


def returns_nothing(images):
    images.astype("float32") / 255


def standardized(images):
    return ((images - images.mean()) / images.std()).astype("float32")


def by_image(images):
    return (images / images.max(axis=(1, 2, 3), keepdims=True)).astype("float32")


FLOATS = [
    lambda images: images.astype("float32") / 255,
    lambda images: (images / 255).astype(np.float32),
    lambda images: images.astype("float32") * (1 / 255),
]
WRONG_FLOATS = [
    (lambda x: x.astype("float32"), "division is missing"),
    (lambda x: x, "division is missing"),
    (lambda x: x // 255, "cut off"),
    (lambda x: (x / 255).astype("uint8"), "cut off"),
    (lambda x: (x // 255).astype("float32"), "cut off"),
    (lambda x: x / 255, "twice the memory"),
    (lambda x: (x / 255).astype("float16"), "too few digits"),
    (lambda x: x.astype("float32") / 256, "256"),
    (lambda x: x.astype("float32") / x.max(), "brightest pixel of this batch"),
    (by_image, "own brightest pixel"),
    (lambda x: ((x - x.min()) / np.ptp(x)).astype("float32"), "this batch's range"),
    (lambda x: x.astype("float32") / 255 / 255, "twice"),
    (lambda x: x.astype("float32") / 127.5 - 1, "[-1, 1]"),
    (standardized, "standardized"),
    (lambda x: 1 - x.astype("float32") / 255, "exchanged"),
    (lambda x: x.astype("float32") / 100, "too small"),
    (lambda x: x.astype("float32") / 0, "NaN or infinite"),
    (lambda x: x.reshape(4, -1).astype("float32") / 255, "(4, 6, 5, 3)"),
    (lambda x: np.zeros(0, "float32"), "(4, 6, 5, 3)"),
    (in_place, "changes the data"),
    (returns_nothing, "returns nothing"),
    (lambda x: (row for row in x), "generator"),
    (lambda x: "pixels", "expected an array"),
    (lambda x: y_is_not_defined, "NameError"),  # noqa: F821
    (np.float32(3), "expected a function"),
]

# A preparation in order

ORDERS = ["D B E G A C", "G D B E A C", "D B G E A C"]
WRONG_ORDERS = [
    ("D B E G F C", "all images, those of validation too"),
    ("D B E G A F C", "all images, those of validation too"),
    ("D B G A E C", "training images only"),
    ("E D B G A C", "on each side"),
    ("D E B G A C", "on each side"),
    ("B D E G A C", "line D"),
    ("D B E A G C", "line G"),
    ("D B E G C A", "has not seen images yet"),
]

# A shuffle; the images differ

PICTURES = np.random.default_rng(0).integers(0, 256, (60, 4, 4, 3), dtype=np.uint8)
CLASSES = np.random.default_rng(1).integers(0, 10, 60)
PLACES = np.random.default_rng(2).permutation(60)


def mix(array, seed=0):
    return np.random.default_rng(seed).permutation(array)


MIXED = [
    (PICTURES[PLACES], CLASSES[PLACES]),
    (mix(PICTURES), mix(CLASSES)),  # a new generator with the same seed draws the same order
    (list(PICTURES[::-1]), CLASSES[::-1].tolist()),
    shuffle(PICTURES, CLASSES, random_state=1001),
]
WRONG_MIXED = [
    ((mix(PICTURES, 3), mix(CLASSES, 4)), "two different orders"),
    ((mix(PICTURES), CLASSES), "two different orders"),
    ((PICTURES, mix(CLASSES)), "two different orders"),
    ((PICTURES, CLASSES), "nothing was mixed"),
    ((PICTURES[PLACES] / 255, CLASSES[PLACES]), "pixels were changed"),
    ((mix(PICTURES.ravel()).reshape(PICTURES.shape), CLASSES), "pixels were changed"),
    ((PICTURES[PLACES // 2], CLASSES[PLACES // 2]), "with replacement"),
    ((PICTURES[PLACES[:50]], CLASSES[PLACES[:50]]), "expected images"),
    ((PICTURES[PLACES], CLASSES[PLACES][:, None]), "a column"),
]

# A split by groups: as in the lesson, 150 objects of ten classes, one to four photos of each

GROUPS = np.repeat(np.arange(150), np.random.default_rng(1001).integers(1, 5, size=150))
Y = GROUPS % 10
ALL = np.arange(len(Y))


def fold(splitter, *grouped):
    return next(splitter.split(Y, Y, *grouped))


def by_group(k=4):
    return fold(StratifiedGroupKFold(k), GROUPS)


PARTS = [
    *StratifiedGroupKFold(4).split(Y, Y, GROUPS),
    [part.tolist() for part in by_group()],
    tuple(np.random.default_rng(1).permutation(part) for part in by_group()),
]
WRONG_PARTS = [
    (
        train_test_split(ALL, test_size=0.25, stratify=Y, random_state=1),
        "does not know the objects",
    ),
    (fold(StratifiedKFold(4)), "does not know the objects"),
    (fold(GroupShuffleSplit(1, test_size=0.25, random_state=1), GROUPS), "look at the classes"),
    (by_group()[::-1], "wrong order"),
    (by_group(10), "10% of all photos"),
    (StratifiedGroupKFold(4).split(Y, Y, GROUPS), "takes the first"),
    (list(StratifiedGroupKFold(4).split(Y, Y, GROUPS)), "expected a pair"),
    ((ALL, by_group()[1]), "training holds all"),
    ((by_group()[0][1:], by_group()[1]), "neither part"),
    ((Y[by_group()[0]], Y[by_group()[1]]), "labels were returned"),
    (ALL, "expected a pair"),
]


RIGHT_WORK = [
    *((check.shapes, answers) for answers in ANSWERS),
    *((check.to_float, function) for function in FLOATS),
    *((check.clean_order, order) for order in ORDERS),
    *((check.mixed, work, PICTURES, CLASSES) for work in MIXED),
    *((check.group_split, parts, Y, GROUPS) for parts in PARTS),
]
WRONG_WORK = [
    *((words, check.shapes, SHAPES | answers) for answers, words in WRONG_ANSWERS),
    *((words, check.to_float, function) for function, words in WRONG_FLOATS),
    *((words, check.clean_order, order) for order, words in WRONG_ORDERS),
    *((words, check.mixed, work, PICTURES, CLASSES) for work, words in WRONG_MIXED),
    *((words, check.group_split, parts, Y, GROUPS) for parts, words in WRONG_PARTS),
]


@pytest.mark.parametrize(("function", "work"), [(f, w) for f, *w in RIGHT_WORK])
def test_right(function, work):
    verdict = function(*work)
    assert verdict.status == "correct", verdict


@pytest.mark.parametrize(("words", "function", "work"), [(t, f, w) for t, f, *w in WRONG_WORK])
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_wrong(words, function, work):
    verdict = function(*work)
    assert verdict.status == "wrong"
    assert words in str(verdict)


def test_stub_is_not_done_yet():
    assert check.shapes(dict.fromkeys(SHAPES, ...)).status == "todo"
    some = check.shapes(SHAPES | {"x_train[7, 0]": ...})
    assert some.status == "todo"
    assert "5 of 6 right" in str(some)
    assert check.to_float(lambda images: ...).status == "todo"
    for function, *more in ((check.clean_order,), (check.group_split, Y, GROUPS)):
        assert function(..., *more).status == "todo"


# Images from raw rows, which lesson 09's check asks for

ROWS = np.random.default_rng(1001).integers(0, 256, (3, 3072), dtype=np.uint8)
PLANES = ROWS.reshape(-1, 3, 32, 32)
IMAGES = PLANES.transpose(0, 2, 3, 1)
WRONG_IMAGES = [
    (ROWS.reshape(-1, 32, 32, 3), "colored noise"),
    (PLANES, "channels are still first"),
    (IMAGES.swapaxes(1, 2), "height and width changed places"),
    (IMAGES[..., ::-1], "blue, green, red"),
    (IMAGES[:, ::-1], "upside down"),
    (IMAGES[:, :, ::-1], "mirrored"),
    (IMAGES[0], "one image"),
    (IMAGES[:1], "one image"),
    (ROWS, "as they were"),
    (IMAGES / 255, "divided by 255"),
    (IMAGES.astype(int), "keep `uint8`"),
    (ROWS.T.reshape(32, 32, 3, 3), "must stay first"),
]


@pytest.mark.parametrize(
    ("images", "words"), WRONG_IMAGES, ids=[words for _, words in WRONG_IMAGES]
)
def test_rows_that_became_other_images(images, words):
    with pytest.raises(Wrong) as caught:
        check.require_images(images, ROWS)
    wrong = caught.value
    assert words in " ".join([wrong.text, wrong.cause, wrong.nudge])
    check.require_images(list(IMAGES), ROWS)
