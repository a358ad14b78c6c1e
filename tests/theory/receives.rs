//! Redeliveries: failures with probability p, work that outlasts the visibility timeout.

use queuecast::measure::findings::{Design, DesignFindings, QueueFindings};

use super::harness::{estimate, simulate};

fn queue(found: &DesignFindings) -> QueueFindings {
    found.queue.expect("buffered has a queue")
}

#[test]
fn a_failing_message_is_received_until_it_succeeds_or_is_dead_lettered() {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '20min'\n[queue]\nvisibility_timeout = '30s'\n\
                [queue.dead_letter]\nmax_receive_count = 3\n\
                [lambda]\nduration = '100ms'\nerror_rate = '30%'";
    let [receives, dead, open] =
        estimate(text, Design::Buffered, ["receives per message", "dead-lettered", "open"], |found| {
            let sent = queue(found).sent as f64;
            assert_eq!(found.orders.open, queue(found).dead_lettered, "a dead-lettered order waits for ever");
            [
                queue(found).received as f64 / sent,
                queue(found).dead_lettered as f64 / sent,
                found.orders.open as f64 / sent,
            ]
        });
    receives.is(1.0 + 0.3 + 0.09, 0.002);
    dead.is(0.027, 0.02);
    open.is(0.027, 0.02);
}

#[test]
fn poisoned_orders_fail_in_every_attempt_and_others_in_none() {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '20min'\n[queue]\nvisibility_timeout = '30s'\n\
                [queue.dead_letter]\nmax_receive_count = 4\n\
                [lambda]\nduration = '100ms'\npoison_rate = '2%'";
    let [dead, receives] = estimate(text, Design::Buffered, ["dead-lettered", "receives per message"], |found| {
        let queue = queue(found);
        assert_eq!(queue.received, queue.sent + 3 * queue.dead_lettered);
        [queue.dead_lettered as f64 / queue.sent as f64, queue.received as f64 / queue.sent as f64]
    });
    dead.is(0.02, 0.02);
    receives.is(1.06, 0.002);
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
fn where_any_delete_counts_a_message_comes_back_while_none_has_finished() {
    // The k-th return happens if all attempts still run: attempt j has then run k - j timeouts, so with q = e^-1 the
    // chance is q^(1 + 2 + … + k), and the mean number of receives is the sum over k of q^(k (k + 1) / 2).
    let [receives] = estimate(&outlasting("deletes"), Design::Buffered, ["receives per message"], |found| {
        [queue(found).received as f64 / queue(found).sent as f64]
    });
    let exact: f64 = (0..12).map(|k| libm::exp(-f64::from(k * (k + 1)) / 2.0)).sum();
    receives.is(exact, 0.002);
}

#[test]
fn where_only_the_last_receive_may_delete_a_message_comes_back_until_one_is_quick() {
    // Only an attempt that ends within its own timeout deletes: geometric with success 1 - e^-1.
    let [receives] = estimate(&outlasting("ignored"), Design::Buffered, ["receives per message"], |found| {
        [queue(found).received as f64 / queue(found).sent as f64]
    });
    receives.is(1.0 / (1.0 - libm::exp(-1.0)), 0.002);
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

#[test]
fn where_a_share_of_receives_leaves_the_message_visible_receives_are_geometric() {
    // Without a limit every copy is received at once, and each receive tosses the coin: 1 / (1 - p) receives a message.
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '20min'\n[queue]\nduplicate_delivery = '20%'\n\
                [lambda]\nduration = '100ms'";
    let [receives, share] = estimate(text, Design::Buffered, ["receives per message", "duplicated"], |found| {
        let queue = queue(found);
        assert_eq!(found.orders.confirmed, found.orders.offered);
        assert_eq!((queue.redelivered, queue.duplicated), (queue.received - queue.sent, queue.received - queue.sent));
        assert_eq!((found.work.duplicate.attempts, found.callbacks.late), (queue.duplicated, queue.duplicated));
        [queue.received as f64 / queue.sent as f64, queue.duplicated as f64 / queue.received as f64]
    });
    receives.is(1.25, 0.002);
    share.is(0.2, 0.005);
}

#[test]
fn a_server_that_takes_messages_out_of_order_keeps_them_waiting_as_long_on_average() {
    // M/M/1 at 80 %: whatever the order of service, the mean wait is 0.8 / (10 - 8) s, as long as it knows nothing of the work.
    let text = |window: &str| {
        format!(
            "[[arrivals]]\nrate = '8/s'\nduration = '3h'\n[queue]\n{window}\n\
             [lambda]\nreserved_concurrency = 1\nduration = {{ mean = '100ms', distribution = 'exponential' }}"
        )
    };
    let [wait] = estimate(&text("reorder_window = '2s'"), Design::Buffered, ["mean wait"], |found| {
        [found.wait.mean.expect("orders waited")]
    });
    wait.is(0.4, 0.03);
    let longest = |window: &str| simulate(&text(window), Design::Buffered, 1).wait.percentiles.p99;
    assert!(longest("reorder_window = '2s'") > longest(""), "who is overtaken waits longer than in turn");
}

/// General bulk service, M/M^(1,K)/1: a free server takes what waits, at most K, and is done with all of it after an
/// exponential time; nobody joins under way. While it is busy n wait with chance p r^n, where r < 1 solves
/// μ r^(K+1) - (λ + μ) r + λ = 0, and it is idle with chance p μ / λ.
fn waiting_for_bulk_service(arrivals: f64, service: f64, most: i32) -> f64 {
    let excess = |r: f64| service * libm::pow(r, f64::from(most + 1)) - (arrivals + service) * r + arrivals;
    let (mut low, mut high) = (0.0, 1.0 - 1e-9);
    for _ in 0..200 {
        let middle = (low + high) / 2.0;
        *if excess(middle) > 0.0 { &mut low } else { &mut high } = middle;
    }
    let r = (low + high) / 2.0;
    let p = (1.0 - r) * arrivals / (arrivals + service * (1.0 - r));
    p * r / ((1.0 - r) * (1.0 - r)) / arrivals
}

#[test]
fn batches_of_up_to_a_hundred_are_bulk_service() {
    // At 150 orders and 2 batches of up to 100 a second the server is used to three quarters.
    let text = "[[arrivals]]\nrate = '150/s'\nduration = '40min'\n[event_source]\nbatch_size = 100\n\
                [lambda]\nreserved_concurrency = 1\nbatch = 'together'\nduration = { mean = '500ms', distribution = 'exponential' }";
    let [wait] = estimate(text, Design::Buffered, ["mean wait"], |found| [found.wait.mean.expect("orders waited")]);
    wait.is(waiting_for_bulk_service(150.0, 2.0, 100), 0.03);
}
