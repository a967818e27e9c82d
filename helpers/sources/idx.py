"""IDX files, the format of MNIST and Fashion-MNIST, packed with gzip or not.

An IDX file is a header (two zero bytes, a type code, the number of axes, then each axis' length
as a big-endian 32-bit number) followed by the values.
"""

import struct
from pathlib import Path

import numpy as np

from helpers.errors import UserError
from helpers.sources import arrays, files
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import Archive, DataSet

_UINT8 = 0x08


def locate(spec: DataSet, folder: Path) -> list[Path] | None:
    """The data set's IDX files in a folder, packed or not, in the catalog's order; else None."""
    found = []
    for archive in spec.archives:
        packed = folder / archive.filename
        plain = folder / archive.filename.removesuffix(".gz")
        path = next((path for path in (packed, plain) if path.is_file()), None)
        if path is None:
            return None
        found.append(path)
    return found


def read(
    spec: DataSet, paths: list[Path], source: str, *, strict: bool = True
) -> tuple[Arrays, bool]:
    """Read the four files: training images and labels, test images and labels.

    Args:
        spec: the data set.
        paths: the files in the catalog's order.
        source: one sentence for people.
        strict: refuse a file that is not the published one.

    Returns:
        The arrays, and whether every file is the published one.

    Raises:
        UserError: a file is damaged, or differs from the published one and `strict` is set.
    """
    parts, official = [], True
    for archive, path in zip(spec.archives, paths, strict=True):
        data = _content(archive, path)
        known = _is_known(archive, path, data)
        if strict and not known:
            raise UserError(
                f"{path} is not the official {path.name} of {spec.title} (its hash differs): get "
                "a fresh copy, or add check_hash=False (--no-check) to read it all the same"
            )
        official &= known
        parts.append(parse(data, path))
    (train_images, train_labels, test_images, test_labels) = parts
    result = arrays.make(
        spec,
        paths[0].parent,
        (_with_channel(train_images), train_labels),
        (_with_channel(test_images), test_labels),
        source,
    )
    return result, official


def parse(data: bytes, where: object) -> np.ndarray:
    """The uint8 array of one unpacked IDX file, of the shape in its header.

    Raises:
        UserError: the header is wrong or does not fit the number of bytes.
    """
    if len(data) < 4 or data[:2] != b"\0\0" or data[2] != _UINT8 or not 1 <= data[3] <= 3:
        raise UserError(f"{where} is not an IDX file of bytes: get a fresh copy")
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise UserError(f"{where} ends within its header: get a fresh copy")
    shape = struct.unpack(f">{data[3]}I", data[4:start])
    expected = start
    size = 1
    for length in shape:
        size *= length
    expected += size
    if expected != len(data):
        raise UserError(
            f"{where} should have {expected} bytes by its header, and has {len(data)}: "
            "get a fresh copy"
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


def _content(archive: Archive, path: Path) -> bytes:
    limit = archive.content_size or files.MAX_UNPACKED
    if path.suffix == ".gz":
        return files.read_gzip(path, limit)
    if path.stat().st_size > limit:
        raise UserError(f"{path} is larger than the {limit} bytes expected: get a fresh copy")
    return path.read_bytes()


def _is_known(archive: Archive, path: Path, data: bytes) -> bool:
    if archive.content_sha256:
        return files.digest_of(data, "sha256") == archive.content_sha256
    return path.suffix == ".gz" and files.is_official(path, archive)


def _with_channel(images: np.ndarray) -> np.ndarray:
    return images[..., np.newaxis] if images.ndim == 3 else images
