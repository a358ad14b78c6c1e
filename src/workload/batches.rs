//! How many orders arrive at one instant.

use crate::random::Numbers;
use crate::workload::spec::Batch;

/// A batch made ready to be drawn.
#[derive(Clone, Copy, Debug)]
pub(super) enum BatchSizes {
    /// Always so many.
    Constant(u64),
    /// Geometric on 1, 2, …
    Geometric { mean: f64, log_of_more: f64 },
}

impl BatchSizes {
    /// The sizes of this batch. A batch has at least one order.
    pub fn of(batch: Batch) -> BatchSizes {
        match batch {
            Batch::Constant { orders } => BatchSizes::Constant(orders.max(1)),
            Batch::Geometric { mean } if mean > 1.0 => {
                // The chance that another order follows is 1 - 1 / mean.
                BatchSizes::Geometric { mean, log_of_more: libm::log1p(-1.0 / mean) }
            }
            Batch::Geometric { .. } => BatchSizes::Constant(1),
        }
    }

    /// The mean size.
    pub fn mean(self) -> f64 {
        match self {
            BatchSizes::Constant(orders) => orders as f64,
            BatchSizes::Geometric { mean, .. } => mean,
        }
    }

    /// The size of the next batch, at least 1; by inversion, one number.
    #[inline(always)]
    pub fn draw(self, numbers: &mut impl Numbers) -> u64 {
        match self {
            BatchSizes::Constant(orders) => orders,
            BatchSizes::Geometric { log_of_more, .. } => 1 + (libm::log1p(-numbers.uniform()) / log_of_more) as u64,
        }
    }
}
