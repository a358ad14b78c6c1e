//! Fluid arithmetic against sums done by hand.

use super::*;
use crate::scenario::{Overrides, Source, load};

fn estimate(text: &str) -> Estimate {
    estimate_under("textbook", text)
}

fn estimate_under(profile: &str, text: &str) -> Estimate {
    let text = format!("profile = \"{profile}\"\n{text}");
    let source = Source { shown: "t.toml".into(), name: "t".into(), text };
    let scenario = load(&source, &Overrides::default()).unwrap_or_else(|shown| panic!("{shown}")).scenario;
    of(&scenario.workload, scenario.horizon, &scenario.buffered)
}

fn near(actual: f64, expected: f64) {
    assert!((actual - expected).abs() <= 0.02 * expected.abs().max(1e-9), "{actual} is not near {expected}");
}

#[test]
fn a_rectangular_burst_piles_up_what_the_servers_do_not_take() {
    let burst =
        "[[arrivals]]\nrate = \"100/s\"\nduration = \"10s\"\n[[arrivals]]\nrate = \"0/s\"\nduration = \"1min\"\n";
    let limited = estimate(&format!("{burst}[lambda]\nduration = \"1s\"\nreserved_concurrency = 20\n"));
    near(limited.orders, 1_000.0);
    near(limited.span, 70.0);
    near(limited.throughput, 20.0);
    near(limited.peak_backlog, 800.0);
    let unlimited = estimate(&format!("{burst}[lambda]\nduration = \"1s\"\n"));
    assert_eq!(unlimited.peak_backlog, 0.0);
    near(unlimited.peak_in_progress, 100.0);
}

#[test]
fn ramps_decays_and_bursts_are_integrated() {
    near(estimate("[[arrivals]]\nrate = \"10/s\"\nramp_to = \"30/s\"\nduration = \"10s\"").orders, 200.0);
    let decay = estimate("[[arrivals]]\nrate = \"100/s\"\ndecay_to = \"10/s\"\nduration = \"10s\"");
    near(decay.orders, 900.0 / libm::log(10.0));
    let at_once = estimate("[[arrivals]]\nat_once = 5000\n[lambda]\nduration = \"1s\"\nreserved_concurrency = 1");
    near(at_once.peak_backlog, 5_000.0);
}

#[test]
fn an_overload_grows_with_each_repeat_until_horizon_or_retention_bound_it() {
    let overload = "[[arrivals]]\nrate = \"30/s\"\nduration = \"10s\"\n";
    let function = "[lambda]\nduration = \"1s\"\nreserved_concurrency = 10\n";
    near(estimate(&format!("repeat = 100\n{overload}{function}")).peak_backlog, 20_000.0);
    near(estimate(&format!("repeat = 100\nhorizon = \"100s\"\n{overload}{function}")).peak_backlog, 2_000.0);
    near(estimate(&format!("repeat = 100\nmax_orders = 50\n{overload}{function}")).peak_backlog, 50.0);
    let retention = "[queue]\nmessage_retention_period = \"60s\"\n";
    near(estimate(&format!("repeat = 100\n{overload}{function}{retention}")).peak_backlog, 1_800.0);
}

#[test]
fn the_inventory_is_part_of_the_work_and_its_connections_bound_the_flow() {
    let burst = "[[arrivals]]\nrate = \"100/s\"\nduration = \"10s\"\n";
    let function = "[lambda]\nduration = \"100ms\"\nreserved_concurrency = 20\n";
    let called = estimate(&format!("{burst}{function}[inventory]\nservice_time = \"300ms\"\n"));
    near(called.work, 0.4);
    near(called.throughput, 20.0 / 0.4);
    let narrow = estimate(&format!("{burst}{function}[inventory]\nservice_time = \"300ms\"\nmax_connections = 3\n"));
    near(narrow.throughput, 10.0);
    let slowing = "[inventory]\nservice_time = \"300ms\"\nmax_connections = 3\nslowdown = { at = 3, factor = 2 }\n";
    near(estimate(&format!("{burst}{function}{slowing}")).throughput, 5.0);
}

#[test]
fn the_account_and_the_pollers_bound_the_flow_under_aws() {
    let burst = "[[arrivals]]\nrate = \"100/s\"\nduration = \"10s\"\n";
    near(estimate_under("aws", burst).throughput, 10_000.0);
    near(estimate_under("aws", &format!("{burst}[account]\nother_concurrency = 900\n")).throughput, 1_000.0);
    near(estimate_under("aws", &format!("{burst}[account]\nconcurrency_limit = 9000\n")).throughput, 12_500.0);
    let free = "[account]\nconcurrency_limit = \"none\"\n[event_source]\nscale_interval = \"none\"\n";
    assert_eq!(estimate_under("aws", &format!("{burst}{free}")).throughput, f64::INFINITY);
}

#[test]
fn the_machine_tells_its_memory_in_kibibytes() {
    assert_eq!(total_of("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16_384 * 1_024));
    assert_eq!(total_of("nothing"), None);
    assert!(machine_memory() > 0);
}
