"""Everything that `python -m helpers runs` can train: file, experiment, variant.

Each variant is a function of the seed that yields (epoch from 1, metric, value). The networks are
the lessons' own functions, read from their cells.
"""

from collections.abc import Callable

from helpers.authoring.recipes import (
    borrowing,
    cifar100,
    clinic,
    fashion,
    first_lessons,
    own_photos,
)

EXPERIMENTS: dict[str, dict[str, dict[str, Callable]]] = {
    **first_lessons.EXPERIMENTS,
    **borrowing.EXPERIMENTS,
    **fashion.EXPERIMENTS,
    **cifar100.EXPERIMENTS,
    **own_photos.EXPERIMENTS,
    **clinic.EXPERIMENTS,
}

# The whole data set that a file's experiments take; the others take samples.
DATA_SETS = {
    **dict.fromkeys([*first_lessons.EXPERIMENTS, *borrowing.EXPERIMENTS], "cifar10"),
    **dict.fromkeys(fashion.EXPERIMENTS, "fashion_mnist"),
    **dict.fromkeys(cifar100.EXPERIMENTS, "cifar100"),
}
