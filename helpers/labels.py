"""Class names of the data sets, their superclasses, and how one maps onto the other."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral

import numpy as np

from helpers.errors import UserError

CIFAR10 = tuple("airplane automobile bird cat deer dog frog horse ship truck".split())
CIFAR10_COARSE = ("animals", "vehicles")
CIFAR10_FINE_TO_COARSE = (1, 1, 0, 0, 0, 0, 0, 0, 1, 1)

FASHION_MNIST = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)

# In the order of the data set's own `meta` file (Krizhevsky, 2009).
CIFAR100_FINE = tuple(
    """
    apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus
    butterfly camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach
    couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster
    house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree
    motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear
    pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket
    rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
    sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip
    turtle wardrobe whale willow_tree wolf woman worm
    """.split()
)
CIFAR100_COARSE = tuple(
    """
    aquatic_mammals fish flowers food_containers fruit_and_vegetables
    household_electrical_devices household_furniture insects large_carnivores
    large_man-made_outdoor_things large_natural_outdoor_scenes large_omnivores_and_herbivores
    medium_mammals non-insect_invertebrates people reptiles small_mammals trees vehicles_1
    vehicles_2
    """.split()
)
CIFAR100_FINE_TO_COARSE = tuple(
    int(number)
    for number in """
    4 1 14 8 0 6 7 7 18 3 3 14 9 18 7 11 3 9 7 11 6 11 5 10 7 6 13 15 3 15 0 11 1 10 12 14
    16 9 11 5 5 19 8 8 15 13 14 17 18 10 16 4 17 4 2 0 17 4 18 17 10 3 2 12 12 16 12 1 9 19
    2 10 0 1 16 12 9 13 15 13 16 19 2 4 6 19 5 5 8 19 18 1 2 15 6 0 17 8 14 13
    """.split()
)


@dataclass(frozen=True, eq=False)
class Regrouped:
    """What `regroup` gives: new labels, and the way back to the old ones.

    Attributes:
        labels: (kept,) int64, the number of the new class, in 0..number of groups - 1.
        rows: (kept,) int64, ascending positions of the kept rows: `images[rows]` fits `labels`.
        class_names: names of the new classes, in the order of the groups.
        dropped: rows that were left out, by the name of their original class.
        original: (kept,) int64, the original label of each kept row, to trace errors back.
        new_class: (original classes,) int64, the new class of each original one, -1 if dropped.
    """

    labels: np.ndarray
    rows: np.ndarray
    class_names: tuple[str, ...]
    dropped: dict[str, int]
    original: np.ndarray
    new_class: np.ndarray

    def describe(self) -> str:
        """Two lines for people: what each new class holds, and what was dropped."""
        counts = np.bincount(self.labels, minlength=len(self.class_names))
        held = [f"{name} {count:,}" for name, count in zip(self.class_names, counts, strict=True)]
        left_out = [f"{name} {count:,}" for name, count in self.dropped.items()]
        total = len(self.labels) + sum(self.dropped.values())
        return (
            f"{len(self.labels):,} of {total:,} images in {len(held)} classes: {', '.join(held)}\n"
            f"dropped: {', '.join(left_out) or 'nothing'}"
        )


def regroup(
    labels: np.ndarray,
    groups: Mapping[str, Iterable[str | int]],
    class_names: Sequence[str],
    drop: Iterable[str | int] = (),
) -> Regrouped:
    """Join classes to new ones; each original class goes into one group or is dropped.

    Args:
        labels: (n,) or (n, 1) integers in [0, number of classes).
        groups: the original classes of each new class, by its name; a class is given by name or
            by number. The order of the groups numbers the new classes.
        class_names: (number of classes,) names of the original classes.
        drop: original classes whose rows are left out.

    Raises:
        UserError: labels that do not fit class_names; a group without classes or without a name;
            a class that is unknown, named twice, or named nowhere.
    """
    from helpers.metrics.inputs import read_labels  # brings scikit-learn, which names do without

    labels = read_labels(labels, "labels", len(class_names))
    new_class = _new_classes(groups, tuple(class_names), drop)
    new_labels = new_class[labels]
    rows = np.flatnonzero(new_labels >= 0)
    counts = np.bincount(labels, minlength=len(class_names))
    dropped = {class_names[old]: int(counts[old]) for old in np.flatnonzero(new_class < 0)}
    return Regrouped(new_labels[rows], rows, tuple(groups), dropped, labels[rows], new_class)


def _new_classes(
    groups: Mapping[str, Iterable[str | int]],
    class_names: tuple[str, ...],
    drop: Iterable[str | int],
) -> np.ndarray:
    """The new class of each original one, (original classes,) int64, -1 if dropped."""
    if not isinstance(groups, Mapping) or not groups:
        raise UserError(
            f"groups is {groups!r}: pass the classes of each group by its name, as in "
            "{'shoes': ['Sandal', 'Sneaker']}"
        )
    place: dict[int, str] = {}
    new_class = np.full(len(class_names), -1, dtype=np.int64)
    for number, (name, members) in enumerate(groups.items()):
        if not isinstance(name, str) or not name.strip():
            raise UserError(f"a group is called {name!r}: give each group a name in words")
        numbers = _class_numbers(members, class_names, f"group '{name}'")
        if not numbers:
            raise UserError(f"group '{name}' is empty: give it a class, or leave the group out")
        _claim(place, numbers, f"group '{name}'", class_names)
        new_class[numbers] = number
    _claim(place, _class_numbers(drop, class_names, "drop"), "drop", class_names)
    missing = [name for number, name in enumerate(class_names) if number not in place]
    if missing:
        raise UserError(
            f"in no group: {_listed(missing)}: put each class into one group, or name it in `drop`"
        )
    return new_class


def _class_numbers(
    members: Iterable[str | int], class_names: tuple[str, ...], where: str
) -> list[int]:
    """Numbers of classes that are given by name or by number; a single one may stand alone."""
    if isinstance(members, str | Integral):
        members = [members]
    if not isinstance(members, Iterable):
        raise UserError(f"{where} is {members!r}: pass a list of class names or numbers")
    return [_class_number(member, class_names, where) for member in members]


def _class_number(member: str | int, class_names: tuple[str, ...], where: str) -> int:
    if isinstance(member, str) and class_names.count(member) == 1:
        return class_names.index(member)
    if isinstance(member, str) and member in class_names:
        raise UserError(f"{where} names '{member}', which several classes are called: give numbers")
    if isinstance(member, Integral) and not isinstance(member, bool | np.bool_):
        if 0 <= member < len(class_names):
            return int(member)
        raise UserError(
            f"{where} holds class {member}: the classes are numbered 0 to {len(class_names) - 1}"
        )
    close = difflib.get_close_matches(str(member), class_names, n=1)
    advice = f"did you mean '{close[0]}'?" if close else f"use {_listed(class_names)}"
    raise UserError(f"{where} holds {member!r}, which is no class: {advice}")


def _claim(
    place: dict[int, str], numbers: Sequence[int], where: str, class_names: tuple[str, ...]
) -> None:
    """Note in `place` where each class went; none may go to two places."""
    for number in numbers:
        if number in place:
            before = place[number]
            places = f"{where} twice" if before == where else f"{before} and {where}"
            raise UserError(
                f"class '{class_names[number]}' ({number}) stands in {places}: name it once"
            )
        place[number] = where


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
