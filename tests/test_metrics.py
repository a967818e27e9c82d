"""Our own measures: right by hand, equal to their definition, and bad input is refused."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from helpers import datasets, metrics
from helpers.settings import CourseError

# Confidence 0.9 right, 0.8 wrong, 0.7 right, 0.6 right, 0.6 wrong.
P = np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7], [0.6, 0.4], [0.6, 0.4]])
Y = np.array([0, 0, 1, 0, 1])
MAP = np.array([1, 0, 1, 2, 0])  # superclasses of 2, 2 and 1 classes


@pytest.fixture(scope="module")
def honest():
    """Labels drawn from p, so p is calibrated: (p (5000, 5), y)."""
    rng = np.random.default_rng(1001)
    p = rng.dirichlet(np.full(5, 0.5), 5000)
    return p, (p.cumsum(axis=1) > rng.random((5000, 1))).argmax(axis=1)


@pytest.fixture(scope="module")
def photos():
    """Real photographs, (600, 32, 32, 3) uint8: noise would have no areas to be alike."""
    return datasets.load("cifar10", profile="quick").train.images[:600]


@pytest.mark.parametrize(
    ("right", "total", "expected"),
    [
        (45, 50, (0.7864, 0.9565)),  # Wilson's formula, computed by hand
        (0, 10, (0.0, 0.2775)),
    ],
)
def test_wilson_interval(right, total, expected):
    assert metrics.wilson_interval(right, total) == pytest.approx(expected, abs=1e-4)


def _pair_of_models(only_a, only_b, both, neither):
    right = np.array([[True, False], [False, True], [True, True], [False, False]])
    return np.repeat(right, [only_a, only_b, both, neither], axis=0).T


def test_mcnemar_test_by_hand():
    """One against five: both tails of six fair coins with at most one head, 2 (1 + 6) / 64."""
    result = metrics.mcnemar_test(*_pair_of_models(1, 5, 10, 4))
    assert (result.only_a, result.only_b, result.difference) == (1, 5, 0.2)
    assert result.p_value == pytest.approx(14 / 64)
    # Half a case in each cell: 4/22, and 1.96 standard errors of 22 pairs, 7 of them uneven.
    spread = 1.96 * np.sqrt((7 / 22 - (4 / 22) ** 2) / 22)
    assert result.interval == pytest.approx((4 / 22 - spread, 4 / 22 + spread))
    same = metrics.mcnemar_test(*_pair_of_models(0, 0, 90, 10))
    assert same.p_value == 1 and same.interval[0] < 0 < same.interval[1]


def test_temperature_repairs_what_heat_has_done(honest):
    p, y = honest
    too_sure = metrics.apply_temperature(p, 0.4)
    temperature = metrics.fit_temperature(too_sure, y)
    assert temperature == pytest.approx(1 / 0.4, rel=0.05)
    repaired = metrics.apply_temperature(too_sure, temperature)
    np.testing.assert_allclose(repaired, p, atol=0.05)
    np.testing.assert_array_equal(repaired.argmax(axis=1), p.argmax(axis=1))


def test_temperature_takes_zeros_and_float16(honest):
    p, y = honest
    assert metrics.fit_temperature(p.astype(np.float16), y) == pytest.approx(1, rel=0.05)
    hard = np.array([[1.0, 0.0, 0.0], [0.0, 0.3, 0.7]], dtype=np.float32)
    soft = metrics.apply_temperature(hard, 2)
    assert np.isfinite(soft).all() and soft.argmax(axis=1).tolist() == [0, 2]
    assert np.isfinite(metrics.fit_temperature(hard, np.array([1, 2])))


def test_coverage_table_by_hand_with_equal_confidences_together():
    expected = {
        "threshold": [0.9, 0.8, 0.7, 0.6],
        "coverage": [0.2, 0.4, 0.6, 1.0],
        "accuracy": [1, 1 / 2, 2 / 3, 3 / 5],
    }
    pd.testing.assert_frame_equal(metrics.coverage_table(P, Y), pd.DataFrame(expected))


@pytest.mark.parametrize(
    ("accuracy", "expected"), [(0.5, 0.6), (0.6, 0.6), (0.65, 0.7), (0.7, 0.9), (1.0, 0.9)]
)
def test_threshold_is_the_lowest_that_is_good_enough(accuracy, expected):
    assert metrics.confidence_threshold(P, Y, accuracy) == pytest.approx(expected)


def test_probabilities_are_added_and_may_outvote_the_best_class():
    p = np.array([[0.1, 0.2, 0.3, 0.25, 0.15], [0.3, 0.0, 0.3, 0.4, 0.0]], dtype=np.float32)
    coarse = metrics.to_coarse(p, MAP)
    np.testing.assert_allclose(coarse, [[0.35, 0.4, 0.25], [0, 0.6, 0.4]], rtol=1e-6)
    assert coarse[1].argmax() != MAP[p[1].argmax()]


def test_inside_superclass_by_hand():
    y = np.array([0, 0, 1, 3, 4, 2])
    predicted = np.array([0, 2, 4, 0, 3, 1])  # right, inside, inside, out, out, out
    result = metrics.inside_superclass(y, predicted, MAP)
    assert (result.mistakes, result.inside, result.fraction) == (5, 2, 0.4)
    # Siblings of the true classes 0, 1, 3, 4, 2: one each, but none for class 3; four others.
    assert result.by_chance == pytest.approx(4 / 5 / 4)
    assert np.isnan(metrics.inside_superclass(y, y, MAP).fraction)


def _moved(images):
    """Cut out two pixels further to the left, the edge repeated."""
    return np.pad(images, ((0, 0), (0, 0), (2, 0), (0, 0)), mode="edge")[:, :, :-2]


def _as_jpeg(images):
    copies = []
    for image in images.astype(np.uint8):
        Image.fromarray(image).save(file := io.BytesIO(), "JPEG", quality=60)
        copies.append(np.asarray(Image.open(file)))
    return np.stack(copies)


DISGUISES = (
    lambda x: x[:, :, ::-1],
    _moved,
    lambda x: x * 0.5 + 40,
    lambda x: (x + np.random.default_rng(0).normal(0, 8, x.shape)).clip(0, 255),
    _as_jpeg,
    lambda x: _moved(x[:, :, ::-1]) * 0.7 + 20,
)


def near(a, b):
    """The pairs up to a distance of 0.3, the limit of the lesson."""
    pairs = metrics.near_duplicates(a, b)
    assert sorted(pairs["image"]) == list(range(len(a)))
    assert pairs["distance"].is_monotonic_increasing
    return pairs[pairs["distance"] <= 0.3]


def test_60_of_60_planted_copies_are_found(photos):
    parts = np.split(photos[:60].astype(float), len(DISGUISES))
    copies = np.concatenate([hide(part) for hide, part in zip(DISGUISES, parts, strict=True)])
    pairs = near(copies, photos)
    assert len(pairs) == 60 and (pairs["image"] == pairs["partner"]).all()
    assert sorted(pairs["image"][pairs["mirrored"]] // 10) == [0] * 10 + [5] * 10


def test_few_false_alarms(photos):
    assert len(near(photos[:200], photos[200:])) <= 4


def test_images_of_one_color_are_near_nothing(photos):
    flat = np.full((3, 32, 32, 3), 128, np.uint8)
    assert near(flat, photos[:20]).empty
    assert near(photos[:20], flat).empty


TWO = np.zeros((2, 32, 32, 3))


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.wilson_interval(0.9, 5),
        lambda: metrics.wilson_interval(0, 0),
        lambda: metrics.mcnemar_test(Y == 0, Y[:3] == 0),
        lambda: metrics.mcnemar_test(Y, Y),
        lambda: metrics.coverage_table(P, Y[:3]),
        lambda: metrics.coverage_table(np.where(P > 0.8, np.nan, P), Y),
        lambda: metrics.coverage_table(5 * P, Y),
        lambda: metrics.coverage_table(P, Y + 1),
        lambda: metrics.apply_temperature(P, 0),
        lambda: metrics.confidence_threshold(P, Y, 95),
        lambda: metrics.to_coarse(P, MAP),
        lambda: metrics.coverage_table(P, Y / 1),
        lambda: metrics.near_duplicates(TWO[:0], TWO),
        lambda: metrics.near_duplicates(TWO, TWO[:, :28, :28]),
        lambda: metrics.near_duplicates(TWO[:, :4, :4], TWO[:, :4, :4]),
    ],
)
def test_bad_input(call):
    with pytest.raises(CourseError) as error:
        call()
    assert "\n" not in str(error.value)
