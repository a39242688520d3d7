//! Mean and spread of numbers that arrive in parts (Chan, Golub and LeVeque 1979).
#![forbid(unsafe_code)]

/// Count, mean and sum of squared distances from the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Number of values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Sum of squared distances from `mean`.
    pub m2: f64,
}

impl Moments {
    /// Joins another part, whose mean lies `shift` further up than it says.
    ///
    /// Never adds large sums, so values far from zero keep their spread.
    pub fn join(&mut self, other: Self, shift: f64) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = Self { mean: other.mean + shift, ..other };
            return;
        }
        let (ours, theirs) = (self.count as f64, other.count as f64);
        let all = ours + theirs;
        let delta = other.mean + shift - self.mean;
        self.mean += delta * (theirs / all);
        self.m2 += other.m2 + delta * delta * (ours * (theirs / all));
        self.count += other.count;
    }

    /// Sample standard deviation, over `count - 1`; none below two values.
    pub fn std(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.m2 / (self.count - 1) as f64).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_to_the_whole() {
        let one = |value: f64| Moments { count: 1, mean: value, m2: 0.0 };
        let mut all = Moments::default();
        for value in [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0] {
            all.join(one(value), 0.0);
        }
        assert_eq!((all.count, all.mean, all.m2), (8, 5.0, 32.0));
        assert_eq!(all.std(), Some((32.0_f64 / 7.0).sqrt()));
        let mut shifted = one(1.0);
        shifted.join(one(-7.0), 10.0);
        assert_eq!((shifted.mean, shifted.m2), (2.0, 2.0));
        assert_eq!(one(1.0).std(), None);
    }
}
