"""No test reads or writes the user's own caches, or obeys the profile of the shell it runs in."""

import pytest


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("COURSE_CACHE", str(folder / "course"))
    monkeypatch.setenv("KERAS_HOME", str(folder / "keras"))
    for name in ("PROFILE", "SEED", "RESULTS", "MIRRORS"):
        monkeypatch.delenv(f"COURSE_{name}", raising=False)


def pytest_collection_modifyitems(items):
    """Whole notebooks first: they take longest, and at the end one process would wait for them."""
    items.sort(key=lambda item: not item.name.startswith("test_lesson_runs_offline"))
