"""No test reads or writes the user's own caches, or the budget of the shell that started it."""

import pytest


@pytest.fixture(autouse=True)
def own_caches(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("COURSE_CACHE", str(folder / "course"))
    monkeypatch.setenv("KERAS_HOME", str(folder / "keras"))
    for name in ("PROFILE", "SEED", "RESULTS", "DATA", "MIRRORS"):
        monkeypatch.delenv(f"COURSE_{name}", raising=False)


@pytest.fixture
def ax():
    """Axes in the course's style, gone with the test."""
    import matplotlib
    import matplotlib.pyplot as plt

    from helpers import plots

    with matplotlib.rc_context():
        plots.use_style()
        yield plt.subplots()[1]
    plt.close("all")


def pytest_collection_modifyitems(items):
    """Whole notebooks first: they take longest, and at the end one process would wait for them."""
    items.sort(key=lambda item: not item.name.startswith("test_notebook_runs_offline"))
