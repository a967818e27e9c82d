"""One picture: what the network sees, and what it takes it for."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np

from helpers.errors import UserError
from helpers.predict.answering import answer, checked_names
from helpers.predict.preparing import Prepared, prepare
from helpers.predict.taking import takes

Pairs = tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Look:
    """One picture and what a network takes it for; the same for notebook, command line and web.

    Attributes:
        picture: (h, w, 3) uint8, as it was given, upright.
        size: its (width, height) in the file.
        seen: (height, width, 3 or 1) uint8: what the network sees.
        pixels: the same in the model's own shape and range, float32; `pixels[None]` is a batch.
        probabilities: (classes,) float64.
        class_names: (classes,) names.
        top: (name, probability) of the k likeliest classes, likeliest first.
        superclasses: (classes,) name of each class's superclass; empty if there are none.
        top_superclasses: (name, probability) of all superclasses, likeliest first; a
            superclass's probability is the sum over its classes.
        notes: what had to be done to the picture, in sentences.
    """

    picture: np.ndarray
    size: tuple[int, int]
    seen: np.ndarray
    pixels: np.ndarray
    probabilities: np.ndarray
    class_names: tuple[str, ...]
    top: Pairs
    superclasses: tuple[str, ...]
    top_superclasses: Pairs
    notes: tuple[str, ...]


def look(
    model: keras.Model,
    picture: object,
    class_names: Sequence[str] | None = None,
    *,
    k: int = 5,
    how: str = "crop",
    mirror: bool = False,
    superclasses: Sequence[str] | None = None,
    size: int | None = None,
    white: float | None = None,
) -> Look:
    """Show a picture of any kind and size to a network.

    Args:
        model: takes (n, height, width, channels), gives (n, classes) probabilities.
        picture: a file, its bytes, a Pillow picture or an array: see `pictures.read`. An array
            of the model's own shape goes to the model as it is.
        class_names: one name an output; None numbers them.
        k: how many classes `top` holds; all where there are fewer.
        how: "crop" takes the middle of a picture of another shape, "pad" all of it with white
            edges, "garment" what Fashion-MNIST would show of it.
        mirror: whether to take the mean with the answer for the mirror image.
        superclasses: name of the superclass of each class.
        size: pixels a side, for a model that takes any size.
        white: value of white in the pictures that the model was trained on, 255 or 1, where the
            model does not show it by dividing itself.

    Raises:
        UserError: no picture, or picture, model and names do not fit each other.
    """
    wanted = takes(model, how=how, size=size, white=white)
    k = checked_k(k)
    prepared = prepare(picture, wanted)
    return look_at(model, prepared, class_names, k, mirror, superclasses)


def top_k(
    model: keras.Model,
    picture: object,
    class_names: Sequence[str] | None = None,
    k: int = 5,
    *,
    how: str = "crop",
    mirror: bool = False,
    size: int | None = None,
    white: float | None = None,
) -> list[tuple[str, float]]:
    """The k likeliest classes of one picture, likeliest first.

    Arguments and errors are those of `look`.

    Returns:
        (name, probability in 0..1) pairs.
    """
    options = {"how": how, "mirror": mirror, "size": size, "white": white}
    return list(look(model, picture, class_names, k=k, **options).top)


def look_at(
    model: keras.Model,
    prepared: Prepared,
    class_names: Sequence[str] | None,
    k: int,
    mirror: bool,
    superclasses: Sequence[str] | None,
) -> Look:
    """The second half of `look`: ask the model about a prepared picture."""
    p = answer(model, prepared.pixels, mirror=mirror)
    names = checked_names(class_names, p.shape)
    likeliest = np.argsort(-p, kind="stable")[:k]
    notes = prepared.notes
    if class_names is None:
        notes += ("nobody told the names of the classes; they are numbered",)
    groups = _checked_superclasses(superclasses, len(names))
    return Look(
        picture=prepared.picture,
        size=prepared.size,
        seen=prepared.seen,
        pixels=prepared.pixels,
        probabilities=p,
        class_names=tuple(names),
        top=tuple((names[label], float(p[label])) for label in likeliest),
        superclasses=groups,
        top_superclasses=_sums(p, groups),
        notes=notes,
    )


def checked_k(k: int) -> int:
    """k, if it is a whole number of 1 or more.

    Raises:
        UserError: it is not.
    """
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise UserError(f"k is {k!r}: use a whole number, 1 or more")
    return int(k)


def _checked_superclasses(superclasses: Sequence[str] | None, classes: int) -> tuple[str, ...]:
    if superclasses is None or len(superclasses) == 0:
        return ()
    if isinstance(superclasses, str) or len(superclasses) != classes:
        raise UserError(
            f"{len(superclasses)} superclasses for {classes} classes: pass the name of the "
            "superclass of each class"
        )
    return tuple(superclasses)


def _sums(p: np.ndarray, superclasses: tuple[str, ...]) -> Pairs:
    sums: dict[str, float] = {}
    for name, share in zip(superclasses, p, strict=False):
        sums[name] = sums.get(name, 0.0) + float(share)
    return tuple(sorted(sums.items(), key=lambda pair: -pair[1]))
