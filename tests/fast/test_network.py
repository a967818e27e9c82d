import keras
import numpy as np
import pytest

from helpers import fast
from helpers.errors import UserError
from helpers.fast.network import whitening


@pytest.fixture(scope="module")
def images():
    """Smooth random pictures: neighboring pixels are alike, as in photographs."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (200, 8, 8, 3))
    noise = rng.integers(-20, 21, (200, 32, 32, 3))
    return (coarse.repeat(4, axis=1).repeat(4, axis=2) + noise).clip(0, 255).astype(np.uint8)


def test_whitened_patches_are_uncorrelated_and_of_equal_variance(images):
    kernels, biases = whitening(images)
    assert kernels.shape == (2, 2, 3, 24)
    assert biases.shape == (24,)
    values = keras.ops.conv(images.astype(np.float32) / 255, kernels, strides=2) + biases
    values = np.asarray(values).reshape(-1, 24)
    half = values[:, :12]
    np.testing.assert_allclose(half, -values[:, 12:], atol=1e-4)
    np.testing.assert_allclose(half.mean(axis=0), 0, atol=1e-3)
    covariance = np.cov(half, rowvar=False)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-3
    # Below 1 where the variance is not much larger than the floor under it.
    assert 0.7 < np.diag(covariance).min() <= np.diag(covariance).max() <= 1.01


def test_whitening_of_gray_pictures_stays_finite():
    gray = np.full((10, 8, 8, 3), 128, np.uint8)
    assert all(np.isfinite(array).all() for array in whitening(gray))


@pytest.mark.parametrize("shape", [(5, 8, 8), (5, 8, 8, 2), (0, 8, 8, 3)])
def test_whitening_refuses_what_is_no_color_picture(shape):
    with pytest.raises(UserError, match="whitening needs"):
        whitening(np.zeros(shape, np.uint8))


def test_gray_pictures_have_a_network_of_their_own(images):
    gray = images[..., :1]
    kernels, biases = whitening(gray)
    assert kernels.shape == (2, 2, 1, 8)
    assert biases.shape == (8,)
    model = fast.network(gray, channels=1, widths=(8, 16))
    np.testing.assert_array_equal(model.get_layer("whitening").get_weights()[0], kernels)
    assert np.asarray(model(gray[:2])).shape == (2, 10)


def test_takes_pictures_of_any_size_and_gives_probabilities(images):
    model = fast.network(images)
    for size in (16, 24, 32, 40):
        batch = np.zeros((2, size, size, 3), np.uint8)
        probabilities = np.asarray(model(batch))
        assert probabilities.shape == (2, 10)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_first_layer_is_computed_and_not_trained(images):
    model = fast.network(images)
    kernels, biases = model.get_layer("whitening").get_weights()
    np.testing.assert_array_equal(kernels, whitening(images)[0])
    np.testing.assert_array_equal(biases, whitening(images)[1])
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(images[:32], np.zeros(32, int), verbose=0)
    np.testing.assert_array_equal(model.get_layer("whitening").get_weights()[0], kernels)


def test_learned_first_layer_is_trained(images):
    model = fast.network(images, whitened=False)
    before = model.get_layer("whitening").get_weights()[0]
    model.compile("sgd", "sparse_categorical_crossentropy")
    model.fit(images[:32], np.zeros(32, int), verbose=0)
    assert not np.array_equal(model.get_layer("whitening").get_weights()[0], before)


def test_half_precision_inside_full_precision_outside(images):
    model = fast.network(images, precision="mixed_bfloat16")
    assert {v.dtype for v in model.weights} == {"float32"}
    assert model.output.dtype == "float32"
    same = fast.network()
    same.set_weights(model.get_weights())
    np.testing.assert_allclose(
        np.asarray(same(images[:4])), np.asarray(model(images[:4])), atol=0.02
    )


def test_number_of_parameters():
    assert fast.network().count_params() == 1_090_552
    assert fast.network(widths=(32, 64, 128)).count_params() == 295_544
