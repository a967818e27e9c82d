"""The downloader against mirrors that misbehave in every way we could think of."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

from helpers.errors import UserError
from helpers.sources import download, rounds, transfer
from tests.sources import hostile as web

DATA = np.random.default_rng(0).bytes(300_000)
QUICK = {
    "min_rate": 400_000,
    "slow_after": 0.2,
    "connect_timeout": 0.5,
    "read_timeout": 0.4,
    "pause": 0.01,
    "progress": False,
}


def fetch(urls, target, data=DATA, size=True, **changes):
    known = {"size": len(data) if size else None, "sha256": hashlib.sha256(data).hexdigest()}
    return download.fetch(urls, target, **(QUICK | known | changes))


def leftovers(folder):
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file.bin"


@pytest.mark.parametrize("size", [True, False])
def test_good_mirror(server, target, size):
    fetch([server.add("good", web.good(DATA))], target, size=size)
    assert target.read_bytes() == DATA
    assert leftovers(target.parent) == ["file.bin"]


def test_file_that_is_there_is_not_fetched_again(server, target):
    url = server.add("good", web.good(DATA))
    fetch([url], target)
    fetch([url], target)
    assert server.count("good") == 1


def test_file_that_is_there_and_wrong_is_replaced(server, target):
    target.write_bytes(web.flipped(DATA))
    fetch([server.add("good", web.good(DATA))], target)
    assert target.read_bytes() == DATA


def test_only_md5_known(server, target):
    md5 = hashlib.md5(DATA).hexdigest()
    fetch([server.add("good", web.good(DATA))], target, sha256=None, md5=md5)
    assert target.read_bytes() == DATA


BAD = {
    "crawls": web.crawls(DATA, 20_000),
    "stalls": web.stops_after(DATA, 50_000, stall=True),
    "cut off": web.stops_after(DATA, 50_000),
    "bit flipped": web.good(web.flipped(DATA)),
    "announces too little": web.good(DATA, Content_Length="1000"),
    "announces too much": web.good(DATA, Content_Length=str(len(DATA) + 1000)),
    "negative length": web.good(DATA, Content_Length="-5"),
    "sends more": web.sends_more(DATA),
    "web page": web.web_page,
    "compressed": web.good(DATA, Content_Encoding="gzip"),
    "empty": web.good(b""),
    "not found": web.status(404),
    "server error": web.status(500, b"sorry"),
    "redirects": web.redirects_to_itself,
    "drips headers": web.drips_headers,
}


@pytest.mark.parametrize("behavior", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("size", [True, False], ids=["size known", "size unknown"])
def test_bad_mirror_first_then_a_good_one(server, target, behavior, size):
    urls = [server.add("bad", behavior), server.add("good", web.good(DATA))]
    fetch(urls, target, size=size)
    assert target.read_bytes() == DATA
    assert leftovers(target.parent) == ["file.bin"]


@pytest.mark.parametrize(
    "behavior",
    [BAD[name] for name in BAD if name not in ("crawls", "cut off", "stalls")],
    ids=[name for name in BAD if name not in ("crawls", "cut off", "stalls")],
)
def test_bad_mirror_alone_ends_soon_and_leaves_no_file(server, target, behavior):
    with pytest.raises(rounds.NoMirrorDelivered, match=r"127\.0\.0\.1"):
        fetch([server.add("bad", behavior)], target)
    assert not target.exists()


def test_second_mirror_goes_on_where_the_first_stopped(server, target):
    urls = [server.add("cut", web.stops_after(DATA, 100_000)), server.add("b", web.good(DATA))]
    fetch(urls, target)
    assert server.asked[-1] == ("/b", "bytes=100000-")


def test_a_mirror_that_alone_sent_a_wrong_file_is_asked_once(server, target):
    urls = [server.add("flip", web.good(web.flipped(DATA))), server.add("404", web.status(404))]
    with pytest.raises(rounds.NoMirrorDelivered, match="hash differs"):
        fetch(urls, target)
    assert server.count("flip") == 1
    assert leftovers(target.parent) == []


def test_wrong_mixture_is_thrown_away_and_each_asked_alone(server, target):
    wrong = web.flipped(DATA, 10)
    urls = [server.add("wrong", web.stops_after(wrong, 90_000)), server.add("b", web.good(DATA))]
    fetch(urls, target)
    assert target.read_bytes() == DATA
    assert [request for path, request in server.asked if path == "/b"] == ["bytes=90000-", None]


def test_slow_everywhere_still_arrives(server, target):
    data = DATA[:60_000]
    urls = [
        server.add("slower", web.crawls(data, 20_000)),
        server.add("slow", web.crawls(data, 120_000)),
    ]
    fetch(urls, target, data, slow_after=0.1)
    assert target.read_bytes() == data
    assert server.asked[-1][0] == "/slow"


def test_mirror_that_breaks_off_again_and_again(server, target):
    fetch([server.add("cut", web.stops_after(DATA, 30_000))], target)
    assert target.read_bytes() == DATA


def test_mirror_without_range_is_asked_after_the_others(server, target):
    urls = [
        server.add("cut", web.stops_after(DATA, 30_000)),
        server.add("whole", web.ignores_range(DATA)),
    ]
    fetch(urls, target)
    assert target.read_bytes() == DATA
    assert server.count("whole") == 2


@pytest.mark.parametrize(
    "value",
    ["bytes 0-299999/300000", "bytes 5-/300000", "nonsense", "bytes 30000-299999/999999"],
)
def test_wrong_content_range(server, target, value):
    target.with_name("file.bin.part").write_bytes(DATA[:30_000])
    urls = [
        server.add("liar", web.good(DATA, Content_Range=value)),
        server.add("good", web.good(DATA)),
    ]
    fetch(urls, target)
    assert target.read_bytes() == DATA
    assert server.count("good") == 1


@pytest.mark.parametrize(
    "part",
    [b"", b"\0" * 1000, DATA[:1000], web.flipped(DATA), DATA, DATA + b"x", b"x" * 500_000],
    ids=["empty", "zeros", "right", "bit flipped", "whole", "too long", "junk"],
)
@pytest.mark.parametrize("size", [True, False], ids=["size known", "size unknown"])
def test_part_file_of_an_earlier_session(server, target, part, size):
    target.with_name("file.bin.part").write_bytes(part)
    fetch([server.add("good", web.good(DATA))], target, size=size)
    assert target.read_bytes() == DATA
    assert leftovers(target.parent) == ["file.bin"]


def test_dead_host(server, target):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    urls = [
        f"http://127.0.0.1:{port}/file",
        "http://does-not-exist.invalid/file",
        "ftp://127.0.0.1/file",
        server.add("good", web.good(DATA)),
    ]
    fetch(urls, target)
    assert target.read_bytes() == DATA


def test_no_mirror_at_all(target):
    with pytest.raises(rounds.NoMirrorDelivered, match="no mirror"):
        fetch([], target)


def test_without_a_hash_nothing_is_fetched(target):
    with pytest.raises(ValueError, match="hash"):
        download.fetch(["http://127.0.0.1/"], target)


def test_message_names_each_mirror_with_its_reason_in_one_line(server, target):
    urls = [server.add("page", web.web_page), server.add("none", web.status(404))]
    with pytest.raises(rounds.NoMirrorDelivered) as caught:
        fetch(urls, target)
    assert "web page" in str(caught.value)
    assert "404" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_downloads_at_once_ask_once(server, target, capsys):
    url = server.add("slowish", web.crawls(DATA, 600_000))
    threads = [
        threading.Thread(target=fetch, args=([url], target), kwargs={"min_rate": 0})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() == DATA
    assert server.count("slowish") == 1
    assert "waiting" in capsys.readouterr().out


_CHILD = """
    import sys
    from helpers.sources import download
    download.fetch([sys.argv[1]], sys.argv[2], size=int(sys.argv[3]), sha256=sys.argv[4],
                   min_rate=0, progress=False)
"""


def child(url, target):
    arguments = [url, str(target), str(len(DATA)), hashlib.sha256(DATA).hexdigest()]
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(_CHILD), *arguments])


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_kill_9_and_resume(server, target):
    process = child(server.add("slow", web.crawls(DATA, 150_000)), target)
    part = target.with_name("file.bin.part")
    deadline = time.monotonic() + 20
    while not (part.exists() and part.stat().st_size > 8000) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists()
    kept = part.stat().st_size
    assert kept > 8000
    fetch([server.add("good", web.good(DATA))], target)
    assert target.read_bytes() == DATA
    assert server.asked[-1] == ("/good", f"bytes={kept}-")


def test_two_processes_at_once(server, target):
    url = server.add("slowish", web.crawls(DATA, 600_000))
    processes = [child(url, target) for _ in range(2)]
    assert [process.wait(timeout=30) for process in processes] == [0, 0]
    assert target.read_bytes() == DATA
    assert server.count("slowish") == 1


def test_interrupt_keeps_the_part(server, target, monkeypatch):
    def interrupted(*args, **options):
        real(*args, **options)
        raise KeyboardInterrupt

    real = transfer._write
    monkeypatch.setattr(transfer, "_write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch([server.add("slow", web.crawls(DATA, 900_000))], target)
    assert target.with_name("file.bin.part").stat().st_size > 0


def test_too_little_space_says_how_much_is_needed(server, target, monkeypatch):
    free = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(rounds.shutil, "disk_usage", lambda _: free)
    with pytest.raises(UserError, match=r"0\.? ?MB|MB"):
        fetch([server.add("good", web.good(DATA))], target)


def test_disk_full_while_writing(server, target, monkeypatch):
    def full(*_):
        raise transfer.disk_error(OSError(28, "No space left on device"), target)

    monkeypatch.setattr(transfer, "_write", full)
    with pytest.raises(UserError, match="the disk is full"):
        fetch([server.add("good", web.good(DATA))], target)


def test_folder_that_cannot_be_made(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="COURSE_CACHE"):
        fetch([server.add("good", web.good(DATA))], tmp_path / "file" / "target")
