//! The one definition of a border: of tables, of panels and of rules.
//!
//! A border is drawn as seven lines of four: left edge, filling, separator between columns, right edge.
#![forbid(unsafe_code)]

/// Lines of the drawing, top to bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Above everything.
    Top,
    /// Beside the headers.
    Head,
    /// Between headers and cells.
    HeadEnd,
    /// Beside the cells.
    Cell,
    /// Between two rows.
    Between,
    /// Between cells and footers.
    FootStart,
    /// Below everything.
    Bottom,
}

/// How tables, panels and rules are drawn.
#[derive(Debug)]
pub(super) struct Border {
    /// The name in a spec.
    pub(super) name: &'static str,
    art: [&'static str; 7],
    plainer: Option<&'static str>,
    /// Whether it can stand between columns; the others are for panels and rules only.
    pub(super) has_columns: bool,
}

/// Stands in the drawings where nothing, not even a blank, is shown.
const NOTHING: &str = "∅";

const NOTHING_AT_ALL: [&str; 7] = ["∅∅∅∅", "∅ ∅∅", "∅∅∅∅", "∅ ∅∅", "∅∅∅∅", "∅∅∅∅", "∅∅∅∅"];

const fn table(name: &'static str, plainer: Option<&'static str>, art: [&'static str; 7]) -> Border {
    Border { name, art, plainer, has_columns: true }
}

/// A border without columns, by its corners and edges: top, middle, bottom.
const fn only_box(name: &'static str, plainer: &'static str, art: [&'static str; 3]) -> Border {
    let [top, middle, bottom] = art;
    let art = [top, middle, middle, middle, middle, middle, bottom];
    Border { name, art, plainer: Some(plainer), has_columns: false }
}

#[rustfmt::skip] // drawings
static BORDERS: [Border; 36] = [
    table("ascii", None, ["+--+", "| ||", "|-+|", "| ||", "|-+|", "|-+|", "+--+"]),
    table("ascii2", None, ["+-++", "| ||", "|-+|", "| ||", "|-+|", "|-+|", "+-++"]),
    table("ascii_double_head", None, ["+-++", "| ||", "|=+|", "| ||", "|-+|", "+-++", "+-++"]),
    table("double", None, ["╔═╦╗", "║ ║║", "╠═╬╣", "║ ║║", "╠═╬╣", "╠═╬╣", "╚═╩╝"]),
    table("double_edge", None, ["╔═╤╗", "║ │║", "╟─┼╢", "║ │║", "╟─┼╢", "╟─┼╢", "╚═╧╝"]),
    table("heavy", Some("square"), ["┏━┳┓", "┃ ┃┃", "┣━╋┫", "┃ ┃┃", "┣━╋┫", "┣━╋┫", "┗━┻┛"]),
    table("heavy_edge", Some("square"), ["┏━┯┓", "┃ │┃", "┠─┼┨", "┃ │┃", "┠─┼┨", "┠─┼┨", "┗━┷┛"]),
    table("heavy_head", Some("square"), ["┏━┳┓", "┃ ┃┃", "┡━╇┩", "│ ││", "├─┼┤", "├─┼┤", "└─┴┘"]),
    table("horizontal", None, ["────", "    ", "────", "    ", "────", "────", "────"]),
    table("markdown", None, ["    ", "| ||", "|-||", "| ||", "    ", "    ", "    "]),
    table("minimal", None, ["    ", "  │ ", " ─┼ ", "  │ ", " ─┼ ", " ─┼ ", "    "]),
    table("minimal_double_head", None, ["    ", "  │ ", " ═╪ ", "  │ ", " ─┼ ", " ═╪ ", "    "]),
    table("minimal_heavy_head", Some("minimal"), ["    ", "  │ ", " ━┿ ", "  │ ", " ─┼ ", " ━┿ ", "    "]),
    table("minimalist", None, ["∅∅∅∅", "∅  ∅", "∅──∅", "∅  ∅", "∅∅∅∅", "∅──∅", "∅∅∅∅"]),
    table("none", None, NOTHING_AT_ALL),
    table("rounded", Some("square"), ["╭─┬╮", "│ ││", "├─┼┤", "│ ││", "├─┼┤", "├─┼┤", "╰─┴╯"]),
    table("simple", None, ["    ", "    ", "────", "    ", "────", "────", "    "]),
    table("simple_heavy", Some("simple"), ["    ", "    ", "━━━━", "    ", "────", "━━━━", "    "]),
    table("square", None, ["┌─┬┐", "│ ││", "├─┼┤", "│ ││", "├─┼┤", "├─┼┤", "└─┴┘"]),
    only_box("beveled", "square", ["╱▔╲", "▏ ▕", "╲▁╱"]),
    only_box("dashed", "square", ["┌┄┐", "┆ ┆", "└┄┘"]),
    only_box("dashed_wide", "square", ["┌╌┐", "╎ ╎", "└╌┘"]),
    only_box("dotted", "square", ["┌┈┐", "┊ ┊", "└┈┘"]),
    only_box("double_horizontal", "double", ["╒═╕", "│ │", "╘═╛"]),
    only_box("double_vertical", "double", ["╓─╖", "║ ║", "╙─╜"]),
    only_box("heavy_dashed", "heavy", ["┏┅┓", "┇ ┇", "┗┅┛"]),
    only_box("heavy_dashed_wide", "heavy", ["┏╍┓", "╏ ╏", "┗╍┛"]),
    only_box("heavy_dotted", "heavy", ["┏┉┓", "┋ ┋", "┗┉┛"]),
    only_box("heavy_horizontal", "square", ["┍━┑", "│ │", "┕━┙"]),
    only_box("heavy_vertical", "square", ["┎─┒", "┃ ┃", "┖─┚"]),
    only_box("mc_gugan_horizontal", "square", ["▁▁▁", "▏ ▕", "▔▔▔"]),
    only_box("mc_gugan_vertical", "square", ["▕▔▏", "▕ ▏", "▕▁▏"]),
    only_box("near", "square", [" ▁ ", "▕ ▏", " ▔ "]),
    only_box("rounded_dashed", "rounded", ["╭┄╮", "┆ ┆", "╰┄╯"]),
    only_box("rounded_dashed_wide", "rounded", ["╭╌╮", "╎ ╎", "╰╌╯"]),
    only_box("rounded_dotted", "rounded", ["╭┈╮", "┊ ┊", "╰┈╯"]),
];

impl Border {
    /// The border of a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        BORDERS.iter().find(|border| border.name == name)
    }

    /// The border that shows nothing.
    pub(super) fn none() -> &'static Self {
        static NONE: Border = table("none", None, NOTHING_AT_ALL);
        &NONE
    }

    /// The names there are, for a message.
    pub(super) fn names(with_columns: bool) -> String {
        let fits = |border: &&Border| border.has_columns || !with_columns;
        BORDERS.iter().filter(fits).map(|border| border.name).collect::<Vec<_>>().join(", ")
    }

    /// This border, or the plainer one for a terminal without all of Unicode.
    pub(super) fn shown(&'static self, unicode: bool, may_change: bool) -> &'static Self {
        let plainer = self.plainer.filter(|_| !unicode && may_change);
        match plainer.and_then(Self::named) {
            Some(plainer) => plainer.shown(unicode, true),
            None => self,
        }
    }

    /// Whether there is anything to see.
    pub(super) fn is_visible(&self) -> bool {
        self.name != "none"
    }

    /// Whether it has a line to put between rows.
    pub(super) fn has_row_lines(&self) -> bool {
        !matches!(self.name, "none" | "markdown" | "minimalist")
    }

    /// Whether cells are padded inside it and it has outer edges.
    pub(super) fn is_padded(&self) -> bool {
        self.name != "minimalist"
    }

    /// Left edge, filling, separator, right edge; "" for what is not shown.
    pub(super) fn line(&self, part: Part) -> [&'static str; 4] {
        let art = self.art[part as usize];
        let mut cells = art.char_indices().map(|(at, cell)| &art[at..at + cell.len_utf8()]);
        let mut next = || cells.next().filter(|cell| *cell != NOTHING).unwrap_or("");
        let (left, fill, separator) = (next(), next(), next());
        if self.has_columns { [left, fill, separator, next()] } else { [left, fill, fill, separator] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::cells;

    #[test]
    fn every_drawing_is_whole_and_one_cell_a_character() {
        for border in &BORDERS {
            for line in border.art {
                assert_eq!(line.chars().count(), if border.has_columns { 4 } else { 3 }, "{}", border.name);
                assert_eq!(
                    cells::width(&line.replace(NOTHING, " ")),
                    line.chars().count(),
                    "{}",
                    border.name
                );
            }
        }
    }

    #[test]
    fn plainer_borders_exist_and_end() {
        for border in &BORDERS {
            let plain = border.shown(false, true);
            assert!(plain.plainer.is_none(), "{} -> {}", border.name, plain.name);
            assert!(plain.has_columns || !border.has_columns);
            assert_eq!(border.shown(false, false).name, border.name);
        }
        assert_eq!(Border::named("rounded").unwrap().shown(false, true).name, "square");
    }
}
