//! The forecast's doubt: all arrivals times one factor.

use super::wave::Wave;
use crate::workload::spec::{Rate, WorkloadSpec};

impl WorkloadSpec {
    /// The same phases with every rate times `factor`, and every `at_once` count times it to the nearest whole order (half
    /// an order counts as one). Lengths, spacings, batches, `max_orders`, the initial backlog and what a trace has recorded
    /// stay.
    pub fn scaled(&self, factor: f64) -> WorkloadSpec {
        let mut scaled = self.clone();
        for phase in &mut scaled.phases {
            phase.rate = match &phase.rate {
                Rate::Constant { rate } => Rate::Constant { rate: rate * factor },
                Rate::Ramp { from, to } => Rate::Ramp { from: from * factor, to: to * factor },
                Rate::Decay { from, to } => Rate::Decay { from: from * factor, to: to * factor },
                Rate::AtOnce { orders } => Rate::AtOnce { orders: (*orders as f64 * factor).round() as u64 },
                Rate::Wave(wave) => Rate::Wave(Wave { rate: wave.rate * factor, ..*wave }),
                recorded @ Rate::Trace(_) => recorded.clone(),
            };
        }
        scaled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SimDuration;
    use crate::workload::spec::{Batch, Phase, Spacing};

    fn phase(rate: Rate) -> Phase {
        let (spacing, batch) = (Spacing::Poisson, Batch::Constant { orders: 1 });
        Phase {
            name: None,
            duration: SimDuration::from_secs(10),
            rate,
            spacing,
            batch,
            modulation: None,
            origin: false,
        }
    }

    #[test]
    fn rates_and_counts_are_multiplied_and_nothing_else() {
        let rates = [
            Rate::Constant { rate: 4.0 },
            Rate::Ramp { from: 2.0, to: 6.0 },
            Rate::Decay { from: 8.0, to: 2.0 },
            Rate::AtOnce { orders: 3 },
            Rate::AtOnce { orders: 4 },
            Rate::Wave(Wave { rate: 2.0, amplitude: 0.5, period_s: 3.0 }),
        ];
        let phases = rates.map(phase).to_vec();
        let spec = WorkloadSpec { phases, repeat: 2, max_orders: Some(70), initial_backlog: 5 };
        let scaled = spec.scaled(1.5);
        let found: Vec<Rate> = scaled.phases.iter().map(|phase| phase.rate.clone()).collect();
        let expected = [
            Rate::Constant { rate: 6.0 },
            Rate::Ramp { from: 3.0, to: 9.0 },
            Rate::Decay { from: 12.0, to: 3.0 },
            Rate::AtOnce { orders: 5 },
            Rate::AtOnce { orders: 6 },
            Rate::Wave(Wave { rate: 3.0, amplitude: 0.5, period_s: 3.0 }),
        ];
        assert_eq!(found, expected);
        let back = WorkloadSpec { phases: spec.phases.clone(), ..scaled };
        assert_eq!(back, spec);
        assert_eq!(spec.scaled(1.0), spec);
    }
}
