"""The demo: answers like the notebook, opens only what was uploaded, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import requests
from filelock import FileLock
from PIL import Image

pytest.importorskip("gradio", reason="the package gradio is not installed")

from helpers import demo, model_files, predict
from helpers.settings import ROOT, CourseError


@pytest.fixture(scope="module")
def small():
    return model_files.load("small")


@pytest.fixture(scope="module")
def url(small):
    """The page's address."""
    with demo.serving(small) as found:
        yield found


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    """An image file that was not uploaded."""
    path = tmp_path_factory.mktemp("photo") / "mine.png"
    colors = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    Image.fromarray(colors).resize((150, 60), Image.Resampling.BICUBIC).save(path)
    return path


def upload(url, path):
    with path.open("rb") as file:
        answer = requests.post(f"{url}gradio_api/upload", files={"files": file}, timeout=60)
    return answer.json()[0]


def ask(url, data):
    """The answer to an API request that is not refused."""
    address = f"{url}gradio_api/call/predict"
    asked = requests.post(address, json={"data": data}, timeout=60).json()
    return requests.get(f"{address}/{asked['event_id']}", timeout=60).text


def test_answers_as_the_notebook(url, small, photo):
    text = ask(url, [{"path": upload(url, photo)}, True, "pad"])
    pairs = re.findall(r'"label": "(\w+)", "confidence": ([\d.e-]+)', text)
    expected = predict.top_k(small.model, photo, how="pad", mirror=True, **small.options)
    assert [name for name, _ in pairs[:5]] == [name for name, _ in expected]
    assert np.allclose([float(p) for _, p in pairs[:5]], [p for _, p in expected], atol=1e-5)


def test_a_bad_file_is_refused_in_one_line(url, tmp_path):
    path = tmp_path / "letter.png"
    path.write_text("no image")
    text = ask(url, [{"path": upload(url, path)}, False, "crop"])
    assert "letter.png is no image" in text and "Traceback" not in text


def test_upload_is_bounded(url):
    data = b"\0" * (demo.MAX_UPLOAD_MB * 1_000_000 + 1)
    answer = requests.post(f"{url}gradio_api/upload", files={"files": ("a.png", data)}, timeout=60)
    assert answer.status_code == 413


# --- only what was uploaded in this run, to this computer ---

META = {"_type": "gradio.FileData"}
BODIES = {
    "a path": lambda path: {"path": path},
    "with meta": lambda path: {"path": path, "meta": META},
    "with address": lambda path: {"path": path, "url": f"file://{path}", "meta": META},
    "a text": lambda path: path,
    "nested": lambda path: {"value": {"path": path, "meta": META}},
    "listed": lambda path: [{"path": path, "meta": META}],
}
POSTS = (
    *("call/predict", "queue/join"),  # the page needs them
    *("run/predict", "call/predict/", "call/v2/predict", "queue/join/", "api/predict"),
    *("component_server", "process_recording", "stream/x", "deep_link", "vibe-edit"),
)
GETS = ("file=", "file/", "proxy=", "proxy=http://127.0.0.1", "stream/", "run-history/", "runs")


@pytest.fixture(scope="module")
def forbidden(url, photo):
    """Paths that must not be told apart: there or not, linked, by detours, at home, on the web."""
    uploaded = Path(upload(url, photo))
    folder = uploaded.parent.parent
    (folder / "link.png").symlink_to(photo)
    (folder / "linked").symlink_to(photo.parent)
    return [
        *(str(photo), "/etc/passwd", "/no/such/file.png", "~/.bashrc", os.path.relpath(photo)),
        *(f"{folder}/link.png", f"{folder}/linked/{photo.name}", str(folder)),
        f"{uploaded.parent}/../{uploaded.parent.name}/{uploaded.name}",
        *(f"{folder}/../{photo.name}", f"{folder}/missing.png", f"{folder}.lock"),
        *(f"file://{photo}", f"{url}gradio_api/file={photo}", "http://127.0.0.1:9/a.png"),
        *("data:image/png;base64,AAAA", "", "a\0b", 7.5),
    ]


@pytest.mark.parametrize("body", BODIES)
def test_no_other_file_is_opened_and_all_refusals_are_alike(url, forbidden, body):
    answers = set()
    with requests.Session() as session:
        for path in forbidden:
            data = [BODIES[body](path), False, "crop"]
            for place in POSTS if path == forbidden[0] else POSTS[:2]:
                more = {"fn_index": 0, "session_hash": "x"}
                address = f"{url}gradio_api/{place}"
                response = session.post(address, json={"data": data, **more}, timeout=20)
                answers.add((response.status_code, response.text))
    assert [status for status, _ in answers] == [403]
    assert demo.REFUSAL in answers.pop()[1]


def test_beside_an_upload_nothing_is_handed_on(url, photo):
    path, other = upload(url, photo), str(photo)
    extra = {"path": path, "url": f"file://{other}", "more": {"path": other, "meta": META}}
    text = ask(url, [extra, False, "crop"])
    assert '"confidence"' in text and other not in text


def test_no_other_file_is_sent(url, forbidden):
    answers = set()
    with requests.Session() as session:
        for path in map(str, forbidden):
            if "/../" in path:  # the client itself would shorten it
                continue
            for place in GETS:
                response = session.get(f"{url}gradio_api/{place}{path}", timeout=20)
                answers.add((response.status_code, response.text))
    assert [status for status, _ in answers] == [403]
    detour = f"{url}static/..%2f..%2f..%2fetc/passwd"
    assert "root:" not in requests.get(detour, timeout=20).text


BROKEN = (b"", b"[]", b"{", b'{"data": 7}', b"[" * 90_000, b" " * 200_000)


def test_bodies_that_are_none(url):
    without_length = (b" " * 60_000 for _ in range(3))
    for body in (*BROKEN, without_length):
        response = requests.post(f"{url}gradio_api/call/predict", data=body, timeout=20)
        assert (response.status_code, demo.REFUSAL in response.text) == (403, True)


EVIL = "evil.example:{port}"


@pytest.mark.parametrize(
    "headers",
    [
        *({"Host": host} for host in (EVIL, "127.0.0.1", "127.0.0.1.evil.example:{port}", "")),
        *({"Origin": origin} for origin in ("http://evil.example", "null", "http://localhost:1")),
        {"Origin": "https://127.0.0.1:{port}"},
        {"Host": EVIL, "Origin": f"http://{EVIL}"},
    ],
)
def test_only_its_own_names(url, headers):
    port = url.rstrip("/").rpartition(":")[2]
    good = {"Host": "localhost:{port}"}, {"Origin": "http://127.0.0.1:{port}"}
    for place in ("", "config", "gradio_api/info"):
        for given, status in ((good[0], 200), (good[1], 200), (headers, 403)):
            filled = {name: value.format(port=port) for name, value in given.items()}
            response = requests.get(f"{url}{place}", headers=filled, timeout=20)
            assert response.status_code == status
            assert not [name for name in response.headers if name.lower().startswith("access-c")]


def test_nothing_is_believed_loaded_from_elsewhere_or_reported(url):
    names = ("X-Forwarded-Host", "X-Forwarded-Server", "X-Gradio-Server", "X-Real-IP", "Forwarded")
    names += ("X-Original-URL", "X-Forwarded-Prefix", "Referer")
    headers = dict.fromkeys(names, "https://evil.example") | {"X-Forwarded-Proto": "https"}
    answer = requests.get(f"{url}config", headers=headers, timeout=20)
    assert "evil.example" not in answer.text and "https://127" not in answer.text
    assert answer.json()["analytics_enabled"] is False
    assert "googleapis" not in requests.get(f"{url}theme.css", timeout=20).text


# --- its beginning and its end ---


def test_folders_of_dead_runs_are_removed_and_those_in_use_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(demo.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    for name in ("dead", "alive"):
        (tmp_path / f"course-demo-{name}").mkdir()
        (tmp_path / f"course-demo-{name}" / "face.png").touch()
    (tmp_path / "course-demo-linked").symlink_to(tmp_path / "elsewhere")
    for name in ("dead", "alive", "linked"):
        (tmp_path / f"course-demo-{name}.lock").touch()
    with FileLock(tmp_path / "course-demo-alive.lock"), demo._own_folder() as own:
        assert own.stat().st_mode & 0o777 == 0o700
        left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
        assert left == {"course-demo-alive", own.name, "elsewhere", "course-demo-linked"}
    assert not own.exists()


STUB = """
import sys, types  # without Keras, which takes long to import
sys.modules["helpers.predict"] = types.SimpleNamespace(top_k=lambda *_: None, WAYS=["crop"])
from helpers import demo
demo.serve(types.SimpleNamespace(name="stub", class_names=("a",), model=None, options={}))
"""


def start(folder):
    """A demo as a process of its own, and its address."""
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    environment = {**os.environ, "TMPDIR": str(folder)}
    process = subprocess.Popen([sys.executable, "-c", STUB], cwd=ROOT, env=environment, **options)
    guard = threading.Timer(120, process.kill)  # ends what hangs
    guard.daemon = True
    guard.start()
    return process, re.search(r"http://\S+/", process.stdout.readline())[0]


@pytest.mark.skipif(os.name != "posix", reason="Windows has other signals")
def test_uploads_are_removed_by_a_signal_and_after_a_kill_by_the_next_run(tmp_path, photo):
    process, url = start(tmp_path)
    left = Path(upload(url, photo))
    process.kill()
    process.wait(30)
    assert left.is_file()  # nobody could remove it

    process, url = start(tmp_path)
    assert not left.exists()
    upload(url, photo)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_cannot_be_served_is_said_at_once(small, monkeypatch):
    import keras

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port in (taken.getsockname()[1], 70_000):
            with pytest.raises(CourseError, match="port"), demo.serving(small, port):
                pass
    any_size = keras.Sequential([keras.Input((None, None, 3)), keras.layers.GlobalMaxPooling2D()])
    with pytest.raises(CourseError, match="size"), demo.serving(model_files.Loaded(any_size)):
        pass
    monkeypatch.setattr("importlib.metadata.distributions", lambda **_: [])
    with pytest.raises(CourseError, match="pip install"), demo.serving(small):
        pass
