"""Tell what is on pictures: the likeliest classes of each.

MODEL is a .keras file, or `small` or `fast`, the networks that ship with the course. The names of
the classes stand in the .json file that the course writes beside a .keras file; for other models
name them with --names. A folder is read with all folders in it. A file that cannot be read gets a
line that says why. The exit code is 1 if none could be read.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import UserError

if TYPE_CHECKING:
    from helpers.predict import Row

_EXAMPLES = """\
examples:
  python -m helpers predict small my_cat.jpg
  python -m helpers predict cats.keras my_photos --csv predictions.csv --mirror
  python -m helpers predict theirs.keras dog.png --names cat,dog
  python -m helpers predict theirs.keras dog.png --names cifar10
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = _EXAMPLES
    parser.add_argument("model", metavar="MODEL", help="a .keras file, small or fast")
    parser.add_argument(
        "paths", metavar="PICTURE_OR_FOLDER", nargs="+", help="pictures, or folders of them"
    )
    parser.add_argument("--csv", metavar="FILE", type=Path, help="write a table to this file")
    parser.add_argument(
        "--k", type=int, default=5, help="how many classes of each picture (default %(default)s)"
    )
    parser.add_argument(
        "--mirror", action="store_true", help="take the mean with each picture's mirror image"
    )
    parser.add_argument(
        "--how",
        help="crop: the middle of a picture; pad: all of it, with edges; garment: a garment, put "
        "light on black (default: as the model's .json says, else crop)",
    )
    parser.add_argument(
        "--names", help="class names: with commas between, cifar10, cifar100 or fashion_mnist"
    )
    parser.add_argument("--size", type=int, help="pixels a side, for a model that takes any size")
    parser.add_argument(
        "--white", type=int, help="1 for a model that was trained on pixels of 0 to 1, else 255"
    )


def run(args: argparse.Namespace) -> int:
    """Predict; 0 done, 1 not one picture could be read."""
    from helpers import model_files, predict
    from helpers.predict.looking import checked_k

    checked_k(args.k)
    if args.csv:
        _check_target(args)
    files = _files(args.paths)
    loaded = model_files.load(args.model, names_of(args.names))
    for note in loaded.notes:
        print(f"note: {note}", file=sys.stderr)
    chosen = {"how": args.how, "size": args.size, "white": args.white}
    options = loaded.options | {key: value for key, value in chosen.items() if value is not None}
    rows = predict.rows(loaded.model, files, k=args.k, mirror=args.mirror, **options)
    if args.csv:
        _write(args.csv, rows)
    else:
        _print(rows)
    refused = sum(bool(row.reason) for row in rows)
    where = f"; table in {args.csv}" if args.csv else ""
    print(
        f"{len(rows) - refused} of {len(rows)} pictures read, {refused} refused{where}",
        file=sys.stderr,
    )
    return 1 if refused == len(rows) else 0


def names_of(text: str | None) -> tuple[str, ...] | None:
    """Class names from what stands behind --names: a data set, or names with commas between."""
    from helpers.model_files import NAMES

    if text is None:
        return None
    if text in NAMES:
        return NAMES[text]
    return tuple(name.strip() for name in text.split(","))


def _files(paths: Sequence[str]) -> list[tuple[str, Path]]:
    """(name to print, path) of all files meant; a folder stands for all files in it."""
    from helpers.photos.names import shown
    from helpers.predict.folders import listed

    files = []
    for text in paths:
        path = Path(text).expanduser()
        if path.is_dir():
            found = listed(path)
            files += [(shown(file.relative_to(path).as_posix(), 200), file) for file in found]
        else:
            files.append((shown(text, 200), text))
    return files


def _check_target(args: argparse.Namespace) -> None:
    taken = {Path(text).expanduser().resolve() for text in (args.model, *args.paths)}
    if args.csv.resolve() in taken:
        raise UserError(f"--csv {args.csv} is the model or a picture itself: name another file")
    if args.csv.is_dir() or not args.csv.resolve().parent.is_dir():
        raise UserError(f"--csv {args.csv} cannot be written: name a file in a folder that exists")


def _write(path: Path, rows: Sequence["Row"]) -> None:
    from helpers.predict.table import to_csv

    try:
        # With the byte order mark spreadsheets show letters beyond ASCII as they are.
        path.write_text(to_csv(rows), encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}): name another") from None


def _print(rows: Sequence["Row"]) -> None:
    """One picture in full; of several, a line each."""
    lines = _lines_of_one(rows[0]) if len(rows) == 1 else [_line(row) for row in rows]
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, errors="replace").decode(encoding))


def _lines_of_one(row: "Row") -> list[str]:
    lines = [row.file]
    if row.reason:
        return [f"{row.file}: {row.reason}"]
    lines += [f"  {100 * share:5.1f} %  {name}" for name, share in row.top]
    if row.superclass:
        name, share = row.superclass
        lines.append(f"superclass: {name}, {100 * share:.1f} %")
    return lines + [f"note: {note}" for note in row.notes]


def _line(row: "Row") -> str:
    if row.reason:
        return f"{row.file}: {row.reason}"
    answers = ", ".join(f"{name} {100 * share:.1f} %" for name, share in row.top)
    return f"{row.file}: {answers}"
