"""Learning-rate schedules under sliders: what peak, warm-up and length do to the rates of a run."""

import numpy as np

from helpers.errors import UserError
from helpers.plots.style import COLORS
from helpers.widgets.chart import Chart, Line, chart_tag
from helpers.widgets.live import Explorer, announced, labelled, show
from helpers.widgets.schedule_rates import NAMES, schedule_rates

_POINTS = 401  # of a line: finer than the picture's pixels are
_WIDTH = 858  # pixels of three charts in a row
_LONGEST = 2.0  # times the run: a schedule that is cut off half way


def schedule_explorer(
    steps: int, *, peak: float = 0.01, warmup: float = 0.2, steps_per_epoch: int | None = None
) -> None:
    """Show sliders for the peak, warm-up and length of five schedules, and the rates of a run.

    Args:
        steps: optimizer steps of the run, 2 or more.
        peak: highest learning rate at first, 0.0001 to 1.
        warmup: share of the schedule that goes up at first, 0 to 0.5.
        steps_per_epoch: says where the run is in epochs too, if given.

    Raises:
        UserError: a number is out of its range.
    """
    show(ScheduleExplorer(steps, peak=peak, warmup=warmup, steps_per_epoch=steps_per_epoch))


class ScheduleExplorer(Explorer):
    """See `schedule_explorer`, which displays one of these."""

    def __init__(
        self,
        steps: int,
        *,
        peak: float = 0.01,
        warmup: float = 0.2,
        steps_per_epoch: int | None = None,
    ) -> None:
        for name, value in {"steps": steps, "steps_per_epoch": steps_per_epoch}.items():
            least = 2 if name == "steps" else 1
            whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
            if not (whole and value >= least) and not (name != "steps" and value is None):
                raise UserError(f"{name}={value!r}: pass a whole number, {least} or more")
        if not 1e-4 <= peak <= 1:
            raise UserError(f"peak={peak}: choose a learning rate from 0.0001 to 1")
        if not 0 <= warmup <= 0.5:
            raise UserError(f"warmup={warmup}: choose a share of the schedule, 0 to 0.5")
        self.steps, self.peak, self.warmup = int(steps), float(peak), float(warmup)
        self.steps_per_epoch = steps_per_epoch

    def rates(self, peak: float, warmup: float, length: float) -> tuple[np.ndarray, dict]:
        """Steps (m,) and learning rates (m,) by the schedule's name.

        Args:
            peak: highest learning rate.
            warmup: share of the schedule that goes up.
            length: what the schedule is made for, in lengths of the run.
        """
        made_for = max(2, round(length * self.steps))
        last = max(self.steps, made_for)
        steps = np.linspace(0, last, min(_POINTS, last + 1))
        options = {"peak": peak, "warmup": round(warmup * made_for), "length": made_for}
        return steps, {name: schedule_rates(name, steps, **options) for name in NAMES}

    def live(self, name: str, peak: float, warmup: float, length: float) -> str:
        """HTML of the picture under the sliders, and a line with what the run gets from it."""
        steps, rates = self.rates(peak, warmup, length)
        text = self._line(name, steps, rates[name])
        title = f"{name} over the other four; the dotted line is the end of the run"
        chart = self._chart(name, steps, rates, title)
        return announced(text) + chart_tag([chart], f"Learning rate over the steps. {text}")

    def still(self) -> str:
        """HTML of the picture without sliders: the five schedules side by side."""
        steps, rates = self.rates(self.peak, self.warmup, 1.0)
        rows = []
        for names in (NAMES[:3], NAMES[3:]):
            charts = [self._chart(name, steps, rates, name, ticks=3) for name in names]
            text = " ".join(self._line(name, steps, rates[name]) for name in names)
            alt = f"Schedules, each one over the other four. {text}"
            rows.append(chart_tag(charts, alt, width=_WIDTH * len(names) // 3))
        return "<br>".join(rows)

    def _chart(self, own: str, steps: np.ndarray, rates: dict, title: str, ticks: int = 6) -> Chart:
        """One schedule in color over the others in gray; what the run never reaches is shaded."""
        others = [Line(steps, rates[name], "#C4C4C4", width=1) for name in rates if name != own]
        highest = max(values.max() for values in rates.values())
        return Chart(
            [*others, Line(steps, rates[own], COLORS["blue"], width=2.5)],
            xlabel="optimizer step",
            ylabel="learning rate",
            xlim=(0, steps[-1]),
            ylim=(0, 1.05 * highest),
            title=title,
            verticals=[(self.steps, "2 3")],
            shaded_from=self.steps,
            ticks=ticks,
        )

    def _line(self, name: str, steps: np.ndarray, rates: np.ndarray) -> str:
        inside = steps <= self.steps
        mine = rates[inside]
        top = int(mine.argmax())
        where = f"step {steps[inside][top]:,.0f}"
        if self.steps_per_epoch:
            where += f" (epoch {steps[inside][top] / self.steps_per_epoch:.1f})"
        return (
            f"{name}: highest rate {mine[top]:.3g} at {where}, mean {mine.mean():.3g}, "
            f"at the end of the run {mine[-1]:.2g}, {mine[-1] / mine[top]:.0%} of the highest."
        )

    def __repr__(self) -> str:
        return f"<five schedules over {self.steps:,} steps: open the notebook to see them>"

    def controls(self):
        """A menu of schedules, three sliders, and the picture."""
        import ipywidgets

        calm = {"continuous_update": False}  # one drawing a step, not a queue of them
        name = labelled(ipywidgets.Dropdown(options=NAMES, value="cosine"), "schedule")
        sliders = {
            "peak": ipywidgets.FloatLogSlider(
                value=self.peak, base=10, min=-4, max=0, step=0.1, readout_format=".2g", **calm
            ),
            "warm-up share": ipywidgets.FloatSlider(
                value=self.warmup, min=0, max=0.5, step=0.05, readout_format=".0%", **calm
            ),
            "made for": ipywidgets.FloatSlider(
                value=1, min=0.25, max=_LONGEST, step=0.25, readout_format=".2f", **calm
            ),
        }
        sliders = [labelled(slider, text) for text, slider in sliders.items()]
        about = ipywidgets.HTML(
            "<i>made for</i> 1.00: the schedule knows the length of the run. "
            "Below or above: it was made for a shorter or a longer one."
        )
        picture = ipywidgets.HTML()

        def redraw(change=None) -> None:
            picture.value = self.live(name.value, *(slider.value for slider in sliders))

        for control in (name, *sliders):
            control.observe(redraw, names="value")
        redraw()
        return ipywidgets.VBox([name, *sliders, about, picture])
