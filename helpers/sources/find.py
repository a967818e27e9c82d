"""Ask every source of a data set in turn: cache, Keras' cache, the user's path, mirrors."""

import contextlib
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from helpers.errors import UserError
from helpers.sources import arrays, cifar, files, idx, keras_cache, mirrors, named, store
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet


def full(
    spec: DataSet,
    root: Path,
    *,
    mirror_list: Sequence[str] | None = None,
    offline: bool = False,
    progress: bool = True,
) -> Arrays:
    """The whole data set, from the nearest source that has it; later from the kit's cache.

    Args:
        spec: the data set.
        root: folder of the kit's cache.
        mirror_list: addresses to ask instead of the catalog's, see `mirrors.addresses`.
        offline: ask no mirror.
        progress: show bars.

    Raises:
        UserError: no source has it; names each with its reason, and what to do.
    """
    cached = _cached(root, spec)
    if cached is not None:
        return cached
    with _building(root, spec):
        cached = _cached(root, spec)  # somebody else may have built it meanwhile
        if cached is not None:
            return cached
        found, origin = _search(spec, root, mirror_list, offline, progress)
        return keep(spec, root, found, origin=origin)


def keep(spec: DataSet, root: Path, found: Arrays, *, origin: str | None = None) -> Arrays:
    """Put arrays into the cache and return them mapped from there, or as they are if it fails."""
    try:
        store.save(root, spec, found, origin=origin)
        cached = store.load(root, spec)
    except (OSError, store.StoreDamaged) as error:
        warnings.warn(
            f"{spec.title} cannot be kept in {root} ({error}): it will be read anew each time; "
            "name a folder with space in COURSE_CACHE",
            stacklevel=2,
        )
        cached = None
    return arrays.in_default_order(found) if cached is None else cached


def _cached(root: Path, spec: DataSet) -> Arrays | None:
    try:
        return store.load(root, spec)
    except store.StoreDamaged:
        return None  # it is built anew below


@contextlib.contextmanager
def _building(root: Path, spec: DataSet) -> Iterator[None]:
    """Hold the cache's lock where there can be one; a cache that cannot be written has none."""
    try:
        lock = store.lock(root, spec)
    except (OSError, NotImplementedError):
        yield
        return
    with lock:
        yield


def _search(
    spec: DataSet,
    root: Path,
    mirror_list: Sequence[str] | None,
    offline: bool,
    progress: bool,
) -> tuple[Arrays, str | None]:
    """The first source that delivers, and the path to note as its origin."""
    origin = store.origin(root, spec)
    user_path = os.environ.get("COURSE_DATA")

    def from_origin():
        return named.read(spec, origin) if origin and Path(origin).exists() else None

    def from_user():
        return _from_user(spec, user_path) if user_path else None

    def from_mirrors():
        return _from_mirrors(spec, root, mirror_list, offline, progress)

    reasons = []
    for read, noted in (
        (from_origin, origin),
        (lambda: keras_cache.read(spec), None),
        (from_user, user_path),
        (from_mirrors, None),
    ):
        try:
            found = read()
        except UserError as error:
            reasons.append(str(error))
            continue
        if found is not None:
            for reason in reasons:
                warnings.warn(f"{reason} (another source was used)", stacklevel=2)
            return found, noted
    if offline:
        reasons.append("no mirror was asked (offline)")
    raise UserError(
        f"{spec.title} was found neither in the cache nor elsewhere: " + "; ".join(reasons)
    )


def _from_user(spec: DataSet, path: str) -> Arrays | None:
    """What COURSE_DATA names; a folder of other data sets is no mistake."""
    folder = Path(path).expanduser()
    if folder.is_dir() and not named.holds(spec, folder):
        return None
    return named.read(spec, folder)


def _from_mirrors(
    spec: DataSet, root: Path, mirror_list: Sequence[str] | None, offline: bool, progress: bool
) -> Arrays | None:
    downloads = root / "downloads"
    paths = []
    for archive in spec.archives:
        target = downloads / archive.filename
        if not (target.is_file() and files.is_official(target, archive)):
            if offline:
                return None
            mirrors.fetch(spec, archive, target, mirror_list, progress=progress)
        paths.append(target)
    if spec.members:
        return cifar.read_archive(spec, paths[0], f"the official archive {paths[0].name}")
    return idx.read(spec, paths, "the official IDX files")[0]
