//! Emoji codes: `:rocket:` and `:globe_showing_europe_africa:`.
#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The emoji of a code without its colons: a Unicode CLDR short name in snake case, else a GitHub
/// shortcode. Case does not matter.
pub(super) fn emoji(code: &str) -> Option<&'static str> {
    static CODES: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    if code.len() > 80 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte)) {
        return None;
    }
    let codes = CODES.get_or_init(|| {
        let mut codes = HashMap::with_capacity(6000);
        let variants = || emojis::iter().flat_map(|emoji| emoji.skin_tones().into_iter().flatten());
        // Names first, in two spellings of the apostrophe: some names are another emoji's shortcode.
        for emoji in emojis::iter().chain(variants()) {
            codes.entry(snake(emoji.name(), "")).or_insert(emoji.as_str());
            codes.entry(snake(emoji.name(), "_")).or_insert(emoji.as_str());
        }
        for emoji in emojis::iter() {
            for code in emoji.shortcodes() {
                codes.entry(code.to_owned()).or_insert(emoji.as_str());
            }
        }
        codes
    });
    codes.get(code).or_else(|| codes.get(&code.to_ascii_lowercase())).copied()
}

/// `Côte d’Ivoire` -> `cote_divoire`; `apostrophe` replaces the apostrophe.
fn snake(name: &str, apostrophe: &str) -> String {
    let mut code = String::with_capacity(name.len());
    for character in name.chars() {
        let plain = match character {
            '\'' | '\u{2019}' => apostrophe,
            '#' => "hash",
            '*' => "asterisk",
            'á' | 'ã' | 'å' | 'Å' => "a",
            'ç' => "c",
            'é' => "e",
            'í' => "i",
            'ñ' => "n",
            'ô' | 'ó' => "o",
            'ü' => "u",
            _ if character.is_ascii_alphanumeric() => {
                code.push(character.to_ascii_lowercase());
                continue;
            }
            _ => "_",
        };
        if plain != "_" || !code.ends_with('_') {
            code.push_str(plain);
        }
    }
    code.trim_matches('_').to_owned()
}

/// Replaces every known `:code:`; anything else between colons stays as it is.
pub(super) fn replace(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(first) = text.find(':') else { return text };
    let mut out = String::new();
    let (mut copied, mut open) = (0, first);
    while let Some(length) = text[open + 1..].find(':') {
        let close = open + 1 + length;
        let Some(found) = emoji(&text[open + 1..close]) else {
            open = close; // the colon that ends this may begin the next
            continue;
        };
        out.push_str(&text[copied..open]);
        out.push_str(found);
        copied = close + 1;
        match text[copied..].find(':') {
            Some(next) => open = copied + next,
            None => break,
        }
    }
    if copied == 0 {
        return text;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str) -> String {
        replace(Cow::Borrowed(text)).into_owned()
    }

    #[test]
    fn codes_are_replaced_and_the_rest_is_kept() {
        for text in ["", ":", "::", ":i:i:", "a:b", "Hello :globe_showing_flat_earth:!", "12:30:45"] {
            assert_eq!(replaced(text), text);
        }
        let globe = ":globe_showing_europe_africa:";
        assert_eq!(replaced(&format!(":{globe}:")), ":🌍:");
        assert_eq!(replaced(&format!("{globe}{globe}")), "🌍🌍");
        assert_eq!(replaced(":ROCKET: :+1: :thumbs_up:"), "🚀 👍 👍");
        assert_eq!(replaced("a:rocket:b:rocket:"), "a🚀b🚀");
    }

    #[test]
    fn names_are_spelled_in_plain_letters() {
        assert_eq!(emoji("flag_cote_divoire"), emoji("flag_cote_d_ivoire"));
        assert_eq!(emoji("keycap_hash"), Some("#️⃣"));
        assert_eq!(emoji("one_o_clock"), Some("🕐"));
        assert_eq!(emoji("cat"), Some("🐈"));
    }
}
