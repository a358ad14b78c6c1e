//! Attempts: how often each order was tried before it ended, what came of it, and what the attempts were good for.

use crate::measure::findings::{Design, DesignFindings, Findings, WorkAmount};
use crate::report::chart::bar::{Fill, Part, Place, bar};
use crate::report::chart::caption_work::{self, trials};
use crate::report::chart::faults::{note, with_faults};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::origin_line;
use crate::report::chart::sheet::{Anchor, Face, Sheet};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::spent::{REASONS, wasted_by};
use crate::report::subject::Report;
use crate::report::words::{count, share};

/// Height of a bar of the first group, and of a row of them.
const THIN: f64 = 15.0;
/// Height of a bar of the second group.
const HIGH: f64 = 36.0;
/// From the last line below a bar to the name above the next.
const BETWEEN: f64 = 34.0;
/// No part is narrower, however few orders it stands for.
const LEAST: f64 = 2.5;
/// Rows of the first group at most; the last one takes all further attempts.
const ROWS: usize = 6;
/// The line under the title.
const SUBTITLE: &str =
    "Handlers that turned to an order before it ended, as a share of all orders offered. Hatched: not confirmed.";
/// What the second group shows.
const WORTH: &str = "What the attempts were good for";
const WORTH_NOTE: &str =
    "All attempts, also those after their order had ended. Hatched: for nothing, by the first reason that fits.";

/// Orders that were tried equally often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bucket {
    orders: u64,
    confirmed: u64,
}

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let (fonts, findings) = (Fonts::bundled(), report.findings);
    let title = caption_work::attempts(findings).unwrap_or_default();
    let mut sheet = layout.sheet();
    let top = layout.heading(&mut sheet, &fonts, &title, SUBTITLE) + 34.0;
    let mut lowest = distribution(&mut sheet, (&fonts, layout), top, findings) + 46.0;
    sheet.text(WORTH, (layout.margin, lowest), Anchor::Start, Face::TITLE, Ink::Title);
    for line in fonts.wrap(WORTH_NOTE, Face::NOTE, layout.body) {
        lowest += 17.0;
        sheet.text(&line, (layout.margin, lowest), Anchor::Start, Face::NOTE, Ink::Quiet);
    }
    for found in &findings.designs {
        lowest = worth_bar(&mut sheet, (&fonts, layout), lowest + BETWEEN, found);
    }
    let lowest = note(&mut sheet, &fonts, layout, report.subject, lowest + 14.0);
    layout.foot(&mut sheet, lowest, &origin_line(report.subject));
    let words = Words {
        name: "attempts",
        title,
        subtitle: SUBTITLE.to_owned(),
        description: with_faults(description(&findings.designs), report.subject),
        origin: origin_line(report.subject),
    };
    (sheet, words)
}

/// The rows of the first group: from so many attempts to so many, the last one without an end.
fn rows(designs: &[DesignFindings]) -> Vec<(u32, Option<u32>)> {
    let mut seen: Vec<u32> = designs.iter().flat_map(|found| &found.tried).map(|row| row.attempts).collect();
    seen.push(1);
    seen.sort_unstable();
    seen.dedup();
    let rest = seen.get(ROWS - 1).copied().filter(|_| seen.len() > ROWS);
    let own =
        seen.iter().take(if rest.is_some() { ROWS - 1 } else { ROWS }).map(|attempts| (*attempts, Some(*attempts)));
    own.chain(rest.map(|from| (from, None))).collect()
}

fn row_name((from, to): (u32, Option<u32>)) -> String {
    match (from, to) {
        (0, _) => "never".to_owned(),
        (1, Some(_)) => "once".to_owned(),
        (2, Some(_)) => "twice".to_owned(),
        (from, Some(_)) => format!("{} times", count(from.into())),
        (from, None) => format!("{} or more", count(from.into())),
    }
}

fn bucket(found: &DesignFindings, (from, to): (u32, Option<u32>)) -> Bucket {
    let own = found.tried.iter().filter(|row| row.attempts >= from && to.is_none_or(|to| row.attempts <= to));
    own.fold(Bucket::default(), |sum, row| Bucket {
        orders: sum.orders + row.orders.offered,
        confirmed: sum.confirmed + row.orders.confirmed,
    })
}

/// A row per number of attempts with a bar per design; returns the lowest line.
fn distribution(sheet: &mut Sheet, (fonts, layout): (&Fonts, Layout), top: f64, findings: &Findings) -> f64 {
    if findings.designs.iter().all(|found| trials(found).is_none() || found.orders.offered == 0) {
        sheet.text("Nothing to show.", (layout.margin, top + 14.0), Anchor::Start, Face::NOTE, Ink::Note);
        return top + 14.0;
    }
    let rows = rows(&findings.designs);
    let names: Vec<String> = rows.iter().map(|row| row_name(*row)).collect();
    let gutter = names.iter().map(|name| fonts.width(name, Face::LABEL)).fold(40.0, f64::max) + 12.0;
    let left = layout.margin + gutter;
    // The words behind the longest bar have their room.
    let room = layout.right() - left - if layout.narrow() { 150.0 } else { 260.0 };
    let high = THIN * findings.designs.len() as f64 + 5.0 * (findings.designs.len() as f64 - 1.0);
    let mut y = top;
    for (row, name) in rows.iter().zip(&names) {
        sheet.text(name, (left - 9.0, y + high / 2.0 + 4.5), Anchor::End, Face::LABEL, Ink::Title);
        for (i, found) in findings.designs.iter().enumerate() {
            let top = y + (THIN + 5.0) * i as f64;
            row_bar(sheet, (fonts, layout), (left, top, room), found, bucket(found, *row));
        }
        y += high + 16.0;
    }
    let bottom = y - 12.0;
    sheet.line(vec![(left, top - 4.0), (left, bottom)], Ink::Axis, 1.0);
    bottom
}

/// One bar: confirmed orders in the design's colour, the others hatched, and how many they are.
fn row_bar(
    sheet: &mut Sheet,
    (fonts, layout): (&Fonts, Layout),
    (left, top, room): (f64, f64, f64),
    found: &DesignFindings,
    of: Bucket,
) {
    let offered = found.orders.offered;
    let width = |orders: u64| match orders {
        0 => 0.0,
        orders => (orders as f64 / offered.max(1) as f64 * room).max(LEAST),
    };
    let (confirmed, others) = (width(of.confirmed), width(of.orders - of.confirmed));
    sheet.rectangle((left, top), (left + confirmed, top + THIN), Ink::line_of(found.design));
    let (from, end) = (left + confirmed, left + confirmed + others);
    if others > 0.0 {
        sheet.rectangle((from, top), (end, top + THIN), if others > 4.0 { Ink::Band } else { Ink::Axis });
        sheet.hatch(&[(from, top), (end, top)], top + THIN);
        let outline = vec![(from, top), (end, top), (end, top + THIN), (from, top + THIN)];
        sheet.line(outline, Ink::line_of(found.design), 1.0);
    }
    let lost = match of.orders - of.confirmed {
        0 => String::new(),
        lost if lost == of.orders => ", none confirmed".to_owned(),
        lost => format!(", {} not confirmed", count(lost)),
    };
    let none = of.orders == 0;
    let orders = if none { "none".to_owned() } else { count(of.orders) };
    let number = format!("{} {orders}", found.design.name());
    let part = if none { String::new() } else { format!(" ({})", share(of.orders, offered)) };
    let all = [format!("{number}{part}{lost}"), format!("{number}{lost}"), number];
    let free = layout.right() - end - 8.0;
    let words = all.iter().find(|words| fonts.width(words, Face::TICK) <= free).unwrap_or(&all[2]);
    let ink = if none { Ink::Quiet } else { Ink::text_of(found.design) };
    sheet.text(words, (end + 8.0, top + THIN - 3.5), Anchor::Start, Face::TICK, ink);
}

/// The reasons why attempts were for nothing.
fn reasons(found: &DesignFindings) -> impl Iterator<Item = (WorkAmount, &'static str)> {
    wasted_by(found).into_iter().zip(REASONS.map(|(_, words)| words))
}

/// A design's name, attempts and bar, and the calls behind them; returns the lowest line of it.
fn worth_bar(sheet: &mut Sheet, (fonts, layout): (&Fonts, Layout), baseline: f64, found: &DesignFindings) -> f64 {
    let (left, right) = (layout.margin, layout.right());
    let all = found.work.useful.attempts + found.work.wasted.attempts;
    sheet.text(found.design.name(), (left, baseline), Anchor::Start, Face::LABEL, Ink::text_of(found.design));
    let each = match found.orders.offered {
        0 => String::new(),
        offered => format!(", {:.2} per order", all as f64 / offered as f64),
    };
    sheet.text(&format!("{} attempts{each}", count(all)), (right, baseline), Anchor::End, Face::NOTE, Ink::Note);
    let part = |amount: WorkAmount, name: &str, fill: Fill| {
        let (number, share) = (count(amount.attempts), share(amount.attempts, all));
        let two = [format!("{number} ({share})"), name.to_owned()];
        Part { amount: amount.attempts as f64, words: format!("{number} {name} ({share})"), two, fill }
    };
    let useful = Fill::Plain(Ink::line_of(found.design), Ink::on(found.design));
    let mut parts = vec![part(found.work.useful, "useful", useful)];
    parts.extend(reasons(found).map(|(amount, name)| part(amount, name, Fill::Hatched)));
    parts.retain(|part| part.amount > 0.0);
    let place = Place { left, right, top: baseline + 11.0, high: HIGH };
    let mut lowest = bar(sheet, fonts, place, all.max(1) as f64, &parts);
    for line in fonts.wrap(&calls(found), Face::NOTE, layout.body) {
        lowest += 19.0;
        sheet.text(&line, (left, lowest), Anchor::Start, Face::NOTE, Ink::Note);
    }
    lowest
}

/// What was asked of the services for those attempts.
fn calls(found: &DesignFindings) -> String {
    let times = |n: u64, one: &str, many: &str| format!("{} {}", count(n), if n == 1 { one } else { many });
    let mut parts = Vec::new();
    if let Some(queue) = found.queue {
        let duplicated = match queue.duplicated {
            0 => String::new(),
            twice => format!(", {} delivered twice by SQS", count(twice)),
        };
        let received = times(queue.received, "message received", "messages received");
        parts.push(format!("{received}, {} of them again{duplicated}", count(queue.redelivered)));
        if queue.dead_lettered > 0 {
            parts.push(times(queue.dead_lettered, "dead-lettered", "dead-lettered"));
        }
    }
    if let Some(events) = found.events {
        let read = times(events.read, "event read", "events read");
        parts.push(format!("{read}, {} of them again, {} given up", count(events.read_again), count(events.dropped)));
    }
    if let Some(trials) = trials(found).filter(|trials| trials.task_retries > 0 || found.design == Design::Direct) {
        parts.push(times(trials.task_retries, "retry by Step Functions", "retries by Step Functions"));
    }
    parts.push(times(found.lambda.throttles, "invocation throttled", "invocations throttled"));
    parts.join(" · ")
}

fn description(designs: &[DesignFindings]) -> String {
    let sentence = |found: &DesignFindings| {
        let (name, offered) = (found.design.name(), found.orders.offered);
        let told = rows(designs).into_iter().map(|row| (row, bucket(found, row))).filter(|(_, of)| of.orders > 0);
        let rows: Vec<String> = told
            .map(|(row, of)| format!("{}: {} ({} confirmed)", row_name(row), count(of.orders), count(of.confirmed)))
            .collect();
        let tried = if rows.is_empty() { "not counted".to_owned() } else { rows.join(", ") };
        let wasted: Vec<String> = reasons(found)
            .filter(|(amount, _)| amount.attempts > 0)
            .map(|(amount, name)| format!("{} {name}", count(amount.attempts)))
            .collect();
        let useful = count(found.work.useful.attempts);
        let wasted = if wasted.is_empty() { "none was for nothing".to_owned() } else { wasted.join(", ") };
        format!(
            "Of {} orders in {name}, tried: {tried}. Attempts: {useful} useful, {wasted}. {}.",
            count(offered),
            calls(found)
        )
    };
    designs.iter().map(sentence).collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{bucket, description, row_name, rows};
    use crate::measure::findings::Orders;
    use crate::measure::tries::Tried;
    use crate::report::sample::Sample;
    use crate::report::spent::{REASONS, attempts_sentence};

    #[test]
    fn rows_hold_every_order_once_however_many_attempts_there_are() {
        let mut findings = Sample::flash_sale().findings();
        for (found, most) in findings.designs.iter_mut().zip([3_u32, 12]) {
            let row = |attempts| {
                let orders = Orders { offered: 10, confirmed: 7, ..Orders::default() };
                Tried { task_attempts: 1, attempts, orders }
            };
            found.tried = (0..most).map(row).collect();
        }
        let rows = rows(&findings.designs);
        let names: Vec<String> = rows.iter().map(|row| row_name(*row)).collect();
        assert_eq!(names, ["never", "once", "twice", "3 times", "4 times", "5 or more"]);
        for (found, all) in findings.designs.iter().zip([30, 120]) {
            assert_eq!(rows.iter().map(|row| bucket(found, *row).orders).sum::<u64>(), all);
        }
        assert_eq!(bucket(&findings.designs[1], rows[5]).confirmed, 7 * 7);
        let said = description(&findings.designs);
        // The reasons are those of every other page, in the same words and order.
        let work = &mut findings.designs[0].work;
        let mut counts = 11..;
        for amount in [&mut work.task_over, &mut work.too_late, &mut work.duplicate, &mut work.batch, &mut work.failed]
        {
            amount.attempts = counts.next().unwrap();
        }
        let told = REASONS.iter().zip(11..).map(|((_, words), count)| format!("{count} {words}"));
        let told = told.collect::<Vec<String>>().join(", ");
        let in_the_chart = description(&findings.designs);
        assert!(in_the_chart.contains(&told), "{in_the_chart}");
        assert!(attempts_sentence(&findings.designs[0]).contains(&told));
        assert!(said.contains("4 times: 10 (7 confirmed), 5 or more: 70 (49 confirmed)."), "{said}");
    }
}
