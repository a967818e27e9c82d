"""The live part of the confusion matrix: menus, buttons and the pictures they open."""

import html
from typing import TYPE_CHECKING

import numpy as np

from helpers.metrics.confusion import rates
from helpers.widgets.live import labelled

if TYPE_CHECKING:
    from helpers.widgets.matrix import ConfusionExplorer

# From few to many, as in the still picture, but no darker than black numbers can stand on:
# ipywidgets 7 cannot change their color.
_SHADES = ("#FFFFFF", "#FBEBD0", "#F6D9A8", "#F1BF66", "#E69F00")
_RIGHT, _OPEN = "#DDE3E8", "#56B4E9"


def matrix_grid(explorer: "ConfusionExplorer", first: tuple[int, int]):
    """The box of controls, in the order in which Tab reaches them.

    Two menus lead to each cell with a few keys; the buttons are for the mouse, and for Tab and
    Enter. A cell without pictures is no stop.

    Args:
        explorer: whose cells are shown.
        first: true and predicted class of the cell that is open at first.
    """
    import ipywidgets

    names = explorer.class_names
    first = first if set(first) <= set(explorer.shown.tolist()) else (int(explorer.shown[0]),) * 2
    options = [(names[k], int(k)) for k in explorer.shown]
    menus = [
        labelled(ipywidgets.Dropdown(options=options, value=value), text)
        for value, text in zip(first, ("true class", "predicted class"), strict=True)
    ]
    shares = ipywidgets.Checkbox(value=False, description="shares of the true class, in percent")
    shares.layout.width = "auto"
    buttons, styles = _buttons(explorer)
    opened = ipywidgets.HTML()
    moving: list = []  # while a button moves both menus, the first must not draw

    def draw(change=None) -> None:
        if moving:
            return
        cell = (menus[0].value, menus[1].value)
        for place, button in buttons.items():
            style = styles["open"] if place == cell else styles[place]
            if button.style is not style:
                button.style = style
        opened.value = explorer.cell(*cell)

    def press(cell: tuple[int, int]) -> None:
        moving.append(cell)
        menus[0].value, menus[1].value = cell
        moving.clear()
        draw()

    def write(change=None) -> None:
        for cell, text in _texts(explorer, shares.value).items():
            buttons[cell].description = text

    for cell, button in buttons.items():
        button.on_click(lambda _, cell=cell: press(cell))
    for menu in menus:
        menu.observe(draw, names="value")
    shares.observe(write, names="value")
    write()
    draw()
    return ipywidgets.VBox([*menus, shares, _grid(explorer, buttons), opened])


def _buttons(explorer: "ConfusionExplorer") -> tuple[dict, dict]:
    """Buttons by cell, and their styles by cell and for the open one. Few objects are shared by
    all: each one travels to the browser by itself.
    """
    import ipywidgets

    room = ipywidgets.Layout(width="auto", min_width="0", height="32px", padding="0", margin="1px")
    shades = [ipywidgets.ButtonStyle(button_color=color) for color in _SHADES]
    right = ipywidgets.ButtonStyle(button_color=_RIGHT)
    styles: dict = {"open": ipywidgets.ButtonStyle(button_color=_OPEN, font_weight="bold")}
    wrong = explorer.matrix - np.diag(explorer.matrix.diagonal())
    depth = np.sqrt(wrong / max(wrong.max(), 1)) * (len(_SHADES) - 1)
    buttons = {}
    for true in explorer.shown.tolist():
        for predicted in explorer.shown.tolist():
            cell = (true, predicted)
            styles[cell] = right if true == predicted else shades[int(np.ceil(depth[cell]))]
            buttons[cell] = ipywidgets.Button(
                tooltip=explorer.name(*cell),
                disabled=not explorer.matrix[cell],
                layout=room,
                style=styles[cell],
            )
    return buttons, styles


def _texts(explorer: "ConfusionExplorer", shares: bool) -> dict[tuple[int, int], str]:
    """What is written on each button: counts or percent; nothing where there is no picture."""
    percent = 100 * np.nan_to_num(rates(explorer.matrix))
    texts = {}
    for true in explorer.shown.tolist():
        for predicted in explorer.shown.tolist():
            count = explorer.matrix[true, predicted]
            # ipywidgets collapses a button without text: a space keeps it in its place.
            text = f"{percent[true, predicted]:.0f}" if shares else f"{count}"
            texts[true, predicted] = text if count else "\N{NO-BREAK SPACE}"
    return texts


def _grid(explorer: "ConfusionExplorer", buttons: dict):
    """Names across and down, and the buttons between them."""
    import ipywidgets

    shown = explorer.shown.tolist()
    line = ipywidgets.Layout(width="auto", min_width="0", margin="0", overflow="hidden")
    cells = [ipywidgets.HTML("<small>true ↓ predicted →</small>", layout=line)]
    cells += [
        ipywidgets.HTML(_heading(explorer.class_names[k], "center"), layout=line) for k in shown
    ]
    for true in shown:
        name = _heading(explorer.class_names[true], "right")
        cells.append(ipywidgets.HTML(name, layout=line))
        cells += [buttons[true, predicted] for predicted in shown]
    return ipywidgets.GridBox(
        cells,
        layout=ipywidgets.Layout(
            grid_template_columns=f"minmax(70px,120px) repeat({len(shown)}, minmax(30px,64px))",
            align_items="center",
            width="100%",
        ),
    )


def _heading(name: str, side: str) -> str:
    name = html.escape(name, quote=True)
    return (
        f'<div title="{name}" style="font-size:11px;line-height:1.2;text-align:{side};'
        f'padding:0 4px;overflow:hidden;text-overflow:ellipsis">{name}</div>'
    )
