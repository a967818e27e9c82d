"""A confusion matrix whose cells open the pictures behind them."""

import html
from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from helpers.errors import UserError
from helpers.metrics.confusion import confusion, order, rates
from helpers.metrics.inputs import read_labels, read_probabilities, same_length
from helpers.plots.matrix import confusion_matrix
from helpers.plots.style import set_title
from helpers.widgets.live import Explorer, announced, show
from helpers.widgets.matrix_grid import matrix_grid
from helpers.widgets.pictures import captioned, figure_tag, read_pictures

_OPENED, _STILL_CELLS, _STILL_PICTURES = 24, 3, 8
_MOST_BUTTONS = 20  # classes across; more would be thousands of buttons
_FEWER = 12  # classes shown where there are more than that


def confusion_explorer(
    images: np.ndarray,
    y: np.ndarray,
    predicted: np.ndarray,
    class_names: Sequence[str],
    probabilities: np.ndarray | None = None,
    *,
    title: str | None = None,
) -> None:
    """Show a confusion matrix of buttons; each one opens the pictures that it counts.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8.
        y: (n,) integers, the true class of each picture.
        predicted: (n,) integers, the predicted class.
        class_names: (k,) names. Of more than 20 classes, the 12 with most mistakes get buttons.
        probabilities: (n, k); with them, the surest answers come first.
        title: what to see in the still picture.

    Raises:
        UserError: the arrays and names do not fit together.
    """
    show(ConfusionExplorer(images, y, predicted, class_names, probabilities, title=title))


class ConfusionExplorer(Explorer):
    """See `confusion_explorer`, which displays one of these."""

    def __init__(
        self,
        images: np.ndarray,
        y: np.ndarray,
        predicted: np.ndarray,
        class_names: Sequence[str],
        probabilities: np.ndarray | None = None,
        *,
        title: str | None = None,
    ) -> None:
        self.images = read_pictures(images)
        self.class_names = tuple(class_names)
        classes = len(self.class_names)
        self.matrix = confusion(y, predicted, classes)
        self.y = read_labels(y, "y")
        self.predicted = read_labels(predicted, "predicted")
        self.p = None if probabilities is None else read_probabilities(probabilities)
        if self.p is not None:
            same_length(y=self.y, probabilities=self.p)
            if self.p.shape[1] != classes:
                raise UserError(f"{classes} names for {self.p.shape[1]} classes: pass one for each")
        same_length(images=self.images, y=self.y)
        self.order, self.title = order(self.matrix), title

    @property
    def shown(self) -> np.ndarray:
        """(m,) classes that get buttons, those next to each other that are mixed up."""
        if len(self.matrix) <= _MOST_BUTTONS:
            return self.order
        wrong = self.matrix - np.diag(self.matrix.diagonal())
        most = np.argsort(-(wrong.sum(axis=0) + wrong.sum(axis=1)), kind="stable")[:_FEWER]
        return self.order[np.isin(self.order, most)]

    def members(self, true: int, predicted: int) -> np.ndarray:
        """Positions (m,) of the pictures of a cell; with probabilities, the surest first."""
        found = np.flatnonzero((self.y == true) & (self.predicted == predicted))
        if self.p is not None:
            found = found[np.argsort(-self.p[found, predicted], kind="stable")]
        return found

    def name(self, true: int, predicted: int) -> str:
        """What a cell counts, in words: the text that a screen reader says for its button."""
        count = self.matrix[true, predicted]
        share = np.nan_to_num(rates(self.matrix)[true, predicted])
        pictures = "1 picture" if count == 1 else f"{count:,} pictures"
        result = "right" if true == predicted else f"called {self.class_names[predicted]}"
        return f"{self.class_names[true]}, {result}: {pictures}, {share:.0%} of the class"

    def cell(self, true: int, predicted: int, most: int = _OPENED) -> str:
        """HTML of the pictures behind a cell, and a line that says which."""
        found = self.members(true, predicted)
        text = self.name(true, predicted)
        if len(found) > most:
            text += f"; here are {most}" + ("" if self.p is None else ", the surest first")
        captions = [self._caption(index) for index in found[:most]]
        return announced(html.escape(text)) + captioned(self.images[found[:most]], captions)

    def _caption(self, index: int) -> str:
        true, predicted = self.y[index], self.predicted[index]
        text = f"{self.class_names[true]} → {self.class_names[predicted]}"
        return text if self.p is None else f"{text} {self.p[index, predicted]:.0%}"

    def still(self) -> str:
        """HTML of the picture without buttons: the matrix, and what is behind its worst cells."""
        figure = Figure(figsize=(11, 5.2), layout="constrained")
        left, right = figure.subplots(1, 2)
        look = {"class_names": self.class_names, "order": self.order}
        confusion_matrix(left, self.matrix, title="number of pictures", **look)
        confusion_matrix(right, self.matrix, rates=True, title="share of the true class", **look)
        set_title([left, right], self.title)
        worst = self._worst()
        text = "; ".join(self.name(*cell) for cell in worst) or "no mistakes"
        page = figure_tag(figure, f"Confusion matrix, counts and shares. Most mistakes: {text}.")
        return page + "".join(self.cell(*cell, most=_STILL_PICTURES) for cell in worst)

    def _worst(self) -> list[tuple[int, int]]:
        """The cells with most mistakes, true and predicted class, most first."""
        wrong = self.matrix - np.diag(self.matrix.diagonal())
        places = np.argsort(-wrong, axis=None, kind="stable")[:_STILL_CELLS]
        cells = [divmod(int(place), len(wrong)) for place in places]
        return [cell for cell in cells if wrong[cell] > 0]

    def __repr__(self) -> str:
        wrong = int((self.y != self.predicted).sum())
        return f"<{wrong:,} mistakes in {len(self.y):,} pictures: open the notebook to see them>"

    def controls(self):
        """Menus for the two classes, the matrix of buttons, and the pictures of one cell."""
        return matrix_grid(self, (self._worst() or [(0, 0)])[0])
