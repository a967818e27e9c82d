"""A trained network as a file for others: saved, and loaded safely.

model_files.save(model, "cats.keras", ("cat", "dog"), data="my photos", validation_accuracy=0.93)
loaded = model_files.load("cats.keras")          # a stranger's file too: it cannot run anything
predict.top_k(loaded.model, "my_cat.jpg", **loaded.options)

`NAME.keras` is Keras' own file. `NAME.json` beside it holds what Keras does not know: the names of
the classes, how an image has to be prepared, and facts about the training.
"""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import keras
import numpy as np

from helpers import keras_file
from helpers.image_files import shown
from helpers.settings import CourseError

# Networks that ship with the course, and their records: the data set, then the architecture.
SHIPPED = {"small": "cifar10_small", "fast": "cifar10_fast", "cifar100": "cifar100_fast"}


@dataclass(frozen=True, eq=False)
class Loaded:
    """A model, and what one has to know to use it."""

    model: keras.Model  # uncompiled
    class_names: tuple[str, ...] | None = None  # one a class; None where nobody has told them
    superclasses: tuple[str, ...] | None = None  # the group of each class, where there are some
    size: int | None = None  # pixels a side, for a model that takes any
    facts: dict = field(default_factory=dict)  # what was noted about the training
    name: str = "the model"  # for people

    @property
    def options(self) -> dict:
        """Keywords for `predict.top_k` and `predict.folder`."""
        return {"class_names": self.class_names, "size": self.size}


def save(
    model: keras.Model,
    path: str | Path,
    class_names: Sequence[str],
    *,
    size: int | None = None,
    **facts: object,
) -> Path:
    """Write NAME.keras and, beside it, NAME.json. Keras 3.10 and newer open the file.

    Warns if the model holds something that no other program has: a function or layer of your own.

    Args:
        model: to (n, classes) probabilities, or (n, 1) for two classes.
        path: of the .keras file. Its folder is made.
        class_names: one name a class.
        size: as in `Loaded`.
        facts: further things to note, such as data="cifar10"; numbers, texts and lists.

    Returns:
        The .keras file's path.

    Raises:
        CourseError: names that do not fit, or no place to write.
    """
    path = Path(path).expanduser()
    path = path if path.suffix == ".keras" else Path(f"{path}.keras")
    about = {"class_names": class_names, "size": size, "facts": facts}
    _check(about, model, "class_names")
    text = json.dumps(about, indent=1, ensure_ascii=False, default=float)  # NumPy's numbers too
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(path)
        description = keras_file.make_portable(path)
        path.with_suffix(".json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise CourseError(f"{path} cannot be written ({error}): name another place") from None
    if reason := keras_file.reason_to_refuse(description):
        warnings.warn(f"{path.name} is saved, but others cannot open it: {reason}", stacklevel=2)
    return path


def load(path: str | Path, class_names: Sequence[str] | None = None) -> Loaded:
    """Load a model file that nobody has checked yet, or a network that ships with the course.

    Keras sees only what passed our own door: sizes are bounded, and every part of the model is one
    of Keras' own that runs no code and reads no files. Warns if nothing names the classes.

    Args:
        path: a .keras file; or a network that ships with the course: "small" or "fast", for
            CIFAR-10's ten classes, or "cifar100".
        class_names: one name a class; by default those in NAME.json beside the file.

    Raises:
        CourseError: no file, a damaged, foreign or hostile one, or names that do not fit.
    """
    path = Path(path).expanduser()
    if str(path) in SHIPPED:
        name = f"the {path} network that ships with the course"
        model, found = _shipped(str(path))
    else:
        name = shown(path.stem)
        model, found = keras_file.load(path), _read_notes(path.with_suffix(".json"))
    names = found.get("class_names") if class_names is None else class_names
    about = {"class_names": names, "size": found.get("size"), "facts": found.get("facts") or {}}
    _check(about, model, f"{name}.json" if class_names is None else "class_names")
    if names is None:
        text = f"there is no {name}.json that names the classes; they are numbered"
        warnings.warn(text, stacklevel=2)
    about["class_names"] = names and tuple(names)
    return Loaded(model, **about, superclasses=found.get("superclasses"), name=name)


def _shipped(name: str) -> tuple[keras.Model, dict]:
    """A network of the course, and what is known about it."""
    from helpers import formats, models

    data = formats.catalog()[SHIPPED[name].partition("_")[0]]
    record = json.loads((models.WEIGHTS / f"{SHIPPED[name]}.json").read_text("utf-8"))
    facts = ("validation_accuracy", "training_images", "date", "hardware")
    return getattr(models, f"load_{name}")(), {
        "class_names": data.class_names,
        "superclasses": tuple(np.take(data.coarse_names, data.fine_to_coarse).tolist()),
        "size": 32,
        "facts": {"data": data.name} | {key: record[key] for key in facts},
    }


def _read_notes(path: Path) -> dict:
    """What stands in NAME.json; nothing where there is none."""
    try:
        with path.open("rb") as file:
            notes = json.loads(file.read(2_000_000).decode("utf-8-sig"))
        return {key: notes.get(key) for key in ("class_names", "size", "facts")}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError):
        reason = "is no description of a model: delete it and name the classes"
        raise CourseError(f"{shown(path.name)} {reason}") from None


def _check(about: dict, model: keras.Model, name: str) -> None:
    """Refuse what is told about a model and does not fit it; `name` is where it stands."""
    shape, names, size = getattr(model, "output_shape", None), about["class_names"], about["size"]
    if not isinstance(shape, tuple) or len(shape) != 2 or not isinstance(shape[1], int):
        raise CourseError(f"the model's outputs have shape {shape}: it needs one, (n, classes)")
    classes = max(shape[1], 2)  # (n, 1) is that of the second of two
    if names is not None:
        good = isinstance(names, list | tuple) and all(isinstance(one, str) for one in names)
        if not good or not len(set(names)) == len(names) == classes or "" in map(str.strip, names):
            rule = f"a model of {classes} classes needs as many different names"
            raise CourseError(f"{name}: {rule}")
    if size is not None and (type(size) is not int or size < 1):
        raise CourseError(f"{name}: size must be a number of pixels")
    if not isinstance(about["facts"], dict):
        raise CourseError(f"{name}: facts must be a table")
