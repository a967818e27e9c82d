"""The variables of optimizer and metrics, made before the first step."""

import keras
import numpy as np


def make(model: keras.Model, y: np.ndarray) -> None:
    """Give a built and compiled model the variables that Keras would make within its first step.

    TensorFlow looks at a step's program once more when variables were made on the way. For a deep
    network that costs many seconds, so we make them before.

    Args:
        model: built and compiled, with one input and one output.
        y: (n,) or (n, classes) labels as the loss takes them.
    """
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    labels = np.asarray(y[:2])
    answer = np.zeros((len(labels), *model.output_shape[1:]), "float32")
    model.compute_metrics(None, labels, answer)
    model.reset_metrics()
