"""From a picture to class names with probabilities.

predict.top_k(model, "my_cat.jpg", class_names)              # [("cat", 0.93), …]
seen = predict.look(model, "my_cat.jpg", class_names)        # what it saw, and every probability
rows = predict.folder(model, "my_photos", class_names)       # a row for each file

probabilities  many arrays at once, on request as a mean over several views of each
confidence     the predicted class of each, and its probability
"""

from helpers.predict.folders import Row, folder, rows
from helpers.predict.looking import Look, look, top_k
from helpers.predict.views import confidence, probabilities

__all__ = ["Look", "Row", "confidence", "folder", "look", "probabilities", "rows", "top_k"]
