"""Progress of a training: one line an epoch, and a live line within it where one can be shown."""

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

import keras

_REDRAW_SECONDS = 0.5
_PERCENT = ("accuracy", "precision", "recall")


class EpochProgress(keras.callbacks.Callback):
    """Prints one aligned line an epoch; use it with `model.fit(..., verbose=0)`.

    In a notebook the lines are one output that is updated in place, so a saved page holds only
    the final text. On a terminal the live line is overwritten. A log gets whole lines alone.

    Args:
        resumed_after: epochs done before, in an earlier process.
        stream: where to print outside a notebook; by default standard output.
        clock: seconds that only go up.
    """

    async_safe = True  # `on_train_batch_end` only stores; Keras may call it beside the training

    def __init__(
        self,
        resumed_after: int = 0,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        self.resumed_after = resumed_after
        self.stream, self.clock = stream, clock

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.total = self.params["epochs"]
        self.durations: list[float] = []
        self.screen = _screen(self.stream)
        if self.resumed_after == 0:
            return
        if self.resumed_after >= self.total:
            self.screen.line(
                f"finished before, after {_epochs(self.resumed_after)}; read from file"
            )
        else:
            self.screen.line(f"resumed after epoch {self.resumed_after} of {self.total}")

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self.name = f"epoch {epoch + 1:>{len(str(self.total))}}/{self.total}"
        self.started = self.drawn = self.clock()
        self.latest: dict = {}

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        now = self.clock()
        if now - self.drawn < _REDRAW_SECONDS:
            return
        self.drawn = now
        parts = [self.name]
        steps = self.params.get("steps")
        if steps and batch:
            parts.append(f"{batch / steps:4.0%}".replace("%", " %"))
            left = f"{duration((now - self.started) * (steps - batch) / batch)} left in this epoch"
        else:
            left = ""
        self.screen.live("  ".join([*parts, *format_metrics(self.latest), left]).rstrip())

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self.latest = dict(logs or {})

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.durations.append(self.clock() - self.started)
        parts = [self.name, f"{duration(self.durations[-1]):>6}", *format_metrics(logs or {})]
        if left := self.total - epoch - 1:
            recent = self.durations[-3:]
            parts.append(f"about {duration(left * sum(recent) / len(recent))} left")
        self.screen.line("  ".join(parts))


def duration(seconds: float) -> str:
    """Seconds as one would say them: '0.8 s', '12 s', '3 min', '1 h 20 min'."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def format_metrics(logs: dict) -> list[str]:
    """Each metric with its name: shares in percent, the learning rate short, the rest as it is.

    Args:
        logs: values by name, as Keras hands them to callbacks.
    """
    return [f"{name} {_value(name, value)}" for name, value in logs.items()]


def _value(name: str, value: object) -> str:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if name.endswith(_PERCENT):
        return f"{100 * number:5.1f} %"
    if name == "learning_rate":
        return f"{number:.2g}"
    return f"{number:6.3f}"


def _epochs(count: int) -> str:
    return f"{count} epoch" if count == 1 else f"{count} epochs"


class _Log:
    """A file or a pipe: whole lines alone."""

    def __init__(self, stream: TextIO):
        self.stream = stream

    def line(self, text: str) -> None:
        print(text, file=self.stream, flush=True)

    def live(self, text: str) -> None:
        pass


class _Terminal(_Log):
    """A line that is overwritten until it is final; cut to the width, for a wrapped one stays."""

    shown = 0

    def line(self, text: str) -> None:
        self.stream.write("\r" + text.ljust(self.shown) + "\n")
        self.stream.flush()
        self.shown = 0

    def live(self, text: str) -> None:
        text = text[: shutil.get_terminal_size().columns - 1]
        self.stream.write("\r" + text.ljust(self.shown))
        self.stream.flush()
        self.shown = len(text)


class _Notebook:
    """One output of the cell, updated in place."""

    def __init__(self):
        from IPython.display import display

        self.lines: list[str] = []
        self.handle = display(self._content(""), raw=True, display_id=True)

    def line(self, text: str) -> None:
        self.lines.append(text)
        self.handle.update(self._content(""), raw=True)

    def live(self, text: str) -> None:
        self.handle.update(self._content(text), raw=True)

    def _content(self, live: str) -> dict[str, str]:
        return {"text/plain": "\n".join([*self.lines, *([live] if live else [])])}


def _screen(stream: TextIO | None) -> _Log | _Notebook:
    """The place to print to: given, or found out."""
    if stream is None and _in_notebook():
        return _Notebook()
    stream = stream or sys.stdout
    return _Terminal(stream) if stream.isatty() else _Log(stream)


def _in_notebook() -> bool:
    """A Jupyter or Colab kernel runs this, seen without importing IPython for its sake."""
    if "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and hasattr(shell, "kernel")
