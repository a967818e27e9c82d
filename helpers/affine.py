"""Small turns, shifts and changes of size for many pictures at once, in NumPy."""

from dataclasses import dataclass

import numpy as np

from helpers.errors import UserError

_CHUNK = 2048  # pictures: four temporary arrays of this many stay small


@dataclass(frozen=True)
class SmallAffine:
    """Turn, zoom, shift and mirror each picture a little, by its own draw; an augmentation.

    What comes in at an edge is black, as the background of Fashion-MNIST is.

    Attributes:
        degrees: largest turn each way.
        zoom: largest change of size, 0.1 for 0.9 to 1.1 times.
        max_shift: pixels each way, not only whole ones.
        flip: mirror half of the pictures left to right.
    """

    degrees: float = 8.0
    zoom: float = 0.1
    max_shift: float = 1.5
    flip: bool = True

    def __post_init__(self) -> None:
        if not (0 <= self.degrees <= 180 and 0 <= self.max_shift < np.inf):
            raise UserError(
                f"degrees is {self.degrees} and max_shift {self.max_shift}: choose 0 to 180 "
                "degrees and 0 or more pixels"
            )
        if not 0 <= self.zoom < 1:
            raise UserError(f"zoom is {self.zoom}: choose 0 to below 1, such as 0.1")

    def __call__(
        self, images: np.ndarray, labels: np.ndarray, rng: np.random.Generator
    ) -> tuple[np.ndarray, np.ndarray]:
        """A batch (n, height, width, channels) and its labels, which stay as they are."""
        return transform(images, self._matrices(len(images), rng)), labels

    def _matrices(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """(n, 2, 3) float32, as `transform` takes them."""
        angle = np.deg2rad(rng.uniform(-self.degrees, self.degrees, n))
        scale = 1 / rng.uniform(1 - self.zoom, 1 + self.zoom, n)
        mirror = np.where(rng.random(n) < 0.5, -1.0, 1.0) if self.flip else np.ones(n)
        shift = rng.uniform(-self.max_shift, self.max_shift, (2, n))
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        rows = [np.stack([cos, -sin * mirror, shift[0]]), np.stack([sin, cos * mirror, shift[1]])]
        return np.stack(rows).transpose(2, 0, 1).astype(np.float32)


def transform(images: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    """Each picture through its own affine map, with bilinear interpolation; black comes in.

    Args:
        images: (n, height, width, channels), uint8 or float.
        matrices: (n, 2, 3): source (row, column) = matrix @ (row, column, 1) of the target, both
            measured from the middle of the picture in pixels.

    Returns:
        (n, height, width, channels), dtype as given.

    Raises:
        UserError: no batch of pictures, or matrices that do not fit it.
    """
    images, matrices = np.asarray(images), np.asarray(matrices, dtype=np.float32)
    if images.ndim != 4 or not (images.dtype == np.uint8 or images.dtype.kind == "f"):
        raise UserError(
            f"an array of shape {images.shape} and dtype {images.dtype} is no batch of pictures: "
            "pass (n, height, width, channels), uint8 or float"
        )
    if matrices.shape != (len(images), 2, 3) or not np.isfinite(matrices).all():
        raise UserError(
            f"matrices of shape {matrices.shape} for {len(images)} pictures: pass one 2 x 3 "
            "matrix of finite numbers for each"
        )
    changed = np.empty_like(images)
    for start in range(0, len(images), _CHUNK):
        part = slice(start, start + _CHUNK)
        changed[part] = _transform(images[part], matrices[part])
    return changed


def _transform(images: np.ndarray, matrices: np.ndarray) -> np.ndarray:
    n, height, width, channels = images.shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2], dtype=np.float32)
    row, column = np.mgrid[:height, :width].reshape(2, -1).astype(np.float32) - middle[:, None]
    place = matrices @ np.stack([row, column, np.ones_like(row)])  # (n, 2, pixels)
    # A black frame of one pixel; whatever lies further out is read from it.
    frame = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    size = np.array([height, width], dtype=np.float32)
    place = np.clip(place + middle[:, None] + 1, 0, size[:, None] + 1)
    corner = np.minimum(place.astype(np.int32), size[:, None].astype(np.int32))
    down, right = ((place - corner)[:, axis, :, None] for axis in (0, 1))
    first = (np.arange(n, dtype=np.int32) * (height + 2) * (width + 2))[:, None]
    upper_left = first + corner[:, 0] * (width + 2) + corner[:, 1]
    pixels = frame.reshape(-1, channels)
    above = pixels[upper_left] * (1 - right) + pixels[upper_left + 1] * right
    below = upper_left + width + 2
    under = pixels[below] * (1 - right) + pixels[below + 1] * right
    mixed = (above * (1 - down) + under * down).reshape(images.shape)
    return np.rint(mixed).astype(np.uint8) if images.dtype == np.uint8 else mixed
