"""The kit's cache: parsed arrays as plain .npy files that are mapped into memory, not read.

A data set lies in one folder that appears all at once, by a rename. The rows stand in the order of
the default split, so that a default load is nothing but slices of the mapped files.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from helpers.sources import arrays, files
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import DataSet

VERSION = 1
MANIFEST = "manifest.json"
_FIELDS = ("train_images", "train_labels", "test_images", "test_labels", "train_index")


class StoreDamaged(Exception):
    """The cached arrays are there and cannot be trusted; the text says why."""


def folder(root: Path, spec: DataSet) -> Path:
    """Where the arrays of a data set lie."""
    return root / spec.name / f"arrays-v{VERSION}"


def exists(root: Path, spec: DataSet) -> bool:
    """Whether something is cached, damaged or not."""
    return (folder(root, spec) / MANIFEST).is_file()


def size(root: Path, spec: DataSet) -> int:
    """Bytes that a data set takes in the cache."""
    return sum(path.stat().st_size for path in folder(root, spec).glob("*") if path.is_file())


def lock(root: Path, spec: DataSet) -> FileLock:
    """The lock that whoever builds this data set's cache must hold.

    Raises:
        OSError: the cache folder cannot be written.
    """
    (root / spec.name).mkdir(parents=True, exist_ok=True)
    lock = FileLock(root / spec.name / "build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"Another process is preparing {spec.title}: waiting for it.", flush=True)
        lock.acquire()
    lock.release()
    return lock


def load(root: Path, spec: DataSet) -> Arrays | None:
    """Map the cached arrays, read-only; None if there are none.

    Checks the manifest, each file's size and each header: cheap, and enough to notice a cut-off
    file. `problems` reads every byte.

    Raises:
        StoreDamaged: the cache is there and is damaged.
    """
    base = folder(root, spec)
    manifest = _read_manifest(base, spec)
    if manifest is None:
        return None
    mapped = {}
    for field in _FIELDS:
        path = base / f"{field}.npy"
        entry = manifest["files"][path.name]
        try:
            if path.stat().st_size != entry["bytes"]:
                raise StoreDamaged(f"{path} has the wrong size")
            mapped[field] = np.load(path, mmap_mode="r", allow_pickle=False).view(np.ndarray)
        except (OSError, ValueError, EOFError) as error:
            raise StoreDamaged(f"{path} cannot be read ({error})") from None
        found = (list(mapped[field].shape), str(mapped[field].dtype))
        if found != (entry["shape"], entry["dtype"]):
            raise StoreDamaged(f"{path} has another shape than noted")
    return Arrays(**mapped, source=manifest["source"], val_count=manifest["val_count"])


def origin(root: Path, spec: DataSet) -> str | None:
    """The path that the cached arrays were imported from, if any."""
    try:
        manifest = _read_manifest(folder(root, spec), spec)
    except StoreDamaged:
        return None
    return manifest.get("origin") if manifest else None


def save(root: Path, spec: DataSet, data: Arrays, *, origin: str | None = None) -> None:
    """Write arrays to the cache, in the order of the default split, replacing what is there.

    Raises:
        OSError: no space or no permission; nothing half-written is left.
    """
    if data.val_count is None:
        data = arrays.in_default_order(data)
    final = folder(root, spec)
    final.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=final.parent))
    try:
        manifest = {
            "version": VERSION,
            "name": spec.name,
            "source": data.source,
            "origin": origin,
            "val_count": data.val_count,
            "files": {},
        }
        for field in _FIELDS:
            path = draft / f"{field}.npy"
            values = np.ascontiguousarray(getattr(data, field))
            with open(path, "wb") as file:
                np.save(file, values, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            manifest["files"][path.name] = {
                "bytes": path.stat().st_size,
                "shape": list(values.shape),
                "dtype": str(values.dtype),
                "sha256": files.digest(path, "sha256"),
            }
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        remove(root, spec)
        os.rename(draft, final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def remove(root: Path, spec: DataSet) -> None:
    """Delete the cached arrays. Arrays that are mapped already stay valid."""
    base = folder(root, spec)
    if base.exists():
        # First out of the way, so that nobody meets a half-deleted folder.
        grave = Path(tempfile.mkdtemp(prefix=".draft-", dir=base.parent))
        os.rename(base, grave / base.name)
        shutil.rmtree(grave, ignore_errors=True)


def problems(root: Path, spec: DataSet) -> list[str]:
    """Read everything cached and compare it with its hashes: one line a problem."""
    try:
        if load(root, spec) is None:
            return []
    except StoreDamaged as error:
        return [str(error)]
    base = folder(root, spec)
    manifest = _read_manifest(base, spec)
    return [
        f"{base / name} differs from its hash"
        for name, entry in manifest["files"].items()
        if files.digest(base / name, "sha256") != entry.get("sha256")
    ]


def _read_manifest(base: Path, spec: DataSet) -> dict | None:
    path = base / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if base.exists():
            raise StoreDamaged(f"{path} is missing") from None
        return None
    except (OSError, ValueError) as error:
        raise StoreDamaged(f"{path} cannot be read ({error})") from None
    try:
        manifest = json.loads(text)
        entries = manifest["files"]
        good = (
            manifest["version"] == VERSION
            and manifest["name"] == spec.name
            and isinstance(manifest["source"], str)
            and type(manifest["val_count"]) is int
            and all({"bytes", "shape", "dtype"} <= set(entries[f"{f}.npy"]) for f in _FIELDS)
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise StoreDamaged(f"{path} is damaged")
    return manifest
