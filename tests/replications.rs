//! Several replications of one scenario: their totals, means and intervals, and what stays as it is.

use queuecast::experiment::{Outcome, Progress, RunSettings, run, slo};
use queuecast::measure::bands::Series;
use queuecast::measure::findings::{Design, DesignFindings};
use queuecast::scenario::{Overrides, Scenario, Source, load};

const SALE: &str = "profile = 'textbook'\nseed = 7\n[[arrivals]]\nrate = '60/s'\nduration = '20s'\n[lambda]\n\
                    duration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 4\n";

fn scenario(text: &str) -> Scenario {
    let source = Source { shown: "sale.toml".into(), name: "sale".into(), text: text.into() };
    load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}")).scenario
}

fn outcome(text: &str, threads: usize) -> Outcome {
    let designs = vec![Design::Buffered, Design::Direct];
    let settings = RunSettings { designs, threads, resolution: None, verify: true, orders: false };
    run(&scenario(text), &settings, &Progress::default()).unwrap_or_else(|breach| panic!("{breach}"))
}

fn several(n: u32) -> String {
    format!("replications = {n}\n{SALE}")
}

#[test]
fn the_first_replication_is_the_single_run_and_the_others_are_others() {
    let (one, two) = (outcome(SALE, 1).findings, outcome(&several(2), 1).findings);
    assert_eq!(two.first(), &one);
    let second = two.designs[0].orders.offered - one.designs[0].orders.offered;
    assert!(second > 0 && second != one.designs[0].orders.offered, "{second} orders in the second");
    let longer = outcome(&several(3), 1).findings;
    assert!(longer.designs[0].orders.offered > two.designs[0].orders.offered);
}

#[test]
fn threads_change_nothing() {
    let plain = outcome(&several(9), 1);
    for threads in [2, 3, 16] {
        let other = outcome(&several(9), threads);
        assert_eq!((&other.findings, &other.digests), (&plain.findings, &plain.digests), "{threads} threads");
        assert_eq!(other.arrivals_end, plain.arrivals_end);
    }
    assert_ne!(plain.digests[0].1, outcome(SALE, 1).digests[0].1);
}

#[test]
fn bands_hold_every_replication_and_their_means_add_up_to_the_totals() {
    let found = outcome(&several(6), 2).findings;
    let bands = found.replicated.as_ref().and_then(|replicated| replicated.bands.as_ref()).expect("there are several");
    let step = bands.step.as_secs_f64();
    for (design, own) in found.designs.iter().zip(&bands.designs) {
        let of = |series: Series| &own.over_time[series as usize];
        let confirmed: f64 = of(Series::Confirmed).iter().map(|band| band.mean * step * 6.0).sum();
        assert!((confirmed - design.orders.confirmed as f64).abs() < 1e-6, "{confirmed} {}", design.orders.confirmed);
        let lost = of(Series::Lost).last().expect("a step").mean * 6.0;
        assert!((lost - design.orders.failed as f64).abs() < 1e-6, "{lost} {}", design.orders.failed);
        let first = found.first().designs.iter().find(|first| first.design == design.design).expect("both ran");
        for row in &first.timeline {
            let band = of(Series::Backlog)[(row.time_s / step) as usize];
            assert!(band.least <= row.backlog as f64 && row.backlog_max as f64 <= band.most, "{row:?} {band:?}");
        }
        let (all, last) = (design.orders, own.within.last().expect("a point").1);
        let share = all.confirmed as f64 / all.offered as f64;
        assert!(last.least <= share && share <= last.most && last.low <= last.mean && last.mean <= last.high);
    }
    assert_eq!(outcome(SALE, 1).findings.replicated, None);
}

#[test]
fn totals_add_up_and_intervals_hold_their_values() {
    let found = outcome(&several(6), 2).findings;
    for DesignFindings { orders, causes, latency, .. } in &found.designs {
        let lost = orders.failed + orders.timed_out + orders.refused + orders.open;
        assert_eq!(orders.offered, orders.confirmed + orders.declined + lost);
        assert_eq!(causes.iter().sum::<u64>(), lost);
        assert_eq!(latency.histogram.0.iter().map(|(_, count)| count).sum::<u64>(), orders.confirmed);
    }
    let buffered = &found.designs[0];
    let mean_wait = buffered.wait.mean.expect("orders were served");
    for (path, value) in [
        ("designs.buffered.orders.confirmed", buffered.orders.confirmed as f64),
        ("designs.buffered.wait_s.mean", mean_wait),
        ("designs.buffered.lambda.gb_s", buffered.lambda.gb_s),
        ("designs.direct.orders.failed", found.designs[1].orders.failed as f64),
    ] {
        let interval = found.interval(path).unwrap_or_else(|| panic!("{path} has an interval"));
        assert!(interval.low < value && value < interval.high, "{path}: {value} in {interval:?}");
        let middle = (interval.low + interval.high) / 2.0;
        assert!((middle - value).abs() <= 1e-9 * value, "{path}: {value} in the middle of {interval:?}");
    }
    // Direct loses orders in every replication: its 99th percentile is never, and has no interval.
    assert_eq!(found.designs[1].latency.all_offered.p99, None);
    assert_eq!(found.interval("designs.direct.latency_s.all_offered.p99"), None);
    let confirmed = found.comparison.expect("both ran").confirmed;
    let difference = found.designs[1].orders.confirmed as f64 - buffered.orders.confirmed as f64;
    assert_eq!(confirmed.difference, Some(difference));
    assert!(confirmed.low < Some(difference) && confirmed.high > Some(difference));
}

#[test]
fn differences_are_paired_so_the_orders_own_chance_falls_out() {
    // Without a limit both designs confirm every order at once: the difference is nought in every replication, while the
    // number of orders varies.
    let text = "replications = 5\nprofile = 'textbook'\n[[arrivals]]\nrate = '60/s'\nduration = '20s'\n";
    let found = outcome(text, 2).findings;
    let confirmed = found.comparison.expect("both ran").confirmed;
    assert_eq!((confirmed.difference, confirmed.low, confirmed.high), (Some(0.0), Some(0.0), Some(0.0)));
    assert!(found.interval("designs.buffered.orders.confirmed").expect("five values").half_width > 0.0);
}

#[test]
fn an_objective_in_orders_speaks_of_one_run_and_a_share_of_all() {
    let objectives =
        "[slo]\napplies_to = ['direct']\nfailed = '<= 600'\nconfirmed = '>= 10%'\ndrained_within = '<= 1h'\n";
    let text = format!("{}{objectives}", several(8)).replace("['direct']", "['buffered', 'direct']");
    let found = outcome(&text, 2).findings;
    let verdicts = slo::judge(&scenario(&text), &found);
    let of = |name: &str, design: Design| {
        let verdict = verdicts.iter().find(|verdict| verdict.name == name && verdict.design == design);
        verdict.unwrap_or_else(|| panic!("{name} is judged"))
    };
    let direct = &found.designs[1].orders;
    let failed = of("failed", Design::Direct);
    assert!(direct.failed > 600, "the total is beyond the limit: {}", direct.failed);
    assert_eq!((failed.measured, failed.met), (Some(direct.failed as f64 / 8.0), true));
    assert_eq!(of("confirmed", Design::Direct).measured, Some(direct.confirmed as f64 / direct.offered as f64));
    let drained = of("drained_within", Design::Buffered);
    let at = found.designs[0].queue.and_then(|queue| queue.drained_at_s).expect("drained every time");
    let measured = drained.measured.expect("drained every time");
    assert!(measured > at - 20.0 && measured < at - 19.0, "{measured} s after the last order, {at} s in all");
}

#[test]
fn each_replication_draws_its_own_factor_on_the_forecast() {
    let text = format!("arrivals_scale = {{ p50 = 1.2, p99 = 3 }}\n{}", several(4));
    let sale = scenario(&text);
    let factors = sale.arrivals_factors();
    assert_eq!(factors.len(), 4);
    let mut sorted = factors.clone();
    sorted.sort_by(f64::total_cmp);
    sorted.dedup();
    assert_eq!(sorted.len(), 4, "{factors:?}");
    // 60/s over 20 s, times the factors: Poisson, so five standard deviations are wide enough.
    let expected: f64 = factors.iter().map(|factor| 1_200.0 * factor).sum();
    let offered = outcome(&text, 2).findings.designs[0].orders.offered as f64;
    assert!((offered - expected).abs() < 5.0 * expected.sqrt(), "{offered} orders, {expected} expected");
    // Both designs and a single run face the same factor; it draws one, too.
    let one = scenario(&format!("arrivals_scale = {{ p50 = 1.2, p99 = 3 }}\n{SALE}"));
    assert_eq!(one.arrivals_factors(), factors[..1]);
    assert_eq!(one.workload_of(0), sale.workload_of(0));
    // A factor that is always 1 changes nothing.
    let plain = outcome(&format!("arrivals_scale = {{ p50 = 1, p99 = 1 }}\n{SALE}"), 1);
    assert_eq!(plain.findings, outcome(SALE, 1).findings);
}

#[test]
fn the_factor_is_noted() {
    let notes = |text: &str| {
        let source = Source { shown: "sale.toml".into(), name: "sale".into(), text: text.into() };
        load(&source, &Overrides::default()).unwrap_or_else(|refusal| panic!("{refusal}")).notes.join("\n")
    };
    let text = format!("arrivals_scale = {{ p50 = 1.2, p99 = 3 }}\n{SALE}");
    let factor = scenario(&text).arrivals_factors()[0];
    let words = format!("this run has drawn a factor of {factor:.3}; every rate and every at_once count");
    assert!(notes(&text).contains(&words), "{}", notes(&text));
    assert!(
        notes(&format!("replications = 3\n{text}")).contains("each of the 3 replications has drawn its own factor")
    );
    assert!(!notes(SALE).contains("arrivals_scale"));
}
