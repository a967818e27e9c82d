"""The synthetic photos as arrays, and as a folder of files such as a student would bring."""

from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.photos.synthetic.camera import through_jpeg
from helpers.photos.synthetic.scene import MAKERS, photo

CLASS_NAMES = tuple(sorted(MAKERS))

_SMALLEST, _LARGEST = 16, 4096  # pixels a side
_PREFIX = "synthetic"
# How a phone stores a photo held upright or upside down: the pixels turned by so many quarters
# against the clock, and the EXIF orientation that turns them back.
_HELD = {1: 0, 6: 1, 3: 2, 8: 3}
_ORIENTATION = 0x0112


def writing_implements(
    count: int = 102, size: int = 96, seed: int = 1001
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Synthetic photos of markers, pencils and pens, the classes in turn.

    Args:
        count: number of photos.
        size: side in pixels, 16 or more.
        seed: another seed gives other photos.

    Returns:
        images: (count, size, size, 3) uint8.
        labels: (count,) int64, indexes into class_names.
        class_names: ("markers", "pencils", "pens").

    Raises:
        UserError: a count below 1, or a size out of bounds.
    """
    _require(count, (size, size), seed)
    labels = _labels(count)
    images = np.empty((count, size, size, 3), np.uint8)
    for index, label in enumerate(labels):
        images[index] = through_jpeg(*photo(CLASS_NAMES[label], seed, index, size, size))
    return images, labels, CLASS_NAMES


def write_folder(
    folder: Path | str, count: int = 102, seed: int = 1001, size: tuple[int, int] = (640, 480)
) -> Path:
    """Write synthetic photos as JPEG files, one sub-folder a class, as from a phone.

    A quarter of them is taken upright, some are smaller, and some are stored turned with an EXIF
    orientation that says so. Photos of an earlier call are replaced; files of other names are
    left alone.

    Args:
        folder: is made where there is none.
        count: number of photos.
        seed: as in `writing_implements`.
        size: (width, height) of a photo in pixels, 16 or more each.

    Returns:
        The folder.

    Raises:
        UserError: a count below 1, a size out of bounds, or a folder that can't be written to.
    """
    from PIL import Image

    _require(count, size, seed)
    folder = Path(folder)
    try:
        for name in CLASS_NAMES:
            (folder / name).mkdir(parents=True, exist_ok=True)
            for old in (folder / name).glob(f"{_PREFIX}_*.jpg"):
                old.unlink()
        for index, label in enumerate(_labels(count)):
            name = CLASS_NAMES[label]
            width, height, orientation = _as_held(seed, index, *size)
            pixels, quality = photo(name, seed, index, width, height)
            stored = Image.fromarray(np.rot90(pixels, _HELD[orientation]))
            exif = Image.Exif()
            exif[_ORIENTATION] = orientation
            path = folder / name / f"{_PREFIX}_{name[:-1]}_{index:03d}.jpg"
            stored.save(path, "JPEG", quality=quality, exif=exif)
    except OSError as error:
        reason = error.strerror or error
        raise UserError(f"{folder} cannot be written to ({reason}): name another folder") from None
    return folder


def _as_held(seed: int, index: int, width: int, height: int) -> tuple[int, int, int]:
    """Width, height and EXIF orientation of one photo as it is to be seen."""
    rng = np.random.default_rng([seed, index, 1])  # apart from the scene's own chance
    smaller = rng.choice([1.0, 1.0, 0.75])
    width, height = (max(_SMALLEST, round(side * smaller)) for side in (width, height))
    if rng.random() < 0.25:
        return height, width, 6
    return width, height, int(rng.choice([1, 1, 1, 3, 8]))


def _labels(count: int) -> np.ndarray:
    return np.arange(count, dtype=np.int64) % len(CLASS_NAMES)


def _require(count: int, size: tuple[int, int], seed: int) -> None:
    if count != int(count) or count < 1:
        raise UserError(f"{count} photos: ask for 1 or more")
    if seed != int(seed) or seed < 0:
        raise UserError(f"seed {seed}: give a whole number from 0 on")
    if any(side != int(side) or not _SMALLEST <= side <= _LARGEST for side in size):
        raise UserError(
            f"photos of {' x '.join(map(str, size))} pixels: "
            f"give sides from {_SMALLEST} to {_LARGEST}"
        )
