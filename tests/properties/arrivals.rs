//! The arrivals against rates added up step by step.

use proptest::prelude::*;

use queuecast::random::Streams;
use queuecast::time::SimDuration;
use queuecast::workload::spec::{Batch, Modulation, Phase, Rate, Spacing};
use queuecast::workload::{Wave, Workload, WorkloadSpec};

use crate::cases;

fn rates() -> impl Strategy<Value = Rate> {
    let rate = || 0.5_f64..40.0;
    prop_oneof![
        rate().prop_map(|rate| Rate::Constant { rate }),
        Just(Rate::Constant { rate: 0.0 }),
        (0.0_f64..40.0, rate()).prop_map(|(from, to)| Rate::Ramp { from, to }),
        (rate(), 0.0_f64..40.0).prop_map(|(from, to)| Rate::Ramp { from, to }),
        (rate(), rate()).prop_map(|(from, to)| Rate::Decay { from, to }),
        (rate(), 0.0_f64..=1.0, 0.5_f64..60.0).prop_map(|(rate, amplitude, period_s)| Rate::Wave(Wave {
            rate,
            amplitude,
            period_s
        })),
    ]
}

fn phases(spacings: impl Strategy<Value = Spacing> + Clone) -> impl Strategy<Value = Vec<Phase>> {
    let modulation = prop::option::of(
        (0.2_f64..2.0, 1_u64..8)
            .prop_map(|(cv, seconds)| Modulation { cv, correlation: SimDuration::from_secs(seconds) }),
    );
    let batch = prop_oneof![
        Just(Batch::Constant { orders: 1 }),
        (2_u64..9).prop_map(|orders| Batch::Constant { orders }),
        (1.0_f64..6.0).prop_map(|mean| Batch::Geometric { mean }),
    ];
    let phase =
        (1_u64..30, rates(), spacings, batch, modulation).prop_map(|(seconds, rate, spacing, batch, modulation)| {
            Phase {
                name: None,
                duration: SimDuration::from_secs(seconds),
                rate,
                spacing,
                batch,
                modulation,
                origin: false,
            }
        });
    prop::collection::vec(phase, 1..4)
}

/// Orders a second, so long after the start of the phase.
fn rate_at(rate: &Rate, t: f64, length: f64) -> f64 {
    match rate {
        Rate::Constant { rate } => *rate,
        Rate::Ramp { from, to } => from + (to - from) * t / length,
        Rate::Decay { from, to } => from * libm::pow(to / from, t / length),
        Rate::Wave(Wave { rate, amplitude, period_s }) => {
            rate * (1.0 + amplitude * libm::sin(std::f64::consts::TAU * t / period_s))
        }
        Rate::AtOnce { .. } | Rate::Trace(_) => unreachable!("not drawn"),
    }
}

/// The integral of the rate from the phase's start until then, by Simpson's rule on pieces of a hundredth of a second.
fn orders_due(rate: &Rate, until: f64, length: f64) -> f64 {
    let pieces = (until * 100.0).ceil().max(1.0) as u32;
    let h = until / f64::from(pieces) / 2.0;
    let at = |half: u32| rate_at(rate, f64::from(half) * h, length);
    (0..pieces).map(|piece| (at(2 * piece) + 4.0 * at(2 * piece + 1) + at(2 * piece + 2)) * h / 3.0).sum()
}

proptest! {
    #![proptest_config(cases(400))]

    /// Evenly spaced, the k-th instant of a phase is where the integral of its rate in batches comes to k.
    #[test]
    fn even_arrivals_lie_where_the_integral_of_the_rate_is_whole(rate in rates(), seconds in 1_u64..40, batch in 1_u64..4) {
        let length = seconds as f64;
        let phase = Phase {
            name: None,
            duration: SimDuration::from_secs(seconds),
            rate: rate.clone(),
            spacing: Spacing::Even,
            batch: Batch::Constant { orders: batch },
            modulation: None,
            origin: false,
        };
        let spec = WorkloadSpec { phases: vec![phase], repeat: 1, max_orders: None, initial_backlog: 0 };
        let mut workload = Workload::new(&spec, &Streams::new(1, 0));
        let mut arrivals = Vec::new();
        while let Some(order) = workload.next_order() {
            arrivals.push(order.arrives_at.as_secs_f64());
        }
        for (number, at) in arrivals.iter().enumerate() {
            let due = orders_due(&rate, *at, length) / batch as f64;
            let instants = (number as u64 / batch + 1) as f64;
            // A nanosecond of rounding, at the rate there; and where the rate is nearly 0, a second-order rest of it.
            prop_assert!((due - instants).abs() < 1e-6, "order {number} at {at}: {due} instead of {instants}");
        }
        let whole = orders_due(&rate, length, length) / batch as f64;
        let instants = (arrivals.len() as u64 / batch) as f64;
        prop_assert!(instants <= whole + 1e-6 && whole < instants + 1.0 + 1e-6, "{instants} of {whole}");
    }

    /// Whatever the phases: orders are numbered in their order, come one after another within the phases, and the same
    /// again from the same seed; `max_orders` only cuts them short, and a seed of its own gives others.
    #[test]
    fn orders_come_in_order_within_their_phases_and_again(
        phases in phases(prop_oneof![Just(Spacing::Poisson), Just(Spacing::Even)]),
        repeat in 1_u64..3,
        most in 1_u64..200,
        seed in 0_u64..1_000,
    ) {
        let length: u64 = repeat * phases.iter().map(|phase| phase.duration.0).sum::<u64>();
        let spec = WorkloadSpec { phases, repeat, max_orders: None, initial_backlog: 0 };
        let orders = |spec: &WorkloadSpec, seed| {
            let mut workload = Workload::new(spec, &Streams::new(seed, 0));
            let all: Vec<_> = std::iter::from_fn(|| workload.next_order()).collect();
            (all, workload.end().0)
        };
        let (all, end) = orders(&spec, seed);
        prop_assert_eq!(end, length, "the sum of the phases");
        for (number, order) in all.iter().enumerate() {
            prop_assert_eq!(order.number, number as u64);
            prop_assert!(order.arrives_at.0 <= length);
        }
        prop_assert!(all.windows(2).all(|pair| pair[0].arrives_at <= pair[1].arrives_at));
        prop_assert_eq!(&orders(&spec, seed).0, &all);
        let (cut, end) = orders(&WorkloadSpec { max_orders: Some(most), ..spec.clone() }, seed);
        prop_assert_eq!(&cut[..], &all[..all.len().min(most as usize)]);
        let reached = all.len() as u64 >= most;
        prop_assert_eq!(end, if reached { cut[cut.len() - 1].arrives_at.0 } else { length });
        let keys = |orders: &[queuecast::workload::Order]| orders.iter().map(|order| order.key).collect::<Vec<_>>();
        let others = orders(&spec, seed + 1).0;
        prop_assert!(all.is_empty() || others.is_empty() || keys(&others[..1]) != keys(&all[..1]));
    }
}
