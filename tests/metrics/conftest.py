"""Predictions to measure: 600 pictures of four classes, better than chance, not perfect."""

from typing import NamedTuple

import numpy as np
import pytest


class Predictions(NamedTuple):
    y: np.ndarray  # (600,) int64
    p: np.ndarray  # (600, 4) probabilities
    predicted: np.ndarray  # (600,) int64
    right: np.ndarray  # (600,) bool


@pytest.fixture
def predictions() -> Predictions:
    rng = np.random.default_rng(1001)
    y = rng.integers(0, 4, 600)
    logits = rng.normal(size=(600, 4)) + 1.2 * np.eye(4)[y]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    predicted = p.argmax(axis=1)
    return Predictions(y, p, predicted, y == predicted)
