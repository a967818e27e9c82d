"""The table of commands behind `python -m helpers`, and how their errors are shown.

A command is a module with `configure(parser)`, which adds its arguments, and `run(args)`, which
returns the exit code: 0 done, 1 done but something was found wrong, 2 a mistake of the user's.
Modules are imported only when asked for, so `--help` answers at once and needs no package.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from helpers.errors import UserError

COMMANDS = {
    "setup": ("helpers.authoring.setup", "make the course's own environment (done by make)"),
    "course": ("helpers.authoring.course", "run the lessons and build their pages"),
    "data": ("helpers.data_command", "list, fetch, import and verify the data sets"),
    "lint": ("helpers.authoring.lint", "check the notebooks against the rules, or mend them"),
    "badges": ("helpers.authoring.badges", "rewrite badges after the repository moved"),
    "report": ("helpers.authoring.references", "record the reference numbers quoted in the prose"),
    "tune": ("helpers.tune_command", "search hyperparameters with several processes, or resume"),
    "fast": ("helpers.authoring.fast_command", "record the fast network, whole and in parts"),
    "predict": ("helpers.predict_command", "name what is in pictures, as a table or CSV"),
    "demo": ("helpers.demo_command", "open a page that takes pictures and shows the answers"),
    "export": ("helpers.export_command", "write a network as ONNX or LiteRT, with its model card"),
    "variants": ("helpers.variants_command", "list the variants of a whole class"),
    "weights": ("helpers.authoring.weights", "train the networks that ship in data/"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's native logs are no news
    chosen = argv[0] if argv and argv[0] in COMMANDS else None
    try:
        args = _parser(chosen).parse_args(argv)
        if chosen is None:
            _parser(None).print_help()
            return 0
        return args.run(args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] == "helpers":
            raise
        print(
            f"error: the package '{error.name}' is missing here: run `make course` once, or use "
            "`.venv/bin/python -m helpers …`",
            file=sys.stderr,
        )
        return 2
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept", file=sys.stderr)
        return 130


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    """Parser in which only the chosen command is filled in, for only its module is imported."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers",
        description="The image classification course's command line.",
        epilog="`python -m helpers COMMAND --help` tells more about one command.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, (module_name, summary) in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        if name == chosen:
            module = importlib.import_module(module_name)
            command.description = module.__doc__
            command.formatter_class = argparse.RawDescriptionHelpFormatter
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser
