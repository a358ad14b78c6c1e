//! Every form of arrivals: how many orders, when, and up to when.

use crate::random::{Distribution, OrderKey, Streams};
use crate::time::{NANOS_PER_SEC, SimDuration, SimTime};
use crate::workload::spec::{Batch, Modulation, Phase, Rate, Spacing};
use crate::workload::{Order, Wave, Workload, WorkloadSpec, backlog_keys};

fn phase(seconds: u64, rate: Rate, spacing: Spacing) -> Phase {
    Phase {
        name: None,
        duration: SimDuration::from_secs(seconds),
        rate,
        spacing,
        batch: Batch::Constant { orders: 1 },
        modulation: None,
        origin: false,
    }
}

fn steady(seconds: u64, rate: f64, spacing: Spacing) -> Phase {
    phase(seconds, Rate::Constant { rate }, spacing)
}

fn burst(seconds: u64, orders: u64) -> Phase {
    phase(seconds, Rate::AtOnce { orders }, Spacing::Poisson)
}

fn spec(phases: Vec<Phase>) -> WorkloadSpec {
    WorkloadSpec { phases, repeat: 1, max_orders: None, initial_backlog: 0 }
}

fn workload(spec: &WorkloadSpec) -> Workload {
    Workload::new(spec, &Streams::new(1, 0))
}

/// All orders, after checking what holds of every workload.
fn orders(spec: &WorkloadSpec) -> Vec<Order> {
    let mut workload = workload(spec);
    let orders: Vec<Order> = std::iter::from_fn(|| workload.next_order()).collect();
    assert!(orders.iter().zip(0..).all(|(order, number)| order.number == number), "numbers count from 0");
    assert!(orders.is_sorted_by_key(|order| order.arrives_at), "times never decrease");
    assert!(orders.iter().all(|order| order.arrives_at <= workload.end()), "an order after the end");
    assert_eq!(workload.next_order(), None, "none after the last");
    orders
}

fn times(spec: &WorkloadSpec) -> Vec<u64> {
    orders(spec).iter().map(|order| order.arrives_at.0).collect()
}

/// Within four standard deviations of a Poisson count.
fn assert_poisson_count(count: usize, mean: f64) {
    assert!((count as f64 - mean).abs() < 4.0 * mean.sqrt(), "{count} orders, {mean} expected");
}

#[test]
fn poisson_arrivals_have_exponential_gaps() {
    let times = times(&spec(vec![steady(2_000, 100.0, Spacing::Poisson)]));
    assert_poisson_count(times.len(), 200_000.0);
    let gaps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 1e7).collect();
    let n = gaps.len() as f64;
    let mean = gaps.iter().sum::<f64>() / n;
    let variance = gaps.iter().map(|gap| (gap - mean) * (gap - mean)).sum::<f64>() / n;
    let long = gaps.iter().filter(|&&gap| gap > 3.0).count() as f64 / n;
    assert!((mean - 1.0).abs() < 0.01 && (variance - 1.0).abs() < 0.03, "mean {mean}, variance {variance}");
    assert!((long - libm::exp(-3.0)).abs() < 0.002, "{long} of the gaps are longer than three means");
}

#[test]
fn even_arrivals_are_exact_and_fill_the_phase() {
    let spec = spec(vec![steady(120, 20.0, Spacing::Even)]);
    let times = times(&spec);
    let expected: Vec<u64> = (1..=2_400).map(|k| k * NANOS_PER_SEC / 20).collect();
    assert_eq!(times, expected);
    assert_eq!(workload(&spec).end(), SimTime(120 * NANOS_PER_SEC));
}

#[test]
fn even_arrivals_do_not_drift_in_a_long_run() {
    // Neither 1/3 nor the gap of 300 ms / 7 is a binary fraction.
    for (seconds, rate, count) in [(900_000, 1.0 / 3.0, 300_000), (30_000, 70.0 / 3.0, 700_000)] {
        let times = times(&spec(vec![steady(seconds, rate, Spacing::Even)]));
        assert_eq!(times.len(), count);
        let exact = |k: u128| ((k + 1) * u128::from(seconds * NANOS_PER_SEC) + count as u128 / 2) / count as u128;
        let off = times.iter().zip(0..).map(|(&time, k)| time.abs_diff(exact(k) as u64)).max();
        assert!(off <= Some(1), "{off:?} ns off");
    }
}

#[test]
fn even_arrivals_of_any_whole_count_are_complete() {
    for count in 1..2_000_u64 {
        for seconds in [1, 7, 60] {
            let spec = spec(vec![steady(seconds, count as f64 / seconds as f64, Spacing::Even)]);
            let mut workload = workload(&spec);
            let mut last = SimTime::ZERO;
            let made = std::iter::from_fn(|| workload.next_order()).inspect(|order| last = order.arrives_at).count();
            assert_eq!((made as u64, last), (count, SimTime(seconds * NANOS_PER_SEC)), "{count} in {seconds} s");
        }
    }
}

#[test]
fn each_even_phase_starts_anew() {
    // 0.4/s for 4 s: one at 2.5 s; the rest of the gap is forgotten.
    let mut spec = spec(vec![steady(4, 0.4, Spacing::Even), steady(3, 1.0, Spacing::Even)]);
    spec.repeat = 2;
    let milliseconds: Vec<u64> = times(&spec).iter().map(|time| time / 1_000_000).collect();
    assert_eq!(milliseconds, [2_500, 5_000, 6_000, 7_000, 9_500, 12_000, 13_000, 14_000]);
}

#[test]
fn a_renewal_process_has_the_cv_of_its_distribution() {
    let renewal = |seconds, distribution| times(&spec(vec![steady(seconds, 50.0, Spacing::Renewal(distribution))]));
    for (distribution, cv) in [(Distribution::gamma(1.0, 4.0), 0.5), (Distribution::hyperexponential(1.0, 2.0), 2.0)] {
        let times = renewal(2_000, distribution);
        assert!((times.len() as f64 - 1e5).abs() < 4.0 * cv * 1e5_f64.sqrt(), "{} orders", times.len());
        let gaps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / 2e7).collect();
        let square = gaps.iter().map(|gap| gap * gap).sum::<f64>() / gaps.len() as f64;
        assert!(((square - 1.0).sqrt() / cv - 1.0).abs() < 0.04, "cv {}", (square - 1.0).sqrt());
    }
    let regular = renewal(2, Distribution::constant(1.0));
    assert_eq!((regular.len(), regular[0], regular[99]), (100, 20_000_000, 2 * NANOS_PER_SEC));
}

#[test]
fn a_ramp_brings_three_quarters_in_its_later_half() {
    let ramp = |spacing| times(&spec(vec![phase(200, Rate::Ramp { from: 0.0, to: 1_000.0 }, spacing)]));
    let poisson = ramp(Spacing::Poisson);
    let early = poisson.iter().filter(|&&time| time < 100 * NANOS_PER_SEC).count();
    assert_poisson_count(early, 25_000.0);
    assert_poisson_count(poisson.len() - early, 75_000.0);
    let even = ramp(Spacing::Even);
    assert_eq!(even.len(), 100_000);
    // The integral reaches a quarter exactly at half-time.
    assert_eq!(even[24_999], 100 * NANOS_PER_SEC);
    assert_eq!(even[99_999], 200 * NANOS_PER_SEC);
}

#[test]
fn a_decay_reaches_its_target_at_the_end() {
    let spec = spec(vec![phase(300, Rate::Decay { from: 1_000.0, to: 10.0 }, Spacing::Even)]);
    let times = times(&spec);
    // (1000 - 10) x 300 / ln 100
    assert_eq!(times.len(), 64_492);
    let in_second = |second: u64| times.iter().filter(|&&time| time / NANOS_PER_SEC == second).count() as f64;
    assert!((in_second(0) - 992.4).abs() < 1.5, "{} in the first second", in_second(0));
    assert!((in_second(149) - 100.8).abs() < 1.5, "{} before the middle", in_second(149));
    assert!((in_second(299) - 10.1).abs() < 1.5, "{} in the last second", in_second(299));
}

#[test]
fn a_poisson_process_runs_on_through_changes_of_rate() {
    // Cutting a phase in many pieces changes nothing but roundings of a nanosecond.
    let whole = times(&spec(vec![steady(1_000, 5.0, Spacing::Poisson)]));
    let pieces = times(&spec(vec![steady(10, 5.0, Spacing::Poisson); 100]));
    assert_eq!(whole.len(), pieces.len());
    assert!(whole.iter().zip(&pieces).all(|(a, b)| a.abs_diff(*b) <= 1));
    // Pauses and bursts push it back, no more.
    let broken = spec(vec![
        steady(500, 5.0, Spacing::Poisson),
        steady(30, 0.0, Spacing::Even),
        burst(70, 3),
        steady(500, 5.0, Spacing::Poisson),
    ]);
    let broken = times(&broken);
    assert_eq!(broken.iter().filter(|&&time| time == 530 * NANOS_PER_SEC).count(), 3);
    assert!(!broken.iter().any(|time| (530 * NANOS_PER_SEC + 1..600 * NANOS_PER_SEC).contains(time)));
    assert_poisson_count(broken.len() - 3, 5_000.0);
}

#[test]
fn a_poisson_phase_after_an_even_one_or_a_burst_has_luck_of_its_own() {
    // With an even gap of one carried over the first order would always come one mean gap after the start.
    for before in [steady(10, 0.25, Spacing::Even), phase(10, Rate::AtOnce { orders: 1 }, Spacing::Even)] {
        let spec = spec(vec![before, steady(100, 1.0, Spacing::Poisson)]);
        let first = |seed| {
            let mut workload = Workload::new(&spec, &Streams::new(seed, 0));
            let later = std::iter::from_fn(|| workload.next_order()).find(|o| o.arrives_at.0 > 10 * NANOS_PER_SEC);
            later.map_or(0.0, |order| order.arrives_at.as_secs_f64() - 10.0)
        };
        let mean = (0..2_000).map(first).sum::<f64>() / 2_000.0;
        let long = (0..2_000).filter(|&seed| first(seed) > 1.0).count();
        assert!((mean - 1.0).abs() < 0.1, "mean {mean}");
        assert!((640..830).contains(&long), "{long} of 2000 wait longer than a mean gap, 736 expected");
    }
}

#[test]
fn a_wave_places_even_and_poisson_arrivals_by_its_integral() {
    let wave = |spacing| phase(600, Rate::Wave(Wave { rate: 100.0, amplitude: 0.8, period_s: 60.0 }), spacing);
    let even = times(&spec(vec![wave(Spacing::Even)]));
    assert_eq!(even.len(), 60_000);
    // Half a period brings 3,000 ± 100 × 0.8 × 60 / π = 1,527.9 orders.
    let in_half =
        |times: &[u64], half: u64| times.iter().filter(|&&time| (time - 1) / (30 * NANOS_PER_SEC) == half).count();
    for half in 0..20 {
        let exact = if half % 2 == 0 { 4_527.9 } else { 1_472.1 };
        assert!((in_half(&even, half) as f64 - exact).abs() <= 1.0, "{} in half {half}", in_half(&even, half));
    }
    let poisson = times(&spec(vec![wave(Spacing::Poisson)]));
    for half in 0..20 {
        assert_poisson_count(in_half(&poisson, half), if half % 2 == 0 { 4_527.9 } else { 1_472.1 });
    }
}

fn modulated(phase: Phase, cv: f64, correlation: u64) -> Phase {
    Phase { modulation: Some(Modulation { cv, correlation: SimDuration(correlation * NANOS_PER_SEC) }), ..phase }
}

/// Mean and variance of the counts in windows of so many seconds.
fn counts(times: &[u64], seconds: u64, window: u64) -> (f64, f64) {
    let mut counts = vec![0.0; (seconds / window) as usize];
    for time in times.iter().filter(|&&time| time < seconds * NANOS_PER_SEC) {
        counts[(time / (window * NANOS_PER_SEC)) as usize] += 1.0;
    }
    let n = counts.len() as f64;
    let mean = counts.iter().sum::<f64>() / n;
    (mean, counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / (n - 1.0))
}

#[test]
fn modulated_arrivals_are_dispersed_as_their_formula_says() {
    // A window as long as the factors hold: variance r T + (r T cv)^2, so the index of dispersion is 1 + r T cv^2. A
    // longer one of whole factors has the same.
    let seconds = 400_000;
    let times = times(&spec(vec![modulated(steady(seconds, 4.0, Spacing::Poisson), 0.5, 10)]));
    for window in [10, 50] {
        let (mean, variance) = counts(&times, seconds, window);
        assert!((mean / (4.0 * window as f64) - 1.0).abs() < 0.02, "mean {mean}");
        assert!((variance / mean / 11.0 - 1.0).abs() < 0.06, "index of dispersion {}", variance / mean);
    }
    // Within a factor they are Poisson: windows of a second mix over the factors, 1 + r cv^2.
    let (mean, variance) = counts(&times, seconds, 1);
    assert!((variance / mean / 2.0 - 1.0).abs() < 0.04, "index of dispersion {}", variance / mean);
}

#[test]
fn modulation_works_with_every_rate_and_spacing_and_ends_with_its_phase() {
    let wave = Wave { rate: 50.0, amplitude: 1.0, period_s: 33.0 };
    for rate in [
        Rate::Constant { rate: 50.0 },
        Rate::Ramp { from: 0.0, to: 100.0 },
        Rate::Decay { from: 200.0, to: 5.0 },
        Rate::Wave(wave),
    ] {
        for spacing in [Spacing::Poisson, Spacing::Even, Spacing::Renewal(Distribution::gamma(1.0, 4.0))] {
            for cv in [0.3, 10.0] {
                let spec = spec(vec![modulated(phase(1_000, rate.clone(), spacing.clone()), cv, 7), burst(1, 1)]);
                let mean = spec.expected_orders();
                let times = times(&spec);
                assert_eq!(times.last(), Some(&(1_000 * NANOS_PER_SEC)), "{rate:?} {spacing:?}");
                // 143 factors of this cv: their mean is within six of its standard errors (a decay leans on its first).
                let error = 6.0 * cv / 12.0 * if matches!(rate, Rate::Decay { .. }) { 3.0 } else { 1.2 };
                let share = times.len() as f64 / mean;
                assert!((share - 1.0).abs() < error + 0.05, "{rate:?} {spacing:?} {cv}: {share}");
            }
        }
    }
}

#[test]
fn modulation_has_a_stream_of_its_own() {
    // A factor of hardly any chance leaves every order where it would be without.
    let plain = times(&spec(vec![steady(1_000, 5.0, Spacing::Poisson)]));
    let nearly = times(&spec(vec![modulated(steady(1_000, 5.0, Spacing::Poisson), 1e-9, 3)]));
    assert_eq!(plain.len(), nearly.len());
    assert!(plain.iter().zip(&nearly).all(|(a, b)| a.abs_diff(*b) < 10_000));
    // And what follows a modulated phase keeps its keys and its gaps.
    let keys = |phase| orders(&spec(vec![phase])).into_iter().map(|order| order.key);
    let both =
        keys(steady(100, 8.0, Spacing::Poisson)).zip(keys(modulated(steady(100, 8.0, Spacing::Poisson), 2.0, 1)));
    assert!(both.into_iter().all(|(a, b)| a == b));
}

#[test]
fn a_burst_comes_at_the_start_of_its_phase_whatever_its_batch() {
    let mut sale = burst(0, 100);
    sale.batch = Batch::Constant { orders: 7 };
    let mut spec = spec(vec![steady(60, 1.0, Spacing::Even), sale, steady(2, 1.0, Spacing::Even)]);
    spec.repeat = 2;
    let times = times(&spec);
    let at = |second: u64| times.iter().filter(|&&time| time == second * NANOS_PER_SEC).count();
    assert_eq!([at(59), at(60), at(61), at(62), at(122), at(124)], [1, 101, 1, 1, 101, 1]);
    assert_eq!(times.len(), 2 * 162);
}

#[test]
fn a_burst_alone_is_at_time_zero() {
    let spec = spec(vec![burst(0, 1_000)]);
    assert_eq!(times(&spec), vec![0; 1_000]);
    assert_eq!(workload(&spec).end(), SimTime::ZERO);
}

#[test]
fn batches_share_their_instant_and_the_rate_counts_orders() {
    let mut phase = steady(10, 20.0, Spacing::Even);
    phase.batch = Batch::Constant { orders: 5 };
    let times = times(&spec(vec![phase]));
    let expected: Vec<u64> = (0..200).map(|i| (i / 5 + 1) * NANOS_PER_SEC / 4).collect();
    assert_eq!(times, expected);
}

#[test]
fn geometric_batches_have_their_mean_and_shape() {
    let mut phase = steady(10_000, 10.0, Spacing::Even);
    phase.batch = Batch::Geometric { mean: 2.5 };
    let spec = spec(vec![phase]);
    assert!((spec.expected_orders() - 100_000.0).abs() < 1e-6);
    let times = times(&spec);
    let sizes: Vec<usize> = times.chunk_by(|a, b| a == b).map(<[u64]>::len).collect();
    assert_eq!(sizes.len(), 40_000);
    let share = |size| sizes.iter().filter(|&&n| n == size).count() as f64 / 40_000.0;
    assert!((times.len() as f64 / 40_000.0 - 2.5).abs() < 0.04, "{} orders", times.len());
    for (size, p) in [(1, 0.4), (2, 0.24), (3, 0.144), (4, 0.0864)] {
        assert!((share(size) - p).abs() < 0.01, "{} of the batches are of {size}", share(size));
    }
}

#[test]
fn geometric_batches_of_mean_one_are_single_orders() {
    let mut single = steady(10, 1.0, Spacing::Even);
    single.batch = Batch::Geometric { mean: 1.0 };
    assert_eq!(times(&spec(vec![single])).len(), 10);
}

#[test]
fn max_orders_stops_within_a_batch_and_sets_the_end() {
    let mut phase = steady(10, 20.0, Spacing::Even);
    phase.batch = Batch::Constant { orders: 5 };
    let mut spec = spec(vec![phase]);
    spec.max_orders = Some(7);
    let mut workload = workload(&spec);
    for _ in 0..6 {
        workload.next_order();
        assert_eq!(workload.end(), SimTime(10 * NANOS_PER_SEC), "known only after the last order");
    }
    assert_eq!(workload.next_order().map(|order| order.arrives_at), Some(SimTime(NANOS_PER_SEC / 2)));
    assert_eq!(workload.next_order(), None);
    assert_eq!(workload.end(), SimTime(NANOS_PER_SEC / 2));
    spec.max_orders = Some(1_000);
    assert_eq!(orders(&spec).len(), 200);
}

#[test]
fn a_workload_without_orders_is_known_at_once() {
    let mut spec = spec(vec![steady(60, 0.0, Spacing::Poisson)]);
    spec.repeat = 100_000_000;
    let mut idle = workload(&spec);
    assert_eq!(idle.next_order(), None);
    assert_eq!(idle.end(), SimTime::ZERO + spec.span());
}

#[test]
fn keys_belong_to_the_number_and_not_to_the_rate() {
    let keys = |rate| orders(&spec(vec![steady(100, rate, Spacing::Poisson)])).into_iter().map(|order| order.key);
    assert!(keys(3.0).zip(keys(8.0)).all(|(a, b)| a == b));
    let mut all: Vec<OrderKey> = keys(8.0).collect();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), keys(8.0).count());
}

#[test]
fn the_backlog_has_keys_of_its_own() {
    let spec = WorkloadSpec { initial_backlog: 50, ..spec(vec![steady(100, 2.0, Spacing::Poisson)]) };
    let backlog: Vec<OrderKey> = backlog_keys(&spec, &Streams::new(1, 0)).collect();
    assert_eq!(backlog.len(), 50);
    assert!(orders(&spec).iter().all(|order| !backlog.contains(&order.key)));
}

#[test]
fn first_orders_are_pinned() {
    let first = |phase: Phase| {
        let spec = spec(vec![phase]);
        let mut workload = workload(&spec);
        let mut order = || workload.next_order().map_or(0, |order| order.arrives_at.0);
        [order(), order(), order()]
    };
    let mut batches = steady(100, 10.0, Spacing::Poisson);
    batches.batch = Batch::Geometric { mean: 1.5 };
    let pinned = [
        first(steady(100, 10.0, Spacing::Poisson)),
        first(phase(100, Rate::Ramp { from: 1.0, to: 10.0 }, Spacing::Poisson)),
        first(phase(100, Rate::Decay { from: 10.0, to: 1.0 }, Spacing::Poisson)),
        first(steady(100, 10.0, Spacing::Renewal(Distribution::gamma(1.0, 0.25)))),
        first(batches),
        first(phase(100, Rate::Wave(Wave { rate: 10.0, amplitude: 0.9, period_s: 2.0 }), Spacing::Poisson)),
        first(modulated(steady(100, 10.0, Spacing::Poisson), 1.0, 1)),
    ];
    let expected = [
        [96_354_299, 107_659_541, 162_581_388],
        [925_036_799, 1_028_952_011, 1_521_623_647],
        [96_461_345, 107_793_204, 162_886_467],
        [10_390_710, 120_158_940, 135_745_188],
        [144_531_448, 161_489_312, 161_489_312],
        [85_969_277, 94_996_183, 136_603_216],
        [211_826_406, 236_679_981, 357_420_805],
    ];
    assert_eq!(pinned, expected);
}
