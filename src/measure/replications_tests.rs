use super::*;
use crate::measure::comparison::compare;
use crate::measure::findings::Design;
use crate::measure::student::two_sided;
use crate::time::SimDuration;

/// One replication of both designs with a few numbers filled in.
fn replication(confirmed: u64, p50: Option<f64>, peak: u64, gb_s: f64) -> Findings {
    let mut buffered = DesignFindings::blank(Design::Buffered, false, Vec::new());
    let direct = DesignFindings::blank(Design::Direct, false, Vec::new());
    (buffered.orders.offered, buffered.orders.confirmed) = (100, confirmed);
    buffered.latency.all_offered.p50 = p50;
    buffered.latency.histogram = HistogramCounts(vec![(peak, 1), (1_000, confirmed)]);
    buffered.queue.as_mut().expect("a queue").peak_backlog = peak;
    buffered.lambda.gb_s = gb_s;
    buffered.end = SimTime(peak);
    let comparison = Some(compare(&buffered, &direct));
    let (end, step) = (SimTime(peak), SimDuration(1));
    Findings { designs: vec![buffered, direct], end, step, comparison, replicated: None }
}

fn folded(all: &[Findings]) -> Findings {
    let mut fold = Fold::default();
    all.iter().for_each(|found| fold.add(found.clone()));
    fold.finish()
}

#[test]
fn one_replication_is_left_as_it_is() {
    let one = replication(90, Some(2.0), 7, 1.5);
    assert_eq!(folded(std::slice::from_ref(&one)), one);
}

#[test]
fn counts_and_amounts_add_up_the_rest_is_averaged_and_intervals_are_students() {
    let all =
        [replication(90, Some(2.0), 7, 1.5), replication(94, Some(3.0), 8, 2.0), replication(98, Some(7.0), 10, 2.5)];
    let found = folded(&all);
    let buffered = &found.designs[0];
    assert_eq!((buffered.orders.offered, buffered.orders.confirmed), (300, 282));
    assert_eq!((buffered.latency.all_offered.p50, buffered.lambda.gb_s), (Some(4.0), 6.0));
    assert_eq!(buffered.latency.histogram, HistogramCounts(vec![(7, 1), (8, 1), (10, 1), (1_000, 282)]));
    assert_eq!(buffered.queue.expect("a queue").peak_backlog, 8, "the nearest to 25 / 3");
    let peaks = &found.replicated.as_ref().expect("of several").peaks;
    assert_eq!(peaks[0], ("designs.buffered.queue.peak_backlog".to_owned(), 25.0 / 3.0));
    assert_eq!((found.end, buffered.end, found.replications()), (SimTime(8), SimTime(8), 3));
    // By hand: the confirmed have a standard deviation of 4, their total a half width of t 4 sqrt(3).
    let t = two_sided(0.95, 2);
    let near = |found: f64, by_hand: f64| assert!((found - by_hand).abs() < 1e-9, "{found}, by hand {by_hand}");
    let confirmed = found.interval("designs.buffered.orders.confirmed").expect("three values");
    near(confirmed.half_width, t * 4.0 * 3.0_f64.sqrt());
    near(confirmed.low, 282.0 - confirmed.half_width);
    near(confirmed.high, 282.0 + confirmed.half_width);
    // The medians 2, 3, 7 have a variance of 7, their mean a half width of t sqrt(7 / 3).
    let p50 = found.interval("designs.buffered.latency_s.all_offered.p50").expect("three values");
    near(p50.half_width, t * (7.0 / 3.0_f64).sqrt());
    near((p50.low + p50.high) / 2.0, 4.0);
    assert_eq!(found.first(), &all[0]);
}

#[test]
fn what_is_none_in_one_replication_is_none_and_has_no_interval() {
    let found = folded(&[replication(90, Some(2.0), 7, 1.5), replication(40, None, 8, 2.0)]);
    assert_eq!(found.designs[0].latency.all_offered.p50, None);
    assert_eq!(found.interval("designs.buffered.latency_s.all_offered.p50"), None);
    let difference = found.comparison.expect("both ran").latency_p50_s;
    assert_eq!((difference.difference, difference.low, difference.high), (None, None, None));
}

#[test]
fn differences_are_paired() {
    // Buffered varies from 90 to 98 and direct confirms none: the total of the differences varies as much.
    let found = folded(&[replication(90, Some(2.0), 7, 1.5), replication(98, Some(3.0), 8, 2.0)]);
    let confirmed = found.comparison.expect("both ran").confirmed;
    let half_width = two_sided(0.95, 1) * 32.0_f64.sqrt() * 2.0_f64.sqrt();
    assert_eq!(confirmed.difference, Some(-188.0));
    assert!((confirmed.low.expect("two values") - (-188.0 - half_width)).abs() < 1e-9);
    assert!((confirmed.high.expect("two values") - (-188.0 + half_width)).abs() < 1e-9);
}

#[test]
fn equal_replications_leave_no_doubt() {
    let one = replication(90, Some(0.1), 7, 0.3);
    let found = folded(&[one.clone(), one.clone(), one]);
    assert_eq!(found.designs[0].latency.all_offered.p50, Some(0.1));
    let interval = found.interval("designs.buffered.latency_s.all_offered.p50").expect("three values");
    assert_eq!((interval.low, interval.high, interval.half_width), (0.1, 0.1, 0.0));
}
