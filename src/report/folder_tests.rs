use super::*;

#[test]
fn gaps_are_listed_up_to_a_dozen_with_the_command_that_makes_the_report_anew() {
    let place = tempfile::tempdir().unwrap();
    let paths: Vec<String> = (0..15).map(|number| format!("path{number}")).collect();
    let said = unreadable(place.path(), &Unreadable::Lacks(paths));
    assert!(said.contains("path0, path1") && said.contains("path11 and 3 more"), "{said}");
    assert!(said.contains("run its scenario again with --out "), "{said}");
    fs::write(place.path().join("scenario.resolved.toml"), "").unwrap();
    let said = unreadable(place.path(), &Unreadable::Wrong(vec!["results.json is odd".into()]));
    assert!(said.contains("cannot be drawn: results.json is odd\n"), "{said}");
    assert!(said.contains("run it again: simulate "), "{said}");
}
