"""What Keras' optimizers lack: the one-cycle schedule, and Muon for convolution kernels."""

import math

import keras
from keras import ops

# Coefficients of a quintic that pulls singular values towards 1 in few rounds (Jordan, 2024).
_QUINTIC = (3.4445, -4.7750, 2.0315)


@keras.saving.register_keras_serializable(package="helpers")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A straight line up to the peak, and a longer one down: the triangular or one-cycle schedule.

    It begins at `start_fraction` of the peak, reaches the peak after `warmup_fraction` of the
    steps, ends at `end_fraction` of it, and stays there. Smith and Topin, Super-convergence, 2018
    (arXiv:1708.07120).

    Args:
        peak: highest learning rate, above 0.
        steps: optimizer steps of the whole run, 1 or more.
        warmup_fraction: part of the steps that go up, 0 to 1.
        start_fraction: first rate, as a part of the peak, 0 to 1.
        end_fraction: last rate, as a part of the peak, 0 to 1.
    """

    def __init__(
        self,
        peak: float,
        steps: int,
        warmup_fraction: float = 0.23,
        start_fraction: float = 0.2,
        end_fraction: float = 0.07,
    ) -> None:
        super().__init__()
        self.peak, self.steps = peak, steps
        self.warmup_fraction, self.start_fraction = warmup_fraction, start_fraction
        self.end_fraction = end_fraction

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        """Learning rate at an optimizer step (a scalar, or an array of any shape; from 0)."""
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        down = (1 - done) / max(1 - self.warmup_fraction, 1e-9)
        fraction = self.end_fraction + (1 - self.end_fraction) * down
        if self.warmup_fraction > 0:
            up = done / self.warmup_fraction
            rising = self.start_fraction + (1 - self.start_fraction) * up
            fraction = ops.where(done < self.warmup_fraction, rising, fraction)
        return self.peak * fraction

    def get_config(self) -> dict:
        """Arguments that build the same schedule."""
        return {
            "peak": self.peak,
            "steps": self.steps,
            "warmup_fraction": self.warmup_fraction,
            "start_fraction": self.start_fraction,
            "end_fraction": self.end_fraction,
        }


@keras.saving.register_keras_serializable(package="helpers")
class Muon(keras.optimizers.SGD):
    """SGD with Nesterov momentum whose convolution kernels take orthogonalized steps.

    A gradient is mostly made of a few strong directions. Muon looks at a kernel as a matrix
    (filters, inputs) and replaces its momentum by the nearest matrix in which every direction is
    equally strong. The step has a fixed length, and so has the kernel: its norm is kept at the
    square root of its number of filters, in place of weight decay. Everything else is trained by
    plain SGD. K. Jordan and others, Muon: an optimizer for hidden layers in neural networks, 2024
    (https://kellerjordan.github.io/posts/muon/). `keras.optimizers.Muon` leaves convolutions out.

    Args:
        learning_rate: of plain SGD; a number or a schedule. Kernels take a part of it.
        momentum: of plain SGD, above 0; kernels have one of their own.
        options: further arguments of `keras.optimizers.SGD`.
    """

    kernel_rate = 0.32
    kernel_momentum = 0.6
    rounds = 3  # of orthogonalization; they leave singular values between 0.5 and 1.3

    def __init__(
        self, learning_rate: object = 0.75, momentum: float = 0.85, **options: object
    ) -> None:
        super().__init__(learning_rate, momentum=momentum, **options)

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
