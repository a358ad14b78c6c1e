//! The integrated rates and their inverses, and what a specification says of itself.

use crate::time::{SimDuration, SimTime};
use crate::workload::Wave;
use crate::workload::WorkloadSpec;
use crate::workload::course::Course;
use crate::workload::spec::{Batch, Modulation, Phase, Rate, Spacing};

fn phase(seconds: u64, rate: Rate) -> Phase {
    Phase {
        name: None,
        duration: SimDuration::from_secs(seconds),
        rate,
        spacing: Spacing::Poisson,
        batch: Batch::Constant { orders: 1 },
        modulation: None,
        origin: false,
    }
}

fn spec(phases: Vec<Phase>) -> WorkloadSpec {
    WorkloadSpec { phases, repeat: 1, max_orders: None, initial_backlog: 0 }
}

fn assert_near(value: f64, expected: f64) {
    assert!((value - expected).abs() <= 1e-12 * expected.abs(), "{value} instead of {expected}");
}

/// The integral of a rate by Simpson's rule, an independent way to what the closed forms say.
fn integral(rate: impl Fn(f64) -> f64, until: f64) -> f64 {
    let steps = 2_000;
    let h = until / f64::from(steps);
    let weight = |i| if i == 0 || i == steps { 1.0 } else { f64::from(2 + 2 * (i % 2)) };
    (0..=steps).map(|i| weight(i) * rate(f64::from(i) * h)).sum::<f64>() * h / 3.0
}

/// At each tenth of the phase the inverse of the numerical integral gives that tenth back.
fn assert_inverse(rate: Rate, at: impl Fn(f64) -> f64) {
    let course = Course::of(&phase(100, rate.clone()));
    for tenth in 0..=10 {
        let t = f64::from(tenth) * 10.0;
        let found = course.when(integral(&at, t)).as_secs_f64();
        assert!((found - t).abs() < 2e-6, "{rate:?}: {found} s instead of {t} s");
    }
    let total = integral(&at, 100.0);
    assert!((course.total / total - 1.0).abs() < 1e-9, "{rate:?}: total {} instead of {total}", course.total);
}

#[test]
fn the_time_of_an_amount_is_the_inverse_of_the_integrated_rate() {
    assert_inverse(Rate::Constant { rate: 7.0 }, |_| 7.0);
    assert_inverse(Rate::Ramp { from: 2.0, to: 12.0 }, |t| 2.0 + 0.1 * t);
    assert_inverse(Rate::Ramp { from: 12.0, to: 2.0 }, |t| 12.0 - 0.1 * t);
    assert_inverse(Rate::Ramp { from: 0.0, to: 10.0 }, |t| 0.1 * t);
    assert_inverse(Rate::Decay { from: 50.0, to: 0.5 }, |t| 50.0 * libm::pow(0.01, t / 100.0));
    assert_inverse(Rate::Decay { from: 0.5, to: 50.0 }, |t| 0.5 * libm::pow(100.0, t / 100.0));
    for (amplitude, period_s) in [(0.0, 30.0), (0.3, 40.0), (0.99, 100.0), (0.7, 7.0), (0.8, 1_000.0)] {
        let sine = |t: f64| libm::sin(std::f64::consts::TAU * t / period_s);
        assert_inverse(Rate::Wave(Wave { rate: 6.0, amplitude, period_s }), |t| 6.0 * (1.0 + amplitude * sine(t)));
    }
}

/// At full amplitude the rate is 0 three quarters into each period, where the inverse is as steep as can be.
#[test]
fn the_inverse_of_a_wave_gives_its_amount_back_to_the_last_bits_everywhere() {
    for amplitude in [0.0, 0.5, 0.999_999, 1.0] {
        for (rate, period_s) in [(1.0, 1.0), (3.7, 86_400.0), (1e9, 1e-9), (2e-5, 3e9)] {
            let wave = Wave { rate, amplitude, period_s };
            for part in 0..4_000_u32 {
                let amount = rate * period_s * f64::from(part) / 1_000.0;
                let back = wave.total(wave.seconds_to(amount));
                assert!((back - amount).abs() <= 2e-15 * rate * period_s * 4.0, "{wave:?}: {amount} gives {back}");
            }
        }
    }
}

#[test]
fn a_wave_brings_whole_periods_evenly_and_its_crest_a_quarter_into_them() {
    let wave = Wave { rate: 10.0, amplitude: 0.5, period_s: 60.0 };
    assert_near(wave.total(60.0), 600.0);
    // Half a period more: 300 and the area under half a sine, 10 × 0.5 × 60 / π.
    assert_near(wave.total(30.0), 300.0 + 300.0 / std::f64::consts::PI);
    assert_eq!(wave.highest(600.0), (15.0, 15.0));
    let (rate, at) = wave.highest(5.0);
    assert_near(rate, 10.0 + 5.0 * libm::sin(std::f64::consts::TAU / 12.0));
    assert_eq!(at, 5.0);
    let course = Course::of(&phase(600, Rate::Wave(wave)));
    assert_near(course.total, 6_000.0);
    assert_near(course.when(6_000.0).as_secs_f64(), 600.0);
}

#[test]
fn a_ramp_to_zero_ends_with_the_phase() {
    let course = Course::of(&phase(100, Rate::Ramp { from: 10.0, to: 0.0 }));
    assert_eq!(course.total, 500.0);
    assert_eq!(course.when(500.0), SimDuration::from_secs(100));
    assert_eq!(course.when(375.0), SimDuration::from_secs(50));
}

#[test]
fn nearly_constant_rates_lose_no_accuracy() {
    let almost = 10.0 * (1.0 + 1e-13);
    for rate in [
        Rate::Ramp { from: 10.0, to: almost },
        Rate::Ramp { from: 10.0, to: 10.0 },
        Rate::Decay { from: 10.0, to: almost },
        Rate::Decay { from: 10.0, to: 10.0 },
    ] {
        let course = Course::of(&phase(100, rate.clone()));
        assert_near(course.total, 1_000.0);
        assert_eq!(course.when(500.0), SimDuration::from_secs(50), "{rate:?}");
    }
}

#[test]
fn a_steep_decay_stays_within_its_phase() {
    let course = Course::of(&phase(10, Rate::Decay { from: 1e6, to: 1e-30 }));
    assert!(course.total.is_finite() && course.total > 0.0);
    assert_eq!(course.when(course.total * (1.0 + 1e-12)), SimDuration::from_secs(10));
    assert!(course.when(course.total * 0.5) < SimDuration::from_secs(1));
}

#[test]
fn expected_orders_count_orders_and_not_batches() {
    let orders = |change: fn(&mut Phase)| {
        let mut phase = phase(60, Rate::Constant { rate: 7.0 });
        change(&mut phase);
        spec(vec![phase]).expected_orders()
    };
    assert_near(orders(|_| ()), 420.0);
    assert_near(orders(|p| p.batch = Batch::Constant { orders: 4 }), 420.0);
    assert_near(orders(|p| p.batch = Batch::Geometric { mean: 2.5 }), 420.0);
    assert_near(orders(|p| p.rate = Rate::Ramp { from: 0.0, to: 7.0 }), 210.0);
    assert_near(orders(|p| p.rate = Rate::Wave(Wave { rate: 7.0, amplitude: 0.9, period_s: 20.0 })), 420.0);
    assert_near(orders(|p| p.modulation = Some(Modulation { cv: 2.0, correlation: SimDuration::from_secs(7) })), 420.0);
    assert_near(orders(|p| p.rate = Rate::AtOnce { orders: 33 }), 33.0);
    // Even spacing has no luck: 7/s in batches of 100 are 4 whole batches in a minute.
    let even = |p: &mut Phase| (p.spacing, p.batch) = (Spacing::Even, Batch::Constant { orders: 100 });
    assert_near(orders(even), 400.0);
}

#[test]
fn repeats_multiply_and_max_orders_caps() {
    let mut spec = spec(vec![phase(60, Rate::Constant { rate: 2.0 }), phase(0, Rate::AtOnce { orders: 5 })]);
    spec.repeat = 3;
    assert_near(spec.expected_orders(), 375.0);
    assert_eq!(spec.span(), SimDuration::from_secs(180));
    spec.max_orders = Some(100);
    assert_near(spec.expected_orders(), 100.0);
    spec.repeat = u64::MAX;
    assert_eq!(spec.span(), SimDuration::MAX);
}

#[test]
fn changes_of_the_rate_are_counted_before_any_run() {
    let mut modulated = phase(60, Rate::Constant { rate: 2.0 });
    modulated.modulation = Some(Modulation { cv: 1.0, correlation: SimDuration::from_secs(7) });
    let spec = WorkloadSpec { repeat: 10, ..spec(vec![modulated, phase(30, Rate::Constant { rate: 1.0 })]) };
    assert_eq!(spec.changes(), 10 * (9 + 1));
    assert_eq!(WorkloadSpec { repeat: u64::MAX, ..spec }.changes(), u64::MAX);
}

#[test]
fn phases_follow_each_other_through_all_repeats() {
    let phases = vec![
        phase(60, Rate::Constant { rate: 2.0 }),
        phase(0, Rate::AtOnce { orders: 5 }),
        phase(30, Rate::Constant { rate: 0.0 }),
    ];
    let spec = WorkloadSpec { repeat: 2, ..spec(phases) };
    let seconds = |time: SimTime| time.0 / 1_000_000_000;
    let starts: Vec<_> = spec.phase_starts().map(|(r, p, start, end)| (r, p, seconds(start), seconds(end))).collect();
    let expected = [(0, 0, 0, 60), (0, 1, 60, 60), (0, 2, 60, 90), (1, 0, 90, 150), (1, 1, 150, 150), (1, 2, 150, 180)];
    assert_eq!(starts, expected);
}
