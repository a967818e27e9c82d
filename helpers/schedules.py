"""Learning-rate schedules that Keras has not."""

import math
from numbers import Real

import keras
from keras import ops

from helpers.errors import UserError


@keras.saving.register_keras_serializable(package="helpers")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """A straight line up to the peak, and a longer one down: the triangular or one-cycle schedule.

    It begins at `start_share` of the peak, is at the peak after `warmup_share` of the steps, and
    ends at `end_share` of the peak; after the last step it stays there. Smith and Topin,
    Super-convergence, 2018 (arXiv:1708.07120).

    Args:
        peak: highest learning rate, above 0.
        steps: optimizer steps of the whole run, 1 or more.
        warmup_share: part of the steps that go up, 0 to below 1.
        start_share: first rate, as a part of the peak, 0 to 1.
        end_share: last rate, as a part of the peak, 0 to 1.

    Raises:
        UserError: a value is out of its range.
    """

    def __init__(
        self,
        peak: float,
        steps: int,
        warmup_share: float = 0.23,
        start_share: float = 0.2,
        end_share: float = 0.07,
    ) -> None:
        super().__init__()
        self.peak = _number("peak", peak)
        self.steps = int(_number("steps", steps))
        self.warmup_share = _number("warmup_share", warmup_share)
        self.start_share = _number("start_share", start_share)
        self.end_share = _number("end_share", end_share)
        if self.peak <= 0:
            raise UserError(f"peak={peak}: choose a learning rate above 0, as 0.1")
        if self.steps < 1 or self.steps != steps:
            raise UserError(f"steps={steps}: pass a whole number, steps per epoch times epochs")
        if not 0 <= self.warmup_share < 1:
            raise UserError(f"warmup_share={warmup_share}: choose 0 or more, and less than 1")
        for name in ("start_share", "end_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise UserError(f"{name}={getattr(self, name)}: choose a part of the peak, 0 to 1")

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        """Learning rate at an optimizer step (a scalar, or an array of any shape; from 0)."""
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        down = (1 - done) / (1 - self.warmup_share)
        share = self.end_share + (1 - self.end_share) * down
        if self.warmup_share > 0:
            up = done / self.warmup_share
            rising = self.start_share + (1 - self.start_share) * up
            share = ops.where(done < self.warmup_share, rising, share)
        return self.peak * share

    def get_config(self) -> dict:
        """Arguments that build the same schedule."""
        return {
            "peak": self.peak,
            "steps": self.steps,
            "warmup_share": self.warmup_share,
            "start_share": self.start_share,
            "end_share": self.end_share,
        }


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise UserError(f"{name}={value!r}: pass one finite number")
    return float(value)
