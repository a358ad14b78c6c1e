//! Exact results of queueing theory, as the books have them. `a` is the offered load in erlang, `c` the number of servers.
//! Everything is computed over `libm` and plain arithmetic, so the digits are the same on every platform.

mod chains;
mod environments;
mod loss;
mod queues;
mod renewals;
mod retries;
mod tables;

pub use chains::{Forward, Rush, first_orders, forward};
pub use environments::{Environments, idle_expiry, set_up};
pub use loss::{erlang_b, gi_m_c_c, pairs_lost};
pub use queues::{
    Constant, batch_arrivals, batching_window, bulk_service, erlang_c, geometric_batches, m_h2_1_tail, patience,
    pollaczek_khinchine,
};
pub use renewals::{balanced_means, gi_m_1, gi_m_c, pareto_gaps};
pub use retries::{geometric, with_retries};

/// The root of `f` in (low, high), where f changes sign, by bisection.
pub fn root(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rising = f(high) > f(low);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        if (f(middle) > 0.0) == rising {
            high = middle;
        } else {
            low = middle;
        }
    }
    (low + high) / 2.0
}

/// The integral of a smooth function by Simpson's rule in `steps` (even) intervals.
pub fn integral(from: f64, to: f64, steps: u32, f: impl Fn(f64) -> f64) -> f64 {
    let width = (to - from) / f64::from(steps);
    let inner: f64 =
        (1..steps).map(|step| if step % 2 == 1 { 4.0 } else { 2.0 } * f(from + width * f64::from(step))).sum();
    (f(from) + inner + f(to)) * width / 3.0
}
