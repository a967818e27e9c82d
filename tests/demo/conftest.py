"""One demo of the shipped model for all tests of the folder, on this computer alone."""

import numpy as np
import pytest
from PIL import Image

gradio = pytest.importorskip("gradio", reason="the demo's package gradio is not installed")


@pytest.fixture(scope="session", autouse=True)
def scratch(tmp_path_factory):
    """Gradio writes here, and asks nobody on the network."""
    folder = tmp_path_factory.mktemp("gradio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder.resolve()))
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
        yield folder


@pytest.fixture(scope="session")
def small():
    from helpers import models

    return models.load_small()


@pytest.fixture(scope="session")
def running(small, scratch):
    from helpers import demo, labels

    with demo.launch(small, labels.CIFAR10, inline=False) as found:
        yield found


@pytest.fixture(scope="session")
def client(running):
    from gradio_client import Client

    found = Client(running.url, verbose=False)
    yield found
    found.close()


@pytest.fixture
def ask(client):
    """Upload a file; the figures that come back."""
    from gradio_client import handle_file

    def ask(path, mirror=False, how="crop"):
        return client.predict(handle_file(path), mirror, how, api_name="/predict")

    return ask


@pytest.fixture
def picture(tmp_path):
    """Write a picture with large patches of color, another one for each seed; its path."""

    def picture(name="a.png", width=32, height=32, seed=0):
        coarse = np.random.default_rng(seed).integers(0, 256, (4, 5, 3), dtype=np.uint8)
        path = tmp_path / name
        Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC).save(path)
        return path

    return picture
