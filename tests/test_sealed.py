"""The sealed test split: silent where it is used rightly, heard where it is not."""

import pickle
import warnings

import numpy as np
import pytest

from helpers import sealed
from helpers.sealed import SealedArray, SealedTestWarning

rng = np.random.default_rng(1001)
X_TRAIN = rng.integers(0, 256, (40, 8, 8, 3), dtype=np.uint8)
Y_TRAIN = np.arange(40) % 4


@pytest.fixture
def test_split():
    x = rng.integers(0, 256, (20, 8, 8, 3), dtype=np.uint8)
    return sealed.seal((x, np.arange(20, dtype=np.int64) % 4), "cifar10")


@pytest.fixture
def model():
    return new_model()


def new_model():
    keras = pytest.importorskip("keras")
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def kinds(caught):
    return [str(entry.message) for entry in caught if entry.category is SealedTestWarning]


@pytest.fixture
def heard():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def fit(model, x=X_TRAIN, y=Y_TRAIN, **options):
    return model.fit(x, y, epochs=2, verbose=0, **options)


def test_train_then_evaluate_and_predict_once_is_silent(model, test_split, heard):
    x, y = test_split
    fit(model, validation_data=(X_TRAIN, Y_TRAIN))
    model.evaluate(x, y, verbose=0)
    model.predict(x, verbose=0)
    model.predict(x[:3], verbose=0)
    assert kinds(heard) == []


@pytest.mark.parametrize("scale", [lambda x: x, lambda x: x / 255.0, lambda x: x[:10] * 1.0])
def test_fit_on_test_warns_once_at_the_users_line(model, test_split, heard, scale):
    x, y = test_split
    x = scale(x)
    model.fit(x, y[: len(x)], epochs=1, verbose=0)
    model.fit(x, y[: len(x)], epochs=1, verbose=0)
    (message,) = kinds(heard)
    assert "trained on" in message
    assert [e.filename for e in heard if e.category is SealedTestWarning] == [__file__]


@pytest.mark.parametrize(
    "scale", [lambda x: x, lambda x: x / 255.0, lambda x: x.astype("float32")[::2]]
)
def test_validation_data_warns(model, test_split, heard, scale):
    x, y = test_split
    x = scale(x)
    fit(model, validation_data=(x, y[: len(x)]))
    (message,) = kinds(heard)
    assert "data.val" in message


def test_only_the_labels_are_enough(model, test_split, heard):
    x, y = test_split
    fit(model, validation_data=(np.array(x), y))
    assert len(kinds(heard)) == 1


def test_callback_that_evaluates_the_test_split_warns(model, test_split, heard):
    import keras

    x, y = test_split

    class Peek(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.evaluate(x, y, verbose=0)

    fit(model, callbacks=[Peek()])
    (message,) = kinds(heard)
    assert "during training" in message


def test_second_model_is_a_choice(model, test_split, heard):
    x, y = test_split
    model.evaluate(x, y, verbose=0)
    assert kinds(heard) == []
    new_model().evaluate(x, y, verbose=0)
    (message,) = kinds(heard)
    assert "two different models" in message


def test_the_same_weights_in_another_model_are_no_choice(model, test_split, heard):
    x, y = test_split
    other = new_model()
    other.set_weights(model.get_weights())
    model.evaluate(x, y, verbose=0)
    other.evaluate(x, y, verbose=0)
    assert kinds(heard) == []


def test_scikit_learn(test_split, heard):
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import classification_report, confusion_matrix, log_loss

    x, y = test_split
    flat = x.reshape(len(x), -1) / 255
    classifier = LogisticRegression().fit(X_TRAIN.reshape(40, -1) / 255, Y_TRAIN)
    predicted = classifier.predict(flat)
    confusion_matrix(y, predicted)
    classification_report(y, predicted, zero_division=0)
    log_loss(y, np.full((20, 4), 0.25), labels=range(4))
    assert kinds(heard) == []
    LogisticRegression().fit(flat, y)
    assert len(kinds(heard)) == 1


def test_function_of_the_users_named_fit_is_not_training(test_split, heard):
    def fit(self, x):
        return x.shape, x[:2]

    fit(None, test_split[0])
    assert kinds(heard) == []


def test_it_is_an_array_in_every_other_way(test_split):
    x, y = test_split
    assert isinstance(x[0], SealedArray)
    assert isinstance(x / 255, SealedArray)
    assert (x / 255).dtype == np.float64
    assert type(x.mean()) is np.float64
    assert type((y == np.zeros(20)).mean()) is np.float64
    assert type(y[0]) is np.int64
    assert x.mean(axis=0).shape == (8, 8, 3)
    assert np.bincount(y).tolist() == [5, 5, 5, 5]
    assert np.concatenate([x, x]).shape == (40, 8, 8, 3)
    assert type(pickle.loads(pickle.dumps(x))) is np.ndarray
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(y)), y)
    floats = x.astype("float32")
    floats /= 255
    assert floats.max() <= 1
    assert repr(y[:3]).startswith("SealedArray")


def test_pictures_can_be_drawn(test_split):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib.figure import Figure

    axes = Figure().subplots()
    axes.imshow(test_split[0][0])
    axes.hist(test_split[1])
    axes.figure.canvas.draw()
