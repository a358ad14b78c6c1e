//! Orders whose time runs out: zombie work behind a task's timeout, and a handler that drops what is stale.

use queuecast::measure::findings::Design;

use super::formulas::{erlang_c, patience};
use super::harness::{Family, System};

pub static FAMILY: Family = Family::new(
    "Deterministic patience",
    "A task's timeout ends the order and not the work: whoever outwaits it is served all the same, in vain. With `skip_older_than` the handler drops what has waited too long, in no time.",
    || {
        vec![
            zombies(1, 8, "1s", "3h"),
            zombies(5, 45, "500ms", "30min"),
            dropping(1, 8, 0.3, "1h"),
            dropping(1, 15, 0.5, "30min"),
            dropping(3, 36, 1.0, "20min"),
        ]
    },
);

#[test]
fn whoever_outwaits_a_limit_is_lost_as_theory_says() {
    FAMILY.holds();
}

/// Nobody leaves the queue, so wait and time in system are those of M/M/c.
fn zombies(c: u32, rate: u32, timeout: &str, duration: &str) -> System {
    let text = format!(
        "warm_up = '200s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\n[step_functions]\ntimeout = '{timeout}'\n\n\
         [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = {c}"
    );
    let limit = if timeout == "1s" { 1.0 } else { 0.5 };
    let (mu, spare) = (10.0, f64::from(c) * 10.0 - f64::from(rate));
    let waits = erlang_c(c, f64::from(rate) / mu);
    let in_queue = waits * libm::exp(-spare * limit);
    // The work's own tail, and the wait's folded with it.
    let own = libm::exp(-mu * limit);
    let folded = if (mu - spare).abs() < 1e-9 {
        (1.0 + mu * limit) * own
    } else {
        (mu * libm::exp(-spare * limit) - spare * own) / (mu - spare)
    };
    let in_system = (1.0 - waits) * own + waits * folded;
    System::new(format!("M/M/{c} with zombie work, timeout {timeout}"), Design::Buffered, text)
        .always(|found| {
            assert_eq!(found.orders.timed_out, found.callbacks.late, "each late answer is of an order that timed out")
        })
        .source("The tails of wait and time in system of M/M/c (Gross and Harris).")
        .checked("The tail of the sum by numerical integration in another program.")
        .point("share timed out", "orders.timed_out / orders.offered", in_system, 0.06)
        .point("done after giving up", "work_done_after_giving_up / orders.offered", in_system, 0.06)
        .point("given up before the work began", "work.wasted_by.task_over.attempts / orders.offered", in_queue, 0.06)
        .point(
            "given up during the work",
            "work.wasted_by.too_late.attempts / orders.offered",
            in_system - in_queue,
            0.06,
        )
}

fn dropping(c: u32, rate: u32, limit: f64, duration: &str) -> System {
    let text = format!(
        "warm_up = '100s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\n\
         [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = {c}\nskip_older_than = '{}ms'",
        (limit * 1_000.0).round()
    );
    let (dropped, wait) = patience(f64::from(rate), 10.0, c, limit);
    System::new(
        format!("M/M/{c}+D at {:.0} %, dropped after {limit} s", f64::from(rate) * 10.0 / f64::from(c)),
        Design::Buffered,
        text,
    )
    .source("Barrer 1957: M/M/c with customers of constant patience, overload allowed.")
    .checked("3·10^6 orders of another program, Lindley's recursion with c servers (2 to 3 digits).")
    .point("share dropped", "orders.open / orders.offered", dropped, 0.02)
    .point("mean wait of all, s", "wait_s.mean", wait, 0.02)
    .point("busy servers", "lambda.mean_concurrency", f64::from(rate) / 10.0 * (1.0 - dropped), 0.01)
}
