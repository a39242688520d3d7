//! A bitmap of numbers prime to 2, 3 and 5: one byte for 30 numbers, and how multiples lie in it.
//!
//! Bit `j` of byte `b` stands for `30 * b + RESIDUES[j]`. The multiples of a prime `p = 30 * q + r` that
//! are prime to 30 are `p * (30 * k + RESIDUES[j])`; each lies in byte `k * p + offset(j)` with
//! `offset(j) = q * RESIDUES[j] + r * RESIDUES[j] / 30 < p`: eight bytes, then the same again `p` bytes on.
#![forbid(unsafe_code)]

/// What is left by 30 of every prime above 5.
pub(super) const RESIDUES: [u64; 8] = [1, 7, 11, 13, 17, 19, 23, 29];

/// Index in [`RESIDUES`] of the first one that is not below `i`.
const AT_LEAST: [u8; 30] =
    [0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7];

/// `[i][j]`: whole turns of 30 in `RESIDUES[i] * RESIDUES[j]`.
const CARRY: [[u8; 8]; 8] = products(true);
/// `[i][j]`: every bit but the one for `RESIDUES[i] * RESIDUES[j]`.
const KEEP: [[u8; 8]; 8] = products(false);

const fn products(carry: bool) -> [[u8; 8]; 8] {
    let mut table = [[0; 8]; 8];
    let mut i = 0;
    while i < 8 {
        let mut j = 0;
        while j < 8 {
            let product = RESIDUES[i] * RESIDUES[j];
            let bit = AT_LEAST[(product % 30) as usize];
            table[i][j] = if carry { (product / 30) as u8 } else { !(1 << bit) };
            j += 1;
        }
        i += 1;
    }
    table
}

/// The bits of one byte, whose first number is `base`, that stand for numbers of at least `least`.
pub(super) fn from(base: u64, least: u64) -> u8 {
    let skip = RESIDUES.iter().filter(|&&residue| u128::from(base) + u128::from(residue) < u128::from(least));
    (0xFF_u32 << skip.count()) as u8
}

/// The bits of one byte, whose first number is `base`, that stand for numbers of at most `most`.
pub(super) fn up_to(base: u64, most: u64) -> u8 {
    let keep = RESIDUES.iter().filter(|&&residue| u128::from(base) + u128::from(residue) <= u128::from(most));
    ((1_u32 << keep.count()) - 1) as u8
}

/// `bits` without the multiples of `p`, for a bitmap that starts at 0 and is made while compiling.
pub(super) const fn crossed<const N: usize>(mut bits: [u8; N], p: u32) -> [u8; N] {
    let mut multiple = p as usize;
    while multiple < 30 * N {
        let bit = AT_LEAST[multiple % 30];
        if RESIDUES[bit as usize] as usize == multiple % 30 {
            bits[multiple / 30] &= !(1 << bit);
        }
        multiple += 2 * p as usize;
    }
    bits
}

/// Which byte, from the one `start` stands for, and which bit of it a number prime to 30 has.
#[inline]
pub(super) fn place(n: u64, start: u64) -> (usize, u8) {
    ((n / 30 - start) as usize, 1 << AT_LEAST[(n % 30) as usize])
}

/// Clears the multiples of `p` in `bits`, whose first byte is byte `start` of the bitmap of all numbers.
///
/// Clears `p` itself too. Made for `p <= bits.len()`: the cost is eight bytes a turn, and two dozen steps.
pub(super) fn cross_often(bits: &mut [u8], start: u64, p: u32) {
    match AT_LEAST[p as usize % 30] {
        0 => turns::<0>(bits, start, p),
        1 => turns::<1>(bits, start, p),
        2 => turns::<2>(bits, start, p),
        3 => turns::<3>(bits, start, p),
        4 => turns::<4>(bits, start, p),
        5 => turns::<5>(bits, start, p),
        6 => turns::<6>(bits, start, p),
        _ => turns::<7>(bits, start, p),
    }
}

fn turns<const R: usize>(bits: &mut [u8], start: u64, p: u32) {
    let period = p as usize;
    let at: [usize; 8] = std::array::from_fn(|j| period / 30 * RESIDUES[j] as usize + CARRY[R][j] as usize);
    let into = (start % u64::from(p)) as usize; // bytes of a turn that lie before `bits`
    let rest = if into == 0 { 0 } else { period - into };
    let (head, body) = bits.split_at_mut(rest.min(bits.len()));
    for j in 0..8 {
        if let Some(byte) = at[j].checked_sub(into).and_then(|i| head.get_mut(i)) {
            *byte &= KEEP[R][j];
        }
    }
    // Once here, so that the loop below needs no check of its own.
    assert!(at.iter().all(|&i| i < period));
    let mut whole = body.chunks_exact_mut(period);
    for turn in &mut whole {
        turn[at[0]] &= const { KEEP[R][0] };
        turn[at[1]] &= const { KEEP[R][1] };
        turn[at[2]] &= const { KEEP[R][2] };
        turn[at[3]] &= const { KEEP[R][3] };
        turn[at[4]] &= const { KEEP[R][4] };
        turn[at[5]] &= const { KEEP[R][5] };
        turn[at[6]] &= const { KEEP[R][6] };
        turn[at[7]] &= const { KEEP[R][7] };
    }
    let tail = whole.into_remainder();
    for j in 0..8 {
        let Some(byte) = tail.get_mut(at[j]) else { break };
        *byte &= KEEP[R][j];
    }
}

/// Where a prime's next multiple lies, for primes that meet a block a few times or not at all.
#[derive(Clone, Copy)]
pub(super) struct Next {
    pub(super) p: u32,
    at: u32,
    turn: u8, // 8 * index of p's residue + index of the cofactor's
}

impl Next {
    /// The first multiple from byte `start` on whose cofactor is at least `p`.
    ///
    /// `None` when it lies `len` bytes or more away. `len` must be below 2^32.
    #[inline]
    pub(super) fn new(p: u32, start: u64, len: usize) -> Option<Self> {
        let prime = u64::from(p);
        let cofactor = (start * 30).div_ceil(prime).max(prime);
        let (k, j) = (cofactor / 30, AT_LEAST[(cofactor % 30) as usize]);
        let i = AT_LEAST[p as usize % 30];
        let carry = u64::from(CARRY[i as usize][j as usize]);
        // start * 30 <= 2^64, so the byte number of a multiple at most p * 30 above stays far below 2^64.
        let at = k * prime + prime / 30 * RESIDUES[j as usize] + carry - start;
        (at < len as u64).then_some(Self { p, at: at as u32, turn: 8 * i + j })
    }

    /// Clears the multiples in `bits` and steps to the block after it.
    #[inline(always)]
    pub(super) fn cross(&mut self, bits: &mut [u8]) {
        let mut at = self.at as usize;
        if at < bits.len() {
            let q = self.p as usize / 30;
            let mut turn = self.turn as usize & 63;
            while let Some(byte) = bits.get_mut(at) {
                let step = STEPS[turn];
                *byte &= step.keep;
                at += q * step.gap as usize + step.carry as usize;
                turn = step.next as usize;
            }
            self.turn = turn as u8;
        }
        self.at = (at - bits.len()) as u32;
    }
}

#[derive(Clone, Copy)]
struct Step {
    keep: u8,
    gap: u8,   // between this cofactor and the next
    carry: u8, // what the turns of 30 differ by beyond q * gap
    next: u8,
}

static STEPS: [Step; 64] = {
    let mut steps = [Step { keep: 0, gap: 0, carry: 0, next: 0 }; 64];
    let mut turn = 0;
    while turn < 64 {
        let (i, j) = (turn / 8, turn % 8);
        let last = j == 7;
        let gap = if last { 2 } else { RESIDUES[j + 1] - RESIDUES[j] };
        // After the last comes 31 = 30 + 1, whose turn of p bytes is q * 30 + r.
        let (after, r) = if last { (0, RESIDUES[i] as u8) } else { (CARRY[i][j + 1], 0) };
        steps[turn] = Step {
            keep: KEEP[i][j],
            gap: gap as u8,
            carry: after + r - CARRY[i][j],
            next: (i * 8 + (j + 1) % 8) as u8,
        };
        turn += 1;
    }
    steps
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn slow(bits: &mut [u8], start: u64, p: u64, from: u64) {
        for (i, byte) in bits.iter_mut().enumerate() {
            for (j, residue) in RESIDUES.iter().enumerate() {
                let n = (start + i as u64) * 30 + residue;
                if n.is_multiple_of(p) && n / p >= from {
                    *byte &= !(1 << j);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn exactly_the_multiples_are_cleared(index in 0_usize..400, start in 0_u64..1 << 40, len in 0_usize..3000) {
            let primes: Vec<u32> = (7..3000).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0)).collect();
            let p = primes[index];
            let start = if index % 3 == 0 { start % 500 } else { start };
            let (mut fast, mut expected) = (vec![0xFF; len], vec![0xFF; len]);
            cross_often(&mut fast, start, p);
            slow(&mut expected, start, p.into(), 1);
            prop_assert_eq!(&fast, &expected);

            let (mut fast, mut expected) = (vec![0xFF; len], vec![0xFF; len]);
            if let Some(mut next) = Next::new(p, start, len) {
                for block in fast.chunks_mut(100) {
                    next.cross(block);
                }
            }
            slow(&mut expected, start, p.into(), p.into());
            prop_assert_eq!(&fast, &expected);
        }
    }

    #[test]
    fn edges_of_a_range_fall_between_the_residues() {
        for edge in 29..=62 {
            let bits = |keep: fn(u64, u64) -> bool| {
                RESIDUES.iter().enumerate().fold(0, |bits, (j, r)| bits | u8::from(keep(30 + r, edge)) << j)
            };
            assert_eq!(from(30, edge), bits(|n, edge| n >= edge));
            assert_eq!(up_to(30, edge), bits(|n, edge| n <= edge));
        }
        assert_eq!(up_to(u64::MAX / 30 * 30, u64::MAX), 0b1111); // 2^64 - 1 leaves 15
    }
}
