import io

import pytest

from helpers import progress
from helpers.paths import ROOT
from helpers.progress import EpochProgress

LOGS = {"accuracy": 0.541, "loss": 1.2341, "val_accuracy": 1.0, "val_loss": 12.5}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def train(stream, epochs=10, start=0, stop=None, batches=4, seconds=1.0, logs=LOGS):
    """Drive the callback as Keras does, each batch taking `seconds`."""
    clock = Clock()
    shown = EpochProgress(resumed_after=start, stream=stream, clock=clock)
    shown.set_params({"epochs": epochs, "steps": batches})
    shown.on_train_begin()
    for epoch in range(start, stop or epochs):
        shown.on_epoch_begin(epoch)
        for batch in range(batches):
            shown.on_train_batch_begin(batch)
            clock.now += seconds
            shown.on_train_batch_end(batch, {"loss": 2.0})
        shown.on_epoch_end(epoch, logs)


def test_a_log_gets_one_aligned_line_an_epoch():
    stream = io.StringIO()
    train(stream)
    lines = stream.getvalue().splitlines()
    assert lines[2] == (
        "epoch  3/10   4.0 s  accuracy  54.1 %  loss  1.234  val_accuracy 100.0 %  "
        "val_loss 12.500  about 28 s left"
    )
    assert "left" not in lines[9]
    assert len(lines) == 10
    assert len({line.index("loss") for line in lines}) == 1


def test_a_terminal_overwrites_its_live_line(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    stream = Terminal()
    train(stream, epochs=1)
    first, *rest = stream.getvalue().split("\r")[1:]
    assert first.rstrip() == "epoch 1/1   25 %  loss  2.000  3.0 s left in this epoch"
    final = rest[-1]
    assert final.startswith("epoch 1/1   4.0 s  accuracy")
    assert final.endswith("\n")
    assert len(final.rstrip("\n")) >= max(map(len, [first, *rest[:-1]]))


def test_a_live_line_is_never_wider_than_the_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    train(stream, epochs=1)
    live = stream.getvalue().split("\r")[1:-1]
    assert all(len(line) < 30 for line in live)


def test_the_live_line_is_drawn_twice_a_second_at_most():
    stream = Terminal()
    train(stream, epochs=1, batches=1000, seconds=0.01)
    assert stream.getvalue().count("\r") <= 10 / 0.5 + 1


def test_resumed():
    stream = io.StringIO()
    train(stream, start=4)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "resumed after epoch 4 of 10"
    assert lines[1].startswith("epoch  5/10")


def test_finished_before():
    stream = io.StringIO()
    train(stream, epochs=4, start=4)
    assert stream.getvalue() == "finished before, after 4 epochs; read from file\n"


def test_values_that_are_no_plain_numbers():
    stream = io.StringIO()
    train(stream, epochs=1, logs={"per_class": [1, 2], "learning_rate": 3e-4, "auc": 0.75})
    assert "per_class [1, 2]  learning_rate 0.0003  auc  0.750" in stream.getvalue()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.84, "0.8 s"),
        (9.96, "10 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3599, "1 h 0 min"),
        (4800, "1 h 20 min"),
    ],
)
def test_durations(seconds, text):
    assert progress.duration(seconds) == text


class Handle:
    def __init__(self):
        self.texts = []

    def update(self, content, raw):
        self.texts.append(content["text/plain"])


def test_a_notebook_updates_one_output(monkeypatch):
    handle = Handle()
    monkeypatch.setattr("IPython.display.display", lambda *_args, **_options: handle)
    monkeypatch.setattr(progress, "_in_notebook", lambda: True)
    train(None, epochs=2)
    assert any("left in this epoch" in text for text in handle.texts)
    final = handle.texts[-1].splitlines()
    assert [line[:9] for line in final] == ["epoch 1/2", "epoch 2/2"]
    assert "left in this epoch" not in handle.texts[-1]


def test_a_saved_notebook_holds_the_final_text_alone():
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    code = """
import time
from helpers.progress import EpochProgress
shown = EpochProgress()
shown.set_params({"epochs": 2, "steps": 3})
shown.on_train_begin()
for epoch in range(2):
    shown.on_epoch_begin(epoch)
    for batch in range(3):
        shown.drawn -= 1
        shown.on_train_batch_begin(batch)
        shown.on_train_batch_end(batch, {"loss": 1.0})
    shown.on_epoch_end(epoch, {"loss": 1.0})
"""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    # Started in the checkout, for the kernel imports `helpers` from there; it writes nothing.
    resources = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()
    (output,) = notebook.cells[0].outputs
    lines = output["data"]["text/plain"].splitlines()
    assert [line[:9] for line in lines] == ["epoch 1/2", "epoch 2/2"]
