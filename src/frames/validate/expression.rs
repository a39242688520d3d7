//! Expressions over the columns of a row, read from text.
//!
//! Described for users in docs/expressions.md.
#![forbid(unsafe_code)]

use super::ast::{Ast, Term};
use super::lexer::{Token, Wrong, words};

/// Steps from the root of a tree to its furthest leaf: every pass over a tree recurses, so this bounds the stack.
const DEEPEST: usize = 100;

/// Bytes of an expression, and so nodes of its tree.
const LONGEST: usize = 100_000;

/// Reads an expression.
///
/// # Errors
/// What was expected, and where.
pub fn parse(text: &str) -> Result<Ast, Wrong> {
    if text.len() > LONGEST {
        return Err(Wrong { what: format!("an expression has at most {LONGEST} bytes"), at: LONGEST });
    }
    let mut reader = Reader { words: words(text)?, next: 0, end: text.len(), depth: 0 };
    let ast = reader.or()?;
    match reader.words.get(reader.next) {
        None => Ok(ast),
        Some((_, at)) => Err(Wrong { what: "expected an operator or the end".to_owned(), at: *at }),
    }
}

struct Reader {
    words: Vec<(Token, usize)>,
    next: usize,
    end: usize,
    depth: usize,
}

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

impl Reader {
    fn at(&self) -> usize {
        self.words.get(self.next).map_or(self.end, |(_, at)| *at)
    }

    fn expected<T>(&self, what: &str) -> Result<T, Wrong> {
        Err(Wrong { what: format!("expected {what}"), at: self.at() })
    }

    fn peek(&self) -> Option<&Token> {
        self.words.get(self.next).map(|(token, _)| token)
    }

    fn sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        match self.peek() {
            Some(Token::Sign(sign)) if signs.contains(sign) => {
                let sign = *sign;
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn is_keyword(&self, ahead: usize, word: &str) -> bool {
        matches!(self.words.get(self.next + ahead), Some((Token::Word(found), _)) if found.eq_ignore_ascii_case(word))
    }

    fn keyword(&mut self, word: &str) -> bool {
        let found = self.is_keyword(0, word);
        self.next += usize::from(found);
        found
    }

    fn close(&mut self) -> Result<(), Wrong> {
        match self.sign(&[")"]) {
            Some(_) => Ok(()),
            None => self.expected("\")\""),
        }
    }

    fn node(&self, what: Term, at: usize) -> Result<Ast, Wrong> {
        let ast = Ast::at(what, at);
        if ast.depth > DEEPEST {
            let what = format!("an expression is at most {DEEPEST} levels deep; it is deeper");
            return Err(Wrong { what, at });
        }
        Ok(ast)
    }

    /// Runs `read` one level deeper.
    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Ast, Wrong>) -> Result<Ast, Wrong> {
        if self.depth >= DEEPEST {
            return self.expected(&format!("at most {DEEPEST} levels"));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn chain(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Ast, Wrong>,
        join: fn(Vec<Ast>) -> Term,
    ) -> Result<Ast, Wrong> {
        let at = self.at();
        let first = part(self)?;
        if !self.is_keyword(0, word) {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.keyword(word) {
            all.push(part(self)?);
        }
        self.node(join(all), at)
    }

    fn or(&mut self) -> Result<Ast, Wrong> {
        self.chain("or", |this| this.chain("and", Self::not, Term::And), Term::Or)
    }

    fn not(&mut self) -> Result<Ast, Wrong> {
        let at = self.at();
        if self.keyword("not") {
            let inner = self.deeper(Self::not)?;
            return self.node(Term::Not(Box::new(inner)), at);
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Ast, Wrong> {
        let left = self.sum()?;
        let at = self.at();
        if let Some(sign) = self.sign(&COMPARISONS) {
            let right = self.sum()?;
            if let Some(Token::Sign(next)) = self.peek()
                && COMPARISONS.contains(next)
            {
                return self.expected("and or or between two comparisons");
            }
            return self.node(Term::Compare(sign, Box::new(left), Box::new(right)), at);
        }
        if self.keyword("is") {
            let negated = self.keyword("not");
            if !self.keyword("null") && !self.keyword("missing") {
                return self.expected("null");
            }
            let test = self.node(Term::IsNull(Box::new(left)), at)?;
            return self.negated(test, negated, at);
        }
        let negated = self.is_keyword(0, "not")
            && ["in", "between", "like", "ilike"].iter().any(|word| self.is_keyword(1, word));
        self.next += usize::from(negated);
        let test = if self.keyword("between") {
            let low = self.sum()?;
            if !self.keyword("and") {
                return self.expected("and");
            }
            let high = self.sum()?;
            Term::Between(Box::new(left), Box::new(low), Box::new(high))
        } else if self.keyword("in") {
            if self.sign(&["("]).is_none() {
                return self.expected("\"(\"");
            }
            Term::In(Box::new(left), self.list()?)
        } else if self.is_keyword(0, "like") || self.is_keyword(0, "ilike") {
            let folded = self.is_keyword(0, "ilike");
            self.next += 1;
            match self.peek().cloned() {
                Some(Token::Text(pattern)) => {
                    self.next += 1;
                    Term::Like(Box::new(left), pattern, folded)
                }
                _ => return self.expected("a pattern in quotes"),
            }
        } else {
            return Ok(left);
        };
        let test = self.node(test, at)?;
        self.negated(test, negated, at)
    }

    fn negated(&self, test: Ast, negated: bool, at: usize) -> Result<Ast, Wrong> {
        if negated { self.node(Term::Not(Box::new(test)), at) } else { Ok(test) }
    }

    /// What stands between parentheses, the first of which is read.
    fn list(&mut self) -> Result<Vec<Ast>, Wrong> {
        let mut items = Vec::new();
        if self.sign(&[")"]).is_some() {
            return Ok(items);
        }
        loop {
            items.push(self.deeper(Self::or)?);
            if self.sign(&[","]).is_none() {
                self.close()?;
                return Ok(items);
            }
        }
    }

    fn sum(&mut self) -> Result<Ast, Wrong> {
        let mut left = self.product()?;
        loop {
            let at = self.at();
            let Some(sign) = self.sign(&["+", "-", "||"]) else { return Ok(left) };
            let right = self.product()?;
            left = self.node(Term::Arithmetic(sign, Box::new(left), Box::new(right)), at)?;
        }
    }

    fn product(&mut self) -> Result<Ast, Wrong> {
        let mut left = self.unary()?;
        loop {
            let at = self.at();
            let Some(sign) = self.sign(&["*", "//", "/", "%"]) else { return Ok(left) };
            let right = self.unary()?;
            left = self.node(Term::Arithmetic(sign, Box::new(left), Box::new(right)), at)?;
        }
    }

    fn unary(&mut self) -> Result<Ast, Wrong> {
        let at = self.at();
        match self.sign(&["-", "+"]) {
            Some("-") => {
                // One piece with its number, so that the smallest integer can be written.
                if let Some(Token::Number(digits)) = self.peek().cloned() {
                    self.next += 1;
                    return self.node(Term::Number(format!("-{digits}")), at);
                }
                let inner = self.deeper(Self::unary)?;
                self.node(Term::Negate(Box::new(inner)), at)
            }
            Some(_) => self.deeper(Self::unary),
            None => self.value(),
        }
    }

    fn value(&mut self) -> Result<Ast, Wrong> {
        let at = self.at();
        let Some(token) = self.peek().cloned() else { return self.expected("a value") };
        let what = match token {
            Token::Number(digits) => Term::Number(digits),
            Token::Text(text) => Term::Text(text),
            Token::Column(name) => Term::Column(name),
            Token::Sign("(") => {
                self.next += 1;
                let inner = self.deeper(Self::or)?;
                self.close()?;
                return Ok(inner);
            }
            Token::Sign(_) => return self.expected("a value"),
            Token::Word(word) => return self.word(word, at),
        };
        self.next += 1;
        self.node(what, at)
    }

    fn word(&mut self, word: String, at: usize) -> Result<Ast, Wrong> {
        let lower = word.to_ascii_lowercase();
        let temporal = ["date", "timestamp", "time", "interval"].into_iter().find(|known| *known == lower);
        let what = match (lower.as_str(), self.words.get(self.next + 1).map(|(token, _)| token)) {
            (_, Some(Token::Sign("("))) if !KEYWORDS.contains(&lower.as_str()) => {
                self.next += 2;
                let arguments = self.list()?;
                return self.node(Term::Call(lower, arguments), at);
            }
            (_, Some(Token::Text(text))) if temporal.is_some() => {
                let text = text.clone();
                self.next += 1;
                Term::Temporal(temporal.unwrap_or_default(), text)
            }
            ("null", _) => Term::Null,
            ("true", _) => Term::Bool(true),
            ("false", _) => Term::Bool(false),
            (keyword, _) if KEYWORDS.contains(&keyword) => return self.expected("a value"),
            _ => Term::Column(word),
        };
        self.next += 1;
        self.node(what, at)
    }
}

/// Words that are no names of columns without backticks.
const KEYWORDS: [&str; 11] =
    ["and", "or", "not", "between", "in", "is", "like", "ilike", "null", "true", "false"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The tree with a parenthesis around everything.
    fn shape(ast: &Ast) -> String {
        let all = |items: &[Ast], with: &str| items.iter().map(shape).collect::<Vec<_>>().join(with);
        match &ast.what {
            Term::Column(name) => name.clone(),
            Term::Null => "null".into(),
            Term::Bool(value) => value.to_string(),
            Term::Number(digits) => digits.clone(),
            Term::Text(text) => format!("{text:?}"),
            Term::Temporal(kind, text) => format!("{kind}:{text}"),
            Term::Negate(one) => format!("(-{})", shape(one)),
            Term::Not(one) => format!("(not {})", shape(one)),
            Term::Arithmetic(sign, a, b) | Term::Compare(sign, a, b) => {
                format!("({} {sign} {})", shape(a), shape(b))
            }
            Term::And(items) => format!("({})", all(items, " and ")),
            Term::Or(items) => format!("({})", all(items, " or ")),
            Term::Between(a, b, c) => format!("({} between {} {})", shape(a), shape(b), shape(c)),
            Term::In(a, items) => format!("({} in {})", shape(a), all(items, ",")),
            Term::IsNull(a) => format!("({} is null)", shape(a)),
            Term::Like(a, pattern, _) => format!("({} like {pattern})", shape(a)),
            Term::Matches(a, pattern) => format!("({} matches {})", shape(a), pattern.text()),
            Term::Call(name, items) => format!("{name}[{}]", all(items, ",")),
        }
    }

    #[test]
    fn signs_bind_as_they_do_in_sql() {
        for (text, expected) in [
            ("a <= 1000 * b + -2", "(a <= ((1000 * b) + -2))"),
            ("a or b and not c = d", "(a or (b and (not (c = d))))"),
            ("a - b - c", "((a - b) - c)"),
            ("a not between 1 and 2 and b", "((not (a between 1 2)) and b)"),
            ("`two words` is not null", "(not (two words is null))"),
            ("x in (1, 'it''s') or y not like '%a'", r#"((x in 1,"it's") or (not (y like %a)))"#),
            ("date > DATE '2024-01-01'", "(date > date:2024-01-01)"),
            ("length(trim(a)) // 2 % 3 == 1.5e3", "(((length[trim[a]] // 2) % 3) = 1.5e3)"),
            ("-(-a) != +b", "((-(-a)) <> b)"),
            ("1_000 < .5", "(1000 < .5)"),
            ("größe >= 1 AND Not true", "((größe >= 1) and (not true))"),
        ] {
            assert_eq!(shape(&parse(text).unwrap()), expected);
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        for (text, what, at) in [
            ("", "expected a value", 0),
            ("a <= * b", "expected a value", 5),
            ("a < b < c", "expected and or or between two comparisons", 6),
            ("(a", "expected \")\"", 2),
            ("a b", "expected an operator or the end", 2),
            ("'abc", "' is not closed, opened", 0),
            ("a # b", "'#' has no meaning here", 2),
            ("12abc", "'a' does not belong to a number", 2),
            ("1e", "expected a digit of the exponent", 2),
            ("a between 1 or 2", "expected and", 12),
            ("a is 3", "expected null", 5),
            ("a like b", "expected a pattern in quotes", 7),
            ("a in 3", "expected \"(\"", 5),
            ("and", "expected a value", 0),
        ] {
            let wrong = parse(text).unwrap_err();
            assert_eq!((wrong.what.as_str(), wrong.at), (what, at), "{text}");
        }
        let written = parse("größe < '日本").unwrap_err().written("rules[0].expression", "größe < '日本");
        assert_eq!(
            written,
            "rules[0].expression: ' is not closed, opened at column 9\n  größe < '日本\n          ^"
        );
    }

    #[test]
    fn depth_and_length_are_bounded() {
        for deep in [
            "(".repeat(50_000),
            "not ".repeat(20_000),
            "-".repeat(50_000),
            "f(".repeat(40_000),
            format!("a{}", " + a".repeat(20_000)),
            "a".repeat(200_000),
        ] {
            assert!(parse(&deep).is_err());
        }
        assert!(parse(&format!("a{}", " and a".repeat(10_000))).is_ok());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in r"(?s).{0,60}") {
            if let Err(wrong) = parse(&text) {
                wrong.written("here", &text);
            }
        }

        #[test]
        fn no_row_of_words_makes_it_panic(words in prop::collection::vec(
            prop::sample::select(vec!["a", "(", ")", "and", "or", "not", "in", "is", "null", "1", "'x'", ",", "-", "*", "<",
                "between", "like", "date", "f", "`q`", "true"]), 0..30)) {
            let text = words.join(" ");
            if let Err(wrong) = parse(&text) {
                wrong.written("here", &text);
            }
        }
    }
}
