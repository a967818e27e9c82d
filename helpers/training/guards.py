"""The callbacks of `fit`: one saves after each epoch, one stops a run that has diverged."""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import keras

from helpers.errors import UserError
from helpers.training import callback_state, identity, state


class EpochSaver(keras.callbacks.Callback):
    """Saves the whole state after each epoch; must come last, for it saves what others changed.

    Args:
        folder: where the states lie.
        run: what tells this run from others.
        others: the user's callbacks.
        history: the run's history.
        resumed: state to go on from; None for a run that begins here.
    """

    def __init__(
        self,
        folder: Path,
        run: dict,
        others: Sequence[keras.callbacks.Callback],
        history: keras.callbacks.History,
        resumed: state.RunState | None,
    ):
        super().__init__()
        self.folder, self.run = folder, resumed.identity if resumed else run
        self.others, self.past, self.resumed = others, history, resumed
        self.warned = False

    def on_train_begin(self, logs: dict | None = None) -> None:
        # Only now, for most callbacks forget everything when training begins.
        if self.resumed is None:
            self._save(0)
            return
        state.write_variables(self.model, self.resumed.arrays)
        callback_state.write(self.others, self.resumed.callbacks, self.resumed.arrays)
        self.past.epoch = list(self.resumed.epochs)
        self.past.history = {name: list(v) for name, v in self.resumed.history.items()}
        self.model.history = self.past

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self._save(epoch + 1)

    def _save(self, epoch: int) -> None:
        states, arrays = callback_state.read(self.others)
        reached = state.RunState(
            epoch=epoch,
            stopped=bool(self.model.stop_training),
            identity=self.run,
            learning_rate=identity.learning_rate(self.model.optimizer),
            history={name: list(map(_number, v)) for name, v in self.past.history.items()},
            epochs=[int(number) for number in self.past.epoch],
            callbacks=states,
            arrays={**state.read_variables(self.model), **arrays},
        )
        try:
            state.save(reached, self.folder)
        except OSError as error:
            if not self.warned:
                warnings.warn(
                    f"the run could not be saved in {self.folder} ({error.strerror or error}): "
                    "training goes on, but after a break it would resume from an earlier epoch; "
                    "free some space",
                    stacklevel=2,
                )
            self.warned = True


class DivergenceGuard(keras.callbacks.Callback):
    """Ends a run whose loss is NaN or infinite; must come first, before others save or judge it.

    Args:
        kept: where the epochs so far are kept; None if nowhere.
    """

    async_safe = True  # Keras may call `on_train_batch_end` beside the training, which saves time

    def __init__(self, kept: Path | None):
        super().__init__()
        self.kept = kept

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if _diverged(logs):
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if not _diverged(logs):
            return
        kept = f"; the {epoch} epochs before are kept in {self.kept}" if self.kept and epoch else ""
        raise UserError(
            f"the loss became {logs['loss']} in epoch {epoch + 1}, no training helps after that: "
            "lower the learning rate (usually by 10), check that pixels are scaled, and that the "
            f"last layer suits the loss (softmax or from_logits=True){kept}"
        )


def _diverged(logs: dict | None) -> bool:
    loss = (logs or {}).get("loss")
    return loss is not None and not math.isfinite(loss)


def _number(value: object) -> object:
    return value.tolist() if hasattr(value, "tolist") else value
