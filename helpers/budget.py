"""The two profiles: every number that differs between a quick look and the full course."""

import os
from dataclasses import dataclass

from helpers import report
from helpers.errors import UserError

SEED = 1001


@dataclass(frozen=True)
class Budget:
    """How much a lesson may take. The code of a lesson is the same in both profiles.

    Counts are pictures and epochs.
    """

    profile: str  # "quick" or "full"
    seed: int  # for the networks' weights and the order of batches; the splits keep 1001
    train_images: int
    batch_size: int
    s1_epochs: int
    s2_epochs: int
    overfit_images: int  # so few that a network can learn them by heart
    overfit_epochs: int
    resume_images: int  # for the run that is broken off and resumed
    resume_epochs: int
    augmentation_images: int  # lesson 03: small on purpose, so that augmentation has work to do
    augmentation_epochs: int
    schedule_images: int  # lesson 04
    schedule_epochs: int
    schedule_seeds: int  # each schedule is trained with so many seeds
    tuning_images: int  # lesson 05
    tuning_epochs: int
    tuning_trials: int
    analysis_images: int  # lesson 08: to train S2 and watch precision and recall
    analysis_epochs: int
    bootstrap_rounds: int
    transfer_images: int  # lesson 06: the main recipe
    transfer_size: int  # pixels a side that pictures are enlarged to
    head_epochs: int  # at most: early stopping ends sooner
    tuned_epochs: int
    probe_images: int  # for the curves: how deep to thaw, learning rates, input sizes
    probe_epochs: int
    fashion_images: int  # lesson 07: training pictures of a comparison
    fashion_sheet: tuple[int, ...]  # architectures of the task sheet to compare
    fashion_epochs: int
    fashion_seeds: int
    fashion_folds: int
    cifar100_epochs: int  # lesson 09: the network of our own
    cifar100_probe_images: int  # for one head against two
    cifar100_probe_epochs: int
    cifar100_probe_seeds: int
    photo_size: int  # lesson 10: pixels a side
    photo_epochs: int
    photo_splits: int


_NUMBERS = {
    "quick": {
        "train_images": 1200,
        "batch_size": 32,
        "s1_epochs": 6,
        "s2_epochs": 2,
        "overfit_images": 200,
        "overfit_epochs": 12,
        "resume_images": 200,
        "resume_epochs": 3,
        "augmentation_images": 256,
        "augmentation_epochs": 2,
        "schedule_images": 320,  # 10 whole batches
        "schedule_epochs": 3,
        "schedule_seeds": 3,
        "tuning_images": 300,
        "tuning_epochs": 2,
        "tuning_trials": 3,
        "analysis_images": 500,
        "analysis_epochs": 4,
        "bootstrap_rounds": 500,
        "transfer_images": 1_800,
        "transfer_size": 64,
        "head_epochs": 8,
        "tuned_epochs": 1,
        "probe_images": 192,
        "probe_epochs": 2,
        "fashion_images": 480,
        "fashion_sheet": (5, 4, 10),
        "fashion_epochs": 2,
        "fashion_seeds": 2,
        "fashion_folds": 3,
        "cifar100_epochs": 3,
        "cifar100_probe_images": 600,
        "cifar100_probe_epochs": 2,
        "cifar100_probe_seeds": 2,
        "photo_size": 64,
        "photo_epochs": 2,
        "photo_splits": 5,
    },
    "full": {
        "train_images": 45_000,
        "batch_size": 128,
        "s1_epochs": 8,
        "s2_epochs": 3,
        "overfit_images": 1000,
        "overfit_epochs": 25,
        "resume_images": 2000,
        "resume_epochs": 3,
        "augmentation_images": 2_000,
        "augmentation_epochs": 8,
        "schedule_images": 9_984,  # 78 whole batches
        "schedule_epochs": 6,
        "schedule_seeds": 3,
        "tuning_images": 4_000,
        "tuning_epochs": 4,
        "tuning_trials": 8,
        "analysis_images": 10_000,
        "analysis_epochs": 6,
        "bootstrap_rounds": 2000,
        "transfer_images": 45_000,
        "transfer_size": 96,
        "head_epochs": 10,
        "tuned_epochs": 2,  # over each picture and its mirror image
        "probe_images": 2_048,
        "probe_epochs": 3,
        "fashion_images": 4_000,
        "fashion_sheet": tuple(range(1, 11)),
        "fashion_epochs": 6,
        "fashion_seeds": 3,
        "fashion_folds": 5,
        "cifar100_epochs": 20,
        "cifar100_probe_images": 10_000,
        "cifar100_probe_epochs": 6,
        "cifar100_probe_seeds": 3,
        "photo_size": 96,
        "photo_epochs": 12,
        "photo_splits": 5,
    },
}


def current(profile: str | None = None) -> Budget:
    """The budget of a profile.

    Args:
        profile: "quick" or "full"; by default what `$COURSE_PROFILE` says, else "quick".

    Raises:
        UserError: the profile is unknown, or `$COURSE_SEED` is no whole number.
    """
    profile = profile or os.environ.get("COURSE_PROFILE") or "quick"
    if profile not in _NUMBERS:
        raise UserError(f"COURSE_PROFILE is '{profile}': use 'quick' or 'full'")
    seed = os.environ.get("COURSE_SEED") or str(SEED)
    if not seed.isdecimal():
        raise UserError(f"COURSE_SEED is '{seed}': use a whole number such as {SEED}")
    return Budget(profile=profile, seed=int(seed), **_NUMBERS[profile])


def plan(lesson: str) -> Budget:
    """Print the profile and how long the lesson took where it was measured; return the budget.

    Args:
        lesson: the notebook's name without ending, as "02_baseline_cnn".
    """
    budget = current()
    print(f"Profile {budget.profile}, seed {budget.seed}. {_duration(lesson, budget.profile)}")
    return budget


def _duration(lesson: str, profile: str) -> str:
    run = report.reference_runs().get(lesson, {}).get(profile)
    if run is None:
        return "How long this lesson takes in this profile is not measured yet."
    seconds = run["seconds"]["mean"]
    length = f"{seconds:.0f} seconds" if seconds < 90 else f"{seconds / 60:.0f} minutes"
    return f"The whole lesson takes about {length} ({run['hardware']})."
