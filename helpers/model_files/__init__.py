"""A trained model as a file that others can use: NAME.keras, and NAME.json with what is not in it.

model_files.save(model, "cats.keras", ("cat", "dog"), accuracy=0.93)
loaded = model_files.load("cats.keras")
seen = predict.look(loaded.model, "my_cat.jpg", **loaded.options)
"""

from helpers.model_files.loading import NAMES, SHIPPED, Loaded, load
from helpers.model_files.notes import outputs
from helpers.model_files.saving import save

__all__ = ["NAMES", "SHIPPED", "Loaded", "load", "outputs", "save"]
