//! Waiting: the age of the oldest message over time, against the timeouts that it may meet.

use crate::measure::bands::Series;
use crate::measure::findings::{Design, DesignFindings, Findings, SloVerdict, TimelineRow, Unit};
use crate::report::chart::faults::with_faults;
use crate::report::chart::labels::{Label, Placer};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::{Frame, Panel, time_line};
use crate::report::chart::scale::duration_steps;
use crate::report::chart::series::{levels, step_s};
use crate::report::chart::sheet::{Anchor, Face, Sheet, Stroke};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::chart::timeline::line_of;
use crate::report::chart::{bands, caption_ends, facts};
use crate::report::subject::{Report, Subject};
use crate::report::words::duration_s;

/// One corner of the line per so many px.
const LEVEL_PX: f64 = 1.5;
/// A limit so many times above everything is told, not drawn: it would press the line to the ground.
const FAR: f64 = 4.0;
/// The line under the title.
const SUBTITLE: &str = "Age of the oldest message that still exists, waiting or being worked on.";

/// A line across the chart.
struct Limit {
    name: String,
    at_s: f64,
    stroke: Stroke,
    ink: Ink,
    /// Where its label prefers to stand.
    anchor: Anchor,
}

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let (subject, findings) = (report.subject, report.findings.first());
    let fonts = Fonts::bundled();
    let (peak, all) = (oldest(findings), bands::of(report.findings));
    let series = (Design::Buffered, Series::OldestMessage);
    let subtitle = SUBTITLE.to_owned() + &bands::over_time_words(report.findings);
    let (near, far): (Vec<Limit>, Vec<Limit>) =
        limits(subject, report.slo).into_iter().partition(|limit| peak > 0.0 && limit.at_s <= peak * FAR);
    let most = near.iter().map(|limit| limit.at_s).fold(peak.max(bands::most(all, &[series])), f64::max) * 1.14;
    let ticks = ticks(most);
    let widest = ticks.iter().map(|(_, label)| fonts.width(label, Face::TICK)).fold(0.0, f64::max);
    let layout = Layout { gutter: layout.gutter.max(widest + 9.0), ..layout };
    let frame = Frame::new(subject, report.findings, &fonts, layout);
    let title = caption_ends::waiting(subject, findings).unwrap_or_default();
    let mut sheet = layout.sheet();
    let mut baseline = layout.heading(&mut sheet, &fonts, &title, &subtitle) + 48.0;
    if !subject.phases.is_empty() {
        frame.strip(&mut sheet, baseline + 7.0);
        baseline += 26.0;
    }
    baseline += frame.fault_strip(&mut sheet, baseline - 19.0);
    let buffered = facts::of(findings, Design::Buffered);
    let rows = buffered.map_or(&[][..], |found| &found.timeline[..]);
    let panel = frame.plot(&mut sheet, (baseline, layout.height(330.0, 240.0)), most);
    for (at, label) in &ticks {
        frame.tick(&mut sheet, panel.y.px(*at), label, *at > 0.0);
    }
    let age = |row: &TimelineRow| row.oldest_message_s.unwrap_or(0.0);
    let corners = levels(rows, frame.window.end_s, frame.x.per_px() * LEVEL_PX, age, age);
    let line = frame.px(&panel, &corners);
    let mut placer = Placer::new(&fonts, frame.room(&panel));
    hatching(&mut sheet, &frame, &panel, &near);
    bands::draw(&mut sheet, &frame, &panel, all, series);
    placer.avoid_line(&line);
    let at = |limit: &Limit| vec![(frame.sides.0, panel.y.px(limit.at_s)), (frame.sides.1, panel.y.px(limit.at_s))];
    for limit in &near {
        placer.avoid_line(&at(limit));
        sheet.stroke(at(limit), limit.ink, if limit.ink == Ink::Limit { 1.75 } else { 1.25 }, limit.stroke);
    }
    line_of(&mut sheet, Design::Buffered, line);
    frame.zero_line(&mut sheet, &panel);
    label_peak(&mut sheet, &mut placer, (&frame, &panel), buffered, (peak, step_s(findings)));
    label_limits(&mut sheet, &mut placer, (&frame, &panel), &near);
    if peak > 0.0 {
        label_far(&mut sheet, &mut placer, (&frame, &panel), &far);
    }
    let lowest = frame.time_axis(&mut sheet, panel.bottom);
    let lowest = frame.unnamed_faults(&mut sheet, lowest);
    layout.foot(&mut sheet, lowest, &time_line(subject));
    let words = Words {
        name: "waiting",
        description: with_faults(description(&near, &far), subject),
        title,
        subtitle,
        origin: time_line(subject),
    };
    (sheet, words)
}

/// Lines of the vertical axis: seconds and label.
fn ticks(most: f64) -> Vec<(f64, String)> {
    let label = |at: f64| if at == 0.0 { "0".to_owned() } else { duration_s(at) };
    duration_steps(most).into_iter().map(|at| (at, label(at))).collect()
}

/// The greatest age of a message.
fn oldest(findings: &Findings) -> f64 {
    let queue = facts::of(findings, Design::Buffered).and_then(|found| found.queue);
    queue.map_or(0.0, |queue| queue.max_oldest_message_s)
}

/// What a message's age may meet, in no order.
fn limits(subject: &Subject, slo: &[SloVerdict]) -> Vec<Limit> {
    let timeout = |name: &str, at: Option<f64>, anchor: Anchor| {
        let limit = |at_s: f64| Limit { name: name.to_owned(), at_s, stroke: Stroke::Timeout, ink: Ink::Axis, anchor };
        at.map(limit)
    };
    let mut limits: Vec<Limit> = [
        timeout("task timeout", subject.task_timeout_s, Anchor::Start),
        timeout("heartbeat timeout", subject.heartbeat_s, Anchor::Start),
        timeout("visibility timeout", subject.visibility_timeout_s, Anchor::End),
    ]
    .into_iter()
    .flatten()
    .collect();
    let about = |slo: &&SloVerdict| slo.unit == Unit::Duration && slo.name.starts_with("oldest_message");
    limits.extend(slo.iter().find(about).map(|slo| Limit {
        name: "SLO: at most".to_owned(),
        at_s: slo.limit_value,
        stroke: Stroke::Dots,
        ink: Ink::Limit,
        anchor: Anchor::Start,
    }));
    limits
}

/// Above the limit that ends a task's waiting first, an order is never confirmed.
fn hatching(sheet: &mut Sheet, frame: &Frame, panel: &Panel, near: &[Limit]) {
    let Some((name, at_s)) = caption_ends::patience(frame.subject) else { return };
    if near.iter().any(|limit| limit.name == name) {
        sheet.hatch(&[(frame.sides.0, panel.top), (frame.sides.1, panel.top)], panel.y.px(at_s));
    }
}

/// A dot where the message was oldest.
fn label_peak(
    sheet: &mut Sheet,
    placer: &mut Placer,
    (frame, panel): (&Frame, &Panel),
    buffered: Option<&DesignFindings>,
    (peak, step_s): (f64, f64),
) {
    let name = |words: &str| Label::new(words, Face::LABEL, Ink::BufferedText).needed();
    let age = |row: &&TimelineRow| row.oldest_message_s.unwrap_or(0.0);
    let rows = buffered.map_or(&[][..], |found| &found.timeline[..]);
    let shown = rows.iter().filter(|row| row.time_s < frame.window.end_s);
    let oldest = shown.max_by(|one, other| age(one).total_cmp(&age(other)).then(other.time_s.total_cmp(&one.time_s)));
    let nothing = (frame.sides.1, panel.bottom - 9.0);
    let Some(row) = oldest.filter(|row| age(row) > 0.0) else {
        let words = match buffered {
            None => "no queue in this design",
            Some(_) if peak > 0.0 => "buffered: gone before the next look",
            Some(_) => "buffered: no message waited",
        };
        placer.place(sheet, &name(words).at(nothing, Anchor::End));
        return;
    };
    let dot = (frame.at(row.time_s), panel.y.px_inside(age(&row)));
    sheet.dot(dot, Ink::Buffered);
    placer.avoid_dot(dot);
    let (seen, oldest, step) = (duration_s(age(&row)), duration_s(peak), duration_s(step_s));
    let label = if seen == oldest {
        name(&format!("buffered, oldest {oldest}"))
    } else {
        // The rows of the timeline are further apart than messages grow old.
        let between = format!("looked at every {step}; up to {oldest} in between");
        name(&format!("buffered, {seen}")).and(between, Face::NOTE, Ink::Note)
    };
    placer.place(sheet, &label.around(dot, 11.0).around(dot, 18.0).around(dot, 28.0));
}

fn label_limits(sheet: &mut Sheet, placer: &mut Placer, (frame, panel): (&Frame, &Panel), near: &[Limit]) {
    let first = caption_ends::patience(frame.subject).map(|(name, _)| name);
    for limit in near {
        let y = panel.y.px(limit.at_s);
        let short = format!("{} {}", limit.name, duration_s(limit.at_s));
        let tail = match limit.name.as_str() {
            name if Some(name) == first => ": Step Functions gives up",
            "visibility timeout" => ": what one failed try costs",
            _ => "",
        };
        let ink = if limit.ink == Ink::Limit { Ink::Title } else { Ink::Note };
        let side = |label: Label, anchor: Anchor| {
            let x = if anchor == Anchor::Start { frame.sides.0 + 8.0 } else { frame.sides.1 };
            label.at((x, y - 7.0), anchor).at((x, y + 16.0), anchor)
        };
        let other = if limit.anchor == Anchor::Start { Anchor::End } else { Anchor::Start };
        let label = |words: String| side(side(Label::new(words, Face::NOTE, ink), limit.anchor), other);
        placer.place_one_of(sheet, &[label(format!("{short}{tail}")), label(short).needed()]);
    }
}

/// Limits that lie far above are named in the corner.
fn label_far(sheet: &mut Sheet, placer: &mut Placer, (frame, panel): (&Frame, &Panel), far: &[Limit]) {
    let mut y = panel.top + 6.0;
    for limit in far {
        let words = format!("{} {}: far above", limit.name, duration_s(limit.at_s));
        let label = Label::new(words, Face::NOTE, Ink::Quiet);
        if placer.place(sheet, &label.at((frame.sides.1, y), Anchor::End).at((frame.sides.0 + 8.0, y), Anchor::Start)) {
            y += 19.0;
        }
    }
}

fn description(near: &[Limit], far: &[Limit]) -> String {
    let mut limits: Vec<&Limit> = near.iter().chain(far).collect();
    limits.sort_by(|one, other| one.at_s.total_cmp(&other.at_s));
    let words: Vec<String> = limits.iter().map(|limit| format!("{} {}", limit.name, duration_s(limit.at_s))).collect();
    match words.as_slice() {
        [] => "No timeout is set.".to_owned(),
        words => format!("Limits: {}.", words.join(", ")),
    }
}
