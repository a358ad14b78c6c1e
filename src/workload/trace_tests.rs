//! Arrivals by a trace: exactly its rows, read in pieces, among other phases and over repeats.

use std::sync::Arc;

use crate::random::Streams;
use crate::time::{NANOS_PER_SEC, SimDuration, SimTime};
use crate::workload::spec::{Batch, Phase, Rate, Spacing};
use crate::workload::trace::{Counts, Row, RowSource, Trace, TraceFacts};
use crate::workload::{Workload, WorkloadSpec};

/// Rows in memory, handed over two at a time.
#[derive(Debug)]
struct Rows(Vec<Row>);

impl RowSource for Rows {
    fn read(&self, place: u64, rows: &mut Vec<Row>) -> u64 {
        let piece = self.0.iter().skip(place as usize).take(2);
        rows.extend(piece.clone());
        place + piece.count() as u64
    }

    fn trouble(&self) -> Option<String> {
        None
    }
}

/// A trace of times and service times in milliseconds, 0 for none.
fn trace(rows: &[(u64, u64)]) -> Trace {
    let row = |(at, service): &(u64, u64)| Row {
        at: SimDuration::from_millis(*at),
        service: (*service > 0).then(|| SimDuration::from_millis(*service)),
    };
    let rows: Vec<Row> = rows.iter().map(row).collect();
    let mut counts = Counts::default();
    rows.iter().for_each(|row| counts.add(row.at));
    let services: Vec<f64> = rows.iter().filter_map(|row| row.service).map(SimDuration::as_secs_f64).collect();
    let facts = TraceFacts {
        digest: [0; 32],
        rows: rows.len() as u64,
        first: rows[0].at,
        last: rows[rows.len() - 1].at,
        mean_service_s: (!services.is_empty()).then(|| services.iter().sum::<f64>() / services.len() as f64),
        profile: counts.summed(),
    };
    Trace { facts: Arc::new(facts), source: Arc::new(Rows(rows)) }
}

fn phase(milliseconds: u64, rate: Rate) -> Phase {
    let duration = SimDuration::from_millis(milliseconds);
    let (spacing, batch) = (Spacing::Even, Batch::Constant { orders: 1 });
    Phase { name: None, duration, rate, spacing, batch, modulation: None, origin: false }
}

fn spec(phases: Vec<Phase>) -> WorkloadSpec {
    WorkloadSpec { phases, repeat: 1, max_orders: None, initial_backlog: 0 }
}

/// (arrival, service) of every order in milliseconds, and the end of the arrivals.
fn orders(spec: &WorkloadSpec) -> (Vec<(u64, u64)>, SimTime) {
    let mut workload = Workload::new(spec, &Streams::new(1, 0));
    let orders = std::iter::from_fn(|| workload.next_order());
    let orders = orders.map(|order| (order.arrives_at.0 / 1_000_000, order.service.map_or(0, |s| s.0 / 1_000_000)));
    let orders = orders.collect();
    assert_eq!((workload.next_order(), workload.next_order()), (None, None));
    (orders, workload.end())
}

const ROWS: [(u64, u64); 5] = [(0, 10), (700, 20), (700, 30), (1_500, 40), (2_000, 50)];

#[test]
fn the_orders_are_exactly_the_rows() {
    let spec = spec(vec![phase(2_000, Rate::Trace(trace(&ROWS)))]);
    assert_eq!(orders(&spec), (ROWS.to_vec(), SimTime(2 * NANOS_PER_SEC)));
    assert_eq!((spec.expected_orders(), spec.span()), (5.0, SimDuration::from_secs(2)));
    assert!((spec.mean_service_s(9.0) - 0.03).abs() < 1e-12);
}

#[test]
fn a_trace_stands_among_other_phases_and_is_read_anew_in_every_repeat() {
    let phases = vec![
        phase(1_000, Rate::Constant { rate: 2.0 }),
        phase(3_000, Rate::Trace(trace(&ROWS))),
        phase(0, Rate::AtOnce { orders: 1 }),
    ];
    let spec = WorkloadSpec { repeat: 2, ..spec(phases) };
    let once = [(500, 0), (1_000, 0), (1_000, 10), (1_700, 20), (1_700, 30), (2_500, 40), (3_000, 50), (4_000, 0)];
    let twice = once.iter().map(|(at, service)| (at + 4_000, *service));
    assert_eq!(orders(&spec).0, once.iter().copied().chain(twice).collect::<Vec<_>>());
    // Three of eight orders are drawn: (5 × 30 ms + 3 × 1 s) / 8.
    assert!((spec.mean_service_s(1.0) - 3.15 / 8.0).abs() < 1e-12);
}

#[test]
fn a_poisson_process_runs_on_behind_a_trace() {
    let poisson =
        |milliseconds| Phase { spacing: Spacing::Poisson, ..phase(milliseconds, Rate::Constant { rate: 5.0 }) };
    let whole = orders(&spec(vec![poisson(20_000)])).0;
    let broken = orders(&spec(vec![poisson(10_000), phase(2_000, Rate::Trace(trace(&ROWS))), poisson(10_000)])).0;
    let others =
        broken.iter().filter(|(_, service)| *service == 0).map(|(at, _)| if *at > 10_000 { at - 2_000 } else { *at });
    let off = others.zip(&whole).map(|(at, (exact, _))| at.abs_diff(*exact)).max();
    assert!(broken.len() == whole.len() + 5 && off <= Some(1), "{off:?}");
}

#[test]
fn the_end_of_the_phase_and_max_orders_cut_a_trace_off() {
    let cut = spec(vec![phase(700, Rate::Trace(trace(&ROWS)))]);
    assert_eq!(orders(&cut), (ROWS[..3].to_vec(), SimTime(NANOS_PER_SEC * 7 / 10)));
    let most = WorkloadSpec { max_orders: Some(4), ..spec(vec![phase(5_000, Rate::Trace(trace(&ROWS)))]) };
    assert_eq!(orders(&most), (ROWS[..4].to_vec(), SimTime(NANOS_PER_SEC * 3 / 2)));
    let longer = spec(vec![phase(5_000, Rate::Trace(trace(&ROWS)))]);
    assert_eq!(orders(&longer).1, SimTime(5 * NANOS_PER_SEC));
}

#[test]
fn a_trace_moves_no_other_draw() {
    let keys = |rate| {
        let mut workload = Workload::new(&spec(vec![phase(2_000, rate)]), &Streams::new(3, 0));
        std::iter::from_fn(move || workload.next_order()).map(|order| order.key).take(5).collect::<Vec<_>>()
    };
    assert_eq!(keys(Rate::Trace(trace(&ROWS))), keys(Rate::Constant { rate: 50.0 }));
}

#[test]
fn the_profile_counts_right_to_its_grain_and_stays_small() {
    let mut counts = Counts::default();
    for order in 0..100_000 {
        counts.add(SimDuration::from_millis(10 * order));
    }
    assert!(format!("{counts:?}").len() < 40_000);
    let facts = TraceFacts {
        rows: 100_000,
        last: SimDuration::from_secs(1_000),
        profile: counts.summed(),
        ..(*trace(&ROWS).facts).clone()
    };
    let trace = Trace { facts: Arc::new(facts), ..trace(&ROWS) };
    for second in [0.0, 0.1, 1.0, 77.7, 500.0, 999.9] {
        let found = trace.orders_until(second);
        assert!((found - 100.0 * second).abs() < 30.0, "{found} in {second} s");
    }
    assert_eq!((trace.orders_until(1_000.0), trace.orders_until(1e12), trace.orders_until(-1.0)), (1e5, 1e5, 0.0));
}
