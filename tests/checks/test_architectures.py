import pytest

from helpers import architectures
from helpers.checks import check_architecture


def build(*middle, units=3, activation="softmax", input_shape=(28, 28, 1)):
    import keras
    from keras import layers

    last = layers.Dense(units, activation=activation)
    return keras.Sequential([keras.Input(input_shape), *middle, last])


def body(*first):
    from keras import layers

    return [
        *first,
        layers.Conv2D(8, 3, activation="relu"),
        layers.MaxPooling2D(4),
        layers.Flatten(),
    ]


def rescaling():
    from keras import layers

    return layers.Rescaling(1 / 255)


def right_models():
    import keras
    from keras import layers

    yield "a chain", build(*body(rescaling()))
    yield "normalization instead", build(*body(layers.BatchNormalization()))
    yield "to -1..1", build(*body(layers.Rescaling(1 / 127.5, offset=-1)))
    yield "augmentation first", build(*body(layers.RandomFlip("horizontal"), rescaling()))
    inputs = keras.Input((28, 28, 1))
    nested = build(*body(rescaling()))
    yield "a model inside", keras.Model(inputs, nested(inputs))
    x = layers.Flatten()(inputs / 255)
    yield "division by hand", keras.Model(inputs, layers.Dense(3, activation="softmax")(x))
    logits = layers.Dense(3)(x)
    yield "softmax as a layer", keras.Model(inputs, layers.Softmax()(logits))


def test_right(judged):
    for words, model in right_models():
        status, said = judged(check_architecture, model)
        assert status == "correct", (words, said)


@pytest.mark.parametrize("number", range(1, 11))
def test_the_task_sheet_passes(judged, number):
    status, said = judged(check_architecture, architectures.build(number))
    assert status == "correct", said


def test_numbers_in_the_verdict(judged):
    model = build(*body(rescaling()), units=10)
    status, said = judged(check_architecture, model, classes=10, max_parameters=3_000)
    assert status == "correct"
    assert f"{model.count_params():,} of at most 3,000" in said


def wrong_models():
    import keras
    from keras import layers

    yield "relu", build(*body(rescaling()), activation="relu")
    yield "need not sum to 1", build(*body(rescaling()), activation="sigmoid")
    yield "scores (logits)", build(*body(rescaling()), activation=None)
    yield "'Flatten' or", build(*body(rescaling())[:-1])
    yield "up to 255", build(*body())
    yield "divided twice", build(*body(rescaling(), rescaling()))
    yield "Fashion-MNIST's classes", build(*body(rescaling()), units=10)
    yield "expected (3,)", build(*body(rescaling()), units=2)
    yield "axis of the channels", build(layers.Flatten(), input_shape=(28, 28))
    yield "not three colors", build(*body(rescaling()), input_shape=(28, 28, 3))
    yield "rows and columns are lost", build(input_shape=(784,))
    yield "keras.Input", keras.Sequential([*body(rescaling()), layers.Dense(3)])
    wide = [rescaling(), layers.Flatten(), layers.Dense(400)]
    yield "whose input is long", build(*wide)
    inputs = keras.Input((28, 28, 1))
    mean = layers.GlobalAveragePooling2D()(layers.Rescaling(1 / 255)(inputs))
    yield "no parameters", keras.Model(inputs, layers.Concatenate()([mean, mean, mean]))
    yield "expected a Keras model", [layers.Dense(3)]
    yield "call the function", lambda: None
    yield "expected a Keras model", "model"


def test_wrong(judged):
    for words, model in wrong_models():
        status, said = judged(check_architecture, model, max_parameters=150_000)
        assert status == "wrong", words
        assert words in said, said


def test_a_student_s_model_stays_as_it_is(judged):
    import numpy as np

    model = build(*body(rescaling()))
    before = model.get_weights()
    judged(check_architecture, model)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert not model.compiled


@pytest.mark.parametrize("model", [..., None])
def test_todo(judged, model):
    assert judged(check_architecture, model)[0] == "todo"
