//! Without a limit nobody waits: M/G/∞, its loads that change, and the ends of single orders.

use queuecast::measure::findings::Design;

use super::formulas::{geometric, with_retries};
use super::harness::{Family, System};

pub static FAMILY: Family = Family::new(
    "M/G/∞",
    "No limit on concurrency: the number at work is Poisson whatever the work is like, and every order's time is its own.",
    || {
        vec![
            steady(Design::Buffered),
            steady(Design::Direct),
            pairs(),
            quantiles(),
            hops(),
            timed_out(Design::Direct, "[direct]\ntimeout = '500ms'"),
            timed_out(Design::Buffered, "[step_functions]\ntimeout = '500ms'"),
            tried_again(),
            retried("NONE", [1.0, 2.0, 4.0]),
            retried("FULL", [0.5, 1.0, 2.0]),
            billed(),
            faulty(),
            lost_callbacks(),
        ]
    },
);

pub static CHANGING: Family = Family::new(
    "M(t)/G/∞",
    "Rates that change: the number at work at t is Poisson, and its mean is an integral over the rate.",
    || vec![ramp(Design::Buffered), ramp(Design::Direct), decay(), wave()],
);

#[test]
fn without_a_limit_nobody_waits_and_the_load_is_carried() {
    FAMILY.holds();
}

#[test]
fn without_a_limit_changing_loads_are_carried_as_their_integrals_say() {
    CHANGING.holds();
}

/// The chance that a Poisson number of mean `a` is above `most`.
fn poisson_above(a: f64, most: u32) -> f64 {
    let mut term = libm::exp(-a);
    let mut sum = term;
    for k in 1..=most {
        term *= a / f64::from(k);
        sum += term;
    }
    1.0 - sum
}

fn steady(design: Design) -> System {
    let text = "warm_up = '60s'\n\n[[arrivals]]\nrate = '200/s'\nduration = '5min'\n\n\
                [lambda]\nduration = { mean = '250ms', cv = 1.5, distribution = 'lognormal' }";
    let levels = |run: &super::harness::Run| -> Vec<f64> {
        run.found.timeline[60..300].iter().map(|row| row.concurrency as f64).collect()
    };
    System::new(format!("M/G/∞, 50 erlang, {}", design.name()), design, text)
        .always(|found| assert_eq!((found.wait.waited, found.orders.confirmed), (0, found.orders.offered)))
        .source("Palm 1943: the number at work is Poisson with mean lambda s.")
        .checked("Poisson's tail by summation in another program.")
        .point("at work", "lambda.mean_concurrency", 50.0, 0.01)
        .custom(
            "P(more than 60 at work)",
            "timeline.csv: share of the seconds with concurrency > 60",
            poisson_above(50.0, 60),
            0.05,
            move |run| {
                let levels = levels(run);
                levels.iter().filter(|level| **level > 60.0).count() as f64 / levels.len() as f64
            },
        )
        .custom("mean square at work", "timeline.csv: mean of concurrency²", 2_550.0, 0.01, move |run| {
            let levels = levels(run);
            levels.iter().map(|level| level * level).sum::<f64>() / levels.len() as f64
        })
}

fn pairs() -> System {
    // Of a pair both are at work at a random time with chance e^(-2 mu t): E N (N - 1) = a² + a / 2.
    let text = "warm_up = '60s'\n\n[[arrivals]]\nrate = '20/s'\nbatch = 2\nduration = '20min'\n\n\
                [lambda]\nduration = { mean = '1s', distribution = 'exponential' }";
    System::new("M^[2]/M/∞, 20 erlang", Design::Direct, text)
        .source("Batches thinned by their work: E N² = a² + a + a (E X² / E X - 1) / 2 (Shanbhag 1966).")
        .checked("By hand, and by the moments' differential equations.")
        .point("at work", "lambda.mean_concurrency", 20.0, 0.01)
        .custom("mean square at work", "timeline.csv: mean of concurrency²", 400.0 + 20.0 + 10.0, 0.02, |run| {
            let levels = &run.found.timeline[60..1_200];
            levels.iter().map(|row| (row.concurrency * row.concurrency) as f64).sum::<f64>() / levels.len() as f64
        })
}

fn quantiles() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '5min'\n\n[lambda]\nduration = { p50 = '100ms', p99 = '1s' }";
    let sigma = libm::log(10.0) / 2.326_347_874_040_841;
    System::new("log-normal work by its percentiles", Design::Direct, text)
        .source("The definition: sigma = ln(p99 / p50) / 2.3263.")
        .checked("By hand, with the normal quantiles of a table.")
        .point("median, s", "latency_s.confirmed.p50", 0.1, 0.01)
        .point("90 % within, s", "latency_s.confirmed.p90", 0.1 * libm::exp(1.281_551_565_544_6 * sigma), 0.01)
        .point("99 % within, s", "latency_s.confirmed.p99", 1.0, 0.01)
        .point("mean, s", "latency_s.confirmed.mean", 0.1 * libm::exp(sigma * sigma / 2.0), 0.01)
}

fn hops() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '3min'\n\n[lambda]\nduration = '100ms'\n\n[latency]\nstart = '30ms'\n\
                dispatch = { mean = '20ms', distribution = 'exponential' }\nsend = { mean = '10ms', shape = 2, distribution = 'gamma' }\n\
                receive = { min = '5ms', max = '15ms', distribution = 'uniform' }\ninvoke = '5ms'\n\
                callback = { mean = '20ms', cv = 1, distribution = 'lognormal' }\ntransition = '25ms'";
    System::new("the sum of the hops", Design::Buffered, text)
        .source("Means add up: 30 + 20 + 10 + 10 + 5 + 100 + 20 + 25 ms.")
        .checked("By hand.")
        .point("mean latency, s", "latency_s.confirmed.mean", 0.22, 0.01)
}

fn timed_out(design: Design, timeout: &str) -> System {
    let text = format!(
        "[[arrivals]]\nrate = '100/s'\nduration = '5min'\n\n{timeout}\n\n\
         [lambda]\nduration = {{ mean = '250ms', distribution = 'exponential' }}"
    );
    System::new(format!("work that outlasts its task's timeout, {}", design.name()), design, text)
        .always(|found| assert_eq!(found.orders.timed_out, found.work_done_after_giving_up))
        .source("e^(-500 / 250).")
        .checked("By hand.")
        .point("share timed out", "orders.timed_out / orders.offered", libm::exp(-2.0), 0.01)
}

/// Three attempts, each of which is worked on to its end, at a time of its own.
fn tried_again() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '5min'\n\n[step_functions]\ntimeout = '250ms'\n\n\
                [step_functions.retry]\nerrors = ['States.Timeout']\ninterval = '1s'\nmax_attempts = 2\nbackoff_rate = 1\n\n\
                [lambda]\nduration = { mean = '250ms', distribution = 'exponential' }";
    let p = libm::exp(-1.0);
    System::new("a task tried three times with a timeout each", Design::Buffered, text)
        .source("Attempts are independent, each too long with chance p = 1 / e.")
        .checked("By hand.")
        .point("share timed out", "orders.timed_out / orders.offered", p * p * p, 0.02)
        .point("messages per order", "queue.sent / orders.offered", geometric(p, 3), 0.01)
        .point("late answers per order", "callbacks.late / orders.offered", p * geometric(p, 3), 0.01)
        .point(
            "transitions per order",
            "step_functions.transitions / orders.offered",
            geometric(p, 3) + 1.0 - p * p * p,
            0.01,
        )
}

fn retried(jitter: &str, pauses: [f64; 3]) -> System {
    let text = format!(
        "[[arrivals]]\nrate = '100/s'\nduration = '5min'\n\n[direct.retry]\nerrors = ['States.TaskFailed']\ninterval = '1s'\n\
         max_attempts = 3\nbackoff_rate = 2\njitter_strategy = '{jitter}'\n\n[lambda]\nduration = '100ms'\nerror_rate = '30%'"
    );
    System::new(format!("a failing task tried four times, jitter {jitter}"), Design::Direct, text)
        .source("Attempts fail independently with p = 0.3; pauses of 1, 2 and 4 s, with full jitter half as long on average.")
        .checked("By hand, and by enumeration in another program.")
        .point("share failed", "orders.failed / orders.offered", 0.0081, 0.05)
        .point("attempts per order", "lambda.invocations / orders.offered", geometric(0.3, 4), 0.01)
        .point("mean latency of the confirmed, s", "latency_s.confirmed.mean", with_retries(0.3, 0.1, &pauses), 0.01)
}

fn billed() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '3min'\n\n\
                [lambda]\nduration = { mean = '10ms', distribution = 'exponential' }\nmemory_size = '1024MB'";
    System::new("each run billed to the next millisecond", Design::Direct, text)
        .source("An exponential time rounded up is geometric: 1 ms / (1 - e^(-1 / 10)).")
        .checked("By summation in another program.")
        .point("GB-seconds used per run", "lambda.gb_s / lambda.invocations", 0.01, 0.01)
        .point(
            "GB-seconds billed per run",
            "usage.billed_gb_s / usage.lambda_requests",
            0.001 / (1.0 - libm::exp(-0.1)),
            0.01,
        )
}

fn faulty() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '10min'\n\n[lambda]\nduration = '100ms'\n\n\
                [[faults]]\ntarget = 'lambda'\nat = '2min'\nduration = '3min'\nerror_rate = '20%'\nshare = '50%'";
    System::new("a fault that hits one order in ten for three minutes of ten", Design::Direct, text)
        .source("Poisson thinning: 100/s × 180 s × 20 % × 50 %.")
        .checked("By hand.")
        .point("orders failed", "orders.failed", 1_800.0, 0.01)
}

fn lost_callbacks() -> System {
    let text = "[[arrivals]]\nrate = '100/s'\nduration = '5min'\n\n[step_functions]\ntimeout = '1min'\n\n[lambda]\nduration = '100ms'\n\n\
                [[faults]]\ntarget = 'callback'\nat = '0s'\nduration = '20min'\ndrop = '5%'";
    System::new("answers that are lost", Design::Buffered, text)
        .source("A coin for each answer.")
        .checked("By hand.")
        .point("share timed out", "orders.timed_out / orders.offered", 0.05, 0.02)
        .point("of these for a lost callback", "causes.callback_lost / orders.timed_out", 1.0, 0.0)
}

fn at(system: System, seconds: &[usize], precision: f64, mean: impl Fn(f64) -> f64) -> System {
    seconds.iter().fold(system, |system, &second| {
        let from = format!("timeline.csv: concurrency at {second} s");
        let exact = mean(second as f64);
        system.custom(&format!("at work at {second} s"), &from, exact, precision, move |run| {
            run.found.timeline[second].concurrency as f64
        })
    })
}

const EICK: &str = "Palm 1943, Eick, Massey and Whitt 1993, with the start from empty.";
const EQUATION: &str = "m'(t) = lambda(t) - mu m(t), solved by another program.";

fn ramp(design: Design) -> System {
    // 2 t a second from empty, mean work s = 5 s: 2 s (t - s (1 - e^(-t/s))).
    let text = "[[arrivals]]\nrate = '0/s'\nramp_to = '120/s'\nduration = '60s'\n\n\
                [lambda]\nduration = { mean = '5s', distribution = 'exponential' }";
    let system = System::new(format!("M(t)/M/∞, a ramp from 0 to 120/s, {}", design.name()), design, text)
        .seeds(64)
        .source(EICK)
        .checked(EQUATION);
    at(system, &[10, 30, 60], 0.03, |t| 10.0 * (t - 5.0 * (1.0 - libm::exp(-t / 5.0))))
}

fn decay() -> System {
    // 200 e^(-b t) a second, b = ln 100 / 100: 200 s (e^(-b t) - e^(-t/s)) / (1 - b s).
    let text = "[[arrivals]]\nrate = '200/s'\ndecay_to = '2/s'\nduration = '100s'\n\n\
                [lambda]\nduration = { mean = '2s', distribution = 'exponential' }";
    let system =
        System::new("M(t)/M/∞, a decay from 200 to 2/s", Design::Direct, text).seeds(64).source(EICK).checked(EQUATION);
    let b = libm::log(100.0) / 100.0;
    at(system, &[3, 20, 60], 0.05, |t| 400.0 * (libm::exp(-b * t) - libm::exp(-t / 2.0)) / (1.0 - 2.0 * b))
}

fn wave() -> System {
    // r s (1 - e^(-t/s)) + 0.8 r s / (1 + (w s)²) (sin(w t) - w s cos(w t) + w s e^(-t/s)), w = 2 pi / 20 s.
    let text = "[[arrivals]]\nrate = '40/s'\nwave = { amplitude = '80%', period = '20s' }\nduration = '100s'\n\n\
                [lambda]\nduration = { mean = '4s', distribution = 'exponential' }";
    let system =
        System::new("M(t)/M/∞, a wave about 40/s", Design::Buffered, text).seeds(64).source(EICK).checked(EQUATION);
    at(system, &[5, 12, 65, 77, 90], 0.02, |t| {
        let (w, s) = (std::f64::consts::TAU / 20.0, 4.0);
        let gone = libm::exp(-t / s);
        let swing = (libm::sin(w * t) - w * s * libm::cos(w * t) + w * s * gone) / (1.0 + w * w * s * s);
        40.0 * s * (1.0 - gone) + 0.8 * 40.0 * s * swing
    })
}
