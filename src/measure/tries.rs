//! How often orders were tried before they ended, and how they ended: counted once per order, when it ends.

use std::collections::BTreeMap;

use crate::measure::findings::Orders;
use crate::observation::{Outcome, Tries};

/// Kinds of [`Outcome`].
const OUTCOMES: usize = Outcome::ALL.len();
/// Fewer tries than this of either kind, which nearly all orders have, are counted in a table.
const FEW: u32 = 8;

/// Orders that were tried equally often before they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    /// Attempts of the task that the workflow began.
    pub task_attempts: u32,
    /// Handlers that turned to the order; those that came after its end are not among them.
    pub attempts: u32,
    /// How many orders, all of them as `offered`, and how they ended.
    pub orders: Orders,
}

/// Counts of ended orders by outcome and tries.
#[derive(Clone, Debug)]
pub(crate) struct TriesTally {
    /// By `Outcome as usize`, then `task_attempts * FEW + attempts`.
    few: [[u64; (FEW * FEW) as usize]; OUTCOMES],
    /// The others.
    many: BTreeMap<Tries, [u64; OUTCOMES]>,
}

impl Default for TriesTally {
    fn default() -> TriesTally {
        TriesTally { few: [[0; (FEW * FEW) as usize]; OUTCOMES], many: BTreeMap::new() }
    }
}

impl TriesTally {
    /// An order has ended.
    #[inline(always)]
    pub(crate) fn count(&mut self, outcome: Outcome, tries: Tries) {
        if (tries.task_attempts | tries.attempts) < FEW {
            self.few[outcome as usize][(tries.task_attempts * FEW + tries.attempts) as usize] += 1;
        } else {
            self.count_many(outcome, tries);
        }
    }

    #[cold]
    fn count_many(&mut self, outcome: Outcome, tries: Tries) {
        self.many.entry(tries).or_default()[outcome as usize] += 1;
    }

    /// Orders that ended so.
    pub(crate) fn ended(&self, outcome: Outcome) -> u64 {
        let few: u64 = self.few[outcome as usize].iter().sum();
        few + self.many.values().map(|ended| ended[outcome as usize]).sum::<u64>()
    }

    /// Its rows, ascending.
    pub(crate) fn rows(&self) -> Vec<Tried> {
        let mut all = self.many.clone();
        for (outcome, counts) in self.few.iter().enumerate() {
            for (place, count) in (0..).zip(counts).filter(|(_, count)| **count > 0) {
                let tries = Tries { task_attempts: place / FEW, attempts: place % FEW };
                all.entry(tries).or_default()[outcome] += count;
            }
        }
        let row = |(tries, ended): (Tries, [u64; OUTCOMES])| {
            let of = |outcome: Outcome| ended[outcome as usize];
            let orders = Orders {
                offered: ended.iter().sum(),
                confirmed: of(Outcome::Confirmed),
                declined: of(Outcome::Declined),
                failed: of(Outcome::Failed),
                timed_out: of(Outcome::TimedOut),
                refused: of(Outcome::Refused),
                open: of(Outcome::Open),
            };
            Tried { task_attempts: tries.task_attempts, attempts: tries.attempts, orders }
        };
        all.into_iter().map(row).collect()
    }
}

/// Adds the rows of another run to those of `sum`; both ascend, and so does the result.
pub(crate) fn add_up(sum: &mut Vec<Tried>, next: &[Tried]) {
    for tried in next {
        let key = |row: &Tried| (row.task_attempts, row.attempts);
        match sum.binary_search_by_key(&key(tried), key) {
            Ok(place) => add_orders(&mut sum[place].orders, &tried.orders),
            Err(place) => sum.insert(place, *tried),
        }
    }
}

fn add_orders(sum: &mut Orders, next: &Orders) {
    sum.offered += next.offered;
    sum.confirmed += next.confirmed;
    sum.declined += next.declined;
    sum.failed += next.failed;
    sum.timed_out += next.timed_out;
    sum.refused += next.refused;
    sum.open += next.open;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tries(task_attempts: u32, attempts: u32) -> Tries {
        Tries { task_attempts, attempts }
    }

    #[test]
    fn few_and_many_tries_are_counted_alike_and_no_order_twice() {
        let mut tally = TriesTally::default();
        for (outcome, tries) in [
            (Outcome::Confirmed, tries(1, 1)),
            (Outcome::Confirmed, tries(1, 1)),
            (Outcome::Declined, tries(1, 1)),
            (Outcome::Refused, tries(0, 0)),
            (Outcome::Failed, tries(4, 0)),
            (Outcome::TimedOut, tries(1, FEW)),
            (Outcome::Open, tries(1, 4_000)),
            (Outcome::TimedOut, tries(FEW, 2)),
        ] {
            tally.count(outcome, tries);
        }
        let rows = tally.rows();
        let shown: Vec<(u32, u32, u64)> =
            rows.iter().map(|row| (row.task_attempts, row.attempts, row.orders.offered)).collect();
        assert_eq!(shown, [(0, 0, 1), (1, 1, 3), (1, 8, 1), (1, 4_000, 1), (4, 0, 1), (8, 2, 1)]);
        assert_eq!((rows[1].orders.confirmed, rows[1].orders.declined, rows[5].orders.timed_out), (2, 1, 1));
        assert_eq!([Outcome::Confirmed, Outcome::TimedOut, Outcome::Open].map(|how| tally.ended(how)), [2, 2, 1]);
    }

    #[test]
    fn runs_add_up_row_by_row() {
        let row = |task_attempts, attempts, offered| {
            let orders = Orders { offered, failed: offered, ..Orders::default() };
            Tried { task_attempts, attempts, orders }
        };
        let mut sum = vec![row(1, 1, 5)];
        add_up(&mut sum, &[row(0, 0, 1), row(1, 1, 2), row(4, 0, 3)]);
        assert_eq!(sum, [row(0, 0, 1), row(1, 1, 7), row(4, 0, 3)]);
    }
}
