"""Train one compiled model again from the start: compiling and tracing are not repeated."""

from collections.abc import Sequence

import keras
import numpy as np

from helpers.errors import UserError


def start_anew(model: keras.Model, seed: int, weights: Sequence[np.ndarray] | None = None) -> None:
    """Give a compiled model its first weights, and an optimizer that remembers nothing.

    The learning rate stays as it is. A run that begins so ends like one of a model that was built
    and compiled with this seed, but without the seconds in which TensorFlow traces the step.

    Args:
        model: compiled; changed in place.
        seed: for `keras.utils.set_random_seed`; decides the new random weights.
        weights: the first weights, as `model.get_weights()` gives them; by default random ones.

    Raises:
        UserError: the model is not compiled, or the weights do not fit it.
    """
    if getattr(model, "optimizer", None) is None:
        raise UserError(f"model '{model.name}' has no optimizer: call model.compile(…) first")
    keras.utils.set_random_seed(seed)
    if weights is None:
        weights = keras.models.clone_model(model).get_weights()
    try:
        model.set_weights(weights)
    except ValueError as error:
        reason = str(error).strip().splitlines()[0]
        raise UserError(f"these weights do not fit model '{model.name}': {reason}") from None
    kept = model.optimizer.learning_rate  # the variable itself, unless a schedule gives the rate
    for variable in model.optimizer.variables:
        if variable is not kept:
            variable.assign(keras.ops.zeros_like(variable))
