"""Load a model, and what one has to know to use it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from helpers import labels
from helpers.model_files import archive, notes
from helpers.photos.names import shown

SHIPPED = ("small", "fast")
NAMES = {
    "cifar10": labels.CIFAR10,
    "cifar100": labels.CIFAR100_FINE,
    "fashion_mnist": labels.FASHION_MNIST,
}
_SIDE = 32  # pixels: what the shipped networks were trained on


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model, and what one has to know to use it.

    Attributes:
        model: uncompiled.
        class_names: one name an output; None where nobody has told them.
        superclasses: superclass of each class; empty if there are none.
        how: "crop", "pad" or "garment": how other pictures are to be fitted.
        size: pixels a side, for a model that takes any; else None.
        white: 255 or 1, the value of white in the pictures it was trained on; None: not known.
        facts: what was noted about the training.
        name: for people.
        notes: what is odd about the file, in sentences.
    """

    model: keras.Model
    class_names: tuple[str, ...] | None
    superclasses: tuple[str, ...]
    how: str
    size: int | None
    white: float | None
    facts: dict
    name: str
    notes: tuple[str, ...] = ()

    @property
    def options(self) -> dict:
        """Keywords for `predict.look` and `predict.folder`."""
        names = ("class_names", "superclasses", "how", "size", "white")
        return {name: getattr(self, name) for name in names}


def load(path: str | Path, class_names: Sequence[str] | None = None) -> Loaded:
    """Load a model file that nobody has checked yet, or one of the networks that ship.

    The file is looked through before Keras opens it, and Keras opens it in safe mode: program code
    in it is refused, never run.

    Args:
        path: a .keras file; or "small" or "fast", the networks that ship with the course.
        class_names: one name an output; by default those in NAME.json beside the file. Where
            there are none, `Loaded.class_names` is None: the number of outputs does not tell
            CIFAR-10 from Fashion-MNIST.

    Raises:
        UserError: no file, a damaged or foreign one, one with program code in it, or names that
            do not fit.
    """
    if str(path) in SHIPPED:
        return _shipped(str(path), class_names)
    path = Path(path).expanduser()
    model = archive.load(path)
    about, odd = notes.read(path)
    beside = shown(path.with_suffix(".json").name)
    if class_names is not None:
        if list(class_names) != about["class_names"]:
            about["superclasses"] = []  # of other classes
        about["class_names"], beside = list(class_names), "class_names"
    notes.check(about, notes.outputs(model), beside)
    if about["class_names"] is None:
        odd.append(f"there is no {beside} that names the classes; they are numbered")
    return _loaded(model, about, shown(path.stem), odd)


def _shipped(name: str, class_names: Sequence[str] | None) -> Loaded:
    from helpers import models

    model = {"small": models.load_small, "fast": models.load_fast}[name]()
    about = notes.blank() | {
        "class_names": list(class_names or labels.CIFAR10),
        "size": _SIDE,
        "white": 255,
        "facts": {"data": "cifar10"},
    }
    if tuple(about["class_names"]) == labels.CIFAR10:
        about["superclasses"] = [
            labels.CIFAR10_COARSE[group] for group in labels.CIFAR10_FINE_TO_COARSE
        ]
    notes.check(about, notes.outputs(model), "class_names")
    return _loaded(model, about, f"the {name} network that ships with the course", [])


def _loaded(model: keras.Model, about: dict, name: str, odd: list[str]) -> Loaded:
    names = about["class_names"]
    return Loaded(
        model=model,
        class_names=None if names is None else tuple(names),
        superclasses=tuple(about["superclasses"]),
        how=about["how"],
        size=about["size"],
        white=about["white"],
        facts=about["facts"],
        name=name,
        notes=tuple(odd),
    )
