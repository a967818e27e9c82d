"""The demo: answers like `predict.top_k`, says why a file is refused, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading

import numpy as np
import pytest
import requests
from PIL import Image

from helpers import demo, model_files, predict
from helpers.settings import ROOT, CourseError

gr = pytest.importorskip("gradio", reason="the package gradio is not installed")


@pytest.fixture(scope="module")
def small():
    return model_files.load("small")


@pytest.fixture
def photo(tmp_path):
    """A wide image, CMYK, as no browser sends it."""
    path = tmp_path / "mine.jpg"
    colors = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    Image.fromarray(colors).convert("CMYK").resize((150, 60), Image.Resampling.BICUBIC).save(path)
    return path


def test_answers_as_top_k_without_a_server(small, photo):
    for how in predict.WAYS:
        label, seen = demo.page(small)(str(photo), how)
        found = [(one["label"], one["confidence"]) for one in label["confidences"]]
        expected = predict.top_k(small.model, photo, how=how, **small.options)
        assert found == [(name, pytest.approx(p, abs=1e-6)) for name, p in expected]
        assert np.array_equal(
            np.asarray(Image.open(seen))[3::7, 3::7], predict.seen_by(small.model, photo, how)
        )


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n broken"])
def test_a_bad_file_is_refused_in_one_line(small, tmp_path, content):
    path = tmp_path / "<b>letter.png"
    path.write_bytes(content)
    with pytest.raises(gr.Error, match=r"&lt;b&gt;letter\.png (is|has)") as error:
        demo.page(small).fn(str(path), "crop")
    assert "\n" not in error.value.message


STUB = """
import sys, types  # without Keras, which takes long to import
sys.modules["helpers.predict"] = types.SimpleNamespace(WAYS=["crop"])
sys.modules["helpers.model_files"] = types.SimpleNamespace(Loaded=None)
from helpers import demo
demo.serve(types.SimpleNamespace(name="stub", class_names=("a",), options={}, size=None))
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_starts_takes_bounded_files_and_ends_with_nothing_left(tmp_path, number):
    environment = os.environ | {"TMPDIR": str(tmp_path / "own")}
    (tmp_path / "own").mkdir()
    options = {"cwd": ROOT, "env": environment, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-c", STUB], **options)
    guard = threading.Timer(200, process.kill)  # ends what hangs
    guard.start()
    url = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
    small, large = ({"files": ("a.jpg", bytes(size))} for size in (9, demo.MAX_UPLOAD + 1))
    for files, status in ((small, 200), (large, 413)):
        sent = requests.post(f"{url}gradio_api/upload", files=files, timeout=60)
        assert sent.status_code == status
    assert list((tmp_path / "own").rglob("a.jpg"))
    process.send_signal(number)
    assert process.wait(60) == 0
    guard.cancel()
    assert not [path for path in (tmp_path / "own").rglob("*") if path.is_file()]


def test_what_cannot_be_served_is_said_at_once(small, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for port in (taken.getsockname()[1], 70_000):
            with pytest.raises(CourseError, match="port"):
                demo.serve(small, port)
    monkeypatch.setitem(sys.modules, "gradio", None)
    with pytest.raises(CourseError, match="pip install"):
        demo.page(small)
