//! Panels 2 and 4 of the timeline: the backlog, and what was lost.

use crate::measure::bands::Series;
use crate::measure::findings::{Design, DesignFindings, TimelineRow};
use crate::report::chart::geometry::between;
use crate::report::chart::labels::{Label, Placer};
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::Panel;
use crate::report::chart::series::{levels, step_s, sums};
use crate::report::chart::sheet::{Anchor, Face, Point, Sheet};
use crate::report::chart::timeline::{Hero, both, line_of};
use crate::report::chart::{bands, caption, facts};
use crate::report::words::{count, duration_s};

/// One corner of a level per so many px.
const LEVEL_PX: f64 = 2.5;

impl Hero<'_> {
    /// Panel 2; returns its zero line.
    pub fn backlog(&self, sheet: &mut Sheet, baseline: f64, title: &str) -> f64 {
        let spacing = self.frame.x.per_px() * LEVEL_PX;
        let end = self.frame.window.end_s;
        let buffered = facts::of(self.findings, Design::Buffered);
        let queue = buffered.and_then(|design| design.queue);
        let stock = buffered.map_or(Vec::new(), |design| {
            let rows = &design.timeline;
            let mut corners = levels(rows, end, spacing, |row| row.backlog as f64, |row| row.backlog_max as f64);
            if let Some((at, peak)) = queue.and_then(|queue| Some((queue.peak_backlog_at_s?, queue.peak_backlog))) {
                corners.push((at, peak as f64));
                corners.sort_by(|a, b| a.0.total_cmp(&b.0));
            }
            corners
        });
        let retries = facts::of(self.findings, Design::Direct).map_or(Vec::new(), |design| {
            let level: fn(&TimelineRow) -> f64 = match design.events {
                Some(_) => |row| row.backlog as f64,
                None => |row| row.retries_waiting as f64,
            };
            levels(&design.timeline, end, spacing, level, level)
        });
        let asynchronous = facts::of(self.findings, Design::Direct).is_some_and(|direct| direct.events.is_some());
        let waiting = if asynchronous { Series::Backlog } else { Series::RetriesWaiting };
        let series = [(Design::Buffered, Series::Backlog), (Design::Direct, waiting)];
        let highest = bands::most(self.bands, &series);
        let most = stock.iter().chain(&retries).fold(highest, |most, corner| most.max(corner.1)) * 1.12;
        let subtitle = self.what_waits();
        let panel =
            self.frame.panel(sheet, baseline, (title, &subtitle), (self.frame.layout.height(132.0, 110.0), most, true));
        let (stock, retries) = (self.frame.px(&panel, &stock), self.frame.px(&panel, &retries));
        match self.bands {
            Some(_) => self.draw_bands(sheet, &panel, &series),
            None => tint(sheet, &stock, panel.bottom),
        }
        line_of(sheet, Design::Buffered, stock.clone());
        line_of(sheet, Design::Direct, retries.clone());
        self.frame.zero_line(sheet, &panel);

        let mut placer = self.placer(&panel);
        placer.avoid_line(&stock);
        placer.avoid_line(&retries);
        self.backlog_labels(sheet, &mut placer, &panel);
        if let Some(direct) = facts::of(self.findings, Design::Direct) {
            let long = match (direct.events, caption::most_retries(direct)) {
                (Some(events), _) => format!("direct: at most {} events wait", count(events.peak_waiting)),
                (None, 0) => "direct: no backlog".to_owned(),
                (None, most) => format!("direct: no backlog, at most {} retries wait", count(most)),
            };
            let label = |words: &str| {
                let mut label = Label::new(words, Face::LABEL, Ink::DirectText).along(&retries, 0.25, 8.0);
                label.halo = stock.is_empty();
                label
            };
            placer.place_one_of(sheet, &[label(&long), label("direct").needed()]);
        }
        panel.bottom
    }

    /// What the panel shows.
    fn what_waits(&self) -> String {
        let buffered = facts::of(self.findings, Design::Buffered).filter(|design| design.queue.is_some());
        let events = facts::of(self.findings, Design::Direct).and_then(|direct| direct.events);
        let messages = buffered.map(|design| match self.waiting_in_flight(design) {
            None => "Messages waiting in the queue",
            Some(_) => "Messages visible in the queue, without those in flight",
        });
        match (messages, events) {
            (Some(messages), None) => messages.to_owned(),
            (Some(messages), Some(_)) => format!("{messages}, events in Lambda\u{2019}s own"),
            (None, Some(_)) => "Events waiting in Lambda\u{2019}s own queue".to_owned(),
            (None, None) => "Orders waiting for a retry".to_owned(),
        }
    }

    /// Dots and words at the peak of the backlog and where it is gone.
    fn backlog_labels(&self, sheet: &mut Sheet, placer: &mut Placer, panel: &Panel) {
        let Some(design) = facts::of(self.findings, Design::Buffered) else { return };
        let Some(queue) = design.queue else { return };
        let origin = self.frame.subject.origin_s;
        let moment = |at: f64| match at - origin {
            after if after >= 0.0 => format!("at +{}", duration_s(after)),
            before => format!("at \u{2212}{}", duration_s(-before)),
        };
        let Some(peak_at) = queue.peak_backlog_at_s.filter(|_| queue.peak_backlog > 0) else {
            let label = Label::new("buffered: no backlog", Face::LABEL, Ink::BufferedText).needed();
            let place = (self.frame.sides.1, panel.bottom - 9.0);
            placer.place(sheet, &label.at(place, Anchor::End));
            return;
        };
        let peak = (self.frame.at(peak_at), panel.y.px(queue.peak_backlog as f64));
        let empty = self.drained(design).map(|at| (at, (self.frame.at(at), panel.bottom)));
        sheet.dot(peak, Ink::Buffered);
        placer.avoid_dot(peak);
        if let Some((_, dot)) = empty {
            sheet.dot(dot, Ink::Buffered);
            placer.avoid_dot(dot);
        }
        let label = |words: String| Label::new(words, Face::LABEL, Ink::BufferedText);
        let words = format!("peak {} {}", count(queue.peak_backlog), moment(peak_at));
        let near = (peak.0 + 5.0, peak.1 + 4.0);
        placer.place(sheet, &label(words).needed().around(near, 7.0).around(peak, 12.0));
        if let Some((at, dot)) = empty {
            let empty = if self.waiting_in_flight(design).is_none() { "empty" } else { "none visible" };
            placer.place(sheet, &label(format!("{empty} {}", moment(at))).around(dot, 8.0).around(dot, 14.0));
        }
    }

    /// Panel 4; returns its zero line.
    pub fn losses(&self, sheet: &mut Sheet, baseline: f64, title: &str) -> f64 {
        let (end, step) = (self.frame.window.end_s, step_s(self.findings));
        let spacing = self.frame.x.per_px() * LEVEL_PX;
        let series: Vec<(Design, Vec<(f64, f64)>)> = self
            .findings
            .designs
            .iter()
            .map(|design| {
                let mut corners = sums(&design.timeline, end, (step, spacing), |row| row.lost);
                // What is lost stays lost: the line runs on to the end of the chart.
                corners.push((end, corners.last().map_or(0.0, |last| last.1)));
                (design.design, corners)
            })
            .collect();
        let final_of = |corners: &[(f64, f64)]| corners.last().map_or(0.0, |last| last.1);
        let highest = bands::most(self.bands, &both(Series::Lost));
        let most = series.iter().fold(highest, |most, (_, corners)| most.max(final_of(corners)));
        let subtitle = "Orders that ended without a confirmation, cumulative";
        let panel = self.frame.panel(
            sheet,
            baseline,
            (title, subtitle),
            (self.frame.layout.height(120.0, 100.0), most * 1.12, true),
        );
        let worst = series.iter().max_by(|a, b| final_of(&a.1).total_cmp(&final_of(&b.1)));
        if let Some((_, corners)) = worst.filter(|worst| final_of(&worst.1) > 0.0) {
            sheet.hatch(&self.frame.px(&panel, corners), panel.bottom);
        }
        self.draw_bands(sheet, &panel, &both(Series::Lost));
        self.frame.zero_line(sheet, &panel);
        let lines = self.lines(sheet, &panel, &series);
        let mut placer = self.placer(&panel);
        lines.iter().for_each(|line| placer.avoid_line(&line.1));
        let all_well = |design: &DesignFindings| facts::lost(design) == 0 && design.orders.open == 0;
        if self.findings.designs.len() > 1 && self.findings.designs.iter().all(all_well) {
            let label = Label::new("both: none lost", Face::LABEL, Ink::Note);
            placer.place(sheet, &label.along(&lines[0].1, 0.5, 8.0));
            return panel.bottom;
        }
        for ((design, line), found) in lines.iter().zip(&self.findings.designs) {
            let label = Label::new(loss_words(found), Face::LABEL, Ink::text_of(*design)).needed();
            // Where it has its final height, if that is wide enough.
            let level = line.last().map_or(panel.bottom, |last| last.1);
            let reached = line.iter().find(|point| point.1 <= level + 2.0).map_or(0.0, |point| point.0);
            let last = between(line, reached, self.frame.sides.1);
            placer.place(sheet, &label.along(&last, 0.4, 8.0).along(line, 0.5, 8.0).along(line, 0.9, 8.0));
        }
        panel.bottom
    }
}

/// The tint under a stock.
fn tint(sheet: &mut Sheet, edge: &[Point], bottom: f64) {
    let (Some(first), Some(last)) = (edge.first(), edge.last()) else { return };
    let mut closed = vec![(first.0, bottom)];
    closed.extend(edge);
    closed.push((last.0, bottom));
    if edge.iter().any(|point| point.1 < bottom - 0.5) {
        sheet.area(closed, Ink::BufferedTint);
    }
}

/// How many orders a design lost, and left open where it lost none, by the one kind where it is one.
fn loss_words(design: &DesignFindings) -> String {
    let (name, orders, lost) = (design.design.name(), design.orders, facts::lost(design));
    let kind = match lost {
        0 if orders.open > 0 => return format!("{name}: none lost, {} still open", count(orders.open)),
        0 => return format!("{name}: none lost"),
        lost if lost == orders.timed_out => "timed out",
        lost if lost == orders.refused => "refused",
        _ => "lost",
    };
    format!("{name}: {} {kind}", count(lost))
}

#[cfg(test)]
mod tests {
    use super::loss_words;
    use crate::report::sample::Sample;

    #[test]
    fn orders_still_open_are_told_where_none_is_lost() {
        let mut found = Sample::flash_sale().findings().designs.remove(0);
        found.orders.timed_out = 3;
        assert_eq!(loss_words(&found), "buffered: 3 timed out");
        (found.orders.timed_out, found.orders.open) = (0, 1_200);
        assert_eq!(loss_words(&found), "buffered: none lost, 1,200 still open");
        found.orders.open = 0;
        assert_eq!(loss_words(&found), "buffered: none lost");
    }
}
