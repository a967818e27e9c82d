"""What the tests in a real browser share: Chromium, a page, screenshots."""

import os
import re
import shutil

import pytest

from helpers.settings import BUILD


@pytest.fixture(scope="session")
def chromium():
    """A headless browser, the same for all tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    names = [os.environ.get("COURSE_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    path = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if path is None:
        pytest.skip("no Chromium: install the package chromium, or name it in COURSE_CHROMIUM")
    with playwright.sync_playwright() as driver:
        # Its sandbox does not start for root, as in a container; the pages are our own.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """An empty page that may reach this machine only; `page.outside` lists what it asked for."""
    context = chromium.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    page.outside = []

    def elsewhere(route):
        page.outside.append(route.request.url)
        route.abort()

    page.route(re.compile(r"^(https?|wss?)://(?!127\.0\.0\.1[:/]|localhost[:/])"), elsewhere)
    page.set_default_timeout(60_000)  # a busy machine needs them
    yield page
    context.close()


@pytest.fixture
def screenshot(page, request):
    """Keep what the page shows, to be looked at: build/browser/NAME.png."""
    folder = BUILD / "browser"
    folder.mkdir(parents=True, exist_ok=True)

    def keep(name, **options):
        page.screenshot(path=folder / f"{name}.png", **options)

    yield keep
    keep(f"{request.node.name}_end")
