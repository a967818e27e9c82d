"""Draws the picture at the top of the README: `python -m helpers.authoring.overview`."""

import matplotlib.pyplot as plt
import numpy as np

from helpers import datasets, models, plots
from helpers.paths import NOTEBOOKS

PICTURE = NOTEBOOKS / "images" / "overview.png"


def main() -> None:
    """Draw what the shipped network says about twelve pictures that it has not learned from."""
    plots.use_style()
    data = datasets.load("cifar10", profile="quick")
    images, labels = data.val
    model = models.load_small("cifar10")
    probabilities = model.predict(images, verbose=0)
    predicted = probabilities.argmax(axis=1)

    figure = plt.figure(figsize=(9, 3.8))
    left, right = figure.subfigures(1, 2, width_ratios=[1.25, 1])
    shown = np.arange(12)
    names = [data.class_names[number] for number in predicted[shown]]
    plots.image_grid(
        left.subplots(3, 4), images[shown], names, highlight=(predicted != labels)[shown]
    )
    left.suptitle("What the network says; with a frame: wrong", fontsize=12)
    unsure = int(np.argmin(np.abs(probabilities.max(axis=1) - 0.6)))
    picture, bars = right.subplots(2, 1, height_ratios=[1, 1.3])
    plots.image_grid(picture, images[[unsure]])
    plots.probabilities(
        bars, data.class_names, probabilities[unsure], true_name=data.class_names[labels[unsure]]
    )
    right.suptitle("How sure it is", fontsize=12)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE)


if __name__ == "__main__":
    main()
