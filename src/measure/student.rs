//! Student's t distribution, for intervals of means: the same digits on every platform.
//!
//! The quantile is found by bisection on the distribution function, which is a regularised incomplete beta function in
//! its continued fraction (Lentz's method; Press et al., "Numerical Recipes", 6.4).

/// Steps of the continued fraction at most; some hundred are needed near the largest degrees.
const MOST_STEPS: u32 = 10_000;
/// A factor of the continued fraction this near to 1 changes no digit.
const PRECISION: f64 = 1e-15;
/// Stands for zero where the method divides.
const TINY: f64 = 1e-300;
/// Halvings of the bracket: enough to exhaust the digits of a number.
const HALVINGS: u32 = 200;

/// The value that a t-distributed variable with so many degrees of freedom exceeds in absolute value with probability
/// `1 - confidence`. `degrees` is at least 1, `confidence` between 0 and 1.
pub fn two_sided(confidence: f64, degrees: u32) -> f64 {
    let outside = 1.0 - confidence;
    let (mut low, mut high) = (0.0, 1.0);
    while both_tails(high, degrees) > outside {
        high *= 2.0;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if both_tails(middle, degrees) > outside {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// P(|T| > t).
fn both_tails(t: f64, degrees: u32) -> f64 {
    let degrees = f64::from(degrees);
    incomplete_beta(degrees / 2.0, 0.5, degrees / (degrees + t * t))
}

/// The regularised incomplete beta function I_x(a, b).
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x <= 0.0 { 0.0 } else { 1.0 };
    }
    let ln_front = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    let front = libm::exp(ln_front);
    // The fraction converges quickly on this side of the mean; the other side is its mirror image.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * continued_fraction(a, b, x) / a
    } else {
        1.0 - front * continued_fraction(b, a, 1.0 - x) / b
    }
}

fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..=MOST_STEPS {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < PRECISION {
            break;
        }
    }
    fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_tables() {
        // Two-sided 95 %: NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2 (column 0.975).
        let table = [
            (1, 12.706),
            (2, 4.303),
            (3, 3.182),
            (4, 2.776),
            (5, 2.571),
            (9, 2.262),
            (19, 2.093),
            (29, 2.045),
            (49, 2.010),
            (99, 1.984),
        ];
        for (degrees, printed) in table {
            let found = two_sided(0.95, degrees);
            assert!((found - printed).abs() <= 0.000_5, "{degrees} degrees: {found}, printed {printed}");
        }
        // Two-sided 99 % from the same tables (column 0.995).
        for (degrees, printed) in [(1, 63.657), (4, 4.604), (30, 2.750)] {
            let found = two_sided(0.99, degrees);
            assert!((found - printed).abs() <= 0.000_5, "{degrees} degrees: {found}, printed {printed}");
        }
    }

    #[test]
    fn closed_forms_agree_to_ten_digits() {
        // One degree is Cauchy's, tan(0.475 pi); with two the quantile is q sqrt(2 / (1 - q^2)).
        let near = |found: f64, exact: f64| assert!((found / exact - 1.0).abs() < 1e-10, "{found}, exact {exact}");
        near(two_sided(0.95, 1), libm::tan(0.475 * std::f64::consts::PI));
        near(two_sided(0.95, 2), 0.95 * (2.0 / (1.0 - 0.95 * 0.95_f64)).sqrt());
    }

    #[test]
    fn many_degrees_are_the_normal_distribution() {
        // z + (z^3 + z) / 4n, the first term of Cornish and Fisher.
        let z: f64 = 1.959_963_984_540_054;
        for degrees in [100_000_u32, 10_000_000] {
            let expected = z + (z * z * z + z) / (4.0 * f64::from(degrees));
            let found = two_sided(0.95, degrees);
            assert!((found - expected).abs() < 1e-8, "{degrees} degrees: {found}, expected {expected}");
        }
    }
}
