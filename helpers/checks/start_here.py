"""Checks of lesson 00: ten guesses, a class name, an order, a cell to mend, a drawing."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from helpers.checks.core import Todo, Wrong, as_array, check, compare, describe, likely, shorten
from helpers.checks.ordering import require_order

_COMMON = {"car": "automobile", "auto": "automobile", "plane": "airplane", "aeroplane": "airplane"}


@check("start_here.ten_names")
def ten_names(mine: Any, labels: np.ndarray, theirs: np.ndarray, class_names: Sequence[str]) -> str:
    """Count what a person and a network got right, with (n,) labels and (n,) predictions."""
    mine = re.findall(r"\w+", mine) if isinstance(mine, str) else mine
    if not isinstance(mine, list | tuple | np.ndarray) or not len(mine):
        raise Wrong("type", f"expected a list of {len(labels)} names, got {describe(mine)}.")
    guesses = [_known_name(name, class_names) for name in mine if name is not ...]
    if len(guesses) < len(labels):
        raise Todo(f"{len(guesses)} of {len(labels)} names are there.")
    if len(guesses) > len(labels):
        raise Wrong("shape", f"{len(guesses)} names for {len(labels)} images.")
    own = sum(guess == class_names[label] for guess, label in zip(guesses, labels, strict=True))
    network = int((np.asarray(theirs) == labels).sum())
    winner = "you win" if own > network else "it wins" if own < network else "a draw"
    return f"you name {own} of {len(labels)} images right, the network {network}: {winner}."


def _known_name(name: Any, class_names: Sequence[str]) -> str:
    """The class that a person means, as the class is written; raises Wrong if there is none."""
    if not isinstance(name, str):
        cause = "that may be an index; the name is asked for." if isinstance(name, int) else ""
        raise Wrong("type", f"expected names of classes, got {describe(name)}.", cause)
    plain = _COMMON.get(name.strip().lower(), name.strip().lower())
    known = {known.lower(): known for known in class_names}
    if plain not in known:
        close = difflib.get_close_matches(plain[:40], class_names, n=1)
        cause = f"did you mean '{close[0]}'?" if close else ""
        cause = "that is an index, written as text." if plain.isdigit() else cause
        text = f"there is no class named '{shorten(name, 40)}'."
        raise Wrong("range", text, cause, f"use {', '.join(class_names)}.")
    return known[plain]


@check("start_here.predicted_class")
def predicted_class(answer: Any, probabilities: np.ndarray, class_names: Sequence[str]) -> str:
    """Check the name of the most probable class.

    `probabilities` are (classes,) or (1, classes) floats in [0, 1].
    """
    probabilities = np.asarray(probabilities, dtype=float).reshape(-1)
    names = [str(name) for name in class_names]
    best = int(probabilities.argmax())
    if not isinstance(answer, str):
        text = f"expected the name of a class, got {describe(answer)}."
        array = as_array(answer, "the name of a class")
        greatest = np.isclose(array, probabilities[best])
        causes = {
            "that is the whole list of probabilities; choose one: `argmax`.": array.size != 1,
            "that is the class's index, and the right one; now its name.": array == best,
            "that is the greatest probability (`max`), not where it stands (`argmax`).": greatest,
            "that is a number, and a class is asked for.": True,
        }
        raise Wrong("type", text, likely(causes), "`names[index]`")
    answer = _known_name(answer, names)
    value = probabilities[names.index(answer)]
    if answer != names[best]:
        cause = "a list sorted in another order, or the true class instead of the predicted."
        if value == probabilities.min():
            cause = "`argmin` instead of `argmax`, or a sorted list read from the wrong end."
        text = f"'{answer}' is a class, but its probability is {value:.1%}; another has more."
        nudge = "look for the position of the greatest probability, then for the name there."
        raise Wrong("value", text, cause, nudge)
    return f"'{answer}' has the greatest of {len(names)} probabilities, {value:.1%}."


@check("start_here.order")
def order(answer: Any) -> str:
    """Check the order of the lines from a file to a name: C E B F D A, and not G."""
    before = {
        ("C", "E"): "it makes an image smaller, and none is open yet.",
        ("E", "B"): "it takes the numbers of the small image, which is not made yet.",
        ("B", "F"): "the network needs the pixels, which are not there yet.",
        ("F", "D"): "it looks for the greatest probability, and there are none yet.",
        ("D", "A"): "it needs a position in the list of names, which is not known yet.",
    }
    max_line = "`max` gives the greatest probability, and a position in `names` is needed."
    require_order(answer, "CEBFDA", before, {"G": max_line})
    return "open, make small, take the numbers, predict, find the greatest, look up its name."


@check("start_here.mended")
def mended(answer: Any, right: np.ndarray, class_names: Sequence[str]) -> str:
    """Check the classes predicted for all images, (n,) integers as in `right`."""
    shapes = {
        (len(right), len(class_names)): "these are the probabilities; `argmax` is missing.",
        (len(class_names),): "the best image for each class: the other axis.",
    }
    expected = f"{len(right):,} class numbers"
    array = as_array(answer, expected, shape=(len(right),), shapes=shapes)
    if len(found := np.unique(array)) == 1 and found[0] in range(len(class_names)):
        text = f"all {len(right):,} images are called '{class_names[int(found[0])]}'."
        cause = "the network does not get the numbers that it was trained with."
        nudge = "print the smallest and the largest number of what goes in, here and in section 4."
        raise Wrong("value", text, cause, nudge)
    compare(array, right, nudge="section 4 has a cell that does it right: compare line by line.")
    return f"{len(right):,} images, each with the class that the network prefers."


@check("start_here.drawing")
def drawing(answer: Any, model: Any, data: Any, name: str = "ship", bar: float = 0.9) -> str:
    """Check a drawing, a Pillow image or (32, 32, 3) array, that the network must call `name`."""
    answer = answer.convert("RGB") if isinstance(answer, Image.Image) else answer
    pixels = as_array(answer, "an image")
    pixels = pixels[0] if pixels.shape == (1, 32, 32, 3) else pixels
    nudge = 'begin with `Image.new("RGB", (32, 32), "skyblue")`.'
    as_array(pixels, "32 × 32 pixels in 3 colors", shape=(32, 32, 3), nudge=nudge)
    if pixels.max() <= 1:
        raise Wrong("range", "the drawing is black.", "pixels from 0 to 1 instead of 0 to 255.")
    if any((images == pixels).all(axis=(1, 2, 3)).any() for images, _ in (data.train, data.val)):
        raise Wrong("value", "that is an image of CIFAR-10; draw one yourself.")
    probabilities = model.predict(pixels[np.newaxis], verbose=0)[0]
    best, value = int(probabilities.argmax()), probabilities[data.class_names.index(name)]
    if value < bar:
        text = f"{name} has {value:.0%}, and {bar:.0%} are needed; the network's first choice is "
        text += f"{data.class_names[best]}, {probabilities[best]:.0%}."
        raise Wrong("value", text, "", "change one thing at a time: colors, the water, the shape.")
    return f"the network calls it a {name}, with {value:.1%}."
