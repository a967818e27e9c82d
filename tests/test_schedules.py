"""The one-cycle schedule: its corners, its form on disk, and what it refuses."""

import keras
import numpy as np
import pytest

from helpers.errors import UserError
from helpers.schedules import OneCycle


def rates(schedule, steps):
    return keras.ops.convert_to_numpy(schedule(np.asarray(steps)))


def test_goes_through_its_four_corners():
    schedule = OneCycle(0.5, 100, warmup_share=0.25, start_share=0.2, end_share=0.1)
    assert rates(schedule, [0, 25, 100, 500]) == pytest.approx([0.1, 0.5, 0.05, 0.05])


def test_is_straight_up_and_straight_down():
    values = rates(OneCycle(1.0, 100), np.arange(101))
    assert values.argmax() == 23
    rise, fall = np.diff(values[:24]), np.diff(values[23:])
    assert np.allclose(rise, 0.8 / 23, atol=1e-6)
    assert np.allclose(fall, -0.93 / 77, atol=1e-6)


def test_without_warmup_begins_at_the_peak():
    values = rates(OneCycle(2.0, 10, warmup_share=0, end_share=0), np.arange(11))
    assert np.allclose(values, np.linspace(2, 0, 11), atol=1e-6)


@pytest.mark.parametrize("step", [3, np.int64(3), 3.0])
def test_takes_any_kind_of_step(step):
    assert float(OneCycle(1.0, 10)(step)) == pytest.approx(0.07 + 0.93 * 0.7 / 0.77)


def test_survives_saving_and_loading(tmp_path):
    schedule = OneCycle(0.1, 40, warmup_share=0.3, start_share=0.1, end_share=0.0)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.SGD(schedule), loss="mse")
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    found = keras.saving.serialize_keras_object(loaded.optimizer)["config"]["learning_rate"]
    assert found["config"] == schedule.get_config()
    assert set(schedule.get_config().values()) == {0.1, 40, 0.3, 0.0}


def test_an_optimizer_follows_it():
    """With a gradient of 1 plain SGD moves a weight by the sum of the rates."""
    schedule = OneCycle(0.4, 8)
    weight = keras.Variable(0.0)
    optimizer = keras.optimizers.SGD(schedule)
    for _ in range(8):
        optimizer.apply([keras.ops.ones(())], [weight])
    assert float(weight.value) == pytest.approx(-rates(schedule, np.arange(8)).sum(), rel=1e-5)


def test_takes_numpy_numbers():
    assert OneCycle(np.float32(0.5), np.int64(20)).get_config()["steps"] == 20


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"peak": 0}, "peak=0"),
        ({"peak": -0.1}, "peak=-0.1"),
        ({"peak": float("nan")}, "peak=nan"),
        ({"peak": "0.1"}, "peak='0.1'"),
        ({"steps": 0}, "steps=0"),
        ({"steps": 10.5}, "steps=10.5"),
        ({"steps": float("inf")}, "steps=inf"),
        ({"steps": True}, "steps=True"),
        ({"warmup_share": 1}, "warmup_share=1"),
        ({"warmup_share": -0.1}, "warmup_share=-0.1"),
        ({"start_share": 1.1}, "start_share=1.1"),
        ({"end_share": -0.1}, "end_share=-0.1"),
        ({"end_share": None}, "end_share=None"),
    ],
)
def test_refuses_in_one_line(changes, words):
    with pytest.raises(UserError) as refusal:
        OneCycle(**{"peak": 0.1, "steps": 100, **changes})
    assert words in str(refusal.value)
    assert "\n" not in str(refusal.value)
