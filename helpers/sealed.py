"""The sealed test split: arrays that notice when they are used to train or to choose.

A test split tells how good a model is on new images only as long as no decision rests on it. The
arrays here are ordinary NumPy arrays in every other way. Each access looks at who is calling; if
a `fit` of Keras, scikit-learn or keras-tuner is among the callers, a warning says what happened.
Nothing of Keras is changed. A copy through `np.array(x)` or a tensor is out of sight.
"""

import sys
import warnings
import zlib
from types import FrameType

import numpy as np

_LIBRARIES = ("keras", "sklearn", "keras_tuner")
_TRAINING = frozenset({"fit", "train_on_batch", "fit_transform", "partial_fit", "search"})
_SCORING = frozenset({"evaluate", "predict", "test_on_batch", "predict_on_batch"})
_WATCHED = _TRAINING | _SCORING


class SealedTestWarning(UserWarning):
    """The test split is used for something that the training or validation split is for."""


class Seal:
    """What is known about the uses of one data set's test split, shared by all its arrays.

    Attributes:
        name: the data set's.
        said: kinds of warnings given already; each is given once.
        scored: fingerprints of the models that saw the test images.
    """

    def __init__(self, name: str):
        self.name = name
        self.said: set[str] = set()
        self.scored: set[int] = set()
        self._busy = False
        self._last: tuple[int, int] | None = None

    def look(self) -> None:
        """Warn if the callers use the array to train or to choose."""
        if self._busy or len(self.said) == 3:
            return
        found = _find_caller(sys._getframe(2))
        if found is None:
            return
        self._busy = True  # what is done below may touch the arrays again
        try:
            self._judge(*found)
        finally:
            self._busy = False

    def _judge(self, frame: FrameType, training: bool) -> None:
        if training:
            if _trains_on(frame, self):
                self._say(
                    "train",
                    frame,
                    f"The test split of {self.name} is being trained on: train on data.train, "
                    "or the test result will say nothing about new images.",
                )
            else:
                self._say(
                    "validation",
                    frame,
                    f"The test split of {self.name} is used during training: give data.val as "
                    "validation_data, and use the test split once, after all choices are made.",
                )
            return
        model = frame.f_locals.get("self")
        call = (id(frame), id(model))
        if call == self._last or "choose" in self.said:  # one look a call is enough
            return
        self._last = call
        self.scored.add(_fingerprint(model))
        if len(self.scored) > 1:
            self._say(
                "choose",
                frame,
                f"The test split of {self.name} has now scored two different models: compare "
                "models on data.val, and use the test split once, for the one you chose.",
            )

    def _say(self, kind: str, frame: FrameType, text: str) -> None:
        if kind in self.said:
            return
        self.said.add(kind)
        warnings.warn(text, SealedTestWarning, stacklevel=_level_of_user(frame))


class SealedArray(np.ndarray):
    """An array of the test split; slices, casts and scaled copies of it stay sealed."""

    _seal: Seal | None = None

    def __array_finalize__(self, parent: object) -> None:
        seal = getattr(parent, "_seal", None)
        if seal is not None:
            self._seal = seal
            seal.look()

    def __array_wrap__(self, values, context=None, return_scalar=False):
        # Sums, means and the like are plain numbers, as with any array.
        if np.ndim(values) == 0:
            return np.asarray(values)[()]
        if values is self:  # the result of an operation in place
            return values
        sealed = np.asarray(values).view(SealedArray)
        sealed._seal = self._seal
        return sealed

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the axes. Every user of an array asks for it, so this is where to look."""
        if self._seal is not None:
            self._seal.look()
        return np.ndarray.shape.__get__(self)

    @shape.setter
    def shape(self, value: tuple[int, ...]) -> None:
        np.ndarray.shape.__set__(self, value)

    @property
    def dtype(self) -> np.dtype:
        """Type of the values; scikit-learn asks for this before it makes its own copy."""
        if self._seal is not None:
            self._seal.look()
        return np.ndarray.dtype.__get__(self)

    @dtype.setter
    def dtype(self, value: np.dtype) -> None:
        np.ndarray.dtype.__set__(self, value)

    def __reduce__(self):
        return np.asarray(self).__reduce__()


def seal(arrays: tuple[np.ndarray, ...], name: str) -> tuple[SealedArray, ...]:
    """Views of arrays that share one seal.

    Args:
        arrays: any arrays, such as images (n, h, w, c) and labels (n,).
        name: the data set's, for the warnings.

    Returns:
        Sealed views of the same memory.
    """
    common = Seal(name)
    views = tuple(np.asarray(values).view(SealedArray) for values in arrays)
    for view in views:
        view._seal = common
    return views


def _find_caller(frame: FrameType | None) -> tuple[FrameType, bool] | None:
    """The outermost training call among the callers, else the outermost scoring call."""
    training = scoring = None
    while frame is not None:
        if frame.f_code.co_name in _WATCHED:
            if _is_library(frame) and "self" in frame.f_locals:
                if frame.f_code.co_name in _TRAINING:
                    training = frame
                else:
                    scoring = frame
        elif training is not None and _is_metric(frame):
            training = None  # scikit-learn's metrics fit label encoders for themselves
        frame = frame.f_back
    if training is not None:
        return training, True
    return None if scoring is None else (scoring, False)


def _is_metric(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__", "").startswith("sklearn.metrics")


def _trains_on(frame: FrameType, common: Seal) -> bool:
    """Whether the training call got the sealed arrays as its x or y."""
    given = [frame.f_locals.get(name) for name in ("x", "y", "X")]
    return any(getattr(values, "_seal", None) is common for values in given)


def _fingerprint(model: object) -> int:
    """The same for models with the same weights, as for one that was saved and loaded."""
    weights = getattr(model, "get_weights", None)
    if weights is None:
        return id(model)
    value = 0
    for array in weights():
        value = zlib.crc32(np.ascontiguousarray(array), value)
    return value


def _level_of_user(frame: FrameType | None) -> int:
    """`stacklevel` for a warning given in `Seal._say`, so that it points at the user's line."""
    outside = frame
    while outside is not None and _is_library(outside):
        outside = outside.f_back
    level, here = 1, sys._getframe(1)
    while here is not None and here is not outside:
        here, level = here.f_back, level + 1
    return level


def _is_library(frame: FrameType) -> bool:
    return frame.f_globals.get("__name__", "").partition(".")[0] in _LIBRARIES
