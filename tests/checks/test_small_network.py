import pytest

from helpers.checks import check_small_network


def build(middle, end, input_shape=(32, 32, 3)):
    import keras

    return keras.Sequential([keras.Input(input_shape), *middle, *end])


def conv(filters=8):
    from keras import layers

    return [
        layers.Conv2D(filters, 3, activation="relu"),
        layers.MaxPooling2D(4),
        layers.Conv2D(filters, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
    ]


def dense(activation="softmax", units=10):
    from keras import layers

    return [layers.Dense(units, activation=activation)]


def test_right(judged):
    from keras import Input, Model, layers

    status, said = judged(check_small_network, build(conv(), dense()))
    assert status == "correct" and "898 parameters" in said
    as_layer = [*dense(None), layers.Softmax()]
    assert judged(check_small_network, build(conv(), as_layer))[0] == "correct"
    inputs = Input((32, 32, 3))
    nested = Model(inputs, dense()[0](build(conv(), [])(inputs)))
    assert judged(check_small_network, nested)[0] == "correct"


def wrong_models():
    import keras
    from keras import layers

    flat = [layers.Flatten(), layers.Dense(15, activation="relu")]
    yield "relu", build(conv(), dense("relu"))
    yield "need not sum to 1", build(conv(), dense("sigmoid"))
    yield "scores (logits)", build(conv(), dense(None))
    yield "no 'Conv2D'", build(flat, dense())
    yield "whose input is long", build([*conv()[:1], layers.Flatten()], dense(units=10))
    yield "at most 60,000", build(conv(200), dense())
    yield "(3, 32, 32)", build([layers.Flatten()], dense(), (3, 32, 32))
    yield "flattened", build([], dense(), (3072,))
    yield "still a picture", build(conv()[:1], dense())
    yield "two classes", build(conv(), dense("sigmoid", 1))
    yield "expected (10,)", build(conv(), dense(units=100))
    yield "begin with", keras.Sequential([*conv(), *dense()])
    yield "expected a Keras model", [layers.Dense(10)]
    yield "call the function", lambda: None
    yield "expected a Keras model", "model"


def test_wrong(judged):
    for words, model in wrong_models():
        status, said = judged(check_small_network, model)
        assert status == "wrong", words
        assert words in said


@pytest.mark.parametrize("model", [..., None])
def test_todo(judged, model):
    assert judged(check_small_network, model)[0] == "todo"
