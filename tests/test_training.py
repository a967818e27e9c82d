import json
import subprocess
import sys

import filelock
import keras
import numpy as np
import pytest

from helpers import sealed, training
from helpers.augment import Chain, Cutout, FlipShift
from helpers.errors import UserError
from helpers.training import state

RNG = np.random.default_rng(5)
X = RNG.integers(0, 256, (64, 6, 6, 1), dtype=np.uint8)
Y = RNG.integers(0, 3, 64)
VALIDATION = (X[:16], Y[:16])


def network(units=3, rate=1e-2, loss="sparse_categorical_crossentropy", seed=1, **layer):
    """Small, with dropout so that a wrong random state shows.

    It runs eagerly, which saves seconds a test; the compiled path is test_training_kill.py's.
    """
    keras.utils.set_random_seed(seed)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Flatten(),
            keras.layers.Dense(8, activation="relu", **layer),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(units, activation="softmax"),
        ]
    )
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"], run_eagerly=True)
    return model


def fit(model, epochs=3, **options):
    x, y = options.pop("x", X), options.pop("y", Y)
    return training.fit(
        model, x, y, **{"epochs": epochs, "batch_size": 32, "verbose": False} | options
    )


def digest(model):
    return [w.tobytes() for w in model.get_weights()]


class Break(Exception):
    """Stands for whatever ends a process."""


class BreakAt(keras.callbacks.Callback):
    """Break off at a batch of an epoch, both counted from 0."""

    def __init__(self, epoch, batch=1):
        super().__init__()
        self.at, self.epoch = (epoch, batch), None

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_begin(self, batch, logs=None):
        if (self.now, batch) == self.at:
            raise Break


def broken_then_resumed(run_dir, epochs=5, at=3, make=network, callbacks=list, **options):
    with pytest.raises(Break):
        fit(make(), epochs, run_dir=run_dir, callbacks=[*callbacks(), BreakAt(at)], **options)
    model = make(seed=2)  # other first weights: all must come from the files
    return model, fit(model, epochs, run_dir=run_dir, callbacks=callbacks(), **options)


# ---- the same end --------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 1, 4])
def test_a_resumed_run_ends_like_a_whole_one(tmp_path, at):
    whole = network()
    expected = fit(whole, 5, validation_data=VALIDATION)
    model, history = broken_then_resumed(tmp_path, at=at, validation_data=VALIDATION)
    assert digest(model) == digest(whole)
    assert history.history == expected.history
    assert history.epoch == [0, 1, 2, 3, 4]
    assert model.history is history


def cosine():
    return keras.optimizers.schedules.CosineDecay(0.05, 10)


def exponential():
    return keras.callbacks.LearningRateScheduler(lambda _epoch, rate: rate * 0.5)


@pytest.mark.parametrize(
    ("rate", "callbacks"),
    [
        (cosine, list),
        (lambda: 0.05, lambda: [exponential()]),
        (lambda: 0.05, lambda: [keras.callbacks.ReduceLROnPlateau(patience=1, monitor="loss")]),
    ],
    ids=["schedule", "scheduler", "plateau"],
)
def test_learning_rates_go_on(tmp_path, rate, callbacks):
    def make(seed=1):
        return network(rate=rate(), seed=seed)

    whole = make()
    fit(whole, 5, callbacks=callbacks())
    model, _ = broken_then_resumed(tmp_path, make=make, callbacks=callbacks)
    assert digest(model) == digest(whole)
    assert float(model.optimizer.learning_rate) == float(whole.optimizer.learning_rate)


def stopping(**options):
    return keras.callbacks.EarlyStopping(
        monitor="loss", patience=2, min_delta=10, restore_best_weights=True, **options
    )


def test_early_stopping_remembers_its_waiting_and_best_weights(tmp_path):
    whole = network()
    expected = fit(whole, 9, callbacks=[stopping()])
    assert len(expected.epoch) == 3
    model, history = broken_then_resumed(tmp_path, 9, at=2, callbacks=lambda: [stopping()])
    assert history.history == expected.history
    assert digest(model) == digest(whole)


def test_a_checkpoint_keeps_its_best(tmp_path):
    def checkpoint():
        return keras.callbacks.ModelCheckpoint(
            tmp_path / "best.keras", monitor="loss", save_best_only=True
        )

    run_dir = tmp_path / "run"
    first = checkpoint()
    fit(network(), 3, run_dir=run_dir, callbacks=[first])
    second = checkpoint()
    fit(network(), 3, run_dir=run_dir, callbacks=[second])
    assert second.best == first.best is not None


def test_averaged_weights_at_the_end(tmp_path):
    def make(seed=1):
        model = network(seed=seed)
        optimizer = keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.5)
        model.compile(optimizer, "sparse_categorical_crossentropy", run_eagerly=True)
        return model

    whole = make()
    fit(whole, 5)
    model, _ = broken_then_resumed(tmp_path, make=make)
    assert digest(model) == digest(whole)
    again = make(seed=3)
    fit(again, 5, run_dir=tmp_path)
    assert digest(again) == digest(whole)


def test_order_and_dropout_depend_on_the_seed_alone():
    models = [network(), network(), network()]
    for model, seed in zip(models, (1, 1, 2), strict=True):
        keras.utils.set_random_seed(seed + 50)
        fit(model, seed=seed)
    assert digest(models[0]) == digest(models[1]) != digest(models[2])


# ---- finished runs ----------------------------------------------------------------------------


def test_a_finished_run_returns_at_once(tmp_path):
    first = network()
    expected = fit(first, run_dir=tmp_path)
    second = network(seed=2)
    history = fit(second, run_dir=tmp_path, callbacks=[BreakAt(0, 0)])
    assert history.history == expected.history
    assert digest(second) == digest(first)


def test_more_epochs_go_on(tmp_path):
    whole = network()
    fit(whole, 5)
    fit(network(), 3, run_dir=tmp_path)
    model = network(seed=2)
    assert fit(model, 5, run_dir=tmp_path).epoch == [0, 1, 2, 3, 4]
    assert digest(model) == digest(whole)


def test_fewer_epochs_than_the_run_has(tmp_path):
    fit(network(), 5, run_dir=tmp_path)
    with pytest.raises(UserError, match="has 5 epochs, more than 2"):
        fit(network(), 2, run_dir=tmp_path)


def test_a_stopped_run_goes_on_only_with_other_callbacks(tmp_path):
    fit(network(), 9, run_dir=tmp_path, callbacks=[stopping()])
    stopped = fit(network(), 20, run_dir=tmp_path, callbacks=[stopping()])
    assert len(stopped.epoch) == 3
    assert len(fit(network(), 9, run_dir=tmp_path).epoch) == 9


def test_the_same_cell_run_twice_in_one_process(tmp_path):
    model, callbacks = network(), [stopping(), exponential()]
    fit(model, 9, run_dir=tmp_path, callbacks=callbacks)
    after = digest(model)
    assert len(fit(model, 9, run_dir=tmp_path, callbacks=callbacks).epoch) == 3
    assert digest(model) == after


def test_an_interrupted_cell_run_again_in_one_process(tmp_path):
    whole = network()
    fit(whole, 5, callbacks=[exponential()])
    model, breaking = network(), BreakAt(3)
    with pytest.raises(Break):
        fit(model, 5, run_dir=tmp_path, callbacks=[exponential(), breaking])
    fit(model, 5, run_dir=tmp_path, callbacks=[exponential()])
    assert digest(model) == digest(whole)


def test_restart_removes_the_states_and_nothing_else(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    fit(network(), 3, run_dir=tmp_path)
    history = fit(network(), 1, run_dir=tmp_path, seed=7, restart=True)
    assert history.epoch == [0]
    assert sorted(p.name for p in tmp_path.glob("[!.]*")) == [
        "epoch-00000.npz",
        "epoch-00001.npz",
        "notes.txt",
    ]


# ---- another run ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (lambda: network(units=4), {}, "had 323 parameters, now 332"),
        (lambda: network(use_bias=False), {}, "parameters"),
        (lambda: network(kernel_regularizer="l2"), {}, "layers or their settings"),
        (lambda: network(rate=0.1), {}, "learning_rate was 0.01, now 0.1"),
        (network, {"x": 255 - X}, "training data have changed"),
        (network, {"y": (Y + 1) % 3}, "training data have changed"),
        (network, {"batch_size": 16}, "batch_size was 32, now 16"),
        (network, {"seed": 2}, "seed was 1001, now 2"),
        (network, {"validation_data": VALIDATION}, "validation data: there was none before"),
    ],
)
def test_another_run_in_the_folder(tmp_path, make, options, words):
    fit(network(), 1, run_dir=tmp_path)
    with pytest.raises(UserError, match=words) as raised:
        fit(make(), 2, run_dir=tmp_path, **options)
    assert "choose another run_dir, or pass restart=True" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_another_optimizer_or_loss(tmp_path):
    fit(network(), 1, run_dir=tmp_path)
    model = network()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"])
    with pytest.raises(UserError, match=r"loss .*; optimizer was .Adam., now .SGD."):
        fit(model, 2, run_dir=tmp_path)


def test_layer_names_do_not_matter(tmp_path):
    fit(network(), 1, run_dir=tmp_path)
    network(), network()  # Keras counts on: dense_7 instead of dense_3
    assert fit(network(), 2, run_dir=tmp_path).epoch == [0, 1]


# ---- files ------------------------------------------------------------------------------------


def test_two_states_are_kept_and_nothing_half_written(tmp_path):
    fit(network(), 4, run_dir=tmp_path)
    assert sorted(p.name for p in tmp_path.glob("[!.]*")) == ["epoch-00003.npz", "epoch-00004.npz"]


def flip(path, share):
    content = bytearray(path.read_bytes())
    content[int(share * (len(content) - 1))] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("damage", ["cut", "empty", 0, 0.02, 0.3, 0.5, 0.7, 0.99, 1])
def test_a_damaged_state_is_passed_over(tmp_path, damage):
    whole = network()
    fit(whole, 3)
    fit(network(), 3, run_dir=tmp_path)
    newest = tmp_path / "epoch-00003.npz"
    if damage == "cut":
        newest.write_bytes(newest.read_bytes()[:-500])
    elif damage == "empty":
        newest.write_bytes(b"")
    else:
        flip(newest, damage)
    _, passed_over = state.load(tmp_path, up_to=3)
    model = network(seed=2)
    if passed_over:
        with pytest.warns(UserWarning, match="is damaged: the run goes on from epoch 2"):
            fit(model, 3, run_dir=tmp_path)
    else:  # a byte that means nothing, such as a time stamp
        fit(model, 3, run_dir=tmp_path)
    assert digest(model) == digest(whole)


def test_no_state_is_readable(tmp_path):
    fit(network(), 3, run_dir=tmp_path)
    for path in tmp_path.glob("*.npz"):
        path.write_bytes(b"no archive")
    with pytest.raises(UserError, match="is damaged: choose another run_dir, or pass restart=True"):
        fit(network(), 3, run_dir=tmp_path)


def test_no_pickles(tmp_path):
    fit(network(), 1, run_dir=tmp_path)
    with np.load(tmp_path / "epoch-00001.npz", allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)
        assert json.loads(archive["json"].tobytes())["epoch"] == 1


def test_a_full_disk_warns_once_and_keeps_the_older_state(tmp_path, monkeypatch):
    fit(network(), 2, run_dir=tmp_path)

    def full(*_args, **_arrays):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state.np, "savez", full)
    with pytest.warns(UserWarning, match="No space left on device") as caught:
        history = fit(network(), 5, run_dir=tmp_path)
    assert len([w for w in caught if "could not be saved" in str(w.message)]) == 1
    assert history.epoch == [0, 1, 2, 3, 4]
    assert sorted(p.name for p in tmp_path.glob("[!.]*")) == ["epoch-00001.npz", "epoch-00002.npz"]


def test_a_folder_in_use(tmp_path):
    with filelock.FileLock(tmp_path / ".lock"), pytest.raises(UserError, match="another process"):
        fit(network(), 1, run_dir=tmp_path)
    fit(network(), 1, run_dir=tmp_path)


def test_a_killed_process_leaves_no_hold(tmp_path):
    code = (
        "import filelock, os, sys, signal\n"
        "lock = filelock.FileLock(sys.argv[1]); lock.acquire()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / ".lock")], check=False)
    assert (tmp_path / ".lock").exists()
    assert fit(network(), 1, run_dir=tmp_path).epoch == [0]


def test_a_run_dir_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot be made"):
        fit(network(), 1, run_dir=tmp_path / "file")


# ---- mistakes ---------------------------------------------------------------------------------


def nan_at(row):
    x = X.astype("float32")
    x[row, 0, 0, 0] = np.nan
    return x


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"y": Y[:-1]}, "64 pictures but 63 labels"),
        ({"x": X[:0], "y": Y[:0]}, "no pictures"),
        ({"x": nan_at(17)}, "first in row 17"),
        ({"y": Y + 1}, "labels run from 1 to 3 but the output layer has 3 units"),
        ({"y": Y - 1}, "from -1 to 1"),
        ({"y": np.eye(3)[Y]}, r"argmax\(axis=1\)"),
        ({"x": X[:, :5]}, r"does not take a batch of shape \(1, 5, 6, 1\)"),
        ({"x": ["a"] * 64}, "arrays of numbers"),
        ({"x": [[1, 2], [3]]}, "cannot be read as an array"),
        ({"validation_data": X}, "pass a pair of arrays"),
        ({"validation_data": (X[:4], Y[:3])}, "validation data: 4 pictures but 3 labels"),
        ({"validation_data": (X[:4], Y[:4] + 3)}, "validation data: labels run"),
        ({"epochs": 0}, "epochs is 0"),
        ({"epochs": 2.5}, "epochs is 2.5"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"callbacks": [print]}, "pass Keras callbacks"),
    ],
)
def test_mistakes_are_named_before_the_first_step(options, words, tmp_path):
    model = network()
    before = digest(model)
    with pytest.raises(UserError, match=words) as raised:
        fit(model, **options, run_dir=tmp_path / "run")
    assert "\n" not in str(raised.value)
    assert digest(model) == before
    assert not (tmp_path / "run").exists()


def test_class_numbers_for_a_loss_of_one_hot_rows():
    with pytest.raises(UserError, match="use loss='sparse_categorical_crossentropy'"):
        fit(network(loss="categorical_crossentropy"))
    assert fit(network(loss="categorical_crossentropy"), y=np.eye(3)[Y]).epoch == [0, 1, 2]


def test_a_model_that_is_not_compiled():
    model = keras.Sequential([keras.Input((6, 6, 1)), keras.layers.Flatten()])
    with pytest.raises(UserError, match=r"call model.compile\(optimizer, loss, metrics\)"):
        fit(model)
    with pytest.raises(UserError, match="pass a Keras model"):
        fit("model")


def test_the_sealed_test_split_notices():
    images, labels = sealed.seal((X, Y), "noise")
    with pytest.warns(sealed.SealedTestWarning, match="being trained on"):
        fit(network(), 1, x=images, y=labels)
    images, labels = sealed.seal((X, Y), "noise")
    with pytest.warns(sealed.SealedTestWarning, match="used during training: give data.val"):
        fit(network(), 1, validation_data=(images, labels))


def test_backup_and_restore_is_refused(tmp_path):
    with pytest.raises(UserError, match="resume the run a second time"):
        fit(network(), callbacks=[keras.callbacks.BackupAndRestore(tmp_path)])


def test_a_loss_of_nan_ends_the_run_and_keeps_the_epochs_before(tmp_path):
    class Diverge(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                self.model.layers[-1].bias.assign([np.nan] * 3)

    with pytest.raises(
        UserError, match=r"became nan in epoch 3.*lower the learning rate"
    ) as raised:
        fit(network(), 5, run_dir=tmp_path, callbacks=[Diverge()])
    assert f"the 2 epochs before are kept in {tmp_path}" in str(raised.value)
    reached, _ = state.load(tmp_path, up_to=5)
    assert reached.epoch == 2
    assert all(np.isfinite(array).all() for array in reached.arrays.values())


# ---- what the user sees ------------------------------------------------------------------------


def test_progress_is_printed(tmp_path, capsys):
    fit(network(), 1, run_dir=tmp_path, verbose=True)
    fit(network(), 2, run_dir=tmp_path, verbose=True)
    lines = capsys.readouterr().out.splitlines()
    assert [line[:9] for line in lines] == ["epoch 1/1", "resumed a", "epoch 2/2"]
    fit(network(), 1)
    assert capsys.readouterr().out == ""


def test_the_users_own_history_object_is_returned():
    own = keras.callbacks.History()
    assert fit(network(), 1, callbacks=[own]) is own


# ---- augmentation -------------------------------------------------------------------------


def brighter(images, labels, rng):
    return images + rng.integers(0, 20, (len(images), 1, 1, 1)).astype(np.uint8), labels


def darker(images, labels, rng):
    return images - rng.integers(0, 20, (len(images), 1, 1, 1)).astype(np.uint8), labels


class ByEpoch:
    """An augmentation that differs from epoch to epoch, and writes down which it was."""

    def __init__(self):
        self.epochs = []

    def at_epoch(self, epoch):
        self.epochs.append(epoch)
        return brighter if epoch % 2 else None


def test_augmentation_changes_what_is_learned_and_is_resumed_exactly(tmp_path):
    plain, whole = network(), network()
    fit(plain, 5)
    expected = fit(whole, 5, augment=brighter)
    assert digest(plain) != digest(whole)
    model, history = broken_then_resumed(tmp_path, augment=brighter)
    assert digest(model) == digest(whole)
    assert history.history == expected.history


def test_augmentation_may_change_from_epoch_to_epoch():
    augment = ByEpoch()
    fit(network(), 3, augment=augment)
    assert augment.epochs[-3:] == [0, 1, 2]


def test_augmentation_leaves_the_data_and_the_validation_alone():
    before = X.copy()
    shapes = set()

    def blacken(images, labels, rng):
        shapes.add((images.shape, labels.shape))
        images[:] = 0
        return images, labels

    model = network()
    history = fit(model, 1, augment=blacken, validation_data=VALIDATION)
    np.testing.assert_array_equal(X, before)
    assert shapes == {((32, 6, 6, 1), (32,))}
    loss, _ = model.evaluate(*VALIDATION, verbose=0)
    assert history.history["val_loss"][0] == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (brighter, darker),
        (brighter, None),
        (FlipShift(1), FlipShift(2)),
        (Chain((FlipShift(1), Cutout(2))), Chain((FlipShift(1), Cutout(3)))),
    ],
)
def test_another_augmentation_is_another_run(tmp_path, first, then):
    fit(network(), 1, augment=first, run_dir=tmp_path)
    fit(network(), 1, augment=first, run_dir=tmp_path)
    with pytest.raises(UserError, match="augment"):
        fit(network(), 2, augment=then, run_dir=tmp_path)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only TensorFlow traces so")
def test_a_step_is_traced_once():
    traced = []

    class Counting(keras.layers.Layer):
        def call(self, inputs, training=False):
            if training:
                traced.append(1)
            return inputs

    model = keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            Counting(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    training.fit(model, X, Y, epochs=2, batch_size=16, verbose=False)
    assert len(traced) == 1
