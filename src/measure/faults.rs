//! Whom the faults of a scenario have hit.

use std::collections::BTreeMap;

use crate::measure::findings::FaultHits;

/// Hits by fault, in the order of the scenario. The orders hit are kept as bits, 64 to an entry, for as many as a fault has
/// hit: without faults this is empty.
#[derive(Clone, Debug, Default)]
pub(crate) struct FaultTally {
    by_fault: Vec<Hit>,
}

#[derive(Clone, Debug, Default)]
struct Hit {
    hits: u64,
    orders: BTreeMap<u64, u64>,
}

impl FaultTally {
    /// A fault has hit an order that counts.
    #[cold]
    pub(crate) fn hit(&mut self, fault: u16, order: u64) {
        let place = usize::from(fault);
        if self.by_fault.len() <= place {
            self.by_fault.resize_with(place + 1, Hit::default);
        }
        let hit = &mut self.by_fault[place];
        hit.hits += 1;
        *hit.orders.entry(order / 64).or_default() |= 1 << (order % 64);
    }

    /// Up to the last fault that has hit any.
    pub(crate) fn findings(&self) -> Vec<FaultHits> {
        let found = |hit: &Hit| FaultHits {
            orders: hit.orders.values().map(|bits| u64::from(bits.count_ones())).sum(),
            hits: hit.hits,
        };
        self.by_fault.iter().map(found).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_counts_once_however_often_it_is_hit() {
        let mut tally = FaultTally::default();
        assert!(tally.findings().is_empty());
        for order in [0, 63, 64, 63, 1_000_000_000_000] {
            tally.hit(2, order);
        }
        let (none, some) = (FaultHits::default(), FaultHits { orders: 4, hits: 5 });
        assert_eq!(tally.findings(), [none, none, some]);
    }
}
