"""Training that survives: `training.fit` is `model.fit` that can be killed and goes on.

inputs    finds the user's mistakes before the first step
identity  tells one run from another
state     what a run has reached, written whole or not at all
batches   the order of the pictures and the layers' chance, both a function of seed and epoch
variables makes the metrics before the first step, which spares a second look at it
anew      one compiled model trained several times, without compiling it again
guards    the callbacks that save, and that stop a run that has diverged
loop      puts these together
"""

from helpers.training.anew import start_anew
from helpers.training.loop import fit

__all__ = ["fit", "start_anew"]
