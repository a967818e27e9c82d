"""Hyperparameter search with keras-tuner: folders that resume, results as plain data.

`package` fetches keras-tuner, `folder` keeps a search apart from others and whole after a kill,
`trials` reads what was found, `importance` asks what mattered. `network`, `worker` and `team` are
what `python -m helpers tune` is made of: keras-tuner's own chief and workers, one process each.
"""

from helpers.tuning.folder import open_search
from helpers.tuning.importance import importance
from helpers.tuning.package import keras_tuner
from helpers.tuning.trials import Trial, read_trials, table

__all__ = ["Trial", "importance", "keras_tuner", "open_search", "read_trials", "table"]
