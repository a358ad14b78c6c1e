//! Properties: random deeds on every component against a reference that is obviously right, whole systems under random
//! scenarios with an auditor that checks every observation, and effects that theory promises.
//!
//! A reference is a plain list with the rule written as prose says it; where the rule can be said in another way than the
//! component does it, it is. The cases are the same every time (`.cargo/config.toml`);
//! `PROPTEST_RNG_SEED=7 PROPTEST_CASES=50000 cargo test --test properties` draws others, and more. What once failed is kept
//! as a test of its own beside its property.

mod arrivals;
mod buckets;
mod downstream;
mod effects;
mod events;
mod functions;
mod mapping;
mod queue;
mod slots;
mod systems;
mod workflow;

use proptest::test_runner::{Config, RngSeed};

/// So many cases, or as many as `PROPTEST_CASES` says. Most scenarios are sensible, but not all.
fn cases(usual: u32) -> Config {
    let asked = std::env::var_os("PROPTEST_CASES").is_some();
    let config = Config::default();
    Config { cases: if asked { config.cases } else { usual }, ..config }
}

#[test]
fn the_cases_are_the_same_every_time() {
    let fixed = Config::default().rng_seed != RngSeed::Random;
    assert!(fixed, "run it with cargo from the repository, where .cargo/config.toml is, or set PROPTEST_RNG_SEED");
}
