//! What a file of text calls null.
#![forbid(unsafe_code)]

/// What people and programs write where a number or a day is missing. None of them is a value of such a type.
pub const WORDS: [&str; 9] = ["NA", "N/A", "n/a", "#N/A", "<NA>", "NULL", "null", "None", "\\N"];

/// Which texts stand for null where they are not quoted.
#[derive(Clone, Debug)]
pub struct Nulls {
    /// The empty one does.
    pub empty: bool,
    /// Others, in every column.
    pub words: Vec<Vec<u8>>,
    /// Each of [`WORDS`] does in a column that is not text.
    pub usual: bool,
}

impl Default for Nulls {
    fn default() -> Self {
        Self { empty: true, words: Vec::new(), usual: true }
    }
}

impl Nulls {
    /// No text is null.
    pub const NONE: Self = Self { empty: false, words: Vec::new(), usual: false };

    /// Whether an unquoted text is null in every column.
    #[inline(always)]
    pub fn matches(&self, text: &[u8]) -> bool {
        if text.is_empty() {
            return self.empty;
        }
        !self.words.is_empty() && self.words.iter().any(|word| word == text)
    }

    /// Which of [`WORDS`] an unquoted text is, spaces around it apart, where these count.
    #[inline]
    pub fn word(&self, text: &[u8]) -> Option<usize> {
        let text = text.trim_ascii();
        let short = self.usual && (2..=4).contains(&text.len());
        if !short || !matches!(text[0], b'N' | b'n' | b'#' | b'<' | b'\\') {
            return None;
        }
        WORDS.iter().position(|word| word.as_bytes() == text)
    }

    /// Whether a text that reads as a value may be null all the same.
    #[inline(always)]
    pub fn look_like_values(&self) -> bool {
        !self.usual && !self.words.is_empty()
    }

    /// Takes what `seen`, a bit for each of [`WORDS`], was null in some columns for null in those of text as well.
    pub fn adopt(&mut self, seen: u16) {
        if self.usual {
            let words = WORDS.iter().enumerate().filter(|(index, _)| seen >> index & 1 == 1);
            self.words = words.map(|(_, word)| word.as_bytes().to_vec()).collect();
        }
    }

    /// What is null in every column.
    pub fn everywhere(&self) -> Vec<String> {
        let empty = self.empty.then(String::new);
        empty
            .into_iter()
            .chain(self.words.iter().map(|word| String::from_utf8_lossy(word).into_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frames::sources::kind::Guess;

    #[test]
    fn every_word_is_found_and_none_is_a_value() {
        for (index, word) in WORDS.iter().enumerate() {
            assert_eq!(Nulls::default().word(word.as_bytes()), Some(index), "{word}");
            let mut guess = Guess::default();
            guess.observe(word.as_bytes());
            assert_eq!(guess.finish(), crate::frames::sources::kind::Kind::Text, "{word}");
        }
        assert_eq!(Nulls::default().word(b"Nauru"), None);
        assert_eq!(Nulls::NONE.word(b"NA"), None);
    }

    #[test]
    fn words_seen_in_other_columns_are_null_in_text() {
        let mut nulls = Nulls::default();
        assert!(!nulls.matches(b"NA"));
        nulls.adopt(0b1001);
        assert!(nulls.matches(b"NA") && nulls.matches(b"#N/A") && !nulls.matches(b"n/a"));
        assert_eq!(nulls.everywhere(), ["", "NA", "#N/A"]);
        let mut given = Nulls { empty: false, words: vec![b"-".to_vec()], usual: false };
        given.adopt(1);
        assert_eq!(given.everywhere(), ["-"]);
    }
}
