"""Write a trained network in other formats, compare them, and write its model card.

MODEL is a .keras file, or `small` or `fast`, the networks that ship with the course. Each file is
run afterwards, on drawn pictures, and its probabilities are held against the Keras model's. The
exit code is 1 if a format could not be written or its probabilities differ.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import paths
from helpers.errors import UserError

if TYPE_CHECKING:
    from helpers.export import Row
    from helpers.model_files import Loaded

_TOLERANCE = 1e-4  # of a probability; rounding gives 1e-6
_EXAMPLES = """\
examples:
  python -m helpers export small
  python -m helpers export cats.keras --to onnx --card
  python -m helpers export cats.keras --to litert --quantized --dir phone
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = _EXAMPLES
    parser.add_argument("model", metavar="MODEL", help="a .keras file, small or fast")
    parser.add_argument(
        "--to",
        nargs="+",
        default=["onnx", "litert"],
        choices=("onnx", "litert"),
        help="formats (default: both)",
    )
    parser.add_argument(
        "--quantized",
        action="store_true",
        help="a second LiteRT file, with weights in 8 bits: a quarter of the size, not quite equal",
    )
    parser.add_argument("--card", action="store_true", help="write the model card too")
    parser.add_argument(
        "--run-dir", type=Path, help="folder of the training run, for the card's figures"
    )
    parser.add_argument("--dir", type=Path, help="folder to write to (default build/export)")


def run(args: argparse.Namespace) -> int:
    """Export; 0 done, 1 a format is missing or differs."""
    if args.run_dir and not args.card:
        raise UserError("--run-dir is for the model card: add --card")
    if args.quantized and "litert" not in args.to:
        raise UserError("--quantized is for LiteRT: add --to litert")
    from helpers import export, model_files

    loaded = model_files.load(args.model)
    for note in loaded.notes:
        print(f"note: {note}", file=sys.stderr)
    name = args.model if args.model in model_files.SHIPPED else Path(args.model).stem
    stem = (args.dir or paths.BUILD / "export").expanduser() / name
    formats = [*dict.fromkeys(args.to)]
    kept = _kept(args.model)
    print(f"writing {', '.join(formats)} … (seconds each)", file=sys.stderr)
    written, reasons = export.write(loaded.model, stem, formats)
    if args.quantized and not any(reason for reason in reasons if "LiteRT" in reason):
        path = stem.with_name(f"{stem.name}_quantized.tflite")
        written.append(export.to_litert(loaded.model, path, quantized=True))
    runnable, unrun = _runnable([*kept, *written])
    rows = export.compare(loaded.model, runnable, _pictures(loaded)) if runnable else []
    if rows:
        print(export.table(rows))
    if args.card:
        card = stem.with_suffix(".md")
        facts = _shipped_facts(args.model)
        export.model_card(card, loaded, run_dir=args.run_dir, rows=rows, facts=facts)
        print(f"model card: {card}")
    for reason in [*reasons, *unrun]:
        print(f"not done: {reason}", file=sys.stderr)
    print(f"in {stem.parent}: {', '.join(path.name for path in written) or 'nothing'}")
    return 1 if reasons or _differing(rows) else 0


def _kept(model: str) -> list[Path]:
    """The .keras file itself, to be compared with the others; the shipped networks have none."""
    return [Path(model).expanduser()] if Path(model).suffix == ".keras" else []


def _runnable(files: list[Path]) -> tuple[list[Path], list[str]]:
    """Files that this machine can run, and why it can't run the others."""
    from helpers.export.formats import FORMATS, missing_to_run

    names = {ending: name for name, ending in FORMATS.items()}
    reasons = {path: missing_to_run(names[path.suffix]) for path in files}
    return [path for path in files if not reasons[path]], [r for r in reasons.values() if r]


def _pictures(loaded: "Loaded"):
    """Drawn pictures of the model's size, in the range that it was trained on."""
    from helpers import export

    images = export.example_images(loaded.model)
    return images.astype("float32") / 255 if loaded.white == 1 else images


def _shipped_facts(name: str) -> dict:
    """What was recorded when a network that ships was trained."""
    from helpers.models import FAST_WEIGHTS, SMALL_WEIGHTS

    files = {"small": SMALL_WEIGHTS, "fast": FAST_WEIGHTS}
    if name not in files:
        return {}
    weights = files[name]["cifar10"]
    path = paths.DATA / "weights" / weights.replace(".weights.h5", ".json")
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"the record {path} cannot be read: check the course out again") from error


def _differing(rows: "list[Row]") -> bool:
    """Whether a file that should be equal is not; says which."""
    differing = [
        row
        for row in rows
        if not row.largest_difference <= _TOLERANCE and not row.path.stem.endswith("_quantized")
    ]
    for row in differing:
        print(
            f"warning: {row.path.name} differs by {row.largest_difference:.2g} from the model",
            file=sys.stderr,
        )
    return bool(differing)
