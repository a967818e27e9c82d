"""`training.fit`: a run that was broken off ends like a whole one, and no two runs are mixed."""

import filelock
import keras
import numpy as np
import pytest

from helpers import datasets, training
from helpers.settings import CourseError
from tests import hostile

RNG = np.random.default_rng(5)
X = RNG.integers(0, 256, (64, 6, 6, 1), dtype=np.uint8)
Y = RNG.integers(0, 3, 64)
VALIDATION = (X[:16], Y[:16])


def network(units=3, rate=1e-2, seed=1, loss="sparse_categorical_crossentropy", **layer):
    """Small and eager, which saves seconds; the compiled path is test_training_kill.py's."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(8, **{"activation": "relu"} | layer),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(units, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], run_eagerly=True)
    return model


def averaging(seed=1):
    model = network(seed=seed)
    optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
    model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=True)
    return model


def scheduled(seed=1):
    return network(rate=keras.optimizers.schedules.CosineDecay(0.05, 10), seed=seed)


def fit(model, epochs=3, **options):
    x, y = options.pop("x", X), options.pop("y", Y)
    return training.fit(model, x, y, **{"epochs": epochs, "batch_size": 32, "verbose": 0} | options)


def weights(model):
    return [w.tobytes() for w in model.get_weights()]


class BreakAt(keras.callbacks.Callback):
    """Break off at the second batch of an epoch, counted from 0, as Ctrl-C does."""

    def __init__(self, epoch):
        super().__init__()
        self.at = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.now, batch) == (self.at, 1):
            raise KeyboardInterrupt


def stopping(patience=2):
    return keras.callbacks.EarlyStopping(
        monitor="loss", patience=patience, min_delta=10, restore_best_weights=True
    )


def halving():
    return keras.callbacks.LearningRateScheduler(lambda _epoch, rate: rate * 0.5)


def plateau(factor=0.5):
    return keras.callbacks.ReduceLROnPlateau(
        patience=1, monitor="loss", min_delta=10, factor=factor
    )


def brighter(images, labels, rng):
    return images + rng.integers(0, 20, (len(images), 1, 1, 1)).astype(np.uint8), labels


@pytest.mark.parametrize(
    ("make", "callbacks", "options", "at"),
    [
        (network, list, {}, 0),
        (network, list, {"validation_data": VALIDATION}, 1),
        (network, list, {"augment": brighter}, 4),
        (scheduled, list, {}, 3),
        (averaging, list, {}, 3),
        (network, lambda: [halving()], {}, 3),
        (network, lambda: [plateau(), stopping(4)], {}, 3),
        (network, lambda: [stopping(2)], {}, 2),
    ],
)
def test_a_resumed_run_ends_like_a_whole_one(tmp_path, make, callbacks, options, at):
    whole = make()
    expected = fit(whole, 5, callbacks=callbacks(), **options)
    with pytest.raises(KeyboardInterrupt):
        fit(make(), 5, run_dir=tmp_path, callbacks=[*callbacks(), BreakAt(at)], **options)
    model = make(seed=2)  # other first weights: all must come from the files
    history = fit(model, 5, run_dir=tmp_path, callbacks=callbacks(), **options)
    assert weights(model) == weights(whole)
    assert history.history == expected.history and history.epoch == expected.epoch
    assert model.history is history
    again = make(seed=3)  # a finished run returns at once
    assert fit(again, 5, run_dir=tmp_path, callbacks=callbacks(), **options).epoch == history.epoch
    assert weights(again) == weights(whole)


def test_an_interrupted_cell_run_again_in_one_process(tmp_path):
    whole = network()
    fit(whole, 5, callbacks=[halving()])
    model, callbacks = network(), [halving()]
    with pytest.raises(KeyboardInterrupt):
        fit(model, 5, run_dir=tmp_path, callbacks=[*callbacks, BreakAt(3)])
    fit(model, 5, run_dir=tmp_path, callbacks=callbacks)
    assert weights(model) == weights(whole)


def test_more_epochs_go_on_and_fewer_are_refused(tmp_path):
    whole = network()
    fit(whole, 5)
    fit(network(), 3, run_dir=tmp_path)
    model = network(seed=2)
    assert fit(model, 5, run_dir=tmp_path).epoch == [0, 1, 2, 3, 4]
    assert weights(model) == weights(whole)
    with pytest.raises(CourseError, match="has 5 epochs, not 2"):
        fit(network(), 2, run_dir=tmp_path)


def test_a_stopped_run_is_finished(tmp_path):
    fit(network(), 9, run_dir=tmp_path, callbacks=[stopping(1)])
    assert len(fit(network(), 20, run_dir=tmp_path, callbacks=[stopping(1)]).epoch) == 2
    with pytest.raises(CourseError, match="callbacks: changed"):
        fit(network(), 9, run_dir=tmp_path, callbacks=[stopping(3)])


def test_restart_removes_the_states(tmp_path):
    fit(network(), 3, run_dir=tmp_path)
    assert fit(network(), 1, run_dir=tmp_path, seed=7, restart=True).epoch == [0]
    assert not (tmp_path / "epoch-00003.npz").exists()


def test_augmentation_leaves_the_data_and_the_validation_alone():
    def blacken(images, labels, rng):
        images[:] = 0
        return images, labels

    model, before = network(), X.copy()
    history = fit(model, 1, augment=blacken, validation_data=VALIDATION)
    np.testing.assert_array_equal(X, before)
    loss, _ = model.evaluate(*VALIDATION, verbose=0)
    assert history.history["val_loss"][0] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (lambda: network(units=4), {}, "number of parameters: was 323, now 332"),
        (lambda: network(kernel_regularizer="l2"), {}, "network: changed"),
        (lambda: network(rate=0.1), {}, "learning_rate: was 0.01, now 0.1"),
        (scheduled, {}, "learning_rate"),
        (averaging, {}, "optimizer: was Adam, now SGD"),
        (lambda: network(loss=keras.losses.Poisson()), {}, "loss"),
        (network, {"x": 255 - X}, "training data"),
        (network, {"y": (Y + 1) % 3}, "training data"),
        (network, {"batch_size": 16}, "batch_size: was 32, now 16"),
        (network, {"seed": 2}, "seed: was 1001, now 2"),
        (network, {"validation_data": VALIDATION}, "validation data"),
        (network, {"augment": brighter}, "augment"),
        (network, {"callbacks": [halving()]}, "callbacks"),
    ],
)
def test_another_run_in_the_folder(tmp_path, make, options, words):
    fit(network(), 1, run_dir=tmp_path)
    with pytest.raises(CourseError, match=words) as raised:
        fit(make(), 2, run_dir=tmp_path, **options)
    assert "choose another run_dir, or pass restart=True" in str(raised.value)
    assert "\n" not in str(raised.value)


entropy = keras.losses.sparse_categorical_crossentropy
FUNCTIONS = {  # the options of `network` and of `fit` for a number; more are in test_fingerprint.py
    "augment": lambda number: ({}, {"augment": lambda x, y, rng: (x + np.uint8(number), y)}),
    "loss": lambda number: ({"loss": lambda y, p: number * entropy(y, p)}, {}),
    "network": lambda number: ({"activation": lambda x: number * keras.ops.relu(x)}, {}),
    "callbacks": lambda number: ({}, {"callbacks": [plateau(0.1 * number)]}),
}


@pytest.mark.parametrize("kind", FUNCTIONS)
def test_a_function_that_has_bound_another_number_is_another_run(tmp_path, kind):
    for number in (1, 1):
        of_network, of_fit = FUNCTIONS[kind](number)
        assert fit(network(**of_network), 1, run_dir=tmp_path, **of_fit).epoch == [0]
    of_network, of_fit = FUNCTIONS[kind](2)
    with pytest.raises(CourseError, match=f"another run.*{kind}"):
        fit(network(**of_network), 2, run_dir=tmp_path, **of_fit)


@pytest.mark.parametrize("damage", [lambda data: data[:-500], lambda data: b"", hostile.flipped])
def test_a_damaged_state_is_passed_over(tmp_path, damage):
    whole, model = network(), network(seed=2)
    fit(whole, 3, run_dir=tmp_path)
    newest = tmp_path / "epoch-00003.npz"
    assert sorted(p.name for p in tmp_path.glob("[!.]*")) == ["epoch-00002.npz", newest.name]
    newest.write_bytes(damage(newest.read_bytes()))
    with pytest.warns(UserWarning, match=r"epoch-00003.npz is damaged"):
        fit(model, 3, run_dir=tmp_path)
    assert weights(model) == weights(whole)


def test_no_state_is_readable_and_no_pickle_is_read(tmp_path):
    fit(network(), 1, run_dir=tmp_path)
    paths = sorted(tmp_path.glob("*.npz"))
    paths[0].write_bytes(b"no archive")
    np.savez(paths[1], json=np.array([{}], dtype=object), allow_pickle=True)
    with (
        pytest.warns(UserWarning, match="damaged"),
        pytest.raises(CourseError, match="is damaged: choose another run_dir, or pass restart"),
    ):
        fit(network(), 3, run_dir=tmp_path)


def test_a_folder_in_use(tmp_path):
    with filelock.FileLock(tmp_path / ".lock"), pytest.raises(CourseError, match="another process"):
        fit(network(), 1, run_dir=tmp_path)
    assert fit(network(), 1, run_dir=tmp_path).epoch == [0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"y": Y[:-1]}, "64 images and 63 labels"),
        ({"x": X[:0], "y": Y[:0]}, "0 images"),
        ({"callbacks": [keras.callbacks.BackupAndRestore("backup")]}, "resume the run a second"),
    ],
)
def test_mistakes_are_named_before_the_first_step(options, words, tmp_path):
    model = network()
    before = weights(model)
    with pytest.raises(CourseError, match=words) as raised:
        fit(model, **{"run_dir": tmp_path / "run"} | options)
    assert "\n" not in str(raised.value)
    assert weights(model) == before


def test_a_loss_of_nan_ends_the_run_and_keeps_the_epochs_before(tmp_path):
    class Diverge(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.layers[-1].bias.assign([np.nan] * 3)

    with pytest.raises(CourseError, match=r"became nan in epoch 3.*lower the learning"):
        fit(network(), 5, run_dir=tmp_path, callbacks=[Diverge()])
    assert not (tmp_path / "epoch-00003.npz").exists()


@pytest.mark.parametrize("as_training_data", [True, False])
def test_a_guarded_test_split_notices(as_training_data):
    images, labels = datasets.guarded(datasets.Split(X.copy(), Y.copy()), "noise")
    data = {"x": images, "y": labels}
    options = data if as_training_data else {"validation_data": (images, labels)}
    with pytest.warns(datasets.TestSplitWarning, match="noise is used by `fit`"):
        fit(network(), 1, **options)
