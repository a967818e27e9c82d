"""No test reads or writes the user's own caches, or the budget of the shell that started it."""

import pytest


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("COURSE_CACHE", str(folder / "course"))
    monkeypatch.setenv("KERAS_HOME", str(folder / "keras"))
    for name in ("PROFILE", "SEED", "RESULTS", "DATA", "MIRRORS"):
        monkeypatch.delenv(f"COURSE_{name}", raising=False)
