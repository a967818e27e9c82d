"""Muon: momentum whose directions all get the same length, for convolutions."""

import math

import keras
from keras import ops

from helpers.errors import UserError

# Coefficients of a quintic that pulls singular values towards 1 in few rounds (Jordan, 2024).
_QUINTIC = (3.4445, -4.7750, 2.0315)


@keras.saving.register_keras_serializable(package="helpers")
class Muon(keras.optimizers.SGD):
    """SGD with Nesterov momentum whose convolution kernels take orthogonalized steps.

    The gradient of a layer is mostly made of a few strong directions. Muon looks at a kernel as a
    matrix (filters, inputs) and replaces its momentum by the nearest matrix in which every
    direction is equally strong, so the weak ones are learned too. Since the step has a fixed
    length, so has the kernel: its norm is kept at the square root of its number of filters. That
    takes the place of weight decay. Everything that is not a convolution kernel is trained by
    plain SGD. K. Jordan and others, Muon: an optimizer for hidden layers in neural networks, 2024
    (https://kellerjordan.github.io/posts/muon/). `keras.optimizers.Muon` leaves convolutions out.

    Args:
        learning_rate: of plain SGD; a number or a schedule.
        momentum: of plain SGD, above 0.
        kernel_rate: learning rate of the convolution kernels, as a part of `learning_rate`.
        kernel_momentum: momentum of the convolution kernels, 0 to below 1.
        rounds: rounds of orthogonalization; three leave singular values between 0.5 and 1.3.
        options: further arguments of `keras.optimizers.SGD`.

    Raises:
        UserError: momentum is 0.
    """

    def __init__(
        self,
        learning_rate: object = 0.75,
        momentum: float = 0.85,
        kernel_rate: float = 0.32,
        kernel_momentum: float = 0.6,
        rounds: int = 3,
        **options: object,
    ) -> None:
        if momentum == 0:  # Keras would make no place for the kernels' momentum either
            raise UserError("momentum is 0: Muon needs momentum, such as 0.85")
        super().__init__(learning_rate, momentum=momentum, **options)
        self.kernel_rate = kernel_rate
        self.kernel_momentum = kernel_momentum
        self.rounds = rounds

    def update_step(self, gradient, variable, learning_rate) -> None:
        """One step of one variable; Keras calls it."""
        if len(variable.shape) != 4:
            super().update_step(gradient, variable, learning_rate)
            return
        rate = ops.cast(learning_rate, variable.dtype) * self.kernel_rate
        momentum = self.momentums[self._get_variable_index(variable)]
        self.assign(momentum, self.kernel_momentum * momentum + gradient)
        ahead = gradient + self.kernel_momentum * momentum  # Nesterov
        filters = variable.shape[-1]
        step = orthogonalized(ops.reshape(ahead, (-1, filters)), self.rounds)
        norm = ops.sqrt(ops.sum(ops.square(variable)))
        kept = variable * (math.sqrt(filters) / (norm + 1e-7))
        self.assign(variable, kept - rate * ops.reshape(step, variable.shape))

    def get_config(self) -> dict:
        """Arguments that build the same optimizer."""
        return super().get_config() | {
            "kernel_rate": self.kernel_rate,
            "kernel_momentum": self.kernel_momentum,
            "rounds": self.rounds,
        }


def orthogonalized(matrix: keras.KerasTensor, rounds: int) -> keras.KerasTensor:
    """The matrix with its singular vectors kept and its singular values pulled towards 1.

    Args:
        matrix: (rows, columns).
        rounds: rounds of the Newton-Schulz iteration.

    Returns:
        (rows, columns), dtype as given.
    """
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix / (ops.sqrt(ops.sum(ops.square(matrix))) + 1e-7)
    a, b, c = _QUINTIC
    for _ in range(rounds):
        turned = ops.transpose(x)
        # The products are made on the smaller side.
        gram = ops.matmul(turned, x) if tall else ops.matmul(x, turned)
        change = b * gram + c * ops.matmul(gram, gram)
        x = a * x + (ops.matmul(x, change) if tall else ops.matmul(change, x))
    return x
