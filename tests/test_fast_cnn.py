"""The fast network: whitening, Muon, one-cycle, growing images, and a recipe that resumes."""

import ast

import keras
import numpy as np
import pytest

from helpers import fast_cnn
from helpers.authoring import notebooks
from helpers.fast_cnn import GrowingImages, Recipe, shrink, whitening
from helpers.optimizers import Muon, OneCycle, orthogonalized
from helpers.settings import CourseError

RNG = np.random.default_rng(0)
TINY = Recipe(epochs=2, batch_size=16, widths=(8,), sizes=((0.0, 12), (0.5, 16)))
LABELS = np.arange(48) % 3
IMAGES = (RNG.integers(0, 80, (48, 16, 16, 3)) + 80 * LABELS[:, None, None, None]).astype("uint8")
SMALL = RNG.integers(0, 256, (5, 12, 12, 3), dtype=np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
def test_whitened_patches_are_uncorrelated_and_of_equal_variance(channels):
    # Smooth random images: neighboring pixels are alike, as in photographs.
    coarse = RNG.integers(0, 256, (200, 8, 8, channels)).repeat(4, axis=1).repeat(4, axis=2)
    noise = RNG.integers(-20, 21, coarse.shape)
    images = (coarse + noise).clip(0, 255).astype(np.uint8)
    kernels, biases = whitening(images)
    values = keras.ops.conv(images.astype(np.float32) / 255, kernels, strides=2) + biases
    half = np.asarray(values).reshape(-1, 8 * channels)[:, : 4 * channels]
    covariance = np.cov(half, rowvar=False)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-3
    assert 0.7 < np.diag(covariance).min() <= np.diag(covariance).max() <= 1.01
    model = fast_cnn.network(images, Recipe(widths=(8,)), channels=channels)
    assert np.array_equal(model.get_layer("whitening").get_weights()[0], kernels)


@pytest.mark.parametrize("shape", [(5, 8, 8), (5, 8, 8, 2), (0, 8, 8, 3)])
def test_whitening_refuses_what_is_no_image(shape):
    with pytest.raises(CourseError, match="whitening needs"):
        whitening(np.zeros(shape, np.uint8))


def test_network_takes_any_size_and_has_the_recorded_parameters():
    model = fast_cnn.network()
    assert model.count_params() == 1_090_552
    for size in (16, 32, 40):
        p = np.asarray(model(np.zeros((2, size, size, 3), np.uint8)))
        assert np.allclose(p.sum(axis=1), 1, atol=1e-5)


def test_broken_off_and_resumed_ends_like_an_undisturbed_run(tmp_path, monkeypatch):
    class Accident(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    def train(folder):
        validation = IMAGES[:6], LABELS[:6]
        return fast_cnn.train(
            IMAGES, LABELS, TINY, validation_data=validation, run_dir=folder, verbose=0
        )

    undisturbed, _ = train(tmp_path / "a")
    fit = fast_cnn.training.fit
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(
            fast_cnn.training, "fit", lambda *a, **k: fit(*a, **k, callbacks=[Accident()])
        )
        train(tmp_path / "b")
    resumed, history = train(tmp_path / "b")
    assert set(history.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert len(history.epoch) == 2
    pairs = zip(undisturbed.get_weights(), resumed.get_weights(), strict=True)
    assert all(np.array_equal(a, b) for a, b in pairs)
    first = undisturbed.get_layer("whitening").get_weights()[0]
    assert np.array_equal(first, whitening(IMAGES)[0])  # computed, and not trained


def test_optimizer_follows_the_recipe():
    muon = fast_cnn.optimizer(Recipe(), steps=100)
    assert isinstance(muon, Muon) and isinstance(muon._learning_rate, OneCycle)
    plain = fast_cnn.optimizer(Recipe(orthogonal=False, one_cycle=False), steps=100)
    assert type(plain) is keras.optimizers.SGD
    assert plain.weight_decay == Recipe().weight_decay
    assert float(plain.learning_rate) == pytest.approx(Recipe().peak_rate / 3)


def test_a_precision_that_fails_is_not_the_faster_one(monkeypatch):
    def refuse(model, *batch):
        if model.layers[-4].compute_dtype == "bfloat16":
            raise ValueError("no such convolution")
        return 0.0

    monkeypatch.setattr(keras.Model, "train_on_batch", refuse)
    assert fast_cnn.faster_precision() == "float32"


def test_lesson_13_and_the_recipe_build_the_same():
    names = {"keras": keras, "layers": keras.layers, "np": np}
    for cell in notebooks.read(*notebooks.find(["13"])).cells:
        for node in ast.parse(cell.source).body if cell.cell_type == "code" else ():
            if isinstance(node, ast.FunctionDef) and node.name in ("whitening", "build_fast"):
                exec(ast.unparse(node), names)
    images = RNG.integers(0, 256, (40, 32, 32, 3), dtype=np.uint8)
    ours, taught = fast_cnn.network(images), names["build_fast"](images, (32, 128, 256))
    for one, other in zip(ours.layers, taught.layers, strict=True):
        without = {"name", "dtype", "build_config"}
        settings = [
            {k: v for k, v in layer.get_config().items() if k not in without}
            for layer in (one, other)
        ]
        assert type(one) is type(other) and settings[0] == settings[1]
    for one, other in zip(
        ours.layers[2].get_weights(), taught.layers[2].get_weights(), strict=True
    ):
        assert np.allclose(np.abs(one), np.abs(other), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("size", [1, 5, 6, 12])
def test_shrinking_keeps_brightness(size):
    small = shrink(SMALL, size)
    assert small.shape == (5, size, size, 3)
    assert np.allclose(small.mean(axis=(1, 2)), SMALL.mean(axis=(1, 2)), rtol=1e-4)
    if size == 6:
        squares = SMALL.reshape(5, 6, 2, 6, 2, 3).mean(axis=(2, 4))
        assert np.allclose(small, squares, rtol=1e-5)


def test_images_grow_with_the_epochs():
    growing = GrowingImages(10, ((0.0, 6), (0.4, 8), (0.8, 12)))
    sizes = [growing.at_epoch(e)(SMALL, None, RNG)[0].shape[1] for e in range(10)]
    assert sizes == [6] * 4 + [8] * 4 + [12] * 2


def test_one_cycle_goes_through_its_corners():
    schedule = OneCycle(0.5, 100, 0.25, start_fraction=0.2, end_fraction=0.1)
    rates = [float(schedule(step)) for step in (0, 25, 100, 500)]
    assert rates == pytest.approx([0.1, 0.5, 0.05, 0.05])


@pytest.mark.parametrize("shape", [(8, 8), (4, 12), (12, 4)])
def test_muon_keeps_directions_and_makes_them_about_equally_strong(shape):
    matrix = RNG.normal(size=shape).astype(np.float32)
    result = np.asarray(orthogonalized(keras.ops.convert_to_tensor(matrix), rounds=6))
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    inner = left.T @ result @ right.T
    assert np.abs(inner - np.diag(np.diag(inner))).max() < 1e-3
    assert 0.5 < np.diag(inner).min() <= np.diag(inner).max() < 1.4


def convolution():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((16, 16, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(6, 3, use_bias=False),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


def test_muon_keeps_the_kernels_norm_and_trains_the_rest_by_sgd(tmp_path):
    ours, plain = convolution(), convolution()
    ours.compile(Muon(0.1), "sparse_categorical_crossentropy")
    losses = ours.fit(IMAGES, LABELS, epochs=6, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    # The norm is set before the step, so it differs from sqrt(6) by at most the step's length.
    norm = np.linalg.norm(ours.layers[1].get_weights()[0])
    assert abs(norm - np.sqrt(6)) < 0.1 * 0.32 * 1.3 * np.sqrt(6)
    ours.save(tmp_path / "net.keras")
    assert isinstance(keras.saving.load_model(tmp_path / "net.keras").optimizer, Muon)

    ours = convolution()
    for net, optimizer in ((ours, Muon(0.1)), (plain, keras.optimizers.SGD(0.1, momentum=0.85))):
        net.layers[1].trainable = False
        net.compile(optimizer, "sparse_categorical_crossentropy")
        net.fit(IMAGES, LABELS, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(ours.get_weights(), plain.get_weights(), strict=True):
        assert np.allclose(a, b, rtol=1e-6)
