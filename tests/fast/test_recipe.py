import dataclasses
import inspect

import numpy as np
import pytest

from helpers import fast
from helpers.authoring.fast_command import WITHOUT
from helpers.errors import UserError
from helpers.fast.muon import Muon
from helpers.fast.recipe import optimizer
from helpers.schedules import OneCycle

TINY = fast.Recipe(epochs=2, batch_size=16, widths=(8,), sizes=((0.0, 12), (0.5, 16)))


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    y = np.arange(48) % 3
    x = rng.integers(0, 80, (48, 16, 16, 3)) + 80 * y[:, None, None, None]
    return x.astype(np.uint8), y


def test_network_and_recipe_have_the_same_defaults():
    given = inspect.signature(fast.network).parameters
    names = set(given) & {field.name for field in dataclasses.fields(fast.Recipe)}
    assert {"widths", "whitened", "statistics_momentum", "logit_scale"} <= names
    for name in names:
        assert given[name].default == getattr(fast.Recipe(), name), name


def test_same_seed_same_weights_another_seed_others(data):
    first, again, other = (
        fast.train(*data, dataclasses.replace(TINY, seed=seed), verbose=False)[0].get_weights()
        for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_broken_off_and_resumed_ends_like_an_undisturbed_run(data, tmp_path):
    import keras

    from helpers import training

    undisturbed, _ = fast.train(*data, TINY, run_dir=tmp_path / "a", verbose=False)

    class Accident(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    fit = training.fit

    def broken(*args, **kwargs):
        return fit(*args, **kwargs, callbacks=[Accident()])

    training.fit = broken
    try:
        with pytest.raises(KeyboardInterrupt):
            fast.train(*data, TINY, run_dir=tmp_path / "b", verbose=False)
    finally:
        training.fit = fit
    resumed, history = fast.train(*data, TINY, run_dir=tmp_path / "b", verbose=False)
    assert len(history.epoch) == 2
    # Once more: a finished run gives its weights at once.
    finished, _ = fast.train(*data, TINY, run_dir=tmp_path / "b", verbose=False)
    for a, b, c in zip(
        undisturbed.get_weights(), resumed.get_weights(), finished.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(a, c)


def test_validation_labels_are_numbers_and_the_history_has_them(data):
    _, history = fast.train(*data, TINY, validation_data=data, verbose=False)
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}


def test_optimizer_follows_the_recipe():
    muon = optimizer(fast.Recipe(), steps=100)
    assert isinstance(muon, Muon) and isinstance(muon._learning_rate, OneCycle)
    assert muon.nesterov and muon.weight_decay is None
    plain = optimizer(fast.Recipe(orthogonal=False, one_cycle=False), steps=100)
    assert type(plain).__name__ == "SGD" and plain.nesterov
    assert plain.weight_decay == fast.Recipe().weight_decay
    assert float(plain.learning_rate) == pytest.approx(fast.Recipe().peak_rate / 3)


@pytest.mark.parametrize("part", [part for part in WITHOUT if part != "whole"])
def test_every_left_out_part_changes_the_recipe(part):
    recipe = dataclasses.replace(fast.Recipe(), **WITHOUT[part])
    assert recipe != fast.Recipe()


@pytest.mark.parametrize(
    "labels", [np.eye(3)[[0, 1, 2]], np.array([0.0, 1.0, 2.0]), np.array([-1, 0, 1]), []]
)
def test_labels_that_are_no_class_numbers(labels):
    with pytest.raises(UserError, match="class numbers"):
        fast.train(np.zeros((len(labels), 16, 16, 3), np.uint8), labels, TINY)


def test_faster_precision_is_one_of_two():
    assert fast.faster_precision() in ("float32", "mixed_bfloat16")
