"""Search hyperparameters with several processes on this machine, or go on with a search.

keras-tuner's own chief hands out the trials, and each worker runs one at a time, with one thread.
They talk over 127.0.0.1 only. The search is that of lesson 05: CIFAR-10 at 16 x 16 pixels, chosen
by validation accuracy. Stop it at any time: the same command goes on where it was, finished trials
are kept, and a trial that was running begins anew.
"""

import argparse
import contextlib
import importlib.util
import math
import signal
from collections.abc import Iterator
from pathlib import Path

from helpers import budget, locks, paths
from helpers.errors import UserError
from helpers.tuning import folder as folders
from helpers.tuning.trials import read_trials, table
from helpers.tuning.worker import HYPERBAND_FACTOR, TUNERS, Job

_TRIALS = 8
_MOST_WORKERS = 64
_EXAMPLES = """\
examples:
  python -m helpers tune --workers 2 --trials 8
  python -m helpers tune --tuner hyperband --epochs 9
  python -m helpers tune --trials 16              (the same folder: 8 more)
  python -m helpers tune --space my_space.py --dir build/my_search
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    plan = budget.current()
    parser.epilog = _EXAMPLES
    parser.add_argument("--workers", type=int, default=2, help="processes that train (default 2)")
    parser.add_argument(
        "--trials",
        type=int,
        help=f"trials in all, finished ones included (default {_TRIALS}; Hyperband has its own)",
    )
    parser.add_argument("--tuner", default="random", help=f"{', '.join(TUNERS)} (default random)")
    parser.add_argument(
        "--dir", type=Path, help="folder of this one search (default build/tune/TUNER)"
    )
    parser.add_argument(
        "--epochs",
        type=int,
        default=plan.tuning_epochs,
        help="epochs a trial; at most, for hyperband (default %(default)s)",
    )
    parser.add_argument(
        "--images",
        type=int,
        default=plan.tuning_images,
        help="training pictures (default %(default)s)",
    )
    parser.add_argument(
        "--seed", type=int, default=plan.seed, help="of the drawn values (default %(default)s)"
    )
    parser.add_argument("--space", type=Path, help="Python file with your own build(hp)")
    parser.add_argument(
        "--patience", type=float, default=30, help="give up after so many minutes without news"
    )
    parser.add_argument(
        "--restart", action="store_true", help="delete what the folder holds of an earlier search"
    )


def run(args: argparse.Namespace) -> int:
    """Start or resume the search; 0 when all trials are finished."""
    job = _job(args)
    for package in ("keras_tuner", "grpc"):
        if importlib.util.find_spec(package) is None:
            raise UserError(
                f"the package '{package}' is missing: run `make course` once, or `python -m pip "
                "install keras-tuner grpcio tensorboard`"
            )
    folder = Path(job.folder)
    if args.restart:
        folders.clear(folder)
    folders.make(folder)
    taken = f"another search is running in {folder}: wait for it, or choose another --dir"
    with locks.held(folder, taken), _sigterm_stops():
        before = sum(trial.finished for trial in read_trials(folder))
        if before:
            print(f"going on in {folder}: {before} trials are finished")
        _search(job, args)
    trials = read_trials(folder)
    print(table(trials))
    print(f"{sum(trial.finished for trial in trials)} trials finished; all of it is in {folder}")
    return 0


def _search(job: Job, args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from helpers.tuning.team import Team

    total = job.trials or hyperband_trials(job.epochs, HYPERBAND_FACTOR)
    bar = tqdm(total=total, desc=f"{job.tuner} search", unit="trial", disable=None)
    if bar.disable:  # no terminal
        print(f"{job.tuner} search: {total} trials, {args.workers} workers …", flush=True)

    def advance(finished: int) -> None:
        bar.update(finished - bar.n)
        bar.refresh()

    with bar, Team(job, args.workers, args.patience * 60, tqdm.write) as team:
        team.watch(advance)


def hyperband_trials(max_epochs: int, factor: int) -> int:
    """How many trials one round of Hyperband (Li et al., 2018) has, as keras-tuner counts.

    Args:
        max_epochs: epochs of the longest trials, 1 or more.
        factor: how many times fewer trials, and more epochs, each round of a bracket has.
    """
    brackets = 0
    while max_epochs / factor**brackets >= 1:
        brackets += 1
    final = math.ceil(1 + math.log(max_epochs, factor))
    return sum(
        math.ceil(final / (bracket + 1) * factor ** (bracket - done))
        for bracket in range(brackets)
        for done in range(bracket + 1)
    )


def _job(args: argparse.Namespace) -> Job:
    """The search that the arguments ask for, all of them checked."""
    if args.tuner not in TUNERS:
        raise UserError(f"no tuner '{args.tuner}': choose one of {', '.join(TUNERS)}")
    if args.tuner == "hyperband" and args.trials is not None:
        raise UserError("Hyperband finds its number of trials itself: give --epochs, not --trials")
    trials = None if args.tuner == "hyperband" else args.trials
    if args.tuner != "hyperband" and trials is None:
        trials = _TRIALS
    wanted = {"--trials": trials, "--epochs": args.epochs, "--images": args.images}
    for name, number in (wanted | {"--workers": args.workers}).items():
        if number is not None and number < 1:
            raise UserError(f"{name} is {number}: give 1 or more")
    if args.workers > _MOST_WORKERS:
        raise UserError(f"--workers is {args.workers}: give {_MOST_WORKERS} or fewer")
    if args.seed < 0:
        raise UserError(f"--seed is {args.seed}: give 0 or more")
    if not args.patience > 0:
        raise UserError(f"--patience is {args.patience:g}: give more than 0 minutes")
    if args.space and not args.space.is_file():
        raise UserError(f"no file {args.space}: name a Python file with a function build(hp)")
    folder = (args.dir or paths.BUILD / "tune" / args.tuner).expanduser().absolute()
    space = str(args.space.absolute()) if args.space else ""
    return Job(str(folder), args.tuner, trials, args.epochs, args.images, args.seed, space)


@contextlib.contextmanager
def _sigterm_stops() -> Iterator[None]:
    """Let SIGTERM end the search as Ctrl-C does, so that no process is left behind."""

    def stop(*_signal) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
