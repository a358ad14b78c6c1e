//! What results.json says of the scenario, of its objectives and claims, and of what-ifs.

use std::collections::BTreeMap;

use super::place::{Place, Wrongs};
use crate::facts::{self, InForce};
use crate::measure::findings::{Arithmetic, ClaimVerdict, Design, Orders, SloVerdict, WhatIf, WhatIfDesign};
use crate::report::results::drawn::UNITS;
use crate::report::subject::{ClientFacts, FaultMark, Measured, PhaseMark, Subject};

const DESIGNS: [(Design, &str); 2] = [(Design::Buffered, "buffered"), (Design::Direct, "direct")];

/// A fact of AWS by its key, with the value that was in force.
fn fact(place: &Place) -> Option<InForce> {
    let key = place.at("key");
    let found = facts::all().find(|fact| fact.key == key.text());
    if found.is_none() {
        key.refuse("is no fact that this version knows");
    }
    let range = place.at("range").unless_null().map(|range| range.text().to_owned());
    found.map(|fact| InForce { fact, value: place.at("value").text().to_owned(), range })
}

/// What was driven, and by whom.
fn measured(root: &Place, client: &Place) -> Measured {
    let small = |place: Place| u32::try_from(place.count()).unwrap_or(u32::MAX);
    let one = |run: &Place| {
        let lag = run.at("lag_s");
        let direct = run.at("design").one_of(&DESIGNS.map(|(_, name)| name)) == Design::Direct.name();
        ClientFacts {
            design: if direct { Design::Direct } else { Design::Buffered },
            workers: small(run.at("workers")),
            lag_p50_s: lag.at("p50").number(),
            lag_p99_s: lag.at("p99").number(),
            lag_max_s: lag.at("max").number(),
            clock_offset_s: run.at("clock_offset_s").number(),
            cut_short: run.at("cut_short").flag(),
        }
    };
    Measured {
        target: root.at("target").text().to_owned(),
        max_lag_s: client.at("max_lag_s").number(),
        long_poll_s: small(client.at("long_poll_s")),
        speed: client.at("speed").count(),
        max_drain_s: client.at("max_drain_s").number(),
        clients: client.at("runs").list().iter().map(one).collect(),
        void: client.at("void").list().iter().map(|why| why.text().to_owned()).collect(),
    }
}

/// What the report is about.
pub fn subject(root: &Place, files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) -> Subject {
    let (scenario, settings) = (root.at("scenario"), root.at("settings"));
    let words = |place: &Place| place.text().to_owned();
    let small = |place: Place| u32::try_from(place.count()).unwrap_or(u32::MAX);
    let factors = root.perhaps("arrivals_factors");
    Subject {
        name: words(&scenario.at("name")),
        title: words(&scenario.at("title")),
        seed: scenario.at("seed").count(),
        replications: small(scenario.at("replications")),
        fingerprint: words(&scenario.at("fingerprint")),
        resolved: resolved(files, wrongs),
        phases: root.at("phases").list().iter().map(phase).collect(),
        origin_s: root.at("origin_s").seconds(),
        arrivals_end_s: root.at("arrivals_end_s").seconds(),
        concurrency_limit: settings
            .at("concurrency_limit")
            .unless_null()
            .map(|limit| (limit.at("limit").count(), limit.at("key").one_of(&["reserved_concurrency"]))),
        capacity_per_s: settings.at("capacity_per_s").maybe(),
        task_timeout_s: settings.at("task_timeout_s").maybe(),
        heartbeat_s: settings.at("heartbeat_s").maybe(),
        visibility_timeout_s: settings.at("visibility_timeout_s").maybe(),
        facts: root.at("assumptions").list().iter().filter_map(fact).collect(),
        measured: root.perhaps("client").map(|client| measured(root, &client)),
        arithmetic: root.at("arithmetic").unless_null().map(|place| arithmetic(&place)),
        arrivals_factors: factors.map_or_else(Vec::new, |list| list.list().iter().map(Place::number).collect()),
        assumptions: scenario.perhaps("assumptions").map(|word| word.one_of(&["pessimistic", "optimistic"])),
        faults: root.at("faults").list().iter().map(fault).collect(),
        notes: root.at("notes").list().iter().map(words).collect(),
        version: words(&root.at("version")),
        model: small(root.at("model")),
    }
}

fn resolved(files: &BTreeMap<String, Vec<u8>>, wrongs: &Wrongs) -> String {
    let Some(bytes) = files.get("scenario.resolved.toml") else { return String::new() };
    String::from_utf8(bytes.clone()).unwrap_or_else(|_| {
        wrongs.wrong("scenario.resolved.toml is not UTF-8".to_owned());
        String::new()
    })
}

fn phase(place: &Place) -> PhaseMark {
    PhaseMark {
        name: place.at("name").unless_null().map(|name| name.text().to_owned()),
        starts_s: place.at("starts_s").seconds(),
        ends_s: place.at("ends_s").seconds(),
        rate: place.at("rate").text().to_owned(),
        mean_rate: place.at("mean_per_s").number(),
        peak_rate: place.at("peak_per_s").maybe().unwrap_or(f64::INFINITY),
    }
}

fn fault(place: &Place) -> FaultMark {
    let hits = place.at("hits");
    let touched = |(_, name): &(Design, &str)| hits.at(name).unless_null().is_some();
    FaultMark {
        name: place.at("name").text().to_owned(),
        from_s: place.at("from_s").seconds(),
        to_s: place.at("to_s").seconds(),
        target: place.at("target").text().to_owned().into(),
        effect: place.at("effect").text().to_owned().into(),
        amount: place.at("amount").maybe(),
        share: place.at("share").number(),
        designs: DESIGNS.into_iter().filter(touched).map(|(design, _)| design).collect(),
    }
}

fn arithmetic(place: &Place) -> Arithmetic {
    Arithmetic {
        capacity_per_s: place.at("capacity_per_s").number(),
        peak_backlog: place.at("peak_backlog").number(),
        peak_backlog_at_s: place.at("peak_backlog_at_s").number(),
        drained_at_s: place.at("drained_at_s").maybe(),
        throttled_at_the_door: place.at("throttled_at_the_door").number(),
        direct_confirmed: place.at("direct_confirmed").maybe(),
    }
}

fn one_of<T: Copy>(place: &Place, known: &[(T, &'static str)]) -> T {
    let words: Vec<&'static str> = known.iter().map(|(_, word)| *word).collect();
    let word = place.one_of(&words);
    known.iter().find(|(_, other)| *other == word).map_or(known[0].0, |(one, _)| *one)
}

/// How the objectives came out.
pub fn slo(root: &Place) -> Vec<SloVerdict> {
    let verdict = |place: &Place| SloVerdict {
        name: place.at("name").text().to_owned(),
        design: one_of(&place.at("design"), &DESIGNS),
        limit: place.at("limit").text().to_owned(),
        limit_value: place.at("limit_value").number(),
        measured: place.at("measured").maybe(),
        unit: one_of(&place.at("unit"), &UNITS),
        met: place.at("met").flag(),
        within_s: place.at("within_s").maybe(),
    };
    root.at("slo").list().iter().map(verdict).collect()
}

/// How the claims came out.
pub fn claims(root: &Place) -> Vec<ClaimVerdict> {
    let verdict = |place: &Place| ClaimVerdict {
        claim: place.at("claim").text().to_owned(),
        that: place.at("that").text().to_owned(),
        held: place.at("held").flag(),
    };
    root.at("expect").list().iter().map(verdict).collect()
}

/// How changed scenarios came out.
pub fn what_if(root: &Place) -> Vec<WhatIf> {
    let changed = |place: &Place| {
        let designs = place.at("designs");
        let there = |(design, name): (Design, &str)| Some(in_it(design, &designs.perhaps(name)?));
        WhatIf {
            change: place.at("change").text().to_owned(),
            set: place.at("set").list().iter().map(|set| set.text().to_owned()).collect(),
            designs: DESIGNS.into_iter().filter_map(there).collect(),
        }
    };
    root.at("what_if").list().iter().map(changed).collect()
}

fn in_it(design: Design, place: &Place) -> WhatIfDesign {
    let orders = place.at("orders");
    let count = |name| orders.at(name).count();
    WhatIfDesign {
        design,
        orders: Orders {
            offered: count("offered"),
            confirmed: count("confirmed"),
            declined: count("declined"),
            failed: count("failed"),
            timed_out: count("timed_out"),
            refused: count("refused"),
            open: count("open"),
        },
        latency_p50_s: place.at("latency_p50_s").maybe(),
        latency_p99_s: place.at("latency_p99_s").maybe(),
        drained_at_s: place.at("drained_at_s").maybe(),
        cost_usd: place.at("cost_usd").number(),
    }
}
