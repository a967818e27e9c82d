"""A model cut behind any layer and put together again is the same model."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import transfer
from helpers.errors import UserError

CUTS = ("prepare", "stem", "block1_expand", "block1_bn", "block1_add", "block2_relu", "pool")


def run(model, x):
    """Inference without compiling anything: these models are small and many."""
    return np.asarray(model(keras.ops.convert_to_tensor(x), training=False))


@pytest.mark.parametrize("cut", [*CUTS, "dropout", "logits", 0])
def test_both_halves_give_what_the_model_gives(model, images, cut):
    layer = model.layers[cut] if isinstance(cut, int) else cut
    trunk, tail = transfer.split(model, layer)
    expected = run(model, images)
    np.testing.assert_allclose(run(tail, run(trunk, images)), expected, atol=1e-5)
    np.testing.assert_allclose(run(transfer.join(trunk, tail), images), expected, atol=1e-5)


def test_halves_have_no_layer_too_many(model):
    trunk, tail = transfer.split(model, "block1_add")
    assert {layer.name for layer in trunk.layers if layer.weights} == {
        "stem",
        "block1_expand",
        "block1_bn",
        "block1_project",
    }
    assert trunk.count_params() + tail.count_params() == model.count_params()


def test_inside_a_block_one_vector_crosses(model, images):
    trunk, tail = transfer.split(model, "block1_expand")
    assert trunk.output_shape == (None, 8 * 8 * (4 + 6)) == tail.input_shape
    assert run(trunk, images).shape == (10, 640)


@pytest.mark.parametrize("cut", ["block1_add", "block2_expand"])
def test_training_the_tail_trains_the_model(model, images, cut):
    trunk, tail = transfer.split(model, cut)
    joined = transfer.join(trunk, tail)
    before = run(model, images)
    trunk_before = run(trunk, images)
    tail.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    tail.fit(trunk_before, np.arange(10) % 4, batch_size=5, epochs=2, verbose=0)
    after = run(model, images)
    assert np.abs(after - before).max() > 1e-4
    np.testing.assert_allclose(run(joined, images), after, atol=1e-5)
    np.testing.assert_allclose(run(tail, trunk_before), after, atol=1e-5)
    np.testing.assert_array_equal(run(trunk, images), trunk_before)


@pytest.mark.parametrize("cut", ["block1_add", "block1_expand"])
def test_joined_model_can_be_saved_and_loaded_safely(model, images, cut, tmp_path):
    joined = transfer.join(*transfer.split(model, cut))
    joined.save(tmp_path / "joined.keras")
    loaded = keras.models.load_model(tmp_path / "joined.keras", safe_mode=True)
    np.testing.assert_allclose(run(loaded, images), run(model, images), atol=1e-5)


def test_joined_model_is_flat_and_can_be_split_again(model, images):
    joined = transfer.join(*transfer.split(model, "block1_add"))
    assert not any(isinstance(layer, keras.Model) for layer in joined.layers)
    trunk, tail = transfer.split(joined, "block2_add")
    np.testing.assert_allclose(run(tail, run(trunk, images)), run(model, images), atol=1e-5)


def test_another_tail_can_be_joined(model, images):
    trunk, _ = transfer.split(model, "block2_add")
    head = keras.Sequential([keras.Input((8, 8, 4)), layers.GlobalMaxPooling2D(), layers.Dense(2)])
    joined = transfer.join(trunk, head)
    np.testing.assert_allclose(run(joined, images), run(head, run(trunk, images)), atol=1e-5)


def test_sequential_model_can_be_split(images):
    model = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.Flatten()])
    trunk, tail = transfer.split(model, model.layers[0])
    np.testing.assert_allclose(run(tail, run(trunk, images)), run(model, images), atol=1e-5)


def test_layer_used_twice_elsewhere_is_cut_around(images):
    inputs = keras.Input((8, 8, 3))
    shared = layers.Conv2D(3, 1, name="shared")
    x = layers.ReLU(name="between")(shared(inputs))
    model = keras.Model(inputs, shared(x))
    trunk, tail = transfer.split(model, "between")
    np.testing.assert_allclose(run(tail, run(trunk, images)), run(model, images), atol=1e-4)
    with pytest.raises(UserError, match="used 2 times"):
        transfer.split(model, "shared")


def test_layer_within_a_nested_model_is_refused_with_the_way_out(model, images):
    inputs = keras.Input((8, 8, 3))
    outer = keras.Model(inputs, layers.Dense(2)(model(inputs)))
    with pytest.raises(UserError, match=r"lies within .*input_tensor="):
        transfer.split(outer, "block1_add")


def test_unknown_layer_names_similar_ones(model):
    with pytest.raises(UserError, match="no layer 'block1_ad': did you mean block1_add"):
        transfer.split(model, "block1_ad")


@pytest.mark.parametrize("thing", [None, keras.Sequential([layers.Dense(1)])])
def test_what_has_no_graph_is_refused(thing):
    with pytest.raises(UserError, match=r"pass a Keras model|has no graph"):
        transfer.split(thing, "stem")


def test_two_inputs_are_refused():
    a, b = keras.Input((2,)), keras.Input((2,))
    with pytest.raises(UserError, match="one input"):
        transfer.split(keras.Model([a, b], layers.Add(name="add")([a, b])), "add")


def test_pictures_of_any_size_cannot_be_cut_inside_a_block():
    inputs = keras.Input((None, None, 3))
    y = layers.Conv2D(3, 1, name="conv")(inputs)
    with pytest.raises(UserError, match="height and width"):
        transfer.split(keras.Model(inputs, layers.Add()([inputs, y])), "conv")


def test_halves_that_do_not_fit_are_not_joined(model):
    trunk, _ = transfer.split(model, "block1_add")
    _, tail = transfer.split(model, "pool")
    with pytest.raises(UserError, match=r"\(8, 8, 4\).*\(4,\)"):
        transfer.join(trunk, tail)
