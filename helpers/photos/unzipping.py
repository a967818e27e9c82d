"""Unpack a zip file of photos that a stranger may have made."""

import os
import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from helpers.errors import UserError
from helpers.photos import zip_rules
from helpers.photos.names import shown
from helpers.photos.reading import MAX_BYTES
from helpers.photos.signatures import ENDINGS, HEAD, format_of

MAX_TOTAL = 2**30
_MAX_RATIO, _RATIO_FROM = 100, 20 * 2**20  # photos hardly become smaller in a zip file
_CHUNK = 2**18


class Unzipped(NamedTuple):
    """What came out of a zip file.

    Attributes:
        folder: where the class folders lie now.
        pictures: number of files in it.
        skipped: one sentence for each file of the student that was left out.
    """

    folder: Path
    pictures: int
    skipped: tuple[str, ...]


def unzip(file: str | Path, folder: str | Path, *, max_total: int = MAX_TOTAL) -> Unzipped:
    """Unpack the pictures of a zip file into a new folder, all or nothing.

    Everything is checked before the first byte is written, and sizes again while writing. Only
    files land that end and begin like a picture. One folder around all the others is dropped.

    Args:
        file: the zip file.
        folder: must not exist yet, or be empty; the class folders will lie in it.
        max_total: bytes that may be written in all.

    Raises:
        UserError: no readable zip file, one that tries to write elsewhere or to fill the disk,
            one without pictures, or the folder is not empty. Nothing is left behind then.
    """
    file, folder = Path(file).expanduser(), Path(folder).expanduser()
    if not file.is_file():
        raise UserError(f"{shown(file)} is no file: name a zip file")
    if os.path.lexists(folder) and (
        folder.is_symlink() or not folder.is_dir() or any(folder.iterdir())
    ):
        raise UserError(f"{shown(folder)} exists and is not empty: name a new folder")
    try:
        zip_rules.check_directory(file)
        with zipfile.ZipFile(file) as archive:
            members, skipped = zip_rules.check_members(archive.infolist(), file.name)
            return _unpack(archive, members, skipped, folder, file, max_total)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UserError(f"{shown(file.name)} is damaged ({reason}): make it anew") from None
    except OSError as error:
        raise UserError(
            f"{shown(file.name)} cannot be unpacked ({error.strerror or error}): "
            "check names, permissions and free space"
        ) from None


def _unpack(
    archive: zipfile.ZipFile,
    members: list[zip_rules.Member],
    skipped: list[str],
    folder: Path,
    file: Path,
    max_total: int,
) -> Unzipped:
    """Write to a folder beside the target and give it its name at the end."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    limit = min(max_total, max(_MAX_RATIO * file.stat().st_size, _RATIO_FROM))
    written = pictures = 0
    work = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unzip-"))
    try:
        for member in members:
            with archive.open(member.info) as source:
                head = source.read(HEAD)
                if format_of(head) not in ENDINGS.values():
                    skipped.append(f"{shown(member.path)} does not begin like a picture")
                    continue
                target = work.joinpath(*member.path.parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                written += _copy(source, head, target, min(MAX_BYTES, limit - written), file)
                pictures += 1
        if not pictures:
            raise UserError(
                f"{shown(file.name)} has no pictures: put one folder for each class into it"
            )
        if folder.exists():
            folder.rmdir()  # empty; a rename onto a folder does not work everywhere
        os.rename(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    folder.chmod(0o755)  # a temporary folder is for its owner alone
    return Unzipped(folder, pictures, tuple(skipped))


def _copy(source, head: bytes, target: Path, limit: int, file: Path) -> int:
    """Write one member, counting what really comes out of it; bytes written."""
    count = 0
    with open(target, "xb") as sink:  # x: never over a file that is there
        data = head
        while data:
            count += len(data)
            if count > limit:
                raise UserError(
                    f"{shown(file.name)} unpacks to far more than photos do, at "
                    f"{shown(target.name)}: pack pictures of at most {MAX_BYTES // 10**6} MB "
                    "each, and fewer of them"
                )
            sink.write(data)
            data = source.read(_CHUNK)
    return count
