"""From any picture to the one array that a given model takes."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from helpers import pictures
from helpers.errors import UserError
from helpers.photos.reading import Refused
from helpers.pictures import arrays
from helpers.predict.taking import Takes


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture ready for a model.

    Attributes:
        picture: (h, w, 3) uint8, as it was given, upright.
        size: (width, height) in the file.
        seen: (height, width, 3 or 1) uint8, the same as `pixels`, to be shown.
        pixels: in the model's own shape and range, float32.
        notes: what had to be done to it, in sentences.
    """

    picture: np.ndarray
    size: tuple[int, int]
    seen: np.ndarray
    pixels: np.ndarray
    notes: tuple[str, ...]


def prepare(picture: object, wanted: Takes) -> Prepared:
    """Make of any picture what the model takes.

    An array of just the model's shape goes to the model as it is. Only where the model is known to
    take 0..255 and the values are 0..1, or the other way round, are they scaled.

    Args:
        picture: whatever `pictures.read` takes.
        wanted: as `takes` gives it.

    Raises:
        UserError: no picture, or one that this model cannot take.
    """
    is_array = isinstance(picture, list | tuple) or (
        hasattr(picture, "__array__") and not isinstance(picture, Image.Image)
    )
    return (_ready_array(picture, wanted) if is_array else None) or _fitted(picture, wanted)


def _ready_array(values: object, wanted: Takes) -> Prepared | None:
    """What the model takes already, or None if the array has another shape."""
    try:
        array = arrays.as_numbers(values)
        if array.shape == wanted.shape[2:] + wanted.shape[:2] != wanted.shape:
            raise Refused(
                "no_picture",
                f"has shape {array.shape} but the model takes {wanted.shape}: pass (height, "
                "width, channels) in this order, as np.moveaxis(image, 0, -1) gives it",
            )
        fits = array.ndim == len(wanted.shape) and all(
            side in (None, given) for side, given in zip(wanted.shape, array.shape, strict=True)
        )
        if not fits or 0 in array.shape:
            return None
        pixels, notes = _in_range(array, wanted.white)
    except Refused as refused:
        raise UserError(f"the picture {refused.reason}") from None
    shown = _to_show(array)
    color = np.repeat(shown, 3, axis=2) if shown.shape[2] == 1 else shown
    return Prepared(color, array.shape[1::-1], shown, pixels, notes)


def _in_range(array: np.ndarray, white: float | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """Pixels as float32 in the model's range, if that is known; else as they are."""
    pixels = array.astype(np.float32)
    if white is None:
        return pixels, ()
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 255:
        raise Refused(
            "no_picture",
            f"has values from {low:.4g} to {high:.4g} but the model takes 0 to {white:g}: pass "
            "it as it was before any normalization",
        )
    given = 1 if array.dtype.kind in "fb" and high <= 1 else 255
    if given == white or high == 0:
        return pixels, ()
    scaled = pixels * 255 if white == 255 else pixels / 255
    note = (
        f"the picture has values of 0 to {given}; the model takes 0 to {white:g}, so it is scaled"
    )
    return scaled.astype(np.float32), (note,)


def _to_show(array: np.ndarray) -> np.ndarray:
    """(h, w, 3) or (h, w, 1) uint8, only for the eye; values of any range are stretched."""
    array = array[..., None] if array.ndim == 2 else array
    if array.shape[2] not in (1, 3):
        array = array[..., :1]
    try:
        return arrays.to_uint8(array)[0]
    except Refused:
        low, high = float(array.min()), float(array.max())
        return np.rint((array - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)


def _fitted(picture: object, wanted: Takes) -> Prepared:
    opened = pictures.read(picture)
    height, width, *rest = wanted.shape
    channels = rest[0] if rest else 1
    if height is None or width is None:
        raise UserError(
            "the model takes pictures of any size, so it has to be told one: pass size=32, or "
            "what it was trained on"
        )
    if channels not in (1, 3, None):
        raise UserError(f"the model takes {channels} channels: pass an array {wanted.shape}")
    seen = pictures.fit(opened.picture, (height, width), wanted.how, channels=channels or 3)
    notes = [f"the picture {text}" for _, text in opened.notes]
    notes += _notes_on_fit(opened.size, (width, height), wanted)
    pixels = (seen if rest else seen[..., 0]).astype(np.float32)
    if wanted.white == 1:
        pixels /= 255
    return Prepared(np.asarray(opened.picture), opened.size, seen, pixels, tuple(notes))


def _notes_on_fit(given: tuple[int, int], to: tuple[int, int], wanted: Takes) -> list[str]:
    """What the user should know of the way from (width, height) to (width, height)."""
    notes = []
    scale = min(given[0] / to[0], given[1] / to[1])
    kept = scale**2 * to[0] * to[1] / (given[0] * given[1])
    if wanted.how == "crop" and kept < 0.995:
        notes.append(
            f"the part in the middle is used, {kept:.0%} of the picture".replace("%", " %")
        )
    if scale < 1 and given != to:
        notes.append(
            f"the picture has {given[0]} x {given[1]} pixels and is enlarged to {to[0]} x {to[1]}"
        )
    if wanted.white is None:
        notes.append(
            "the model does not divide by 255 itself; white is 255 for it, and if it was trained "
            "on 0 to 1, pass white=1"
        )
    return notes
