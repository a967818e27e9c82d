"""What the markers of labs 3 and 4 share: numbers, student codes, photos."""

import functools
import re
from collections.abc import Callable

import numpy as np

from helpers import image_files
from helpers.grading.labs import Mark
from helpers.grading.report import detail, likeness
from helpers.settings import DATA, CourseError

COPY = 0.93  # correlation of detail from which on two photos are one; see `detail`
MOST = 300  # photos of one student that are looked at


def number(value) -> float:
    """A plain number, NaN for anything else."""
    return float(value) if type(value) in (int, float) else np.nan


def near(value, right: float, places: int = 3) -> bool:
    """Whether a value is that number, or the number rounded to so many places or more."""
    return bool(abs(number(value) - right) <= 0.51 * 10**-places)


def listed(value) -> list:
    """The items of a list or of an array as plain values; of anything else none."""
    return np.asarray(value).tolist() if isinstance(value, list | np.ndarray) else []


def columns(table: dict, *names: str) -> list[np.ndarray]:
    """Columns of a table of texts as numbers; whatever is wrong with them raises."""
    return [np.array([float(text) for text in table[name]]) for name in names]


def by_key(
    given, right: dict[str, Callable], causes: list[tuple[str, Callable, str]], what: str
) -> Mark:
    """A mark for a dict of numbers, each of which counts the same.

    Args:
        right: for each key whether a value is right.
        causes: (key, whether a wrong value has this cause, the cause); all that fit are told.
        what: the file from which the numbers follow.
    """
    wrong = [key for key, accept in right.items() if not accept(given.get(key))]
    if not wrong:
        return Mark(1)
    good = len(right) - len(wrong)
    reason = f"{good} of {len(right)} numbers agree with {what}. Wrong or missing: "
    found = [text for key, fits, text in causes if key in wrong and fits(given.get(key))]
    hint = f"Compute each number from {what} by code, and print it beside yours."
    cause = " ".join(dict.fromkeys(found))
    return Mark(good / len(right), f"{reason}{', '.join(map(repr, wrong))}.", cause, hint)


def plain(code: str) -> str:
    """A student code without what makes no difference."""
    return re.sub(r"[\s\-\u2010-\u2015\u2212]", "", code).upper()


HALF_PLAIN = (  # ways to bring a code into the plain form only in part
    str,
    str.upper,
    lambda code: code.replace(" ", ""),
    lambda code: code.replace("-", ""),
    lambda code: code.replace(" ", "").upper(),
    lambda code: code.replace("-", "").upper(),
)


def own_code(answer, student) -> tuple[str, bool]:
    """The code that counts, and whether a person must look at it.

    A learning platform may know the student by a name that is no code; then the code in the
    notebook counts, and nobody but a person can say whose it is.
    """
    if re.fullmatch(r"[A-Z]{0,3}\d{4,12}", plain(student.id)):
        return student.id, False
    return answer.value, True


# --- photos -------------------------------------------------------------------------------------


@functools.cache
def drawings() -> np.ndarray:
    """The detail of all images that the course brings."""
    found = []
    for path in sorted((DATA / "photos").rglob("*.*")):
        try:
            gray = image_files.decode(path)[1].convert("L").resize((16, 16))
        except CourseError:  # a script, or one of the files that are broken on purpose
            continue
        found.append(np.asarray(gray))
    return detail(found)


def own_photos(answer) -> tuple[list[str], str]:
    """The files that count, each photo once, and why others do not."""
    usable = [p for p in answer.value if not p["problem"] and min(p["size"]) >= 32][:MOST]
    reason = next((f"{p['file']}: {p['problem']}" for p in answer.value if p["problem"]), "")
    kept, kept_detail = [], np.zeros((0, 16, 16), np.float32)
    for photo, its in zip(usable, detail([p["thumbnail"] for p in usable]), strict=True):
        if np.linalg.norm(its) < 0.9:
            reason = reason or f"{photo['file']} shows nothing."
        elif (likeness(its[np.newaxis], drawings()) >= COPY).any():
            reason = f"{photo['file']} is one of the course's drawings, and no photo of your own."
        elif (likeness(its[np.newaxis], kept_detail) >= COPY).any():
            reason = f"{photo['file']} is a copy of another photo, or nearly one."
        else:
            kept.append(photo["file"])
            kept_detail = np.concatenate([kept_detail, its[np.newaxis]])
    return kept, reason
