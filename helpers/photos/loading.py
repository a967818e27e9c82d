"""Photos of a checked folder as one array."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from helpers.errors import UserError
from helpers.photos import opening, reading
from helpers.photos.findings import Inspection
from helpers.photos.names import shown

_MAX_BYTES = 2 * 2**30
_FITS = ("crop", "pad")


class Photos(NamedTuple):
    """Photos of one size.

    Attributes:
        images: (n, size, size, 3) uint8, 0..255.
        labels: (n,) int64, index into class_names.
        class_names: names of the class folders, sorted.
        paths: (n,) the file of each photo.
        groups: (n,) int64, equal for exact and near duplicates.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple[str, ...]
    paths: tuple[Path, ...]
    groups: np.ndarray


def load(inspection: Inspection, size: int, *, fit: str = "crop", progress: bool = True) -> Photos:
    """Load the usable photos of an inspected folder, upright and as squares.

    Args:
        inspection: what `inspect` returned.
        size: pixels a side.
        fit: "crop" takes the largest square in the middle; "pad" takes the whole picture and
            adds white edges. Neither changes the ratio of the sides.
        progress: whether to show a progress bar.

    Raises:
        UserError: size or fit is none of these, the photos would take over 2 GB of memory, or a
            file has changed since the inspection and cannot be read now.
    """
    from tqdm.auto import tqdm

    if isinstance(size, bool) or not isinstance(size, int) or not 8 <= size <= 1024:
        raise UserError(f"size is {size!r}: use a whole number of pixels from 8 to 1024")
    if fit not in _FITS:
        raise UserError(f"fit is {fit!r}: use one of {', '.join(_FITS)}")
    shape = (len(inspection.usable), size, size, 3)
    if np.prod(shape, dtype=np.int64) > _MAX_BYTES:
        raise UserError(
            f"{shape[0]} photos of {size} x {size} pixels take over {_MAX_BYTES >> 30} GB of "
            "memory: use a smaller size or fewer photos"
        )
    images = np.empty(shape, dtype=np.uint8)
    paths = tuple(path for path, _ in inspection.usable)
    for row, path in enumerate(tqdm(paths, desc="loading photos", disable=not progress)):
        try:
            # Twice the size: decoding at a part of the size is coarser than the final resizing.
            opened = opening.decode(reading.read_bytes(path), path.suffix, at_least=2 * size)
        except reading.Refused as refused:
            raise UserError(
                f"{shown(path.name)} has changed since the inspection, it {refused.reason}; "
                "then inspect the folder again"
            ) from None
        images[row] = square(opened.picture, size, fit)
    return Photos(
        images, inspection.labels, inspection.class_names, paths, inspection.groups.copy()
    )


def square(picture: Image.Image, size: int, fit: str) -> np.ndarray:
    """A picture as (size, size, 3) uint8, smoothed while it is made smaller.

    Args:
        picture: in mode RGB, of any size.
        size: pixels a side.
        fit: "crop" or "pad", as for `load`.
    """
    width, height = picture.size
    if fit == "crop":
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        middle = picture.crop((left, top, left + side, top + side))
        return np.asarray(middle.resize((size, size), Image.Resampling.BICUBIC))
    scale = size / max(width, height)
    inner = (max(round(width * scale), 1), max(round(height * scale), 1))
    canvas = Image.new("RGB", (size, size), "white")
    small = picture.resize(inner, Image.Resampling.BICUBIC)
    canvas.paste(small, ((size - inner[0]) // 2, (size - inner[1]) // 2))
    return np.asarray(canvas)
