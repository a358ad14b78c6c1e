//! Traces: what is read of them, what is refused, and that reading anew gives the same rows.

use std::fs;
use std::path::PathBuf;

use super::*;

/// A file with this text; the folder goes when it is dropped.
fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("orders.csv");
    fs::write(&path, text).expect("written");
    (folder, path)
}

/// All rows in milliseconds, service -1 where there is none.
fn rows(trace: &Trace) -> Vec<(u64, i64)> {
    let (mut all, mut place) = (Vec::new(), 0);
    loop {
        let mut chunk = Vec::new();
        place = trace.source.read(place, &mut chunk);
        if chunk.is_empty() {
            return all;
        }
        all.extend(chunk.iter().map(|row| {
            let service = row.service.map_or(-1, |service| (service.0 / 1_000_000) as i64);
            (row.at.0 / 1_000_000, service)
        }));
    }
}

fn read_text(text: &str) -> Result<Trace, Vec<String>> {
    let (_folder, path) = file(text);
    read(&path).map_err(|troubles| {
        let line = |trouble: &Trouble| trouble.line.map_or(String::new(), |line| format!("{line}: "));
        troubles.iter().map(|trouble| format!("{}{}", line(trouble), trouble.message)).collect()
    })
}

#[test]
fn the_forms_of_a_trace_mean_the_same() {
    for text in [
        "0.5,0.02\n1,20ms\n1,0.03\n",
        "time,service\n500ms,0.02\n1s,0.02\n1,30ms",
        "\u{feff}arrival_s,service_time_s\r\n0.5,0.02\r\n1.0,0.02\r\n1e0,3e-2\r\n\r\n",
        "# a sale\nid,Duration,Time\n\n7,20ms,\"0.5\"\n8, 0.02 , 1\n# a pause\n9,0.03,1\n",
    ] {
        let (_folder, path) = file(text);
        let trace = read(&path).unwrap_or_else(|troubles| panic!("{text:?}: {troubles:?}"));
        assert_eq!(rows(&trace), [(500, 20), (1_000, 20), (1_000, 30)], "{text:?}");
        let facts = &trace.facts;
        assert_eq!(
            (facts.rows, facts.first, facts.last),
            (3, SimDuration::from_millis(500), SimDuration::from_secs(1))
        );
        assert!((facts.mean_service_s.expect("service times") - 0.07 / 3.0).abs() < 1e-12);
        assert_eq!(trace.source.trouble(), None);
    }
    let (_folder, path) = file("time\n2\n3\n");
    let trace = read(&path).expect("times alone");
    assert_eq!((rows(&trace), trace.facts.mean_service_s), (vec![(2_000, -1), (3_000, -1)], None));
}

#[test]
fn what_is_wrong_is_named_by_its_line_and_not_all_of_it() {
    for (text, expected) in [
        ("", vec!["it has no rows"]),
        ("# nothing\n\ntime,service\n", vec!["it has no rows"]),
        ("1\n-2\n", vec!["2: \"-2\" is negative"]),
        ("time\n1\n\n# a pause\nlater\n", vec!["5: \"later\" is neither seconds nor a duration"]),
        ("1\n3\n2.5\n3\n", vec!["3: 2.5s comes before the line above it"]),
        ("1,0.2\n2\n", vec!["2: has no service time"]),
        ("1,0.2\n2,\n", vec!["2: has no service time"]),
        ("1\n2,0.2\n", vec!["2: has 2 columns, the lines before it have 1"]),
        ("1,2,3\n", vec!["1: has 3 columns, and no header says which is which"]),
        ("when,service\n1,2\n", vec!["1: no column is called `time` or `arrival`"]),
        ("service,time\n1\n", vec!["2: has no arrival time"]),
        ("1;2\n", vec!["1: \"1;2\" is neither seconds nor a duration"]),
        ("1700000000.5\n", vec!["1: the first order comes only after 19675d 22h 13min 20.5s"]),
        ("x\n", vec!["1: no column is called `time` or `arrival`"]),
        ("1\na\nb\nc\nd\n", vec!["2: \"a\" is", "3: \"b\" is", "4: \"c\" is"]),
    ] {
        let found = read_text(text).expect_err(text);
        assert_eq!(found.len(), expected.len(), "{text:?}: {found:?}");
        assert!(found.iter().zip(&expected).all(|(found, start)| found.starts_with(start)), "{text:?}: {found:?}");
    }
    let long = format!("1\n{}\n", "x".repeat(20_000));
    assert_eq!(read_text(&long).expect_err("long"), ["2: is longer than 10000 bytes"]);
    let wide = format!("1\n{}\n", "é".repeat(50));
    assert_eq!(
        read_text(&wide).expect_err("wide"),
        [format!("2: \"{}\"… is neither seconds nor a duration", "é".repeat(40))]
    );
}

#[test]
fn only_an_ordinary_file_is_a_trace() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let message = |path: &Path| read(path).expect_err("refused")[0].message.clone();
    assert_eq!(message(folder.path()), "this is a folder");
    assert_eq!(message(&folder.path().join("none.csv")), "there is no such file");
    if Path::new("/dev/zero").exists() {
        assert_eq!(message(Path::new("/dev/zero")), "this is no ordinary file");
    }
}

#[test]
fn a_long_trace_is_handed_over_in_pieces_from_any_place() {
    let text: String = (0..30_000).map(|row| format!("{}.{:03}\n", row / 1_000, row % 1_000)).collect();
    let (_folder, path) = file(&text);
    let trace = read(&path).expect("a trace");
    let expected: Vec<(u64, i64)> = (0..30_000).map(|row| (row, -1)).collect();
    assert_eq!((rows(&trace), rows(&trace)), (expected.clone(), expected));
    let mut first = Vec::new();
    trace.source.read(0, &mut first);
    assert_eq!(first.len(), CHUNK, "no more than a piece is in memory");
    assert_eq!((trace.orders_until(10.0), trace.orders_until(1e9)), (10_000.0, 30_000.0));
}

#[test]
fn equal_contents_are_equal_traces_and_a_changed_file_is_noticed() {
    let (_one, path) = file("1\n2\n");
    let (_two, other) = file("1\n2\n");
    let (_three, third) = file("1\n2.0\n");
    let trace = read(&path).expect("a trace");
    assert_eq!(trace, read(&other).expect("a trace"));
    assert_ne!(trace, read(&third).expect("a trace"));
    fs::write(&path, "1\n2\n3\n").expect("written");
    assert_eq!(rows(&trace), []);
    assert!(
        trace.source.trouble().expect("noticed").ends_with("orders.csv has changed since it was checked; run it again")
    );
    fs::remove_file(&path).expect("removed");
    let gone = read(&other).expect("a trace");
    fs::remove_file(&other).expect("removed");
    assert_eq!(rows(&gone), []);
    assert!(gone.source.trouble().expect("noticed").contains("can no longer be read"));
}

#[test]
fn orders_that_all_come_at_the_start_take_no_time() {
    let (_folder, path) = file("0\n0\n0\n");
    let at_once = read(&path).expect("a trace");
    assert_eq!((at_once.orders_until(0.0), at_once.facts.last), (3.0, SimDuration::ZERO));
}
