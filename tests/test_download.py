"""The downloader against mirrors that misbehave."""

import socket
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from helpers import download
from helpers.settings import CourseError
from tests import hostile as web

DATA = np.random.default_rng(0).bytes(300_000)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(download, "MIN_RATE", 400_000)
    monkeypatch.setattr(download, "WINDOW", 0.2)
    monkeypatch.setattr(download, "TIMEOUT", (2, 1))
    monkeypatch.setattr(download, "MAX_TRIES", 12)


@pytest.fixture
def server():
    with web.running_server() as state:
        yield state


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file.bin"


@pytest.fixture
def part(target):
    return target.with_name("file.bin.part")


def fetch(urls, target, data=DATA):
    download.fetch(urls, target, hash=web.sha256(data), size=len(data))
    assert target.read_bytes() == data
    left = {path.name for path in target.parent.iterdir()} - {"file.bin.lock"}
    assert left == {"file.bin"}


BAD = {
    "crawls": web.crawls(DATA, 20_000),
    "drips": web.crawls(DATA, 100),
    "stalls": web.stops_after(DATA, 50_000, stall=True),
    "breaks off": web.stops_after(DATA, 50_000),
    "wrong file": web.good(web.flipped(DATA)),
    "announces too little": web.good(DATA, Content_Length="1000"),
    "announces too much": web.good(DATA, Content_Length=len(DATA) + 1000),
    "web page": web.status(200, b"<html>Log in.</html>", Content_Type="text/html"),
    "empty": web.good(b""),
    "not found": web.status(404),
    "redirects": web.status(302, Location="/bad"),
}
ARRIVES = {"crawls", "stalls", "breaks off"}  # with patience


@pytest.mark.parametrize("behavior", BAD.values(), ids=BAD.keys())
def test_bad_mirror_is_left_for_a_good_one(server, target, behavior):
    fetch([server.add("bad", behavior), server.add("good", web.good(DATA))], target)


@pytest.mark.parametrize("name", sorted(BAD.keys() - ARRIVES))
def test_bad_mirror_alone_leaves_no_file_and_is_named(server, target, name):
    with pytest.raises(CourseError, match=r"127\.0\.0\.1") as caught:
        fetch([server.add("bad", BAD[name])], target)
    assert "\n" not in str(caught.value)
    assert not target.exists()


def test_next_mirror_goes_on_at_the_right_byte(server, target):
    urls = [server.add("a", web.stops_after(DATA, 100_000)), server.add("b", web.good(DATA))]
    fetch(urls, target)
    fetch(urls, target)  # is there and right: asks nobody
    assert server.asked == [("/a", None), ("/b", "bytes=100000-")]


def test_mixture_of_a_liar_and_an_honest_mirror(server, target):
    lie = web.stops_after(web.flipped(DATA), 200_000)
    fetch([server.add("liar", lie), server.add("b", web.good(DATA))], target)
    assert server.asked[1:] == [("/b", "bytes=200000-"), ("/b", None)]


def test_slow_everywhere_still_arrives_by_the_fastest(server, target, monkeypatch):
    monkeypatch.setattr(download, "WINDOW", 0.1)
    data = DATA[:60_000]
    urls = [server.add(f"{rate}", web.crawls(data, rate)) for rate in (20_000, 120_000)]
    fetch(urls, target, data)
    assert server.asked[-1][0] == "/120000"


def test_mirror_that_breaks_off_again_and_again(server, target):
    fetch([server.add("cut", web.stops_after(DATA, 30_000))], target)


PARTS = {
    "right": DATA[:1000],
    "zeros": b"\0" * 1000,
    "whole": DATA,
    "whole and wrong": web.flipped(DATA),
    "too long": DATA + b"x",
}


@pytest.mark.parametrize("behavior", [web.good(DATA), web.status(200, DATA)], ids=["", "no Range"])
@pytest.mark.parametrize("content", PARTS.values(), ids=PARTS.keys())
def test_part_file_of_an_earlier_session(server, target, part, content, behavior):
    part.write_bytes(content)
    fetch([server.add("good", behavior)], target)


def test_part_file_outlives_an_hour_without_network(server, target, part):
    part.write_bytes(DATA[:30_000])
    with pytest.raises(CourseError, match="no network") as caught:
        fetch(["http://user:secret@does-not-exist.invalid/file"], target)
    assert "secret" not in str(caught.value)
    assert part.read_bytes() == DATA[:30_000]


def test_dead_hosts(server, target):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/file"
    good = server.add("good", web.good(DATA))
    fetch([dead, "http://does-not-exist.invalid/file", good], target)


@pytest.mark.parametrize("url", ["http://[::1", "ftp://a/file", "/file", "http://a:99999"])
def test_no_web_address(target, url):
    with pytest.raises(CourseError, match="no web address"):
        fetch([url], target)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_proxy_that_asks_for_a_password(server, target, monkeypatch, scheme):
    monkeypatch.setenv(f"{scheme}_proxy", server.address)
    monkeypatch.delenv("no_proxy", raising=False)
    server.behave[f"{scheme}://mirror.example/file"] = web.status(407)
    with pytest.raises(CourseError, match=r"password.*HTTPS_PROXY and HTTP_PROXY"):
        fetch([f"{scheme}://mirror.example/file"], target)


@pytest.mark.parametrize("setting", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("path", ["/nonexistent.pem", __file__])
def test_setting_without_certificates_is_named(server, target, monkeypatch, setting, path):
    for other in download.CERTIFICATES:
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(setting, path)
    with pytest.raises(CourseError, match="REQUESTS_CA_BUNDLE or SSL_CERT_FILE"):
        fetch([server.address.replace("http", "https")], target)


def test_two_at_once_ask_once(server, target, monkeypatch):
    monkeypatch.setattr(download, "MIN_RATE", 0)
    url = server.add("slowish", web.crawls(DATA, 1_000_000))
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(fetch, [url], target) for _ in range(2)]:
            done.result()
    assert server.count("slowish") == 1


def test_folder_that_cannot_be_written(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CourseError, match="KERAS_HOME"):
        fetch([server.add("good", web.good(DATA))], tmp_path / "file" / "target")
