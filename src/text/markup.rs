//! The markup language: `[bold red]text[/]`, `[link=...]`, `[[` and `]]` for the brackets themselves.
//!
//! The grammar is Spectre.Console's. Positions in messages count characters from 0.
#![forbid(unsafe_code)]

use super::style::{self, Style};
use crate::error::Error;
use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// An address that text points to.
#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads; no control characters.
    pub url: String,
    /// Ties the pieces of a wrapped link together in a terminal; the same for the same address.
    pub id: u32,
}

impl Link {
    /// A link to `url`.
    ///
    /// # Errors
    /// A sentence when `url` holds control characters, which would end the escape sequence.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        if let Some(control) = url.chars().find(|character| character.is_control()) {
            return Err(format!("A link must not contain control characters, got {control:?}."));
        }
        let mut hasher = Fnv(0x811C_9DC5);
        url.hash(&mut hasher);
        Ok(Self { url: url.to_owned(), id: hasher.0 })
    }
}

/// FNV-1a: the standard hasher may change between compilers, and the id is part of the output.
struct Fnv(u32);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        u64::from(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    }
}

/// A stretch of text in one style.
#[derive(Debug)]
pub(super) struct Piece<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) style: Style,
    pub(super) link: Option<Rc<Link>>,
}

enum Token<'t> {
    Text(Cow<'t, str>),
    Open(Cow<'t, str>),
    Close { at: usize },
}

/// Reads tokens off a text; `at` is a byte index, turned into characters only for a message.
struct Tokens<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokens<'t> {
    fn malformed(&self, at: usize) -> String {
        let position = self.text[..at].chars().count();
        format!("Encountered malformed markup tag at position {position}.")
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Result<Option<Token<'t>>, String> {
        match self.peek() {
            None => Ok(None),
            Some(b'[') => self.tag().map(Some),
            Some(_) => self.plain().map(Some),
        }
    }

    fn plain(&mut self) -> Result<Token<'t>, String> {
        let mut text = Cow::Borrowed("");
        loop {
            let rest = &self.text[self.at..];
            let length = rest.find(['[', ']']).unwrap_or(rest.len());
            match &mut text {
                Cow::Borrowed("") => text = Cow::Borrowed(&rest[..length]),
                some => some.to_mut().push_str(&rest[..length]),
            }
            self.at += length;
            if self.peek() != Some(b']') {
                return Ok(Token::Text(text));
            }
            self.at += 1;
            if self.peek() != Some(b']') {
                let position = self.text[..self.at].chars().count();
                return Err(format!("Encountered unescaped ']' token at position {position}"));
            }
            self.at += 1;
            text.to_mut().push(']');
        }
    }

    fn tag(&mut self) -> Result<Token<'t>, String> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            None => return Err(self.malformed(self.at)),
            Some(b'[') => {
                self.at += 1;
                return Ok(Token::Text(Cow::Borrowed("[")));
            }
            Some(b'/') => {
                self.at += 1;
                if self.peek() != Some(b']') {
                    return Err(self.malformed(self.at));
                }
                self.at += 1;
                return Ok(Token::Close { at: start });
            }
            Some(_) => {}
        }
        let mut words = Cow::Borrowed(""); // borrowed until a doubled bracket forces a copy
        let mut copied = self.at;
        let mut in_link = false; // only an address may hold brackets, doubled
        let mut word = self.at;
        loop {
            let Some(byte) = self.peek() else { return Err(self.malformed(self.text.len())) };
            let doubled = in_link && self.text.as_bytes().get(self.at + 1) == Some(&byte);
            match byte {
                b']' | b'[' if doubled => {
                    words.to_mut().push_str(&self.text[copied..=self.at]);
                    self.at += 1;
                    copied = self.at + 1;
                }
                b']' => break,
                b'[' => return Err(self.malformed(self.at)),
                b' ' => (in_link, word) = (false, self.at + 1),
                b'=' if !in_link => {
                    in_link = self.text[word..self.at].eq_ignore_ascii_case("link");
                }
                _ => {}
            }
            self.at += 1;
        }
        let tail = &self.text[copied..self.at];
        match &mut words {
            Cow::Borrowed(_) => words = Cow::Borrowed(tail),
            Cow::Owned(words) => words.push_str(tail),
        }
        self.at += 1;
        if self.at == self.text.len() {
            return Err(self.malformed(self.at)); // opened at the very end: nothing could close it
        }
        Ok(Token::Open(words))
    }
}

/// Splits `markup` into pieces of one style each, over the style `base`. Neighbours differ.
///
/// # Errors
/// The sentence for the user, with the position of the tag where it has one.
pub(super) fn parse(markup: &str, base: Style) -> Result<Vec<Piece<'_>>, String> {
    let mut tokens = Tokens { text: markup, at: 0 };
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut stack = Vec::new();
    let (mut style, mut link) = (base, None::<Rc<Link>>);
    while let Some(token) = tokens.next()? {
        match token {
            Token::Open(words) => {
                let tag = style::parse(&words)?;
                stack.push((style, link.clone()));
                style = style.over(tag.style);
                if let Some(url) = tag.link {
                    link = Some(Rc::new(Link::new(url)?));
                }
            }
            Token::Close { at } => {
                (style, link) = stack.pop().ok_or_else(|| {
                    let position = markup[..at].chars().count();
                    format!("Encountered closing tag when none was expected near position {position}.")
                })?;
            }
            Token::Text(text) => match pieces.last_mut() {
                Some(last) if last.style == style && same_link(&last.link, &link) => {
                    last.text.to_mut().push_str(&text);
                }
                _ => pieces.push(Piece { text, style, link: link.clone() }),
            },
        }
    }
    if !stack.is_empty() {
        return Err("Unbalanced markup stack. Did you forget to close a tag?".to_owned());
    }
    resolve_own_links(&mut pieces)?;
    Ok(pieces)
}

fn same_link(first: &Option<Rc<Link>>, second: &Option<Rc<Link>>) -> bool {
    match (first, second) {
        (None, None) => true,
        // Two `[link]` side by side share the empty address and are still two links.
        (Some(first), Some(second)) => {
            Rc::ptr_eq(first, second) || (first == second && !first.url.is_empty())
        }
        _ => false,
    }
}

/// Gives each `[link]...[/]` without an address the text it encloses.
fn resolve_own_links(pieces: &mut [Piece<'_>]) -> Result<(), String> {
    let mut start = 0;
    while start < pieces.len() {
        let mut end = start + 1;
        if let Some(link) = pieces[start].link.clone().filter(|link| link.url.is_empty()) {
            let same = |piece: &Piece<'_>| piece.link.as_ref().is_some_and(|other| Rc::ptr_eq(other, &link));
            end += pieces[end..].iter().take_while(|piece| same(piece)).count();
            let url: String = pieces[start..end].iter().map(|piece| piece.text.as_ref()).collect();
            let resolved = Rc::new(Link::new(&url)?);
            pieces[start..end].iter_mut().for_each(|piece| piece.link = Some(Rc::clone(&resolved)));
        }
        start = end;
    }
    Ok(())
}

/// `text` with its brackets doubled, so that markup shows it as it is.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['[', ']']) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        escaped.push(character);
        if matches!(character, '[' | ']') {
            escaped.push(character);
        }
    }
    Cow::Owned(escaped)
}

/// The text of `markup` without its tags. The words inside the tags are not looked at.
///
/// # Errors
/// [`Error::Invalid`] when a bracket is neither doubled nor part of a tag.
pub fn strip(markup: &str) -> Result<String, Error> {
    let mut tokens = Tokens { text: markup, at: 0 };
    let mut stripped = String::with_capacity(markup.len());
    loop {
        match tokens.next() {
            Ok(Some(Token::Text(text))) => stripped.push_str(&text),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(stripped),
            Err(message) => return Err(Error::Invalid(format!("markup: {message}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(markup: &str) -> Vec<String> {
        let pieces = parse(markup, Style::PLAIN).unwrap();
        pieces.into_iter().map(|piece| piece.text.into_owned()).collect()
    }

    #[test]
    fn tags_nest_and_equal_neighbours_join() {
        assert_eq!(texts("[yellow]Hello [italic]World[/]![/]"), ["Hello ", "World", "!"]);
        assert_eq!(texts("[yellow][[Hello]][/] [red][[World]][/]"), ["[Hello]", " ", "[World]"]);
        assert_eq!(texts("[white][[[/][white]]][/]"), ["[]"]);
        assert!(texts("[red][/]").is_empty());
    }

    #[test]
    fn links_hold_doubled_brackets() {
        let url = |markup| parse(markup, Style::PLAIN).unwrap()[0].link.as_ref().unwrap().url.clone();
        assert_eq!(url("[link=file://c:/temp/[[x]].txt]a[/]"), "file://c:/temp/[x].txt");
        assert_eq!(url("[black on white link=https://a.b/q=]]]Search[/]"), "https://a.b/q=]");
        assert_eq!(url("[link=https://a.b/q=]] black on white]Search[/]"), "https://a.b/q=]");
        assert_eq!(url("[link]https://[bold]x[/].com[/]"), "https://x.com");
        assert!(parse("[link=a\x1b]b[/]", Style::PLAIN).unwrap_err().contains("control"));
    }

    #[test]
    fn two_links_side_by_side_stay_two() {
        let pieces = parse("[link]a[/][link]b[/]", Style::PLAIN).unwrap();
        let urls: Vec<_> = pieces.iter().map(|piece| piece.link.as_ref().unwrap().url.as_str()).collect();
        assert_eq!(urls, ["a", "b"]);
    }

    #[test]
    fn mistakes_are_placed() {
        for (markup, message) in [
            ("Hello [[ World ]", "Encountered unescaped ']' token at position 16"),
            ("Hello [[ World ] !", "Encountered unescaped ']' token at position 16"),
            ("[yellow]Hello[/foo", "Encountered malformed markup tag at position 15."),
            ("[yellow]Hello[/", "Encountered malformed markup tag at position 15."),
            ("[yellow]Hello[", "Encountered malformed markup tag at position 14."),
            ("[yellow[green]]Hello", "Encountered malformed markup tag at position 7."),
            ("Hello[/]World", "Encountered closing tag when none was expected near position 5."),
            ("[red]Hello", "Unbalanced markup stack. Did you forget to close a tag?"),
            ("Hello [red]", "Encountered malformed markup tag at position 11."),
            ("é[x]é[/]", "Could not find color or style 'x'."),
        ] {
            assert_eq!(parse(markup, Style::PLAIN).unwrap_err(), message, "{markup}");
        }
    }

    proptest! {
        #[test]
        fn what_is_escaped_comes_back(text in "[\\[\\]/a =:\u{e9}]*") {
            let escaped = escape(&text);
            prop_assert_eq!(strip(&escaped).unwrap(), text.clone());
            prop_assert_eq!(texts(&escaped).concat(), text);
        }

        #[test]
        fn any_text_is_markup_or_a_mistake(text in "[\\[\\]/a =nkredlio\u{e9}]*") {
            let _ = parse(&text, Style::PLAIN);
            let _ = strip(&text);
        }
    }
}
