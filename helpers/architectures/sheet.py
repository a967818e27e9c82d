"""The task sheet: number, name and idea of each architecture, without Keras."""

from dataclasses import dataclass
from numbers import Integral

from helpers.errors import UserError


@dataclass(frozen=True)
class Architecture:
    """One row of the task sheet.

    Attributes:
        number: 1 to 10, as the variants hand them out.
        name: a few words.
        idea: in one sentence, what comparing it with another row teaches.
    """

    number: int
    name: str
    idea: str


# Numbers 5 and 10 are those of report S5; the others are the course's own.
SHEET = (
    Architecture(
        1,
        "softmax regression",
        "One weight for each pixel and class and no hidden layer: what every network must beat.",
    ),
    Architecture(
        2,
        "one hidden layer",
        "128 units see all pixels at once, but do not know which pixels are neighbours.",
    ),
    Architecture(
        3,
        "one convolution, large kernels",
        "A single layer of 9 × 9 kernels finds whole parts of a garment, with few parameters.",
    ),
    Architecture(
        4,
        "strides instead of pooling",
        "Convolutions with stride 2 learn how to shrink the picture; there is no pooling.",
    ),
    Architecture(
        5,
        "two kinds of pooling",
        "Report S5's number 5: max pooling, then average pooling; its last convolution and the "
        "dense layer behind Flatten hold nearly all parameters.",
    ),
    Architecture(
        6,
        "global average pooling",
        "The convolutions of number 5, but the mean of each map takes the place of Flatten and "
        "the dense layer.",
    ),
    Architecture(
        7,
        "separable convolutions",
        "Number 6 with convolutions split into one per channel and one across channels: an "
        "eighth of the parameters.",
    ),
    Architecture(
        8,
        "two branches",
        "3 × 3 and 5 × 5 kernels side by side: the network need not choose one size.",
    ),
    Architecture(
        9,
        "shortcuts",
        "Seven convolutions, with shortcuts around pairs of them so that the gradient reaches the "
        "first.",
    ),
    Architecture(
        10,
        "three poolings",
        "Report S5's number 10: a pooling behind each convolution leaves so little to flatten "
        "that a wider dense layer is cheap.",
    ),
)


def describe(number: int) -> str:
    """One line: number, name and idea.

    Raises:
        UserError: there is no such number.
    """
    row = find(number)
    return f"{row.number} · {row.name}: {row.idea}"


def find(number: int) -> Architecture:
    """The row of a number.

    Raises:
        UserError: there is no such number.
    """
    if isinstance(number, Integral) and not isinstance(number, bool):
        for row in SHEET:
            if row.number == number:
                return row
    raise UserError(
        f"there is no architecture {number!r}: the task sheet has the numbers 1 to {len(SHEET)}"
    )
