"""The page's sentences: plain figures, and nothing of a stranger's names is run."""

import numpy as np
import pytest

from helpers import predict
from helpers.demo import text
from helpers.demo.answers import Answer

HOSTILE = '<img src=x onerror="alert(1)">${alert(2)}{{3}}'


@pytest.mark.parametrize(
    ("probability", "words"),
    [(1.0, "over 99.9 %"), (0.9985, "99.9 %"), (0.5, "50.0 %"), (0.0, "under 0.1 %")],
)
def test_percent_never_claims_certainty(probability, words):
    assert text.percent(probability) == words


def answer(names, superclasses=(), notes=(), heat=None):
    p = np.linspace(0.4, 0.1, len(names))
    top = tuple(zip(names, p.tolist(), strict=True))
    pixels = np.zeros((4, 4, 1), np.uint8)
    return Answer(
        predict.Look(
            picture=pixels.repeat(3, axis=2),
            size=(4, 4),
            seen=pixels,
            pixels=pixels.astype(np.float32),
            probabilities=p,
            class_names=tuple(names),
            top=top,
            superclasses=tuple(superclasses),
            top_superclasses=top[:1] if superclasses else (),
            notes=tuple(notes),
        ),
        heat,
    )


def test_a_bar_for_each_class_and_a_picture_with_words():
    shown = text.shown(answer(["cat", "dog", "frog"], heat=np.zeros((4, 4, 3), np.uint8)))
    assert shown.count('<li class="bar">') == 3
    assert shown.count("<figure>") == shown.count(' alt="') == 2
    assert "<b>cat</b>, 40.0 %" in shown


def test_no_map_no_picture_of_it():
    assert text.shown(answer(["cat", "dog"])).count("<figure>") == 1


def test_names_and_notes_are_escaped():
    shown = text.shown(answer([HOSTILE, "b"], [HOSTILE, "b"], [HOSTILE], np.zeros((4, 4, 3), "u1")))
    pages = [shown, text.refused(HOSTILE), text.heading(HOSTILE, [HOSTILE] * 30, [HOSTILE])]
    for page in pages:
        assert "<img src=x" not in page
        assert "${" not in page and "{{" not in page


def test_many_classes_are_folded():
    assert "<details>" in text.heading("m", [f"class {n}" for n in range(100)], [])
    assert "<details>" not in text.heading("m", ["cat", "dog"], [])
