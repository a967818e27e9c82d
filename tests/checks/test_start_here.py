"""Lesson 00's checks: right answers in their variety, wrong ones with the likely cause."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from helpers import datasets, models
from helpers.checks import start_here as check

DATA = datasets.load("cifar10", profile="quick")
NAMES = list(DATA.class_names)
LABELS = np.array([4, 2, 3])  # deer, bird, cat
THEIRS = np.array([4, 5, 3])  # two of three
PROBABILITIES = np.array([0.1, 0.0, 0.05, 0.05, 0.6, 0.02, 0.02, 0.12, 0.02, 0.02])
RIGHT = np.arange(40) % 10
GIVEN = {
    "ten_names": (LABELS, THEIRS, NAMES),
    "predicted_class": (PROBABILITIES, NAMES),
    "mended": (RIGHT, NAMES),
}


@pytest.fixture(scope="module")
def model():
    return models.load_small()


def said(name, answer, status, given=()):
    verdict = getattr(check, name)(answer, *(given or GIVEN.get(name, ())))
    assert verdict.status == status, verdict
    return repr(verdict)


@pytest.mark.parametrize("name", ["ten_names", "predicted_class", "order", "mended"])
def test_a_stub_is_not_done_yet(name):
    said(name, ..., "todo")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["deer", "bird", "cat"], "3 of 3 images right, the network 2: you win"),
        (["Deer", " dog ", "CAT"], "2 of 3 images right, the network 2: a draw"),
        ("frog frog frog", "0 of 3 images right, the network 2: it wins"),
        ("deer, bird, cat", "you win"),
        (("car", "plane", "cat"), "1 of 3 images right"),
        (np.array(["deer", "bird", "cat"]), "you win"),
    ],
)
def test_ten_names_are_counted_for_both(answer, words):
    assert words in said("ten_names", answer, "correct")


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (["deer", ..., ...], "todo", "1 of 3 names"),
        (["deer", "bird"], "todo", "2 of 3 names"),
        (["deer", "bird", "cat", "cat"], "wrong", "4 names for 3 images"),
        (["deer", "brid", "cat"], "wrong", "did you mean 'bird'"),
        (["deer", "elephant", "cat"], "wrong", "use airplane, automobile"),
        ([4, 2, 3], "wrong", "that may be an index"),
        ([], "wrong", "expected a list of 3 names"),
    ],
)
def test_names_that_cannot_be_counted_are_told(answer, status, words):
    assert words in said("ten_names", answer, status)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("predicted_class", "deer"),
        ("predicted_class", np.str_("deer")),
        ("predicted_class", " Deer"),
        ("order", "C E B F D A"),
        ("mended", RIGHT),
        ("mended", RIGHT.tolist()),
        ("mended", RIGHT.astype("int32")),
    ],
)
def test_right_answers_pass(name, answer):
    said(name, answer, "correct")


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("predicted_class", PROBABILITIES, "the whole list"),
        ("predicted_class", 4, "the class's index, and the right one"),
        ("predicted_class", 0.6, "the greatest probability (`max`)".replace("`", "'")),
        ("predicted_class", "4", "an index, written as text"),
        ("predicted_class", "automobile", "argmin"),
        ("predicted_class", "horse", "its probability is 12.0%"),
        ("predicted_class", "dear", "did you mean 'deer'"),
        ("order", "C E B F G A", "line G does not belong"),
        ("order", "C B E F D A", "line B comes too early"),
        ("order", "C E F B D A", "the network needs the pixels"),
        ("order", "C E B F A D", "line A comes too early"),
        ("mended", np.full(40, 3), "all 40 images are called 'cat'"),
        ("mended", np.eye(10)[RIGHT], "`argmax` is missing".replace("`", "'")),
        ("mended", np.arange(10), "the other axis"),
        ("mended", RIGHT[::-1], "entry 0 is 9, expected 0"),
        ("mended", 0.87, "expected 40 class numbers"),
    ],
)
def test_wrong_answers_get_their_cause(name, answer, words):
    assert words in said(name, answer, "wrong")


def ship(size=32):
    """The drawing of the lesson's solution."""
    image = Image.new("RGB", (size, size), "lightblue")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 21, 31, 31), fill="steelblue")
    pen.polygon([(2, 16), (30, 16), (26, 23), (6, 23)], fill="darkred")
    pen.rectangle((9, 11, 22, 15), fill="white")
    pen.rectangle((17, 5, 20, 10), fill="black")
    return image


@pytest.mark.parametrize(
    "form", [ship(), np.asarray(ship()), np.asarray(ship())[None], ship().convert("RGBA")]
)
def test_a_drawn_ship_passes_in_every_form(model, form):
    assert "calls it a ship" in said("drawing", form, "correct", (model, DATA))


@pytest.mark.parametrize(
    ("drawing", "words"),
    [
        (Image.new("RGB", (32, 32), "red"), "and 90% are needed; the network's first choice is"),
        (ship(64), "expected 32 × 32 pixels in 3 colors"),
        (np.asarray(ship().convert("L")), "expected 32 × 32 pixels in 3 colors"),
        (np.asarray(ship()) / 255, "from 0 to 1 instead of 0 to 255"),
        (DATA.val.images[DATA.val.labels == 8][0], "draw one yourself"),
        ("ship.png", "expected an image"),
    ],
)
def test_what_is_no_drawn_ship_is_told(model, drawing, words):
    assert words in said("drawing", drawing, "wrong", (model, DATA))


def test_names_with_capitals_are_names_too():
    given = (np.array([0.2, 0.8]), ["Trouser", "Ankle boot"])
    for answer in ("Ankle boot", "ankle boot"):
        said("predicted_class", answer, "correct", given)
