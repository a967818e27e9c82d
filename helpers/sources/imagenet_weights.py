"""ImageNet weights as Keras publishes them: which there are, is one whole, how to get it."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from helpers import locks
from helpers.sources import download, transfer
from helpers.sources.answers import MirrorFailed
from helpers.sources.rounds import NoMirrorDelivered

HOST = "https://storage.googleapis.com/tensorflow/keras-applications/"
_TRIES = 3  # a download goes on where the last try stopped


@dataclass(frozen=True)
class Published:
    """ImageNet weights without the top layer, as Keras publishes them."""

    network: str
    options: dict
    input_size: int
    folder: str
    file: str
    md5: str | None


PUBLISHED = {
    "mobilenet_v2": Published(
        "MobileNetV2",
        {"alpha": 1.0},
        96,
        "mobilenet_v2",
        "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_96_no_top.h5",
        None,
    ),
    "resnet50": Published(
        "ResNet50",
        {},
        160,
        "resnet",
        "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5",
        "4d473c1dd8becc155b73f8504c6f6626",
    ),
}


def folder() -> Path:
    """Where `keras.applications` keeps weights; found without importing Keras."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home).expanduser() if home else Path.home() / ".keras") / "models"


def is_right(path: Path, wanted: Published) -> bool:
    """Whether a file is there, and is whole."""
    if not path.is_file():
        return False
    if wanted.md5 is None:
        return _is_readable(path)
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() == wanted.md5


def _is_readable(path: Path) -> bool:
    """Without a hash: HDF5 notices a file that is cut off or not HDF5 at all when it opens it."""
    import h5py

    try:
        with h5py.File(path, "r") as file:
            return len(file) > 0
    except OSError:
        return False


def fetch(wanted: Published, path: Path, patience: float, progress: bool) -> None:
    """Fetch weights into Keras' cache.

    Raises:
        NoMirrorDelivered: no answer, or not the right file.
        UserError: no room, or no permission to write.
    """
    url = f"{HOST}{wanted.folder}/{wanted.file}"
    if wanted.md5 is None:
        _fetch_unhashed(url, path, patience, progress)
    else:
        download.fetch(
            [url],
            path,
            md5=wanted.md5,
            connect_timeout=patience,
            read_timeout=patience,
            progress=progress,
        )


def _fetch_unhashed(url: str, path: Path, patience: float, progress: bool) -> None:
    """Fetch a file whose hash nobody publishes; it must at least be whole and readable.

    Raises:
        NoMirrorDelivered: no answer, or not such a file.
        UserError: no room, or no permission to write.
    """
    from tqdm.auto import tqdm

    part = path.with_name(path.name + ".part")
    limits = transfer.Patience(0, 2.0, patience, patience)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        bar = tqdm(desc=path.name[:20], unit="B", unit_scale=True, disable=not progress)
        with locks.held(path.parent, f"another process is downloading to {path.parent}"), bar:
            for attempt in range(_TRIES):
                try:
                    transfer.append(url, part, None, limits, transfer.Outcome(), advance=bar.update)
                    break
                except MirrorFailed as failure:
                    if failure.kind == "no range":  # what is here can't be gone on with
                        part.unlink(missing_ok=True)
                    if failure.kind == "useless" or attempt == _TRIES - 1:
                        raise NoMirrorDelivered(str(failure)) from None
            if not _is_readable(part):
                part.unlink(missing_ok=True)
                raise NoMirrorDelivered(f"{url} is no HDF5 file")
            os.replace(part, path)
    except OSError as error:
        raise transfer.disk_error(error, path) from None
