"""The learning rates of five schedules that share a peak, a warm-up and a length."""

import numpy as np

from helpers.errors import UserError

NAMES = ("constant", "step", "exponential", "cosine", "one-cycle")


def schedule_rates(
    name: str, steps: np.ndarray, *, peak: float, warmup: int, length: int
) -> np.ndarray:
    """Learning rates of a schedule at some steps of a run.

    All but one-cycle rise from 0 in a straight line during the warm-up, and do what they are named
    after in the steps that are left. "step" falls to 30 % after half of these and to 10 % after
    three quarters; "exponential" falls to 1 % of the peak. One-cycle rises from 20 % of the peak
    and falls to 7 % of it, as `helpers.schedules.OneCycle` does.

    Args:
        name: one of `NAMES`.
        steps: (m,) optimizer steps, from 0. They may go beyond the length.
        peak: highest learning rate, above 0.
        warmup: steps that go up, 0 to below length.
        length: optimizer steps that the schedule is made for, 1 or more.

    Returns:
        (m,) float64.

    Raises:
        UserError: a name that is none of these, or a number out of its range.
    """
    if name not in NAMES:
        raise UserError(f"schedule '{name}': choose one of {', '.join(NAMES)}")
    if not peak > 0:
        raise UserError(f"peak={peak}: choose a learning rate above 0, as 0.01")
    if not 0 <= warmup < length:
        raise UserError(f"warmup={warmup}: choose 0 or more steps, and less than length={length}")
    steps = np.asarray(steps, dtype=np.float32)
    peak = float(peak)  # Keras would round all rates if it were an integer
    if name == "one-cycle":
        from helpers.schedules import OneCycle

        return _at(OneCycle(peak, length, warmup_share=warmup / length), steps)
    after = np.maximum(steps - warmup, 0)
    falling = (
        np.full(len(steps), peak)
        if name == "constant"
        else _falling(name, after, peak, length - warmup)
    )
    return np.where(steps < warmup, peak * steps / max(warmup, 1), falling)


def _falling(name: str, steps: np.ndarray, peak: float, length: int) -> np.ndarray:
    from keras.optimizers import schedules

    if name == "step":
        boundaries = [length / 2, 3 * length / 4]
        schedule = schedules.PiecewiseConstantDecay(boundaries, [peak, 0.3 * peak, 0.1 * peak])
    elif name == "exponential":
        schedule = schedules.ExponentialDecay(peak, length, decay_rate=0.01)
    else:
        schedule = schedules.CosineDecay(peak, length)
    return _at(schedule, steps)


def _at(schedule, steps: np.ndarray) -> np.ndarray:
    """A schedule of Keras at all steps at once: one call, not one for each step."""
    from keras import ops

    return np.asarray(ops.convert_to_numpy(schedule(ops.convert_to_tensor(steps))), np.float64)
