"""The ten small networks of the task sheet of lesson 07, by number.

model = architectures.build(5)

Each of them differs from another in one idea, so that a difference in the result has one reason.
`sheet` is the table, `dense`, `convolutional` and `branching` hold the networks, `network` makes a
model of one. `outline` reads any model's graph, `graphviz` draws it with Keras and Graphviz.
"""

from helpers.architectures.graphviz import diagram
from helpers.architectures.network import build
from helpers.architectures.outline import Step, outline, shorten
from helpers.architectures.sheet import SHEET, Architecture, describe

__all__ = ["SHEET", "Architecture", "Step", "build", "describe", "diagram", "outline", "shorten"]
