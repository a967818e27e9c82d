"""Weights are found, fetched or replaced, and never end in a traceback."""

import hashlib
import http.server
import threading

import keras
import numpy as np
import pytest

from helpers import pretrained
from helpers.errors import UserError
from helpers.sources import imagenet_weights


def write_small(folder):
    """The weights file as the course ships it, with chance for weights."""
    keras.utils.set_random_seed(1)
    model = keras.applications.MobileNetV2((64, 64, 3), alpha=0.35, include_top=False, weights=None)
    model.save_weights(folder / pretrained.SMALL_FILE)
    return model


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("weights")
    return folder, write_small(folder)


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(imagenet_weights, "HOST", "http://127.0.0.1:9/")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


@pytest.fixture
def host(monkeypatch, tmp_path):
    """A host with files by their name; counts what it is asked."""
    served, asked = {}, []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            content = served.get(self.path.rpartition("/")[2])
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setattr(imagenet_weights, "HOST", f"http://127.0.0.1:{server.server_port}/")
    yield served, asked
    server.shutdown()
    server.server_close()
    thread.join()


def find(name="mobilenet_v2", profile="full", **options):
    return pretrained.find(name, profile, patience=2, progress=False, **options)


def hdf5(path):
    import h5py

    with h5py.File(path, "w") as file:
        file["values"] = np.arange(1000)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["mobilenet_v2", "resnet50"])
def test_quick_is_always_small(name, cache, host):
    found = find(name, "quick")
    assert (found.network, found.options, found.input_size) == ("MobileNetV2", {"alpha": 0.35}, 64)
    assert host[1] == []


def test_small_network_has_the_weights_of_the_file(small):
    folder, model = small
    found = find(profile="quick", weights_dir=folder)
    inputs = keras.Input((64, 64, 3), dtype="uint8")
    larger = keras.layers.Rescaling(1.0)(inputs)
    base = found.build(found.preprocess(larger))
    assert base.count_params() == 410_208
    for ours, theirs in zip(base.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("content", [None, b"", b"no weights", "cut"])
def test_damaged_small_weights_are_one_line(small, tmp_path, content):
    if content is not None:
        if content == "cut":
            content = (small[0] / pretrained.SMALL_FILE).read_bytes()[:100_000]
        (tmp_path / pretrained.SMALL_FILE).write_bytes(content)
    found = find(profile="quick", weights_dir=tmp_path)
    with pytest.raises(UserError, match=r"missing|damaged") as caught:
        found.build(keras.Input((64, 64, 3)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["mobilenet_v2", "resnet50"])
def test_offline_with_nothing_cached_falls_back(name, cache, offline, capsys):
    found = find(name)
    assert found.options == {"alpha": 0.35}
    assert capsys.readouterr().out.count("\n") == 1


def test_cached_weights_are_taken(cache, host):
    wanted = imagenet_weights.PUBLISHED["mobilenet_v2"]
    hdf5(cache / wanted.file)
    found = find()
    assert found.path == cache / wanted.file and found.options == {"alpha": 1.0}
    assert "cache" in found.source and host[1] == []


def test_download_into_keras_cache(cache, host, tmp_path):
    served, asked = host
    wanted = imagenet_weights.PUBLISHED["mobilenet_v2"]
    served[wanted.file] = hdf5(tmp_path / "made.h5")
    found = find()
    assert found.path.read_bytes() == served[wanted.file]
    assert "downloaded" in found.source and len(asked) == 1
    assert "cache" in find().source and len(asked) == 1


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>"])
def test_answer_that_is_no_weights_file_is_not_kept(cache, host, capsys, content):
    host[0][imagenet_weights.PUBLISHED["mobilenet_v2"].file] = content
    assert find().options == {"alpha": 0.35}
    assert not list(cache.glob("*.h5")) and not list(cache.glob("*.part"))
    assert "can't be downloaded" in capsys.readouterr().out


def test_damaged_cached_file_is_fetched_again(cache, host, tmp_path, capsys):
    wanted = imagenet_weights.PUBLISHED["mobilenet_v2"]
    content = hdf5(tmp_path / "made.h5")
    (cache / wanted.file).write_bytes(content[: len(content) // 2])
    host[0][wanted.file] = content
    assert find().path.read_bytes() == content
    assert "is damaged" in capsys.readouterr().out


def test_resnet_is_checked_by_its_hash(cache, host, monkeypatch, tmp_path, capsys):
    content = hdf5(tmp_path / "made.h5")
    official = imagenet_weights.PUBLISHED["resnet50"]
    host[0][official.file] = content
    assert find("resnet50").network == "MobileNetV2"  # not the file whose hash is published
    assert not (cache / official.file).exists()
    import dataclasses

    right = dataclasses.replace(official, md5=hashlib.md5(content).hexdigest())
    monkeypatch.setitem(imagenet_weights.PUBLISHED, "resnet50", right)
    assert find("resnet50").network == "ResNet50"
    (cache / official.file).write_bytes(content[:-1])
    assert find("resnet50").path.read_bytes() == content
    assert "is damaged" in capsys.readouterr().out


def test_another_network_of_the_cache_stands_in_before_the_small_one(cache, offline, capsys):
    other = imagenet_weights.PUBLISHED["mobilenet_v2"]
    hdf5(cache / other.file)
    found = find("resnet50")
    assert (found.network, found.options, found.input_size) == ("MobileNetV2", {"alpha": 1.0}, 96)
    assert found.path == cache / other.file
    assert "ResNet50 can't be downloaded" in capsys.readouterr().out
    (cache / other.file).write_bytes(b"damaged")
    assert find("resnet50").options == {"alpha": 0.35}


@pytest.mark.parametrize(("name", "profile"), [("vgg", "full"), ("resnet50", "fast")])
def test_unknown_names_are_one_line(name, profile):
    with pytest.raises(UserError, match=r"'vgg'|'fast'"):
        find(name, profile)


@pytest.mark.parametrize("network", ["MobileNetV2", "ResNet50"])
def test_preprocessing_survives_saving(network, tmp_path):
    found = pretrained.Pretrained(network, {}, tmp_path / "none", 64, "")
    inputs = keras.Input((4, 4, 3), dtype="uint8")
    model = keras.Model(inputs, found.preprocess(inputs))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    pictures = np.random.default_rng(1).integers(0, 256, (2, 4, 4, 3), dtype=np.uint8)
    expected = found.preprocess(pictures.copy())
    for candidate in (model, loaded):
        got = np.asarray(candidate(keras.ops.convert_to_tensor(pictures)))
        np.testing.assert_allclose(got, expected, atol=1e-4)
    assert expected.dtype == np.float32
