"""The block that a lesson prints first, and the seeds."""

import logging
import os

import numpy as np
import pytest

from helpers import runtime


def test_report_names_profile_seed_versions_and_processor(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "quick")
    block = runtime.report()
    import keras

    for word in ("quick, seed 1001", f"Keras {keras.__version__}", np.__version__, "CPU cores"):
        assert word in block
    assert len(block.splitlines()) == 5


def test_backend_has_a_version():
    assert "?" not in runtime.report()


def test_seed_repeats_weights():
    import keras

    def weights():
        runtime.seed(7)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        return model.get_weights()[0]

    np.testing.assert_array_equal(weights(), weights())


def test_not_in_colab():
    assert not runtime.in_colab()


def test_a_backend_that_raises_has_no_gpus(monkeypatch):
    import keras

    def no_gpu(kind):
        raise RuntimeError("Unknown backend gpu")

    monkeypatch.setattr(keras.distribution, "list_devices", no_gpu)
    assert runtime.gpus() == []
    assert "no GPU" in runtime.report()


def test_native_messages_are_held_back(capfd):
    with runtime.native_errors_held_back():
        os.write(2, b"native greeting\n")
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "after\n"


def test_native_messages_are_shown_when_the_import_fails(capfd):
    with pytest.raises(ImportError), runtime.native_errors_held_back():
        os.write(2, b"why it failed\n")
        raise ImportError
    assert "why it failed" in capfd.readouterr().err


def test_advice_on_retracing_is_not_shown_to_students(capsys):
    logger = logging.getLogger("tensorflow")
    before = logger.level
    try:
        runtime.start()
        assert not logger.isEnabledFor(logging.WARNING)
        assert logger.isEnabledFor(logging.ERROR)
    finally:
        logger.setLevel(before)
    assert "Keras" in capsys.readouterr().out
