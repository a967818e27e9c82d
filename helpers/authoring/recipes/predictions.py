"""Make data/predictions: what trained networks answer on validation and test images.

    python -m helpers.authoring.recipes.predictions

Lessons 08, 09, 11 and 12 evaluate these answers, so that they can use thousands of images in both
profiles and without training. The small and the fast network are those whose weights ship. The
fast network is trained twice more, with other seeds; a killed run goes on (build/runs). All of
CIFAR-10 and CIFAR-100 must be there: `python -m helpers data fetch cifar10 cifar100`.
"""

from dataclasses import replace

import keras
import numpy as np

from helpers import datasets, fast_cnn, models
from helpers.authoring import notebooks
from helpers.settings import BUILD, DATA

_SEEDS = (1002, 1003)  # the weights of seed 1001 ship


def cifar10() -> dict[str, np.ndarray]:
    """Answers of four networks for the 5,000 validation images, and of two for the test images.

    Returns:
        `index` (n,) position of each validation image in the published training set; `labels`
        (n,); `small`, `fast`, `fast_1002`, `fast_1003` (n, 10) float16 probabilities;
        `brightness`, `contrast` and `object size` (n,) float16, as lesson 12 measures them;
        `test_labels` and the predicted classes `test_small` and `test_fast` (10000,).
    """
    data = datasets.fetch("cifar10")
    networks = {"small": models.load_small(), "fast": models.load_fast()}
    for seed in _SEEDS:
        recipe = replace(fast_cnn.Recipe(seed=seed), precision=fast_cnn.faster_precision())
        folder = BUILD / "runs" / f"fast-{seed}"
        networks[f"fast_{seed}"], _ = fast_cnn.train(*data.train, recipe, run_dir=folder)
    found = answers(data, networks, tested=("small", "fast"))
    measured = notebooks.taught("12", "properties", np=np).properties(data.val.images)
    return found | {name: values.astype(np.float16) for name, values in measured.items()}


def cifar100() -> dict[str, np.ndarray]:
    """As `cifar10`, of the one network whose weights ship: `fast` (n, 100), and `test_fast`.

    Without `index`: the copy that the network was trained on was not in the published order.
    """
    networks = {"fast": models.load_cifar100()}
    found = answers(datasets.fetch("cifar100"), networks, tested=("fast",))
    del found["index"]
    return found


def answers(
    data: datasets.Dataset, networks: dict[str, keras.Model], tested: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """Validation probabilities of all networks, and predicted test classes of some of them."""
    found = {"index": data.val_index.astype(np.int32), "labels": data.val.labels.astype(np.uint8)}
    for name, model in networks.items():
        found[name] = model.predict(data.val.images, batch_size=500, verbose=0).astype(np.float16)
    found["test_labels"] = np.array(data.test.labels, dtype=np.uint8)
    for name in tested:
        p = networks[name].predict(np.array(data.test.images), batch_size=500, verbose=0)
        found[f"test_{name}"] = p.argmax(axis=1).astype(np.uint8)
    return found


def main() -> None:
    """Write one file a data set."""
    folder = DATA / "predictions"
    folder.mkdir(exist_ok=True)
    for make in (cifar100, cifar10):
        found = make()
        np.savez_compressed(folder / f"{make.__name__}.npz", **found)
        right = {
            name: f"{np.mean(p.argmax(axis=1) == found['labels']):.2%}"
            for name, p in found.items()
            if p.ndim == 2
        }
        print(make.__name__, right)


if __name__ == "__main__":
    main()
