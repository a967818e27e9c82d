import keras
import numpy as np
import pytest

from helpers.errors import UserError
from helpers.fast.muon import Muon, orthogonalized


@pytest.mark.parametrize("shape", [(8, 8), (4, 12), (12, 4)])
def test_directions_are_kept_and_made_about_equally_strong(shape):
    matrix = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    result = np.asarray(orthogonalized(keras.ops.convert_to_tensor(matrix), rounds=6))
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    inner = left.T @ result @ right.T
    assert np.abs(inner - np.diag(np.diag(inner))).max() < 1e-3
    assert 0.5 < np.diag(inner).min() <= np.diag(inner).max() < 1.4


def test_nothing_to_learn_from_is_no_step():
    zeros = keras.ops.zeros((4, 6))
    assert np.abs(np.asarray(orthogonalized(zeros, rounds=3))).max() == 0


def model():
    keras.utils.set_random_seed(1)
    net = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            keras.layers.Conv2D(6, 3, use_bias=False),
            keras.layers.Flatten(),
            keras.layers.Dense(2, activation="softmax"),
        ]
    )
    return net


X = np.random.default_rng(2).normal(size=(32, 8, 8, 3)).astype(np.float32)
Y = (X[:, 0, 0, 0] > 0).astype(int)


def test_kernels_keep_their_norm_and_the_loss_falls():
    net = model()
    net.compile(Muon(0.1), "sparse_categorical_crossentropy")
    losses = net.fit(X, Y, epochs=8, verbose=0).history["loss"]
    assert losses[-1] < losses[0] / 2
    # The norm is set before the step, so it differs from sqrt(6) by at most the step's length.
    norm = np.linalg.norm(net.layers[0].get_weights()[0])
    assert abs(norm - np.sqrt(6)) < 0.1 * 0.32 * 1.3 * np.sqrt(6)


def test_what_is_no_kernel_is_trained_by_plain_sgd():
    ours, plain = model(), model()
    for net, optimizer in ((ours, Muon(0.1)), (plain, keras.optimizers.SGD(0.1, momentum=0.85))):
        net.layers[0].trainable = False
        net.compile(optimizer, "sparse_categorical_crossentropy")
        net.fit(X, Y, epochs=1, shuffle=False, verbose=0)
    for a, b in zip(ours.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_no_momentum_is_refused():
    with pytest.raises(UserError, match="momentum is 0"):
        Muon(0.1, momentum=0)


def test_saved_and_loaded_with_its_settings(tmp_path):
    net = model()
    net.compile(Muon(0.1, kernel_rate=0.5, kernel_momentum=0.7, rounds=4), "mse")
    net.save(tmp_path / "net.keras")
    loaded = keras.saving.load_model(tmp_path / "net.keras").optimizer
    assert (loaded.kernel_rate, loaded.kernel_momentum, loaded.rounds) == (0.5, 0.7, 4)
