"""Of what a lab's specification is made: requests for evidence, tasks, marks.

A specification is `specs/LAB.py` beside the master notebook `LAB.ipynb`, and defines `LAB`. A task
says what to ask for once a student's cells have run, and turns what came back into a share of its
points. Nothing here runs a student's code, and no answer is more than plain data.
"""

import functools
import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from helpers.checks.public import SMALL, close, describe, numeric, same
from helpers.settings import ROOT, CourseError


@dataclass(frozen=True)
class Student:
    """Who handed in, as the folder, the learning platform or the class list says."""

    id: str
    name: str = ""


# --- what can be asked for ----------------------------------------------------------------------


@dataclass(frozen=True)
class Call:
    """What a function of the notebook gives back for these arguments: plain values, arrays."""

    function: str
    arguments: tuple = ()
    seconds: float = 5.0


@dataclass(frozen=True)
class Value:
    """What a variable of the notebook holds: a plain value, an array, or a table."""

    name: str
    seconds: float = 5.0


@dataclass(frozen=True)
class Network:
    """The Keras model in a variable, or that a function of no arguments makes.

    It is rebuilt from its `to_json` and weights in a clean sandbox and measured there. The answer
    is a dict: "layers" (a list of dicts: class, name, config, parameters, trainable, output: shape
    without the batch; layers of inner models follow their model), "parameters",
    "trainable_parameters", "input" and "output" (shapes without the batch), and "outputs"
    (float32, of `images`, with `training` as said, or None).
    """

    name: str
    images: np.ndarray | None = None
    training: bool = False
    seconds: float = 20.0


@dataclass(frozen=True)
class Table:
    """A CSV file that was handed in: a dict, heading to list of texts, of 20,000 rows at most."""

    file: str
    seconds: float = 5.0


@dataclass(frozen=True)
class Photos:
    """The image files in a folder that was handed in, read in a clean sandbox.

    The answer is a list of dicts: "file" (path below the folder), "folder" (its class), "problem"
    ("" for a usable image, else one sentence), "size" ([width, height]) and "thumbnail" (uint8
    array (16, 16), gray).
    """

    folder: str
    seconds: float = 20.0


Request = Call | Value | Network | Table | Photos


@dataclass(frozen=True)
class Answer:
    """What came back: a value, or in one sentence why there is none."""

    value: Any = None
    error: str = ""


# --- what it is worth ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """A share of a task's points, from 0 to 1, and why it is not all of them.

    `reason` is what was seen, `cause` what probably led to it, `hint` what to try. `person` asks
    for a person to decide, whatever the share.
    """

    share: float
    reason: str = ""
    cause: str = ""
    hint: str = ""
    person: bool = False


@dataclass(frozen=True)
class Task:
    """One line of the marks. `id` is the `grade_id` of its cell in the master notebook.

    Args:
        ask: from a random generator and the student to the requests.
        mark: from the answers, the requests and the student to a mark; None where a person marks.
        lesson: number of the lesson that explains it, as "03".
    """

    id: str
    title: str
    points: int
    ask: Callable[[np.random.Generator, Student], Sequence[Request]] = lambda rng, student: ()
    mark: Callable[[Sequence[Answer], Sequence[Request], Student], Mark] | None = None
    lesson: str = ""

    @property
    def manual(self) -> bool:
        return self.mark is None


@dataclass(frozen=True)
class Lab:
    """A lab: its tasks, in the order of the notebook.

    Args:
        name: as "lab1", which is also the notebook's.
        version: raise it with every change that could change a mark.
        submits: patterns of the files that may be handed in beside the notebook.
        files: writes what a student gets beside the notebook into a folder; None for nothing.
    """

    name: str
    title: str
    version: int
    tasks: Sequence[Task]
    submits: Sequence[str] = ()
    files: Callable[[Path], None] | None = None
    folder: Path = field(default=Path(), compare=False)

    @property
    def master(self) -> Path:
        """The notebook with the solutions."""
        return self.folder / f"{self.name}.ipynb"


def folder() -> Path:
    """Where the labs lie: `$COURSE_LABS`, else notebooks/labs of this checkout."""
    chosen = os.environ.get("COURSE_LABS")
    return Path(chosen).expanduser().resolve() if chosen else ROOT / "notebooks" / "labs"


def load(name: str) -> Lab:
    """The lab of this name.

    Raises:
        CourseError: there is none.
    """
    known = sorted(path.stem for path in (folder() / "specs").glob("*.py"))
    if name not in known:
        listed = ", ".join(known) or "nothing: is the folder somewhere else? Name it by COURSE_LABS"
        raise CourseError(f"there is no lab '{name}' in {folder()}; there is {listed}")
    spec = importlib.util.spec_from_file_location(name, folder() / "specs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return replace(module.LAB, folder=folder())


# --- functions tried on hidden arguments --------------------------------------------------------


@dataclass(frozen=True)
class Mistake:
    """A known wrong function: answers equal to all of its answers have this cause."""

    wrong: Callable
    cause: str
    hint: str = ""


def function(
    id: str,
    title: str,
    points: int,
    *,
    name: str,
    cases: Callable[[np.random.Generator, Student], Sequence[tuple]],
    right: Callable,
    mistakes: Sequence[Mistake] = (),
    guesses: Sequence[Callable] = (),
    hint: str = "",
    lesson: str = "",
    seconds: float = 5.0,
) -> Task:
    """A task whose function is tried on hidden arguments and held against a right one.

    Every case counts the same, but those count for nothing that a function without a thought gets
    right as well: one that gives back None, 0, 1, True, its argument, zeros, or always the same.

    Args:
        name: of the function in the notebook.
        cases: from a random generator and the student to argument tuples.
        right: what gives the right answer to each.
        mistakes: known wrong functions with their causes; the first that fits is told.
        guesses: more functions without a thought, for which nothing is given.
        hint: what to try when none fits.
    """

    def ask(rng, student):
        return [Call(name, tuple(arguments), seconds) for arguments in cases(rng, student)]

    def mark(answers, asked, student):
        expected = [right(*call.arguments) for call in asked]
        good = [
            not answer.error and same(answer.value, value)
            for answer, value in zip(answers, expected, strict=True)
        ]
        free = _thoughtless(asked, expected, guesses)
        share = max(0, sum(good) - free) / (len(good) - free)
        if share == 1:
            return Mark(1)
        first = good.index(False)
        reason = f"{sum(good)} of {len(good)} hidden calls gave the right answer. "
        reason += _difference(asked[first], answers[first], expected[first])
        for mistake in mistakes:
            wrong = [mistake.wrong(*call.arguments) for call in asked]
            given = [answer.value for answer in answers]
            if all(map(same, given, wrong)):
                return Mark(share, reason, mistake.cause, mistake.hint or hint)
        return Mark(share, reason, "", hint)

    return Task(id, title, points, ask, mark, lesson)


def _thoughtless(asked: Sequence[Call], expected: Sequence, guesses: Sequence[Callable]) -> int:
    """In how many cases the best of the functions without a thought is right."""
    common = max(expected, key=lambda value: sum(same(o, value) for o in expected))
    constants = [[value] * len(asked) for value in (None, 0, 1, True, common)]
    zeros = [np.zeros_like(value) if numeric(value) else None for value in expected]
    arguments = [
        [call.arguments[place] if place < len(call.arguments) else None for call in asked]
        for place in range(max((len(call.arguments) for call in asked), default=0))
    ]
    guessed = [[guess(*call.arguments) for call in asked] for guess in guesses]
    scores = (
        sum(same(given, value) for given, value in zip(attempt, expected, strict=True))
        for attempt in [*constants, zeros, *arguments, *guessed]
    )
    most = max(scores)
    if most >= len(expected):
        raise ValueError(f"a function without a thought answers every case of {asked[:1]}")
    return most


def _difference(call: Call, answer: Answer, expected: Any) -> str:
    shown = ", ".join(map(describe, call.arguments))
    if answer.error:
        return f"For {call.function}({shown}): {answer.error}"
    told = (
        f"For {call.function}({shown}) it gave {describe(answer.value)}; "
        f"right is {describe(expected)}."
    )
    if not (numeric(answer.value) and numeric(expected)):
        return told
    given, right = np.asarray(answer.value), np.asarray(expected)
    if given.shape == right.shape and right.size > SMALL:
        place = tuple(np.argwhere(~close(given, right))[0].tolist())
        told += f" At {place} stands {given[place]:.6g} and not {right[place]:.6g}."
    return told


# --- pieces that markers share ------------------------------------------------------------------


class OtherShape(ValueError):
    """Evidence has another form than was asked for; the text says so."""


def careful(mark: Callable) -> Callable:
    """The same marker; evidence so odd that it cannot be read is worth nothing."""

    @functools.wraps(mark)
    def marked(answers, asked, student):
        try:
            return mark(answers, asked, student)
        except Exception as error:
            for answer in answers:  # what is missing comes first
                if answer.error or answer.value is None:
                    return Mark(0, answer.error or "It is None: nothing was made yet.")
            told = str(error) if isinstance(error, OtherShape) else ""
            return Mark(0, told or "What came back has not the form that the task asks for.")

    return marked


def between(value: float, nothing: float, full: float) -> float:
    """0 at `nothing` or below, 1 at `full` or above, in proportion between; NaN is nothing."""
    if not np.isfinite(value):
        return 0.0
    return float(np.clip((value - nothing) / (full - nothing), 0, 1))


def majority(labels: Sequence) -> float:
    """The accuracy of whoever always names the commonest class."""
    return max(Counter(np.asarray(labels).tolist()).values()) / len(labels)
