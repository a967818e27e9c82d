"""Every student's own task, from the student's code alone: the same on every machine, for ever.

variant = variants.for_student("S1234567", "fashion")

All numbers come from SHA-256 and not from a random generator, whose stream may change with the
version of Python or NumPy. Nothing is written, and a `Variant` does not hold the code. Whoever has
a list of codes can compute their variants, though: a variant is no secret.
"""

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from numbers import Integral

from helpers.errors import UserError
from helpers.variant_groupings import FASHION, Grouping

ARCHITECTURES = 10  # of the task sheet, numbered from 1
IMAGES = 16

_SCHEME = "keras-image-course variants 1"  # another text gives everybody another variant
_LONGEST_CODE = 64
_LARGEST_TEST_SET = 10**9
_SEEDS = range(1_000, 10_000)  # four digits: easy to copy by hand
_DASHES = "\N{MINUS SIGN}\N{HYPHEN BULLET}"  # and Unicode's own category of dashes, Pd


@dataclass(frozen=True)
class Variant:
    """One student's task in one lab.

    Attributes:
        lab: name of the lab.
        grouping: how to join the classes, or None in a lab that joins none.
        architectures: three different numbers in 1..10, ascending; empty in a lab without a sheet.
        images: 16 different positions in the test set, from 0, in the order in which to show them.
        seed: for `keras.utils.set_random_seed`, four digits.
    """

    lab: str
    grouping: Grouping | None
    architectures: tuple[int, ...]
    images: tuple[int, ...]
    seed: int

    def describe(self) -> str:
        """The card as text: some lines for people."""
        lines = [f"lab {self.lab}"]
        if self.grouping:
            lines.append(f"grouping {self.grouping.number}: {self.grouping.title}")
            for number, (name, old) in enumerate(self.grouping.members):
                lines.append(f"  {number} {name}: {', '.join(old)}")
            lines.append(f"  dropped: {', '.join(self.grouping.drop) or 'nothing'}")
        if self.architectures:
            lines.append(f"architectures {', '.join(map(str, self.architectures))}")
        lines.append(f"test images {', '.join(map(str, self.images))}")
        lines.append(f"seed {self.seed}")
        return "\n".join(lines)


@dataclass(frozen=True)
class _Lab:
    groupings: tuple[Grouping, ...]
    architectures: int  # how many are handed out
    test_size: int


_LABS = {
    "fashion": _Lab(FASHION, 3, 10_000),
    "cifar100": _Lab((), 0, 10_000),
}
LABS = tuple(_LABS)


def for_student(student_id: str | int, lab: str, *, test_size: int | None = None) -> Variant:
    """The variant of one student.

    Args:
        student_id: the student's code; see `normalize` for what makes no difference.
        lab: "fashion" or "cifar100".
        test_size: number of test images to choose from, 16 or more; by default 10,000, all of the
            published test set. Another size gives other images; the rest stays as it is.

    Raises:
        UserError: a code that is empty or none, an unknown lab, or too few test images.
    """
    if lab not in LABS:
        raise UserError(f"there is no lab '{lab}': use one of {', '.join(LABS)}")
    rules = _LABS[lab]
    size = rules.test_size if test_size is None else test_size
    if not isinstance(size, Integral) or not IMAGES <= size <= _LARGEST_TEST_SET:
        raise UserError(
            f"test_size is {size!r}: give the number of test images, {IMAGES} to "
            f"{_LARGEST_TEST_SET:,}"
        )
    key = f"{_SCHEME}\0{lab}\0{normalize(student_id)}"
    grouping = None
    if rules.groupings:
        grouping = rules.groupings[_Draws(key, "grouping").below(len(rules.groupings))]
    drawn = _Draws(key, "architectures").distinct(rules.architectures, ARCHITECTURES)
    return Variant(
        lab=lab,
        grouping=grouping,
        architectures=tuple(sorted(index + 1 for index in drawn)),
        images=_Draws(key, "images").distinct(IMAGES, int(size)),
        seed=_SEEDS[_Draws(key, "seed").below(len(_SEEDS))],
    )


def normalize(student_id: str | int) -> str:
    """The code without what people type in one way or the other.

    Case, spaces, dashes and invisible signs make no difference, nor do the ways in which Unicode
    writes one sign (form NFKC). Other signs, and zeros in front, do.

    Raises:
        UserError: no code, or none that a school would give: see the message.
    """
    if isinstance(student_id, bool) or not isinstance(student_id, str | Integral):
        raise UserError(f"student code {student_id!r}: give it as text, as in 'S1234567'")
    code = unicodedata.normalize("NFKC", str(student_id)).casefold()
    shown = repr(str(student_id)[:20])
    visible = "".join(sign for sign in code if unicodedata.category(sign) != "Cf").strip()
    kept = "".join(sign for sign in visible if not (sign.isspace() or _is_dash(sign)))
    kept = unicodedata.normalize("NFKC", kept)  # for what case folding or a lost sign left apart
    if not any(sign.isalnum() for sign in kept):
        raise UserError(f"student code {shown} has no letter and no digit: give your own code")
    if not visible[0].isalnum():  # a spreadsheet would take it for a formula
        raise UserError(f"student code {shown} must begin with a letter or a digit: correct it")
    if len(kept) > _LONGEST_CODE:
        raise UserError(
            f"student code {shown}… has {len(kept)} signs: give the code alone, "
            f"{_LONGEST_CODE} at most"
        )
    # Letters, marks, digits and punctuation; no symbols, control signs, or unassigned ones, which
    # another version of Unicode may treat in another way.
    if odd := [sign for sign in kept if unicodedata.category(sign)[0] not in "LMNP"]:
        raise UserError(f"student code {shown} holds {odd[0]!r}: use letters and digits")
    return kept


def _is_dash(sign: str) -> bool:
    return unicodedata.category(sign) == "Pd" or sign in _DASHES


def distribution(variants: Iterable[Variant]) -> dict[str, Counter[int]]:
    """How often each grouping ("groupings") and architecture ("architectures") was given.

    Numbers that nobody has stand there with 0; a lab without them gives an empty counter.
    """
    groupings: Counter[int] = Counter()
    architectures: Counter[int] = Counter()
    for variant in variants:
        if variant.grouping:
            groupings.update({grouping.number: 0 for grouping in _LABS[variant.lab].groupings})
            groupings[variant.grouping.number] += 1
        if variant.architectures:
            architectures.update(dict.fromkeys(range(1, ARCHITECTURES + 1), 0))
            architectures.update(variant.architectures)
    return {"groupings": groupings, "architectures": architectures}


class _Draws:
    """Evenly distributed whole numbers that depend on two texts and on nothing else."""

    def __init__(self, key: str, purpose: str) -> None:
        # A stream a purpose: a change to one of them leaves the others alone.
        self._start = f"{key}\0{purpose}\0"
        self._step = count()

    def below(self, bound: int) -> int:
        """The next number in 0..bound - 1."""
        largest = 2**64 - 2**64 % bound  # above it the rest of a division favors small numbers
        while True:
            text = f"{self._start}{next(self._step)}"
            number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
            if number < largest:
                return number % bound

    def distinct(self, amount: int, bound: int) -> tuple[int, ...]:
        """Different numbers in 0..bound - 1, each choice and order equally probable."""
        drawn: list[int] = []
        while len(drawn) < amount:
            number = self.below(bound)
            if number not in drawn:
                drawn.append(number)
        return tuple(drawn)
