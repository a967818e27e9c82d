import pytest

from helpers.checks import check_new_tail, check_thaw_from


def is_batch_norm(layer):
    from keras.layers import BatchNormalization

    return isinstance(layer, BatchNormalization)


def thaw_from(model, name):
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == name
        layer.trainable = reached and not is_batch_norm(layer)


def thaw_and_return(model, name):
    thaw_from(model, name)
    return model


def by_index(model, name):
    place = [layer.name for layer in model.layers].index(name)
    for number, layer in enumerate(model.layers):
        layer.trainable = number >= place and not is_batch_norm(layer)


@pytest.mark.parametrize("function", [thaw_from, thaw_and_return, by_index])
def test_thaw_right(judged, function):
    assert judged(check_thaw_from, function)[0] == "correct"


def one_too_late(model, name):
    reached = False
    for layer in model.layers:
        layer.trainable = reached and not is_batch_norm(layer)
        reached = reached or layer.name == name


def only_the_named(model, name):
    for layer in model.layers:
        layer.trainable = layer.name == name


def never_freezes(model, name):
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == name
        if reached:
            layer.trainable = not is_batch_norm(layer)


def only_freezes(model, name):
    for layer in model.layers:
        if layer.name == name:
            break
        layer.trainable = False
    for layer in model.layers:
        if is_batch_norm(layer):
            layer.trainable = False


def forgets_batch_norm(model, name):
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == name
        layer.trainable = reached


def either(model, name):
    reached = False
    for layer in model.layers:
        reached = reached or layer.name == name
        layer.trainable = reached != is_batch_norm(layer)


def freezes_the_model(model, name):
    model.trainable = False


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (one_too_late, "one layer too late"),
        (only_the_named, "all later ones"),
        (never_freezes, "before the named one, is trainable"),
        (only_freezes, "must be thawed again"),
        (forgets_batch_norm, "is the exception"),
        (either, "'first_bn', a BatchNormalization"),
        (freezes_the_model, "the model itself was frozen"),
        (lambda model: None, "TypeError"),
        (lambda model, name: model.get_layer("no_such"), "ValueError"),
        (lambda model, name: "done", "expected the model or nothing"),
        ("block_12_add", "expected a function"),
    ],
)
def test_thaw_wrong(judged, function, words):
    status, said = judged(check_thaw_from, function)
    assert status == "wrong"
    assert words in said


def test_thaw_todo(judged):
    assert judged(check_thaw_from, ...)[0] == "todo"
    assert judged(check_thaw_from, lambda model, name: ...)[0] == "todo"


@pytest.fixture(scope="module")
def kit():
    """A trunk that gives (6, 6, 8), and a maker of tails for it."""
    import keras
    from keras import layers

    inputs = keras.Input((12, 12, 3))
    trunk = keras.Model(inputs, layers.Conv2D(8, 3, strides=2, padding="same")(inputs))

    def tail(*middle, shape=(6, 6, 8), activation="softmax", classes=10):
        last = layers.Dense(classes, activation=activation)
        return keras.Sequential([keras.Input(shape), *middle, last])

    return trunk, tail, layers


def test_tail_right(judged, kit):
    trunk, tail, layers = kit
    assert judged(check_new_tail, tail(layers.GlobalAveragePooling2D()), trunk)[0] == "correct"
    assert judged(check_new_tail, tail(layers.GlobalMaxPooling2D()), trunk)[0] == "correct"


def test_tail_wrong(judged, kit):
    import keras

    trunk, tail, layers = kit
    pool = layers.GlobalAveragePooling2D
    cases = [
        (tail(pool(), activation=None), "no softmax"),
        (tail(pool(), classes=100), "expected (10,)"),
        (tail(), "pooling is missing"),
        (tail(pool(), shape=(12, 12, 3)), "those are pictures"),
        (tail(pool(), shape=(6, 6, 16)), "the trunk gives (6, 6, 8)"),
        (tail(layers.Flatten()), "keeps every point"),
        (tail(pool(), layers.Dense(16)), "hidden layer"),
        (keras.Sequential([pool(), layers.Dense(10)]), "'keras.Input(…)' is missing"),
        ([pool(), layers.Dense(10)], "no model yet"),
        (keras.Model, "the class"),
        ("tail", "expected a Keras model"),
    ]
    for model, words in cases:
        status, said = judged(check_new_tail, model, trunk)
        assert status == "wrong", words
        assert words in said


def test_tail_spoiled(judged, kit):
    import numpy as np

    trunk, tail, layers = kit
    model = tail(layers.GlobalAveragePooling2D())
    model.set_weights([np.full_like(weight, np.nan) for weight in model.get_weights()])
    assert "no probabilities" in judged(check_new_tail, model, trunk)[1]


def test_tail_todo(judged, kit):
    assert judged(check_new_tail, ..., kit[0])[0] == "todo"
