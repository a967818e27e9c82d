"""What a job does inside the sandbox: it runs a student's cells and answers, or it measures.

A *student's* job runs the cells of a notebook and then answers requests, one by one. A *clean* job
runs no code of anybody's: it rebuilds a network or opens image files, and measures them.

Frames go both ways: four bytes of length, one letter, content. Between host and job, J is JSON, F a
file, and M what a clean job is to measure. The host believes neither form nor content.
"""

import ast
import builtins
import contextlib
import csv
import functools
import io
import json
import os
import signal
import struct
import sys
import time
from importlib.machinery import ModuleSpec
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np

if __package__:
    from helpers.grading.evidence import Refused, dumps, loads
else:  # inside, where no more of the grader is in sight
    from evidence import Refused, dumps, loads

WORK = "/course/notebooks"  # a job's folder; the course's helpers and data lie above it
STOPPED, SLOW = "stopped after", "it took longer than"
KEPT = 20_000  # signs of what a cell printed
MAX_ROWS = 20_000  # of a table
IMPORTED = (  # by notebooks, so once for all of them
    *("tensorflow", "keras.applications", "matplotlib.pyplot", "pandas", "scipy.stats", "seaborn"),
    *("sklearn.metrics", "sklearn.model_selection", "helpers.course", "helpers.datasets"),
    *("helpers.image_files", "helpers.metrics", "helpers.models", "helpers.plots"),
)


_home = Path()  # where files are looked for, wherever a cell has gone


class Slow(BaseException):
    """The time for a cell or a call is over; no `except Exception` swallows it."""


# --- frames -------------------------------------------------------------------------------------


def frame(letter: bytes, content: bytes) -> bytes:
    """One frame: its length, its letter, its content."""
    return struct.pack(">I", len(content)) + letter + content


def send(descriptor: int, letter: bytes, content: bytes = b"") -> None:
    """Write one frame."""
    rest = memoryview(frame(letter, content))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def receive(descriptor: int) -> tuple[bytes, bytes]:
    """Read one frame: its letter and its content; EOFError where there is none."""
    head = _exactly(descriptor, 5)
    return head[4:], _exactly(descriptor, struct.unpack(">I", head[:4])[0])


def _exactly(descriptor: int, size: int) -> bytes:
    parts = []
    while size:
        part = os.read(descriptor, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


# --- the student's job --------------------------------------------------------------------------


class _Printed(io.TextIOBase):
    """Keeps the first signs of what is printed, and drops the rest."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        if len(self.text) < KEPT:
            self.text += text[: KEPT - len(self.text)]
        return len(text)

    def writable(self) -> bool:
        return True


class _OnlyInColab:
    """Lets `from google.colab import drive` pass, so that the rest of its cell runs."""

    name = "google.colab"

    def find_spec(self, name, path=None, target=None):
        return ModuleSpec(name, self) if name.startswith(self.name) else None

    def create_module(self, spec):
        return MagicMock(__path__=[], __spec__=spec)

    def exec_module(self, module):
        pass


@contextlib.contextmanager
def _at_most(seconds: float):
    """Raise `Slow` inside when the time is over."""

    def ring(*_):
        raise Slow

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.1))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def student(job: dict, ask: int, tell: int) -> None:
    """Run the cells, then answer what is asked until nothing more comes."""
    from IPython.core.interactiveshell import InteractiveShell

    global _home
    _home = Path.cwd()
    shell = InteractiveShell.instance()
    sys.meta_path.append(_OnlyInColab())
    builtins.input = lambda *_: ""
    sys.breakpointhook = lambda *_, **__: None
    for _ in range(job["files"]):
        name, _, content = receive(ask)[1].partition(b"\0")
        file = Path(name.decode())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    now = time.monotonic  # a cell may put something else in its place
    over = now() + job["seconds"]
    me = os.getpid()
    seen = _watched() if job["method"] else None
    for number, source in job["cells"]:
        if now() > over + job["seconds"]:  # each late cell had a second; now it is enough
            error = "not run: the time for all cells was over"
            send(tell, b"J", dumps({"cell": number, "text": "", "error": error}))
            continue
        os.chdir(_home)  # a path of the student's computer leads nowhere here
        send(tell, b"J", dumps({"cell": number}))
        if seen:
            seen.cell = number
        text, error = _run_cell(shell, source, cell_seconds(over - now()))
        if os.getpid() != me:  # a copy that the cell has forked
            os._exit(0)
        for name in [name for name in sys.modules if name.startswith(_OnlyInColab.name)]:
            del sys.modules[name]  # or the setup cell would take this for Colab
        if error.startswith(STOPPED):
            _alone()
        send(tell, b"J", dumps({"cell": number, "text": text, "error": error}))
    _alone()
    send(tell, b"J", dumps({"ready": True, "method": _noticed(seen)}))
    while True:
        request = loads(receive(ask)[1])
        sys.stdout = sys.stderr = _Printed()
        letter, content = collect(request, shell.user_ns)
        send(tell, letter, content)


def _watched():
    """A record of method that has begun."""
    from helpers import method

    return method.start()


def _noticed(seen) -> list:
    """Cell, bug and reason of each finding. A cell may have broken the record, or forged it."""
    if seen is None:
        return []
    try:
        from helpers import method_rules

        seen.stop()
        found = method_rules.findings(seen.calls)[:30]
        return [[int(cell), str(bug)[:40], str(reason)[:300]] for cell, bug, reason in found]
    except Exception:
        return []


def cell_seconds(left: float) -> float:
    """How long one cell may take, of the seconds left for all: it leaves some to the others."""
    return max(1.0, left / 2)


def _alone() -> None:
    """End what the cells have started: it would take time from the answers."""
    if os.getpid() == 1:  # the first process of a namespace: nobody else is meant
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(-1, signal.SIGKILL)
            while True:
                os.wait()


def _run_cell(shell, source: str, seconds: float) -> tuple[str, str]:
    """What a cell printed, and the exception it ended with, "" for none."""
    sys.stdout = sys.stderr = printed = _Printed()
    try:
        with _at_most(seconds):
            result = shell.run_cell(source, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            if result.error_in_exec and not isinstance(error, Slow):
                # What the cell defines further down is no worse for the line that failed.
                for definition in _definitions(shell.transform_cell(source)):
                    shell.run_cell(definition, store_history=False)
    except Slow as slow:
        error = slow
    if error is None:
        return printed.text, ""
    return printed.text, f"{STOPPED} {seconds:.0f} s" if isinstance(error, Slow) else _say(error)


def _definitions(source: str) -> list[str]:
    """The functions, classes and imports of a cell."""
    kept = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom
    return [ast.unparse(node) for node in ast.parse(source).body if isinstance(node, kept)]


def _say(error: BaseException) -> str:
    """An exception in one line; it may be of the student's own making."""
    try:
        text = " ".join(str(error).split())
    except BaseException:
        text = "…"
    return f"{type(error).__name__[:60]}: {text[:200]}"


# --- answers ------------------------------------------------------------------------------------


def collect(request: dict, namespace: dict) -> tuple[bytes, bytes]:
    """The answer to one request: J and {"value": …} or {"error": …}, or M and what to measure.

    Args:
        request: "kind" ("Call", "Value", "Network", "Table"), "seconds", and the fields of the
            class of this name in `labs`.
        namespace: what the notebook's cells defined.
    """
    kind = request["kind"]
    find = {"Call": _call, "Value": _value, "Network": _network, "Table": _table}
    try:
        with _at_most(request["seconds"]):
            value = find[kind](request, namespace)
            if kind == "Network":
                return b"M", value
            return b"J", dumps({"value": value})
    except Slow:
        error = f"{SLOW} {request['seconds']:.0f} s."
    except Refused as refused:
        error = f"it gave {refused}, where a plain value or an array was asked for."
    except _Missing as missing:
        error = str(missing)
    except BaseException as raised:
        error = f"it stopped with {_say(raised)}"
    return b"J", dumps({"error": error[:1000]})


class _Missing(Exception):
    """What is asked for is not there; the text says so in a sentence."""


def _call(request: dict, namespace: dict):
    name = request["function"]
    function = namespace.get(name)
    if function is None:
        raise _Missing(f"the notebook has no function `{name}`.")
    if not callable(function):
        raise _Missing(f"`{name}` is no function but a {type(function).__name__[:60]}.")
    return function(*request["arguments"])


def _value(request: dict, namespace: dict):
    if (name := request["name"]) not in namespace:
        raise _Missing(f"the notebook has no variable `{name}`.")
    return namespace[name]


def _network(request: dict, namespace: dict) -> bytes:
    """Architecture and weights, as the bytes of an .npz file."""
    import keras

    model = _value(request, namespace)
    if callable(model) and not isinstance(model, keras.Model):
        model = model()
    if not isinstance(model, keras.Model):
        what = "None: nothing was made yet" if model is None else "no Keras model"
        raise _Missing(f"`{request['name']}` is {what}.")
    if not model.built:
        raise _Missing(f"the model `{request['name']}` has no weights yet: give it an Input.")
    with _uncompiled(model):
        architecture = keras.Model.to_json(model)
    weights = {f"w{k}": np.asarray(w) for k, w in enumerate(keras.Model.get_weights(model))}
    told = {"architecture": architecture, "weights": len(weights)}
    return _archive(json.dumps(told), weights)


@contextlib.contextmanager
def _uncompiled(model):
    """Without its losses and schedules, which may be a student's own and know no `get_config`."""
    import keras

    models = [model, *(part for part in model._flatten_layers() if isinstance(part, keras.Model))]
    before = [one.compiled for one in models]
    try:
        for one in models:
            one.compiled = False
        yield
    finally:
        for one, compiled in zip(models, before, strict=True):
            one.compiled = compiled


def _table(request: dict, _namespace: dict) -> dict:
    """Heading to texts."""
    rows = list(csv.reader(io.StringIO(_read(request["file"]).decode("utf-8-sig"))))
    if not rows or len(rows) - 1 > MAX_ROWS:
        raise _Missing(f"`{request['file']}` has {len(rows):,} lines: 1 to {MAX_ROWS:,} are read.")
    if any(len(row) != len(rows[0]) for row in rows):
        raise _Missing(f"`{request['file']}` has lines with more or fewer cells than headings.")
    return {heading.strip(): list(column) for heading, *column in zip(*rows, strict=True)}


def _read(name: str) -> bytes:
    if not (_home / name).is_file():
        raise _Missing(f"there is no file `{name}` beside the notebook.")
    return (_home / name).read_bytes()


def photos(folder: str, files: dict[str, bytes]) -> bytes:
    """The files below a folder, of those handed in, as the bytes of an .npz file.

    No cell has a say in it: a photo that a cell makes was not handed in.
    """
    found = {name: files[name] for name in sorted(files) if name.startswith(f"{folder}/")}
    names = [name.removeprefix(f"{folder}/") for name in found]
    content = {f"w{k}": np.frombuffer(data, "u1") for k, data in enumerate(found.values())}
    return _archive(json.dumps({"names": names}), content)


def _archive(told: str, arrays: dict[str, np.ndarray]) -> bytes:
    file = io.BytesIO()
    np.savez(file, told=np.frombuffer(told.encode(), "u1"), **arrays)
    return file.getvalue()


# --- the clean job ------------------------------------------------------------------------------


def measure(request: dict, content: bytes) -> bytes:
    """What there is to say about a network or a folder of photos, as packed JSON.

    Args:
        request: "kind" ("Network" or "Photos"); for a network "images" (or None), "training".
        content: what `collect` or `photos` made of it.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            told = json.loads(bytes(file["told"]))
            if request["kind"] == "Photos":
                return dumps({"value": _look(told["names"], file)})
            weights = [file[f"w{k}"] for k in range(told["weights"])]
        return dumps({"value": _rebuilt(told, weights, request["images"], request["training"])})
    except Exception as error:
        return dumps({"error": f"what was handed in cannot be opened again: {_say(error)}"})


@functools.cache
def _built(architecture: str):
    import keras

    return keras.models.model_from_json(architecture)


def _rebuilt(told: dict, weights: list, images, training: bool) -> dict:
    import keras

    model = _built(told["architecture"])
    model.set_weights(weights)  # also after a call with training=True, which changes some
    outputs = None
    if images is not None:
        parts = [images[k : k + 100] for k in range(0, len(images), 100)]
        outputs = [keras.ops.convert_to_numpy(model(p, training=training)) for p in parts]
        outputs = np.concatenate(outputs).astype("float32")
    return {
        "layers": list(_layers(model)),
        "parameters": model.count_params(),
        "trainable_parameters": sum(int(np.prod(w.shape)) for w in model.trainable_weights),
        "input": list(model.input_shape[1:]),
        "output": list(model.output_shape[1:]),
        "outputs": outputs,
    }


def _layers(model):
    import keras

    for layer in model.layers:
        with contextlib.suppress(Exception):
            yield {
                "class": type(layer).__name__,
                "name": layer.name,
                "config": _plain_config(layer.get_config()),
                "parameters": layer.count_params(),
                "trainable": layer.trainable,
                "output": list(layer.output.shape[1:]),
            }
        if isinstance(layer, keras.Model):
            yield from _layers(layer)


def _plain_config(config: dict) -> dict:
    """The settings that are single values, or short lists of them."""
    single = bool | int | float | str | None
    return {
        name: list(value) if isinstance(value, list | tuple) else value
        for name, value in config.items()
        if isinstance(value, single)
        or (isinstance(value, list | tuple) and all(isinstance(v, single) for v in value[:99]))
    }


def _look(names: list[str], file) -> list[dict]:
    from helpers import image_files
    from helpers.settings import CourseError

    found = []
    for number, name in enumerate(names):
        path = Path("photo")
        path.write_bytes(bytes(file[f"w{number}"]))
        about = {"file": name, "folder": name.rpartition("/")[0], "problem": ""}
        try:
            image = image_files.decode(path)[1]
            gray = np.asarray(image.convert("L").resize((16, 16)), "u1")
            about |= {"size": list(image.size), "thumbnail": gray}
        except CourseError as error:
            about |= {"problem": str(error), "size": [0, 0], "thumbnail": np.zeros((16, 16), "u1")}
        found.append(about)
    return found
