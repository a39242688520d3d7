//! How many terminal cells a text takes, and where to cut it.
//!
//! A cell count is a sum over grapheme clusters, each at most two cells wide (UAX #29 for the
//! clusters, UAX #11 through `unicode-width` for the widths). Control characters take none.
#![forbid(unsafe_code)]

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Number of terminal cells of `text`.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return ascii_width(text.as_bytes());
    }
    // Between two lone characters there is always a boundary, also where marks follow the first. So only
    // what lies between such boundaries and is no common sequence needs the slow search for clusters.
    let (mut cells, mut stretch, mut open) = (0, None, None::<Open>);
    for (at, character) in text.char_indices() {
        let joins = joining(character);
        if let (Some(joins), Some(before)) = (&joins, &mut open)
            && before.take(joins)
        {
            continue;
        }
        let Some(width) = lone_width(character) else {
            stretch = stretch.or(Some(open.map_or(at, |before| before.start)));
            open = None;
            continue;
        };
        let picture = is_picture(character);
        if let Some(before) = &mut open {
            if !before.joined {
                cells += closed(text, stretch.take(), before, at);
            } else if before.picture && picture {
                before.joined = false;
                continue;
            } else {
                stretch = stretch.or(Some(before.start));
            }
        }
        open = Some(Open { start: at, width, alone: true, joined: false, picture });
    }
    cells
        + match (stretch, open) {
            (stretch, Some(before)) => closed(text, stretch, &before, text.len()),
            (Some(start), None) => text[start..].graphemes(true).map(cluster_width).sum(),
            (None, None) => 0,
        }
}

/// A lone character and what has joined it so far.
struct Open {
    start: usize,
    width: usize,
    /// Nothing has joined it.
    alone: bool,
    /// A joiner was the last, so a picture would join too.
    joined: bool,
    picture: bool,
}

enum Joining {
    Mark,
    Joiner,
}

impl Open {
    /// Adds what joins every character but a control; false where the rules are not that simple.
    fn take(&mut self, joins: &Joining) -> bool {
        if self.width == 0 || self.joined {
            return false;
        }
        self.alone = false;
        self.joined = matches!(joins, Joining::Joiner);
        true
    }
}

/// Cells up to `end`, where a boundary is: of the stretch, if there is one, which `open` is the end of.
fn closed(text: &str, stretch: Option<usize>, open: &Open, end: usize) -> usize {
    match stretch {
        Some(start) => text[start..end].graphemes(true).map(cluster_width).sum(),
        None if open.alone => open.width,
        None => cluster_width(&text[open.start..end]),
    }
}

/// The common characters that join the one before: accents, selectors, the keycap, skin tones, the joiner.
fn joining(character: char) -> Option<Joining> {
    match character {
        '\u{300}'..='\u{36F}' | '\u{20E3}' | '\u{FE0E}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' => {
            Some(Joining::Mark)
        }
        '\u{200D}' => Some(Joining::Joiner),
        _ => None,
    }
}

/// The common characters that a joiner joins with each other (Extended_Pictographic of UAX #29).
fn is_picture(character: char) -> bool {
    matches!(
        character,
        '\u{2640}'
            | '\u{2642}'
            | '\u{2695}'
            | '\u{2696}'
            | '\u{2708}'
            | '\u{2764}'
            | '\u{1F300}'..='\u{1F320}'
            | '\u{1F337}'..='\u{1F37C}'
            | '\u{1F3A0}'..='\u{1F3CA}'
            | '\u{1F3E0}'..='\u{1F3F0}'
            | '\u{1F400}'..='\u{1F4FC}'
            | '\u{1F4FF}'..='\u{1F53D}'
            | '\u{1F600}'..='\u{1F64F}'
            | '\u{1F680}'..='\u{1F6C5}'
            | '\u{1F90C}'..='\u{1F93A}'
            | '\u{1F947}'..='\u{1F9FF}'
    )
}

/// Every byte but a control character is one cell. Pieces of 255, so that sums fit a byte and the compiler
/// adds up a whole register of them at once.
fn ascii_width(text: &[u8]) -> usize {
    let printed = |byte: &u8| u8::from((0x20..0x7F).contains(byte));
    text.chunks(255).map(|piece| usize::from(piece.iter().map(printed).sum::<u8>())).sum()
}

/// Width of a character that never joins its neighbours; None where only the cluster tells.
///
/// A character that does join (a mark, a joiner, a selector, a jamo) answers None itself, so a text
/// of characters that all answer is a text of one-character clusters.
fn lone_width(character: char) -> Option<usize> {
    match character {
        ' '..='~' => Some(1),
        '\0'..='\u{9F}' => Some(0),
        '\u{AD}' => None,
        '\u{A0}'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}' => Some(1),
        '\u{5D0}'..='\u{5EA}' | '\u{E01}'..='\u{E30}' | '\u{2010}'..='\u{2027}' => Some(1),
        '\u{3041}'..='\u{3096}' | '\u{30A0}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' => Some(2),
        // A syllable of its own is joined by the jamo that follow or precede it, and those answer None.
        '\u{AC00}'..='\u{D7A3}' | '\u{FF01}'..='\u{FF60}' => Some(2),
        // Symbols and emoji of either width, none of them a flag's letter (1F1E6) or a skin tone (1F3FB).
        '\u{2030}'..='\u{205E}'
        | '\u{20A0}'..='\u{20C0}'
        | '\u{2100}'..='\u{2BFF}'
        | '\u{3000}'..='\u{3029}'
        | '\u{FF61}'..='\u{FF9D}'
        | '\u{1F000}'..='\u{1F1E5}'
        | '\u{1F200}'..='\u{1F3FA}'
        | '\u{1F400}'..='\u{1FAFF}'
        | '\u{20000}'..='\u{2A6DF}' => character.width().map(|cells| cells.min(2)),
        _ => None,
    }
}

/// Width of one grapheme cluster: 0, 1 or 2.
fn cluster_width(cluster: &str) -> usize {
    if cluster.starts_with(|first: char| first.is_control()) {
        return 0;
    }
    cluster.width().min(2)
}

/// Grapheme clusters with their widths.
fn clusters(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.graphemes(true).map(|cluster| (cluster, cluster_width(cluster)))
}

/// Cuts `text` after `offset` cells; a cluster that straddles the offset goes to the first part.
///
/// The second part is None when the first is everything.
pub fn split(text: &str, offset: usize) -> (&str, Option<&str>) {
    if offset >= width(text) {
        return (text, None);
    }
    let (mut cells, mut bytes) = (0, 0);
    for (cluster, width) in clusters(text) {
        if cells >= offset {
            break;
        }
        cells += width;
        bytes += cluster.len();
    }
    (&text[..bytes], (bytes < text.len()).then(|| &text[bytes..]))
}

/// The longest beginning of `text` that fits `most` cells, in bytes and in cells.
pub(super) fn fitting(text: &str, most: usize) -> (usize, usize) {
    if text.len() <= most && text.is_ascii() {
        return (text.len(), width(text));
    }
    let (mut cells, mut bytes) = (0, 0);
    for (cluster, width) in clusters(text) {
        if cells + width > most {
            break;
        }
        cells += width;
        bytes += cluster.len();
    }
    (bytes, cells)
}

/// The byte from which the longest end of `text` that fits `most` cells begins.
pub(super) fn fitting_end(text: &str, most: usize) -> usize {
    let (mut cells, mut start) = (0, text.len());
    for (at, cluster) in text.grapheme_indices(true).rev() {
        cells += cluster_width(cluster);
        if cells > most {
            break;
        }
        start = at;
    }
    start
}

/// Bytes up to where white space begins or ends.
pub(super) fn word_length(text: &str) -> usize {
    let blank = text.starts_with(char::is_whitespace);
    text.find(|character: char| character.is_whitespace() != blank).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_widths() {
        let known: [(&str, usize); 18] = [
            ("", 0),
            ("Hello World", 11),
            ("中", 2),
            ("한", 2),
            ("ｶ", 1),
            ("♥", 1),
            ("❤️", 2),
            ("❤️‍🔥", 2),
            ("👨‍👩‍👧", 2),
            ("🇩🇪", 2),
            ("🇩", 1),
            ("1️⃣", 2),
            ("e\u{301}", 1),
            ("क्षि", 2),
            ("ᄀ\u{1161}", 2),
            ("\u{200B}", 0),
            ("a\u{1B}b\n\0", 2),
            ("─│…", 3),
        ];
        for (text, cells) in known {
            assert_eq!(width(text), cells, "{text:?}");
        }
    }

    #[test]
    fn a_straddling_cluster_goes_to_the_first_part() {
        assert_eq!(split("Foo 测试 Bar", 7), ("Foo 测试", Some(" Bar")));
        assert_eq!(split("Foo 测试 Bar", 0), ("", Some("Foo 测试 Bar")));
        assert_eq!(split("Foo 测试 Bar", 12), ("Foo 测试 Bar", None));
        assert_eq!(split("", 0), ("", None));
        assert_eq!(split("ab", usize::MAX), ("ab", None));
    }

    #[test]
    fn characters_taken_alone_are_what_the_clusters_say() {
        for character in (0..=0x10_FFFF).filter_map(char::from_u32) {
            if let Some(alone) = lone_width(character) {
                let text = format!("{character}{character}");
                let summed: usize = text.graphemes(true).map(cluster_width).sum();
                assert_eq!(summed, 2 * alone, "{:x}", character as u32);
            }
        }
    }

    #[test]
    fn what_joins_and_what_is_a_picture_is_what_the_clusters_say() {
        let one = |text: &str| text.graphemes(true).count() == 1;
        for character in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let at = character as u32;
            if joining(character).is_some() {
                assert!(lone_width(character).is_none() && one(&format!("a{character}")), "{at:x}");
                assert!(!one(&format!("{character}a")), "{at:x}");
            }
            if is_picture(character) {
                assert!(lone_width(character).is_some_and(|width| width > 0), "{at:x}");
                assert!(one(&format!("{character}\u{200D}{character}")), "{at:x}");
            }
        }
    }

    #[test]
    fn ascii_is_counted_past_the_end_of_a_piece() {
        for length in [0, 1, 254, 255, 256, 511, 1000] {
            assert_eq!(width(&"x".repeat(length)), length);
            assert_eq!(width(&"\x7f\t~".repeat(length)), length);
        }
    }

    proptest! {
        #[test]
        fn the_shortcut_counts_what_the_clusters_say(
            text in ".{0,12}|[a\u{e9}\u{4e2d}\u{301}\u{200d}\u{fe0f}\u{2764}\u{1f525}\u{1f1e9}\u{600}\u{915}\u{94d}\u{1100}\u{1161}\u{11a8}\u{ac00}\u{ac01}\u{1f3fb}\u{1f468}\u{20e3}\u{308}\u{e33}\u{e01}\r\n]{0,16}"
        ) {
            let summed: usize = text.graphemes(true).map(cluster_width).sum();
            prop_assert_eq!(width(&text), summed);
        }

        #[test]
        fn the_parts_are_the_whole(text in ".*", offset in 0_usize..40) {
            let (first, second) = split(&text, offset);
            prop_assert_eq!(format!("{first}{}", second.unwrap_or("")), text.clone());
            prop_assert!(width(first) <= offset + 1);
            let (bytes, cells) = fitting(&text, offset);
            prop_assert!(cells <= offset);
            prop_assert_eq!(width(&text[..bytes]), cells);
        }
    }
}
