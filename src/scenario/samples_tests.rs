//! Files of durations: what is read of them, and what is refused.

use std::fs;

use super::*;

fn read_text(text: &str) -> Result<(&'static SampleTable, [u8; 32]), Vec<String>> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("durations.csv");
    fs::write(&path, text).expect("written");
    read(&path).map_err(|troubles| {
        let line = |trouble: &Trouble| trouble.line.map_or(String::new(), |line| format!("{line}: "));
        troubles.iter().map(|trouble| format!("{}{}", line(trouble), trouble.message)).collect()
    })
}

#[test]
fn values_are_sorted_averaged_and_kept_once() {
    let (table, digest) = read_text("0.3\n100ms\n0.2\n").expect("values");
    assert_eq!((table.count(), table.at(0.0), table.at(0.34), table.at(0.999)), (3, 0.1, 0.2, 0.3));
    assert!((table.mean() - 0.2).abs() < 1e-15 && (table.cv() - (2.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
    for text in ["300ms\n0.1\n0.2", "id,duration\n1,0.3\n2,0.1\n3,0.2\n", "milliseconds\n0.3\n0.1\n0.2\n"] {
        let (again, same) = read_text(text).expect(text);
        assert!(std::ptr::eq(table, again) && digest == same, "{text}");
    }
    let (reordered, other) = read_text("0.1\n0.2\n0.3\n").expect("values");
    assert!(digest != other && table == reordered);
}

#[test]
fn what_is_wrong_is_named_by_its_line() {
    for (text, expected) in [
        ("", "it has no values"),
        ("duration\n", "it has no values"),
        ("1\n-1\n", "2: \"-1\" is negative"),
        ("1\nslow\n", "2: \"slow\" is neither seconds nor a duration"),
        ("1,2\n", "1: has 2 columns, and no header says which holds the durations"),
        ("id,ms\n1,2\n", "1: no column is called `duration`"),
        ("id,duration\n1\n", "2: has no duration"),
    ] {
        assert_eq!(read_text(text).expect_err(text), [expected], "{text:?}");
    }
    assert_eq!(read_text("a\nb\nc\nd\ne\nf").expect_err("many").len(), 3);
    let many = "1\n".repeat(MOST + 1);
    assert_eq!(read_text(&many).expect_err("many"), ["it has more than 1000000 values"]);
}
