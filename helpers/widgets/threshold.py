"""A threshold under a slider: fewer answers, and more of them right."""

import html
from collections.abc import Sequence

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_labels, read_probabilities, same_length
from helpers.plots.style import COLORS
from helpers.widgets.chart import Chart, Line, chart_tag, percent
from helpers.widgets.live import Explorer, announced, labelled, show
from helpers.widgets.threshold_rates import THRESHOLDS, ThresholdRates, threshold_rates

_ALL = "all classes: the most probable one"
_LOOK = (
    ("precision", (COLORS["blue"], "")),
    ("recall", (COLORS["vermilion"], "7 4")),
    ("coverage", (COLORS["green"], "2 3")),
)
_STILL = (0.0, 0.5, 0.7, 0.9, 0.99)  # in the table
_MARKED = (0.5, 0.9, 0.99)  # on the curves, where more would stand in each other's way


def threshold_explorer(y: np.ndarray, p: np.ndarray, class_names: Sequence[str]) -> None:
    """Show a slider for the threshold, with precision, recall and coverage marked on curves.

    Args:
        y: (n,) integers, 0 to k - 1.
        p: (n, k) probabilities.
        class_names: (k,) names.

    Raises:
        UserError: labels, probabilities and names do not fit together.
    """
    show(ThresholdExplorer(y, p, class_names))


class ThresholdExplorer(Explorer):
    """See `threshold_explorer`, which displays one of these."""

    def __init__(self, y: np.ndarray, p: np.ndarray, class_names: Sequence[str]) -> None:
        self.p = read_probabilities(p)
        self.class_names = tuple(class_names)
        if len(self.class_names) != self.p.shape[1]:
            raise UserError(
                f"{len(self.class_names)} names for {self.p.shape[1]} classes: pass one for each"
            )
        self.y = read_labels(y, "y", self.p.shape[1])
        same_length(y=self.y, p=self.p)
        self._known: dict[int | None, ThresholdRates] = {}

    def rates(self, number: int | None = None) -> ThresholdRates:
        """Figures at each of 100 thresholds for a class against the rest, or for all answers."""
        if number not in self._known:
            self._known[number] = threshold_rates(self.y, self.p, number)
        return self._known[number]

    def live(self, number: int | None, threshold: float) -> str:
        """HTML of the curves with the threshold marked, and a line with its figures."""
        text = self._line(number, threshold)
        name = _ALL if number is None else f"{self.class_names[number]} against the rest"
        return announced(html.escape(text)) + self._figure(number, [threshold], name, text)

    def still(self) -> str:
        """HTML of the picture without a slider: five thresholds on the curves of all classes."""
        text = " ".join(self._line(None, threshold) for threshold in _STILL)
        title = f"All classes; marked are the thresholds {', '.join(map(str, _MARKED))}"
        return self._figure(None, _MARKED, title, text) + self._table()

    def _figure(self, number: int | None, marked: Sequence[float], title: str, text: str) -> str:
        rates = self.rates(number)
        places = [_place(threshold) for threshold in marked]
        shares = {"ylim": (0, 1.04), "write_x": percent, "write_y": percent}
        left = Chart(
            [Line(rates.recall, rates.precision, COLORS["black"])],
            xlabel="recall",
            ylabel="precision",
            xlim=(0, 1.02),
            title=title,
            points=[
                (rates.recall[i], rates.precision[i], COLORS["purple"], f"{THRESHOLDS[i]:.2f}")
                for i in places
            ],
            **shares,
        )
        right = Chart(
            [Line(THRESHOLDS, getattr(rates, name), *look, name=name) for name, look in _LOOK],
            xlabel="threshold",
            ylabel="share",
            xlim=(0, 1.02),
            verticals=[(THRESHOLDS[i], "") for i in places],
            points=[
                (THRESHOLDS[i], getattr(rates, name)[i], color, "")
                for i in places
                for name, (color, _) in _LOOK
            ],
            legend=True,
            **shares | {"write_x": "{:g}".format},
        )
        return chart_tag([left, right], f"Precision over recall, both over the threshold. {text}")

    def _table(self) -> str:
        rates = self.rates()
        head = "".join(
            f'<th scope="col" style="padding:2px 12px;text-align:right">{name}</th>'
            for name in ("threshold", "answered", "precision", "recall")
        )
        rows = []
        for threshold in _STILL:
            place = _place(threshold)
            values = (rates.coverage[place], rates.precision[place], rates.recall[place])
            cells = [f"{THRESHOLDS[place]:.2f}", *(_percent(value) for value in values)]
            rows.append("".join(f'<td style="padding:2px 12px">{cell}</td>' for cell in cells))
        body = "".join(f'<tr style="text-align:right">{row}</tr>' for row in rows)
        return f'<table style="border-collapse:collapse"><tr>{head}</tr>{body}</table>'

    def _line(self, number: int | None, threshold: float) -> str:
        place, rates = _place(threshold), self.rates(number)
        counts = f"{rates.right[place]:,} right in {rates.answered[place]:,}"
        if number is None:
            what = f"{_percent(rates.coverage[place])} of the pictures are answered"
        else:
            name = self.class_names[number]
            what = f"{_percent(rates.coverage[place])} of the pictures are called {name}"
        return (
            f"Threshold {THRESHOLDS[place]:.2f}: {what}; precision "
            f"{_percent(rates.precision[place])} ({counts}), recall "
            f"{_percent(rates.recall[place])} (of {rates.asked:,})."
        )

    def __repr__(self) -> str:
        return f"<thresholds for {len(self.y):,} pictures: open the notebook to move them>"

    def controls(self):
        """A menu of classes, the slider, and the curves."""
        import ipywidgets

        options = [(_ALL, None), *((name, k) for k, name in enumerate(self.class_names))]
        which = labelled(ipywidgets.Dropdown(options=options), "class")
        slider = labelled(
            ipywidgets.FloatSlider(value=0.5, min=0, max=0.99, step=0.01, continuous_update=False),
            "threshold",
        )
        picture = ipywidgets.HTML()

        def redraw(change=None) -> None:
            picture.value = self.live(which.value, slider.value)

        for control in (which, slider):
            control.observe(redraw, names="value")
        redraw()
        return ipywidgets.VBox([which, slider, picture])


def _place(threshold: float) -> int:
    """Position of the threshold that is closest."""
    return int(np.abs(THRESHOLDS - threshold).argmin())


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if np.isfinite(share) else "not known"
