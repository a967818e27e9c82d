"""Classify pictures on a web page of this computer.

MODEL is a .keras file that a lesson saved, or `small` or `fast` for a network that ships with the
course. Nobody but this computer reaches the page, unless you ask for it with --share or --host.
End it with Ctrl-C; what was uploaded is then removed.
"""

import argparse
import threading

_EXAMPLES = """\
examples:
  python -m helpers demo
  python -m helpers demo build/models/02_s2.keras
  python -m helpers demo my_model.keras --names cat,dog,horse --port 8000
  python -m helpers demo fast --share
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "model", metavar="MODEL", nargs="?", default="small", help="default: %(default)s"
    )
    parser.add_argument(
        "--names",
        help="class names, where none are stored beside the file: with commas between, or "
        "cifar10, cifar100 or fashion_mnist",
    )
    parser.add_argument("--port", type=int, help="where to listen (default: a free one from 7860)")
    parser.add_argument(
        "--share",
        action="store_true",
        help="make a public link too: anybody who has it can send pictures to this computer",
    )
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on (default %(default)s); 0.0.0.0 lets your whole network in",
    )


def run(args: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C; 0."""
    from helpers import demo
    from helpers.predict_command import names_of

    names = names_of(args.names)
    with demo.launch(
        args.model, names, share=args.share, port=args.port, host=args.host, inline=False
    ):
        print("Stop it with Ctrl-C.", flush=True)
        wait()
    return 0


def wait() -> None:
    """Return when Ctrl-C is pressed."""
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print("\nstopped")
