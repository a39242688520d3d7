"""Tables, grids and trees: renderables that grow row by row."""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Union

from ironwheel.text._render import Renderable, Widget


def own_list(name: str, items: Iterable[Any]) -> List[Any]:
    """A list of its own, so that adding to the widget leaves the caller's alone."""
    if isinstance(items, (str, bytes, Mapping)):
        raise TypeError(f"{name} must be a list, got {type(items).__name__}")
    return list(items)


def given(**fields: Any) -> Dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class Table(Widget):
    """Rows and columns in a border.

    Parameters
    ----------
    columns
        Headers (markup), or dicts ``{"header", "footer", "alignment", "padding", "width", "no_wrap"}``.
    rows
        Lists of cells. A cell is a renderable, or ``{"type": "cell", "content": ..., "span": 2}``; a short
        row ends in empty cells, too many are an error. Numbers are shown as JSON writes them.
    title, caption
        Markup above and below, or ``{"text": ..., "style": ...}``.
    border
        ``"square"`` (default), ``"rounded"``, ``"heavy_head"``, ``"simple"``, ``"minimal"``, ``"markdown"``,
        ``"ascii"``, ``"none"``, ...; a wrong name lists all 20.
    border_style
        Style of the border.
    show_headers, show_footers
        Default True.
    show_row_separators
        A line between rows; default False.
    expand
        Take all the width there is.
    width
        Cells, border included.
    use_safe_border
        Fall back to a plainer border where Unicode is lacking; default True.
    operations
        Later changes: ``{"op": "insert_row", "index", "cells"}``, ``{"op": "remove_row", "index"}``,
        ``{"op": "update_cell", "row", "column", "cell"}``, in order.

    Notes
    -----
    Columns that do not fit are narrowed, the widest first, and their cells wrap. Linear in the number of
    cells: 100,000 rows take a fraction of a second.

    Examples
    --------
    >>> table = Table(["Name", {"header": "Size", "alignment": "right"}], border="rounded")
    >>> table.add_row("[bold]a[/]", 12).add_row("b", 3456).border
    'rounded'
    >>> print(table)
    ╭──────┬──────╮
    │ Name │ Size │
    ├──────┼──────┤
    │ a    │   12 │
    │ b    │ 3456 │
    ╰──────┴──────╯
    """

    _type = "table"
    _fields = (
        "columns",
        "rows",
        "title",
        "caption",
        "border",
        "border_style",
        "show_headers",
        "show_footers",
        "show_row_separators",
        "expand",
        "width",
        "use_safe_border",
        "operations",
    )
    columns: List[Any]
    rows: List[Any]

    def __init__(
        self,
        columns: Iterable[Any] = (),
        rows: Iterable[Sequence[Any]] = (),
        *,
        title: Union[str, Mapping[str, Any], None] = None,
        caption: Union[str, Mapping[str, Any], None] = None,
        border: Optional[str] = None,
        border_style: Optional[str] = None,
        show_headers: Optional[bool] = None,
        show_footers: Optional[bool] = None,
        show_row_separators: Optional[bool] = None,
        expand: Optional[bool] = None,
        width: Optional[int] = None,
        use_safe_border: Optional[bool] = None,
        operations: Optional[Sequence[Mapping[str, Any]]] = None,
    ) -> None:
        self._set(
            columns=own_list("columns", columns),
            rows=own_list("rows", rows),
            title=title,
            caption=caption,
            border=border,
            border_style=border_style,
            show_headers=show_headers,
            show_footers=show_footers,
            show_row_separators=show_row_separators,
            expand=expand,
            width=width,
            use_safe_border=use_safe_border,
            operations=operations,
        )

    def add_column(
        self,
        header: Renderable = "",
        *,
        footer: Renderable = None,
        alignment: Optional[str] = None,
        padding: Optional[Sequence[int]] = None,
        width: Optional[int] = None,
        no_wrap: Optional[bool] = None,
    ) -> Table:
        """Adds a column at the right and returns the table."""
        column = given(header=header, footer=footer, alignment=alignment, padding=padding, width=width, no_wrap=no_wrap)
        self.columns.append(column)
        return self

    def add_row(self, *cells: Renderable) -> Table:
        """Adds a row at the end and returns the table."""
        self.rows.append(cells)
        return self


class Grid(Widget):
    """A table without border or headers.

    Parameters
    ----------
    columns
        How many, or dicts ``{"alignment", "padding", "width", "no_wrap"}``; two blanks stand between columns
        unless `padding` says otherwise.
    rows
        Lists of cells, as of `Table`.
    expand
        Take all the width there is.
    width
        Cells.

    Examples
    --------
    >>> print(Grid(2, [["a", "1"], ["long", "22"]]))
    a     1
    long  22
    """

    _type = "grid"
    _fields = ("columns", "rows", "expand", "width")
    columns: List[Any]
    rows: List[Any]

    def __init__(
        self,
        columns: Union[int, Iterable[Mapping[str, Any]]] = (),
        rows: Iterable[Sequence[Any]] = (),
        *,
        expand: Optional[bool] = None,
        width: Optional[int] = None,
    ) -> None:
        each: Iterable[Any] = [{} for _ in range(columns)] if isinstance(columns, int) else columns
        self._set(columns=own_list("columns", each), rows=own_list("rows", rows), expand=expand, width=width)

    def add_column(
        self,
        *,
        alignment: Optional[str] = None,
        padding: Optional[Sequence[int]] = None,
        width: Optional[int] = None,
        no_wrap: Optional[bool] = None,
    ) -> Grid:
        """Adds a column at the right and returns the grid."""
        self.columns.append(given(alignment=alignment, padding=padding, width=width, no_wrap=no_wrap))
        return self

    def add_row(self, *cells: Renderable) -> Grid:
        """Adds a row at the end and returns the grid."""
        self.rows.append(cells)
        return self


class Tree(Widget):
    """Labels with children under them.

    Parameters
    ----------
    label
        The root.
    children
        Labels, trees, or dicts ``{"label", "children", "expanded"}``.
    guide
        ``"line"`` (default), ``"ascii"``, ``"double_line"`` or ``"bold_line"``.
    style
        Style of the guides.
    expanded
        False hides what is under the root.

    Examples
    --------
    >>> tree = Tree("src")
    >>> _ = tree.add("text").add("table.rs")
    >>> print(tree)
    src
    └── text
        └── table.rs
    """

    _type = "tree"
    _fields = ("label", "children", "guide", "style", "expanded")
    children: List[Any]

    def __init__(
        self,
        label: Renderable,
        children: Iterable[Any] = (),
        *,
        guide: Optional[str] = None,
        style: Optional[str] = None,
        expanded: Optional[bool] = None,
    ) -> None:
        self._set(label=label, children=own_list("children", children), guide=guide, style=style, expanded=expanded)

    def add(self, label: Renderable, *, expanded: Optional[bool] = None) -> Tree:
        """Adds a child and returns it, so that it can get children of its own."""
        child = Tree(label, expanded=expanded)
        self.children.append(child)
        return child

    def to_spec(self) -> Dict[str, Any]:
        """The render spec; subtrees become nodes of this tree."""
        return {**super().to_spec(), "children": [_node(child) for child in self.children]}


def _node(child: Any) -> Any:
    if not isinstance(child, Tree):
        return child
    node = child.to_spec()
    return {name: node[name] for name in ("label", "children", "expanded") if name in node}
