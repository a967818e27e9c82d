"""List the variants of a whole class.

CLASSLIST.csv has one student a line; the codes stand in the column student_id, or else in the first
column. Commas, semicolons and tabs are understood, so is what a spreadsheet saves as "CSV UTF-8".
Each code gets the variant that `variants.for_student` gives the student in the lesson. Codes that
stand twice, and codes that cannot be used, are named; the exit code is then 1.
"""

import argparse
import csv
import io
import math
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from helpers import variants
from helpers.class_list import read_codes
from helpers.errors import UserError
from helpers.variants import Variant

_HEADINGS = (
    "student_id",
    "lab",
    "grouping",
    "groups",
    "dropped",
    "architectures",
    "images",
    "seed",
)
_EXAMPLES = """\
examples:
  python -m helpers variants class.csv
  python -m helpers variants class.csv --lab cifar100 --out variants.csv
  python -m helpers variants class.csv --distribution
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = _EXAMPLES
    parser.add_argument("path", metavar="CLASSLIST.csv", type=Path, help="the list of codes")
    parser.add_argument(
        "--lab", default="fashion", help=f"{', '.join(variants.LABS)} (default %(default)s)"
    )
    parser.add_argument("--out", type=Path, help="write the list to this file, not to the screen")
    parser.add_argument(
        "--distribution",
        action="store_true",
        help="print how even the variants are; the list itself only with --out",
    )
    parser.add_argument(
        "--no-heading", action="store_true", help="the first line is a student, not a heading"
    )
    parser.add_argument(
        "--test-size", type=int, help="test images to choose from (default 10000), as in the lesson"
    )


def run(args: argparse.Namespace) -> int:
    """List the variants; 0 all is well, 1 some codes stand twice or cannot be used."""
    if args.out and args.out.resolve() == args.path.resolve():
        raise UserError(f"--out {args.out} is the class list itself: name another file")
    codes = read_codes(args.path, heading=not args.no_heading)
    found: list[tuple[str, Variant]] = []
    problems = _twice(codes)
    for line, code in codes:
        try:
            variants.normalize(code)
        except UserError as error:
            problems.append(f"line {line}: {error}")
        else:
            found.append((code, variants.for_student(code, args.lab, test_size=args.test_size)))
    if not found:
        raise UserError(f"no code in {args.path} can be used: {problems[0]}")
    if args.out:
        _write(args.out, table(found))
        print(f"{len(found)} variants of lab {args.lab} in {args.out}")
    elif not args.distribution:
        _print(table(found))
    if args.distribution:
        print(evenness([variant for _, variant in found]))
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def _twice(codes: Sequence[tuple[int, str]]) -> list[str]:
    """A line for each code that stands in the list a second time, however written."""
    first: dict[str, tuple[int, str]] = {}
    said = []
    for line, code in codes:
        try:
            key = variants.normalize(code)
        except UserError:
            continue
        if key not in first:
            first[key] = (line, code)
            continue
        before, other = first[key]
        if code == other:
            said.append(f"line {line}: {code!r} stands in line {before} already")
        else:
            said.append(f"line {line}: {code!r} is the same code as {other!r} in line {before}")
    return said


def table(found: Sequence[tuple[str, Variant]]) -> str:
    """Codes and their variants as CSV text with a heading."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_HEADINGS)
    for code, variant in found:
        grouping = variant.grouping
        groups = grouping.members if grouping else ()
        writer.writerow(
            [
                code,
                variant.lab,
                grouping.number if grouping else "",
                "; ".join(f"{name}: {', '.join(old)}" for name, old in groups),
                ", ".join(grouping.drop) if grouping else "",
                " ".join(map(str, variant.architectures)),
                " ".join(map(str, variant.images)),
                variant.seed,
            ]
        )
    return stream.getvalue()


def _print(text: str) -> None:
    try:
        print(text, end="")
    except UnicodeEncodeError:
        raise UserError("this screen lacks letters of a code: write to a file with --out") from None


def _write(path: Path, text: str) -> None:
    try:
        # With the byte order mark spreadsheets show letters beyond ASCII as they are.
        path.write_text(text, encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror}): name another") from None


def evenness(found: Sequence[Variant]) -> str:
    """How often each grouping and architecture was given, beside what chance would give."""
    lines = [f"{len(found)} codes"]
    for name, counts in variants.distribution(found).items():
        if not counts:
            continue
        share = counts.total() / len(counts) / len(found)
        spread = math.sqrt(len(found) * share * (1 - share))
        lines.append(f"{name}: {len(found) * share:.1f} each expected, ± {spread:.1f} by chance")
        lines += [f"  {number:>2}  {counts[number]:>5,}" for number in sorted(counts)]
    tasks = Counter((variant.grouping, variant.architectures) for variant in found)
    alone = sum(amount == 1 for amount in tasks.values())
    if any(grouping or architectures for grouping, architectures in tasks):
        lines.append(f"{alone} of them share grouping and architectures with nobody")
    images = len({variant.images for variant in found})
    lines.append(f"{images} different choices of test images")
    return "\n".join(lines)
