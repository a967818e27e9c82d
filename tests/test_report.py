import json

import numpy as np
import pytest

from helpers import report
from helpers.errors import UserError


def test_a_result_is_printed_and_handed_on(tmp_path, monkeypatch, capsys):
    path = tmp_path / "results.jsonl"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    report.result("val_accuracy", np.float32(0.5), unit="%")
    report.result("parameters", 552362)
    assert capsys.readouterr().out.splitlines() == [
        "val accuracy: 50.0 %",
        "parameters: 552,362",
    ]
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines == [
        {"result": "val_accuracy", "value": 0.5, "unit": "%"},
        {"result": "parameters", "value": 552362.0, "unit": ""},
    ]


def test_nothing_is_written_without_a_file(monkeypatch, capsys):
    monkeypatch.delenv("COURSE_RESULTS", raising=False)
    report.result("time", 1.234, "s")
    assert capsys.readouterr().out == "time: 1.23 s\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [("", 1), ("two words", 1), ("a.b", 1), ("x", "many"), ("x", None), ("x", float("nan"))],
)
def test_what_is_no_result_is_refused(name, value):
    with pytest.raises(UserError):
        report.result(name, value)


def test_reference_runs_never_stop_a_lesson(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "DATA", tmp_path)
    assert report.reference_runs() == {}
    path = tmp_path / "reference_runs.json"
    for text in ("{", "[]", '{"runs": 3}'):
        path.write_text(text, "utf-8")
        assert report.reference_runs() == {}
    path.write_text('{"runs": {"01": {}}}', "utf-8")
    assert report.reference_runs() == {"01": {}}
