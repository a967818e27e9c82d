"""Line charts as SVG, for pictures that follow a slider.

matplotlib takes a tenth of a second for such a picture on a quiet computer, and much longer on a
busy one; this takes about a millisecond. Colors and sizes are those of `helpers.plots`.
"""

import base64
import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 12, 30, 44  # pixels around the axes, for the texts
_TICK = 11  # size of the letters in pixels
_TEXT = 13


@dataclass(frozen=True)
class Line:
    """A line of a chart; points that are not finite leave a gap."""

    x: np.ndarray  # (m,)
    y: np.ndarray  # (m,)
    color: str
    dash: str = ""  # as in SVG: "6 4" is six pixels of line and four without
    width: float = 2.0
    name: str = ""  # in the legend, if there is one


@dataclass(frozen=True)
class Chart:
    """Lines on one pair of axes, and what marks a place on them."""

    lines: Sequence[Line]
    xlabel: str
    ylabel: str
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    title: str = ""
    write_x: Callable[[float], str] = "{:,g}".format
    write_y: Callable[[float], str] = "{:,g}".format
    verticals: Sequence[tuple[float, str]] = ()  # places on the x axis, and their dashes
    points: Sequence[tuple[float, float, str, str]] = ()  # x, y, color, text beside it
    shaded_from: float | None = None  # what lies to the right of it is gray
    legend: bool = False  # above the axes, where the title would be
    ticks: int = field(default=5)  # about so many on an axis


def chart_tag(charts: Sequence[Chart], alt: str, *, width: int = 860, height: int = 300) -> str:
    """HTML of charts side by side, with the text that stands for them.

    Args:
        charts: one or more.
        alt: any text; it is escaped here.
        width, height: of all of them together, in pixels of the screen.
    """
    each = width / len(charts)
    parts = [
        f'<g transform="translate({_number(place * each)} 0)">{_draw(chart, each, height)}</g>'
        for place, chart in enumerate(charts)
    ]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="DejaVu Sans, Verdana, sans-serif">'
        f'<rect width="{width}" height="{height}" fill="white"/>{"".join(parts)}</svg>'
    )
    source = base64.b64encode(svg.encode()).decode("ascii")
    text = html.escape(alt, quote=True)
    return f'<img alt="{text}" src="data:image/svg+xml;base64,{source}" style="max-width:100%">'


def percent(share: float) -> str:
    """Write a tick for a share in [0, 1]."""
    return f"{100 * share:.4g} %"


def _draw(chart: Chart, width: float, height: float) -> str:
    right, bottom = width - _RIGHT, height - _BOTTOM

    def place(x: float, y: float) -> tuple[float, float]:
        """Pixels of a point in data units."""
        (x0, x1), (y0, y1) = chart.xlim, chart.ylim
        across = _LEFT + (x - x0) / (x1 - x0) * (right - _LEFT)
        return across, bottom - (y - y0) / (y1 - y0) * (bottom - _TOP)

    parts = []
    if chart.shaded_from is not None:
        start = place(chart.shaded_from, 0)[0]
        parts.append(
            f'<rect x="{_number(start)}" y="{_TOP}" width="{_number(max(right - start, 0))}" '
            f'height="{_number(bottom - _TOP)}" fill="#EEEEEE"/>'
        )
    for value in ticks(*chart.xlim, chart.ticks):
        x = place(value, 0)[0]
        parts.append(_stroke([(x, bottom), (x, bottom + 4)], "#555555"))
        parts.append(_text(chart.write_x(value), x, bottom + 17, size=_TICK))
    for value in ticks(*chart.ylim, chart.ticks):
        y = place(0, value)[1]
        parts.append(_stroke([(_LEFT, y), (right, y)], "#DDDDDD", 0.8))
        parts.append(_text(chart.write_y(value), _LEFT - 6, y + 4, "end", _TICK))
    parts.append(_stroke([(_LEFT, _TOP), (_LEFT, bottom), (right, bottom)], "#555555"))
    for x, dash in chart.verticals:
        ends = [place(x, chart.ylim[0]), place(x, chart.ylim[1])]
        parts.append(_stroke(ends, "#555555", 1.5, dash))
    for line in chart.lines:
        parts.extend(_stroke(run, line.color, line.width, line.dash) for run in _runs(line, place))
    for x, y, color, text in chart.points:
        parts.append(_point(*place(x, y), color, text))
    middle = (_LEFT + right) / 2
    parts.append(_text(chart.xlabel, middle, height - 8))
    parts.append(_text(chart.ylabel, 13, (_TOP + bottom) / 2, turned=True))
    parts.append(_text(chart.title, _LEFT, 17, "start"))
    if chart.legend:
        parts.append(_legend(chart.lines, _LEFT, right))
    return "".join(parts)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from low to high, 1, 2 or 5 times a power of ten apart."""
    rough = (high - low) / about
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * next(factor for factor in (1, 2, 5, 10) if factor * power >= rough * 0.85)
    first, last = np.ceil(low / step - 1e-9), np.floor(high / step + 1e-9)
    # Plus 0.0 makes a negative zero positive.
    return [float(f"{number * step:.6g}") + 0.0 for number in np.arange(first, last + 1)]


def _runs(line: Line, place: Callable) -> list[list[tuple[float, float]]]:
    """The line's points in pixels, cut where one is missing."""
    runs: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if np.isfinite(x) and np.isfinite(y):
            runs[-1].append(place(x, y))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _point(x: float, y: float, color: str, text: str) -> str:
    if not (np.isfinite(x) and np.isfinite(y)):
        return ""
    dot = f'<circle cx="{_number(x)}" cy="{_number(y)}" r="5" fill="{color}" stroke="white"/>'
    return dot + _text(text, x - 8, y + 15, "end", _TICK)


def _legend(lines: Sequence[Line], left: float, right: float) -> str:
    named = [line for line in lines if line.name]
    parts = []
    for number, line in enumerate(named):
        x = left + number * (right - left) / len(named)
        parts.append(_stroke([(x, 13), (x + 28, 13)], line.color, 2.5, line.dash))
        parts.append(_text(line.name, x + 34, 17, "start", _TICK))
    return "".join(parts)


def _stroke(
    points: Sequence[tuple[float, float]], color: str, width: float = 1, dash: str = ""
) -> str:
    path = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{width}"{dashes} '
        'stroke-linejoin="round"/>'
    )


def _text(
    text: str,
    x: float,
    y: float,
    anchor: str = "middle",
    size: int = _TEXT,
    *,
    turned: bool = False,
) -> str:
    if not text:
        return ""
    turn = f' transform="rotate(-90 {_number(x)} {_number(y)})"' if turned else ""
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}" '
        f'font-size="{size}"{turn}>{html.escape(text)}</text>'
    )


def _number(value: float) -> str:
    return f"{value:.1f}"
