"""A student's variant as a card."""

import textwrap
from itertools import zip_longest

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from helpers.plots.style import COLORS, set_title
from helpers.variants import Variant

_FILLS = (COLORS["blue"], COLORS["vermilion"], COLORS["green"])
_BOX_HEIGHT = 0.48  # share of the axes


def variant_card(ax: Axes, variant: Variant, *, title: str | None = None) -> None:
    """Draw a variant: a box for each new class with what goes into it, and the numbers below.

    Args:
        ax: axes to draw on; 9 in x 3 in read well.
        variant: as `helpers.variants.for_student` gives it.
        title: what to see; by default the lab, and the grouping where there is one.
    """
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")
    members = variant.grouping.members if variant.grouping else ()
    for place, (name, old) in enumerate(members):
        _box(ax, place, len(members), name, old)
    first = 1 - _BOX_HEIGHT - 0.14 if members else 0.9
    for row, (name, value) in enumerate(_lines(variant)):
        ax.text(0, first - 0.11 * row, name, va="baseline", color="#555555")
        ax.text(0.17, first - 0.11 * row, value, va="baseline", weight="bold")
    set_title(ax, title or _title(variant))


def _box(ax: Axes, place: int, boxes: int, name: str, old: tuple[str, ...]) -> None:
    width = 1 / boxes
    left, bottom = place * width, 1 - _BOX_HEIGHT
    ax.add_patch(
        FancyBboxPatch(
            (left + 0.01, bottom + 0.02),
            width - 0.02,
            _BOX_HEIGHT - 0.04,
            boxstyle="round,pad=0,rounding_size=0.02",
            facecolor="white",
            edgecolor=_FILLS[place % len(_FILLS)],
            linewidth=2,
        )
    )
    ax.text(left + 0.03, 0.93, f"{place} · {name}", va="top", weight="bold")
    whole = [name.replace(" ", "\N{NO-BREAK SPACE}") for name in old]  # no name over two lines
    text = textwrap.fill(", ".join(whole), width=int(90 / boxes))
    ax.text(left + 0.03, 0.79, text, va="top", linespacing=1.4)


def _lines(variant: Variant) -> list[tuple[str, str]]:
    """Names and values below the boxes, one pair a line; a second line of images has no name."""
    lines = []
    if variant.grouping:
        lines.append(("dropped", ", ".join(variant.grouping.drop) or "nothing"))
    if variant.architectures:
        lines.append(("architectures", ", ".join(map(str, variant.architectures))))
    lines.append(("seed", str(variant.seed)))
    images = textwrap.wrap(", ".join(map(str, variant.images)), width=72)
    return lines + list(zip_longest(["test images"], images, fillvalue=""))


def _title(variant: Variant) -> str:
    if variant.grouping is None:
        return f"Your variant of lab {variant.lab}"
    return f"Your variant: grouping {variant.grouping.number}, “{variant.grouping.title}”"
