"""Hashes of files, and safe reading of compressed files and tar archives."""

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from helpers.errors import UserError
from helpers.sources.catalog import Archive

# The largest official archive unpacks to 180 MB; anything far beyond is made to fill the memory.
MAX_UNPACKED = 400 * 2**20
MAX_MEMBERS = 1000


def digest(path: Path, algorithm: str) -> str:
    """Hexadecimal digest of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: _hasher(algorithm)).hexdigest()


def digest_of(data: bytes, algorithm: str) -> str:
    """Hexadecimal digest of bytes in memory."""
    hasher = _hasher(algorithm)
    hasher.update(data)
    return hasher.hexdigest()


def _hasher(algorithm: str):
    # md5 only tells one published file from another here, so it may run where FIPS forbids it.
    return hashlib.new(algorithm, usedforsecurity=algorithm != "md5")


def is_official(path: Path, archive: Archive) -> bool:
    """Whether a file is the published one, by sha256 where that is known and by md5 otherwise."""
    if archive.size is not None and path.stat().st_size != archive.size:
        return False
    if archive.sha256:
        return digest(path, "sha256") == archive.sha256
    if archive.md5:
        return digest(path, "md5") == archive.md5
    return False


def read_gzip(path: Path, limit: int) -> bytes:
    """Unpack a `.gz` file into memory.

    Raises:
        UserError: it is damaged or holds more than `limit` bytes.
    """
    try:
        with gzip.open(path) as file:
            data = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path} cannot be unpacked ({error}): get a fresh copy") from None
    if len(data) > limit:
        raise UserError(
            f"{path} unpacks to more than the {limit} bytes it should hold: get a fresh copy"
        )
    return data


def read_tar(path: Path, wanted: Mapping[str, int]) -> dict[str, bytes]:
    """Read named members of a `.tar.gz` or `.tar` archive into memory; nothing is unpacked.

    Args:
        path: the archive.
        wanted: name of each member to read, and the most bytes it may have.

    Returns:
        Bytes of those wanted members that are there.

    Raises:
        UserError: the archive is damaged, unpacks to far too much, or a wanted member is no
            plain file, too large, or there twice.
    """
    found: dict[str, bytes] = {}
    try:
        with _open_tar(path) as archive:
            for count, member in enumerate(archive):
                if count >= MAX_MEMBERS:
                    raise UserError(f"{path} has over {MAX_MEMBERS} members: get a fresh copy")
                name = member.name.removeprefix("./")
                if name not in wanted:
                    continue
                if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.issparse():
                    raise UserError(f"{path}: member {name} is no plain file: get a fresh copy")
                if member.size > wanted[name] or name in found:
                    reason = "is there twice" if name in found else "is far too large"
                    raise UserError(f"{path}: member {name} {reason}: get a fresh copy")
                found[name] = archive.extractfile(member).read()
                if len(found) == len(wanted):
                    break
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        raise UserError(f"{path} is damaged ({_first_line(error)}): get a fresh copy") from None
    return found


def tar_names(path: Path, limit: int = 5) -> list[str]:
    """Names of an archive's first members, or an empty list if it is no archive."""
    try:
        with _open_tar(path) as archive:
            return [member.name for member, _ in zip(archive, range(limit), strict=False)]
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError, UserError):
        return []


def _open_tar(path: Path) -> tarfile.TarFile:
    with open(path, "rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    stream = gzip.open(path) if packed else open(path, "rb")  # noqa: SIM115 (closed with the tar)
    return tarfile.open(fileobj=_Bounded(stream, path), mode="r|", bufsize=2**20)


class _Bounded(io.RawIOBase):
    """A stream that refuses to give more than `MAX_UNPACKED` bytes."""

    def __init__(self, stream, path: Path):
        self._stream = stream
        self._path = path
        self._left = MAX_UNPACKED

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        self._left -= len(data)
        if self._left < 0:
            raise UserError(
                f"{self._path} unpacks to over {MAX_UNPACKED >> 20} MB: it is not the official "
                "archive; get a fresh copy"
            )
        return data


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]
