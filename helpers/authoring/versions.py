"""Try every lesson on other versions of its packages, and keep a table of what happened.

`python -m helpers versions` makes an environment for each runtime of data/runtimes.toml, runs the
lessons in it without a network, and writes data/versions.json. The page notebooks/versions.md shows
that record and nothing else.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from helpers.authoring import notebooks
from helpers.course import is_too_old, oldest_keras
from helpers.settings import BUILD, DATA, NOTEBOOKS, ROOT, CourseError

RUNTIMES = DATA / "runtimes.toml"
RECORD = DATA / "versions.json"
PAGE = NOTEBOOKS / "versions.md"

PASSED, NEEDS = "passed", "needs TensorFlow"  # what a record says of a lesson, else the reason
SHOWN = {PASSED: "✓", NEEDS: NEEDS}
PACKAGES = {"keras": "Keras", "numpy": "NumPy", "pandas": "pandas", "scikit-learn": "scikit-learn"}
BACKENDS = {"cpu": ("tensorflow", "TensorFlow"), "jax": ("jax", "JAX")}  # Keras' word, and ours
RUN = """
import sys
from pathlib import Path
from helpers.authoring.course import execute

outcome = execute(Path(sys.argv[1]))
print(outcome.seconds, outcome.error)
"""


@dataclass(frozen=True)
class Runtime:
    """One set of packages.

    Attributes:
        name: as "2026.07".
        title: the heading of its column.
        backend: the extra of pyproject.toml with Keras' backend, "cpu" or "jax".
        pins: exact versions by package; of all others, the newest that pyproject.toml allows.
    """

    name: str
    title: str
    backend: str
    pins: dict[str, str] = field(default_factory=dict)

    @property
    def supported(self) -> bool:
        """Whether its Keras is in the range of pyproject.toml."""
        return "keras" not in self.pins or not is_too_old(self.pins["keras"])

    @property
    def folder(self) -> Path:
        """Its environment, which need not be there yet."""
        return BUILD / "envs" / self.name

    @property
    def python(self) -> Path:
        """The Python in it."""
        return self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def find(names: Iterable[str] = ()) -> list[Runtime]:
    """Runtimes by name; all when none is named.

    Raises:
        CourseError: there is no such runtime.
    """
    known = tomllib.loads(RUNTIMES.read_text("utf-8"))
    for name in names:
        if name not in known:
            raise CourseError(f"no runtime '{name}': name one of these: {', '.join(known)}")
    return [Runtime(name, **known[name]) for name in names or known]


def run(names: Iterable[str] = ()) -> bool:
    """Try the lessons on runtimes, one after the other; keep and show what happened.

    Args:
        names: of runtimes; all when empty.

    Returns:
        Whether all lessons passed on all of these runtimes that the course supports.

    Raises:
        CourseError: there is no such runtime.
    """
    good = True
    for runtime in find(names):
        entry = try_lessons(runtime)
        record = load() | {runtime.name: entry}
        text = json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        notebooks.write_text(RECORD, text)
        write_page()
        good &= not runtime.supported or set(entry["lessons"].values()) <= SHOWN.keys()
    return good


def load() -> dict[str, dict]:
    """What is recorded, {runtime: {"date", "versions", "lessons"}}; empty before the first run."""
    return json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}


# --- trying -------------------------------------------------------------------------------------


def try_lessons(runtime: Runtime) -> dict:
    """Install a runtime's packages and run every lesson; whatever goes wrong is noted.

    Returns:
        The date; versions by package; of each lesson "passed", "needs TensorFlow" or the reason.
    """
    entry = {"date": date.today().isoformat(), "versions": {}}
    print(f"{runtime.name}: installing into build/envs, which takes minutes …", flush=True)
    try:
        install(runtime)
    except CourseError as error:
        print(f"{runtime.name}: {error}", flush=True)
        return entry | {"lessons": {path.stem: str(error) for path in notebooks.lessons()}}
    entry["versions"] = installed(runtime)
    with tempfile.TemporaryDirectory(prefix="course-versions-") as folder:
        lessons = notebooks.lessons(_copy_of_course(Path(folder)))
        entry["lessons"] = {
            path.stem: _try_lesson(runtime, path, f"{runtime.name} [{number}/{len(lessons)}]")
            for number, path in enumerate(lessons, start=1)
        }
    return entry


def _try_lesson(runtime: Runtime, path: Path, label: str) -> str:
    print(f"{label} {path.stem} …", flush=True)
    seconds, status = 0.0, NEEDS
    if runtime.backend != "jax" or "import tensorflow" not in path.read_text("utf-8"):
        seconds, error = execute(runtime, path)
        status = error or PASSED
    print(f"{label} {path.stem} in {seconds:.0f} s: {status}", flush=True)
    return status


def _copy_of_course(folder: Path) -> Path:
    """What lessons read, elsewhere: files that they leave must not meet another version.

    There is no pyproject.toml in it: so `course.start` does not stop a lesson whose Keras is too
    old, and the record tells what really fails.
    """
    for name in ("helpers", "data", "notebooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def execute(runtime: Runtime, path: Path) -> tuple[float, str]:
    """Run a lesson of a copied course with a runtime's packages, and without a network.

    Returns:
        Seconds, and in one line the reason why it failed, "" when it passed.
    """
    course = path.parents[1]
    folders = {"COURSE_CACHE": "cache", "KERAS_HOME": "keras", "MPLCONFIGDIR": "matplotlib"}
    variables = {name: str(course / "build" / folder) for name, folder in folders.items()}
    variables["PYTHONPATH"] = str(ROOT / "tests" / "no_network")
    variables["KERAS_BACKEND"] = BACKENDS[runtime.backend][0]
    command = [runtime.python, "-c", RUN, path]
    environment = os.environ | variables
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return 0.0, f"the course runner does not start: {said[-1]}"
    seconds, _, error = done.stdout.strip().partition(" ")
    return float(seconds), error


# --- environments -------------------------------------------------------------------------------


def install(runtime: Runtime) -> None:
    """Make a runtime's environment anew, with what the lessons and their runner import.

    The course itself is not installed: its ranges may not allow these versions.

    Raises:
        CourseError: it can't be made, or pip finds no packages that fit.
    """
    pins = runtime.folder.with_name(f"{runtime.name}.txt")  # for packages that others bring, too
    notebooks.write_text(pins, "".join(f"{name}=={at}\n" for name, at in _pins(runtime).items()))
    pip = [runtime.python, "-m", "pip", "install", "--quiet", "--constraint", pins]
    for command in (
        [sys.executable, "-m", "venv", "--clear", runtime.folder],
        pip + requirements(runtime),
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            said = re.findall("^ERROR: (.+)", done.stderr, re.M) or ["no environment can be made"]
            raise CourseError(textwrap.shorten(f"not installed: {said[0]}", 200, placeholder=" …"))


def requirements(runtime: Runtime) -> list[str]:
    """What pip is asked for: pyproject.toml's requirements, without the range of what is pinned."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    runner = [line for line in extras["site"] if line.startswith("nb")]  # no pages are built
    wanted = project["dependencies"] + extras["lessons"] + extras[runtime.backend] + runner
    return [_without_range(line, _pins(runtime)) for line in wanted]


def _without_range(requirement: str, pins: dict[str, str]) -> str:
    name, condition = re.fullmatch(r"([\w-]+)[^;]*(.*)", requirement).groups()
    return name + condition if name in pins else requirement


def _pins(runtime: Runtime) -> dict[str, str]:
    """With TensorFlow's CPU build, which has a name of its own."""
    pins = runtime.pins
    return pins | ({"tensorflow-cpu": pins["tensorflow"]} if "tensorflow" in pins else {})


def installed(runtime: Runtime) -> dict[str, str]:
    """Versions in a runtime's environment: of Python, the backend and PACKAGES."""
    command = [runtime.python, "-m", "pip", "inspect", "--local"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    rows = [row["metadata"] for row in report["installed"]]
    have = {re.sub("[_-]cpu$", "", row["name"]): row["version"] for row in rows}
    package, name = BACKENDS[runtime.backend]
    versions = {"python": report["environment"]["python_full_version"]}
    versions["backend"] = f"{name} {have[package]}"
    return versions | {package: have[package] for package in PACKAGES}


# --- showing ------------------------------------------------------------------------------------

TEXT = """# Which versions work

Each column is a set of packages, and each row a lesson. ✓ means that every cell ran, in the quick
profile and without internet, as *Run all* does it.

{lessons}
{reasons}
## What was installed

These are sets of packages, and not Colab itself: Colab has many more packages, and its Python is
3.11 to 3.13, so it may be another one than here. Where a column names two of Colab's runtimes, both
have the same Keras, and the versions below are those of the newer one.

{versions}

The course supports Keras {oldest} and newer. With an older one, the first cell of each lesson stops
and says which runtime to choose; the table shows what would happen without that stop. In Colab you
choose in *Runtime → Change runtime type → Runtime version*.

`python -m helpers versions` runs the lessons again. It writes this page from `data/versions.json`,
so do not change it by hand. What the runtimes are stands in `data/runtimes.toml`.
"""


def write_page() -> None:
    """Write notebooks/versions.md anew from the record."""
    notebooks.write_text(PAGE, page(load()))


def page(record: dict[str, dict]) -> str:
    """The page that shows a record, in Markdown: lessons by runtimes, reasons, versions."""
    runtimes = [runtime for runtime in find() if runtime.name in record]
    numbers: dict[str, int] = {}  # of footnotes, by reason
    rows = []
    for path in notebooks.lessons():
        said = [record[runtime.name]["lessons"].get(path.stem) for runtime in runtimes]
        cells = [_cell(status, numbers) for status in said]
        rows.append([f"[{notebooks.title(notebooks.read(path))}]({path.name})", *cells])
    reasons = "".join(f"\n[^{number}]: {_code(reason)}\n" for reason, number in numbers.items())
    return TEXT.format(
        lessons=_table(["lesson", *(runtime.title for runtime in runtimes)], rows),
        reasons=reasons,
        versions=_versions(runtimes, record),
        oldest=oldest_keras(),
    )


def _cell(status: str | None, numbers: dict[str, int]) -> str:
    """✓, words, or a cross with its footnote, which lessons share that fail for the same reason."""
    if status is None:
        return "not tried"
    return SHOWN.get(status) or f"✗[^{numbers.setdefault(status, len(numbers) + 1)}]"


def _versions(runtimes: list[Runtime], record: dict[str, dict]) -> str:
    rows = []
    for runtime in runtimes:
        entry = record[runtime.name]
        versions = [entry["versions"].get(name, "–") for name in ("python", "backend", *PACKAGES)]
        supported = "yes" if runtime.supported else "no"
        rows.append([runtime.title, *versions, supported, entry["date"]])
    heads = ["runtime", "Python", "backend", *PACKAGES.values(), "supported", "tried on"]
    return _table(heads, rows)


def _code(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
