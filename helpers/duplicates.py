"""Pictures that two splits share: the same shot, perhaps mirrored, moved or brighter."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from helpers.errors import UserError

MAX_DISTANCE = 0.3
_THUMBNAIL = 8  # pixels a side: coarse enough to forgive a shift by one pixel
_SHIFT = 3  # pixels each way that two shots of one scene may be moved against each other
_ROWS_A, _ROWS_B = 1000, 10_000  # a block of similarities is 40 MB


class Pairs(NamedTuple):
    """The closest partner of some pictures, the closest pair first; four arrays (m,).

    Attributes:
        first: int64, positions in the first set, each at most once.
        second: int64, position of the partner in the second set.
        distance: float64, from 0 (the same lines and edges) over 1 (nothing in common) to 2.
        mirrored: bool, whether the partner's mirror image is what is close.
    """

    first: np.ndarray
    second: np.ndarray
    distance: np.ndarray
    mirrored: np.ndarray


def near_duplicates(
    a: np.ndarray, b: np.ndarray, *, max_distance: float | None = MAX_DISTANCE
) -> Pairs:
    """For each picture of one set its partner in another, where the two are close enough.

    Two steps. First all pairs, mirror images too, are compared as thumbnails of 8 x 8 pixels,
    without their mean and scaled to length 1, so that brightness and contrast do not count; the
    best partner by cosine stays. Blue skies are all alike in such thumbnails. So the second step
    looks at that pair's detail, the gray picture less its blurred self, moved up to 3 pixels each
    way. The distance is 1 minus the best correlation of the detail.

    On CIFAR-10 this finds about two thirds of the pairs in the hand-checked list of Barz and
    Denzler ("Do we train on test data?", 2020), who compare a network's features. Some pairs
    near the limit are only similar: look at them.

    Time grows with len(a) * len(b), 10,000 x 45,000 pictures take seconds; memory does not.

    Args:
        a: (n, h, w, 3) pictures, uint8 or finite floats.
        b: (m, h, w, 3) pictures of the same size.
        max_distance: pairs at most so far apart; None returns a partner for every picture.

    Raises:
        UserError: no pictures, not the same size, not finite, or smaller than 8 x 8.
    """
    a, b = _pictures("first", a), _pictures("second", b)
    if a.shape[1:] != b.shape[1:]:
        raise UserError(f"pictures of {a.shape[1:]} and {b.shape[1:]}: give both the same size")
    if max_distance is not None and not 0 <= max_distance <= 2:
        raise UserError(f"max_distance is {max_distance!r}: use a number from 0 to 2, or None")
    second, mirrored = _closest(_thumbnails(a), _thumbnails(b), _thumbnails(b, mirror=True))
    distance = np.empty(len(a))
    for top in range(0, len(a), _ROWS_A):
        rows = slice(top, top + _ROWS_A)
        partners = b[second[rows]]
        partners = np.where(mirrored[rows, None, None, None], partners[:, :, ::-1], partners)
        distance[rows] = 1 - _best_correlation(_detail(a[rows]), _detail(partners))
    first = np.argsort(distance, kind="stable")
    if max_distance is not None:
        first = first[distance[first] <= max_distance]
    return Pairs(first, second[first], distance[first], mirrored[first])


def _thumbnails(images: np.ndarray, mirror: bool = False) -> np.ndarray:
    """(n, 192) float32 thumbnails without their mean, of length 1; 0 where all is one color."""
    n, height, width, _ = images.shape
    rows = np.linspace(0, height, _THUMBNAIL + 1).astype(int)
    columns = np.linspace(0, width, _THUMBNAIL + 1).astype(int)
    sums = np.add.reduceat(images, rows[:-1], axis=1, dtype=np.float32)
    sums = np.add.reduceat(sums, columns[:-1], axis=2)
    small = sums / np.outer(np.diff(rows), np.diff(columns)).astype(np.float32)[:, :, None]
    if mirror:
        small = small[:, :, ::-1]
    return _directions(small.reshape(n, -1))


def _closest(a: np.ndarray, b: np.ndarray, b_mirrored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each direction of a the one of b, or of its mirror images, with the largest cosine."""
    second = np.zeros(len(a), dtype=np.int64)
    mirrored = np.zeros(len(a), dtype=bool)
    best = np.full(len(a), -np.inf, dtype=np.float32)
    for top in range(0, len(a), _ROWS_A):
        rows = slice(top, top + _ROWS_A)
        for left in range(0, len(b), _ROWS_B):
            for candidates, is_mirror in ((b, False), (b_mirrored, True)):
                cosine = a[rows] @ candidates[left : left + _ROWS_B].T
                place = cosine.argmax(axis=1)
                value = cosine[np.arange(len(place)), place]
                better = np.flatnonzero(value > best[rows])
                second[top + better] = left + place[better]
                mirrored[top + better] = is_mirror
                best[top + better] = value[better]
    return second, mirrored


def _detail(images: np.ndarray) -> np.ndarray:
    """(n, h, w) float32: edges and texture, without the large bright and dark areas."""
    gray = images.astype(np.float32).mean(axis=-1)
    # A little blur first: two copies saved anew differ in their finest noise.
    smooth, coarse = (ndimage.gaussian_filter(gray, (0, sigma, sigma)) for sigma in (0.5, 2))
    return smooth - coarse


def _best_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n,) correlation of pictures (n, h, w), the best of all shifts; 0 where one is flat."""
    n, height, width = a.shape
    border = min(_SHIFT, (min(height, width) - 2) // 2)
    inner_height, inner_width = height - 2 * border, width - 2 * border
    center = a[:, border : border + inner_height, border : border + inner_width]
    center = _directions(center.reshape(n, -1))
    best = np.full(n, -1.0)
    for down in range(2 * border + 1):
        for right in range(2 * border + 1):
            moved = b[:, down : down + inner_height, right : right + inner_width]
            moved = _directions(moved.reshape(n, -1))
            np.maximum(best, np.einsum("ij,ij->i", center, moved), out=best)
    return np.minimum(best, 1)


def _directions(rows: np.ndarray) -> np.ndarray:
    """Rows without their mean, of length 1; a row of one value becomes 0."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 1e-3)


def _pictures(which: str, images: np.ndarray) -> np.ndarray:
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] != 3 or not images.size:
        raise UserError(f"the {which} set has shape {images.shape}: pass pictures (n, h, w, 3)")
    if min(images.shape[1:3]) < _THUMBNAIL:
        raise UserError(
            f"the {which} set has pictures of {images.shape[1]} x {images.shape[2]} pixels: "
            f"pass {_THUMBNAIL} x {_THUMBNAIL} or larger ones"
        )
    if images.dtype.kind not in "uif" or not np.isfinite(images).all():
        raise UserError(f"the {which} set has values that are no finite numbers: repair them")
    return images
