"""Explorers: a figure under menus and sliders, and the same figure standing still in a saved page.

Each explorer is a function that draws one figure from the values of its controls. It needs
ipywidgets 7 or 8; where there is no running notebook, the figure of the first values is shown.
"""

import base64
import html
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from sklearn.metrics import confusion_matrix

from helpers import plots
from helpers.settings import CourseError

_VIEW = "application/vnd.jupyter.widget-view+json"


class _Live:
    """What is shown as widgets where a kernel runs, and as HTML in a saved page."""

    _box = None  # the widgets, made when first shown

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        content: dict = {"text/plain": repr(self)}
        if _has_widgets():
            self._box = self._box or self.live()
            view = {"version_major": 2, "version_minor": 0, "model_id": self._box.model_id}
            content[_VIEW] = view
            if "google.colab" in sys.modules:
                return content  # no page is made there, and the widget must not lose to HTML
        return content | {"text/html": self.still()}


class Explorer(_Live):
    """A figure under controls.

    `draw` takes the controls' values by name, and returns a figure and its alternative text. A
    control is a list of choices, a truth value, or (lowest, highest, step, start).
    """

    def __init__(self, draw: Callable[..., tuple[Figure, str]], **controls) -> None:
        self.draw, self.controls = draw, controls

    def still(self) -> str:
        """HTML of the figure at the controls' first values."""
        place = {list: 0, tuple: 3}
        first = {
            name: control if isinstance(control, bool) else control[place[type(control)]]
            for name, control in self.controls.items()
        }
        return self.drawn(**first)

    def drawn(self, **values) -> str:
        """HTML of the figure and its text at some values of the controls."""
        figure, alt = self.draw(**values)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", bbox_inches="tight")
        plt.close(figure)
        data = base64.b64encode(buffer.getvalue()).decode()
        text = html.escape(alt)
        return (
            f'<p role="status" style="margin:4px 0">{text}</p>'
            f'<img alt="{text}" style="max-width:100%" src="data:image/png;base64,{data}">'
        )

    def live(self):
        """The box of controls and figure, in the order in which Tab reaches them."""
        import ipywidgets

        calm = {"continuous_update": False}  # one drawing a step, not a queue of them
        boxes, picture = {}, ipywidgets.HTML()
        for name, control in self.controls.items():
            if isinstance(control, tuple):
                low, high, step, start = control
                box = ipywidgets.FloatSlider(start, min=low, max=high, step=step, **calm)
                box.readout_format = ".3g"
            elif isinstance(control, list):
                box = ipywidgets.Dropdown(options=control)
            else:
                box = ipywidgets.Checkbox(value=control)
            box.description = name.replace("_", " ")
            box.style.description_width = "9em"
            box.layout.width = "min(34em, 98%)"
            boxes[name] = box

        def redraw(change=None) -> None:
            picture.value = self.drawn(**{name: box.value for name, box in boxes.items()})

        for box in boxes.values():
            box.observe(redraw, names="value")
        redraw()
        return ipywidgets.VBox([*boxes.values(), picture])

    def __repr__(self) -> str:
        return "<an explorer: open the notebook to see it>"


def _has_widgets() -> bool:
    from IPython import get_ipython

    return hasattr(get_ipython(), "kernel")


def class_explorer(images: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> Explorer:
    """Forty images of one class, as they come, by brightness, or by distance from the mean.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8.
        labels: (n,) integers, 0 to k - 1.
        class_names: (k,) names.
    """
    keys = {
        "from dark to bright": lambda pixels: pixels.mean(axis=1),
        "most like the class's mean first": lambda pixels: np.square(
            pixels - pixels.mean(axis=0)
        ).sum(axis=1),
        "as they come": lambda pixels: np.arange(len(pixels)),
    }

    def draw(class_name: str, order: str) -> tuple[Figure, str]:
        members = np.flatnonzero(labels == list(class_names).index(class_name))
        pixels = images[members].reshape(len(members), -1).astype(np.float32)
        members = members[np.argsort(keys[order](pixels), kind="stable")]
        shown = members[np.linspace(0, len(members) - 1, min(40, len(members))).astype(int)]
        figure, axes = plots.grid(4, 10, cell=0.85)
        plots.image_grid(axes, images[shown])
        return figure, f"{len(shown)} of {len(members):,} images of {class_name}, {order}."

    return Explorer(draw, class_name=list(class_names), order=list(keys))


def augmentation_explorer(images: np.ndarray, build: Callable, *, seed: int = 1001) -> Explorer:
    """What flip, rotation, zoom, translation and contrast do; the sliders begin at S1's numbers.

    Args:
        images: (n, height, width, 3) uint8; six to ten of them read well.
        build: `build(flip, rotation, zoom, translation, contrast)` gives a `keras.Sequential` of
            augmentation layers for pixels 0..255; flip is a truth value, the others are factors.
        seed: of the draws; moving a slider keeps them, so that only its own effect is seen.
    """
    import keras

    def draw(draw_number: float, **strengths) -> tuple[Figure, str]:
        rows = [images]
        for row in range(3):
            keras.utils.set_random_seed(seed + 100 * int(draw_number) + row)
            changed = build(**strengths)(images.astype("float32"), training=True)
            rows.append(np.clip(np.rint(np.asarray(changed)), 0, 255).astype("uint8"))
        figure, axes = plots.grid(4, len(images))
        plots.image_grid(axes, np.concatenate(rows))
        text = ", ".join(f"{name} {value:.3g}" for name, value in strengths.items())
        return figure, f"The images as they are, and changed in three ways: {text}."

    return Explorer(
        draw,
        flip=True,
        rotation=(0, 0.5, 0.025, 0.2),
        zoom=(0, 0.5, 0.025, 0.2),
        translation=(0, 0.5, 0.025, 0.1),
        contrast=(0, 1, 0.05, 0.2),
        draw_number=(1, 20, 1, 1),
    )


def schedule_explorer(steps: int, peak: float) -> Explorer:
    """Five learning-rate schedules of a run, and what peak, warm-up and length do to them.

    Args:
        steps: optimizer steps of the run.
        peak: highest learning rate at first.
    """

    def rates(name: str, step: np.ndarray, warmup: int, length: int) -> np.ndarray:
        done = np.clip((step - warmup) / max(length - warmup, 1), 0, 1)
        falling = {
            "constant": np.ones_like(done),
            "step": np.where(done < 0.5, 1, np.where(done < 0.75, 0.3, 0.1)),
            "exponential": 0.01**done,
            "cosine": (1 + np.cos(np.pi * done)) / 2,
            "one-cycle": 1 - 0.93 * done,
        }[name]
        lowest = 0.2 if name == "one-cycle" else 0
        return np.where(step < warmup, lowest + (1 - lowest) * step / max(warmup, 1), falling)

    names = ["cosine", "one-cycle", "exponential", "step", "constant"]

    def draw(schedule: str, peak: float, warm_up: float, made_for: float) -> tuple[Figure, str]:
        length = max(2, round(made_for * steps))
        step = np.arange(max(steps, length) + 1)
        lines = {name: peak * rates(name, step, round(warm_up * length), length) for name in names}
        figure, ax = plt.subplots()
        for name in names:
            ax.plot(step, lines[name], color="#C4C4C4", linewidth=1, linestyle="-")
        ax.plot(step, lines[schedule], color=plots.COLORS["blue"])
        ax.axvline(steps, color="black", linestyle=":", label="end of the run")
        ax.set(xlabel="optimizer step", ylabel="learning rate", title=schedule)
        ax.legend()
        run = lines[schedule][:steps]
        top = int(run.argmax())
        text = f"{schedule}: highest rate {run[top]:.3g} at step {top:,}, mean "
        return figure, text + f"{run.mean():.3g}, at the end of the run {run[-1]:.2g}."

    return Explorer(
        draw,
        schedule=names,
        peak=(peak / 10, peak * 4, peak / 10, peak),
        warm_up=(0, 0.5, 0.05, 0.2),
        made_for=(0.25, 2, 0.25, 1),
    )


def confusion_explorer(
    images: np.ndarray,
    y: np.ndarray,
    predicted: np.ndarray,
    class_names: Sequence[str],
    probabilities: np.ndarray,
) -> Explorer:
    """A confusion matrix, and the images behind one of its cells, the most confident first.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8.
        y: (n,) integers, the true class of each image.
        predicted: (n,) integers, the predicted class.
        class_names: (k,) names.
        probabilities: (n, k).
    """
    names = list(class_names)
    matrix = confusion_matrix(y, predicted, labels=range(len(names)))
    wrong = matrix * (1 - np.eye(len(names), dtype=int))
    worst = np.unravel_index(wrong.argmax(), wrong.shape)

    def draw(true_class: str, predicted_class: str) -> tuple[Figure, str]:
        row, column = names.index(true_class), names.index(predicted_class)
        found = np.flatnonzero((y == row) & (predicted == column))
        found = found[np.argsort(-probabilities[found, column], kind="stable")]
        figure = plt.figure(figsize=(10, 5))
        left, right = figure.subfigures(1, 2, width_ratios=[1.25, 1])
        ax = left.subplots()
        labels = [plots.plain_text(name) for name in names]
        shown = {"xticklabels": labels, "yticklabels": labels, "annot": len(names) <= 20}
        sns.heatmap(matrix, fmt="d", cmap="Blues", cbar=False, ax=ax, **shown)
        ax.add_patch(plt.Rectangle((column, row), 1, 1, fill=False, lw=3, ec="#D55E00"))
        ax.set(xlabel="predicted", ylabel="true")
        titles = [f"{probabilities[i, column]:.0%}" for i in found[:12]]
        plots.image_grid(right.subplots(4, 3), images[found[:12]], titles=titles)
        fraction = matrix[row, column] / max(matrix[row].sum(), 1)
        text = f"{true_class} called {predicted_class}: {len(found):,} images, "
        return figure, text + f"{fraction:.0%} of the class; up to 12 are shown."

    # A saved page shows the first choices: the worst pair.
    pair = {"true_class": names[worst[0]], "predicted_class": names[worst[1]]}
    return Explorer(draw, **{key: sorted(names, key=first.__ne__) for key, first in pair.items()})


def threshold_explorer(y: np.ndarray, p: np.ndarray, class_names: Sequence[str]) -> Explorer:
    """A confidence threshold under a slider: fewer answers, and more of them right.

    Args:
        y: (n,) integers, 0 to k - 1.
        p: (n, k) probabilities.
        class_names: (k,) names.
    """
    everything = "all classes: the most probable one"
    thresholds = np.linspace(0, 0.99, 100)

    def figures(name: str) -> np.ndarray:
        """Precision, recall and coverage (3, thresholds); precision is NaN without an answer."""
        if name == everything:
            score, hit = p.max(axis=1), p.argmax(axis=1) == y
            wanted = len(y)
        else:
            number = list(class_names).index(name)
            score, hit = p[:, number], y == number
            wanted = hit.sum()
        answered = score[:, None] >= thresholds
        right = (answered & hit[:, None]).sum(axis=0)
        count = answered.sum(axis=0)
        return np.array([right / np.where(count, count, np.nan), right / wanted, count / len(y)])

    def draw(question: str, threshold: float) -> tuple[Figure, str]:
        values, place = figures(question), round(100 * threshold)
        figure, (left, right) = plt.subplots(1, 2)
        left.plot(values[1], values[0], color="black")
        left.plot(values[1, place], values[0, place], "o", color=plots.COLORS["vermilion"])
        left.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.04))
        for name, line in zip(("precision", "recall", "coverage"), values, strict=True):
            right.plot(thresholds, line, label=name)
        right.axvline(thresholds[place], color="black", linestyle=":")
        right.set(xlabel="confidence threshold", ylabel="fraction", ylim=(0, 1.04))
        right.legend()
        for axis in (left.xaxis, left.yaxis, right.yaxis):
            axis.set_major_formatter(PercentFormatter(1))
        precision, recall, coverage = values[:, place]
        text = f"{question}, threshold {thresholds[place]:.2f}: precision {precision:.1%}, "
        return figure, text + f"recall {recall:.1%}, coverage {coverage:.1%}."

    return Explorer(draw, question=[everything, *class_names], threshold=(0, 0.99, 0.01, 0.5))


class PhotoUpload(_Live):
    """A button to upload zip files of photos with one folder for each class.

    Without widgets it says where to put the photos. The cell does not wait for them: upload, and
    run the next cell afterwards. The folder is made when the first ones come.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return (
            f"To use your own photos, put them into {self.folder}\n"
            "with one sub-folder for each class (for example pencils, pens, markers)."
        )

    def still(self) -> str:
        """HTML of the same words."""
        return f"<p>{html.escape(repr(self))}</p>"

    def live(self):
        """What to do, a button, and the answer, in the order in which Tab reaches them."""
        import ipywidgets

        about = ipywidgets.HTML(
            "Choose <b>a zip file</b> with one folder for each class. At most about 10 MB at once "
            "pass through the browser; copy more into "
            f"<code>{html.escape(str(self.folder))}</code> yourself."
        )
        button = ipywidgets.FileUpload(accept=".zip", multiple=True)
        answer = ipywidgets.HTML()

        def take(change: dict) -> None:
            text = html.escape(self.receive(uploaded(change["new"])))
            answer.value = f'<span role="status">{text}</span>'

        button.observe(take, names="value")
        return ipywidgets.VBox([about, button, answer])

    def receive(self, files: dict[str, bytes]) -> str:
        """Unpack uploaded zip files, {name: bytes}; returns one line about them."""
        from helpers import photos

        try:
            tables = [photos.unzip(data, self.folder) for data in files.values()]
        except CourseError as error:
            return f"not taken: {error}"
        skipped = [f"{row.file} ({row.reason})" for t in tables for row in t.itertuples()]
        return f"taken: {', '.join(files)}" + (
            f"; skipped: {', '.join(skipped)}" if skipped else ""
        )


def uploaded(value: object) -> dict[str, bytes]:
    """Bytes by file name from a `FileUpload`'s value, of ipywidgets 7 (a dictionary) or 8."""
    if isinstance(value, dict):
        return {name: bytes(record["content"]) for name, record in value.items()}
    return {record["name"]: bytes(record["content"]) for record in value}
