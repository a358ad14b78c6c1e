//! Redeliveries: failures with probability p, work that outlasts the visibility timeout, copies.

use queuecast::measure::findings::{Design, DesignFindings, QueueFindings};

use super::formulas::{geometric, with_retries};
use super::harness::{Family, System, simulate};

pub static FAMILY: Family = Family::new(
    "Redelivery",
    "Messages that come back: after a failure, because the work outlasts the visibility timeout, or as a copy. No limit on concurrency, so that nothing waits.",
    || {
        vec![
            failing(3),
            failing(5),
            failing_for_ever(),
            poisoned(),
            outlasted("1s", "deletes"),
            outlasted("1s", "ignored"),
            outlasted("500ms", "deletes"),
            outlasted("500ms", "ignored"),
            outlasted_uniformly("deletes"),
            outlasted_uniformly("ignored"),
            copied(),
        ]
    },
);

#[test]
fn messages_are_received_as_often_as_theory_says() {
    FAMILY.holds();
}

fn queue(found: &DesignFindings) -> QueueFindings {
    found.queue.expect("buffered has a queue")
}

const RECEIVES: (&str, &str) = ("receives per message", "queue.received / queue.sent");

fn redelivered(name: impl Into<String>, queue: &str, lambda: &str) -> System {
    let text = format!("[[arrivals]]\nrate = '100/s'\nduration = '4min'\n\n[queue]\n{queue}\n\n[lambda]\n{lambda}");
    System::new(name, Design::Buffered, text)
}

fn failing(most: u32) -> System {
    let queue = format!("visibility_timeout = '30s'\n\n[queue.dead_letter]\nmax_receive_count = {most}");
    let pauses = vec![29.9; most as usize - 1];
    redelivered(format!("30 % of attempts fail, {most} receives"), &queue, "duration = '100ms'\nerror_rate = '30%'")
        .always(|found| {
            assert_eq!(found.orders.open, found.queue.unwrap().dead_lettered, "a dead-lettered order waits for ever")
        })
        .source("Attempts fail independently: a truncated geometric number of receives.")
        .checked("By enumeration in another program.")
        .point(RECEIVES.0, RECEIVES.1, geometric(0.3, most), 0.01)
        .point("share dead-lettered", "queue.dead_lettered / queue.sent", libm::pow(0.3, f64::from(most)), 0.1)
        .point("mean latency of the confirmed, s", "latency_s.confirmed.mean", with_retries(0.3, 0.1, &pauses), 0.01)
}

fn failing_for_ever() -> System {
    redelivered(
        "40 % of attempts fail, endless receives",
        "visibility_timeout = '2s'",
        "duration = '100ms'\nerror_rate = '40%'",
    )
    .source("A geometric number of receives, each but the last lasting its visibility timeout.")
    .checked("By hand.")
    .point(RECEIVES.0, RECEIVES.1, 1.0 / 0.6, 0.01)
    .point("mean latency, s", "latency_s.confirmed.mean", 0.1 + 2.0 * 0.4 / 0.6, 0.01)
}

fn poisoned() -> System {
    redelivered(
        "2 % of the orders are poison, 4 receives",
        "visibility_timeout = '30s'\n\n[queue.dead_letter]\nmax_receive_count = 4",
        "duration = '100ms'\npoison_rate = '2%'",
    )
    .always(|found| assert_eq!(queue(found).received, queue(found).sent + 3 * queue(found).dead_lettered))
    .source("A coin for each order.")
    .checked("By hand.")
    .point("share dead-lettered", "queue.dead_lettered / queue.sent", 0.02, 0.02)
    .point(RECEIVES.0, RECEIVES.1, 1.06, 0.002)
}

/// Exponential work of mean 1 s.
fn outlasted(timeout: &str, stale_delete: &str) -> System {
    // `deletes`: the k-th return happens if all attempts still run. Attempt j has then run k - j timeouts of q = e^-T each, so
    // the chance is q^(1 + 2 + … + k). `ignored`: only an attempt that ends within its own timeout deletes: geometric.
    let q = if timeout == "1s" { libm::exp(-1.0) } else { libm::exp(-0.5) };
    let exact = if stale_delete == "deletes" {
        (0..40).map(|k| libm::pow(q, f64::from(k * (k + 1)) / 2.0)).sum()
    } else {
        1.0 / (1.0 - q)
    };
    redelivered(
        format!("exponential work of 1 s, visibility timeout {timeout}, stale deletes: {stale_delete}"),
        &format!("visibility_timeout = '{timeout}'\nstale_delete = '{stale_delete}'"),
        "duration = { mean = '1s', distribution = 'exponential' }",
    )
    .source("All attempts so far must outlast their timeouts (`deletes`), or the last one (`ignored`).")
    .checked("3·10^5 messages of another program (3 digits).")
    .point(RECEIVES.0, RECEIVES.1, exact, 0.002)
}

/// Work between 0 and 2 s under a timeout of 500 ms.
fn outlasted_uniformly(stale_delete: &str) -> System {
    // Attempt j outlasts k timeouts with chance 1 - k / 4. All of the first k: (3/4) (2/4) (1/4) at most.
    let exact = if stale_delete == "deletes" { 1.0 + 0.75 + 0.75 * 0.5 + 0.75 * 0.5 * 0.25 } else { 4.0 };
    redelivered(
        format!("uniform work up to 2 s, visibility timeout 500 ms, stale deletes: {stale_delete}"),
        &format!("visibility_timeout = '500ms'\nstale_delete = '{stale_delete}'"),
        "duration = { min = '0s', max = '2s', distribution = 'uniform' }",
    )
    .source("As above: 1 + 3/4 + 3/4 · 2/4 + 3/4 · 2/4 · 1/4, or 1 / (1 - 3/4).")
    .checked("3·10^5 messages of another program (3 digits).")
    .point(RECEIVES.0, RECEIVES.1, exact, 0.002)
}

/// Without a limit every copy is received at once, and each receive tosses the coin.
fn copied() -> System {
    redelivered(
        "a fifth of the receives leave their message visible",
        "duplicate_delivery = '20%'",
        "duration = '100ms'",
    )
    .always(|found| {
        let queue = queue(found);
        assert_eq!(found.orders.confirmed, found.orders.offered);
        assert_eq!((queue.redelivered, queue.duplicated), (queue.received - queue.sent, queue.received - queue.sent));
        assert_eq!((found.work.duplicate.attempts, found.callbacks.late), (queue.duplicated, queue.duplicated));
    })
    .source("Geometric: 1 / (1 - p).")
    .checked("By hand.")
    .point(RECEIVES.0, RECEIVES.1, 1.25, 0.002)
    .point("copies per receive", "queue.duplicated / queue.received", 0.2, 0.005)
}

/// Work of mean 1 s under a visibility timeout of 1 s, without a concurrency limit.
fn outlasting(stale_delete: &str) -> String {
    format!(
        "[[arrivals]]\nrate = '100/s'\nduration = '20min'\n\
         [queue]\nvisibility_timeout = '1s'\nstale_delete = '{stale_delete}'\n\
         [lambda]\nduration = {{ mean = '1s', distribution = 'exponential' }}"
    )
}

#[test]
fn duplicates_are_wasted_work_and_never_a_second_confirmation() {
    for rule in ["deletes", "ignored"] {
        let found = simulate(&outlasting(rule), Design::Buffered, 1);
        let queue = queue(&found);
        assert_eq!(found.orders.confirmed, found.orders.offered);
        assert_eq!(queue.redelivered, queue.received - queue.sent);
        assert_eq!(found.work.useful.attempts, found.orders.offered);
        assert_eq!(found.work.duplicate.attempts, queue.redelivered, "every further receive was a duplicate");
        assert_eq!(found.callbacks.late, queue.redelivered);
    }
}
