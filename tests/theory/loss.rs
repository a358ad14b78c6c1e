//! The direct design: who finds no server free is lost, M/G/c/c and its relatives.

use queuecast::measure::findings::Design;

use super::formulas::{balanced_means, erlang_b, gi_m_c_c, pairs_lost, root};
use super::harness::{Family, System};

pub static FAMILY: Family = Family::new(
    "Loss: M/G/c/c",
    "The direct design without Retry: an order that finds no environment free is refused and lost. The share depends on the mean work alone.",
    || {
        let (p, rates) = balanced_means(1.0 / 40.0, 2.0);
        vec![
            m_g_c_c(10, 100, "'100ms'", "9min"),
            m_g_c_c(10, 100, EXPONENTIAL, "9min"),
            m_g_c_c(10, 100, "{ mean = '100ms', cv = 2, distribution = 'lognormal' }", "9min"),
            m_g_c_c(10, 100, "{ mean = '100ms', cv = 3, distribution = 'hyperexponential' }", "9min"),
            m_g_c_c(1, 10, "{ min = '50ms', max = '150ms', distribution = 'uniform' }", "30min"),
            m_g_c_c(5, 20, EXPONENTIAL, "30min"),
            m_g_c_c(100, 1_000, "{ mean = '100ms', shape = 2, distribution = 'gamma' }", "2min"),
            renewals("D/M/5/5", "'even'", |s| libm::exp(-s / 40.0)),
            renewals("H2/M/5/5, gaps of cv 2", "{ cv = 2, distribution = 'hyperexponential' }", move |s| {
                p * rates[0] / (rates[0] + s) + (1.0 - p) * rates[1] / (rates[1] + s)
            }),
            pairs(),
            account(),
            retrials(),
        ]
    },
);

const EXPONENTIAL: &str = "{ mean = '100ms', distribution = 'exponential' }";

#[test]
fn the_loss_depends_on_the_mean_work_alone() {
    FAMILY.holds();
}

fn text(rate: u32, spacing: &str, work: &str, c: u32, duration: &str) -> String {
    format!(
        "warm_up = '60s'\n\n[[arrivals]]\nrate = '{rate}/s'\n{spacing}duration = '{duration}'\n\n\
         [lambda]\nduration = {work}\nreserved_concurrency = {c}"
    )
}

fn lossy(name: String, text: String, lost: f64, busy: f64) -> System {
    System::new(name, Design::Direct, text)
        .always(|found| assert_eq!(found.orders.failed, found.lambda.throttles))
        .point("share lost", "orders.failed / orders.offered", lost, 0.02)
        .point("busy servers", "lambda.mean_concurrency", busy, 0.01)
}

fn m_g_c_c(c: u32, rate: u32, work: &str, duration: &str) -> System {
    let a = f64::from(rate) / 10.0;
    let b = erlang_b(c, a);
    let kind = match work {
        "'100ms'" => "constant",
        EXPONENTIAL => "exponential",
        other => other.split('\'').rev().nth(1).expect("it names its distribution"),
    };
    lossy(format!("M/G/{c}/{c}, {a} erlang, {kind} work"), text(rate, "", work, c, duration), b, a * (1.0 - b))
        .source("Erlang 1917; that only the mean counts: Sevastyanov 1957.")
        .checked(
            "Erlang's B in whole fractions; tables of Erlang B (10 servers: 1 % at 4.461 erlang, 100: 1 % at 84.06).",
        )
}

fn renewals(name: &str, spacing: &str, transform: impl Fn(f64) -> f64) -> System {
    let b = gi_m_c_c(10.0, 5, transform);
    lossy(name.to_owned(), text(40, &format!("spacing = {spacing}\n"), EXPONENTIAL, 5, "15min"), b, 4.0 * (1.0 - b))
        .source("Palm 1943, as in Takács 1962.")
        .checked("The chain of the numbers that arrivals find, in another program.")
}

fn pairs() -> System {
    let (lost, busy) = pairs_lost(40.0, 10.0, 5);
    lossy("M^[2]/M/5/5, 4 erlang in pairs".to_owned(), text(40, "batch = 2\n", EXPONENTIAL, 5, "15min"), lost, busy)
        .source("The balance across the cut between n - 1 and n busy servers.")
        .checked("The chain solved by elimination in another program.")
}

/// The account's concurrency, less what others use of it, is as good as a reservation.
fn account() -> System {
    let text = format!(
        "warm_up = '60s'\n\n[[arrivals]]\nrate = '60/s'\nduration = '11min'\n\n[lambda]\nduration = {EXPONENTIAL}\n\n\
         [account]\nconcurrency_limit = 12\nother_concurrency = 4"
    );
    let b = erlang_b(8, 6.0);
    lossy("M/M/8/8, 6 erlang, by the account's limit of 12 less 4".to_owned(), text, b, 6.0 * (1.0 - b))
        .source("Erlang 1917.")
        .checked("Erlang's B in whole fractions.")
}

/// Spread evenly over the next 300 s (3,000 service times) a retry finds the servers as anyone else does: with three retries
/// the servers see lambda (1 + B + B² + B³), B = Erlang B of that, and an order is lost with probability B⁴. (After a constant
/// wait it would not: orders refused together would come back together.)
fn retrials() -> System {
    let text = "warm_up = '900s'\ncool_down = '900s'\n\n[[arrivals]]\nrate = '80/s'\nduration = '60min'\n\n[lambda]\n\
                duration = { mean = '100ms', distribution = 'exponential' }\nreserved_concurrency = 10\n\n[direct.retry]\n\
                errors = ['Lambda.TooManyRequestsException']\ninterval = '300s'\nmax_attempts = 3\nbackoff_rate = 1\njitter_strategy = 'FULL'";
    let b = root(0.0, 1.0, |b| erlang_b(10, 8.0 * (1.0 + b + b * b + b * b * b)) - b);
    System::new("retrials after a long time, 8 erlang on 10 servers", Design::Direct, text)
        .seeds(16)
        .source("Retries that come after many service times are a fresh Poisson stream (Cohen 1957), so Erlang B of the load that they make.")
        .checked("By repeated substitution in another program. The independence is a limit: 3,000 service times are long, not endless.")
        .point("share lost", "orders.failed / orders.offered", b * b * b * b, 0.05)
        .point("refusals per order", "lambda.throttles / orders.offered", b + b * b + b * b * b + b * b * b * b, 0.01)
}
