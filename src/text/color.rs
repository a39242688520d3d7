//! Colours, their names, and the nearest one a lesser terminal has.
#![forbid(unsafe_code)]

use super::color_names::NAMES;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorSystem {
    /// No escape sequences at all: neither colours, nor bold, nor links.
    None,
    /// Bold, underline and links, but no colours.
    NoColors,
    /// The first 8 colours (3 bits).
    Legacy,
    /// 16 colours (4 bits).
    Standard,
    /// The palette of 256 colours.
    EightBit,
    /// 24 bits.
    TrueColor,
}

/// A colour as written: the terminal's own, one of its palette, or an exact one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Color {
    /// Whatever the terminal uses.
    #[default]
    Default,
    /// A number of the 256-colour palette; the first 16 are the user's theme.
    Palette(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

impl Color {
    /// The colour of a palette name (`red`, `grey23`, any case).
    pub fn named(name: &str) -> Option<Self> {
        let mut lower = [0_u8; 24]; // longer than every name
        let lower = lower.get_mut(..name.len())?;
        lower.copy_from_slice(name.as_bytes());
        lower.make_ascii_lowercase();
        let found = NAMES.binary_search_by(|(known, _)| known.as_bytes().cmp(lower)).ok()?;
        Some(Self::Palette(NAMES[found].1))
    }

    /// Red, green and blue; None for the terminal's own colour, which nobody knows.
    pub fn rgb(self) -> Option<(u8, u8, u8)> {
        match self {
            Self::Default => None,
            Self::Palette(number) => Some(palette(number)),
            Self::Rgb(red, green, blue) => Some((red, green, blue)),
        }
    }

    /// This colour as `system` shows it: exact where it can, else the nearest one it has.
    pub fn downgrade(self, system: ColorSystem) -> Self {
        let size: u16 = match system {
            ColorSystem::None | ColorSystem::NoColors => return Self::Default,
            ColorSystem::TrueColor => return self,
            ColorSystem::Legacy => 8,
            ColorSystem::Standard => 16,
            ColorSystem::EightBit => 256,
        };
        match (self, self.rgb()) {
            (Self::Palette(number), _) if u16::from(number) < size => self,
            (_, Some(rgb)) => {
                // min_by_key keeps the first of equals, so an exact match is the lowest number.
                let nearest = (0..size).min_by_key(|&number| distance(palette(number as u8), rgb));
                nearest.map_or(self, |number| Self::Palette(number as u8))
            }
            (_, None) => self,
        }
    }
}

/// Square of the "redmean" distance, a weighted Euclidean one that follows the eye's sensitivity
/// (Riemersma, <https://www.compuphase.com/cmetric.htm>); in `f32`, as Spectre.Console does, so that
/// near ties fall the same way.
fn distance(first: (u8, u8, u8), second: (u8, u8, u8)) -> i32 {
    let mean = (f32::from(first.0) + f32::from(second.0)) / 2.0;
    let red = f32::from(first.0) - f32::from(second.0);
    let green = i32::from(first.1) - i32::from(second.1);
    let blue = f32::from(first.2) - f32::from(second.2);
    (((512.0 + mean) * red * red) as i32 >> 8)
        + 4 * green * green
        + (((767.0 - mean) * blue * blue) as i32 >> 8)
}

/// The xterm palette: 16 named colours, a 6x6x6 cube, 24 greys.
fn palette(number: u8) -> (u8, u8, u8) {
    match number {
        0..=15 => {
            if number == 7 {
                return (192, 192, 192);
            }
            if number == 8 {
                return (128, 128, 128);
            }
            let level = |bit: u8| {
                if number & bit == 0 {
                    0
                } else if number < 8 {
                    128
                } else {
                    255
                }
            };
            (level(1), level(2), level(4))
        }
        16..=231 => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
            let cube = number - 16;
            (level(cube / 36), level(cube / 6 % 6), level(cube % 6))
        }
        232..=255 => {
            let grey = 8 + 10 * (number - 232);
            (grey, grey, grey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_fit_the_search_buffer() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(NAMES.iter().all(|(name, _)| name.len() <= 24));
        assert_eq!(Color::named("RED"), Some(Color::Palette(9)));
        assert_eq!(Color::named("gray"), Color::named("grey"));
        assert_eq!(Color::named("no such colour, and a long one"), None);
    }

    #[test]
    fn every_palette_colour_survives_as_far_as_the_system_has_it() {
        for number in 0..=255 {
            let color = Color::Palette(number);
            assert_eq!(color.downgrade(ColorSystem::EightBit), color);
            let Color::Palette(legacy) = color.downgrade(ColorSystem::Legacy) else { panic!() };
            assert!(legacy < 8);
        }
    }

    #[test]
    fn exact_colours_are_found_and_others_go_to_the_nearest() {
        let down = |r, g, b, system| Color::Rgb(r, g, b).downgrade(system);
        assert_eq!(down(128, 128, 0, ColorSystem::EightBit), Color::Palette(3));
        assert_eq!(down(126, 127, 0, ColorSystem::EightBit), Color::Palette(3));
        assert_eq!(down(112, 120, 128, ColorSystem::Standard), Color::Palette(8));
        assert_eq!(down(112, 120, 128, ColorSystem::Legacy), Color::Palette(6));
        assert_eq!(down(1, 2, 3, ColorSystem::NoColors), Color::Default);
        assert_eq!(Color::Default.downgrade(ColorSystem::Legacy), Color::Default);
    }
}
