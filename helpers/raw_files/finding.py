"""Find a folder with CIFAR-100's raw files, or make one."""

import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from helpers import budget, paths
from helpers.errors import UserError
from helpers.raw_files import writing
from helpers.sources import cifar, files, find, keras_cache, store
from helpers.sources.catalog import CATALOG, DataSet

_META_MD5 = "7973b15100ade9c7d40fb424638fde48"
_MAX_META = 2**16


def folder(
    profile: str | None = None,
    *,
    cache_dir: str | Path | None = None,
    offline: bool = False,
    spec: DataSet = CATALOG["cifar100"],
    meta_md5: str = _META_MD5,
) -> Path:
    """A folder with the files `train`, `test` and `meta`; `describe` says where they come from.

    In the quick profile these are the example of `make_example`. In the full profile they are the
    published files, taken from Keras' cache or from the archive in `$COURSE_DATA` or the kit's
    downloads, and verified. Where the kit has the data in another form only, they are written
    anew from it. If nothing has it, a warning says why, and the example is taken.

    Args:
        profile: "quick" or "full"; by default `$COURSE_PROFILE`, else "quick".
        cache_dir: folder of the cache; by default `$COURSE_CACHE`, else in the user's cache.
        offline: ask no mirror.
        spec: the data set; others than CIFAR-100 are for tests.
        meta_md5: of its published file `meta`.

    Raises:
        UserError: the profile is unknown, or no folder can be written.
    """
    example = paths.BUILD / "raw_files" / "example"
    if budget.current(profile).profile == "quick":
        return writing.make_example(example)
    root = paths.cache_dir() if cache_dir is None else Path(cache_dir).expanduser()
    target = root / spec.name / "raw"
    if writing.is_complete(target):
        return target
    if (published := _in_keras(spec, meta_md5)) or (
        published := _from_archives(spec, meta_md5, root, target)
    ):
        return published
    try:
        data = find.full(spec, root, offline=offline)
    except UserError as error:
        warnings.warn(f"{error}. Until then: the example is used.", stacklevel=2)
        return writing.make_example(example)
    # The download may have brought the archive just now.
    if published := _from_archives(spec, meta_md5, root, target):
        return published
    source = f"{data.source}; written anew as raw files, with made-up file names"
    return writing.write_arrays(target, spec, data, source)


def _in_keras(spec: DataSet, meta_md5: str) -> Path | None:
    """The folder that Keras has extracted, if its files are the published ones."""
    for name in spec.keras_folders:
        base = keras_cache.folder() / name
        meta = base / "meta"
        official = meta.is_file() and files.digest(meta, "md5") == meta_md5
        if official and cifar.is_official_folder(spec, base):
            return base
    return None


def _from_archives(spec: DataSet, meta_md5: str, root: Path, target: Path) -> Path | None:
    """Take the three files out of the first official archive there is."""
    for path in _archives(spec, root):
        if path.is_file() and files.is_official(path, spec.archives[0]):
            return _extract(spec, meta_md5, path, target)
    return None


def _archives(spec: DataSet, root: Path) -> Iterator[Path]:
    name = spec.archives[0].filename
    for known in spec.keras_archives:
        yield keras_cache.folder() / known
    for named in (os.environ.get("COURSE_DATA"), store.origin(root, spec)):
        if named:
            base = Path(named).expanduser()
            yield from (base, base / name)
    yield root / "downloads" / name


def _extract(spec: DataSet, meta_md5: str, archive: Path, target: Path) -> Path:
    """Copy the three files by their fixed names; nothing else of the archive is written."""
    hashes = {member.name: member.md5 for member in spec.members} | {"meta": meta_md5}
    limits = {name: _MAX_META if name == "meta" else files.MAX_UNPACKED for name in hashes}
    found = files.read_tar(
        archive, {f"{spec.folder}/{name}": limit for name, limit in limits.items()}
    )
    contents = {name: found.get(f"{spec.folder}/{name}", b"") for name in hashes}
    for name, data in contents.items():
        if files.digest_of(data, "md5") != hashes[name]:
            raise UserError(
                f"{archive}: {name} is missing or not the published one: get a fresh copy"
            )
    return writing.put(target, contents, f"the official archive {archive.name}")
