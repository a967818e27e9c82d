import argparse
import hashlib
import json

import numpy as np
import pytest

from helpers import models
from helpers.authoring import weights
from helpers.authoring.small_recipe import Recipe, ShiftedFlippedBatches, shift_and_flip
from helpers.errors import UserError
from helpers.paths import DATA

RECIPE = Recipe(batch_size=4)


def test_shifted_and_flipped_pictures_are_windows_of_the_reflected_one():
    images = np.random.default_rng(0).integers(0, 256, (50, 6, 5, 3), dtype=np.uint8)
    changed = shift_and_flip(images, 2, np.random.default_rng(1))
    assert changed.shape == images.shape
    assert changed.dtype == np.uint8
    padded = np.pad(images, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="reflect")
    found = set()
    for picture, wide in zip(changed, padded, strict=True):
        places = {
            (top, left, mirrored)
            for top in range(5)
            for left in range(5)
            for mirrored in (False, True)
            if np.array_equal(
                picture, wide[top : top + 6, left : left + 5][:, :: -1 if mirrored else 1]
            )
        }
        assert places
        found |= places
    assert {top for top, _, _ in found} == {left for _, left, _ in found} == set(range(5))
    assert {mirrored for _, _, mirrored in found} == {False, True}


def test_no_shift_leaves_the_picture_or_its_mirror_image():
    images = np.arange(2 * 3 * 3).reshape(2, 3, 3, 1)
    changed = shift_and_flip(images, 0, np.random.default_rng(0))
    for picture, original in zip(changed, images, strict=True):
        assert np.array_equal(picture, original) or np.array_equal(picture, original[:, ::-1])


def test_an_epoch_holds_every_picture_once_in_an_order_of_its_own():
    images = np.zeros((10, 4, 4, 1), np.uint8)
    batches = ShiftedFlippedBatches(images, np.arange(10), RECIPE)
    orders = []
    for _ in range(2):
        orders.append(np.concatenate([batches[i][1] for i in range(len(batches))]).tolist())
        batches.on_epoch_end()
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert orders[0] != orders[1]
    again = ShiftedFlippedBatches(images, np.arange(10), RECIPE)
    assert again[0][1].tolist() == orders[0][:4]


def test_written_weights_load_and_match_their_record(tmp_path):
    model = models.small_cnn()
    record = weights.write("small", model, tmp_path, {"test_accuracy": 0.5})
    loaded = models.load_small("cifar10", weights_dir=tmp_path)
    for ours, theirs in zip(model.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert json.loads((tmp_path / "cifar10_small.json").read_text()) == record
    content = (tmp_path / record["file"]).read_bytes()
    assert record["sha256"] == hashlib.sha256(content).hexdigest()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "cifar10_small.json",
        "cifar10_small.weights.h5",
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--epochs", "0"], "--epochs is 0"),
        (["--profile", "quick"], "pass --out FOLDER"),
    ],
)
def test_mistakes(arguments, words):
    parser = argparse.ArgumentParser()
    weights.configure(parser)
    before = {path: path.stat().st_mtime for path in (DATA / "weights").iterdir()}
    with pytest.raises(UserError, match=words):
        weights.run(parser.parse_args(arguments))
    assert {path: path.stat().st_mtime for path in (DATA / "weights").iterdir()} == before
