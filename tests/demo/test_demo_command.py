"""`python -m helpers demo`: its arguments, and what it says of mistakes."""

import argparse

import pytest

from helpers import demo_command


def parsed(*words):
    parser = argparse.ArgumentParser()
    demo_command.configure(parser)
    return parser.parse_args(words)


def test_serves_until_it_is_stopped(monkeypatch):
    pytest.importorskip("gradio")
    from helpers import demo

    calls = []

    class Running:
        def __enter__(self):
            return self

        def __exit__(self, *_error):
            calls.append("closed")

    def launch(*args, **settings):
        calls.append((args, settings))
        return Running()

    monkeypatch.setattr(demo, "launch", launch)
    monkeypatch.setattr(demo_command, "wait", lambda: None)
    assert demo_command.run(parsed("m.keras", "--names", "cat, dog", "--port", "8000")) == 0
    settings = {"share": False, "port": 8000, "host": "127.0.0.1", "inline": False}
    assert calls == [(("m.keras", ("cat", "dog")), settings), "closed"]


def test_no_model_is_the_small_one_and_no_link():
    args = parsed()
    assert (args.model, args.share, args.host, args.port) == ("small", False, "127.0.0.1", None)


def test_ctrl_c_ends_quietly(monkeypatch, capsys):
    class Event:
        def wait(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(demo_command.threading, "Event", Event)
    demo_command.wait()
    assert "stopped" in capsys.readouterr().out
