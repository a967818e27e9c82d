"""What the lessons say about the recorded runs is what the records say."""

import re
import tomllib

import numpy as np
import pytest

from helpers.authoring import notebooks, record
from helpers.course import recorded
from helpers.formats import catalog
from helpers.settings import DATA, NOTEBOOKS

CLAIMS = tomllib.loads((DATA / "claims.toml").read_text("utf-8")).get("claim", [])


def final(file, experiment, variant, metric):
    """What each seed reached in its last epoch."""
    return np.array(record.reached(file, experiment, variant, metric))


def stored(name):
    """What trained networks answered on all validation images."""
    return np.load(DATA / "predictions" / f"{name}.npz")


def spaced(text):
    return " ".join(re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).split())


def said(lesson):
    """Everything that a lesson says, code and quiz included."""
    cells = notebooks.read(*notebooks.find([lesson])).cells
    quiz = (NOTEBOOKS / "quizzes" / f"{lesson}.toml").read_text("utf-8")
    return spaced(" ".join([*(cell.source for cell in cells), quiz]))


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: f"{claim['lesson']}: {claim['says']}")
def test_a_claim_stands_in_its_lesson_and_holds(claim):
    assert spaced(claim["says"]) in said(claim["lesson"])
    names = {"final": final, "recorded": recorded, "stored": stored, "catalog": catalog, "np": np}
    assert eval(claim["holds"], names), claim["holds"]
