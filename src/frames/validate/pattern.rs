//! Patterns in text: regular expressions and SQL's LIKE, both in time linear in the text.
//!
//! A pattern becomes an automaton with a table of states where that stays small; then a test is one step a byte and
//! four values are walked side by side, because each step waits for the one before. Other patterns go to the
//! engine of the `regex` crate.
#![forbid(unsafe_code)]

use super::bits::Bits;
use regex_automata::dfa::Automaton;
use regex_automata::dfa::dense::{self, DFA};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::util::syntax;
use regex_automata::{Anchored, MatchKind, meta};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, Look, Repetition};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Bytes of a pattern's text.
const LONGEST: usize = 10_000;
/// Bytes a compiled pattern may take.
const LARGEST: usize = 10 << 20;
/// Bytes a table of states may take: it is to stay in the cache.
const TABLE: usize = 256 << 10;
/// Bytes of memory to make that table with.
const WORKSHOP: usize = 4 << 20;

/// A pattern, compiled.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    full: bool,
    engine: Arc<Engine>,
}

enum Engine {
    /// Every state of the automaton, and the one to begin with. It looks at every byte: once it has matched, it stays.
    Table(Box<DFA<Vec<u32>>>, StateID),
    Regex(Box<meta::Regex>),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, self.full) == (&other.text, other.full)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text).field(&self.full).finish()
    }
}

impl Pattern {
    /// A regular expression, found anywhere in the text or, if `full`, matching all of it.
    ///
    /// # Errors
    /// What is wrong with the pattern, in one line.
    pub fn regex(text: &str, full: bool) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let config = syntax::Config::new().nest_limit(100);
        let hir = syntax::parse_with(text, &config).map_err(|error| in_one_line(&error.to_string()))?;
        let hir =
            if full { Hir::concat(vec![Hir::look(Look::Start), hir, Hir::look(Look::End)]) } else { hir };
        let engine = Engine::new(hir).map_err(|why| in_one_line(&why))?;
        Ok(Self { text: text.to_owned(), full, engine: Arc::new(engine) })
    }

    /// A pattern of LIKE: `%` any text, `_` one character, `\` takes the next as it is.
    ///
    /// # Errors
    /// When the pattern is too large or ends in `\`.
    pub fn like(text: &str, folded: bool) -> Result<Self, String> {
        let mut regex = String::from(if folded { "(?si)" } else { "(?s)" });
        let mut characters = text.chars();
        while let Some(c) = characters.next() {
            match c {
                '%' => regex.push_str(".*"),
                '_' => regex.push('.'),
                '\\' => match characters.next() {
                    Some(next) => regex.push_str(&regex_syntax::escape(next.encode_utf8(&mut [0; 4]))),
                    None => return Err("it ends in a single \\".to_owned()),
                },
                _ => regex.push_str(&regex_syntax::escape(c.encode_utf8(&mut [0; 4]))),
            }
        }
        Self::regex(&regex, true)
    }

    /// The pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it must match all of a text.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Which of these values it is found in.
    pub fn test(&self, values: &[Cow<'_, [u8]>]) -> Bits {
        match self.engine.as_ref() {
            Engine::Table(table, start) => test_four(table, *start, values),
            Engine::Regex(regex) => Bits::from_fn(values.len(), |at| regex.is_match(&values[at][..])),
        }
    }
}

fn in_one_line(message: &str) -> String {
    // The parser draws the pattern with a caret; its last line says what is wrong.
    let last = message.lines().last().unwrap_or(message);
    last.trim_start_matches("error: ").to_owned()
}

impl Engine {
    fn new(hir: Hir) -> Result<Self, String> {
        if let Some(engine) = Self::table(&hir) {
            return Ok(engine);
        }
        let config = meta::Config::new()
            .utf8_empty(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(LARGEST))
            .hybrid_cache_capacity(LARGEST);
        let regex = meta::Builder::new().configure(config).build_from_hir(&hir);
        regex.map(|regex| Self::Regex(Box::new(regex))).map_err(|error| match error.size_limit() {
            Some(limit) => format!("compiled it takes more than {limit} bytes"),
            None => error.to_string(),
        })
    }

    fn table(hir: &Hir) -> Option<Self> {
        // Whatever follows a match belongs to it, so the state at the end is the answer.
        let any = Hir::class(Class::Bytes(ClassBytes::new([ClassBytesRange::new(0, 255)])));
        let rest = Hir::repetition(Repetition { min: 0, max: None, greedy: true, sub: Box::new(any) });
        let hir = Hir::concat(vec![hir.clone(), rest]);
        let config = thompson::Config::new()
            .utf8(false)
            .which_captures(WhichCaptures::None)
            .nfa_size_limit(Some(TABLE));
        let nfa = thompson::Compiler::new().configure(config).build_from_hir(&hir).ok()?;
        let config = dense::Config::new()
            .match_kind(MatchKind::All)
            .start_kind(regex_automata::dfa::StartKind::Unanchored)
            .accelerate(false)
            .dfa_size_limit(Some(TABLE))
            .determinize_size_limit(Some(WORKSHOP));
        let table = dense::Builder::new().configure(config).build_from_nfa(&nfa).ok()?;
        let start = table.start_state(&start::Config::new().anchored(Anchored::No)).ok()?;
        Some(Self::Table(Box::new(table), start))
    }
}

fn test_four(table: &DFA<Vec<u32>>, start: StateID, values: &[Cow<'_, [u8]>]) -> Bits {
    let finish = |state: StateID, rest: &[u8]| {
        let last = rest.iter().fold(state, |state, byte| table.next_state(state, *byte));
        table.is_match_state(table.next_eoi_state(last))
    };
    let mut found = Bits::zeros(values.len());
    let mut fours = values.chunks_exact(4);
    let mut at = 0;
    for four in fours.by_ref() {
        let [a, b, c, d] = [&four[0][..], &four[1][..], &four[2][..], &four[3][..]];
        let shared = a.len().min(b.len()).min(c.len()).min(d.len());
        let mut states = [start; 4];
        for (((a, b), c), d) in a[..shared].iter().zip(&b[..shared]).zip(&c[..shared]).zip(&d[..shared]) {
            states = [
                table.next_state(states[0], *a),
                table.next_state(states[1], *b),
                table.next_state(states[2], *c),
                table.next_state(states[3], *d),
            ];
        }
        for (value, state) in four.iter().zip(states) {
            if finish(state, &value[shared..]) {
                found.set(at);
            }
            at += 1;
        }
    }
    for value in fours.remainder() {
        if finish(start, value) {
            found.set(at);
        }
        at += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    fn found(pattern: &Pattern, texts: &[&str]) -> Vec<bool> {
        let values: Vec<Cow<'_, [u8]>> = texts.iter().map(|text| Cow::Borrowed(text.as_bytes())).collect();
        let bits = pattern.test(&values);
        (0..texts.len()).map(|at| bits.get(at)).collect()
    }

    const PATTERNS: [&str; 22] = [
        "",
        "a",
        "^a",
        "a$",
        "^a$",
        "^$",
        "ab|cd",
        "^[A-Z]{2}\\d{4}$",
        "\\bfoo\\b",
        "(?i)straße",
        "é",
        ".",
        "^.{3}$",
        "a*",
        "a+b",
        "[^a]",
        "(?m)^b$",
        "\\w+@\\w+\\.com",
        "(a|b)*c",
        "\\s",
        "^\\p{Lu}",
        "x{2,3}",
    ];

    /// Compiled once: that takes longer than any test.
    static COMPILED: LazyLock<Vec<(Pattern, meta::Regex)>> = LazyLock::new(|| {
        let both = |text: &&str| (Pattern::regex(text, false).unwrap(), meta::Regex::new(text).unwrap());
        PATTERNS.iter().map(both).collect()
    });

    proptest! {
        #[test]
        fn both_engines_agree(texts in prop::collection::vec("[abcdA-Z0-9 éß@.\n]{0,12}|AB1234|a@b.com|foo", 0..9)) {
            for (ours, oracle) in COMPILED.iter() {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let expected: Vec<bool> = texts.iter().map(|text| oracle.is_match(*text)).collect();
                prop_assert_eq!(found(ours, &texts), expected, "{}", ours.text());
            }
        }
    }

    #[test]
    fn full_and_like_match_the_whole_text() {
        let full = Pattern::regex("a|ab", true).unwrap();
        assert_eq!(found(&full, &["a", "ab", "b", "abc", "a\n"]), [true, true, false, false, false]);
        let like = Pattern::like("a_c%", false).unwrap();
        assert_eq!(
            found(&like, &["abc", "aéc\nmore", "ac", "xabc", "ABC"]),
            [true, true, false, false, false]
        );
        assert_eq!(
            found(&Pattern::like("50\\%.", true).unwrap(), &["50%.", "500.", "50%x"]),
            [true, false, false]
        );
        assert_eq!(found(&Pattern::like("É%", true).unwrap(), &["été"]), [true]);
        assert!(Pattern::like("a\\", false).is_err());
    }

    #[test]
    fn common_patterns_get_a_table_and_hard_ones_still_work() {
        for pattern in ["^[A-Z]{2}\\d{4}$", "^(paid|open|void)$", "\\w+@\\w+\\.\\w+"] {
            let is_table = matches!(*Pattern::regex(pattern, false).unwrap().engine, Engine::Table(..));
            assert!(is_table || pattern.contains("\\w"), "{pattern}");
        }
        let hard = Pattern::regex("(a|b)*a(a|b){14}", false).unwrap();
        assert!(matches!(*hard.engine, Engine::Regex(_)));
        assert_eq!(found(&hard, &["abbbbbbbbbbbbbbb", "bbbbbbbbbbbbbbbb"]), [true, false]);
    }

    #[test]
    fn refusals_say_why_in_one_line() {
        assert_eq!(Pattern::regex("(a", false).unwrap_err(), "unclosed group");
        assert_eq!(
            Pattern::regex("(?=a)", false).unwrap_err(),
            "look-around, including look-ahead and look-behind, is not supported"
        );
        assert!(Pattern::regex(&"a".repeat(20_000), false).unwrap_err().contains("10000 bytes"));
        assert!(Pattern::regex("((a{1000}){1000}){1000}", false).unwrap_err().contains("bytes"));
        assert!(Pattern::regex(&"(".repeat(5000), false).is_err());
    }
}
