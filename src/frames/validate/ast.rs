//! Expressions, once they are read.
#![forbid(unsafe_code)]

use super::pattern::Pattern;

/// An expression, and where its own sign or word stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The expression.
    pub what: Term,
    /// Byte of the text.
    pub at: usize,
    /// How deep it goes.
    pub(super) depth: usize,
}

/// Kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum Term {
    /// A column by name.
    Column(String),
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as written.
    Number(String),
    /// Text.
    Text(String),
    /// `date '...'`, `timestamp '...'`, `time '...'`, `interval '...'`
    Temporal(&'static str, String),
    /// `-x`
    Negate(Box<Ast>),
    /// `not x`
    Not(Box<Ast>),
    /// `a + b` and the like: `+ - * / // % ||`
    Arithmetic(&'static str, Box<Ast>, Box<Ast>),
    /// `a < b` and the like: `= <> < <= > >=`
    Compare(&'static str, Box<Ast>, Box<Ast>),
    /// `a and b and c`
    And(Vec<Ast>),
    /// `a or b or c`
    Or(Vec<Ast>),
    /// `x between a and b`
    Between(Box<Ast>, Box<Ast>, Box<Ast>),
    /// `x in (a, b)`
    In(Box<Ast>, Vec<Ast>),
    /// `x is null`
    IsNull(Box<Ast>),
    /// `x like '...'`; without regard to case for `ilike`
    Like(Box<Ast>, String, bool),
    /// A compiled pattern is found in x; nobody writes this.
    Matches(Box<Ast>, Pattern),
    /// `name(a, b)`, the name in lower case
    Call(String, Vec<Ast>),
}

impl Ast {
    /// A tree that nobody wrote, so that nothing in it has a place.
    pub fn of(what: Term) -> Self {
        Self { what, at: 0, depth: 0 }
    }

    /// A tree whose own sign or word stands at byte `at`.
    pub fn at(what: Term, at: usize) -> Self {
        let mut ast = Self { what, at, depth: 0 };
        ast.depth = 1 + ast.children().map(|child| child.depth).max().unwrap_or(0);
        ast
    }

    /// Names of the columns it speaks of, in order, each once.
    pub fn columns(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.visit(&mut |name| {
            if !found.iter().any(|known| known == name) {
                found.push(name.to_owned());
            }
        });
        found
    }

    fn visit(&self, see: &mut impl FnMut(&str)) {
        match &self.what {
            Term::Column(name) => see(name),
            _ => self.children().for_each(|child| child.visit(see)),
        }
    }

    fn children(&self) -> Box<dyn Iterator<Item = &Ast> + '_> {
        match &self.what {
            Term::Column(_)
            | Term::Null
            | Term::Bool(_)
            | Term::Number(_)
            | Term::Text(_)
            | Term::Temporal(..) => Box::new(std::iter::empty()),
            Term::Negate(one)
            | Term::Not(one)
            | Term::IsNull(one)
            | Term::Like(one, ..)
            | Term::Matches(one, _) => Box::new(std::iter::once(one.as_ref())),
            Term::Arithmetic(_, one, other) | Term::Compare(_, one, other) => {
                Box::new([one.as_ref(), other.as_ref()].into_iter())
            }
            Term::Between(one, low, high) => {
                Box::new([one.as_ref(), low.as_ref(), high.as_ref()].into_iter())
            }
            Term::In(one, items) => Box::new(std::iter::once(one.as_ref()).chain(items)),
            Term::And(all) | Term::Or(all) | Term::Call(_, all) => Box::new(all.iter()),
        }
    }
}
