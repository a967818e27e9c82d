import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plots
from helpers.errors import UserError
from helpers.predict import Look

NAMES = ("aquarium_fish", "cat", "dog")


def look(superclasses=()):
    p = np.array([0.7, 0.1, 0.2])
    return Look(
        picture=np.zeros((20, 30, 3), np.uint8),
        size=(300, 200),
        seen=np.zeros((4, 4, 1), np.uint8),
        pixels=np.zeros((4, 4, 1), np.float32),
        probabilities=p,
        class_names=NAMES,
        top=(("aquarium_fish", 0.7), ("dog", 0.2)),
        superclasses=superclasses,
        top_superclasses=(("fish", 0.7), ("pet", 0.3)) if superclasses else (),
        notes=(),
    )


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("count", [2, 3])
def test_picture_seen_and_bars(ax, count):
    _, axes = plt.subplots(1, count)
    plots.prediction(axes, look(), title="A fish")
    assert "300 x 200" in axes[0].get_title(loc="center")
    assert len(axes[-1].patches) == 2
    assert labels(axes[-1]) == ["aquarium fish", "dog"]
    assert "superclass" not in axes[-1].get_title(loc="left")


def test_superclasses_and_the_true_class(ax):
    _, axes = plt.subplots(1, 3)
    plots.prediction(axes, look(("fish", "pet", "pet")), true_name="dog")
    assert labels(axes[2]) == ["aquarium fish\n(fish)", "dog\n(pet) (true)"]
    assert axes[2].get_title(loc="left") == "superclass: fish, 70.0 %"


def test_other_axes(ax):
    with pytest.raises(UserError, match="1 axes for a prediction"):
        plots.prediction([ax], look())
