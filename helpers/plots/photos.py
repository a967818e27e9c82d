"""A gallery of what an inspection of photos found."""

from collections.abc import Sequence

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes

from helpers.errors import UserError
from helpers.photos.findings import Finding, Inspection
from helpers.photos.names import shown
from helpers.plots.style import COLORS, set_title

MOST = 12
_SIDE = 96  # pixels of one cell
_LETTERS = 22  # of a line of caption


def photo_findings(
    axes: Axes | np.ndarray, inspection: Inspection, *, title: str | None = None
) -> None:
    """Draw one cell for each finding: the picture, what it is, and the file's name.

    Where there are more findings than cells, each kind comes once before any comes twice. A
    file that is not used has a red frame. A finding without a picture is a gray cell.

    Args:
        axes: one axes or an array of any shape; at most 12 are used, the rest stay empty.
            `plots.grid(3, 4, cell=1.8, title_lines=2)` fits.
        inspection: what `photos.inspect` returned.
        title: what to see; by default the numbers of findings, photos and classes.
    """
    if not isinstance(inspection, Inspection):
        raise UserError(
            f"photo_findings got {type(inspection).__name__}: pass what `photos.inspect` returns"
        )
    cells = np.asarray(axes, dtype=object).reshape(-1)
    findings = choose(inspection.findings, min(len(cells), MOST))
    for ax in cells:
        ax.set_axis_off()
    if not findings:
        cells[0].text(0, 0.5, "nothing found", transform=cells[0].transAxes, va="center")
    for ax, finding in zip(cells, findings, strict=False):
        _cell(ax, finding)
    set_title(cells, _summary(inspection, len(findings)) if title is None else title)


def choose(findings: Sequence[Finding], count: int) -> list[Finding]:
    """The first finding of each kind, then the second of each, up to a number; kinds in order."""
    turn: dict[str, int] = {}
    turns = []
    for finding in findings:
        turn[finding.kind] = turn.get(finding.kind, -1) + 1
        turns.append(turn[finding.kind])
    first = np.argsort(turns, kind="stable")[:count]
    return [findings[place] for place in sorted(first)]


def _summary(inspection: Inspection, shown_count: int) -> str:
    photos = (
        f"{len(inspection.usable)} usable photos in {len(inspection.class_names)} "
        f"class{'es' if len(inspection.class_names) != 1 else ''}"
    )
    total = len(inspection.findings)
    if not total:
        return f"Nothing found: {photos}"
    part = (
        f"{shown_count} of {total} findings"
        if shown_count < total
        else (f"{total} finding{'s' if total != 1 else ''}")
    )
    return f"{part}; {photos}"


def _cell(ax: Axes, finding: Finding) -> None:
    ax.set_axis_on()
    if finding.thumbnails:
        ax.imshow(_side_by_side(finding.thumbnails))
    else:
        ax.imshow(np.full((_SIDE, _SIDE, 3), 225, np.uint8))
        ax.text(
            0.5, 0.5, "no picture", transform=ax.transAxes, ha="center", va="center", fontsize=9
        )
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_visible(True)
    if finding.fatal:
        ax.spines[:].set(color=COLORS["vermilion"], linewidth=3)
    else:
        ax.spines[:].set(color="#999999", linewidth=0.8)
    name = shown(finding.path.name, _LETTERS) if finding.path else "the whole folder"
    ax.set_title(f"{finding.title}\n{printable(name)}", fontsize=9, loc="center", pad=4)


def _side_by_side(thumbnails: Sequence[np.ndarray]) -> np.ndarray:
    """One or two pictures in a square (96, 96, 3) on white, the two half as large."""
    pictures = (
        [thumbnails[0]]
        if len(thumbnails) == 1
        else [picture[::2, ::2] for picture in thumbnails[:2]]
    )
    canvas = np.full((_SIDE, _SIDE, 3), 255, np.uint8)
    width = _SIDE // len(pictures)
    for place, picture in enumerate(pictures):
        height, wide = picture.shape[:2]
        top, left = (_SIDE - height) // 2, place * width + (width - wide) // 2
        canvas[top : top + height, left : left + wide] = picture
    return canvas


def printable(text: str) -> str:
    """Text as matplotlib can draw it: no formulas, and "?" for letters that the font lacks."""
    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    text = "".join(
        letter if letter == "\n" or font.get_char_index(ord(letter)) else "?" for letter in text
    )
    return text.replace("$", r"\$")
