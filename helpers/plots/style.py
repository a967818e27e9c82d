"""Colors, fonts and sizes, and how a finished figure gets into the notebook."""

import io
from collections.abc import Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from helpers.errors import UserError

# Okabe & Ito (2008), "Color Universal Design": told apart with every common color vision.
COLORS = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#CC79A7",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "black": "#000000",
}
# Perceptually uniform maps (the second one nearly so): a step in value is a step in lightness.
SEQUENTIAL = "viridis"
DIVERGING = "RdBu"

WIDTH = 9.0  # inches: at 110 dpi a figure fills the text column of a notebook and is not scaled

_LINE_STYLES = ["-", "--", ":", "-.", (0, (5, 1)), (0, (3, 1, 1, 1, 1, 1)), (0, (8, 2))]
_STYLE = {
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "figure.figsize": (WIDTH, 3.8),
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.w_pad": 0.12,
    "figure.facecolor": "white",
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "figure.titlesize": 13,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#555555",
    "axes.axisbelow": True,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    # A line differs from its neighbors by its style too: color is never the only sign.
    "axes.prop_cycle": cycler(color=list(COLORS.values())) + cycler(linestyle=_LINE_STYLES),
    "image.cmap": SEQUENTIAL,
    "hatch.linewidth": 0.8,
}


def use_style() -> None:
    """Give all pictures drawn from now on the look of the course."""
    mpl.rcParams.update(_STYLE)


def grid(
    rows: int, columns: int, *, cell: float = 1.25, title_lines: int = 1
) -> tuple[Figure, np.ndarray]:
    """Make a figure with rows x columns axes for small pictures.

    Args:
        rows, columns: number of pictures down and across.
        cell: side of one picture in inches, made smaller where the row would be too wide.
        title_lines: lines of text above each picture.

    Returns:
        The figure, and its axes as an array (rows, columns).
    """
    if rows < 1 or columns < 1:
        raise UserError(f"a grid of {rows} x {columns} pictures: give 1 or more rows and columns")
    cell = min(cell, WIDTH / columns)
    height = rows * (cell + 0.06 + 0.21 * title_lines) + 0.5
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(max(columns * cell, 4.0), height),
        squeeze=False,
        layout="compressed",  # no gaps around pictures, whose sides keep their ratio
    )
    figure.get_layout_engine().set(h_pad=0.03, w_pad=0.03, hspace=0, wspace=0)
    return figure, axes


class _Picture:
    """A drawn figure as PNG, with the text that stands for it where it can't be seen."""

    def __init__(self, png: bytes, alt: str) -> None:
        self.png = png
        self.alt = alt

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return self.png, {"alt": self.alt}

    def __repr__(self) -> str:
        return self.alt


def show(figure: Figure, alt: str) -> None:
    """Show the figure once in the notebook, with alternative text, and close it.

    Outside a notebook the figure is only closed.

    Args:
        figure: a finished figure.
        alt: what the picture shows, in one or two sentences, for readers who can't see it.
    """
    check_alt(alt)
    if _in_notebook():
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", bbox_inches="tight")
        show_png(buffer.getvalue(), alt)
    # An open figure would be shown a second time, by the notebook itself, at the end of the cell.
    plt.close(figure)


def show_png(png: bytes, alt: str) -> None:
    """Show a drawn picture, a PNG file's bytes, in the notebook; elsewhere do nothing."""
    check_alt(alt)
    if _in_notebook():
        from IPython.display import display

        display(_Picture(png, alt))


def check_alt(alt: str) -> None:
    """Raise a UserError where there is no alternative text."""
    if not isinstance(alt, str) or not alt.strip():
        raise UserError("a picture without alternative text: say in `alt` what it shows")


def _in_notebook() -> bool:
    from IPython.core.interactiveshell import InteractiveShell

    return InteractiveShell.initialized()


def set_title(axes: Axes | Sequence[Axes] | np.ndarray, title: str | None) -> None:
    """Give one axes, or the figure of several, a title at the left, if there is one."""
    if not title:
        return
    if isinstance(axes, Axes):
        axes.set_title(title)
    else:
        np.asarray(axes, dtype=object).flat[0].figure.suptitle(title, x=0.01, ha="left")


def percent_formatter() -> FuncFormatter:
    """Formatter of an axis for shares in [0, 1]; as many decimals as its ticks need."""
    return FuncFormatter(lambda share, _: f"{100 * share:.4g} %")


def write_beside(ax: Axes, y: float, text: str) -> None:
    """Write a row's figure to the right of the axes, at a height in data units."""
    ax.annotate(
        text,
        (1, y),
        xycoords=ax.get_yaxis_transform(),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        fontsize=10,
        annotation_clip=False,
    )
