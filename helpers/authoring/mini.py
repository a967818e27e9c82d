"""Make the embedded sample in data/mini from the whole data sets.

    python -m helpers.authoring.mini --cifar10 PATH --fashion PATH

The rows are drawn by class with a fixed seed, and nothing depends on time or machine, so that the
same data give the same files, bit for bit, with the same version of Pillow's WebP encoder (and
the same pixels with any).
"""

import argparse
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from helpers.sources import arrays, files, named, sample
from helpers.sources.arrays import Arrays
from helpers.sources.catalog import CATALOG, DataSet

SEED = 1001
# Images a class for training, validation and test; with these all files stay below 6.5 MB.
PER_CLASS = {"cifar10": (180, 20, 50), "fashion_mnist": (270, 30, 100)}
MAX_TILES = 2500  # in one mosaic, so that no file passes 5 MB
COLUMNS = 50
FACTS = {
    "cifar10": {
        "published_at": "https://www.cs.toronto.edu/~kriz/cifar.html",
        "licence": "published for research, no licence stated; a small sample with citation",
        "citation": "Krizhevsky, A. (2009). Learning multiple layers of features from tiny "
        "images. Technical report, University of Toronto.",
    },
    "fashion_mnist": {
        "published_at": "https://github.com/zalandoresearch/fashion-mnist",
        "licence": "MIT, copyright 2017 Zalando SE",
        "citation": "Xiao, H., Rasul, K., Vollgraf, R. (2017). Fashion-MNIST: a novel image "
        "dataset for benchmarking machine learning algorithms. arXiv:1708.07747",
    },
}


def choose(
    labels: np.ndarray, rows: np.ndarray, per_class: int, rng: np.random.Generator
) -> np.ndarray:
    """Sorted rows, `per_class` of each class.

    Args:
        labels: (n,) integers.
        rows: (m,) the rows to choose from.
        per_class: how many of each.
        rng: source of the draw.

    Returns:
        (per_class * number of classes,) int64.
    """
    chosen = [
        rng.choice(rows[labels[rows] == label], per_class, replace=False)
        for label in np.unique(labels)
    ]
    return np.sort(np.concatenate(chosen)).astype(np.int64)


def write(spec: DataSet, data: Arrays, folder: Path) -> None:
    """Write the sample of one data set.

    Args:
        spec: the data set.
        data: all of it, in the published order.
        folder: where to; files of an earlier sample are replaced.
    """
    rng = np.random.default_rng(SEED)
    train_count, val_count, test_count = PER_CLASS[spec.name]
    # The sample keeps the split of the whole set. Otherwise a network trained on the whole set,
    # as the one in data/weights, would have learned from the sample's validation images.
    train, val = arrays.split_rows(
        data.train_labels, arrays.DEFAULT_VAL_FRACTION, arrays.DEFAULT_SEED
    )
    val_rows = choose(data.train_labels, np.sort(val), val_count, rng)
    train_rows = choose(data.train_labels, np.sort(train), train_count, rng)
    train_rows = np.concatenate([train_rows, val_rows])
    test_rows = choose(data.test_labels, np.arange(len(data.test_labels)), test_count, rng)
    columns = {
        "train_fine": data.train_labels[train_rows].astype(np.uint8),
        "train_index": train_rows.astype(np.int32),
        "test_fine": data.test_labels[test_rows].astype(np.uint8),
        "test_index": test_rows.astype(np.int32),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.webp"):
        old.unlink()
    _write_mosaics(folder, "train", data.train_images[train_rows])
    _write_mosaics(folder, "test", data.test_images[test_rows])
    _write_npz(folder / "labels.npz", columns)
    hashed = sorted([*folder.glob("*.webp"), folder / "labels.npz"])
    meta = {
        "name": spec.name,
        "title": spec.title,
        "fine_label_names": list(spec.class_names),
        "train_count": len(train_rows),
        "test_count": len(test_rows),
        "val_count": len(val_rows),
        "seed": SEED,
        **FACTS[spec.name],
        "sha256": {path.name: files.digest(path, "sha256") for path in hashed},
    }
    text = json.dumps(meta, indent=1, ensure_ascii=False) + "\n"
    (folder / "meta.json").write_text(text, encoding="utf-8")


def tile(images: np.ndarray, columns: int) -> np.ndarray:
    """Put images into one mosaic, row by row; missing tiles at the end are black.

    Args:
        images: (n, h, w, c) uint8.
        columns: tiles in a row.

    Returns:
        (rows * h, columns * w, c) uint8.
    """
    count, height, width, channels = images.shape
    rows = -(-count // columns)
    tiles = np.zeros((rows * columns, height, width, channels), dtype=np.uint8)
    tiles[:count] = images
    tiles = tiles.reshape(rows, columns, height, width, channels).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(rows * height, columns * width, channels)


def _write_mosaics(folder: Path, part: str, images: np.ndarray) -> None:
    for number, start in enumerate(range(0, len(images), MAX_TILES)):
        mosaic = tile(images[start : start + MAX_TILES], COLUMNS)
        picture = Image.fromarray(mosaic.squeeze()).convert("RGB")
        path = folder / f"{part}_{number}.webp"
        picture.save(path, lossless=True, quality=100, method=6, exact=True)
        with Image.open(path) as written:
            if not np.array_equal(np.asarray(written), np.asarray(picture)):
                raise RuntimeError(f"{path} is not lossless")


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
    parser.add_argument("--out", type=Path, default=sample.MINI, help="default: data/mini")
    args = parser.parse_args()
    for name, path in tqdm({"cifar10": args.cifar10, "fashion_mnist": args.fashion}.items()):
        write(CATALOG[name], named.read(CATALOG[name], path), args.out / name)


if __name__ == "__main__":
    main()
