//! Distributions as a scenario writes them.

use toml::de::DeTable;

use super::*;
use crate::scenario::tree;

fn read_node(text: &str) -> Node {
    let document = format!("x = {text}");
    let parsed = DeTable::parse(&document).expect("valid TOML");
    tree::table(parsed.get_ref(), 0, 0).at("x").expect("its only key").clone()
}

fn duration(text: &str) -> Result<Distribution, usize> {
    let mut mistakes = Vec::new();
    let read = of_durations(&mut mistakes, &read_node(text), "duration");
    assert_eq!(read.is_none(), !mistakes.is_empty(), "{text}: {mistakes:?}");
    read.map(|(distribution, _)| distribution).ok_or(mistakes.len())
}

fn spacing(text: &str) -> Result<Distribution, usize> {
    let mut mistakes = Vec::new();
    let node = read_node(text);
    let Value::Table(table) = &node.value else { panic!("a table") };
    let read = of_spacing(&mut mistakes, &node, table);
    assert_eq!(read.is_none(), !mistakes.is_empty(), "{text}: {mistakes:?}");
    read.map(|(distribution, _)| distribution).ok_or(mistakes.len())
}

#[test]
fn every_form_of_a_duration_is_taken() {
    for (text, expected) in [
        ("\"120ms\"", Distribution::constant(0.12)),
        ("\"0s\"", Distribution::constant(0.0)),
        ("{ p50 = \"120ms\", p99 = \"430ms\" }", Distribution::log_normal_percentiles(0.12, 0.43)),
        (
            "{ p50 = \"1s\", p99 = \"2s\", distribution = \"lognormal\" }",
            Distribution::log_normal_percentiles(1.0, 2.0),
        ),
        ("{ mean = \"1s\", cv = 2, distribution = \"lognormal\" }", Distribution::log_normal(1.0, 2.0)),
        ("{ mean = \"1s\", distribution = \"exponential\" }", Distribution::exponential(1.0)),
        ("{ mean = \"1s\", cv = 1, distribution = \"hyperexponential\" }", Distribution::hyperexponential(1.0, 1.0)),
        ("{ mean = \"1s\", shape = 0.5, distribution = \"gamma\" }", Distribution::gamma(1.0, 0.5)),
        ("{ mean = \"1s\", cv = 0.5, distribution = \"gamma\" }", Distribution::gamma(1.0, 4.0)),
        ("{ mean = \"1s\", shape = 4, distribution = \"erlang\" }", Distribution::gamma(1.0, 4.0)),
        ("{ min = \"0s\", max = \"1s\", distribution = \"uniform\" }", Distribution::uniform(0.0, 1.0)),
        ("{ min = \"1s\", shape = 1.1, distribution = \"pareto\" }", Distribution::pareto(1.0, 1.1, None)),
        (
            "{ min = \"1s\", max = \"1min\", shape = 0.5, distribution = \"pareto\" }",
            Distribution::pareto(1.0, 0.5, Some(60.0)),
        ),
    ] {
        assert_eq!(duration(text), Ok(expected), "{text}");
    }
}

#[test]
fn the_flash_sale_works_three_hundred_milliseconds_on_average() {
    let work = duration("{ p50 = \"259.51ms\", p99 = \"908.28ms\" }").expect("a log-normal distribution");
    assert!((work.mean() - 0.3).abs() < 1e-5, "{}", work.mean());
}

#[test]
fn a_spacing_has_a_shape_and_mean_one() {
    for (text, expected) in [
        ("{ cv = 0.5 }", Distribution::gamma(1.0, 4.0)),
        ("{ shape = 4, distribution = \"erlang\" }", Distribution::gamma(1.0, 4.0)),
        ("{ shape = 0.5, distribution = \"gamma\" }", Distribution::gamma(1.0, 0.5)),
        ("{ cv = 2, distribution = \"hyperexponential\" }", Distribution::hyperexponential(1.0, 2.0)),
        ("{ cv = 2, distribution = \"lognormal\" }", Distribution::log_normal(1.0, 2.0)),
        ("{ distribution = \"exponential\" }", Distribution::exponential(1.0)),
        ("{ shape = 1.5, distribution = \"pareto\" }", Distribution::pareto(0.5 / 1.5, 1.5, None)),
    ] {
        assert_eq!(spacing(text), Ok(expected), "{text}");
    }
    for text in [
        "{}",
        "{ shape = 4 }",
        "{ cv = 2, mean = \"1s\" }",
        "{ cv = 2, shape = 4, distribution = \"gamma\" }",
        "{ shape = 1, distribution = \"pareto\" }",
        "{ samples = \"a.csv\" }",
    ] {
        assert_eq!(spacing(text), Err(1), "{text}");
    }
}

#[test]
fn wrong_forms_are_one_mistake_each() {
    for text in [
        "3",
        "{}",
        "{ p50 = \"1s\" }",
        "{ p50 = \"2s\", p99 = \"1s\" }",
        "{ p50 = \"0s\", p99 = \"1s\" }",
        "{ p50 = \"1s\", p99 = \"2s\", cv = 3 }",
        "{ mean = \"1s\" }",
        "{ mean = \"1s\", cv = 1 }",
        "{ mean = \"1s\", cv = 0, distribution = \"lognormal\" }",
        "{ mean = \"1s\", cv = 1e9, distribution = \"lognormal\" }",
        "{ mean = \"1s\", cv = 0.9, distribution = \"hyperexponential\" }",
        "{ mean = \"1s\", shape = 0, distribution = \"gamma\" }",
        "{ mean = \"1s\", shape = 1.5, distribution = \"erlang\" }",
        "{ mean = \"1s\", cv = 2, shape = 1, distribution = \"gamma\" }",
        "{ mean = \"1s\", distribution = 3 }",
        "{ samples = \"a.csv\" }",
        "{ min = \"1s\", shape = 1, distribution = \"pareto\" }",
        "{ min = \"0s\", shape = 2, distribution = \"pareto\" }",
        "{ min = \"1s\", max = \"1s\", shape = 2, distribution = \"pareto\" }",
        "{ min = \"1s\", distribution = \"pareto\" }",
        "{ min = \"1s\", max = \"1s\", distribution = \"uniform\" }",
    ] {
        assert_eq!(duration(text), Err(1), "{text}");
    }
}
