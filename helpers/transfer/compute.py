"""Run a trunk over pictures once, and keep what it gives on disk."""

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from helpers import locks
from helpers.errors import UserError
from helpers.transfer import key, store
from helpers.transfer.batches import Batches
from helpers.transfer.views import check

_DTYPES = ("float16", "float32")


def activations(
    trunk: keras.Model,
    images: np.ndarray,
    *,
    views: tuple[str | Callable, ...] = ("plain",),
    cache_dir: Path | str | None = None,
    batch_size: int = 128,
    dtype: str = "float16",
    seed: int = 1001,
    progress: bool = True,
) -> np.memmap:
    """The trunk's activations for pictures, computed once and then read from disk.

    They are found again only if nothing has changed that they depend on: the trunk's layers and
    weights, every byte of the pictures and their order, views, dtype, seed. A run that was killed
    goes on with the batch it was at. The trunk works in inference mode: dropout is off and batch
    normalization uses its moving statistics.

    To train on all views: `x = a.reshape(-1, *a.shape[2:])` and `y = np.tile(labels, len(views))`.

    Args:
        trunk: model, (n, height, width, channels) to (n, ...), such as `split` gives.
        images: (n, height, width, channels) as the trunk takes them; may be memory-mapped.
        views: each "plain", "mirror" or an augmentation, `view(images, labels, rng)` as in
            `helpers.augment`, which is drawn once for each picture.
        cache_dir: folder for the files; by default "activations" in the course's cache.
        batch_size: pictures at a time; only these are in memory.
        dtype: "float16", or "float32" with twice the space; float16 holds numbers up to 65,504.
        seed: of the augmentations.
        progress: say what is written where, and show a bar with the time left.

    Returns:
        (views, n, ...) array, read-only, memory-mapped.

    Raises:
        UserError: pictures and trunk do not fit, a value is NaN or too large for `dtype`, the
            disk has no room, or another process is computing the same.
    """
    images = _checked_pictures(images)
    check(views)
    _check_numbers(batch_size, dtype)
    slot = _slot(trunk, images, views, batch_size, dtype, seed, store.root(cache_dir))
    if (found := store.read(slot)) is not None:
        if progress:
            print(f"Activations read from {slot.folder} ({store.size(slot.bytes)}).")
        return found
    store.make_folder(slot)
    taken = (
        f"another process is computing the same activations in {slot.folder}: wait until it is "
        "done, then run this again"
    )
    with locks.held(slot.folder, taken):
        if (found := store.read(slot)) is not None:  # another process was faster
            return found
        batches = Batches(trunk, images, tuple(views), int(batch_size), int(seed))
        done = batches.whole(store.rows_done(slot))
        store.check_space(slot, done)
        if progress:
            print(_announcement(slot, done))
        _grow(slot, batches, done, progress)
        return store.finish(slot)


def _grow(slot: store.Slot, batches: Batches, done: int, progress: bool) -> None:
    """Append the missing batches to the growing file."""
    from tqdm.auto import tqdm

    total = slot.shape[0] * slot.shape[1]
    bar = tqdm(total=total, initial=done, desc="activations", unit="picture", disable=not progress)
    try:
        with bar, store.growing(slot, done) as file:
            for values in batches.after(done):
                store.append(file, _in_dtype(values, slot.dtype))
                bar.update(len(values))
    except UserError:
        store.remove(slot.folder)
        raise


def _in_dtype(values: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Values in the type they are kept in.

    Raises:
        UserError: a value is NaN or infinite, or becomes so.
    """
    values = values.astype(np.float32, copy=False)  # NumPy knows bfloat16 only in part
    if not np.isfinite(values).all():
        raise UserError(
            "the trunk gives NaN or infinity: check that its weights are loaded and that the "
            "pictures are prepared as it was trained"
        )
    with np.errstate(over="ignore"):
        kept = values.astype(dtype, copy=False)
    if not np.isfinite(kept).all():
        raise UserError(
            f"an activation of {np.abs(values).max():,.0f} is too large for float16, which ends "
            'at 65,504: pass dtype="float32"'
        )
    return kept


def _announcement(slot: store.Slot, done: int) -> str:
    views, n = slot.shape[:2]
    what = f"{n:,} pictures" + (f" in {views} views" if views > 1 else "")
    if done:
        left = slot.bytes - done * slot.row_bytes
        return (
            f"Activations of {what}: goes on after {done:,} of {views * n:,}, "
            f"writes {store.size(left)} more to {slot.folder}"
        )
    return f"Activations of {what}: writes {store.size(slot.bytes)} to {slot.folder}"


def _slot(
    trunk: keras.Model,
    images: np.ndarray,
    views: tuple[str | Callable, ...],
    batch_size: int,
    dtype: str,
    seed: int,
    root: Path,
) -> store.Slot:
    """Where these activations belong."""
    facts: dict = {"views": [key.describe(view) for view in views], "dtype": dtype}
    if any(callable(view) for view in views):
        facts |= {"seed": int(seed), "batch_size": int(batch_size)}  # they decide what is drawn
    shape = (len(views), images.shape[0], *_output_shape(trunk, images.shape))
    return store.Slot(root / key.key(trunk, images, facts), shape, np.dtype(dtype))


def _output_shape(trunk: keras.Model, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of one picture's activations."""
    if not isinstance(trunk, keras.Model):
        raise UserError(f"trunk is a {type(trunk).__name__}: pass a Keras model, as split() gives")
    expected = getattr(trunk, "input_shape", None)
    fits = isinstance(expected, tuple) and len(expected) == len(shape)
    if not fits or any(e not in (None, s) for e, s in zip(expected[1:], shape[1:], strict=True)):
        raise UserError(
            f"the trunk takes pictures {expected} but these have the shape {shape}: make "
            "keras.Input and pictures agree"
        )
    return tuple(trunk.compute_output_shape((1, *shape[1:])))[1:]


def _checked_pictures(images: np.ndarray) -> np.ndarray:
    """Anything with shape and dtype as it is, for it may lie on disk; a list as an array."""
    if not hasattr(images, "shape") or not hasattr(images, "dtype"):
        images = np.asarray(images)
    if len(images.shape) != 4 or images.dtype.kind not in "uif":
        raise UserError(
            f"images have shape {tuple(images.shape)} and dtype {images.dtype}: pass numbers of "
            "shape (n, height, width, channels)"
        )
    if images.shape[0] == 0:
        raise UserError("there are no pictures (n = 0): check how they were chosen")
    return images


def _check_numbers(batch_size: int, dtype: str) -> None:
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer):
        raise UserError(f"batch_size is {batch_size!r}: use a whole number such as 128")
    if batch_size < 1:
        raise UserError(f"batch_size is {batch_size}: use 1 or more")
    if dtype not in _DTYPES:
        raise UserError(f"dtype is {dtype!r}: use {' or '.join(_DTYPES)}")
