//! The recorded and merged timeline against one that is worked out naively, row by row.

use proptest::prelude::{any, prop_assert_eq, proptest};

use super::*;

const SECOND: u64 = NANOS_PER_SEC;

/// At an instant, the backlog rises or falls and one order comes in.
type Change = (u64, bool);

/// Drives a timeline as the recorder does: settle the last instant, cross, then let things happen.
fn recorded(changes: &[Change], end: u64, resolution: Option<u64>) -> RecordedTimeline {
    let mut timeline = Timeline::new(resolution.map(SimDuration));
    let (mut last, mut backlog, mut highest) = (0, 0, Highest::default());
    let mut reach = |timeline: &mut Timeline, last: u64, now: u64, backlog: u64| {
        highest.backlog = highest.backlog.max(backlog);
        if now >= timeline.next() {
            let standing = Standing { backlog, ..Standing::default() };
            highest = timeline.cross(SimTime(last), SimTime(now), standing, highest);
            timeline.glance(SimTime(now), (backlog > 0).then_some(SimTime(backlog)));
        }
        highest
    };
    for (now, up) in changes {
        if *now > last {
            reach(&mut timeline, last, *now, backlog);
            last = *now;
        }
        timeline.counts.offered += 1;
        backlog = if *up { backlog + 1 } else { backlog.saturating_sub(1) };
    }
    if end > last {
        reach(&mut timeline, last, end, backlog);
    }
    let mut highest = reach(&mut timeline, end, end, backlog);
    highest.backlog = highest.backlog.max(backlog);
    timeline.finish(SimTime(end), highest)
}

/// Offered, backlog before the row, its maximum at ends of instants, and the age of the oldest message (which the driver
/// above says was sent at as many nanoseconds as there are messages).
fn naive(changes: &[Change], start: u64, step: u64) -> (u64, u64, u64, Option<f64>) {
    let mut levels = vec![(0, 0)];
    for (now, up) in changes {
        let (at, level): (u64, u64) = levels[levels.len() - 1];
        let level = if *up { level + 1 } else { level.saturating_sub(1) };
        if at == *now {
            levels.pop()
        } else {
            None
        };
        levels.push((*now, level));
    }
    let inside = |at: u64| at >= start && at - start < step;
    let offered = changes.iter().filter(|(now, _)| inside(*now)).count() as u64;
    let before = levels.iter().rev().find(|(at, _)| *at < start).map_or(0, |(_, level)| *level);
    let moved_at_start = levels.iter().any(|(at, _)| *at == start);
    let carried = if moved_at_start { 0 } else { before };
    let highest = levels.iter().filter(|(at, _)| inside(*at)).map(|(_, level)| *level).fold(carried, u64::max);
    let age = (before > 0).then(|| SimTime(start).since(SimTime(before)).as_secs_f64());
    (offered, before, highest, age)
}

fn check(changes: &[Change], end: u64, resolution: Option<u64>) {
    let timeline = recorded(changes, end, resolution);
    let step = timeline.step();
    let rows = timeline.rows(step, false);
    assert!(rows.len() as u64 <= MOST_ROWS || resolution.is_some());
    for (index, row) in rows.iter().enumerate() {
        let start = index as u64 * step.0;
        assert_eq!(row.time_s, SimTime(start).as_secs_f64());
        let found = (row.offered, row.backlog, row.backlog_max, row.oldest_message_s);
        assert_eq!(found, naive(changes, start, step.0), "row {index} of {step:?}");
    }
    assert_eq!(rows.iter().map(|row| row.offered).sum::<u64>(), changes.len() as u64);
}

#[test]
fn the_step_is_the_shortest_that_gives_at_most_3600_rows() {
    let step = |end| recorded(&[], end * SECOND, None).step().0 / SECOND;
    assert_eq!(step(0), 1);
    assert_eq!(step(3_600), 1);
    assert_eq!(step(3_601), 2);
    assert_eq!(step(7_201), 5);
    assert_eq!(step(18_000), 5);
    assert_eq!(step(18_001), 10);
    assert_eq!(step(108_001), 60);
    assert_eq!(step(3_600 * DAY), DAY);
    assert_eq!(step(3_600 * DAY + 1), 2 * DAY);
}

#[test]
fn a_row_for_the_very_end_only_if_something_is_counted_there() {
    assert_eq!(recorded(&[], 2 * SECOND, None).rows(SimDuration(SECOND), false).len(), 2);
    assert_eq!(recorded(&[(2 * SECOND, true)], 2 * SECOND, None).rows(SimDuration(SECOND), false).len(), 3);
    assert_eq!(recorded(&[], 0, None).rows(SimDuration(SECOND), false).len(), 1);
    let full = recorded(&[(3_600 * SECOND, true)], 3_600 * SECOND, None);
    assert_eq!(full.step().0, 2 * SECOND);
}

#[test]
fn every_recording_step_divides_all_that_may_be_shown_of_it() {
    let mut step = SECOND;
    while step < 1_000 * DAY * SECOND {
        let (coarser, _) = next_recording(step);
        assert!(coarser.is_multiple_of(step));
        assert!(ladder().filter(|shown| *shown >= step).all(|shown| shown.is_multiple_of(step)), "{step}");
        step = coarser;
    }
}

#[test]
fn steps_asked_for_double_when_the_rows_are_too_many() {
    let timeline = recorded(&[(5, true)], 3 * MOST_ROWS_AT_A_FIXED_STEP, Some(1));
    assert_eq!(timeline.step(), SimDuration(4));
    let rows = timeline.rows(SimDuration(4), false);
    assert_eq!(rows.len() as u64, 3 * MOST_ROWS_AT_A_FIXED_STEP / 4);
    assert_eq!((rows[1].offered, rows[1].backlog, rows[2].backlog), (1, 0, 1));
}

#[test]
fn idle_years_between_two_orders_are_filled() {
    let year = 366 * DAY * SECOND;
    check(&[(10, true), (20 * year, false), (20 * year + 5, true)], 20 * year + 10, None);
}

proptest! {
    #[test]
    fn merged_rows_are_the_naive_ones(
        steps in proptest::collection::vec((0u64..4, 0u64..20, any::<bool>()), 1..40),
        unit in 0usize..6,
        after in 0u64..3,
    ) {
        let unit = [SECOND / 4, SECOND, 100 * SECOND, 1_000 * SECOND, 9_000 * SECOND, 40 * DAY * SECOND][unit];
        let mut now = 0;
        let changes: Vec<Change> = steps
            .iter()
            .map(|(units, nanos, up)| {
                now += units * unit + nanos.saturating_sub(16);
                (now, *up)
            })
            .collect();
        check(&changes, now + after * unit, None);
        check(&changes, now + after * unit, Some(unit / 2));
    }

    #[test]
    fn a_longer_step_of_the_ladder_gives_the_same_sums(ends in (1u64..30_000, 1u64..30_000)) {
        let changes: Vec<Change> = (0..ends.0).step_by(7).map(|second| (second * SECOND, true)).collect();
        let (one, other) = (recorded(&changes, ends.0 * SECOND, None), recorded(&[], ends.1 * SECOND, None));
        let step = one.step().max(other.step());
        let rows = one.rows(step, false);
        prop_assert_eq!(rows.len() as u64, (ends.0 * SECOND).div_ceil(step.0));
        prop_assert_eq!(rows.iter().map(|row| row.offered).sum::<u64>(), changes.len() as u64);
    }
}
