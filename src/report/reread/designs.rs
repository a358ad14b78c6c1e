//! The findings of results.json: every number by its path, the same walk that makes one of several replications.

use super::place::Place;
use crate::measure::findings::{
    Comparison, Design, DesignFindings, Difference, FaultHits, Findings, Interval, LimitFindings, Orders, Replicated,
};
use crate::measure::quantities::{Quantity, each, each_difference};
use crate::measure::tries::Tried;

/// The findings, without what stands in tables.
pub fn findings(root: &Place) -> Findings {
    let mut peaks = Vec::new();
    let mut found = Findings {
        designs: designs(&root.at("designs"), &mut peaks),
        end: root.at("end_s").instant(),
        step: root.at("timeline_step_s").length(),
        comparison: root.perhaps("comparison").map(|place| comparison(&place)),
        replicated: None,
    };
    add_hits(root, &mut found.designs);
    let replications = root.at("scenario").at("replications").count();
    if replications > 1 {
        let place = root.at("first_replication");
        let first = Findings {
            designs: designs(&place.at("designs"), &mut Vec::new()),
            end: place.at("end_s").instant(),
            step: found.step,
            comparison: None,
            replicated: None,
        };
        let intervals = root.at("intervals").entries();
        found.replicated = Some(Replicated {
            replications: u32::try_from(replications).unwrap_or(u32::MAX),
            intervals: intervals.iter().map(|(path, place)| ((*path).to_owned(), interval(place))).collect(),
            peaks,
            values: Vec::new(),
            first: Box::new(first),
            bands: None,
        });
    }
    found
}

fn interval(place: &Place) -> Interval {
    Interval {
        low: place.at("low").number(),
        high: place.at("high").number(),
        half_width: place.at("half_width").number(),
    }
}

fn comparison(place: &Place) -> Comparison {
    let none = Difference { difference: None, low: None, high: None };
    let mut found =
        Comparison { confirmed: none, latency_p99_s: none, latency_p50_s: none, gb_s: none, cost_usd: none };
    each_difference(&mut found, &mut |path, _, difference| {
        let place = place.at(path);
        *difference = Difference {
            difference: place.at("difference").maybe(),
            low: place.at("low").maybe(),
            high: place.at("high").maybe(),
        };
    });
    found
}

/// The designs that are there, and the exact means of their peaks.
fn designs(place: &Place, peaks: &mut Vec<(String, f64)>) -> Vec<DesignFindings> {
    let there = |design: &Design| Some((*design, place.perhaps(design.name())?));
    let all: Vec<_> = [Design::Buffered, Design::Direct].iter().filter_map(there).collect();
    if all.is_empty() {
        place.refuse("has neither buffered nor direct");
    }
    all.into_iter().map(|(design, place)| of_design(design, &place, peaks)).collect()
}

fn of_design(design: Design, place: &Place, peaks: &mut Vec<(String, f64)>) -> DesignFindings {
    let asynchronous = design == Design::Direct && place.perhaps("events").is_some();
    let mut found = DesignFindings::blank(design, asynchronous, Vec::new());
    found.timeline.clear();
    found.end = place.at("end_s").instant();
    found.limits = place.at("limits").list().iter().map(limit).collect();
    each(&mut found, &mut |path, quantity| {
        let place = place.along(path);
        match quantity {
            Quantity::Count(count) => *count = place.count(),
            Quantity::Amount(value) | Quantity::Level(value) => *value = place.number(),
            Quantity::Peak(peak) => {
                let mean = place.seconds();
                *peak = mean.round() as u64;
                peaks.push((format!("designs.{}.{path}", design.name()), mean));
            }
            Quantity::Maybe(value) => *value = place.maybe(),
        }
    });
    found.tried = place.at("attempts_per_order").list().iter().map(tried).collect();
    check_sums(place, &found);
    found
}

fn tried(place: &Place) -> Tried {
    let small = |key: &str| u32::try_from(place.at(key).count()).unwrap_or(u32::MAX);
    let count = |key: &str| place.at(key).count();
    Tried {
        task_attempts: small("task_attempts"),
        attempts: small("attempts"),
        orders: Orders {
            offered: count("offered"),
            confirmed: count("confirmed"),
            declined: count("declined"),
            failed: count("failed"),
            timed_out: count("timed_out"),
            refused: count("refused"),
            open: count("open"),
        },
    }
}

fn limit(place: &Place) -> LimitFindings {
    LimitFindings {
        name: place.at("name").text().to_owned().into(),
        limit: place.at("limit").number(),
        peak_use: 0.0,
        bound_s: 0.0,
        first_bound_at_s: None,
        last_bound_at_s: None,
        cost_s: 0.0,
    }
}

/// Outcomes and causes add up, whoever wrote the file: sentences subtract them.
fn check_sums(place: &Place, found: &DesignFindings) {
    let Orders { offered, confirmed, declined, failed, timed_out, refused, open } = found.orders;
    let sum = |counts: &[u64]| counts.iter().try_fold(0_u64, |sum, count| sum.checked_add(*count));
    let unconfirmed = [failed, timed_out, refused, open];
    if sum(&[&unconfirmed[..], &[confirmed, declined]].concat()) != Some(offered) {
        place.at("orders").refuse("does not add up to the orders offered");
    } else if sum(&found.causes) != sum(&unconfirmed) {
        place.at("causes").refuse("does not add up to the orders that were neither confirmed nor declined");
    }
}

/// Whom the faults have hit, which stands with the faults.
fn add_hits(root: &Place, designs: &mut [DesignFindings]) {
    let faults = root.at("faults").list();
    for found in designs {
        let name = found.design.name();
        let of = |place: &Place| {
            let orders = place.at("orders_hit").at(name).unless_null()?;
            let hits = place.at("hits").at(name).unless_null()?;
            Some(FaultHits { orders: orders.count(), hits: hits.count() })
        };
        found.faults = faults.iter().map(|place| of(place).unwrap_or_default()).collect();
    }
}
