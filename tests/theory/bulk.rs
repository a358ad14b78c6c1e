//! Several orders an invocation: bulk service, and batches that are waited for.

use queuecast::measure::findings::Design;

use super::formulas::{batching_window, bulk_service};
use super::harness::{Family, System};

pub static FAMILY: Family = Family::new(
    "Bulk service",
    "A free server takes what waits, at most `batch_size`, and is done with all of it after one exponential time (`lambda.batch = \"together\"`); nobody joins under way. With a batching window a batch is waited for.",
    || {
        vec![
            bulk(1, 60, 10, "100ms", "12min"),
            bulk(3, 200, 10, "100ms", "8min"),
            bulk(1, 150, 100, "500ms", "14min"),
            window(2, 10),
            window(20, 10),
            window(4, 100),
        ]
    },
);

#[test]
fn bulk_service_takes_what_is_visible_together() {
    FAMILY.holds();
}

fn bulk(c: u32, rate: u32, most: u32, work: &str, duration: &str) -> System {
    let text = format!(
        "warm_up = '100s'\n\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\n[event_source]\nbatch_size = {most}\n\n\
         [lambda]\nduration = {{ mean = '{work}', distribution = 'exponential' }}\nbatch = 'together'\nreserved_concurrency = {c}"
    );
    let lambda = f64::from(rate);
    let mu = if work == "100ms" { 10.0 } else { 2.0 };
    let (waits, mean, busy) = bulk_service(lambda, mu, c, most);
    System::new(format!("M/M^[1,{most}]/{c} at {rate}/s"), Design::Buffered, text)
        .source("Bailey 1954 (one server), Gross and Harris, \"Fundamentals of Queueing Theory\": the number waiting is geometric while all are busy.")
        .checked("The whole chain (busy, waiting), solved numerically in another program.")
        .point("P(wait)", "wait_s.waited / wait_s.count", waits, 0.01)
        .point("mean wait, s", "wait_s.mean", mean, 0.03)
        .point("busy servers", "lambda.mean_concurrency", busy, 0.01)
        .point("invocations per order", "lambda.invocations / orders.offered", busy * mu / lambda, 0.01)
}

fn window(rate: u32, most: u32) -> System {
    let text = format!(
        "[[arrivals]]\nrate = '{rate}/s'\nduration = '1h'\n\n[event_source]\nbatch_size = {most}\nmaximum_batching_window = '1s'\n\n\
         [lambda]\nduration = '10ms'\nbatch = 'parallel'"
    );
    let (size, wait) = batching_window(f64::from(rate), 1.0, most);
    System::new(format!("batches of at most {most}, collected for 1 s, at {rate}/s"), Design::Buffered, text)
        .seeds(20)
        .source("Renewal-reward: a batch begins with the first order after the last one has gone.")
        .checked("4·10^5 batches of another program (3 digits).")
        .point("orders per invocation", "orders.offered / lambda.invocations", size, 0.01)
        .point("mean wait, s", "wait_s.mean", wait, 0.01)
}
