"""What a model was given: which images, from which split, in which range and order.

Arrays, `tf.data` pipelines and Keras' image generators are looked at from outside. Nothing is
iterated: that would draw random numbers, and the student's next run would not be the same.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from helpers import metrics

# Two images with closer points are one image: scaled, shifted in brightness, or resized a little.
_NEAR = 0.01
_LOOKED_AT = 256  # images of which the range is taken
_NAMES = {"train": "training", "val": "validation", "test": "test"}
_TEST_FOLDERS = {"test", "testing", "test_set"}
_LEARNED = 10_000  # images of a published split that are kept to recognize it
_ENOUGH = 10  # recognized images, to say which split they are from
_LEVELS = 32  # of brightness: drawn shapes are alike though nobody has copied them
_COPIES = 0.05  # `metrics.near_duplicates`: in Fashion-MNIST, 3 % of the images have such a partner


class Rows:
    """Images by their content, whatever they were divided by and in whatever order they lie.

    Attributes:
        points: (n, 16) float32, one point for each image.
    """

    def __init__(self, points: np.ndarray) -> None:
        self.points = points
        self.copied: dict[Rows, float] = {}  # what was found before, see `share_of_copies`

    @classmethod
    def of_images(cls, images: np.ndarray) -> "Rows | None":
        """From (n, h, w, c), (n, h, w) or flat (n, h * w [* 3]) images; None for other shapes.

        Each channel becomes a thumbnail without its mean and of length 1, so that no scaling of
        a channel makes a difference. A fixed projection keeps 16 of 64 directions.
        """
        if (images := _as_images(images)) is None:
            return None
        points = []
        for part in (images[k : k + 1000] for k in range(0, len(images), 1000)):  # large images
            channels = [metrics.thumbnails(part[..., [c]]) for c in range(part.shape[-1])]
            points.append(np.mean(channels, axis=0, dtype=np.float32) @ _projection())
        return cls(np.concatenate(points))

    @classmethod
    def of_files(cls, paths: list[str]) -> "Rows":
        """From the paths of files: equal paths, equal points."""
        digests = [hashlib.sha256(path.encode()).digest() for path in paths]
        return cls(np.array([np.frombuffer(d, "<u2") for d in digests], np.float32) / 65535)

    @cached_property
    def _tree(self) -> cKDTree:
        return cKDTree(self.points)

    def among(self, others: "Rows") -> np.ndarray:
        """(n,) row in `others` that is the same image, -1 where there is none."""
        distance, row = others._tree.query(self.points, distance_upper_bound=_NEAR)
        blank = np.abs(self.points).max(axis=1) == 0  # images of one color are all alike
        return np.where(np.isfinite(distance) & ~blank, row, -1)

    def share_in(self, others: "Rows") -> float:
        """Which fraction of the images is in `others` too, by a thousand of them."""
        some = Rows(self.points[:: -(-len(self) // 1000)])
        return float((some.among(others) >= 0).mean())

    def equal(self, others: "Rows") -> bool:
        """Whether the same images lie in the same order."""
        same = self.points.shape == others.points.shape
        return same and bool((np.abs(self.points - others.points) < _NEAR).all())

    def __len__(self) -> int:
        return len(self.points)


def _as_images(values: np.ndarray) -> np.ndarray | None:
    if values.dtype.kind not in "uif" or not len(values):
        return None
    if was_flat := values.ndim == 2:
        for channels in (1, 3):
            side = round((values.shape[1] / channels) ** 0.5)
            if side * side * channels == values.shape[1]:
                values = values.reshape(-1, side, side, channels)
                break
    if values.ndim == 3:
        values = values[..., None]
    large = values.ndim == 4 and min(values.shape[1:3]) >= (16 if was_flat else 8)
    return values if large else None


@lru_cache(1)
def _projection() -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(1001).normal(size=(64, 16)))[0].astype(np.float32)


# --- known splits -------------------------------------------------------------------------------


class Known:
    """Images of published data sets, with their splits and labels."""

    def __init__(self, splits: dict | None = None) -> None:
        self._splits = dict(splits or {})  # (data set, split): its images, its labels

    def copy(self) -> "Known":
        return Known(self._splits)

    def add(self, name: str, split: str, images: Any, labels: Any) -> None:
        """Learn the images of a split, or an even part of them."""
        step = -(-len(images) // _LEARNED)
        if (rows := Rows.of_images(np.asarray(images)[::step])) is not None:
            self._splits[name, split] = rows, np.asarray(labels).reshape(-1)[::step]

    def recognize(self, rows: Rows) -> tuple[str, np.ndarray, np.ndarray, np.ndarray] | None:
        """Data set, (m,) which rows are known, (m,) their splits, (m,) their published labels."""
        for name in dict.fromkeys(name for name, _ in self._splits):
            parts = []
            for (owner, split), (known, labels) in self._splits.items():
                if owner == name:
                    place = rows.among(known)
                    found = np.flatnonzero(place >= 0)
                    parts.append((found, np.full(len(found), split), labels[place[found]]))
            found, splits, labels = (np.concatenate(part) for part in zip(*parts, strict=True))
            if len(found) >= min(_ENOUGH, len(rows)):
                return name, found, splits, labels
        return None


@lru_cache(1)
def samples() -> Known:
    """The samples that come with the course: a part of each published split."""
    from helpers import sources
    from helpers.formats import catalog

    known = Known()
    for name in ("cifar10", "fashion_mnist"):
        spec, data = sources.sample(catalog()[name])
        border = len(data.train_labels) - data.val_count
        known.add(spec.title, "train", data.train_images[:border], data.train_labels[:border])
        known.add(spec.title, "val", data.train_images[border:], data.train_labels[border:])
        known.add(spec.title, "test", data.test_images, data.test_labels)
    return known


# --- what was given -----------------------------------------------------------------------------


@dataclass
class Given:
    """Images and labels that a model was given, as far as they can be seen from outside.

    Attributes:
        n: images; None if unknown, as most of what follows.
        rows: which images.
        labels: (n,) integers.
        low, high, mean: of the pixels as the model gets them.
        whole: these are whole numbers, as in an image file.
        shuffled: each pass over the data has another order.
        labeled: whether labels come with the images.
        random: images are changed at random (augmented).
        resplit: a shuffle that draws anew, behind which `take` or `skip` cut a part.
        batches: in one pass.
        known: data set, rows, splits and published labels of the images that are recognized.
        images: some of them, as long as a copy may be looked for.
        files: their paths, where they are read from files.
    """

    n: int | None = None
    rows: Rows | None = None
    labels: np.ndarray | None = None
    low: float | None = None
    high: float | None = None
    mean: float | None = None
    whole: bool = False
    shuffled: bool = False
    labeled: bool = False
    random: bool = False
    resplit: Any = None
    batches: int | None = None
    known: tuple | None = None
    images: np.ndarray | None = None
    files: list[str] | None = None

    def share(self, split: str) -> float:
        """Of the recognized images, the fraction from this split; 0 if none is recognized."""
        return float((self.known[2] == split).mean()) if self.known else 0.0

    @property
    def told(self) -> str:
        """As in "1,800 training images of CIFAR-10"."""
        number = "?" if self.n is None else f"{self.n:,}"
        if not self.known:
            return f"{number} images" if self.rows else number
        shares = {name: self.share(split) for split, name in _NAMES.items()}
        if shares["test"] < 0.02 and shares["training"] > 0.02:
            shares["validation"] = 0  # the published training part holds the course's validation
        names = [name for name, share in shares.items() if share > 0.02]
        mixed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
        return f"{number} {mixed} images of {self.known[0]}"


def given(x: Any, y: Any, known: Known) -> Given:
    """Look at what a call of Keras was given; what cannot be seen stays unknown."""
    if hasattr(x, "image_data_generator"):
        found = _generator(x)
    elif hasattr(x, "element_spec") and hasattr(x, "_inputs"):
        found = _pipeline(x)
    elif _is_array(x):
        found = _array(np.asarray(x), y)
    else:
        return Given()
    if found.files:
        found.rows = Rows.of_files(found.files)
        found.known = _test_folder(found.files)
    elif found.rows is not None:
        found.known = known.recognize(found.rows)
    return found


def _test_folder(paths: list[str]) -> tuple | None:
    """The files in a folder for the test, as known images of no published label."""
    names = [{part.lower() for part in Path(path).parts[-3:-1]} for path in paths]
    found = np.flatnonzero([bool(_TEST_FOLDERS & parts) for parts in names])
    whole = len(found) > 0.9 * len(paths)
    return ("a test folder", found, np.full(len(found), "test"), None) if whole else None


def _is_array(x: Any) -> bool:
    import keras

    return isinstance(x, np.ndarray | list) or keras.ops.is_tensor(x)


def _array(images: np.ndarray, y: Any) -> Given:
    labels = None if y is None else _class_numbers(np.asarray(y))
    n = len(images) if images.ndim else None
    found = Given(n, _rows(images), labels, labeled=y is not None, images=_some(images))
    _note_range(found, images)
    return found


def split_off(x: np.ndarray, split: float) -> tuple[np.ndarray, np.ndarray]:
    """What `validation_split` leaves and takes, of images or labels."""
    border = int(len(x) * (1 - split))
    return x[:border], x[border:]


def _some(images: np.ndarray) -> np.ndarray | None:
    """A part of the images that can be kept: 4,000 at most, and 32 MB."""
    if images.ndim == 2 or (images := _as_images(images)) is None:  # flat: may be anything
        return None
    most = min(4000, (32 << 20) // max(1, images[0].nbytes))
    return images[:: -(-len(images) // max(1, most))].copy()


def _note_range(found: Given, images: np.ndarray, factor: float = 1.0) -> None:
    if images.dtype.kind in "uif" and images.size:
        some = images[:: max(1, len(images) // _LOOKED_AT)]
        found.low, found.high = float(some.min()) * factor, float(some.max()) * factor
        found.mean, found.whole = float(some.mean()) * factor, images.dtype.kind in "ui"


_seen: dict[tuple, Rows | None] = {}


def _rows(images: np.ndarray) -> Rows | None:
    """`Rows.of_images`, once for each array: a loop may give the same one a hundred times."""
    if images.ndim < 2 or not len(images):
        return None
    some = np.ascontiguousarray(images[:: max(1, len(images) // 64)])
    key = images.shape, images.dtype.str, hashlib.sha1(some.tobytes()).digest()
    if key not in _seen:
        if len(_seen) > 40:
            _seen.pop(next(iter(_seen)))
        _seen[key] = Rows.of_images(images)
    return _seen[key]


def _class_numbers(y: np.ndarray) -> np.ndarray | None:
    """(n,) integers from integers (n,) or (n, 1), or from one-hot rows; None for other targets."""
    if y.ndim == 2 and y.shape[1] > 1:
        one_hot = ((y == 0) | (y == 1)).all() and (y.sum(axis=1) == 1).all()
        return y.argmax(axis=1) if one_hot else None
    y = y.reshape(-1) if y.ndim in (1, 2) else None
    if y is None or y.dtype.kind not in "uifb" or not len(y):
        return None
    if y.dtype.kind == "f" and not (np.abs(y) < 1e6).all():  # also infinite, or no number
        return None
    return None if y.dtype.kind == "f" and (y % 1).any() else y.astype(int)


# --- Keras' generators --------------------------------------------------------------------------

_RANDOM = ("rotation_range", "width_shift_range", "height_shift_range", "shear_range")
_RANDOM += ("horizontal_flip", "vertical_flip", "brightness_range", "channel_shift_range")
_CHANGE = ("preprocessing_function", "featurewise_center", "samplewise_center", "zca_whitening")


def _generator(x: Any) -> Given:
    """`ImageDataGenerator.flow` and its siblings."""
    maker = x.image_data_generator
    labels = getattr(x, "y", None) if hasattr(x, "y") else getattr(x, "classes", None)
    found = Given(x.n, labeled=labels is not None, shuffled=bool(x.shuffle))
    found.batches = len(x)
    zoomed = list(getattr(maker, "zoom_range", (1, 1))) != [1, 1]
    found.random = zoomed or any(getattr(maker, name, None) for name in _RANDOM)
    if labels is not None:
        found.labels = _class_numbers(np.asarray(labels))
    if isinstance(getattr(x, "x", None), np.ndarray):
        found.rows = _rows(x.x)
        if not any(getattr(maker, name, None) for name in _CHANGE):
            _note_range(found, x.x, maker.rescale or 1.0)
            found.whole &= not maker.rescale
    elif getattr(x, "filepaths", None):
        found.files = list(x.filepaths)
    return found


# --- tf.data ------------------------------------------------------------------------------------


def _pipeline(dataset: Any) -> Given:
    """A `tf.data` pipeline, read from its end to its source without an iterator."""
    found = Given(labeled=isinstance(dataset.element_spec, tuple | list))
    steps = list(_steps(dataset))
    kinds = [type(step).__name__.strip("_").removesuffix("Dataset") for step in steps]
    number = int(dataset.cardinality().numpy())
    found.batches = number if number > 0 else None
    source = _source(steps[-1]) if set(kinds) <= _KNOWN_STEPS else None
    cut = False  # a part was taken
    for kind, step in zip(kinds, steps, strict=True):
        if "Shuffle" in kind:
            draws = getattr(step, "_reshuffle_each_iteration", None) is not False
            found.shuffled |= draws
            found.resplit = step if draws and cut else found.resplit
            source = None if cut else source  # which part was taken, nobody can see
        elif "Cache" in kind:  # what lies before it is drawn once
            break
        elif kind in ("Take", "Skip"):
            cut = True
        elif "Map" in kind:
            found.random |= any("Random" in op for op in _operations(step))
    if source is None:
        return found
    images, labels = source
    keep = _taken(steps, len(images))
    if images.dtype.kind in "SU" or images.dtype == object:
        found.files = [_text(path) for path in images[keep]]
    else:
        found.rows = _rows(images[keep])
        found.images = _some(images[keep])
        if not any("Map" in kind for kind in kinds):
            _note_range(found, images[keep])
        elif (mapped := _mapped(steps, (images, labels), keep)) is not None:
            _note_range(found, mapped)
    found.labels = None if labels is None else _class_numbers(labels[keep])
    found.n = len(images[keep])
    return found


def _steps(dataset: Any) -> Iterator[Any]:
    """The pipeline from its end to its source, as far as it has one."""
    while True:
        yield dataset
        inputs = dataset._inputs()
        if len(inputs) != 1:
            return
        (dataset,) = inputs


def _source(step: Any) -> tuple[np.ndarray, np.ndarray | None] | None:
    """Images (or paths) and labels at a pipeline's beginning."""
    parts = [step] if hasattr(step, "_tensors") else list(getattr(step, "_datasets", None) or [])
    tensors = [tensor for part in parts for tensor in getattr(part, "_tensors", [])]
    if any(len(tensor.shape) == 0 for tensor in tensors):  # of a generator
        return None
    if not tensors or len(tensors) > 2:
        return None
    arrays = [tensor.numpy() for tensor in tensors]
    if len({len(array) for array in arrays}) > 1:
        return None
    return arrays[0], arrays[1] if len(arrays) == 2 else None


def _taken(steps: list, n: int) -> slice:
    """The rows that `take` and `skip` leave of n."""
    begin, end, batch = 0, n, 1
    for step in reversed(steps):
        kind = type(step).__name__
        if "Batch" in kind and getattr(step, "_batch_size", None) is not None:
            batch = int(step._batch_size)
        elif "Take" in kind and int(step._count) >= 0:
            end = min(end, begin + batch * int(step._count))
        elif "Skip" in kind and int(step._count) >= 0:
            begin = min(end, begin + batch * int(step._count))
    return slice(begin, end)


def _operations(step: Any) -> set[str]:
    """Kinds of TensorFlow's operations in a `map`, also in the functions within."""
    graph = step._map_func.function.graph.as_graph_def()
    nodes = [*graph.node, *(node for f in graph.library.function for node in f.node_def)]
    return {node.op for node in nodes}


# Whose order and choice of rows can be followed.
_KNOWN_STEPS = {"Batch", "ParallelBatch", "Map", "ParallelMap", "Shuffle", "Cache", "Prefetch"}
_KNOWN_STEPS |= {"Repeat", "Take", "Skip", "TensorSlice", "Zip", "Options"}
# Operations that compute and do nothing else: a map of these can be tried on a few images.
_PURE = {"Placeholder", "Const", "Identity", "NoOp", "Cast", "RealDiv", "Div", "Mul", "Sub", "Add"}
_PURE |= {"AddV2", "Maximum", "Minimum", "ExpandDims", "Reshape", "Squeeze", "StridedSlice", "Mean"}
_PURE |= {"Shape", "Pack", "Transpose", "ResizeBilinear", "ResizeNearestNeighbor", "OneHot", "Neg"}


def _mapped(steps: list, source: tuple, keep: slice) -> np.ndarray | None:
    """A few images behind the maps; None where a map does more than compute."""
    import tensorflow as tf

    if source[0].dtype.kind not in "uif":
        return None
    rows = np.arange(len(source[0]))[keep]
    rows = rows[:: max(1, len(rows) // 16)][:16]
    values = [tf.constant(part[rows]) for part in source if part is not None]
    batched = False
    for step in reversed(steps):
        kind = type(step).__name__
        batched |= "Batch" in kind and "Map" not in kind
        if "Map" not in kind:
            continue
        if not _operations(step) <= _PURE:
            return None
        function = step._map_func.function
        if batched:
            values = function(*values)
        else:
            results = [function(*(value[k] for value in values)) for k in range(len(rows))]
            values = [tf.stack(part) for part in zip(*results, strict=True)]
    return np.asarray(values[0])


def _text(path: Any) -> str:
    return path.decode("utf-8", "replace") if isinstance(path, bytes) else str(path)


# --- copies -------------------------------------------------------------------------------------


def share_of_copies(judged: Given, trained: Given) -> float:
    """Which fraction of the images that judge has a changed copy among those that trained.

    0 if it is not looked for: the images themselves are on both sides, or they are known to be from
    different published splits.
    """
    if judged.rows is None or trained.rows is None or len(judged.rows) < 20:
        return 0.0
    if judged.known and trained.known and not np.isin(judged.known[2], trained.known[2]).any():
        return 0.0
    images, others = judged.images, trained.images
    if images is None or others is None or images.shape[1:] != others.shape[1:]:
        return 0.0
    if np.median([len(np.unique(image)) for image in images[:50]]) < _LEVELS:
        return 0.0
    if judged.rows in trained.rows.copied:  # asked again after each epoch
        return trained.rows.copied[judged.rows]
    new = images[(judged.rows.among(trained.rows) < 0)[:: -(-len(judged.rows) // len(images))]]
    share = 0.0
    if len(new) >= 20:  # else the same images: whoever asks for the training accuracy does that
        step = max(1, min(new.shape[1:3]) // 32)  # large images at a lower resolution
        new, others = (part[:, ::step, ::step] for part in (new, others))
        found = metrics.near_duplicates(new[:: max(1, len(new) // 200)][:200], others)
        share = float((found["distance"] < _COPIES).mean())
    trained.rows.copied[judged.rows] = share
    return share
