"""Put uploaded files into the folder of photos, and nothing anywhere else."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from helpers.errors import UserError
from helpers.photos import unzip
from helpers.photos.names import is_odd, shown
from helpers.photos.reading import MAX_BYTES
from helpers.photos.signatures import ENDINGS, HEAD, format_of, promises_picture

MAX_FILES = 1000
MAX_TOTAL = 300_000_000  # bytes at once


def receive(files: Mapping[str, bytes], folder: Path | str, class_name: str = "") -> str:
    """Unpack one zip file into the folder, or write pictures into a class's sub-folder.

    Args:
        files: contents by name, as a browser sends them: the names are not to be trusted.
        folder: of the photos.
        class_name: sub-folder for single pictures; a zip file has its own.

    Returns:
        A sentence on what was done.

    Raises:
        UserError: what is wrong with the files or the class's name. Nothing is written then.
    """
    folder = Path(folder).expanduser()
    if not files:
        raise UserError("no file came: choose a zip file or pictures")
    size = sum(map(len, files.values()))
    if len(files) > MAX_FILES or size > MAX_TOTAL:
        raise UserError(
            f"{len(files):,} files with {size / 1e6:,.0f} MB: upload at most {MAX_FILES:,} and "
            f"{MAX_TOTAL / 1e6:.0f} MB at once"
        )
    zipped = [name for name in files if name.lower().endswith(".zip")]
    if not zipped:
        return _write(files, folder, class_name)
    if len(files) > 1:
        raise UserError(f"{len(files)} files with a zip file among them: upload the zip file alone")
    return _unpack(zipped[0], files[zipped[0]], folder)


def _unpack(name: str, content: bytes, folder: Path) -> str:
    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / "upload.zip"  # never the name that came with it
        file.write_bytes(content)
        done = unzip(file, folder)
    left_out = f", {len(done.skipped)} other files left out" if done.skipped else ""
    return f"{_pictures(done.pictures)} from {shown(_last(name))} in {folder}{left_out}."


def _write(files: Mapping[str, bytes], folder: Path, class_name: str) -> str:
    target = folder / _checked_class(class_name)
    pictures = [(_checked_picture(name, content), content) for name, content in files.items()]
    try:
        target.mkdir(parents=True, exist_ok=True)
        if target.is_symlink():
            raise UserError(f"{shown(target)} is a link: name another class")
        for name, content in pictures:
            with open(_free(target / name), "xb") as sink:  # x: never over a file that is there
                sink.write(content)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"{target} cannot be written to ({reason}): name another folder or make room"
        ) from None
    return f"{_pictures(len(pictures))} of {target.name} in {target}."


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"


def _checked_class(name: str) -> str:
    name = name.strip()
    if not name:
        raise UserError("single pictures without a class: type its name first, as in pencils")
    if is_odd(name) or "/" in name or name.startswith("."):
        raise UserError(f"class name '{shown(name)}': use letters, digits, spaces and hyphens")
    return name


def _checked_picture(name: str, content: bytes) -> str:
    """The last part of the name, if it is that of a picture and the content begins like one."""
    last = _last(name)
    if is_odd(last) or last.startswith(".") or not promises_picture(last):
        kinds = ", ".join(sorted(ENDINGS))
        raise UserError(f"{shown(last)} is not the name of a picture: upload {kinds} or .zip")
    if format_of(bytes(content[:HEAD])) not in ENDINGS.values():
        raise UserError(f"{shown(last)} does not begin like a picture: save it as JPEG or PNG")
    if len(content) > MAX_BYTES:
        raise UserError(
            f"{shown(last)} has {len(content) / 1e6:,.0f} MB: upload at most "
            f"{MAX_BYTES / 1e6:.0f} MB a picture"
        )
    return last


def _last(name: str) -> str:
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _free(path: Path) -> Path:
    """The path, or one with a number where a picture of that name is there already."""
    number, free = 1, path
    while free.exists() or free.is_symlink():
        number += 1
        free = path.with_stem(f"{path.stem}_{number}")
    return free
