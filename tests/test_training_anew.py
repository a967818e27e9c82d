"""One compiled model trained several times."""

import keras
import numpy as np
import pytest

from helpers import training
from helpers.errors import UserError


def compiled(rate=0.05):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
    model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
    return model


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(32, 4)).astype("float32"), np.arange(32) % 3


def train(model, data):
    model.fit(*data, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


def test_a_second_run_ends_like_the_first(data):
    model = compiled()
    training.start_anew(model, 7)
    first = train(model, data)
    training.start_anew(model, 7)
    again = train(model, data)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    training.start_anew(model, 8)
    assert not np.array_equal(first[0], train(model, data)[0])


def test_a_new_model_with_the_same_weights_ends_alike(data):
    model, new = compiled(), compiled()
    train(model, data)
    start = new.get_weights()
    training.start_anew(model, 7, weights=start)
    for one, other in zip(train(model, data), train(new, data), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def test_the_learning_rate_stays(data):
    model = compiled(rate=0.25)
    train(model, data)
    training.start_anew(model, 1)
    assert float(model.optimizer.learning_rate) == 0.25
    assert int(model.optimizer.iterations) == 0


def test_a_schedule_begins_again(data):
    model = compiled(keras.optimizers.schedules.CosineDecay(0.1, 10))
    train(model, data)
    assert float(model.optimizer.learning_rate) < 0.1
    training.start_anew(model, 1)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.1)


def test_mistakes_are_one_line():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(UserError, match=r"has no optimizer: call model\.compile"):
        training.start_anew(model, 1)
    with pytest.raises(UserError, match="do not fit model"):
        training.start_anew(compiled(), 1, weights=[np.zeros((5, 3)), np.zeros(3)])
