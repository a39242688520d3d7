//! Styles (colours and decorations) and the words of a markup tag that make one.
#![forbid(unsafe_code)]

use super::color::Color;
use std::ops::BitOr;

/// Bold, italic and the like: a set, one bit each, in the order their SGR codes are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Decoration(u16);

impl Decoration {
    /// Bold.
    pub const BOLD: Self = Self(1);
    /// Dim.
    pub const DIM: Self = Self(2);
    /// Italic.
    pub const ITALIC: Self = Self(4);
    /// Underlined.
    pub const UNDERLINE: Self = Self(8);
    /// Foreground and background swapped.
    pub const INVERT: Self = Self(64);
    /// Hidden.
    pub const CONCEAL: Self = Self(128);
    /// Struck through.
    pub const STRIKETHROUGH: Self = Self(256);

    /// Whether all of `other` is in this set.
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The SGR codes of this set: bit 0 is code 1, up to bit 8, code 9.
    pub fn codes(self) -> impl Iterator<Item = u8> {
        (0..9).filter(move |bit| self.0 >> bit & 1 == 1).map(|bit| bit + 1)
    }

    fn named(word: &str) -> Option<Self> {
        const WORDS: [(&str, u16); 17] = [
            ("none", 0),
            ("bold", 1),
            ("b", 1),
            ("dim", 2),
            ("italic", 4),
            ("i", 4),
            ("underline", 8),
            ("u", 8),
            ("blink", 16),
            ("slowblink", 16),
            ("rapidblink", 32),
            ("invert", 64),
            ("reverse", 64),
            ("conceal", 128),
            ("strikethrough", 256),
            ("strike", 256),
            ("s", 256),
        ];
        let (_, bits) = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word))?;
        Some(Self(*bits))
    }
}

impl BitOr for Decoration {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Style {
    /// Colour of the text.
    pub foreground: Color,
    /// Colour behind it.
    pub background: Color,
    /// Bold, italic and the like.
    pub decoration: Decoration,
}

impl Style {
    /// No colour, no decoration.
    pub const PLAIN: Self =
        Self { foreground: Color::Default, background: Color::Default, decoration: Decoration(0) };

    /// A foreground colour and nothing else.
    pub const fn color(foreground: Color) -> Self {
        Self { foreground, ..Self::PLAIN }
    }

    /// `other` laid over this style: its colours win, its decorations add.
    pub fn over(self, other: Self) -> Self {
        let pick = |below, above| if above == Color::Default { below } else { above };
        Self {
            foreground: pick(self.foreground, other.foreground),
            background: pick(self.background, other.background),
            decoration: self.decoration | other.decoration,
        }
    }
}

/// What one markup tag asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    pub(super) style: Style,
    /// The address; empty for `[link]`, whose address is the text it encloses.
    pub(super) link: Option<&'t str>,
}

/// Reads the words of a tag or of a `style` field: `bold red on #102030 link=https://...`.
///
/// The error is the sentence for the user.
pub(super) fn parse(words: &str) -> Result<Tag<'_>, String> {
    let mut tag = Tag::default();
    let mut background = false;
    let (mut has_foreground, mut has_background) = (false, false);
    for word in words.split(' ') {
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        let starts =
            |known: &str| word.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known));
        if is("default") {
            continue;
        }
        if is("on") {
            background = true;
            continue;
        }
        if starts("link=") {
            if tag.link.is_some() {
                return Err("A link has already been set.".to_owned());
            }
            tag.link = Some(&word[5..]);
            continue;
        }
        if starts("link") {
            tag.link = Some("");
            continue;
        }
        if let Some(decoration) = Decoration::named(word) {
            tag.style.decoration = tag.style.decoration | decoration;
            continue;
        }
        let color = color(word)?.ok_or_else(|| {
            let wanted = if background { "color" } else { "color or style" };
            format!("Could not find {wanted} '{word}'.")
        })?;
        let (place, set, side) = if background {
            (&mut tag.style.background, &mut has_background, "background")
        } else {
            (&mut tag.style.foreground, &mut has_foreground, "foreground")
        };
        if *set {
            return Err(format!("A {side} color has already been set."));
        }
        (*place, *set) = (color, true);
    }
    Ok(tag)
}

/// A colour by name, `#rgb`, `#rrggbb`, `rgb(r,g,b)` or palette number; Ok(None) for another word.
pub(super) fn color(word: &str) -> Result<Option<Color>, String> {
    if let Some(color) = Color::named(word) {
        return Ok(Some(color));
    }
    if let Some(digits) = word.strip_prefix('#') {
        return match hex(digits) {
            Some(color) => Ok(Some(color)),
            None => Err(format!("Invalid hex color '{word}'.")),
        };
    }
    if word.get(..3).is_some_and(|head| head.eq_ignore_ascii_case("rgb")) {
        let inner = word[3..].strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let mut levels = inner.unwrap_or("").split(',').map(|level| level.trim().parse::<u8>());
        return match (levels.next(), levels.next(), levels.next(), levels.next()) {
            (Some(Ok(red)), Some(Ok(green)), Some(Ok(blue)), None) => Ok(Some(Color::Rgb(red, green, blue))),
            _ => Err(format!("Invalid RGB color '{word}'.")),
        };
    }
    match word.parse::<i32>() {
        Ok(number) if number < 0 => {
            Err(format!("Color number must be greater than or equal to 0 (was {number})"))
        }
        Ok(number) => match u8::try_from(number) {
            Ok(number) => Ok(Some(Color::Palette(number))),
            Err(_) => Err(format!("Color number must be less than or equal to 255 (was {number})")),
        },
        Err(_) => Ok(None),
    }
}

fn hex(digits: &str) -> Option<Color> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    let byte = |shift: u32| (value >> shift) as u8;
    match digits.len() {
        6 => Some(Color::Rgb(byte(16), byte(8), byte(0))),
        3 => {
            let doubled = |shift: u32| (byte(shift) & 0xF) * 17;
            Some(Color::Rgb(doubled(8), doubled(4), doubled(0)))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_a_style() {
        let tag = parse("bold Underline red on #ffaf00 link=https://a.b").unwrap();
        assert_eq!(tag.style.foreground, Color::Palette(9));
        assert_eq!(tag.style.background, Color::Rgb(255, 175, 0));
        assert_eq!(tag.style.decoration.codes().collect::<Vec<_>>(), [1, 4]);
        assert_eq!(tag.link, Some("https://a.b"));
        assert_eq!(parse("default on 12").unwrap().style.background, Color::Palette(12));
        assert_eq!(parse("#f0a").unwrap().style.foreground, Color::Rgb(255, 0, 170));
        assert_eq!(parse("rgb(1,2,3)").unwrap().style.foreground, Color::Rgb(1, 2, 3));
    }

    #[test]
    fn wrong_words_are_named() {
        for (words, message) in [
            ("boldd", "Could not find color or style 'boldd'."),
            ("on fire", "Could not find color 'fire'."),
            ("red blue", "A foreground color has already been set."),
            ("on red blue", "A background color has already been set."),
            ("#12", "Invalid hex color '#12'."),
            ("#+12345", "Invalid hex color '#+12345'."),
            ("rgb(1,2,300)", "Invalid RGB color 'rgb(1,2,300)'."),
            ("256", "Color number must be less than or equal to 255 (was 256)"),
            ("-1", "Color number must be greater than or equal to 0 (was -1)"),
            ("link=a link=b", "A link has already been set."),
        ] {
            assert_eq!(parse(words).unwrap_err(), message);
        }
    }

    #[test]
    fn the_upper_style_wins_and_decorations_add() {
        let below = parse("bold red on blue").unwrap().style;
        let above = parse("italic green").unwrap().style;
        let both = below.over(above);
        assert_eq!(both, parse("bold italic green on blue").unwrap().style);
    }
}
