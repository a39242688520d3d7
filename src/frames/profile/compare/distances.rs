//! How far apart two distributions are.
#![forbid(unsafe_code)]

use super::LISTED;
use crate::frames::profile::column::{Column, Values};
use crate::frames::profile::distinct::unhash8;
use crate::frames::profile::numbers::Numbers;
use crate::frames::profile::table::{Table, Word};
use crate::frames::profile::tally::Tally;
use crate::frames::value::Value;

/// Bins of equal frequency that numbers are put into.
const BINS: usize = 10;

/// A share no bin is taken to be below: what was never seen is not impossible.
const LEAST: f64 = 1e-4;

/// How far two columns are apart.
#[derive(Default)]
pub(super) struct Distances {
    pub(super) psi: Option<f64>,
    pub(super) ks: Option<f64>,
    pub(super) js: Option<f64>,
    pub(super) new: Option<Vec<(Value, u64)>>,
    pub(super) lost: Option<Vec<(Value, u64)>>,
}

pub(super) fn distances(was: &Column, is: &Column) -> Distances {
    if was.count() == 0 || is.count() == 0 {
        return Distances::default();
    }
    if let (Values::Booleans(was), Values::Booleans(is)) = (&was.values, &is.values) {
        let shares = |no: u64, yes: u64| [no as f64 / (no + yes) as f64, yes as f64 / (no + yes) as f64];
        let (p, q) = (shares(was.no, was.yes), shares(is.no, is.yes));
        let only = |here: [u64; 2], there: [u64; 2]| {
            let values = [false, true].into_iter().enumerate();
            values
                .filter(|(at, _)| here[*at] > 0 && there[*at] == 0)
                .map(|(at, value)| (Value::Bool(value), here[at]))
                .collect()
        };
        return Distances {
            psi: Some(psi(&p, &q)),
            js: Some(js(p.into_iter().zip(q))),
            new: Some(only([is.no, is.yes], [was.no, was.yes])),
            lost: Some(only([was.no, was.yes], [is.no, is.yes])),
            ks: None,
        };
    }
    let mut distances = match (was.numbers(), is.numbers()) {
        (Some(was), Some(is)) => numbers(was, is),
        _ => Distances::default(),
    };
    let spell = |column: &Column, hash: u64, word: Option<Word<'_>>| -> Value {
        match (&column.values, word) {
            (Values::Texts(texts), Some(word)) => texts.spelled_start(word.bytes),
            (Values::Reals(_), _) => Value::Real(f64::from_bits(unhash8(hash))),
            _ => Value::None,
        }
    };
    if let (Values::Texts(_), Some(Tally::Few(old)), Some(Tally::Few(new))) =
        (&was.values, was.tally(), is.tally())
    {
        let shares = shares(old, new);
        distances.js = Some(js(shares.iter().map(|(_, pair)| *pair)));
        distances.psi = Some(category_psi(shares.into_iter().map(|(_, pair)| pair).collect()));
        distances.new = Some(only(is, new, old, &spell));
        distances.lost = Some(only(was, old, new, &spell));
    }
    distances
}

/// Values that only one of two tables has, the most frequent first.
fn only(
    column: &Column,
    here: &Table,
    there: &Table,
    spell: &dyn Fn(&Column, u64, Option<Word<'_>>) -> Value,
) -> Vec<(Value, u64)> {
    let mut all: Vec<(u64, u64, Option<Word<'_>>)> = here
        .entries()
        .filter(|(slot, _)| there.count(slot.hash) == 0)
        .map(|(slot, word)| (slot.count, slot.hash, word))
        .collect();
    all.sort_unstable_by_key(|(count, hash, _)| (std::cmp::Reverse(*count), *hash));
    let each = all.into_iter().enumerate();
    // Only those that are listed are spelled; the others are counted.
    each.map(|(at, (count, hash, word))| {
        (if at < LISTED { spell(column, hash, word) } else { Value::None }, count)
    })
    .collect()
}

/// The shares every value has in two tables.
fn shares(old: &Table, new: &Table) -> Vec<(u64, (f64, f64))> {
    let share = |table: &Table, hash| table.count(hash) as f64 / table.total() as f64;
    let mut hashes: Vec<u64> = old.entries().chain(new.entries()).map(|(slot, _)| slot.hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.into_iter().map(|hash| (hash, (share(old, hash), share(new, hash)))).collect()
}

/// Over the most frequent values, the others together: an index over thousands of rare ones is all noise.
fn category_psi(mut shares: Vec<(f64, f64)>) -> f64 {
    const MOST: usize = 20;
    shares.sort_unstable_by(|a, b| (b.0 + b.1).total_cmp(&(a.0 + a.1)));
    if shares.len() > MOST {
        let rest = shares.split_off(MOST);
        shares.push(rest.into_iter().fold((0.0, 0.0), |(p, q), (a, b)| (p + a, q + b)));
    }
    let (p, q): (Vec<f64>, Vec<f64>) = shares.into_iter().unzip();
    psi(&p, &q)
}

pub(super) fn psi(p: &[f64], q: &[f64]) -> f64 {
    let each = p.iter().zip(q).map(|(p, q)| (p.max(LEAST), q.max(LEAST)));
    each.map(|(p, q)| (q - p) * (q / p).ln()).sum()
}

/// Jensen-Shannon distance: the square root of the divergence in base 2.
pub(super) fn js(shares: impl Iterator<Item = (f64, f64)>) -> f64 {
    let half = |p: f64, middle: f64| if p > 0.0 { p * (p / middle).log2() / 2.0 } else { 0.0 };
    let divergence: f64 = shares.map(|(p, q)| half(p, (p + q) / 2.0) + half(q, (p + q) / 2.0)).sum();
    divergence.clamp(0.0, 1.0).sqrt()
}

/// The distributions of two columns of numbers, from all values or from their sketches.
pub(super) fn numbers(was: &Numbers, is: &Numbers) -> Distances {
    let (old, new) = (was.weighted(), is.weighted());
    let (total_old, total_new) = (total(&old), total(&new));
    if total_old == 0.0 || total_new == 0.0 {
        return Distances::default();
    }
    // Upper edges of bins that each hold a tenth of the old values; equal edges fall together.
    let mut edges: Vec<u64> = Vec::new();
    let (mut below, mut next) = (0.0, 1.0);
    for (key, times) in &old {
        below += *times as f64;
        let share = below * BINS as f64 / total_old + 1e-9;
        if share >= next {
            edges.push(*key);
            next = share.floor() + 1.0;
        }
    }
    edges.pop(); // the last bin is open
    let binned = |all: &[(u64, u64)], total: f64| -> Vec<f64> {
        let mut bins = vec![0.0; edges.len() + 1];
        all.iter()
            .for_each(|(key, times)| bins[edges.partition_point(|edge| edge < key)] += *times as f64 / total);
        bins
    };
    let (p, q) = (binned(&old, total_old), binned(&new, total_new));
    let mut ks = 0.0_f64;
    let (mut left, mut right) = (old.iter().peekable(), new.iter().peekable());
    let (mut a, mut b) = (0.0, 0.0);
    loop {
        let key = match (left.peek(), right.peek()) {
            (Some((x, _)), Some((y, _))) => *x.min(y),
            (Some((x, _)), None) => *x,
            (None, Some((y, _))) => *y,
            (None, None) => break,
        };
        while let Some((_, times)) = left.next_if(|(next, _)| *next == key) {
            a += *times as f64 / total_old;
        }
        while let Some((_, times)) = right.next_if(|(next, _)| *next == key) {
            b += *times as f64 / total_new;
        }
        ks = ks.max((a - b).abs());
    }
    Distances {
        psi: Some(psi(&p, &q)),
        ks: Some(ks.min(1.0)),
        js: Some(js(p.into_iter().zip(q))),
        ..Distances::default()
    }
}

fn total(all: &[(u64, u64)]) -> f64 {
    all.iter().map(|(_, times)| *times as f64).sum()
}
