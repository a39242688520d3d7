//! Mean, spread and shape of numbers that arrive in parts (Chan, Golub and LeVeque 1979; Pebay 2008 for the third and
//! fourth power).
#![forbid(unsafe_code)]

/// Count, mean and sums of powers of the distances from the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// Number of values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Sum of squared distances from `mean`.
    pub m2: f64,
    /// Sum of their cubes.
    pub m3: f64,
    /// Sum of their fourth powers.
    pub m4: f64,
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
        let (a, b) = (ours / all, theirs / all);
        let delta = other.mean + shift - self.mean;
        let square = delta * delta;
        let (m2, m3) = (self.m2, self.m3);
        self.mean += delta * b;
        self.m2 += other.m2 + square * (ours * b);
        self.m3 += other.m3 + square * delta * (ours * b) * (a - b) + 3.0 * delta * (a * other.m2 - b * m2);
        self.m4 += other.m4
            + square * square * (ours * b) * (a * a - a * b + b * b)
            + 6.0 * square * (a * a * other.m2 + b * b * m2)
            + 4.0 * delta * (a * other.m3 - b * m3);
        self.count += other.count;
    }

    /// Sample standard deviation, over `count - 1`; none below two values.
    pub fn std(&self) -> Option<f64> {
        (self.count > 1).then(|| (self.m2 / (self.count - 1) as f64).sqrt())
    }

    /// Sample skewness, corrected for bias (G1 of Joanes and Gill 1998, as pandas has it); none below three values.
    pub fn skew(&self) -> Option<f64> {
        let n = self.count as f64;
        let skew = match self.m2 {
            0.0 => 0.0,
            m2 => n * (n - 1.0).sqrt() / (n - 2.0) * (self.m3 / m2 / m2.sqrt()),
        };
        (self.count > 2 && self.has_shape()).then_some(skew)
    }

    /// Sample excess kurtosis, corrected for bias (G2 of Joanes and Gill 1998); none below four values.
    pub fn kurtosis(&self) -> Option<f64> {
        let n = self.count as f64;
        let below = (n - 2.0) * (n - 3.0);
        let kurtosis = match self.m2 {
            0.0 => 0.0,
            m2 => {
                n * (n + 1.0) * (n - 1.0) / below * (self.m4 / m2 / m2) - 3.0 * (n - 1.0) * (n - 1.0) / below
            }
        };
        (self.count > 3 && self.has_shape()).then_some(kurtosis)
    }

    /// Whether the third and fourth moments are within the range of a double; values below about 1e-75 apart leave
    /// it downwards, values above 1e75 upwards.
    fn has_shape(&self) -> bool {
        self.m2 == 0.0 || (self.m4.is_finite() && self.m2 * self.m2 > f64::MIN_POSITIVE / f64::EPSILON)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_to_the_whole() {
        let one = |value: f64| Moments { count: 1, mean: value, ..Moments::default() };
        let mut all = Moments::default();
        for value in [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0] {
            all.join(one(value), 0.0);
        }
        assert_eq!((all.count, all.mean, all.m2), (8, 5.0, 32.0));
        assert_eq!(all.std(), Some((32.0_f64 / 7.0).sqrt()));
        assert!((all.m3 - 42.0).abs() < 1e-12 && (all.m4 - 356.0).abs() < 1e-12, "{all:?}");
        assert!((all.skew().unwrap() - 0.818_487_553_356_082_5).abs() < 1e-12);
        assert!((all.kurtosis().unwrap() - 0.940_625).abs() < 1e-12, "{:?}", all.kurtosis());
        let mut shifted = one(1.0);
        shifted.join(one(-7.0), 10.0);
        assert_eq!((shifted.mean, shifted.m2), (2.0, 2.0));
        assert_eq!((one(1.0).std(), shifted.skew(), shifted.kurtosis()), (None, None, None));
        shifted.join(one(2.0), 0.0);
        assert_eq!(shifted.skew(), Some(0.0));
        for scale in [1e-130, 1e130] {
            let mut far = Moments::default();
            [0.0, scale, 0.0, 0.0].iter().for_each(|value| far.join(one(*value), 0.0));
            assert_eq!((far.skew(), far.kurtosis()), (None, None), "{scale}");
        }
    }
}
