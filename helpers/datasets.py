"""Load a data set as training, validation and test split.

data = datasets.load("cifar10")
x_train, y_train = data.train
"""

import contextlib
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from filelock import FileLock

from helpers import sources
from helpers.formats import Arrays, DataSet, catalog
from helpers.settings import SEED, CourseError, cache_dir
from helpers.settings import profile as current_profile


class Split(NamedTuple):
    """Images (n, h, w, c) uint8 in 0..255 and labels (n,) int64, to unpack as `x, y`."""

    images: np.ndarray
    labels: np.ndarray


class Dataset:
    """One data set in three splits. The arrays are read-only: copy what you want to change.

    Attributes:
        name: as given to `load`.
        class_names: name of each label.
        coarse_names: names of the superclasses; empty if there are none.
        fine_to_coarse: (number of classes,) int64 map onto superclasses, or None.
        source: one sentence: where the data came from.
        train, val: `Split`s.
        test: the same, guarded: it warns when a `fit` uses it.
        train_index, val_index: (n,) int64, each row's position in the published training set.
    """

    def __init__(self, name: str, spec: DataSet, data: Arrays):
        self.name = name
        self.title = spec.title
        self.class_names = spec.class_names
        self.coarse_names = spec.coarse_names
        self.fine_to_coarse = np.array(spec.fine_to_coarse) if spec.fine_to_coarse else None
        self.source = data.source
        for array in (*data[:4], data.train_index):
            array.flags.writeable = False
        border = len(data.train_labels) - data.val_count
        self.train = Split(data.train_images[:border], data.train_labels[:border])
        self.val = Split(data.train_images[border:], data.train_labels[border:])
        self.train_index, self.val_index = data.train_index[:border], data.train_index[border:]
        self.test = guarded(Split(data.test_images, data.test_labels), name)

    def __repr__(self) -> str:
        height, width, channels = self.train.images.shape[1:]
        train, val, test = (len(split.labels) for split in (self.train, self.val, self.test))
        more = ", …" if len(self.class_names) > 10 else ""
        return (
            f"{self.title}: {train:,} training, {val:,} validation and {test:,} test images of "
            f"{height} x {width} pixels, {'color' if channels == 3 else 'gray'}\n"
            f"{len(self.class_names)} classes: {', '.join(self.class_names[:10])}{more}\n"
            f"source: {self.source}"
        )


def load(name: str, *, path: str | Path | None = None, profile: str | None = None) -> Dataset:
    """Load a data set; a tenth of the training images, stratified, is held back for validation.

    In the quick profile this is the embedded sample; CIFAR-10's stands in for CIFAR-100. In the
    full profile the course's cache, Keras' cache and the mirrors are asked in turn; if none has it,
    a warning says why, and the sample is taken.

    Args:
        name: "cifar10", "cifar100" or "fashion_mnist".
        path: a file or folder to read instead, in both profiles; see `sources.read`.
        profile: "quick" or "full"; by default `$COURSE_PROFILE`, else "quick".

    Raises:
        CourseError: unknown name, or a named path that cannot be used.
    """
    spec = _spec(name)
    if path is not None:
        return Dataset(name, spec, split(sources.read(spec, path)))
    if (profile or current_profile()) == "full":
        try:
            return fetch(name)
        except CourseError as error:
            warnings.warn(f"{error}. Until then: the embedded sample.", stacklevel=2)
    return Dataset(name, *sources.sample(spec))


def split(data: Arrays) -> Arrays:
    """The same data with training rows first and validation rows last: a tenth, stratified.

    The rows depend on the labels in their published order and on nothing else.
    """
    from sklearn.model_selection import train_test_split  # a slow import, seldom needed

    labels = data.train_labels
    options = {"test_size": 0.1, "random_state": SEED, "stratify": labels}
    train, val = train_test_split(np.arange(len(labels)), **options)
    rows = np.concatenate([train, val])
    names = "train_images", "train_labels", "train_index"
    ordered = {name: getattr(data, name)[rows] for name in names}
    return data._replace(**ordered, val_count=len(val))


def fetch(name: str) -> Dataset:
    """The whole data set from Keras' cache or a mirror; from then on from the course's cache.

    A CourseError if no mirror has it: it names each with its reason, and what to do.
    """
    spec = _spec(name)
    data = cached(spec)
    if data is None:
        data = split(sources.read_published(spec))
        try:
            keep(spec, data)
        except CourseError as error:  # a full disk, for example
            warnings.warn(str(error), stacklevel=2)
    return Dataset(name, spec, data)


def import_(name: str, path: str | Path) -> Dataset:
    """Read a data set from a file or folder, and keep it in the cache; a CourseError if not."""
    spec = _spec(name)
    data = split(sources.read(spec, path))
    keep(spec, data)
    return Dataset(name, spec, data)


def status():
    """A DataFrame, one row a data set: images, classes, place (a file, Keras' cache, not here)."""
    import pandas as pd

    rows = {}
    for name, spec in catalog().items():
        kept = all(sources.keras_path(spec, file).is_file() for file in spec.files)
        place = _file(spec) if _file(spec).is_file() else "Keras' cache" if kept else "not here"
        rows[name] = (spec.train_count + spec.test_count, len(spec.class_names), str(place))
    return pd.DataFrame.from_dict(rows, "index", columns=["images", "classes", "place"])


def _spec(name: str) -> DataSet:
    if name not in catalog():
        raise CourseError(f"there is no data set '{name}': use one of {', '.join(catalog())}")
    return catalog()[name]


# The cache: what was read once, as one file a data set.
def _file(spec: DataSet) -> Path:
    return cache_dir() / f"{spec.name}.npz"


def keep(spec: DataSet, data: Arrays) -> None:
    """Write arrays, in the order of the split, to the cache; a CourseError if that can't be."""
    path = _file(spec)
    draft = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            with open(draft, "wb") as file:
                np.savez(file, **data._asdict())
            os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        reason = f"{path} cannot be written ({error.strerror})"
        raise CourseError(f"{reason}: make space, or name another COURSE_CACHE") from None


def cached(spec: DataSet) -> Arrays | None:
    """The arrays in the cache; None if there are none, with a warning if they are damaged."""
    if not _file(spec).is_file():
        return None
    try:
        with np.load(_file(spec), allow_pickle=False) as file:  # a zip: it has checksums
            found = Arrays(**file)
    except Exception:  # a damaged zip may raise almost anything
        warnings.warn(f"{_file(spec)} is damaged, and made anew", stacklevel=3)
        return None
    return found._replace(source=str(found.source), val_count=int(found.val_count))


# The guard of the test split.
_FITS = {"fit", "fit_transform", "partial_fit", "search"}


class TestSplitWarning(UserWarning):
    """The test split is used by a `fit`, for which the training and validation splits are."""


def _watched(name: str) -> property:
    attribute = getattr(np.ndarray, name)

    def get(array):
        _warn_if_fitted(array)
        return attribute.__get__(array)

    return property(get, attribute.__set__)


class GuardedArray(np.ndarray):
    """An array of the test split that warns when a `fit` uses it; in all else an ordinary array.

    Keras, scikit-learn and keras-tuner ask an array for its shape or type before they use it: then
    it looks for a method of theirs that trains among the callers. Slices, casts and scaled copies
    stay guarded; a copy through `np.array(x)` or a tensor does not.
    """

    name = ""  # of the data set; empty: not guarded

    def __array_finalize__(self, parent: object) -> None:
        self.name = getattr(parent, "name", "")
        self.warned = getattr(parent, "warned", [])  # one list for all arrays of a split

    def __array_wrap__(self, values, context=None, return_scalar=False):
        # Sums, means and the like are plain numbers, as with any array.
        return values[()] if return_scalar else super().__array_wrap__(values, context)

    shape = _watched("shape")
    dtype = _watched("dtype")


def guarded(test: Split, name: str) -> Split:
    """The same arrays, guarded; `name` is the data set's, for the warning."""
    images, labels = (part.view(GuardedArray) for part in test)
    images.name = labels.name = name
    labels.warned = images.warned
    return Split(images, labels)


def _warn_if_fitted(array: GuardedArray) -> None:
    """Warn at the user's line if a `fit` of a library is among the callers, once a call."""
    if not array.name:
        return
    fit, user_level = None, 0
    for level, (frame, _) in enumerate(traceback.walk_stack(sys._getframe(2)), start=3):
        module = frame.f_globals.get("__name__", "")
        if module.startswith("sklearn.metrics"):
            return  # metrics fit label encoders for themselves
        if module == "helpers.method":
            continue  # a record of method, between the user's line and Keras
        if module.partition(".")[0] not in ("keras", "sklearn", "keras_tuner"):
            user_level = user_level or (level if fit else 0)
        elif frame.f_code.co_name in _FITS:
            fit, user_level = frame, 0
    if fit and id(fit) not in array.warned:
        array.warned[:] = [id(fit)]
        problem = f"The test split of {array.name} is used by `{fit.f_code.co_name}`"
        advice = "train on data.train, choose on data.val, and use data.test once, at the end."
        warnings.warn(f"{problem}: {advice}", TestSplitWarning, stacklevel=user_level)
