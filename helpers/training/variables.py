"""The variables of the metrics, made before the first step."""

import keras
import numpy as np


def make_metrics(model: keras.Model, y: np.ndarray) -> None:
    """Give a built and compiled model the variables that Keras would make within its first step.

    TensorFlow traces a step a second time when variables were made in it. For a deep network that
    costs many seconds, so they are made here.

    Args:
        model: built and compiled, with one input and one output.
        y: (n,) or (n, classes) labels as the loss takes them.
    """
    labels = np.asarray(y[:2])
    answer = np.zeros((len(labels), *model.output_shape[1:]), "float32")
    model.compute_metrics(None, labels, answer)
    model.reset_metrics()
