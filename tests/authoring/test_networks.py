"""The recipes behind data/weights run from end to end; here on the embedded sample."""

import json

import pytest

from helpers import datasets, fast_cnn, models
from helpers.authoring.recipes import networks
from helpers.settings import CourseError

BARE = {
    "small": models.small_cnn,
    "fast": fast_cnn.network,
    # In the sample, CIFAR-10 stands in for CIFAR-100.
    "cifar100": lambda: fast_cnn.network(recipe=fast_cnn.CIFAR100, classes=10),
}


@pytest.fixture
def on_the_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(networks, "_whole", lambda name: datasets.load(name, profile="quick"))
    monkeypatch.setattr(networks, "BUILD", tmp_path / "build")
    return tmp_path


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("network", BARE)
def test_weights_and_their_record_fit_together(on_the_sample, network):
    assert networks.weights(network, on_the_sample / "out") == 0
    [facts] = [json.loads(file.read_text()) for file in (on_the_sample / "out").glob("*.json")]
    BARE[network]().load_weights(on_the_sample / "out" / facts["file"])
    assert facts["training_images"] == 1800 and 0 < facts["test_accuracy"] < 1


def test_the_sample_is_too_small_for_weights_that_come_with_the_course(monkeypatch):
    monkeypatch.setattr(
        networks.datasets, "load", lambda name, profile, load=datasets.load: load(name)
    )
    with pytest.raises(CourseError, match="data fetch cifar10"):
        networks.weights("small", None)
