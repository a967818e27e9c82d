"""Photos that nobody has checked yet: inspect a folder, load it, find copies, unpack a zip file.

findings = photos.inspect("my_photos")                # a table: what was found, what to do
images, labels, class_names, files = photos.load("my_photos", size=96)
groups = photos.find_groups(images)                   # copies and near copies share a number
"""

import hashlib
import io
import re
import zipfile
import zlib
from collections import Counter, defaultdict
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter, ImageOps
from scipy import ndimage, sparse

from helpers import image_files
from helpers.image_files import BadImage, image_format, is_system_file, open_image, shown
from helpers.settings import CourseError

MAX_FILES, _MAX_DATA = 5000, 2 * 2**30  # files and bytes, of a folder or a zip file
_MIN_SIDE, _MIN_PER_CLASS = 32, 10
_MIN_CORRELATION = 0.85  # of the detail of two photos that count as copies


class _Finding(NamedTuple):
    file: str
    finding: str
    advice: str
    used: bool = True


def inspect(folder: str | Path) -> pd.DataFrame:
    """Look at a folder with one sub-folder for each class; nothing in it is changed.

    Returns:
        One row for each class with its number of usable photos, then one for each finding:
        `file` (relative to the folder), `finding`, `advice` (what to do), and `used`, False where
        `load` leaves the file out. Of what is true of many files the first one stands for all.

    Raises:
        CourseError: there is no such folder, or no usable photo in it.
    """
    squares, findings = _look(folder, 64)
    counts = Counter(file.parent.name for file in squares)
    rows = []
    for name, count in counts.items():
        advice = "take more" if count < _MIN_PER_CLASS else ""
        if max(counts.values()) > 3 * count:
            advice = "take more: another class has over three times as many"
        if len(counts) == 1:
            advice = "add a folder for a second class: there is nothing to tell apart"
        rows.append(_Finding(f"{shown(name)}/", f"{count} usable photos", advice))
    first_of = {}
    for group, file in zip(find_groups(np.stack(list(squares.values()))), squares, strict=True):
        first = first_of.setdefault(group, file)
        same_class = file.parent == first.parent
        advice = "keep one, or both" if same_class else "look at both: they are in two classes"
        if file != first:
            findings.append(_Finding(_name(file), f"looks like {_name(first)}", advice))
    alike = defaultdict(list)
    for file, *what in sorted(findings, key=lambda row: row.used):
        alike[tuple(what)].append(file)
    for what, files in alike.items():
        names = files if len(files) <= 3 else [f"{files[0]} and {len(files) - 1} more"]
        rows += [_Finding(name, *what) for name in names]
    return pd.DataFrame(rows)


def load(folder: str | Path, size: int) -> tuple[np.ndarray, np.ndarray, list[str], list[Path]]:
    """Load the usable photos of a folder, upright: the largest square in the middle of each.

    A file that lies in two classes is left out of both; `inspect` tells what else is.

    Args:
        folder: one sub-folder for each class.
        size: pixels a side.

    Returns:
        Images (n, size, size, 3) uint8, labels (n,) int64, the names of the classes, sorted, to
        which the labels are indices, and the n files.

    Raises:
        CourseError: no such folder, no usable photo, or too many.
    """
    squares, _ = _look(folder, size)
    classes, labels = np.unique([file.parent.name for file in squares], return_inverse=True)
    class_names = [shown(name, 200) for name in classes]
    return np.stack(list(squares.values())), labels, class_names, list(squares)


def _look(folder: str | Path, size: int) -> tuple[dict[Path, np.ndarray], list[_Finding]]:
    """The usable photos as squares, by their file; and what was found in single files."""
    folder = Path(folder).expanduser()
    if not folder.is_dir():
        raise CourseError(f"{shown(folder)} is no folder: name the one that holds the classes")
    files = sorted(folder.glob("*/*"))
    if len(files) > MAX_FILES:
        raise CourseError(f"{shown(folder)} has too many photos: use at most {MAX_FILES:,}")
    squares, findings, copies = {}, [], defaultdict(list)
    for file in sorted(folder.glob("*")):
        if not file.is_dir() and not is_system_file(file.name):
            row = (shown(file.name), "lies in no class folder", "move it into one", False)
            findings.append(_Finding(*row))
    for file in files:
        try:
            data, squares[file], notes = _look_at(file, size)
            copies[hashlib.sha256(data).digest()].append(file)
            findings += [_Finding(_name(file), *note, True) for note in notes]
        except BadImage as error:
            findings.append(_Finding(_name(file), error.finding, error.advice, False))
    for same in copies.values():  # nobody can know which label of a file in two classes is right
        classes = {file.parent.name for file in same}
        for file in same if len(classes) > 1 else []:
            others = shown(", ".join(sorted(classes - {file.parent.name})))
            finding = f"is the same file as one in {others}"
            findings.append(_Finding(_name(file), finding, "keep the right one", False))
            del squares[file]
    if not squares:
        empty = ("it", "is empty", "put photos into one folder for each class", False)
        file, finding, advice, _ = next((row for row in findings if not row.used), empty)
        raise CourseError(f"{shown(folder)} has no usable photo: {file} {finding}: {advice}")
    return squares, findings


def _look_at(file: Path, size: int) -> tuple[bytes, np.ndarray, list[tuple[str, str]]]:
    """One photo: its bytes, its square, and (finding, advice) of what was done to it."""
    if any(is_system_file(name) for name in file.parts[-2:]):
        raise BadImage("is a file of the system", "nothing; it is not read")
    if file.is_dir():
        parent = shown("/".join(file.parts[-3:-1]))
        raise BadImage("is a folder in a class", f"move its photos up, or inspect {parent} instead")
    # Twice the size: decoding at a part of the size is coarser than the final resizing.
    data, image, notes = image_files.decode(file, at_least=2 * size)
    kind = image_format(data)
    endings = image_files.FORMATS[kind][1]
    if file.suffix.lower() not in endings:
        if kind == "TIFF":  # a raw file begins like it, but holds a small preview
            raise BadImage("is a camera's raw file", "save it as JPEG")
        new = shown(file.name.split(".")[0] + endings[0])
        notes.append((f"is a {kind}", f"rename it to {new}; other programs go by the ending"))
    if min(image.size) < _MIN_SIDE:
        raise BadImage(f"has only {image.width} x {image.height} pixels", "take it anew")
    square = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC)
    return data, np.asarray(square), notes


def _name(file: Path) -> str:
    return shown(f"{file.parent.name}/{file.name}")


def find_groups(images: np.ndarray) -> np.ndarray:
    """Group photos that show almost the same, whichever of the eight ways they are turned.

    A camera writes "turn me" (EXIF) beside the pixels. A program that loses this note makes a
    copy that lies on its side or is mirrored, so each photo is compared with all eight
    orientations of the others: by the correlation of the detail of small gray images. Detail is a
    difference of two blurs: no large areas, which many photos share, and no finest noise, which
    changes when a copy is saved anew.

    Args:
        images: (n, size, size, 3) uint8.

    Returns:
        (n,) integers, equal for photos that are linked, directly or through others; as `groups`
        for scikit-learn's `StratifiedGroupKFold`.
    """
    small = [Image.fromarray(i).convert("L").resize((36, 36), Image.Resampling.BOX) for i in images]
    gray = np.stack([np.asarray(image, np.float32) for image in small])
    detail = ndimage.gaussian_filter(gray, (0, 1.5, 1.5))
    detail -= ndimage.gaussian_filter(gray, (0, 4, 4))
    detail -= detail.mean(axis=(1, 2), keepdims=True)
    length = np.linalg.norm(detail, axis=(1, 2), keepdims=True)
    detail /= np.maximum(length, 1)  # a photo of one color is like no other
    linked = np.zeros((len(images), len(images)), dtype=bool)
    for quarters in range(4):
        for step in (1, -1):
            other = np.rot90(detail, quarters, axes=(1, 2))[:, :, ::step]
            linked |= np.einsum("iyx,jyx->ij", detail, other, optimize=True) >= _MIN_CORRELATION
    return sparse.csgraph.connected_components(sparse.csr_array(linked), directed=False)[1]


# A name that every system takes as it is, and that leads nowhere else, as ".." does.
_GOOD_NAME = re.compile(r'[^<>:"|?*/\x00-\x1f]{1,200}(?<![. ])')


def unzip(data: bytes, folder: str | Path) -> pd.DataFrame:
    """Add the photos of a zip file, which a stranger may have made, to a folder.

    Only files land that begin like an image, under the target folder, and up to a limit. A file
    that is there already stays as it is. One folder around all the others is dropped.

    Args:
        data: the zip file's bytes.
        folder: will hold the class folders; made if it does not exist.

    Returns:
        One row for each file that was left out: `file` and `reason`.

    Raises:
        CourseError: no readable zip file, an empty one, or one that would fill the disk. Nothing
            is written then.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception:  # a hostile file may raise almost anything
        raise CourseError("this is no zip file, or a damaged one: make it anew") from None
    entries = [info for info in archive.infolist() if not info.is_dir()]
    # `zipfile` never gives more bytes of a file than are declared here.
    if len(entries) > MAX_FILES or sum(info.file_size for info in entries) > _MAX_DATA:
        raise CourseError(f"the zip file has over {MAX_FILES:,} files or 2 GB: pack fewer photos")
    wanted, skipped = [], []
    for info in entries:
        path = PurePosixPath(info.filename.replace("\\", "/"))
        if not 1 <= len(path.parts) <= 6 or not all(map(_GOOD_NAME.fullmatch, path.parts)):
            skipped.append((shown(path), "has a name that is not allowed"))
        elif not any(map(is_system_file, path.parts)):
            wanted.append((info, path))
    if not (wanted or skipped):
        raise CourseError("the zip file has no photos: pack one folder for each class")
    tops = {path.parts[0] for _, path in wanted}
    drop = len(tops) == 1 and all(len(path.parts) > 2 for _, path in wanted)
    for info, path in wanted:
        if reason := _extract(archive, info, Path(folder, *path.parts[drop:])):
            skipped.append((shown(path), reason))
    return pd.DataFrame(skipped, columns=["file", "reason"])


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> str:
    """Write one image; or the reason why not."""
    if info.file_size > image_files.MAX_BYTES:
        return f"has over {image_files.MAX_BYTES / 1e6:.0f} MB"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in an unusual way"  # reading a part of it may unpack all
    try:
        with archive.open(info) as stream:
            content = stream.read(32)
            if image_format(content) is None:
                return "is no image"
            content += stream.read(image_files.MAX_BYTES)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:  # x: never over a file that is there
            file.write(content)
    except FileExistsError:  # also "a.jpg", then "a.jpg/b.jpg"
        return "has the name of a file that is there already"
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        return "is encrypted, damaged, or cannot be written"
    return ""


def to_fashion(path: str | Path) -> np.ndarray:
    """A photo of one garment as (28, 28) uint8, light on black; see `fashion_steps`."""
    return fashion_steps(path)["centered"]


def fashion_steps(path: str | Path) -> dict[str, np.ndarray]:
    """From a photo to 28 x 28 pixels, light on black, the way Fashion-MNIST was made.

    Its authors (Xiao, Rasul, Vollgraf, 2017, https://arxiv.org/abs/1708.07747, section 2) trimmed
    the product photos, made the longest edge 28 pixels, sharpened, centered on 28 x 28, negated
    and took the gray value. Two things differ here: a photo on a dark background is not negated,
    and the size is changed by averaging, not by leaving pixels out.

    Args:
        path: an image of one garment on an even background.

    Returns:
        The image after each step, (h, w) or (h, w, 3) uint8: "photo", "object" (255 on it),
        "cropped", "light on black", and "centered", which is (28, 28).

    Raises:
        CourseError: no readable image, or nothing stands out from the background.
    """
    image = open_image(path)
    image.thumbnail((640, 640), Image.Resampling.BOX)  # more shows nothing that 28 pixels could
    photo = np.asarray(image)
    mask, is_light = _object(photo)
    if mask.mean() < 0.002:
        advice = "take a photo of one garment on an even background of another color"
        raise CourseError(f"nothing stands out from the background: {advice}")
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    gray = photo[box] @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
    values = np.clip(255 - gray if is_light else gray, 16, 255)  # no part of it vanishes
    light = np.where(mask[box], np.rint(values), 0).astype(np.uint8)
    small = ImageOps.pad(Image.fromarray(light), (28, 28), Image.Resampling.BICUBIC, color=0)
    sharp = np.asarray(small.filter(ImageFilter.UnsharpMask(radius=1, percent=60, threshold=0)))
    centered = np.rint(sharp * (255 / max(sharp.max(), 1))).astype(np.uint8)
    steps = {"photo": photo, "object": np.where(mask, 255, 0).astype(np.uint8)}
    return steps | {"cropped": photo[box], "light on black": light, "centered": centered}


def _object(photo: np.ndarray) -> tuple[np.ndarray, bool]:
    """(h, w) bool, True on what differs from the background; and whether that is light.

    The background is a color that changes linearly over the photo, fitted to the pixels at the
    border that are near the border's median color: an object may touch the border.
    """
    height, width = photo.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    border = np.ones((height, width), dtype=bool)
    edge = max(1, min(height, width) // 50)
    border[edge:-edge, edge:-edge] = False
    colors, there = photo[border].astype(float), terms[border]
    fit = np.stack([np.median(colors, axis=0), np.zeros(3), np.zeros(3)])
    for _ in range(5):  # the part that fits grows along a shaded background
        alike = np.abs(colors - there @ fit).max(axis=1) <= 24
        fit = np.linalg.lstsq(there[alike], colors[alike], rcond=None)[0]
    strays = np.abs(colors[alike] - there[alike] @ fit).max(axis=1)
    # The data set's own tolerance when it trims edges, or more on a rough background.
    tolerance = max(0.05 * 255, 1.5 * float(np.quantile(strays, 0.95)))
    mask = np.abs(photo - terms @ fit).max(axis=2) > tolerance
    if min(mask.shape) >= 100:  # in smaller photos a line may be one pixel wide
        mask = ndimage.binary_opening(mask, np.ones((2, 2), dtype=bool))
    parts, _ = ndimage.label(mask, np.ones((3, 3), dtype=bool))
    sizes = np.bincount(parts.reshape(-1))
    sizes[0] = 0
    large = (sizes >= 0.02 * sizes.max()) & (sizes > 0)  # smaller parts are dust
    return large[parts], bool((terms @ fit).mean() >= 127.5)
