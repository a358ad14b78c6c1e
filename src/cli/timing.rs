//! `--timing`: what the runs cost, without files.

use std::time::Duration;

/// The line for stderr. `orders` counts every order once per design that was run.
pub(super) fn line(orders: u64, cpu: Duration) -> String {
    let seconds = cpu.as_secs_f64();
    let each = if orders == 0 { 0.0 } else { cpu.as_nanos() as f64 / orders as f64 };
    let memory = peak_memory_kib().map_or("unknown".to_owned(), |kib| format!("{:.1} MiB", kib as f64 / 1024.0));
    format!("timing: {orders} orders, {seconds:.3} CPU seconds, {each:.1} ns per order, peak memory {memory}")
}

/// The most memory this process ever held, where the system tells (`VmHWM` of Linux).
fn peak_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
