"""One frozen budget for each profile."""

import dataclasses

import pytest

from helpers import budget
from helpers.errors import UserError


def test_quick_is_the_default_and_the_seed_is_stated():
    chosen = budget.current()
    assert (chosen.profile, chosen.seed) == ("quick", 1001)


def test_environment_chooses(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("COURSE_SEED", "7")
    chosen = budget.current()
    assert (chosen.profile, chosen.seed) == ("full", 7)


def test_no_number_of_quick_is_larger_than_in_full():
    quick, full = (dataclasses.asdict(budget.current(name)) for name in ("quick", "full"))
    sheet = quick.pop("fashion_sheet"), full.pop("fashion_sheet")
    assert set(sheet[0]) < set(sheet[1])
    larger = [name for name in quick if name != "profile" and quick[name] > full[name]]
    assert larger == []


def test_budget_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        budget.current().seed = 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [("COURSE_PROFILE", "fast"), ("COURSE_SEED", "one"), ("COURSE_SEED", "-1")],
)
def test_wrong_setting_is_named(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(UserError, match=f"{variable} is '{value}'"):
        budget.current()


def test_plan_says_when_nothing_was_measured(capsys):
    assert budget.plan("no_such_lesson").profile == "quick"
    assert "not measured yet" in capsys.readouterr().out


def test_plan_quotes_the_recorded_duration(capsys, monkeypatch):
    run = {"seconds": {"mean": 240.0}, "hardware": "two cores"}
    monkeypatch.setattr(budget.report, "reference_runs", lambda: {"lesson": {"quick": run}})
    budget.plan("lesson")
    assert "about 4 minutes (two cores)" in capsys.readouterr().out
