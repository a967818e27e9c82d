"""Schedules: Keras' own rates, and sliders that redraw."""

import re

import keras
import numpy as np
import pytest

from helpers import widgets
from helpers.errors import UserError
from helpers.schedules import OneCycle
from helpers.widgets.schedule_rates import NAMES, schedule_rates

STEPS = np.arange(120)


def keras_rates(schedule):
    return np.array([float(schedule(step)) for step in STEPS])


def test_cosine_is_that_of_keras():
    expected = keras.optimizers.schedules.CosineDecay(
        0.0, decay_steps=80, warmup_target=0.02, warmup_steps=20
    )
    rates = schedule_rates("cosine", STEPS, peak=0.02, warmup=20, length=100)
    np.testing.assert_allclose(rates, keras_rates(expected), atol=1e-7)


def test_one_cycle_is_that_of_the_course():
    rates = schedule_rates("one-cycle", STEPS, peak=0.1, warmup=23, length=100)
    np.testing.assert_allclose(rates, keras_rates(OneCycle(0.1, 100, 0.23)), atol=1e-7)


@pytest.mark.parametrize(
    ("name", "middle", "end"), [("constant", 1, 1), ("step", 1, 0.1), ("exponential", 0.1, 0.01)]
)
def test_others_end_where_they_should(name, middle, end):
    rates = schedule_rates(name, np.array([0, 10, 20, 60, 100]), peak=1, warmup=20, length=100)
    np.testing.assert_allclose(rates, [0, 0.5, 1, middle, end], rtol=1e-5)


@pytest.mark.parametrize("name", NAMES)
def test_without_warmup_the_peak_comes_first(name):
    rates = schedule_rates(name, STEPS, peak=0.3, warmup=0, length=100)
    assert rates[0] == pytest.approx(0.3) and (np.diff(rates) <= 1e-9).all()
    assert np.isfinite(rates).all() and rates.max() <= 0.3 + 1e-7


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"peak": 0}, "peak=0"),
        ({"peak": float("nan")}, "peak=nan"),
        ({"warmup": 100}, "warmup=100"),
        ({"warmup": -1}, "warmup=-1"),
    ],
)
def test_bad_numbers_are_named(options, word):
    with pytest.raises(UserError, match=word):
        schedule_rates("cosine", STEPS, **{"peak": 1, "warmup": 1, "length": 100} | options)


def test_unknown_schedules_are_named():
    with pytest.raises(UserError, match="'triangle'"):
        schedule_rates("triangle", STEPS, peak=1, warmup=1, length=100)


@pytest.mark.parametrize(
    ("steps", "options"),
    [
        (1, {}),
        (2.5, {}),
        (True, {}),
        (10, {"peak": 0}),
        (10, {"peak": 2}),
        (10, {"warmup": 0.9}),
        (10, {"steps_per_epoch": 0}),
    ],
)
def test_the_explorer_wants_a_run(steps, options):
    with pytest.raises(UserError):
        widgets.ScheduleExplorer(steps, **options)


def test_a_schedule_for_a_longer_run_is_cut_off():
    explorer = widgets.ScheduleExplorer(100, peak=0.02, steps_per_epoch=50)
    assert "end of the run 0, 0% of" in explorer.live("cosine", 0.02, 0.2, 1.0)
    cut = explorer.live("cosine", 0.02, 0.2, 2.0)
    assert "69% of the highest" in cut and "(epoch 0.8)" in cut


def test_still_picture_names_all_five():
    texts = re.findall(r'alt="([^"]+)"', widgets.ScheduleExplorer(100).still())
    assert len(texts) == 2 and all(f"{name}: highest" in " ".join(texts) for name in NAMES)


def test_outside_a_notebook_there_is_a_line(capsys):
    widgets.schedule_explorer(1000)
    assert "1,000 steps" in capsys.readouterr().out


def test_controls_redraw(kernel):
    explorer = widgets.ScheduleExplorer(200)
    explorer._repr_mimebundle_()
    name, *sliders, _, picture = explorer._view.children
    seen = {picture.value}
    for control, value in [(name, "step"), *((slider, slider.min) for slider in sliders)]:
        assert control.description
        control.value = value if value != -4 else 1e-3  # the peak's slider counts in powers
        seen.add(picture.value)
    assert len(seen) == 5
