"""Every student's own task, from the student's code alone: the same on every machine, for ever.

variant = variants.for_student("S1234567", "fashion")

All numbers come from SHA-256 and not from a random generator, whose stream may change with the
version of Python or NumPy. Whoever has a list of codes can compute their variants: a variant is no
secret, though it does not hold the code. The groupings are data, in `data/groupings.toml`.
"""

import csv
import functools
import hashlib
import io
import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from numbers import Integral
from pathlib import Path

import pandas as pd

from helpers.settings import DATA, CourseError

LABS = ("fashion", "cifar100")
IMAGES = 16
ARCHITECTURES = 10  # of the task sheet in lesson 07, numbered from 1

_SCHEME = "keras-image-course variants 1"  # another text gives everybody another variant
_SEEDS = range(1_000, 10_000)  # four digits: easy to copy by hand
_DASHES = "\N{MINUS SIGN}\N{HYPHEN BULLET}"  # and Unicode's own category of dashes, Pd

# What spreadsheets and learning platforms put into a class list.
_SEPARATOR = re.compile(r'"?sep=(.).*\n', re.IGNORECASE)  # a first line for Excel alone
_NO_CODES = {
    r"\d+[.,]0+|\d+[.,]?\d*e\+?\d+": "a number of a spreadsheet: format the column as text",
    r"(total|sum|(overall[ _])?average|mean|median|count):?": "a total or a mean, and no student",
}


@dataclass(frozen=True)
class Grouping:
    """Ten classes joined to three."""

    number: int  # from 1
    title: str  # the question that the new classes answer
    groups: dict[str, list[str]]  # names of the original classes; their order numbers the groups
    drop: list[str]  # names of the original classes left out, at most one


@dataclass(frozen=True, repr=False)
class Variant:
    """One student's task in one lab; it shows itself line by line."""

    lab: str  # "fashion" or "cifar100"
    grouping: Grouping | None  # how to join the classes; None in a lab that joins none
    architectures: tuple[int, ...]  # three numbers in 1..10, ascending; or none
    images: tuple[int, ...]  # 16 positions in the test set, from 0, in the order to show them in
    seed: int  # for `keras.utils.set_random_seed`, four digits

    def __repr__(self) -> str:
        lines = [("lab", self.lab)]
        if self.grouping:
            lines += [(f"grouping {self.grouping.number}", self.grouping.title)]
            for number, (name, members) in enumerate(self.grouping.groups.items()):
                lines += [(f"class {number}: {name}", ", ".join(members))]
            lines += [("dropped", ", ".join(self.grouping.drop) or "nothing")]
            lines += [("architectures", ", ".join(map(str, self.architectures)))]
        lines += [("test images", ", ".join(map(str, self.images))), ("seed", str(self.seed))]
        width = max(len(name) for name, _ in lines)
        return "\n".join(f"{name:<{width}}  {value}" for name, value in lines)


def for_student(student_id: str | int, lab: str, *, test_size: int = 10_000) -> Variant:
    """The variant of one student.

    Args:
        student_id: the student's code; see `normalize` for what makes no difference.
        lab: "fashion" or "cifar100".
        test_size: number of test images to choose from, 16 or more. Another size gives other
            images; the rest stays as it is.

    Raises:
        CourseError: a code that is empty or none, an unknown lab, or too few test images.
    """
    if lab not in LABS:
        raise CourseError(f"there is no lab '{lab}': use one of {', '.join(LABS)}")
    if test_size < IMAGES:
        raise CourseError(f"test_size is {test_size}: give {IMAGES} test images or more")
    key = f"{_SCHEME}\0{lab}\0{normalize(student_id)}"
    choices = groupings().get(lab)
    drawn = _distinct(key, "architectures", 3, ARCHITECTURES) if choices else ()
    return Variant(
        lab=lab,
        grouping=choices[next(_draws(key, "grouping", len(choices)))] if choices else None,
        architectures=tuple(sorted(index + 1 for index in drawn)),
        images=_distinct(key, "images", IMAGES, int(test_size)),
        seed=_SEEDS[next(_draws(key, "seed", len(_SEEDS)))],
    )


@functools.cache
def groupings() -> dict[str, tuple[Grouping, ...]]:
    """The groupings of each lab that has some, in the order in which codes choose among them."""
    tables = tomllib.loads((DATA / "groupings.toml").read_text("utf-8"))
    return {lab: tuple(Grouping(**row) for row in rows) for lab, rows in tables.items()}


def _draws(key: str, purpose: str, bound: int) -> Iterator[int]:
    """Evenly distributed numbers in 0..bound - 1; each purpose has a stream of its own."""
    for step in count():
        digest = hashlib.sha256(f"{key}\0{purpose}\0{step}".encode()).digest()
        yield int.from_bytes(digest[:8], "big") % bound


def _distinct(key: str, purpose: str, amount: int, bound: int) -> tuple[int, ...]:
    """Different numbers in 0..bound - 1."""
    drawn: dict[int, None] = {}  # keeps the order
    for number in _draws(key, purpose, bound):
        drawn[number] = None
        if len(drawn) == amount:
            return tuple(drawn)


def normalize(student_id: str | int) -> str:
    """The code without what people type in one way or the other; a CourseError if it is none.

    Case, spaces, dashes and invisible signs make no difference, nor do the ways in which Unicode
    writes one sign (form NFKC). Other signs, and zeros in front, do.
    """
    if isinstance(student_id, bool) or not isinstance(student_id, str | Integral):
        raise CourseError(f"student code {student_id!r}: give it as text, as in 'S1234567'")
    code = unicodedata.normalize("NFKC", str(student_id)).casefold()
    shown = [s for s in code if not (s.isspace() or unicodedata.category(s) == "Cf")]
    kept = "".join(s for s in shown if unicodedata.category(s) != "Pd" and s not in _DASHES)
    kept = unicodedata.normalize("NFKC", kept)  # for what case folding or a lost sign left apart
    # Letters, marks, digits and punctuation: what is unassigned today may change with Unicode.
    known = all(unicodedata.category(sign)[0] in "LMNP" for sign in kept)
    # Another sign in front may be a formula to a spreadsheet.
    if not (kept and shown[0].isalnum() and known and len(kept) <= 64):
        text = "up to 64 letters and digits, one of them first"
        raise CourseError(f"student code {str(student_id)[:20]!r}: give {text}")
    return kept


def table(
    path: Path, lab: str = "fashion", *, column: str = "student_id", test_size: int = 10_000
) -> pd.DataFrame:
    """The variants of a whole class, from a CSV file with one student a line.

    Args:
        path: CSV in UTF-8 below a line of headings, separated by commas, semicolons, tabs, or what
            a first line `sep=` says; lines without any text are left out.
        lab, test_size: as in `for_student`.
        column: heading of the column with the codes; case and spaces make no difference.

    Returns:
        DataFrame with a row for each line: line, student_id, lab, grouping, groups, dropped,
        architectures, images, seed, and `problem`, empty or one sentence. A code that cannot be
        used has a problem and no variant.

    Raises:
        CourseError: no such column, no student in it, or an unknown lab.
    """
    # It refuses what is wrong for all, and has the columns.
    example = _cells(for_student("S1234567", lab, test_size=test_size))
    seen: dict[str, int] = {}
    found = []
    for line, code in column_of(path, column):
        cells, problem = dict.fromkeys(example, ""), ""
        try:
            for pattern, kind in _NO_CODES.items():
                if re.fullmatch(pattern, code, re.IGNORECASE):
                    raise CourseError(f"'{code}' is {kind}")
            cells = _cells(for_student(code, lab, test_size=test_size))
            if (first := seen.setdefault(normalize(code), line)) != line:
                problem = f"the same code stands in line {first}"
        except CourseError as error:
            problem = str(error)
        row = {"line": line, "student_id": code, "lab": lab}
        found.append(row | cells | {"problem": problem})
    if not found:
        raise CourseError(f"{path} names no student: give one code a line, below the headings")
    return pd.DataFrame(found)


def column_of(path: Path, column: str) -> Iterator[tuple[int, str]]:
    """Line and code of each line that holds something."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise CourseError(f"{path} cannot be read: name a list saved as CSV UTF-8") from None
    told = _SEPARATOR.match(text)
    body = text[told.end() :] if told else text
    separator = told[1] if told else max(",;\t", key=body.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(body), delimiter=separator)
    headings = [heading.strip() for heading in next(reader, [])]
    plain = [heading.casefold().replace(" ", "_") for heading in headings]
    if (wanted := column.casefold().replace(" ", "_")) not in plain:
        listed = ", ".join(f"'{name[:40]}'" for name in headings[:20])
        raise CourseError(
            f"{path} has no column '{column}' but {listed}: name it so, or say --column"
        )
    for row in reader:
        cells = [cell.strip() for cell in row] + [""] * (len(headings) - len(row))
        if any(cells):
            line, code = reader.line_num + bool(told), cells[plain.index(wanted)]
            if len(cells) > len(headings) or "\n" in code:
                reason = f"{len(cells)} cells below {len(headings)} headings, or an open quote"
                raise CourseError(f"{path}, line {line}: {reason}: put texts in quotes")
            yield line, code


def _cells(variant: Variant) -> dict[str, str]:
    """A variant as cells of a table; lists stand in one cell each."""
    grouping = variant.grouping or Grouping("", "", {}, [])
    groups = grouping.groups.items()
    return {
        "grouping": str(grouping.number),
        "groups": "; ".join(f"{name}: {', '.join(old)}" for name, old in groups),
        "dropped": ", ".join(grouping.drop),
        "architectures": " ".join(map(str, variant.architectures)),
        "images": " ".join(map(str, variant.images)),
        "seed": str(variant.seed),
    }
