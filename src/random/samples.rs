//! A distribution that is a list of measured values.

/// Measured values in ascending order, each as likely as any other.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleTable {
    sorted: Vec<f64>,
    mean: f64,
    cv: f64,
}

impl SampleTable {
    /// The table of these values in seconds, in any order: at least one, none negative, all finite.
    pub fn new(mut seconds: Vec<f64>) -> SampleTable {
        assert!(!seconds.is_empty(), "a distribution has a value");
        seconds.sort_unstable_by(f64::total_cmp);
        let count = seconds.len() as f64;
        let mean = seconds.iter().sum::<f64>() / count;
        let squares: f64 = seconds.iter().map(|value| (value - mean) * (value - mean)).sum();
        let cv = if mean > 0.0 { (squares / count).sqrt() / mean } else { 0.0 };
        SampleTable { sorted: seconds, mean, cv }
    }

    /// The mean in seconds.
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation over mean; 0 where the mean is.
    pub fn cv(&self) -> f64 {
        self.cv
    }

    /// How many values.
    pub fn count(&self) -> usize {
        self.sorted.len()
    }

    /// The value below which the share `p` of them lies (0 <= p < 1): the inverse of the empirical distribution function.
    #[inline]
    pub fn at(&self, p: f64) -> f64 {
        self.sorted[((p * self.sorted.len() as f64) as usize).min(self.sorted.len() - 1)]
    }
}
