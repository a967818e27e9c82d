"""Pictures of four classes, and a kernel that seems to run."""

import numpy as np
import pytest

from helpers.widgets import live

CLASSES = 4


@pytest.fixture
def kernel(monkeypatch):
    """Explorers show their controls, as in a running notebook."""
    pytest.importorskip("ipywidgets")
    monkeypatch.setattr(live, "has_widgets", lambda: True)


@pytest.fixture(scope="session")
def answers():
    """Images, labels, probabilities and predicted classes of 60 pictures of 4 classes."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (60, 8, 8, 3), dtype=np.uint8)
    y = np.arange(60) % CLASSES
    logits = rng.normal(size=(60, CLASSES)) + 2.0 * np.eye(CLASSES)[y]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return images, y, p, p.argmax(axis=1)


@pytest.fixture
def names():
    """Names that would break a page that does not escape them."""
    return ["cat", '<b onclick="x">dog</b>', "frog & toad", "ship"]
