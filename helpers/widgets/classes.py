"""The pictures of a class, page by page, in an order of one's choice."""

import html
from collections.abc import Sequence

import numpy as np

from helpers.errors import UserError
from helpers.metrics.inputs import read_labels, same_length
from helpers.widgets.live import Explorer, announced, labelled, show
from helpers.widgets.pictures import image_tag, read_pictures, sheet

ORDERS = ("as they come", "from dark to bright", "most like the class's mean first")
_PAGE, _COLUMNS, _STILL = 40, 10, 9  # pictures on a page, in its rows, in a row without controls


def class_explorer(images: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> None:
    """Show the pictures of one class at a time, with menus for class and order.

    Args:
        images: (n, height, width, 3) or (n, height, width) uint8.
        labels: (n,) integers, 0 to k - 1.
        class_names: (k,) names.

    Raises:
        UserError: images, labels and names do not fit together.
    """
    show(ClassExplorer(images, labels, class_names))


class ClassExplorer(Explorer):
    """See `class_explorer`, which displays one of these."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, class_names: Sequence[str]) -> None:
        self.images = read_pictures(images)
        self.class_names = tuple(class_names)
        self.labels = read_labels(labels, "labels", len(self.class_names))
        same_length(images=self.images, labels=self.labels)
        self._ordered: dict[tuple[int, str], np.ndarray] = {}  # sorting all of a class takes time

    def members(self, number: int, order: str = ORDERS[0]) -> np.ndarray:
        """Positions (m,) of a class's pictures in one of `ORDERS`.

        Raises:
            UserError: there is no such order.
        """
        if order not in ORDERS:
            raise UserError(f"order '{order}': choose one of {', '.join(ORDERS)}")
        if (number, order) not in self._ordered:
            self._ordered[number, order] = self._sorted(number, order)
        return self._ordered[number, order]

    def _sorted(self, number: int, order: str) -> np.ndarray:
        found = np.flatnonzero(self.labels == number)
        if order == ORDERS[0] or not len(found):
            return found
        pixels = self.images[found].reshape(len(found), -1)
        if order == ORDERS[1]:
            key = pixels.mean(axis=1)
        else:
            # Squared distance from the mean, up to what is the same for all: no float copy of
            # all differences is needed.
            pixels = pixels.astype(np.float32)
            mean = pixels.mean(axis=0)
            key = np.einsum("ij,ij->i", pixels, pixels) - 2 * pixels @ mean
        return found[np.argsort(key, kind="stable")]

    def pages(self, number: int) -> int:
        """Number of pages of a class, at least 1."""
        return max(1, -(-len(self.members(number)) // _PAGE))

    def page(self, number: int, order: str = ORDERS[0], page: int = 1) -> str:
        """HTML of one page: up to 40 pictures of the class, and a line that says which.

        Args:
            number: of the class.
            order: one of `ORDERS`.
            page: from 1; beyond the last one it is the last.
        """
        members = self.members(number, order)
        name = self.class_names[number]
        if not len(members):
            return announced(f"{html.escape(name)}: there is no picture of this class.")
        first = _PAGE * (min(page, self.pages(number)) - 1)
        chosen = members[first : first + _PAGE]
        text = f"{name}: pictures {first + 1} to {first + len(chosen)} of {len(members):,}, {order}"
        picture = image_tag(sheet(self.images[chosen], _COLUMNS), text, "max-width:100%")
        return announced(html.escape(text)) + picture

    def still(self) -> str:
        """HTML of the picture without menus: each class from dark to bright, and its mean."""
        rows = [
            '<tr><th></th><th style="text-align:left;font-weight:normal">mean</th>'
            '<th style="text-align:left;font-weight:normal">from the darkest to the brightest</th>'
            "</tr>"
        ]
        for number, name in enumerate(self.class_names):
            members = self.members(number, ORDERS[1])
            if not len(members):
                continue
            places = np.linspace(0, len(members) - 1, min(_STILL, len(members))).round().astype(int)
            mean = self.images[members].mean(axis=0).round().astype(np.uint8)
            cells = (
                image_tag(sheet(mean[None], 1), f"mean of all pictures of {name}"),
                image_tag(
                    sheet(self.images[members[places]], len(places)),
                    f"{len(places)} pictures of {name}, {ORDERS[1]}",
                ),
            )
            rows.append(
                '<tr><th scope="row" style="text-align:right;padding-right:10px;'
                f'font-weight:normal">{html.escape(name)}</th>'
                + "".join(f'<td style="padding:1px 8px 1px 1px">{cell}</td>' for cell in cells)
                + "</tr>"
            )
        return f'<table style="border-collapse:collapse">{"".join(rows)}</table>'

    def __repr__(self) -> str:
        return (
            f"<{len(self.images):,} pictures of {len(self.class_names)} classes: "
            "open the notebook to see them>"
        )

    def controls(self):
        """Menus for class and order, a slider for the page, and the pictures."""
        import ipywidgets

        options = [(name, number) for number, name in enumerate(self.class_names)]
        which = labelled(ipywidgets.Dropdown(options=options), "class")
        order = labelled(ipywidgets.Dropdown(options=ORDERS), "order")
        page = labelled(ipywidgets.IntSlider(min=1, max=1, continuous_update=False), "page")
        picture = ipywidgets.HTML()

        def redraw(change=None) -> None:
            picture.value = self.page(which.value, order.value, page.value)

        def begin(change=None) -> None:
            page.max = self.pages(which.value)
            if page.value != 1:
                page.value = 1  # redraws
            else:
                redraw()

        which.observe(begin, names="value")
        order.observe(begin, names="value")
        page.observe(redraw, names="value")
        begin()
        return ipywidgets.VBox([which, order, page, picture])
