"""The page's server: answers like the notebook, refuses what it must, and leaves nothing."""

import importlib.metadata
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from helpers import demo, labels, predict
from helpers.demo import launching
from helpers.errors import UserError


@pytest.mark.parametrize(
    ("name", "size", "mirror", "how"),
    [
        ("same.png", (32, 32), False, "crop"),
        ("wide.png", (150, 60), True, "crop"),
        ("tall.jpg", (60, 200), False, "pad"),
    ],
)
def test_answers_to_the_last_digit_as_the_notebook(ask, small, picture, name, size, mirror, how):
    path = picture(name, *size)
    expected = predict.top_k(small, path, labels.CIFAR10, mirror=mirror, how=how)
    assert [tuple(pair) for pair in ask(path, mirror, how)["top"]] == expected
    assert len(expected) == 5


def test_bad_file_is_refused_in_a_line_without_traceback(ask, tmp_path, capfd):
    path = tmp_path / "no_picture.png"
    path.write_text("hello")
    with pytest.raises(Exception, match=r"no_picture\.png .*cannot be read") as error:
        ask(path)
    assert "\n" not in str(error.value).strip()
    assert "Traceback" not in "".join(capfd.readouterr())


def test_unknown_way_is_refused(ask, picture):
    with pytest.raises(Exception, match="squash"):
        ask(picture(), how="squash")


@pytest.mark.parametrize("source", ["http://127.0.0.1:9/a.png", "/etc/hostname"])
def test_only_uploaded_files_are_opened(client, source):
    file = {"path": source, "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(Exception, match=r"address was sent|not allowed|[Cc]annot"):
        client.predict(file, False, "crop", api_name="/predict")


def test_no_picture_is_said(client):
    with pytest.raises(Exception, match="No picture"):
        client.predict(None, False, "crop", api_name="/predict")


def test_upload_is_bounded(running):
    too_much = b"\0" * (launching.MAX_UPLOAD_MB * 1_000_000 + 1)
    answer = requests.post(
        f"{running.url}gradio_api/upload", files={"files": ("big.png", too_much)}, timeout=60
    )
    assert answer.status_code == 413
    assert "maximum" in answer.text


def test_fifty_at_once_are_all_answered_right(ask, small, picture):
    paths = [picture(f"{seed}.png", seed=seed) for seed in range(10)]
    expected = [predict.top_k(small, path, labels.CIFAR10) for path in paths]
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(ask, paths * 5))
    assert [[tuple(pair) for pair in answer["top"]] for answer in answers] == expected * 5


def test_listens_on_this_computer_alone_and_loads_nothing_from_outside(running):
    assert running.url.startswith("http://127.0.0.1:")
    assert running.share_url is None
    config = requests.get(f"{running.url}config", timeout=20).json()
    assert config["analytics_enabled"] is False
    assert "googleapis" not in requests.get(f"{running.url}theme.css", timeout=20).text


def test_ends_with_the_port_free_and_the_uploads_gone(small, picture, scratch):
    from gradio_client import Client, handle_file

    def files():
        return {path for path in scratch.rglob("*") if path.is_file()}

    before = files()
    found = demo.launch(small, labels.CIFAR10, inline=False)
    client = Client(found.url, verbose=False)
    client.predict(handle_file(picture(seed=77)), False, "crop", api_name="/predict")
    assert files() - before
    client.close()
    found.close()
    assert not files() - before
    with pytest.raises(requests.ConnectionError):
        requests.get(found.url, timeout=5)


def test_port_in_use_is_said_in_a_line(small):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"port {port} .*in use") as error:
            demo.launch(small, labels.CIFAR10, port=port, inline=False)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("port", [0, -1, 70000, True, "8000", 80.5])
def test_impossible_port(port):
    with pytest.raises(UserError, match="port is"):
        demo.launch(port=port, inline=False)


def test_gradio_missing_or_old(monkeypatch):
    def missing(_name):
        raise importlib.metadata.PackageNotFoundError

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(UserError, match="pip install"):
        demo.launch()
    monkeypatch.setattr(importlib.metadata, "version", lambda _name: "4.44.1")
    with pytest.raises(UserError, match=r"here is 4\.44\.1.*pip install"):
        demo.launch()


def test_what_is_said_of_who_can_reach_it():
    here = launching.Running("http://127.0.0.1:7860/", None, None)
    assert "\n" not in launching._where(here, False, "127.0.0.1")
    assert "everybody in your network" in launching._where(here, False, "0.0.0.0")
    assert "could not be made" in launching._where(here, True, "127.0.0.1")
    shared = launching.Running("http://127.0.0.1:7860/", "https://x.example", None)
    assert "Anybody who has the link" in launching._where(shared, True, "127.0.0.1")
