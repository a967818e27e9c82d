"""Pictures of a hyperparameter search: all trials at once, what mattered, and the best so far."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from helpers.errors import UserError
from helpers.plots.style import COLORS, SEQUENTIAL, percent_formatter, set_title

_MOST_TICKS = 5


def parallel_coordinates(
    ax: Axes,
    rows: Sequence[Mapping[str, float | int | str | bool]],
    scores: Sequence[float],
    *,
    log: Sequence[str] = (),
    score_name: str = "validation accuracy",
    title: str | None = None,
) -> None:
    """Draw each trial as a line through one upright axis per hyperparameter, colored by score.

    The best trial is drawn last, and thicker. Values between two trials' lines mean nothing.

    Args:
        ax: axes to draw on.
        rows: hyperparameters of n trials by name, the same names in all.
        scores: (n,) shares in [0, 1], the greater the better.
        log: names whose axis is logarithmic.
        score_name: name of the color bar.
        title: what to see.

    Raises:
        UserError: no trials, not one finite score per trial, names that differ between trials,
            or a logarithmic axis with values that are not positive.
    """
    scores = np.asarray(scores, dtype=float)
    if not len(rows) or scores.shape != (len(rows),) or not np.isfinite(scores).all():
        raise UserError(f"{len(rows)} trials and scores of shape {scores.shape}: one finite each")
    names = list(rows[0])
    if any(list(row) != names for row in rows):
        raise UserError("the trials have different hyperparameters: draw those of one space")
    places = np.stack([_upright(ax, x, name, rows, name in log) for x, name in enumerate(names)])
    norm = Normalize(scores.min(), scores.max())
    order = np.argsort(scores, kind="stable")
    for trial in order:
        ax.plot(
            range(len(names)),
            places[:, trial],
            color=mpl.colormaps[SEQUENTIAL](norm(scores[trial])),
            linestyle="-",
            linewidth=3.5 if trial == order[-1] else 1.5,
            marker="o",
            markersize=5,
        )
    ax.set_xticks(range(len(names)), [name.replace("_", " ") for name in names])
    ax.tick_params(axis="x", length=0, pad=8)
    ax.set_yticks([])
    ax.set(xlim=(-0.3, len(names) - 0.5), ylim=(-0.06, 1.06))
    ax.spines[:].set_visible(False)
    bar = ax.figure.colorbar(ScalarMappable(norm, SEQUENTIAL), ax=ax, pad=0.02)
    bar.ax.yaxis.set_major_formatter(percent_formatter())
    bar.set_label(score_name)
    set_title(ax, title)


def _upright(ax: Axes, x: int, name: str, rows: Sequence[Mapping], log: bool) -> np.ndarray:
    """Draw one upright axis with its values; where each trial crosses it, from 0 to 1."""
    values = [row[name] for row in rows]
    kinds = sorted(set(values), key=lambda value: (isinstance(value, str), value))
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        numbers = np.array(values, dtype=float)
        if log and numbers.min() <= 0:
            raise UserError(f"'{name}' has values of 0 or less: they have no logarithm")
        numbers = np.log10(numbers) if log else numbers
        low, high = numbers.min(), numbers.max()
        ticks = np.log10(kinds) if log else np.array(kinds, dtype=float)
        if len(kinds) > _MOST_TICKS:
            ticks = np.linspace(low, high, _MOST_TICKS)
        labels = [f"{10**tick if log else tick:.2g}" for tick in ticks]
    else:
        numbers = np.array([kinds.index(value) for value in values], dtype=float)
        low, high, ticks = 0, len(kinds) - 1, np.arange(len(kinds))
        labels = [str(kind) for kind in kinds]
    span = high - low or 1
    shift = 0 if high > low else 0.5  # a single value stands in the middle
    ax.plot([x, x], [0, 1], color="#555555", linestyle="-", linewidth=1, zorder=0)
    for tick, label in zip(ticks, labels, strict=True):
        ax.annotate(
            label,
            (x, (tick - low) / span + shift),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=10,
            zorder=5,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "alpha": 0.85, "lw": 0},
        )
    return (numbers - low) / span + shift


def importance_bars(
    ax: Axes, shares: Mapping[str, np.ndarray], *, title: str | None = None
) -> None:
    """Draw the mean importance of each hyperparameter, and its range over the rounds.

    Args:
        ax: axes to draw on.
        shares: by name, (rounds,) shares in [0, 1], as `helpers.tuning.importance` returns them.
        title: what to see.

    Raises:
        UserError: there is nothing to draw, or a value is no share.
    """
    if not shares or any(not np.size(values) for values in shares.values()):
        raise UserError("no importances to draw: pass at least one name with its values")
    rounds = {name: np.asarray(values, dtype=float) for name, values in shares.items()}
    if not all(np.all((values >= 0) & (values <= 1)) for values in rounds.values()):
        raise UserError("an importance is no share in [0, 1]: pass what `importance` returns")
    names = sorted(rounds, key=lambda name: -rounds[name].mean())
    means = np.array([rounds[name].mean() for name in names])
    low = means - [np.percentile(rounds[name], 10) for name in names]
    high = [np.percentile(rounds[name], 90) for name in names] - means
    labels = [name.replace("_", " ") for name in names]
    ax.barh(labels, means, 0.6, color=COLORS["sky"])
    whiskers = np.maximum([low, high], 0)  # the mean may lie outside a skewed range
    ax.errorbar(means, labels, xerr=whiskers, fmt="none", color="black", capsize=4, lw=1.5)
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.set_xlim(0, 1)
    ax.xaxis.set_major_formatter(percent_formatter())
    ax.set_xlabel("share of the importance (bar: mean, line: 10 % to 90 % of the rounds)")
    ax.grid(axis="x")
    set_title(ax, title)


def best_so_far(
    ax: Axes,
    searches: Mapping[str, Sequence[float]],
    *,
    costs: Mapping[str, Sequence[float]] | None = None,
    xlabel: str = "trial",
    title: str | None = None,
) -> None:
    """Draw the score of every trial as a point, and the best score so far as stairs.

    Args:
        ax: axes to draw on.
        searches: scores by the search's name, each (n,) shares in the order of the trials; a
            score that is not finite has no point.
        costs: by the same names, (n,) what each trial costs; by default 1 each.
        xlabel: name of the axis of costs, summed up.
        title: what to see.

    Raises:
        UserError: a search without scores, or with another number of costs.
    """
    if not searches:
        raise UserError("no searches to draw: pass at least one name with its scores")
    for name, values in searches.items():
        values = np.asarray(values, dtype=float)
        spent = np.ones(len(values)) if costs is None else np.asarray(costs[name], dtype=float)
        if not np.isfinite(values).any() or spent.shape != values.shape:
            raise UserError(
                f"search '{name}' has {len(values)} scores and {len(spent)} costs: pass one cost "
                "per score, and at least one finite score"
            )
        ends = np.cumsum(spent)
        best = np.fmax.accumulate(values)
        (line,) = ax.step(ends, best, where="post", label=name)
        ax.plot(ends, values, "o", color=line.get_color(), markersize=5, alpha=0.55)
    ax.set_xlabel(xlabel)
    ax.set_ylabel("validation accuracy")
    ax.yaxis.set_major_formatter(percent_formatter())
    ax.grid(axis="y")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    set_title(ax, title)
