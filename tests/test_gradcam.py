"""Grad-CAM: the heat lies where a detector built by hand finds its pattern."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import gradcam
from helpers.errors import UserError


def detector(size=32, softmax="dense", stride=1, resize=None):
    """Two maps, one bright where a picture is red, one where it is blue; class 0 red, 1 blue."""
    inputs = keras.Input((size, size, 3))
    x = layers.Rescaling(1 / 255)(inputs)
    if resize:
        x = layers.Resizing(resize, resize)(x)
    maps = layers.Conv2D(2, 1, strides=stride, activation="relu", name="maps")
    x = layers.GlobalAveragePooling2D(name="means")(maps(x))
    dense = layers.Dense(2, activation="softmax" if softmax == "dense" else None, name="scores")
    x = dense(x)
    if softmax == "layer":
        x = layers.Softmax()(x)
    if softmax == "activation":
        x = layers.Activation("softmax")(x)
    model = keras.Model(inputs, x)
    maps.set_weights([np.float32([[[[1, -1], [-1, -1], [-1, 1]]]]), np.zeros(2, "float32")])
    dense.set_weights([30 * np.float32([[1, -1], [-1, 1]]), np.float32([0.1, 0.0])])
    return model


def scene(size=32):
    """A red square up at the left, a blue one down at the right, on black."""
    image = np.zeros((size, size, 3), np.uint8)
    image[4:12, 4:12, 0] = 255
    image[20:24, 20:28, 2] = 255
    return image


RED, BLUE = (slice(4, 12), slice(4, 12)), (slice(20, 24), slice(20, 28))


@pytest.mark.parametrize("softmax", ["dense", "layer", "activation", "none"])
def test_heat_lies_on_the_pattern_of_its_class(softmax):
    images = np.stack([scene(), scene()])
    heat = gradcam.grad_cam(detector(softmax=softmax), images, classes=[0, 1])
    assert heat.shape == (2, 32, 32) and heat.dtype == np.float32
    for found, place in zip(heat, (RED, BLUE), strict=True):
        expected = np.zeros((32, 32), np.float32)
        expected[place] = 1
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_predicted_class_is_explained_by_default():
    model = detector()
    by_default = gradcam.grad_cam(model, scene()[None])
    np.testing.assert_array_equal(by_default, gradcam.grad_cam(model, scene()[None], classes=0))
    assert by_default[0][RED].min() > 0.99


def test_a_sure_network_has_the_same_map():
    """The gradient behind a softmax is 0 where it is saturated; that of the logit is not."""
    model = detector()
    before = gradcam.grad_cam(model, scene()[None], classes=0)
    kernel, bias = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([1e4 * kernel, bias])
    np.testing.assert_allclose(gradcam.grad_cam(model, scene()[None], classes=0), before, atol=1e-5)


def test_nothing_that_speaks_for_the_class_gives_a_map_of_zeros():
    black = np.zeros((1, 32, 32, 3), np.uint8)
    only_red = scene()[None] * np.uint8([1, 0, 0])
    for images, wanted in [(black, 0), (only_red, 1)]:
        heat = gradcam.grad_cam(detector(), images, classes=wanted)
        np.testing.assert_array_equal(heat, np.zeros((1, 32, 32)))


def test_batches_and_single_pictures_agree():
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    whole = gradcam.grad_cam(detector(), images)
    parts = gradcam.grad_cam(detector(), images, batch_size=2)
    np.testing.assert_allclose(whole, parts, atol=1e-5)
    assert whole.min() >= 0 and whole.max() <= 1


@pytest.mark.parametrize(("stride", "resize"), [(4, None), (1, 16), (2, 64)])
def test_a_coarser_or_finer_map_is_brought_to_the_size_of_the_picture(stride, resize):
    heat = gradcam.grad_cam(detector(stride=stride, resize=resize), scene()[None], classes=0)
    assert heat.shape == (1, 32, 32)
    row, column = np.unravel_index(heat[0].argmax(), (32, 32))
    assert 4 <= row < 12 and 4 <= column < 12
    assert heat[0, 16:, 16:].max() < 0.01


def test_a_layer_inside_a_residual_block_counts_for_itself_only():
    keras.utils.set_random_seed(2)  # some networks have no evidence at all for a class
    inputs = keras.Input((16, 16, 3))
    start = layers.Conv2D(4, 3, padding="same", name="start")(inputs)
    inner = layers.Conv2D(4, 3, padding="same", activation="relu", name="inner")(start)
    x = layers.Add(name="sum")([start, inner])
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, layers.Dense(3)(x))
    images = np.random.default_rng(1).random((2, 16, 16, 3)).astype("float32")
    heat = gradcam.grad_cam(model, images, "inner", classes=2)
    maps = keras.ops.convert_to_numpy(keras.Model(inputs, inner)(images))
    # Behind "inner" are a sum, a mean and a dense layer: its weights are the gradient.
    evidence = np.maximum(maps @ model.layers[-1].get_weights()[0][:, 2], 0)
    highest = evidence.max(axis=(1, 2), keepdims=True)
    assert (highest > 0.5).all()
    np.testing.assert_allclose(heat, evidence / highest, atol=1e-5)


def test_a_network_called_as_a_layer_is_taken_whole():
    base = keras.Sequential([keras.Input((16, 16, 3)), layers.Conv2D(4, 3, activation="relu")])
    model = keras.Sequential([keras.Input((16, 16, 3)), base, layers.Flatten(), layers.Dense(2)])
    assert gradcam.grad_cam(model, np.ones((1, 16, 16, 3), "float32")).shape == (1, 16, 16)


def test_the_model_is_left_as_it_was():
    model = detector()
    names, weights = [layer.name for layer in model.layers], model.get_weights()
    gradcam.grad_cam(model, scene()[None])
    assert [layer.name for layer in model.layers] == names
    for now, before in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, before)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (scene(), "for one picture"),
        (scene()[None][:0], "for one picture"),
        (scene(24)[None], "resize"),
        (scene()[None, ..., :1], "the model takes"),
        (np.full((1, 32, 32, 3), np.nan), "NaN"),
        ("cat", "pass pictures"),
    ],
)
def test_what_are_no_pictures_is_named(images, message):
    with pytest.raises(UserError, match=message) as raised:
        gradcam.grad_cam(detector(), images)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("layer", "message"),
    [("map", "did you mean maps"), ("means", "no rows and columns"), ("scores", "no rows")],
)
def test_a_layer_that_cannot_serve_is_named(layer, message):
    with pytest.raises(UserError, match=message):
        gradcam.grad_cam(detector(), scene()[None], layer)


@pytest.mark.parametrize("classes", [2, -1, [0, 1], [0.5], "red", [[0]]])
def test_classes_that_do_not_fit_are_named(classes):
    with pytest.raises(UserError, match="class"):
        gradcam.grad_cam(detector(), scene()[None], classes=classes)


def test_a_network_without_maps_or_graph_is_refused():
    flat = keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(UserError, match="convolutions"):
        gradcam.grad_cam(flat, np.zeros((1, 8, 8, 3)))
    unbuilt = keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(UserError, match="no graph"):
        gradcam.grad_cam(unbuilt, np.zeros((1, 8, 8, 3)))


def test_a_network_full_of_nan_is_refused():
    model = detector()
    model.set_weights([np.full_like(values, np.nan) for values in model.get_weights()])
    with pytest.raises(UserError, match="not finite"):
        gradcam.grad_cam(model, scene()[None], classes=0)
