"""What a zip file of photos may hold; looked up in its directory before anything is written."""

import re
import stat
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from helpers.errors import UserError
from helpers.photos.names import same_on_other_computers, shown
from helpers.photos.signatures import is_system_file, promises_picture

MAX_ENTRIES = 5000
_MAX_DEPTH = 6
_MAX_NAME = 200  # letters of one part of a path
_END = struct.Struct("<4s4H2LH")  # end of the central directory
_ARCHIVES = {".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".jar"}
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Member:
    """A file to unpack: its entry, and where to put it below the target folder."""

    info: zipfile.ZipInfo
    path: PurePosixPath


def check_directory(file: Path) -> None:
    """Refuse a directory that would fill the memory; `zipfile` reads it as a whole.

    Raises:
        UserError: no zip file, or one with far too many entries.
    """
    with open(file, "rb") as stream:
        stream.seek(max(file.stat().st_size - 2**16 - _END.size, 0))
        tail = stream.read()
    # The two places where `zipfile` looks, in its order: without and with a comment at the end.
    start = len(tail) - _END.size
    if start < 0 or tail[start : start + 4] != b"PK\5\6" or tail[-2:] != b"\0\0":
        start = tail.rfind(b"PK\5\6")
    if start < 0 or len(tail) < start + _END.size:
        raise UserError(f"{shown(file.name)} is no zip file, or a part is missing: make it anew")
    *_, entries, size, _, _ = _END.unpack_from(tail, start)
    # The directory's size decides how much is read; entries have 46 bytes and a name.
    is_zip64 = tail[max(start - 20, 0) : start].startswith(b"PK\6\7")
    if is_zip64 or entries > MAX_ENTRIES or size > MAX_ENTRIES * 400:
        raise UserError(
            f"{shown(file.name)} has over {MAX_ENTRIES:,} entries or is larger than 4 GB: "
            "pack fewer pictures"
        )


def check_members(infos: Sequence[zipfile.ZipInfo], name: str) -> tuple[list[Member], list[str]]:
    """Files to unpack, and a sentence for each other file of the student.

    Args:
        infos: all entries.
        name: of the zip file, for errors.

    Raises:
        UserError: an entry that no program for photos writes; then nothing is to be unpacked.
    """
    if len(infos) > MAX_ENTRIES:
        raise UserError(f"{shown(name)} has over {MAX_ENTRIES:,} entries: pack fewer pictures")
    chosen, skipped = [], []
    for info in infos:
        path = _checked(info, name)
        if info.is_dir() or any(is_system_file(part) for part in path.parts):
            continue
        if promises_picture(path.name):
            chosen.append(Member(info, path))
        else:
            skipped.append(f"{shown(path)} is no picture that the course reads")
    chosen = _without_top(chosen)
    seen: set[str] = set()
    for member in chosen:
        key = same_on_other_computers(str(member.path))
        if key in seen:
            raise _refusal(name, member.path, "is in it twice")
        seen.add(key)
    for member in chosen:
        if any(same_on_other_computers(str(parent)) in seen for parent in member.path.parents):
            raise _refusal(name, member.path, "lies in a file")
    return chosen, skipped


def _checked(info: zipfile.ZipInfo, name: str) -> PurePosixPath:
    """The path of an entry, or a refusal."""
    # `zipfile` cuts a name at its first zero byte; the original shows it.
    text = info.orig_filename.replace("\\", "/")
    path = PurePosixPath(text)
    kind = stat.S_IFMT(info.external_attr >> 16)
    if text.startswith("/") or ":" in text or ".." in path.parts or not path.parts:
        raise _refusal(name, text, "points out of the folder")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refusal(name, text, "is a link or a device")
    if info.flag_bits & 0x1:
        raise _refusal(name, text, "is encrypted")
    if path.suffix.lower() in _ARCHIVES and not any(map(is_system_file, path.parts)):
        raise _refusal(name, text, "is an archive itself")
    if info.compress_type not in _METHODS:
        raise _refusal(name, text, "is packed in an unusual way")
    if len(path.parts) > _MAX_DEPTH or any(len(part) > _MAX_NAME for part in path.parts):
        raise _refusal(name, text, "has a very long name")
    if any(ord(letter) < 32 for letter in text.removesuffix("Icon\r")) or any(
        _WINDOWS_DEVICE.fullmatch(part) for part in path.parts
    ):
        raise _refusal(name, text, "has a name that computers do not allow")
    return path


def _without_top(members: list[Member]) -> list[Member]:
    """Drop the folder around the class folders, if there is one."""
    tops = {member.path.parts[0] for member in members}
    if len(tops) != 1 or max(len(member.path.parts) for member in members) < 3:
        return members
    if min(len(member.path.parts) for member in members) < 2:
        return members
    return [Member(member.info, PurePosixPath(*member.path.parts[1:])) for member in members]


def _refusal(name: str, path: object, what: str) -> UserError:
    return UserError(
        f"{shown(name)} is refused, '{shown(str(path))}' {what}: pack plain folders of pictures"
    )
