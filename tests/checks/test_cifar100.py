"""Lesson 09's checks: right answers in their variety, wrong ones with the likely cause."""

import json
import time
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.checks import cifar100 as check
from helpers.settings import NOTEBOOKS, CourseError


def said(verdict, status):
    assert verdict.status == status, verdict
    return repr(verdict)


DATA = np.random.default_rng(0).integers(0, 256, (7, 3072), dtype=np.uint8)
PLANES = DATA.reshape(-1, 3, 32, 32)
RIGHT = PLANES.transpose(0, 2, 3, 1)

# A hundred classes in twenty superclasses of five, not in their order.
MAP = np.random.default_rng(1).permutation(np.arange(100) % 20)
FINE = np.random.default_rng(0).permutation(np.arange(1000) % 100)
COARSE = MAP[FINE]
FIRST_SEEN = MAP[list(dict.fromkeys(FINE.tolist()))]

P = np.random.default_rng(0).dirichlet(np.full(100, 0.1), 30)
SUMS = P @ np.eye(20)[MAP]

# 6 of 10 right; of four mistakes one stays inside (0 and 4 share superclass 0).
SMALL = np.array([0, 1, 1, 2, 0])
Y = np.array([0, 1, 2, 3, 4, 0, 0, 1, 3, 4])
PREDICTED = np.array([0, 1, 2, 3, 4, 0, 4, 3, 0, 1])

CHECKS = {"to_images": (DATA,), "fine_to_coarse": (FINE, COARSE), "coarse_probabilities": (P, MAP)}
CHECKS["inside_fraction"] = (Y, PREDICTED, SMALL)


@pytest.mark.parametrize("name", CHECKS)
def test_a_stub_is_not_done_yet(name):
    assert getattr(check, name)(..., *CHECKS[name]).status == "todo"


@pytest.mark.parametrize(
    ("name", "answer", "words"),
    [
        ("to_images", RIGHT, "7 images"),
        ("fine_to_coarse", MAP, "100 classes lies in one of 20 superclasses"),
        ("fine_to_coarse", dict(zip(FINE, COARSE, strict=True)), "100 classes"),
        ("coarse_probabilities", SUMS.tolist(), "20 columns"),
        ("inside_fraction", np.array(0.25), "1 of 4 mistakes"),
    ],
)
def test_right(name, answer, words):
    assert words in said(getattr(check, name)(answer, *CHECKS[name]), "correct")


def last_only():
    result = np.zeros((30, 20))
    result[:, MAP] += P
    return result


WRONG = {
    "to_images": [
        (DATA.reshape(-1, 32, 32, 3), "'reshape' alone"),
        (RIGHT[:5], "(7, 32, 32, 3)"),
        (PLANES[:, 0], "no colors"),
        (RIGHT[::-1], "another order"),
        (np.concatenate([RIGHT[:3], RIGHT[3:] // 2]), "first in image 3"),
    ],
    "fine_to_coarse": [
        (COARSE, "one entry an image"),
        (np.arange(20), "one entry a superclass"),
        (np.stack([FINE, COARSE], 1), "pairs of all images"),
        (np.eye(20)[MAP], "table of counts"),
        (MAP + 1, "counted from 1"),
        (np.arange(100), "fine labels themselves"),
        (FIRST_SEEN, "in which they occur"),
        (COARSE[:100], "first 100 images"),
        (np.sort(MAP), "sorted by *name*"),
        (np.roll(MAP, 1), "one class too far"),
        (MAP + 0.5, f"fine label 0 is {MAP[0]}.5, expected {MAP[0]}"),
        (dict.fromkeys("abc", 0), "some fine labels are no keys"),
        (dict(zip(COARSE, FINE, strict=True)), "some fine labels are no keys"),
        ({label: {int(MAP[label])} for label in range(100)}, "100 integers"),
    ],
    "coarse_probabilities": [
        (SUMS / 5, "the mean"),
        (np.stack([P[:, m == MAP].max(axis=1) for m in range(20)], 1), "the largest probability"),
        (last_only(), "'+='"),
        (P, "each fine class"),
        (SUMS.T, "changed places"),
        (SUMS.argmax(axis=1), "not probabilities"),
    ],
    "inside_fraction": [
        (0.7, "accuracy on superclasses"),
        (0.1, "all images"),
        (0.75, "leave"),
        (1 / 7, "whose superclass is right"),
        (1, "that is a count"),
    ],
}


@pytest.mark.parametrize(
    ("name", "answer", "words"), [(name, *row) for name, rows in WRONG.items() for row in rows]
)
def test_wrong(name, answer, words):
    assert words in said(getattr(check, name)(answer, *CHECKS[name]), "wrong")


def train_as_lesson_09(backend):
    """Runs the training of the lesson's own cell; returns the folders and whether anew."""
    calls = []

    def train(x, y, recipe, *, run_dir, restart=False, **options):
        calls.append((run_dir, restart))
        if not restart:  # as for a run that another Keras or course has saved
            raise CourseError("belongs to another run")
        return "model", "history"

    notebook = json.loads((NOTEBOOKS / "09_cifar100_superclasses.ipynb").read_text("utf-8"))
    cells = ["".join(cell["source"]) for cell in notebook["cells"]]
    (source,) = (cell for cell in cells if "run_dir = " in cell)
    names = {name: [] for name in ("x_train", "y_train", "x_val", "y_val", "classes")}
    names |= {"BUILD": NOTEBOOKS, "CourseError": CourseError, "time": time}
    names["fast_cnn"] = SimpleNamespace(train=train)
    names["keras"] = SimpleNamespace(backend=SimpleNamespace(backend=lambda: backend))
    names["plan"] = SimpleNamespace(profile="quick", val_images=None)
    names["recipe"] = SimpleNamespace(precision="")
    exec(source.split("curves = ")[0], names)
    assert names["model"] == "model"
    return calls


def test_a_run_that_cannot_go_on_begins_anew_and_says_so(capsys):
    (folder, first), (again, second) = train_as_lesson_09("jax")
    assert folder == again and (first, second) == (False, True)
    assert "begins anew: belongs to another run" in capsys.readouterr().out
    assert train_as_lesson_09("tensorflow")[0][0] != folder
