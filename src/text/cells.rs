//! How many terminal cells a text takes, and where to cut it.
//!
//! A cell count is a sum over grapheme clusters, each at most two cells wide (UAX #29 for the
//! clusters, UAX #11 through `unicode-width` for the widths). Control characters take none.
#![forbid(unsafe_code)]

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Number of terminal cells of `text`.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.bytes().filter(|&byte| (0x20..0x7F).contains(&byte)).count();
    }
    // Between two lone characters there is always a boundary, so only what lies between such
    // boundaries needs the slow search for clusters.
    let (mut cells, mut stretch, mut before) = (0, None, None);
    for (at, character) in text.char_indices() {
        let Some(width) = lone_width(character) else {
            stretch = stretch.or(Some(before.map_or(at, |(start, _)| start)));
            before = None;
            continue;
        };
        if let Some((_, width)) = before {
            cells += match stretch.take() {
                Some(start) => text[start..at].graphemes(true).map(cluster_width).sum(),
                None => width,
            };
        }
        before = Some((at, width));
    }
    cells
        + match stretch {
            Some(start) => text[start..].graphemes(true).map(cluster_width).sum(),
            None => before.map_or(0, |(_, width)| width),
        }
}

/// Width of a character that never joins its neighbours; None where only the cluster tells.
///
/// A character that does join (a mark, a joiner, a selector, a jamo) answers None itself, so a text
/// of characters that all answer is a text of one-character clusters.
fn lone_width(character: char) -> Option<usize> {
    match character {
        ' '..='~' => Some(1),
        '\u{AD}' => None,
        '\u{A0}'..='\u{2FF}' | '\u{370}'..='\u{482}' | '\u{48A}'..='\u{52F}' => Some(1),
        '\u{2010}'..='\u{2027}' | '\u{2500}'..='\u{25A0}' => Some(1),
        '\u{3041}'..='\u{3096}' | '\u{30A0}'..='\u{30FF}' | '\u{4E00}'..='\u{9FFF}' => Some(2),
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

    proptest! {
        #[test]
        fn the_shortcut_counts_what_the_clusters_say(
            text in ".{0,12}|[a\u{e9}\u{4e2d}\u{301}\u{200d}\u{fe0f}\u{2764}\u{1f525}\u{1f1e9}\u{600}\u{915}\u{94d}\u{1100}\u{1161}\r\n]{0,16}"
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
