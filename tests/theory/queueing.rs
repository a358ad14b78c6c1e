//! Waiting in the buffered design: M/M/c, M/D/c, M/G/1, bulk service, patience.

use queuecast::measure::findings::Design;

use super::formulas::{bulk_service, erlang_c, m_d_c_mean_wait, pollaczek_khinchine};
use super::harness::{estimate, mean_wait, p99_wait, share_waiting};

/// M/M/c at `rate` per second with a mean work of 100 ms.
fn m_m_c(c: u32, rate: u32, duration: &str) {
    let text = format!(
        "warm_up = '200s'\n[[arrivals]]\nrate = '{rate}/s'\nduration = '{duration}'\n\
         [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nreserved_concurrency = {c}"
    );
    let [waiting, wait, p99, busy, backlog] = estimate(
        &text,
        Design::Buffered,
        ["P(wait)", "mean wait", "p99 wait", "mean concurrency", "mean backlog"],
        |found| {
            let queue = found.queue.expect("buffered has a queue");
            [share_waiting(found), mean_wait(found), p99_wait(found), found.lambda.mean_concurrency, queue.mean_backlog]
        },
    );
    let (lambda, mu) = (f64::from(rate), 10.0);
    let a = lambda / mu;
    let spare = f64::from(c) * mu - lambda;
    let p = erlang_c(c, a);
    waiting.is(p, 0.02);
    wait.is(p / spare, 0.04);
    p99.is(libm::log(p / 0.01) / spare, 0.04);
    busy.is(a, 0.01);
    backlog.is(lambda * p / spare, 0.05);
}

#[test]
fn m_m_1() {
    m_m_c(1, 8, "8h");
}

#[test]
fn m_m_5() {
    m_m_c(5, 45, "90min");
}

#[test]
fn m_m_100() {
    m_m_c(100, 950, "20min");
}

#[test]
fn m_d_1_and_m_d_c() {
    for (c, rate) in [(1_u32, 8_u32), (4, 34)] {
        let text = format!(
            "warm_up = '200s'\n[[arrivals]]\nrate = '{rate}/s'\nduration = '2h'\n\
             [lambda]\nduration = '100ms'\nreserved_concurrency = {c}"
        );
        let [wait] = estimate(&text, Design::Buffered, ["mean wait"], |found| [mean_wait(found)]);
        let exact = m_d_c_mean_wait(f64::from(rate), 0.1, c as usize);
        if c == 1 {
            // The chain agrees with Pollaczek and Khinchine, so it may be trusted for more servers.
            assert!((exact - pollaczek_khinchine(8.0, 0.1, 0.0)).abs() < 1e-9, "{exact}");
        }
        wait.is(exact, 0.02);
    }
}

#[test]
fn m_g_1_with_log_normal_work() {
    let text = "warm_up = '200s'\n[[arrivals]]\nrate = '7/s'\nduration = '8h'\n[lambda]\n\
                duration = { mean = '100ms', cv = 1.5, distribution = 'lognormal' }\nreserved_concurrency = 1";
    let [waiting, wait] =
        estimate(text, Design::Buffered, ["P(wait)", "mean wait"], |found| [share_waiting(found), mean_wait(found)]);
    waiting.is(0.7, 0.01);
    wait.is(pollaczek_khinchine(7.0, 0.1, 1.5), 0.03);
}

#[test]
fn bulk_service_takes_what_is_visible_together() {
    for (c, rate) in [(1_u32, 60_u32), (3, 200)] {
        let text = format!(
            "warm_up = '100s'\n[[arrivals]]\nrate = '{rate}/s'\nduration = '30min'\n[event_source]\nbatch_size = 10\n\
             [lambda]\nduration = {{ mean = '100ms', distribution = 'exponential' }}\nbatch = 'together'\n\
             reserved_concurrency = {c}"
        );
        let [waiting, wait] = estimate(&text, Design::Buffered, ["P(wait)", "mean wait"], |found| {
            [share_waiting(found), mean_wait(found)]
        });
        let (p, mean) = bulk_service(f64::from(rate), 10.0, c, 10);
        waiting.is(p, 0.01);
        wait.is(mean, 0.02);
    }
}

#[test]
fn whoever_outwaits_the_task_timeout_is_lost_and_worked_on_all_the_same() {
    // M/M/1 with zombie work: nobody leaves the queue, so the time in system stays exponential with rate mu - lambda, and
    // the wait is longer than t with probability rho e^(-(mu - lambda) t).
    let text = "warm_up = '200s'\n[[arrivals]]\nrate = '8/s'\nduration = '8h'\n[step_functions]\ntimeout = '1s'\n[lambda]\n\
                duration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 1";
    let [timed_out, done, over, late] =
        estimate(text, Design::Buffered, ["timed out", "done after giving up", "task over", "too late"], |found| {
            let offered = found.orders.offered as f64;
            assert_eq!(found.orders.timed_out, found.callbacks.late, "every late answer is of an order that timed out");
            let share = |count: u64| count as f64 / offered;
            let work = &found.work;
            let counts = [found.orders.timed_out, found.work_done_after_giving_up, work.task_over.attempts];
            let [timed_out, done, over] = counts.map(share);
            [timed_out, done, over, share(work.too_late.attempts)]
        });
    let in_system = libm::exp(-2.0);
    let in_queue = 0.8 * libm::exp(-2.0);
    timed_out.is(in_system, 0.03);
    done.is(in_system, 0.03);
    over.is(in_queue, 0.03);
    late.is(in_system - in_queue, 0.03);
}
