//! A rate that goes up and down like a sine: its integral, and the way back by a bracketed Newton iteration.

use std::f64::consts::PI;

/// Steps after which a root is taken as it is: each is at most half as long as the one before, or halves the bracket.
const MOST_STEPS: u32 = 60;

/// The rate `rate × (1 + amplitude × sin(2π t / period_s))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wave {
    /// The mean rate, per second.
    pub rate: f64,
    /// The largest departure from the mean, as a share of it: from 0 to 1.
    pub amplitude: f64,
    /// Seconds from one crest to the next.
    pub period_s: f64,
}

impl Wave {
    /// The integral over the first `length` seconds: rate × (t + amplitude × period / π × sin²(π t / period)).
    pub fn total(&self, length: f64) -> f64 {
        let sine = libm::sin(PI * phase_of(length / self.period_s));
        self.rate * (length + self.amplitude * self.period_s / PI * (sine * sine))
    }

    /// The highest rate in the first `length` seconds, and when it is first reached.
    pub fn highest(&self, length: f64) -> (f64, f64) {
        let at = length.min(self.period_s / 4.0);
        (self.rate * (1.0 + self.amplitude * libm::sin(2.0 * PI * at / self.period_s)), at)
    }

    /// The time in seconds at which the integral reaches `amount`; not a number where the rate is 0.
    pub(super) fn seconds_to(&self, amount: f64) -> f64 {
        // Each whole period brings the same.
        let periods = amount / (self.rate * self.period_s);
        let whole = periods.floor();
        (whole + self.share_to(periods - whole)) * self.period_s
    }

    /// The root x in [0, 1] of x + amplitude / π sin²(π x) = y, which rises from 0 to 1 with y: the share of a period in
    /// which the share y of its integral has come. Newton steps, and halvings where those would leave the bracket or are
    /// too slow, as they are at amplitude 1 near x = 3/4, where the rate is 0.
    fn share_to(&self, y: f64) -> f64 {
        let (mut low, mut high) = (0.0, 1.0);
        let mut x = y;
        let mut last_step = 1.0_f64;
        for _ in 0..MOST_STEPS {
            let (sine, cosine) = (libm::sin(PI * x), libm::cos(PI * x));
            let excess = x + self.amplitude / PI * (sine * sine) - y;
            let slope = 1.0 + 2.0 * self.amplitude * sine * cosine;
            match excess {
                0.0 => break,
                excess if excess > 0.0 => high = x,
                _ => low = x,
            }
            let newton = x - excess / slope;
            let next = if newton >= low && newton <= high && (newton - x).abs() <= 0.5 * last_step {
                newton
            } else {
                0.5 * (low + high)
            };
            last_step = (next - x).abs();
            if next == x {
                break;
            }
            x = next;
        }
        x
    }
}

/// The same place in the first period: the sine of a large number is not known as well as that of a small one.
fn phase_of(periods: f64) -> f64 {
    periods - periods.floor()
}
