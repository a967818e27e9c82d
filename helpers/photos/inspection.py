"""Look at a folder of photos before anything is trained on it."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from helpers.errors import UserError
from helpers.photos import copies, counts, listing, opening, reading
from helpers.photos.findings import Finding, Inspection, by_importance
from helpers.photos.hashes import SIDE
from helpers.photos.names import shown

THUMBNAIL = 96  # pixels of the longer side
_MIN_SIDE = 32
_MAX_ASPECT = 4
_MOST_SINGLE = 3  # of one kind with one text; more are told in one sentence


@dataclass(frozen=True)
class Seen:
    """One usable picture, as small as the checks need it.

    Attributes:
        path: the file.
        class_name: of its folder.
        digest: sha256 of the file's bytes.
        square: (32, 32, 3) uint8, the picture squeezed into a square.
        thumbnail: (h, w, 3) uint8, at most 96 pixels a side.
    """

    path: Path
    class_name: str
    digest: str
    square: np.ndarray
    thumbnail: np.ndarray


def inspect(
    folder: str | Path,
    *,
    min_per_class: int = 10,
    max_ratio: float = 3,
    max_files: int = listing.MAX_FILES,
    progress: bool = True,
) -> Inspection:
    """Check a folder with one sub-folder for each class; nothing in it is changed.

    Links are never followed, and only files of the formats JPEG, PNG, WebP, BMP, GIF and TIFF
    are decoded. Whatever is wrong becomes a finding and stops nothing.

    Args:
        folder: the folder.
        min_per_class: a class with fewer usable pictures is told.
        max_ratio: told where the largest class has over so many times the smallest one's.
        max_files: at most so many files are opened.
        progress: whether to show a progress bar.

    Raises:
        UserError: there is no such folder, it may not be read, or it has no usable picture.
    """
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        what = "is a file, not a folder" if folder.is_file() else "does not exist"
        raise UserError(f"{shown(folder)} {what}: name the folder that holds a folder a class")
    for name, value in (("min_per_class", min_per_class), ("max_files", max_files)):
        if not isinstance(value, int) or value < 1:
            raise UserError(f"{name} is {value!r}: use a whole number from 1")
    found = listing.read(folder, max_files)
    seen, findings = _look_at_all(found.classes, progress)
    findings += found.findings
    seen, groups, more = copies.find(seen)
    findings += more
    if not seen:
        raise UserError(_nothing_usable(folder, findings))
    findings += counts.check(folder, found.classes, seen, min_per_class, max_ratio)
    return Inspection(
        folder=folder,
        findings=by_importance(findings),
        usable=tuple((item.path, item.class_name) for item in seen),
        class_names=tuple(sorted({item.class_name for item in seen})),
        groups=groups,
    )


def _look_at_all(
    classes: dict[str, list[Path]], progress: bool
) -> tuple[list[Seen], list[Finding]]:
    from tqdm.auto import tqdm

    seen, findings = [], []
    notes: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    with tqdm(
        total=sum(map(len, classes.values())), desc="looking at photos", disable=not progress
    ) as bar:
        for name in sorted(classes):
            for path in classes[name]:
                try:
                    item, texts = _look_at(path, name)
                except reading.Refused as refused:
                    findings.append(_refusal(path, refused))
                else:
                    seen.append(item)
                    for note in texts:
                        notes[note].append(item)
                bar.update()
    for (kind, text), items in notes.items():
        findings += _told(kind, text, items)
    return seen, findings


def _told(kind: str, text: str, items: list[Seen]) -> list[Finding]:
    """A finding for each photo, or a single one where the same is true of many."""
    if len(items) <= _MOST_SINGLE:
        return [
            Finding(kind, (item.path,), f"{_name(item.path)} {text}", thumbnails=(item.thumbnail,))
            for item in items
        ]
    message = f"{len(items)} photos, the first is {_name(items[0].path)}: each {text}"
    thumbnails = tuple(item.thumbnail for item in items[:2])
    return [Finding(kind, tuple(item.path for item in items), message, thumbnails=thumbnails)]


def _look_at(path: Path, class_name: str) -> tuple[Seen, list[tuple[str, str]]]:
    data = reading.read_bytes(path)
    opened = opening.decode(data, path.suffix, at_least=THUMBNAIL)
    width, height = opened.size
    if min(width, height) < _MIN_SIDE:
        raise reading.Refused(
            "too_small",
            f"has {width} x {height} pixels, under {_MIN_SIDE} a side: take it anew",
            opened.picture,
        )
    notes = list(opened.notes)
    if max(width, height) > _MAX_ASPECT * min(width, height):
        notes.append(
            ("aspect", f"has {width} x {height} pixels; a square shows a small part of it: cut it")
        )
    square = opened.picture.resize((SIDE, SIDE), Image.Resampling.BOX)
    pixels = _thumbnail(opened.picture)
    item = Seen(path, class_name, hashlib.sha256(data).hexdigest(), np.asarray(square), pixels)
    return item, list(dict(notes).items())


def _refusal(path: Path, refused: reading.Refused) -> Finding:
    thumbnails = () if refused.picture is None else (_thumbnail(refused.picture),)
    message = f"{_name(path)} {refused.reason}"
    return Finding(refused.kind, (path,), message, fatal=True, thumbnails=thumbnails)


def _thumbnail(picture: Image.Image) -> np.ndarray:
    """(h, w, 3) uint8, the longer side at most 96 pixels."""
    small = picture.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return np.asarray(small)


def _name(path: Path) -> str:
    return shown(f"{path.parent.name}/{path.name}")


def _nothing_usable(folder: Path, findings: list[Finding]) -> str:
    """Which files there are instead, and what to do."""
    kinds = defaultdict(int)
    for finding in findings:
        if finding.fatal and finding.paths:
            kinds[finding.title] += len(finding.paths)
    reasons = ", ".join(f"{title} ({count})" for title, count in kinds.items())
    return (
        f"{shown(folder)} has no usable picture{f': {reasons}' if reasons else ''}: "
        "put JPEG or PNG pictures into one folder for each class"
    )
