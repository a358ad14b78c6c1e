//! Panels 1 and 3 of the timeline: rates and concurrency, as means over bins.

use crate::measure::bands::Series;
use crate::measure::findings::{Design, DesignFindings, TimelineRow};
use crate::report::chart::labels::Label;
use crate::report::chart::palette::Ink;
use crate::report::chart::series::{step_s, steps};
use crate::report::chart::sheet::{Anchor, Face, Sheet, Stroke};
use crate::report::chart::timeline::{Hero, both};
use crate::report::chart::{bands, facts};
use crate::report::words::{count, rate};

impl Hero<'_> {
    /// Panel 1; returns its zero line.
    pub fn rates(&self, sheet: &mut Sheet, baseline: f64, title: &str) -> f64 {
        let step = step_s(self.findings);
        // A design that was cut off has seen fewer of the orders.
        let longest = self.findings.designs.iter().max_by_key(|design| design.timeline.len());
        let rows = longest.map_or(&[][..], |design| &design.timeline[..]);
        let until = self.frame.window.end_s.min(self.frame.subject.arrivals_end_s.max(step));
        let pieces = self.bins.means(rows, until, None, |row| row.offered as f64 / step);
        let offered = steps(&pieces);
        let confirmed = self.means(|row| row.confirmed as f64 / step);
        let all = confirmed.iter().flat_map(|(_, corners)| corners).chain(&offered);
        let highest = bands::most(self.bands, &both(Series::Confirmed));
        let most = all.fold(highest, |most, corner| most.max(corner.1)) * 1.12;
        let panel = self.frame.panel(
            sheet,
            baseline,
            (title, &self.unit("Orders per second")),
            (self.frame.layout.height(176.0, 150.0), most, false),
        );
        let edge = self.frame.px(&panel, &offered);
        if let (Some(first), Some(last)) = (edge.first(), edge.last()) {
            let mut closed = vec![(first.0, panel.bottom)];
            closed.extend(&edge);
            closed.push((last.0, panel.bottom));
            sheet.area(closed.clone(), Ink::OfferedFill);
            let ends = last.0 < self.frame.sides.1 - 1.0;
            sheet.line(closed[1..closed.len() - usize::from(!ends)].to_vec(), Ink::Offered, 1.5);
        }
        self.draw_bands(sheet, &panel, &both(Series::Confirmed));
        let lines = self.lines(sheet, &panel, &confirmed);
        self.frame.zero_line(sheet, &panel);

        let mut placer = self.placer(&panel);
        placer.avoid_line(&edge);
        lines.iter().for_each(|line| placer.avoid_line(&line.1));
        let highest = pieces.iter().fold(0.0_f64, |most, piece| most.max(piece.mean));
        if let Some(top) = pieces.iter().find(|piece| piece.mean >= highest && highest > 0.0) {
            let words = format!("offered, at most {}", rate(facts::peak_rate(self.frame.subject, self.findings)));
            let at = |seconds: f64| (self.frame.at(seconds), panel.y.px(top.mean));
            let label = Label::new(words, Face::LABEL, Ink::OfferedText).needed();
            let label = label.around((at(top.to_s).0, at(top.to_s).1 + 12.0), 8.0).around(at(top.from_s), 8.0);
            placer.place(sheet, &label.along(&edge, 0.2, 8.0));
        }
        self.name_lines(sheet, &mut placer, &lines, |hero, design| hero.rate_words(design));
        panel.bottom
    }

    /// What a design's rate does, where there is something to say.
    fn rate_words(&self, design: &DesignFindings) -> Option<String> {
        let sum = |rows: &[TimelineRow]| {
            rows.iter().fold((0, 0), |(offered, confirmed), row| (offered + row.offered, confirmed + row.confirmed))
        };
        if let (Design::Buffered, Some(until), None) =
            (design.design, self.drained(design), self.waiting_in_flight(design))
        {
            let from = design.queue?.peak_backlog_at_s?;
            let draining = |row: &&TimelineRow| row.time_s >= from && row.time_s < until;
            let confirmed: u64 = design.timeline.iter().filter(draining).map(|row| row.confirmed).sum();
            let speed = rate((confirmed as f64 / (until - from).max(1.0)).round());
            return Some(format!("buffered goes on at {speed} until the backlog is gone"));
        }
        let end = self.frame.subject.arrivals_end_s;
        let last_fifth = |row: &&TimelineRow| row.time_s >= end * 0.8 && row.time_s < end;
        let tail: Vec<TimelineRow> = design.timeline.iter().filter(last_fifth).copied().collect();
        let (offered, confirmed) = sum(&tail);
        let coped_at_last = confirmed * 100 >= offered * 95 && offered > 0;
        let lossy = facts::lost(design) * 100 >= design.orders.offered.max(1);
        // What Lambda keeps comes back in waves.
        let keeps = design.events.is_some();
        (design.design == Design::Direct && !keeps && coped_at_last && lossy)
            .then(|| "direct falls back to what is offered".to_owned())
    }

    /// Panel 3; returns its zero line.
    pub fn concurrency(&self, sheet: &mut Sheet, baseline: f64, title: &str) -> f64 {
        let busy = self.means(|row| row.concurrency as f64);
        let peak = self.findings.designs.iter().map(|design| design.lambda.peak_concurrency).max().unwrap_or(0);
        let highest = bands::most(self.bands, &both(Series::Concurrency));
        let drawn = busy.iter().flat_map(|(_, corners)| corners).fold(highest, |most, corner| most.max(corner.1));
        // A limit far above everything would press the lines to the ground; the title tells it anyway.
        let near = |limit: &(u64, &str)| limit.0 <= peak.saturating_mul(4) && limit.0 > 0;
        let limit = self.frame.subject.concurrency_limit.filter(near);
        let most = limit.map_or(drawn * 1.12, |limit| (limit.0 as f64 * 1.27).max(drawn * 1.12));
        let mut subtitle = self.unit("Concurrent executions");
        if peak as f64 > drawn * 1.25 && self.bins.are_means() {
            // Means hide what lasts a moment, and the title may speak of it.
            subtitle += &format!("; up to {} at one moment", count(peak));
        }
        let panel =
            self.frame.panel(sheet, baseline, (title, &subtitle), (self.frame.layout.height(84.0, 74.0), most, false));
        let mut placer = self.placer(&panel);
        if let Some((limit, _)) = limit {
            let y = panel.y.px(limit as f64);
            let line = vec![(self.frame.sides.0, y), (self.frame.sides.1, y)];
            placer.avoid_line(&line);
            sheet.stroke(line, Ink::Limit, 1.5, Stroke::Dots);
        }
        self.draw_bands(sheet, &panel, &both(Series::Concurrency));
        let lines = self.lines(sheet, &panel, &busy);
        self.frame.zero_line(sheet, &panel);
        if let Some((limit, key)) = limit {
            let at = (self.frame.sides.1, panel.y.px(limit as f64) - 7.0);
            let label = Label::new(format!("{key} {}", count(limit)), Face::NOTE, Ink::Note).needed();
            placer.place(sheet, &label.at(at, Anchor::End));
        }
        lines.iter().for_each(|line| placer.avoid_line(&line.1));
        self.name_lines(sheet, &mut placer, &lines, |_, _| None);
        panel.bottom
    }
}
