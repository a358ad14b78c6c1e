//! The findings as titles of the charts about stages and attempts, by the same rules as the others: the first sentence
//! whose guard holds; no design is the winner by assumption; `None` only where nothing ran.

use crate::measure::findings::{Design, DesignFindings, Findings};
use crate::observation::Stage;
use crate::report::words::{count, duration_s, percent, share};

/// Orders that an answer ended: those whose stages are known.
pub fn answered(found: &DesignFindings) -> u64 {
    found.orders.confirmed + found.orders.declined
}

/// The mean time from arrival to answer, which is the sum of the stages' means; `None` without an answered order.
pub fn mean_s(found: &DesignFindings) -> Option<f64> {
    found.stages.iter().map(|stage| stage.mean).sum::<Option<f64>>().filter(|_| answered(found) > 0)
}

/// What an order does in a stage, behind `is`.
pub fn doing(design: Design, stage: Stage) -> &'static str {
    match (stage, design) {
        (Stage::Start, _) => "the start of the execution",
        (Stage::Retry, _) => "earlier tries and the waits after them",
        (Stage::Send, Design::Buffered) => "the way into the queue",
        (Stage::Send, Design::Direct) => "the way to the task",
        (Stage::Queue, Design::Buffered) => "waiting in the queue",
        (Stage::Queue, Design::Direct) => "waiting in Lambda\u{2019}s own queue",
        (Stage::Redelivery, _) => "waiting for redelivery",
        (Stage::Invoke, _) => "the way to the function",
        (Stage::ColdStart, _) => "cold starts",
        (Stage::Batch, _) => "waiting for its turn in the batch",
        (Stage::Work, _) => "work",
        (Stage::Callback, _) => "the answer\u{2019}s way back",
        (Stage::Transition, _) => "the step to the next state",
    }
}

/// Stages: what most of the mean is made of, in each design.
pub fn stages(findings: &Findings) -> Option<String> {
    findings.designs.first()?;
    let clauses: Vec<(Design, String, String)> = findings.designs.iter().filter_map(most_of).collect();
    Some(match clauses.as_slice() {
        [] => "No order was answered, so no time can be told apart".to_owned(),
        [(_, mean, part), (_, other_mean, other_part)] if mean == other_mean && part == other_part => {
            format!("Of a mean {mean} in either design, {part}")
        }
        [(design, mean, part), rest @ ..] => {
            let first = format!("Of a mean {mean} in {}, {part}", design.name());
            let words =
                |(design, mean, part): &(Design, String, String)| format!("; of {mean} in {}, {part}", design.name());
            first + &rest.iter().map(words).collect::<String>()
        }
    })
}

/// A design's mean, and its largest stage with its share: `98.0 % is waiting in the queue`.
fn most_of(found: &DesignFindings) -> Option<(Design, String, String)> {
    let mean = mean_s(found)?;
    let largest =
        found.stages.iter().max_by(|one, other| one.mean.unwrap_or(0.0).total_cmp(&other.mean.unwrap_or(0.0)))?;
    let part = match largest.mean {
        Some(most) if most > 0.0 => {
            let verb = if largest.stage == Stage::ColdStart { "are" } else { "is" };
            format!("{} {verb} {}", percent(most / mean), doing(found.design, largest.stage))
        }
        _ => "nothing takes time".to_owned(),
    };
    Some((found.design, duration_s(mean), part))
}

/// How often a design's orders were tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trials {
    /// Orders that no handler ever turned to before they ended.
    pub never: u64,
    /// Orders that more than one handler turned to.
    pub again: u64,
    /// Attempts of the task beyond each order's first.
    pub task_retries: u64,
}

/// How often a design's orders were tried; `None` where nobody counted.
pub fn trials(found: &DesignFindings) -> Option<Trials> {
    if found.tried.is_empty() && found.orders.offered > 0 {
        return None;
    }
    let mut trials = Trials::default();
    for row in &found.tried {
        match row.attempts {
            0 => trials.never += row.orders.offered,
            1 => {}
            _ => trials.again += row.orders.offered,
        }
        trials.task_retries += u64::from(row.task_attempts.saturating_sub(1)) * row.orders.offered;
    }
    Some(trials)
}

/// Attempts: who was tried never or more than once, and how much of the work was for nothing.
pub fn attempts(findings: &Findings) -> Option<String> {
    let first = findings.designs.first()?;
    if findings.designs.iter().all(|found| found.orders.offered == 0) {
        return Some("No order came in, so none was tried".to_owned());
    }
    let clauses: Option<Vec<String>> = findings.designs.iter().map(tried).collect();
    let Some(clauses) = clauses else {
        return Some("How often each order was tried was not counted".to_owned());
    };
    Some(match clauses.as_slice() {
        [one, other] if one == other => format!("In either design, {one}"),
        [one, other] => format!("In buffered, {one}; in direct, {other}"),
        _ => format!("In {}, {}", first.design.name(), clauses.concat()),
    })
}

/// A clause about one design's orders.
fn tried(found: &DesignFindings) -> Option<String> {
    let (trials, offered) = (trials(found)?, found.orders.offered);
    // A small part is a count; its share would be a rounded nothing.
    let orders = |n: u64| {
        let noun = if n == 1 { "order" } else { "orders" };
        let part = if n * 1_000 >= offered { format!(" ({})", share(n, offered)) } else { String::new() };
        format!("{} {noun}{part}", count(n))
    };
    let reach = if trials.never == 1 { "reaches" } else { "reach" };
    let again = if trials.again == 1 { "is" } else { "are" };
    let words = match (trials.never, trials.again) {
        (0, 0) => "every order is tried exactly once".to_owned(),
        (never, 0) if never == offered => "no order ever reaches the function".to_owned(),
        (never, 0) => format!("{} never {reach} the function", orders(never)),
        (0, again_n) => format!("{} {again} tried more than once", orders(again_n)),
        (never, again_n) => {
            format!("{} never {reach} the function and {} {again} tried more than once", orders(never), count(again_n))
        }
    };
    let (wasted, all) = (found.work.wasted.attempts, found.work.wasted.attempts + found.work.useful.attempts);
    let waste = match wasted {
        wasted if wasted * 100 >= all && wasted > 0 => {
            format!(", and {} of the attempts are for nothing", share(wasted, all))
        }
        _ => String::new(),
    };
    Some(words + &waste)
}

#[cfg(test)]
mod tests {
    use super::{answered, attempts, stages, trials};
    use crate::measure::findings::{Findings, Orders, WorkAmount, WorkFindings};
    use crate::measure::tries::Tried;
    use crate::observation::Stage;
    use crate::report::sample::Sample;

    fn said(caption: Option<String>) -> String {
        caption.expect("something ran").replace('\u{a0}', " ").replace('\u{2019}', "'")
    }

    /// The findings of the sample with these means, in seconds, for both designs.
    fn with_means(buffered: &[(Stage, f64)], direct: &[(Stage, f64)]) -> Findings {
        let mut findings = Sample::flash_sale().findings();
        for (found, means) in findings.designs.iter_mut().zip([buffered, direct]) {
            for stage in &mut found.stages {
                let mean = means.iter().find(|(known, _)| *known == stage.stage);
                (stage.mean, stage.p99) = (Some(mean.map_or(0.0, |mean| mean.1)), Some(0.0));
            }
        }
        findings
    }

    #[test]
    fn the_largest_stage_of_each_design_is_named_with_its_share() {
        let findings = with_means(
            &[(Stage::Queue, 245.0), (Stage::Work, 4.0), (Stage::Callback, 1.0)],
            &[(Stage::Work, 0.26), (Stage::Retry, 0.24)],
        );
        assert_eq!(
            said(stages(&findings)),
            "Of a mean 4 min 10 s in buffered, 98.0 % is waiting in the queue; of 500 ms in direct, 52.0 % is work"
        );
        let same =
            with_means(&[(Stage::Work, 0.3), (Stage::ColdStart, 0.1)], &[(Stage::Work, 0.3), (Stage::Send, 0.1)]);
        assert_eq!(said(stages(&same)), "Of a mean 400 ms in either design, 75.0 % is work");
        let worse = with_means(&[(Stage::Redelivery, 90.0), (Stage::Work, 10.0)], &[(Stage::ColdStart, 1.0)]);
        assert_eq!(
            said(stages(&worse)),
            "Of a mean 1 min 40 s in buffered, 90.0 % is waiting for redelivery; of 1 s in direct, 100 % are cold starts"
        );
        let timeless = with_means(&[], &[(Stage::Queue, 2.0)]);
        assert_eq!(
            said(stages(&timeless)),
            "Of a mean 0 ms in buffered, nothing takes time; of 2 s in direct, 100 % is waiting in Lambda's own queue"
        );
    }

    #[test]
    fn of_orders_without_an_answer_no_stage_is_told() {
        let mut findings = with_means(&[(Stage::Work, 1.0)], &[(Stage::Work, 2.0)]);
        let refused = Orders { offered: 9, refused: 9, ..Orders::default() };
        findings.designs[1].orders = refused;
        assert_eq!(said(stages(&findings)), "Of a mean 1 s in buffered, 100 % is work");
        findings.designs[0].orders = refused;
        assert_eq!(said(stages(&findings)), "No order was answered, so no time can be told apart");
        assert_eq!(answered(&findings.designs[0]), 0);
        findings.designs.clear();
        assert_eq!((stages(&findings), attempts(&findings)), (None, None));
    }

    /// Rows of (task attempts, attempts, orders).
    fn with_tries(rows: [&[(u32, u32, u64)]; 2], wasted: [u64; 2]) -> Findings {
        let mut findings = Sample::flash_sale().findings();
        for ((found, rows), wasted) in findings.designs.iter_mut().zip(rows).zip(wasted) {
            let row = |(task_attempts, attempts, offered): &(u32, u32, u64)| {
                let orders = Orders { offered: *offered, confirmed: *offered, ..Orders::default() };
                Tried { task_attempts: *task_attempts, attempts: *attempts, orders }
            };
            found.tried = rows.iter().map(row).collect();
            found.orders.offered = rows.iter().map(|row| row.2).sum();
            let all: u64 = rows.iter().map(|row| u64::from(row.1) * row.2).sum();
            found.work = WorkFindings {
                useful: WorkAmount { attempts: all - wasted, gb_s: 0.0 },
                wasted: WorkAmount { attempts: wasted, gb_s: 0.0 },
                ..WorkFindings::default()
            };
        }
        findings
    }

    #[test]
    fn every_way_of_being_tried_has_its_words() {
        let once = &[(1, 1, 1_000)][..];
        assert_eq!(
            said(attempts(&with_tries([once, once], [0, 0]))),
            "In either design, every order is tried exactly once"
        );
        let again = &[(1, 1, 9_999), (1, 2, 1)][..];
        let never = &[(1, 1, 600), (4, 0, 399), (2, 2, 1)][..];
        assert_eq!(
            said(attempts(&with_tries([again, never], [1, 60]))),
            "In buffered, 1 order is tried more than once; in direct, 399 orders (39.9 %) never reach the function and 1 is \
             tried more than once, and 10.0 % of the attempts are for nothing"
        );
        let refused = &[(0, 0, 500)][..];
        assert_eq!(
            said(attempts(&with_tries([again, refused], [500, 0]))),
            "In buffered, 1 order is tried more than once, and 5.0 % of the attempts are for nothing; in direct, no order \
             ever reaches the function"
        );
        let door = &[(0, 0, 1), (1, 1, 99)][..];
        assert_eq!(
            said(attempts(&with_tries([door, once], [0, 0]))),
            "In buffered, 1 order (1.0 %) never reaches the function; in direct, every order is tried exactly once"
        );
        assert_eq!(trials(&with_tries([never, once], [0, 0]).designs[0]).unwrap().task_retries, 399 * 3 + 1);
        let mut uncounted = with_tries([once, once], [0, 0]);
        uncounted.designs[1].tried.clear();
        assert_eq!(said(attempts(&uncounted)), "How often each order was tried was not counted");
        let none = &[][..];
        assert_eq!(said(attempts(&with_tries([none, none], [0, 0]))), "No order came in, so none was tried");
    }
}
