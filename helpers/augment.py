"""Augmentation of whole batches in NumPy: cheap on a CPU, and the same after a resume.

The chance comes from a generator that is handed in. For `training.fit`:

    def change(images, labels, rng):
        return augment.shift_and_flip(images, 2, rng), labels
"""

import numpy as np

from helpers.settings import CourseError


def shift_and_flip(images: np.ndarray, max_shift: int, rng: np.random.Generator) -> np.ndarray:
    """Copies shifted by up to `max_shift` pixels each way and mirrored with probability 1/2.

    What comes in at an edge is the image reflected there.

    Args:
        images: (n, height, width, channels), any dtype.
        max_shift: pixels, 0 or more.
        rng: source of the chance.

    Returns:
        (n, height, width, channels), dtype as given.

    Raises:
        CourseError: no batch of images.
    """
    if images.ndim != 4:
        text = "is no batch (n, height, width, channels): for one image pass `image[None]`"
        raise CourseError(f"an array of shape {images.shape} {text}")
    n, height, width, _ = images.shape
    edge = (max_shift, max_shift)
    padded = np.pad(images, ((0, 0), edge, edge, (0, 0)), mode="reflect")
    top, left = (rng.integers(0, 2 * max_shift + 1, n) for _ in range(2))
    mirrored = rng.random(n) < 0.5
    changed = np.empty_like(images)
    # Images that move alike are copied together: slices are much faster than single pixels.
    for row, column, turn in sorted(set(zip(top, left, mirrored, strict=True))):
        alike = np.flatnonzero((top == row) & (left == column) & (mirrored == turn))
        window = padded[alike, row : row + height, column : column + width]
        changed[alike] = window[:, :, ::-1] if turn else window
    return changed
