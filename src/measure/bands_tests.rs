use super::{Band, BandFold, CELLS, Series, grid};
use crate::measure::findings::{Design, DesignFindings, HistogramCounts, TimelineRow};
use crate::time::{SimDuration, SimTime};

const SECOND: SimDuration = SimDuration(1_000_000_000);

/// A run of direct invocation with these rows a second apart: confirmed, lost, backlog.
fn run(rows: &[(u64, u64, u64)]) -> (DesignFindings, Vec<TimelineRow>) {
    let row = |(i, (confirmed, lost, backlog)): (usize, &(u64, u64, u64))| TimelineRow {
        time_s: i as f64,
        confirmed: *confirmed,
        lost: *lost,
        backlog: *backlog,
        backlog_max: *backlog + 1,
        concurrency: *backlog,
        ..TimelineRow::default()
    };
    let mut found = DesignFindings::blank(Design::Direct, false, Vec::new());
    found.end = SimTime(rows.len() as u64 * SECOND.0);
    found.orders.offered = 4;
    (found, rows.iter().enumerate().map(row).collect())
}

fn fold(runs: &[(DesignFindings, Vec<TimelineRow>)], step: SimDuration, asked: Option<SimDuration>) -> BandFold {
    let mut fold = BandFold::new(&[Design::Direct], asked);
    runs.iter().for_each(|(found, rows)| fold.add(1.0, &[(found, rows, step)]));
    fold
}

#[test]
fn a_band_is_the_mean_its_interval_and_the_extremes_of_all_replications() {
    let runs = [run(&[(3, 1, 10)]), run(&[(5, 0, 20), (1, 2, 4)]), run(&[(1, 0, 0), (2, 0, 2)])];
    let bands = fold(&runs, SECOND, None).finish().unwrap();
    assert_eq!((bands.step, bands.end_s()), (SECOND, 2.0));
    let of = |series: Series, at: usize| bands.designs[0].over_time[series as usize][at];
    let backlog = of(Series::Backlog, 0);
    assert_eq!((backlog.mean, backlog.least, backlog.most), (10.0, 0.0, 21.0));
    // By hand: s = 10, t(0.975, 2) = 4.3027, 10 / sqrt(3) = 5.7735.
    assert!((backlog.high - backlog.mean - 4.302_652_7 * 5.773_502_7).abs() < 1e-5, "{backlog:?}");
    assert!((backlog.mean - backlog.low - (backlog.high - backlog.mean)).abs() < 1e-9);
    // The first run is over after a second: nothing waits and runs in it any more, and what it lost stays lost.
    let (late, lost) = (of(Series::Backlog, 1), of(Series::Lost, 1));
    assert_eq!((late.mean, late.least, late.most), (2.0, 0.0, 5.0));
    assert_eq!((lost.mean, lost.least, lost.most), (1.0, 0.0, 2.0));
    assert_eq!((of(Series::Confirmed, 0).mean, of(Series::Confirmed, 1).mean), (3.0, 1.0));
    assert_eq!(of(Series::Concurrency, 0).most, 20.0, "a mean over the step");
}

#[test]
fn one_replication_has_no_band() {
    assert_eq!(fold(&[run(&[(1, 0, 0)])], SECOND, None).finish(), None);
}

#[test]
fn the_step_gives_few_cells_whatever_the_lengths_and_cells_are_merged_exactly() {
    let long: Vec<(u64, u64, u64)> = (0..1_000).map(|i| (2, 0, i % 10)).collect();
    let bands = fold(&[run(&long), run(&[(4, 0, 0); 3])], SECOND, None).finish().unwrap();
    assert_eq!(bands.step, SimDuration(10 * SECOND.0));
    let cells = &bands.designs[0].over_time;
    assert!(cells[0].len() == 100 && cells[0].len() <= CELLS);
    assert_eq!((cells[0][0].mean, cells[0][50].mean), ((2.0 + 1.2) / 2.0, 1.0));
    assert_eq!((cells[2][7].mean, cells[2][7].most), (4.5 / 2.0, 10.0));
}

#[test]
fn a_step_that_was_asked_for_is_doubled_and_one_that_does_not_fit_is_passed_over() {
    let asked = SimDuration(7 * SECOND.0 / 10);
    let runs = [run(&[(1, 0, 1); 200]), run(&[(1, 0, 3); 200])];
    let bands = fold(&runs, asked, Some(asked)).finish().unwrap();
    assert_eq!(bands.step, SimDuration(2 * asked.0));
    // Recorded at 10 s: 1 s to 5 s would do for 200 s, but are no whole rows.
    let coarse = fold(&runs[..], SimDuration(10 * SECOND.0), None).finish().unwrap();
    assert_eq!(coarse.step, SimDuration(10 * SECOND.0));
}

#[test]
fn the_share_confirmed_in_time_is_that_of_all_offered_at_each_point() {
    let with = |buckets: &[(u64, u64)]| {
        let (mut found, rows) = run(&[(1, 0, 0)]);
        found.latency.histogram = HistogramCounts(buckets.to_vec());
        (found, rows)
    };
    let bands = fold(&[with(&[(99_000, 1), (2_000_000, 3)]), with(&[(100_000, 2)])], SECOND, None).finish().unwrap();
    let at = |seconds: f64| {
        let within = &bands.designs[0].within;
        within.iter().find(|(at, _)| (at / seconds - 1.0).abs() < 1e-6).expect("a point of the grid").1
    };
    let shown = |band: Band| (band.mean, band.least, band.most);
    assert_eq!(shown(at(0.1)), (0.375, 0.25, 0.5));
    assert_eq!(shown(at(1.0)), (0.375, 0.25, 0.5));
    assert_eq!(shown(bands.designs[0].within.last().unwrap().1), (0.75, 0.5, 1.0));
    assert_eq!(shown(bands.designs[0].within[0].1), (0.0, 0.0, 0.0));
}

#[test]
fn the_points_in_time_are_round_and_ascend() {
    let all: Vec<f64> = grid().collect();
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    assert!([0.001, 0.1, 1.0, 10.0, 1_000.0].iter().all(|at| all.iter().any(|point| (point / at - 1.0).abs() < 1e-12)));
}
