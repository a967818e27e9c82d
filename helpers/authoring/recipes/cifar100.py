"""What lesson 09 compares, on CIFAR-100: our network, and one head against two."""

from collections.abc import Callable
from dataclasses import replace

import keras
import numpy as np
from keras import layers

from helpers import datasets, fast_cnn
from helpers.authoring import notebooks
from helpers.authoring.recipes.first_lessons import Values, figures
from helpers.metrics import to_coarse
from helpers.settings import BUILD

_IMAGES, _EPOCHS = 10_000, 6  # for one head against two


def ours(seed: int) -> Values:
    """The fast network's recipe for a hundred classes, on all training images."""
    data = datasets.fetch("cifar100")
    recipe = replace(fast_cnn.CIFAR100, seed=seed, precision=fast_cnn.faster_precision())
    _, history = fast_cnn.train(
        *data.train,
        recipe,
        validation_data=tuple(data.val),
        run_dir=BUILD / "runs" / f"cifar100-{seed}",  # shared with `python -m helpers weights`
        verbose=False,
    )
    return figures(history)


def heads(w_fine: int, w_coarse: int) -> Callable:
    """Lesson 09's network with two heads, whose losses have these weights."""

    def run(seed: int) -> Values:
        data = datasets.fetch("cifar100")
        known = {"keras": keras, "layers": layers, "classes": 100, "superclasses": 20}
        model = notebooks.taught("09", "two_headed", **known).two_headed(w_fine, w_coarse)
        to_superclass = data.fine_to_coarse
        x, y = data.train.images[:_IMAGES], data.train.labels[:_IMAGES]
        model.fit(
            x,
            {"fine": y, "coarse": to_superclass[y]},
            epochs=_EPOCHS,
            batch_size=128,
            verbose=0,
        )
        p = model.predict(np.asarray(data.val.images), batch_size=500, verbose=0)
        fine = data.val.labels
        coarse = to_superclass[fine]
        answers = {
            "fine": (p["fine"].argmax(axis=1), fine, w_fine),
            "coarse": (p["coarse"].argmax(axis=1), coarse, w_coarse),
            "added": (to_coarse(p["fine"], to_superclass).argmax(axis=1), coarse, w_fine),
        }
        for name, (answer, truth, trained) in answers.items():
            if trained:  # a head that was not trained says nothing
                yield _EPOCHS, f"{name}_val_accuracy", float((answer == truth).mean())

    return run


EXPERIMENTS = {
    "cifar100": {
        "ours": {"fast network": ours},
        "heads": {
            "fine head only": heads(1, 0),
            "coarse head only": heads(0, 1),
            "both heads": heads(1, 1),
        },
    },
}
