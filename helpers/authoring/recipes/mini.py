"""Make the embedded sample in data/mini from the whole data sets.

    python -m helpers.authoring.recipes.mini --cifar10 PATH --fashion PATH

The rows are drawn by class with a fixed seed, and nothing depends on time or machine: the same
data give the same files, bit for bit, with the same version of Pillow's WebP encoder (and the same
pixels with any).
"""

import argparse
import hashlib
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from helpers import datasets
from helpers.settings import DATA, SEED

# Images a class for training, validation, test, and validation again: CIFAR-10's accuracies are
# compared in the lessons, so it has 100 a class. With these all files stay below 7.5 MB.
PER_CLASS = {"cifar10": (180, 20, 50, 80), "fashion_mnist": (270, 30, 100, 0)}
MAX_TILES = 2500  # in one mosaic, so that no file passes 5 MB
COLUMNS = 50


def choose(labels: np.ndarray, rows: np.ndarray, per_class: int, rng, without=()) -> np.ndarray:
    """Positions in a split, `per_class` of each class, drawn and sorted in the published order.

    `labels` are those of the split, and `rows` each image's position in the published set; the
    positions `without` are not drawn.
    """
    in_order = np.argsort(rows)
    in_order = in_order[~np.isin(in_order, without)]
    chosen = [
        rng.choice(in_order[labels[in_order] == label], per_class, replace=False)
        for label in np.unique(labels)
    ]
    chosen = np.concatenate(chosen)
    return chosen[np.argsort(rows[chosen])]


def write(data: datasets.Dataset, folder: Path) -> None:
    """Write the sample of one whole data set into a folder.

    The sample keeps its split, so that a network trained on it has not seen the sample's
    validation images.
    """
    rng = np.random.default_rng(SEED)
    train_count, val_count, test_count, more_val = PER_CLASS[data.name]
    test_labels = np.asarray(data.test.labels)
    val = choose(data.val.labels, data.val_index, val_count, rng)
    train = choose(data.train.labels, data.train_index, train_count, rng)
    test = choose(test_labels, np.arange(len(test_labels)), test_count, rng)
    more = choose(data.val.labels, data.val_index, more_val, rng, without=val)
    val = np.append(val, more)  # behind the first draw, which stays what it was
    columns = {
        "train_fine": np.append(data.train.labels[train], data.val.labels[val]).astype(np.uint8),
        "train_index": np.append(data.train_index[train], data.val_index[val]).astype(np.int32),
        "test_fine": test_labels[test].astype(np.uint8),
        "test_index": test.astype(np.int32),
    }
    folder.mkdir(parents=True, exist_ok=True)
    images = np.concatenate([data.train.images[train], data.val.images[val]])
    _write_mosaics(folder, "train", images)
    _write_mosaics(folder, "test", np.asarray(data.test.images)[test])
    _write_npz(folder / "labels.npz", columns)
    hashed = sorted([*folder.glob("*.webp"), folder / "labels.npz"])
    # Title, license and citation stay what they are in the sample that there is.
    meta = json.loads((DATA / "mini" / data.name / "meta.json").read_text("utf-8"))
    meta |= {
        "train_count": len(images),
        "test_count": len(test),
        "val_count": len(val),
        "seed": SEED,
        "sha256": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in hashed},
    }
    text = json.dumps(meta, indent=1, ensure_ascii=False) + "\n"
    (folder / "meta.json").write_text(text, "utf-8")


def _write_mosaics(folder: Path, part: str, images: np.ndarray) -> None:
    """Images as tiles, row by row, in lossless WebP; missing tiles at the end are black."""
    _, height, width, channels = images.shape
    for number, start in enumerate(range(0, len(images), MAX_TILES)):
        some = images[start : start + MAX_TILES]
        rows = -(-len(some) // COLUMNS)
        tiles = np.zeros((rows * COLUMNS, height, width, channels), dtype=np.uint8)
        tiles[: len(some)] = some
        tiles = tiles.reshape(rows, COLUMNS, height, width, channels).transpose(0, 2, 1, 3, 4)
        mosaic = tiles.reshape(rows * height, COLUMNS * width, channels)
        image = Image.fromarray(mosaic.squeeze()).convert("RGB")
        path = folder / f"{part}_{number}.webp"
        image.save(path, lossless=True, quality=100, method=6, exact=True)


def _write_npz(path: Path, columns: dict[str, np.ndarray]) -> None:
    """Like np.savez_compressed, but without the time of writing, so that it is reproducible."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, values in columns.items():
            buffer = io.BytesIO()
            np.save(buffer, values, allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue())


def main() -> None:
    """Make both samples."""
    parser = argparse.ArgumentParser(description="Make the embedded sample in data/mini.")
    parser.add_argument("--cifar10", required=True, help="CIFAR-10 in any form that load reads")
    parser.add_argument("--fashion", required=True, help="Fashion-MNIST in any such form")
    parser.add_argument("--out", type=Path, default=DATA / "mini", help="default: data/mini")
    args = parser.parse_args()
    for name, path in {"cifar10": args.cifar10, "fashion_mnist": args.fashion}.items():
        write(datasets.load(name, path=path), args.out / name)


if __name__ == "__main__":
    main()
