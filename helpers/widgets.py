"""Explorers: a figure under menus and sliders, and the same figure standing still in a saved page.

Each explorer is a function that draws one figure from the values of its controls. It needs
ipywidgets 7 or 8; where there is no running notebook, the figure of the first values is shown.
"""

import base64
import html
import inspect
import io
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
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
    control is a list of choices, (lowest, highest, step) or a truth value, as in
    `ipywidgets.interact`; it begins at the default value of `draw`'s parameter.
    """

    def __init__(self, draw: Callable[..., tuple[Figure, str]], **controls) -> None:
        self.draw, self.controls = draw, controls

    def still(self) -> str:
        """HTML of the figure at the controls' first values."""
        return self.drawn()

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

        boxes, picture = {}, ipywidgets.HTML()
        for name, first in inspect.signature(self.draw).parameters.items():
            make = ipywidgets.interactive.widget_from_abbrev
            boxes[name] = box = make(self.controls[name], first.default)
            if isinstance(box, ipywidgets.FloatSlider):
                box.continuous_update = False  # one drawing a step, not a queue of them
                box.readout_format = ".3g"
            box.description = name.replace("_", " ")
            box.style.description_width = "9em"
            box.layout.width = "min(34em, 98%)"

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
    orders = ["from dark to bright", "most like the class's mean first", "as they come"]

    def draw(class_name=class_names[0], order=orders[0]) -> tuple[Figure, str]:
        members = np.flatnonzero(labels == list(class_names).index(class_name))
        pixels = images[members].reshape(len(members), -1).astype(np.float32)
        away = np.square(pixels - pixels.mean(axis=0)).sum(axis=1)
        keys = dict(zip(orders, [pixels.mean(axis=1), away, np.arange(len(pixels))], strict=True))
        members = members[np.argsort(keys[order], kind="stable")]
        shown = members[np.linspace(0, len(members) - 1, min(40, len(members))).astype(int)]
        figure, axes = plots.grid(4, 10, cell=0.85)
        plots.image_grid(axes, images[shown])
        return figure, f"{len(shown)} of {len(members):,} images of {class_name}, {order}."

    return Explorer(draw, class_name=list(class_names), order=orders)


def augmentation_explorer(images: np.ndarray, build: Callable, *, seed: int = 1001) -> Explorer:
    """What flip, rotation, zoom, translation and contrast do; the sliders begin at S1's numbers.

    Args:
        images: (n, height, width, 3) uint8; six to ten of them read well.
        build: `build(flip, rotation, zoom, translation, contrast)` gives a `keras.Sequential` of
            augmentation layers for pixels 0..255; flip is a truth value, the others are factors.
        seed: of the draws; moving a slider keeps them, so that only its own effect is seen.
    """
    import keras

    def draw(
        flip=True, rotation=0.2, zoom=0.2, translation=0.1, contrast=0.2, draw_number=1.0
    ) -> tuple[Figure, str]:
        strengths = {"flip": flip, "rotation": rotation, "zoom": zoom}
        strengths |= {"translation": translation, "contrast": contrast}
        rows = [images]
        for row in range(3):
            keras.utils.set_random_seed(seed + 100 * int(draw_number) + row)
            changed = build(**strengths)(images.astype("float32"), training=True)
            rows.append(np.clip(np.rint(np.asarray(changed)), 0, 255).astype("uint8"))
        figure, axes = plots.grid(4, len(images))
        plots.image_grid(axes, np.concatenate(rows))
        text = ", ".join(f"{name} {value:.3g}" for name, value in strengths.items())
        return figure, f"The images as they are, and changed in three ways: {text}."

    factor = (0.0, 0.5, 0.025)
    factors = {"rotation": factor, "zoom": factor, "translation": factor, "contrast": (0, 1, 0.05)}
    return Explorer(draw, flip=True, **factors, draw_number=(1.0, 20.0, 1.0))


def schedule_explorer(steps: int, peak: float) -> Explorer:
    """Lesson 04's five schedules of a run, and what peak, warm-up and length do to them.

    Args:
        steps: optimizer steps of the run.
        peak: highest learning rate at first; the constant rate is a fifth of it.
    """

    def rates(name: str, step: np.ndarray, warmup: int, length: int) -> np.ndarray:
        done = np.clip(step / length, 0, 1)
        after = np.clip((step - warmup) / max(length - warmup, 1), 0, 1)
        cosine = np.where(step < warmup, step / max(warmup, 1), (1 + np.cos(np.pi * after)) / 2)
        return {
            "cosine": cosine,
            "one-cycle": np.minimum(0.2 + 0.8 * done / 0.23, 0.07 + 0.93 * (1 - done) / 0.77),
            "staircase": 0.96 ** np.floor(34 * done),  # ends at a quarter, as S1's
            "step": np.where(done < 0.5, 1, np.where(done < 0.75, 0.3, 0.1)),
            "constant": np.full_like(done, 0.2),
        }[name]

    names = ["cosine", "one-cycle", "staircase", "step", "constant"]

    def draw(schedule="cosine", peak=peak, warm_up=0.2, made_for=1.0) -> tuple[Figure, str]:
        length = max(2, round(made_for * steps))
        step = np.arange(max(steps, length) + 1)
        lines = {name: peak * rates(name, step, round(warm_up * length), length) for name in names}
        figure, ax = plt.subplots()
        for name in names:
            ax.plot(step, lines[name], color="#C4C4C4", linewidth=1, linestyle="-")
        ax.lines[-1].set_label("the other four")
        ax.plot(step, lines[schedule], color=plots.COLORS["blue"], linestyle="-", label=schedule)
        ax.axvline(steps, color="black", linestyle=":", label="end of the run")
        ax.set(xlabel="optimizer step", ylabel="learning rate", title=schedule)
        ax.legend(loc="upper right", bbox_to_anchor=(0.92, 1))
        run = lines[schedule][:steps]
        top = int(run.argmax())
        text = f"{schedule}: highest rate {run[top]:.3g} at step {top:,}, mean "
        return figure, text + f"{run.mean():.3g}, at the end of the run {run[-1]:.2g}."

    factors = {"peak": (peak / 10, peak * 4, peak / 10), "warm_up": (0, 0.5, 0.05)}
    return Explorer(draw, schedule=names, **factors, made_for=(0.25, 2, 0.25))


def confusion_explorer(
    images: np.ndarray, y: np.ndarray, p: np.ndarray, class_names: Sequence[str]
) -> Explorer:
    """The images of one class that are called another: those of one cell of a confusion matrix.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8.
        y: (n,) integers, the true class of each image.
        p: (n, k) probabilities.
        class_names: (k,) names.
    """
    names, predicted = list(class_names), p.argmax(axis=1)
    mistakes = confusion_matrix(y, predicted, labels=range(len(names)))
    np.fill_diagonal(mistakes, 0)
    worst = np.unravel_index(mistakes.argmax(), mistakes.shape)

    def draw(true_class=names[worst[0]], predicted_class=names[worst[1]]) -> tuple[Figure, str]:
        true, called = names.index(true_class), names.index(predicted_class)
        found = np.flatnonzero((y == true) & (predicted == called))
        shown = found[np.argsort(-p[found, called], kind="stable")][:12]
        figure, axes = plots.grid(1 if len(shown) <= 6 else 2, 6)
        plots.image_grid(axes, images[shown], titles=[f"{p[i, called]:.0%}" for i in shown])
        text = f"{true_class} called {predicted_class}: {len(found):,} of {(y == true).sum():,}"
        return figure, f"{text} images; the most confident first, at most 12."

    return Explorer(draw, true_class=names, predicted_class=names)


def threshold_explorer(y: np.ndarray, p: np.ndarray, class_names: Sequence[str]) -> Explorer:
    """A confidence threshold under a slider: fewer answers, and more of them right.

    Args:
        y: (n,) integers, 0 to k - 1.
        p: (n, k) probabilities.
        class_names: (k,) names.
    """
    names, thresholds = list(class_names), np.linspace(0, 0.99, 100)

    def draw(answers="all classes", threshold=0.5) -> tuple[Figure, str]:
        score, hit, wanted = p.max(axis=1), p.argmax(axis=1) == y, len(y)
        if answers in names:
            score, hit = p[:, names.index(answers)], y == names.index(answers)
            wanted = hit.sum()
        answered = score[:, None] >= thresholds  # (n, 100)
        count, right = answered.sum(axis=0), (answered & hit[:, None]).sum(axis=0)
        precision = right / np.where(count, count, np.nan)  # of no answer there is none
        curves = {"precision": precision, "recall": right / wanted, "coverage": count / len(y)}
        figure, ax = plt.subplots(figsize=(7, 3.8))
        for name, values in curves.items():
            ax.plot(thresholds, values, label=name)
        ax.axvline(threshold, color="black", linestyle=":")
        ax.set(xlabel="confidence threshold", ylabel="fraction", ylim=(0, 1.04))
        ax.legend(loc="lower left")
        place = round(100 * threshold)
        text = ", ".join(f"{name} {values[place]:.1%}" for name, values in curves.items())
        return figure, f"Answers: {answers}, threshold {threshold:.2f}: {text}."

    return Explorer(draw, answers=["all classes", *names], threshold=(0, 0.99, 0.01))


class PhotoUpload(_Live):
    """A button to upload zip files of photos with one folder for each class.

    It also says where to put them without it. The cell does not wait for them: upload, and run
    the next cell afterwards. The folder is made when the first ones come.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        about = "with one folder for each class (for example pencils, pens, markers)"
        where = os.path.relpath(self.folder)  # as seen from the notebook
        return f"Put your own photos into {where}, {about}; or upload a zip up to 10 MB."

    def still(self) -> str:
        """HTML of the same words."""
        return f"<p>{html.escape(repr(self))}</p>"

    def live(self):
        """What to do, a button, and the answer, in the order in which Tab reaches them."""
        import ipywidgets

        button = ipywidgets.FileUpload(accept=".zip", multiple=True)
        answer = ipywidgets.HTML()

        def take(change: dict) -> None:
            text = html.escape(self.receive(uploaded(change["new"])))
            answer.value = f'<span role="status">{text}</span>'

        button.observe(take, names="value")
        return ipywidgets.VBox([ipywidgets.HTML(self.still()), button, answer])

    def receive(self, files: dict[str, bytes]) -> str:
        """Unpack uploaded zip files, {name: bytes}; returns one line about them."""
        from helpers import photos

        try:
            tables = [photos.unzip(data, self.folder) for data in files.values()]
        except CourseError as error:
            return f"not taken: {error}"
        skipped = [f"{row.file} ({row.reason})" for t in tables for row in t.itertuples()]
        more = f"; skipped: {', '.join(skipped)}" if skipped else ""
        return f"taken: {', '.join(files)}{more}"


def uploaded(value: object) -> dict[str, bytes]:
    """Bytes by file name from a `FileUpload`'s value, of ipywidgets 7 (a dictionary) or 8."""
    if isinstance(value, dict):
        return {name: bytes(record["content"]) for name, record in value.items()}
    return {record["name"]: bytes(record["content"]) for record in value}
