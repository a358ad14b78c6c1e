//! Formulas against printed tables, and against each other where one is a special case of another.

use super::*;

fn near(found: f64, exact: f64, within: f64) {
    assert!((found - exact).abs() <= within, "{found}, but {exact} ± {within}");
}

#[test]
fn erlang_b_is_that_of_the_tables() {
    // Offered load in erlang that so many servers lose 1 % and 5 % of, as every table of Erlang B has it.
    for (c, at_1, at_5) in
        [(1, 0.0101, 0.0526), (5, 1.361, 2.219), (10, 4.461, 6.216), (50, 37.90, 44.53), (100, 84.06, 95.24)]
    {
        near(erlang_b(c, at_1), 0.01, 0.000_15);
        near(erlang_b(c, at_5), 0.05, 0.000_15);
    }
}

#[test]
fn erlang_c_is_that_of_the_tables() {
    // Loads that make 5 % of the calls wait on 8 channels, and 1 % on 10 (tables for trunked radio).
    near(erlang_c(8, 3.87), 0.05, 0.000_5);
    near(erlang_c(10, 4.08), 0.01, 0.000_2);
    near(erlang_c(1, 0.8), 0.8, 1e-12);
}

#[test]
fn special_cases_agree() {
    // M/D/1 by the chain and by Pollaczek and Khinchine; its P(wait) is the load.
    let constant = Constant::new(8.0, 0.1, 1);
    near(constant.mean_wait(), pollaczek_khinchine(8.0, 0.1, 0.0), 1e-9);
    near(constant.waits(), 0.8, 1e-9);
    // GI/M/c with Poisson gaps is M/M/c, and with one server GI/M/1.
    let poisson = |s: f64| 34.0 / (34.0 + s);
    let (waits, spare) = gi_m_c(10.0, 4, poisson);
    near(waits, erlang_c(4, 3.4), 1e-9);
    near(spare, 6.0, 1e-6);
    let even = |s: f64| libm::exp(-s / 8.0);
    near(gi_m_c(10.0, 1, even).0, gi_m_1(10.0, even).0, 1e-9);
    near(gi_m_c_c(10.0, 4, poisson), erlang_b(4, 3.4), 1e-12);
    // Bulks of one are M/M/c.
    let (waits, mean, busy) = bulk_service(34.0, 10.0, 4, 1);
    near(waits, erlang_c(4, 3.4), 1e-9);
    near(mean, erlang_c(4, 3.4) / 6.0, 1e-9);
    near(busy, 3.4, 1e-9);
    // Work of two equal exponentials is exponential.
    near(m_h2_1_tail(8.0, 0.3, [10.0, 10.0 + 1e-7], 0.5), 0.8 * libm::exp(-1.0), 1e-6);
    // Batches of mean 1 are none.
    let (waits, rate) = geometric_batches(8.0, 0.1, 1.0);
    near(waits, 0.8, 1e-12);
    near(rate, 2.0, 1e-12);
    // Endless patience is M/M/c.
    let (dropped, wait) = patience(8.0, 10.0, 1, 20.0);
    near(dropped, 0.0, 1e-12);
    near(wait, 0.4, 1e-6);
    // Without a cold start the server is M/M/1.
    near(set_up(8.0, [0.1, 0.02], [0.0, 0.0], 0.0).0, 0.4, 1e-12);
}

#[test]
fn forward_equations_settle_in_equilibrium() {
    let queue = forward(&Rush { c: 3, mu: 10.0, rate: |_| 20.0, length: 30.0, start: 0, loss: false });
    near(queue.waiting[30], 20.0 * erlang_c(3, 2.0) / 10.0, 1e-6);
    near(queue.busy[30], 2.0, 1e-6);
    let loss = forward(&Rush { c: 5, mu: 10.0, rate: |_| 40.0, length: 20.0, start: 0, loss: true });
    near(loss.busy[20], 4.0 * (1.0 - erlang_b(5, 4.0)), 1e-8);
}

#[test]
fn a_single_environment_expires_as_by_hand() {
    // M/M/1: there is none where the server has been idle for longer than T.
    let chances = [0.2, 0.8];
    let found = idle_expiry(8.0, 10.0, &chances, 0.1);
    near(found.mean, 1.0 - 0.2 * libm::exp(-0.8), 1e-9);
    near(found.cold, 0.2 * libm::exp(-0.8), 1e-9);
}
