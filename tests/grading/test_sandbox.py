"""The sandbox: what holds, what it gives back, and that no cell costs another one anything."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from helpers.grading import batch, bounds, selftest
from helpers.grading.bounds import Limits
from helpers.grading.labs import Call, Network, Photos, Table, Value, same
from helpers.grading.sandbox import Sandbox
from helpers.settings import ROOT, CourseError
from tests.grading.hostile_cells import CELLS, FORGERIES

LIMITS = Limits(seconds=3, memory_mb=600, scratch_mb=32)
RIGHT = "def double(x):\n    return 2 * x"
OTHER = "import keras\ndef other(x):\n    return x + 1\nanswer = 42"
ASKED = {"double": [Call("double", (42,), 1.0)], "other": [Call("other", (1,), 1.0)]}


@pytest.fixture(scope="module")
def box():
    opened = Sandbox()
    yield opened
    opened.close()


def values(run, task):
    return [answer.value for answer in run.answers[task]]


def test_every_bound_holds(box):
    assert [found for found in selftest.broken(box) if found[1]] == []


@pytest.mark.skipif(os.getuid() != 0, reason="this user is an ordinary one: see the test before")
def test_every_bound_holds_for_an_ordinary_user_too():
    command = [sys.executable, "-m", "helpers", "grade", "--selftest"]
    nobody = {"user": 65534, "group": 65534, "extra_groups": (), "cwd": ROOT}
    try:
        subprocess.run([sys.executable, "-c", "import keras"], check=True, **nobody)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this Python or this checkout is not an ordinary user's to read")
    done = subprocess.run(command, capture_output=True, text=True, **nobody)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" ok") >= 12


def test_nothing_is_marked_where_a_bound_does_not_hold(monkeypatch):
    loose = selftest.Bound(
        "a wall", "def after(): return 'still here'\ndef probe(): return ['out']"
    )
    monkeypatch.setattr(selftest, "_bounds", lambda *_: [loose])
    with pytest.raises(CourseError, match="a wall"):
        batch.check()


TRAIN = """
import keras
import numpy as np
from helpers import datasets
data = datasets.load("cifar10")
(x, y), (x_test, y_test) = data.train, (np.array(part) for part in data.test)
x, y = x[:200], y[:200]
model = keras.Sequential([keras.Input((32, 32, 3)), keras.layers.GlobalAveragePooling2D(),
                          keras.layers.Dense(10, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, validation_data=(x_test, y_test), verbose=0)
"""
FORGE = "from helpers import method_rules\nmethod_rules.findings = lambda calls: {}"


@pytest.mark.parametrize(
    ("forged", "cells"),
    [
        ("", [(2, "test")]),
        (FORGE.format("[(1, 2, 3), (4, 'x'), ('a', 'b', 'c'), 7]"), []),
        (FORGE.format("1 / 0"), []),
        (FORGE.format("[(1, 'b', 'c' * 10**6)]"), [(1, "b")]),
        ("import keras\nkeras.Model.fit = None", []),
    ],
)
def test_a_record_of_method_comes_out_and_harms_nothing(forged, cells, box):
    limits = Limits(seconds=20, memory_mb=1500, scratch_mb=32)
    run = box.run([RIGHT, forged, TRAIN, OTHER], {}, ASKED, limits, method=True)
    assert [(cell, bug) for cell, bug, _ in run.method] == cells
    assert values(run, "double") == [84]
    assert values(run, "other") == [2]


def test_without_bubblewrap_it_says_what_to_install(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CourseError, match="bubblewrap"):
        Sandbox()


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.timeout(60)
def test_a_cell_costs_right_answers_nothing(name, box):
    run = box.run([RIGHT, CELLS[name], OTHER], {}, ASKED, LIMITS)
    assert values(run, "double") == [84], run
    assert values(run, "other") == [2], run
    assert not box.left()
    assert len(run.cells[1]["text"]) <= 20_000


@pytest.mark.parametrize("name", FORGERIES)
@pytest.mark.timeout(60)
def test_a_forged_answer_is_no_answer_and_costs_no_other_task(name, box):
    run = box.run([OTHER, FORGERIES[name]], {}, ASKED, LIMITS)
    assert not same(values(run, "double")[0], 84), run
    # Whoever writes into the evidence harms their own.
    assert values(run, "other") == ([None] if name == "forged frames" else [2]), run
    assert not box.left()


def test_nothing_of_one_job_is_seen_by_the_next(box):
    leave = (
        "import os, keras\nfor f in ('.', '/tmp', '/dev/shm'): open(f'{f}/mine', 'w').write('x')"
    )
    look = "import os\nfound = [p for f in ('.', '/tmp', '/dev/shm') for p in os.listdir(f)]"
    assert box.run([leave], {}, {}, LIMITS).cells[0]["error"] == ""
    assert values(box.run([look], {}, {"v": [Value("found")]}, LIMITS), "v") == [[]]


def test_memory_is_bounded_without_a_control_group_too(box, monkeypatch):
    monkeypatch.setattr(bounds, "_parents", lambda: {"both": Path("/nowhere")})
    many = (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        x = [b'x' * (1 << 20) for _ in range(200)]\n        time.sleep(20)\ntime.sleep(20)"
    )
    time_enough = Limits(seconds=30, memory_mb=600, scratch_mb=32)
    run = box.run([many, RIGHT], {}, {"double": ASKED["double"]}, time_enough)
    assert "memory" in run.limits
    assert values(run, "double") == [84]


MODEL = """
import keras
class Liar(keras.Sequential):
    def count_params(self): return 7
    def __call__(self, *a, **k): return 1
model = {}([keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
model.compile("adam", "mse")
"""
IMAGES = np.zeros((3, 4, 4, 3), np.uint8)


@pytest.mark.parametrize(
    ("cell", "parameters", "error"),
    [
        (MODEL.format("keras.Sequential"), 98, ""),
        ("def model():\n" + MODEL.replace("\n", "\n    ").format("keras.Sequential")
         + "return model", 98, ""),
        (MODEL.format("Liar"), None, "cannot be opened"),
        ("import keras\nmodel = keras.Sequential([keras.Input((2,)),"
         " keras.layers.Lambda(lambda x: x)])", None, "cannot be opened"),
        ("model = 3", None, "no Keras model"),
        ("import keras\nmodel = keras.Sequential([keras.layers.Dense(2)])", None, "Input"),
    ],
    ids=["a model", "a function", "a class of one's own", "a lambda", "no model", "not built"],
)  # fmt: skip
def test_a_network_is_measured_from_its_weights(cell, parameters, error, box):
    [answer] = box.run([cell], {}, {"m": [Network("model", IMAGES)]}, LIMITS).answers["m"]
    assert error in answer.error
    assert (answer.value or {}).get("parameters") == parameters
    if parameters:
        assert answer.value["outputs"].shape == (3, 2)
        assert [layer["class"] for layer in answer.value["layers"]] == ["Flatten", "Dense"]


FORGED = """
import gc, json
for one in gc.get_objects():
    if type(one) is dict and "_rebuilt" in one:
        told = {{"dict": [["value", {}]]}}
        one["collect"] = lambda *_: (b"J", json.dumps(told).encode())
"""


@pytest.mark.parametrize("value", ["None", "{'dict': [['parameters', 98]]}", "[[]]"])
def test_what_a_network_or_a_photo_is_like_is_never_believed(value, box):
    asked = {"m": [Network("model", IMAGES)], "p": [Photos("photos")], "other": ASKED["other"]}
    draw = (
        "import os, PIL.Image as i\nos.mkdir('photos')\ni.new('L', (99, 99)).save('photos/a.png')"
    )
    run = box.run([OTHER, draw, FORGED.format(value)], {}, asked, LIMITS)
    assert (values(run, "m"), values(run, "p")) == ([None], [[]]), run


def test_a_heartbeat_does_not_hold_the_batch(box):
    beat = (
        "import os, signal, struct, time\nsignal.setitimer(signal.ITIMER_REAL, 0)\n"
        'text = b\'{"dict": [["cell", 1]]}\'\nwhile True:\n'
        "    os.write(100, struct.pack('>I', len(text)) + b'J' + text)\n    time.sleep(0.2)"
    )
    start = time.monotonic()
    run = box.run([RIGHT, beat], {}, {"double": ASKED["double"]}, LIMITS)
    assert values(run, "double") == [84] and "time" in run.limits
    assert time.monotonic() - start < 20


OWN = """
import keras
class Mine(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step): return 0.1
def loss(true, predicted): return keras.ops.mean((true - predicted) ** 2)
""" + MODEL.format("keras.Sequential").replace(
    'model.compile("adam", "mse")', "model.compile(keras.optimizers.Adam(Mine()), loss)"
)


def test_a_loss_and_a_schedule_of_ones_own_are_no_obstacle(box):
    [answer] = box.run([OWN], {}, {"m": [Network("model", IMAGES)]}, LIMITS).answers["m"]
    assert answer.error == "" and answer.value["parameters"] == 98


def test_files_handed_in_are_read(box, tmp_path):
    from PIL import Image

    Image.new("RGB", (20, 30), "red").save(tmp_path / "a.png")
    files = {"p.csv": b"image,class\na,cat\nb,\xf0\x9f\x90\xb1\n", "photos/cat/a.png": b""}
    files |= {"photos/cat/a.png": (tmp_path / "a.png").read_bytes(), "photos/dog/b.png": b"no"}
    asked = {"t": [Table("p.csv"), Table("q.csv")], "p": [Photos("photos"), Photos("none")]}
    run = box.run([], files, asked, LIMITS)
    table, missing = run.answers["t"]
    assert table.value == {"image": ["a", "b"], "class": ["cat", "\N{CAT FACE}"]}
    assert "no file" in missing.error
    photos = run.answers["p"][0].value
    assert [(p["folder"], bool(p["problem"]), p["size"]) for p in photos] == [
        ("cat", False, [20, 30]),
        ("dog", True, [0, 0]),
    ]
    assert run.answers["p"][1].value == []


def test_unconfined_gives_the_same_answers():
    opened = Sandbox(confined=False)
    try:
        asked = ASKED | {"m": [Network("model", IMAGES)]}
        cells = [RIGHT, CELLS["leaves a daemon"], OTHER, MODEL.format("keras.Sequential")]
        run = opened.run(cells, {}, asked, LIMITS)
        assert (values(run, "double"), values(run, "other")) == ([84], [2])
        assert run.answers["m"][0].value["parameters"] == 98
    finally:
        opened.close()
