"""A trained network in other formats, checked and compared, and the card that goes with it.

to_onnx, to_litert   write the file, with Keras' own `model.export`
check, compare       the same predictions? how large, how fast?
model_card           what the network is and how it was trained, from the record

onnx = export.to_onnx(model, "cats.onnx")
export.check(model, onnx, images)             # largest difference of a probability
"""

from helpers.export.card import model_card
from helpers.export.comparing import Row, check, compare, example_images, table
from helpers.export.formats import FORMATS, missing
from helpers.export.running import predictor
from helpers.export.writing import to_litert, to_onnx, write

__all__ = [
    "FORMATS",
    "Row",
    "check",
    "compare",
    "example_images",
    "missing",
    "model_card",
    "predictor",
    "table",
    "to_litert",
    "to_onnx",
    "write",
]
