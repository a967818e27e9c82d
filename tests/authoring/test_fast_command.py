import argparse
import json

import numpy as np
import pytest

from helpers import paths
from helpers.authoring import fast_command
from helpers.authoring.fast_command import WITHOUT, Run
from helpers.errors import UserError
from helpers.fast import Recipe

TINY = Recipe(epochs=1, batch_size=16, widths=(4,), sizes=((0.0, 16),))


class Split(tuple):
    images = property(lambda self: self[0])
    labels = property(lambda self: self[1])


class Data:
    def __init__(self):
        rng = np.random.default_rng(0)
        x, y = rng.integers(0, 256, (32, 16, 16, 3), dtype=np.uint8), np.arange(32) % 4
        self.train = self.val = Split((x, y))
        self.tests = 0

    @property
    def test(self):
        self.tests += 1
        return self.train


def arguments(*words):
    parser = argparse.ArgumentParser()
    fast_command.configure(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    "words", [("--epochs", "0"), ("--images", "0"), ("--widths", "8", "0"), ("--seeds", "-1")]
)
def test_mistakes_are_one_line(words):
    with pytest.raises(UserError, match="use 1 epoch"):
        fast_command.run(arguments(*words))


def test_the_sample_is_not_enough(monkeypatch):
    monkeypatch.setattr(fast_command.datasets, "load", lambda *_, **__: Data())
    with pytest.raises(UserError, match="all of cifar10 is needed"):
        fast_command.run(arguments())


def test_every_part_has_its_own_folder():
    folders = {
        Run(part, Recipe(**changes), images).folder
        for part, changes in WITHOUT.items()
        for images in (100, 200)
    }
    assert len(folders) == 2 * len(WITHOUT)


def test_runs_on_two_data_sets_are_kept_apart():
    assert Run("whole", TINY, 32, "cifar100").folder != Run("whole", TINY, 32).folder


def test_gray_pictures_are_trained_too(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    data = Data()
    data.train = data.val = Split((data.train.images[..., :1], data.train.labels))
    run = Run("whole", TINY, 32, "fashion_mnist")
    figures = run.figures(data, use_test=False, restart=False)
    assert 0 <= figures["val_accuracy"][0] <= 1


def test_a_finished_run_is_not_trained_again_and_test_data_are_used_only_when_asked(
    monkeypatch, tmp_path
):
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    data, run = Data(), Run("whole", TINY, 32)
    figures = run.figures(data, use_test=False, restart=False)
    assert set(figures) == {
        "val_accuracy",
        "val_accuracy_mirrored",
        "val_accuracy_views",
        "seconds",
    }
    assert data.tests == 0
    monkeypatch.setattr(fast_command, "train", None)  # would fail if it were called
    assert run.figures(data, use_test=False, restart=False) == figures
    saved = json.loads((run.folder / "validation.json").read_text())
    assert saved["recipe"]["seed"] == TINY.seed


def test_a_resumed_run_claims_no_seconds(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "BUILD", tmp_path)
    data, run = Data(), Run("whole", TINY, 32)
    run.model(data)  # all was trained, and the process was killed before it wrote the figures
    figures = run.figures(data, use_test=True, restart=False)
    assert "seconds" not in figures
    assert {"test_accuracy", "test_accuracy_mirrored", "test_accuracy_views"} <= set(figures)
