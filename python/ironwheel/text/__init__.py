"""Text rendered for terminals, notebooks and files: markup, tables, panels, trees, charts.

`render` makes a string of markup, of a widget or of a spec; `print` shows it with the colours the terminal
has; widgets show themselves in a notebook and have ``to_html`` and ``to_svg``. The layout is that of
Spectre.Console.
"""

from ironwheel.text._charts import BarChart, BreakdownChart, Canvas
from ironwheel.text._displays import Calendar, Json, Layout, ProgressBar, TextPath
from ironwheel.text._render import (
    Renderable,
    Widget,
    detect,
    escape,
    print,
    render,
    split_cells,
    strip,
    width,
)
from ironwheel.text._tables import Grid, Table, Tree
from ironwheel.text._widgets import Align, Columns, Figlet, Markup, Padder, Panel, Rows, Rule, Text

__all__ = [
    "Align",
    "BarChart",
    "BreakdownChart",
    "Calendar",
    "Canvas",
    "Columns",
    "Figlet",
    "Grid",
    "Json",
    "Layout",
    "Markup",
    "Padder",
    "Panel",
    "ProgressBar",
    "Renderable",
    "Rows",
    "Rule",
    "Table",
    "Text",
    "TextPath",
    "Tree",
    "Widget",
    "detect",
    "escape",
    "print",
    "render",
    "split_cells",
    "strip",
    "width",
]
