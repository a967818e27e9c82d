"""Models that are cut and joined, and cached features that are right after all."""

import multiprocessing
import signal
import time

import keras
import numpy as np
import pytest
from keras import layers

from helpers import transfer
from helpers.authoring.recipes import borrowing
from helpers.settings import CourseError, cache_dir
from tests import transfer_worker as worker
from tests.transfer_worker import block2, network


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(transfer, "_BATCH", worker.BATCH)


@pytest.fixture
def model() -> keras.Model:
    """A fresh network; moving statistics that are not zeros and ones."""
    made = network()
    made.get_layer("block1_bn").set_weights(np.random.default_rng(5).uniform(0.5, 2, (4, 4)))
    return made


@pytest.fixture
def images():
    return worker.images(10)


def run(model, x):
    """Without compiling anything: these models are small and many."""
    return keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(x), training=False))


def nested(model, **how):
    """The model called as a layer of another one."""
    inputs = keras.Input((8, 8, 3), dtype="uint8")
    return keras.Model(inputs, layers.Dense(2)(model(inputs, **how)))


@pytest.mark.parametrize("cut", ["prepare", "block1_add", "pool"])
@pytest.mark.parametrize("wrap", [lambda model: model, nested])
def test_both_parts_give_what_the_model_gives(model, images, wrap, cut):
    whole = wrap(model)
    backbone, head = transfer.split_model(whole, cut)
    joined = transfer.join_model(backbone, head)
    expected = run(whole, images)
    np.testing.assert_allclose(run(head, run(backbone, images)), expected, atol=1e-5)
    np.testing.assert_allclose(run(joined, images), expected, atol=1e-5)
    assert not any(isinstance(layer, keras.Model) for layer in joined.layers)


def test_a_joined_model_learns_with_its_head_and_can_be_saved_and_split_again(
    model, images, tmp_path
):
    backbone, head = transfer.split_model(nested(model, training=False), "block1_add")
    joined = transfer.join_model(backbone, head)
    before, features = run(joined, images), run(backbone, images)
    head.compile("adam", "mse")
    head.fit(features, np.ones((10, 2)), batch_size=5, epochs=2, verbose=0)
    assert np.abs(run(joined, images) - before).max() > 1e-4
    np.testing.assert_array_equal(run(backbone, images), features)
    joined.save(tmp_path / "joined.keras")
    loaded = keras.models.load_model(tmp_path / "joined.keras", safe_mode=True)
    again = transfer.join_model(*transfer.split_model(loaded, "block2_add"))
    np.testing.assert_allclose(run(again, images), run(joined, images), atol=1e-5)


@pytest.mark.parametrize(
    ("make", "cut", "words"),
    [
        (network, "block1_ad", "no layer 'block1_ad'"),
        (network, "logits", "last layer"),
        (network, "block2_project", "residual block"),  # the first block's output passes by it
        (lambda: keras.Sequential([layers.Dense(1)]), "dense", "keras.Input"),
    ],
)
def test_what_cannot_be_split_or_joined_is_one_line(make, cut, words):
    with pytest.raises(CourseError, match=words):
        transfer.split_model(make(), cut)
    with pytest.raises(CourseError, match=r"\(8, 8, 4\).*\(4,\)"):
        transfer.join_model(block2(network()), transfer.split_model(network(), "pool")[1])


@pytest.fixture
def answers(monkeypatch):
    """The first image of each batch that is computed."""
    computed, answer = [], transfer._answer

    def counting(run, images, start):
        computed.append(start)
        return answer(run, images, start)

    monkeypatch.setattr(transfer, "_answer", counting)
    return computed


def features(backbone, images, folder):
    return transfer.cached_features(backbone, images, folder=folder, progress=False)


def test_features_are_those_of_the_backbone_and_computed_once(model, images, answers):
    found = features(block2(model), images, None)
    assert found.filename.parent == cache_dir() / "features"
    assert (found.dtype, found.shape, answers) == ("float16", (10, 8, 8, 4), [0, 4, 8])
    np.testing.assert_allclose(found, run(block2(model), images), atol=1e-2)
    rebuilt = network()  # other names, the same weights
    rebuilt.set_weights(model.get_weights())
    np.testing.assert_array_equal(features(block2(nested(rebuilt)), images, None), found)
    assert len(answers) == 3


def one_layer(layer):
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((8, 8, 3)), layer])


def scaled(factor):
    """A layer of the student's own whose configuration does not tell its factor."""
    return type("Own", (layers.Layer,), {"call": lambda self, x: x * factor})()


def conv(activation):
    return layers.Conv2D(2, 1, activation=activation)


def with_weight(model, name):
    layer = model.get_layer(name)
    *others, last = layer.get_weights()  # of a normalization: the moving variance
    layer.set_weights([*others, last + 0.25])
    return model


@pytest.mark.parametrize(
    "other",
    [
        lambda model, images: (block2(model), np.where(images == images[9, 7, 7, 2], 0, images)),
        lambda model, images: (block2(model), images[::-1]),
        lambda model, images: (block2(model), images[:, :, ::-1]),
        lambda model, images: (block2(model), images[:9]),
        lambda model, images: (block2(model), images.astype("float32")),
        lambda model, images: (block2(with_weight(model, "stem")), images),
        lambda model, images: (block2(with_weight(model, "block1_bn")), images),
        lambda model, images: (block2(network(scale=1 / 255)), images),
        lambda model, images: (transfer.split_model(model, "block1_add")[0], images),
    ],
)
def test_whatever_changes_is_computed_anew(model, images, tmp_path, answers, other):
    features(block2(model), images, tmp_path)
    backbone, others = other(model, images)
    found = features(backbone, others, tmp_path)
    assert len(answers) == 6
    np.testing.assert_allclose(found, run(backbone, others), atol=2e-2)


@pytest.mark.parametrize(
    ("make", "one", "other"),
    [(scaled, 1, 2), (conv, "relu", "tanh"), (conv, lambda x: 2 * x, lambda x: 3 * x)],
)
def test_layers_count_with_their_code_and_settings(images, tmp_path, make, one, other):
    first = np.array(features(one_layer(make(one)), images / 255, tmp_path))
    assert not np.allclose(first, features(one_layer(make(other)), images / 255, tmp_path))


def test_damaged_and_unfinished_files(model, images, tmp_path, answers):
    backbone = block2(model)
    whole = np.array(features(backbone, images, tmp_path))
    (file,) = tmp_path.glob("*.float16")
    content = file.read_bytes()
    for damaged in (b"", b"nonsense", content + b"more"):
        file.write_bytes(damaged)
        np.testing.assert_array_equal(features(backbone, images, tmp_path), whole)
    file.unlink()  # as after a kill: two batches, and a piece of the third
    file.with_suffix(".part").write_bytes(content[: len(content) * 9 // 10])
    np.testing.assert_array_equal(features(backbone, images, tmp_path), whole)
    assert answers == 4 * [0, 4, 8] + [8]


@pytest.fixture
def process(tmp_path):
    """A slow process that has computed some batches, but not all."""
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=worker.compute_slowly, args=(tmp_path,))
    process.start()
    until = time.monotonic() + 120
    while not any(part.stat().st_size > worker.BATCH_BYTES for part in tmp_path.glob("*.part")):
        assert process.is_alive() and time.monotonic() < until, "the process wrote nothing"
        time.sleep(0.01)
    yield process
    process.kill()


def test_a_killed_process_goes_on_where_it_was(process, tmp_path, answers):
    process.kill()
    process.join(10)
    assert process.exitcode == -signal.SIGKILL
    (part,) = tmp_path.glob("*.part")
    done = part.stat().st_size // worker.BATCH_BYTES * worker.BATCH
    images = worker.images(worker.ROWS)
    resumed = features(block2(network()), images, tmp_path)
    assert 0 < done < worker.ROWS
    assert answers == list(range(done, worker.ROWS, worker.BATCH)), "only what was missing"
    np.testing.assert_array_equal(resumed, features(block2(network()), images, tmp_path / "whole"))


def test_a_second_process_waits_and_computes_nothing(process, tmp_path, answers):
    images = worker.images(worker.ROWS)
    found = features(block2(network()), images, tmp_path)
    process.join(60)
    assert process.exitcode == 0 and answers == []
    np.testing.assert_allclose(found, run(block2(network()), images), atol=1e-2)


class Undescribed(layers.Layer):
    def __init__(self, thing):
        super().__init__()

    def call(self, x):
        return x


@pytest.mark.parametrize(
    ("layer", "shape", "folder", "words"),
    [
        (layers.Rescaling(1e6), (4, 8, 8, 3), "cache", "65,504"),
        (layers.Rescaling(np.nan), (4, 8, 8, 3), "cache", "NaN"),
        (Undescribed(object()), (4, 8, 8, 3), "cache", "get_config"),
        (layers.ReLU(), (2, 9, 8, 3), "cache", r"\(n, 8, 8, 3\)"),
        (layers.ReLU(), (4, 8, 8, 3), "file/below", "another folder="),
    ],
)
def test_mistakes_are_one_line(tmp_path, layer, shape, folder, words):
    (tmp_path / "file").touch()
    with pytest.raises(CourseError, match=words) as caught:
        features(one_layer(layer), np.ones(shape), tmp_path / folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("learns", [True, False])
def test_fit_sets_the_mode_of_batch_normalization_whatever_the_call_says(learns):
    """So lesson 06 relies on `trainable`, not on `training=False`."""
    model = nested(network(), training=False)
    model.layers[1].get_layer("block1_bn").trainable = learns
    before = model.layers[1].get_layer("block1_bn").get_weights()
    model.compile("sgd", "mse")
    model.fit(worker.images(8), np.zeros((8, 2)), verbose=0)
    after = model.layers[1].get_layer("block1_bn").get_weights()
    assert all(np.array_equal(*pair) for pair in zip(before, after, strict=True)) != learns


def test_the_lessons_classifier_takes_a_modern_backbone():
    base = keras.applications.ConvNeXtTiny(
        input_shape=(224, 224, 3), include_top=False, pooling="avg", weights=None
    )
    model = borrowing.lesson().build_classifier(base, 224, lambda pixels: pixels)
    assert base.count_params() == 27_820_128 and model.output_shape == (None, 10)
    assert tuple(model.trainable_weights[0].shape) == (768, 128)  # the head alone
