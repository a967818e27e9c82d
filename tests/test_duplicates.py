import numpy as np
import pytest

from helpers import datasets, duplicates
from helpers.duplicates import near_duplicates
from helpers.errors import UserError


@pytest.fixture(scope="module")
def photos():
    """Real photographs, (600, 32, 32, 3) uint8: noise would have no areas to be alike."""
    return datasets.load("cifar10", profile="quick").train.images[:600]


@pytest.mark.parametrize(
    ("disguise", "mirrored"),
    [
        (lambda x: x, False),
        (lambda x: x[:, :, ::-1], True),
        (lambda x: np.roll(x, 2, axis=1), False),
        (lambda x: x * 0.5 + 40, False),
        (lambda x: (x + np.random.default_rng(0).normal(0, 8, x.shape)).clip(0, 255), False),
    ],
    ids=["same", "mirrored", "moved", "paler", "noisy"],
)
def test_finds_copies(photos, disguise, mirrored):
    found = near_duplicates(disguise(photos[:40].astype(float)), photos)
    assert np.mean(np.isin(np.arange(40), found.first[found.first == found.second])) > 0.9
    assert np.mean(found.mirrored == mirrored) > 0.9
    assert (np.diff(found.distance) >= 0).all()


def test_few_false_alarms(photos):
    assert len(near_duplicates(photos[:200], photos[200:]).first) <= 4


def test_the_same_picture_is_at_distance_0(photos):
    found = near_duplicates(photos[:5], photos)
    assert sorted(found.first) == [0, 1, 2, 3, 4]
    assert found.distance.max() < 1e-5


def test_every_picture_has_a_partner_without_limit(photos):
    found = near_duplicates(photos[:50], photos[50:], max_distance=None)
    assert sorted(found.first) == list(range(50))
    assert found.second.dtype == np.int64 and found.mirrored.dtype == bool
    limited = near_duplicates(photos[:50], photos[50:], max_distance=0.6)
    assert set(limited.first) == set(found.first[found.distance <= 0.6])


def test_blocks_change_nothing(photos, monkeypatch):
    whole = near_duplicates(photos[:50], photos, max_distance=None)
    monkeypatch.setattr(duplicates, "_ROWS_A", 7)
    monkeypatch.setattr(duplicates, "_ROWS_B", 33)
    parts = near_duplicates(photos[:50], photos, max_distance=None)
    assert np.allclose(whole.distance, parts.distance, atol=1e-5)


def test_pictures_of_one_color_are_near_nothing(photos):
    flat = np.full((3, 32, 32, 3), 128, np.uint8)
    assert len(near_duplicates(flat, photos[:20]).first) == 0
    assert len(near_duplicates(photos[:20], flat).first) == 0


@pytest.mark.parametrize("side", [8, 13, 28])
def test_other_sizes(side):
    pictures = np.random.default_rng(0).integers(0, 256, (20, side, side, 3), dtype=np.uint8)
    assert near_duplicates(pictures, pictures).distance.max() < 1e-5


@pytest.mark.parametrize(
    ("a", "b", "limit"),
    [
        (np.zeros((0, 32, 32, 3)), np.zeros((2, 32, 32, 3)), 0.3),
        (np.zeros((2, 32, 32, 3)), np.zeros((0, 32, 32, 3)), 0.3),
        (np.zeros((2, 32, 32, 3)), np.zeros((2, 28, 28, 3)), 0.3),
        (np.zeros((32, 32, 3)), np.zeros((2, 32, 32, 3)), 0.3),
        (np.zeros((2, 32, 32, 1)), np.zeros((2, 32, 32, 1)), 0.3),
        (np.zeros((2, 4, 4, 3)), np.zeros((2, 4, 4, 3)), 0.3),
        (np.full((2, 32, 32, 3), np.nan), np.zeros((2, 32, 32, 3)), 0.3),
        (np.zeros((2, 32, 32, 3)), np.zeros((2, 32, 32, 3)), -1),
        (np.zeros((2, 32, 32, 3)), np.zeros((2, 32, 32, 3)), float("nan")),
    ],
)
def test_bad_input(a, b, limit):
    with pytest.raises(UserError) as error:
        near_duplicates(a, b, max_distance=limit)
    assert "\n" not in str(error.value) and ": " in str(error.value)
