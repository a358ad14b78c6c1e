//! The timeline: four panels over one axis of time.

use crate::measure::bands::{Bands, Series};
use crate::measure::findings::{Design, DesignFindings, Findings, TimelineRow};
use crate::report::chart::faults::with_faults;
use crate::report::chart::geometry::{between, stretch_apart};
use crate::report::chart::labels::{Label, Placer};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::{Frame, Panel, time_line};
use crate::report::chart::series::{Bins, through_middles};
use crate::report::chart::sheet::{Face, Point, Sheet, Stroke};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::chart::{bands, caption, facts};
use crate::report::subject::Report;
use crate::report::words::count;

/// From the zero line of a panel to the title of the next.
const BETWEEN: f64 = 40.0;
/// Everything the panels draw with.
pub struct Hero<'a> {
    /// The frame of all panels.
    pub frame: Frame<'a>,
    /// The results.
    pub findings: &'a Findings,
    /// How rates are averaged.
    pub bins: Bins,
    /// Of several replications, all of them.
    pub bands: Option<&'a Bands>,
    /// The letters.
    pub fonts: &'a Fonts,
}

/// A series of both designs.
pub const fn both(series: Series) -> [(Design, Series); 2] {
    [(Design::Buffered, series), (Design::Direct, series)]
}

/// The drawing and what it says besides.
pub fn draw(report: &Report, layout: Layout) -> (Sheet, Words) {
    let (subject, findings) = (report.subject, report.findings.first());
    let fonts = Fonts::bundled();
    let bands = bands::of(report.findings);
    let frame = Frame::new(subject, report.findings, &fonts, layout);
    let mut sheet = layout.sheet();
    let bins = Bins::new(subject, findings, frame.window, bands.map(|bands| bands.step.as_secs_f64()));
    let hero = Hero { frame, findings, bins, bands, fonts: &fonts };
    let subtitle = hero.subtitle() + &bands::over_time_words(report.findings);
    let titles = [caption::offered_and_confirmed, caption::backlog, caption::concurrency, caption::losses]
        .map(|caption| caption(subject, findings).unwrap_or_default());

    let mut baseline = layout.heading(&mut sheet, &fonts, &subject.title, &subtitle) + 48.0;
    if !subject.phases.is_empty() {
        hero.frame.strip(&mut sheet, baseline + 7.0);
        baseline += 38.0;
    }
    let rows = hero.frame.fault_strip(&mut sheet, baseline - 31.0);
    baseline += rows;
    baseline = hero.rates(&mut sheet, baseline, &titles[0]) + BETWEEN;
    baseline = hero.backlog(&mut sheet, baseline, &titles[1]) + BETWEEN;
    baseline = hero.concurrency(&mut sheet, baseline, &titles[2]) + BETWEEN;
    let bottom = hero.losses(&mut sheet, baseline, &titles[3]);
    let lowest = hero.frame.time_axis(&mut sheet, bottom);
    let lowest = hero.frame.unnamed_faults(&mut sheet, lowest);
    layout.foot(&mut sheet, lowest, &time_line(subject));
    let words = Words {
        name: "timeline",
        title: subject.title.clone(),
        subtitle,
        description: with_faults(titles.join(". ") + ".", subject),
        origin: time_line(subject),
    };
    (sheet, words)
}

impl Hero<'_> {
    fn subtitle(&self) -> String {
        let offered = self.findings.designs.first().map_or(0, |design| design.orders.offered);
        let orders = if offered == 1 { "order" } else { "orders" };
        match self.findings.designs.as_slice() {
            [one] => format!("{} {orders}, {} design only.", count(offered), one.design.name()),
            _ => format!("{} {orders}, the same for both designs.", count(offered)),
        }
    }

    /// When the backlog was gone, if it was one to speak of.
    pub fn drained(&self, design: &DesignFindings) -> Option<f64> {
        let queue = design.queue?;
        let real = !facts::hardly_any_backlog(self.frame.subject, self.findings, queue.peak_backlog);
        queue.drained_at_s.filter(|_| real)
    }

    /// Most messages in flight, where many of them only wait.
    pub fn waiting_in_flight(&self, design: &DesignFindings) -> Option<u64> {
        facts::waiting_in_flight(self.frame.subject, self.findings, design)
    }

    /// Means of a value over the bins, as corners in seconds and values, per design.
    pub fn means(&self, value: impl Fn(&TimelineRow) -> f64) -> Vec<(Design, Vec<(f64, f64)>)> {
        let means = |design: &DesignFindings| {
            let pieces = self.bins.means(&design.timeline, self.frame.window.end_s, self.drained(design), &value);
            (design.design, through_middles(&pieces))
        };
        self.findings.designs.iter().map(means).collect()
    }

    /// The lines of the designs, direct over buffered, and their px.
    pub fn lines(
        &self,
        sheet: &mut Sheet,
        panel: &Panel,
        series: &[(Design, Vec<(f64, f64)>)],
    ) -> Vec<(Design, Vec<Point>)> {
        let mut lines = Vec::new();
        for (design, corners) in series {
            let points = self.frame.px(panel, corners);
            line_of(sheet, *design, points.clone());
            lines.push((*design, points));
        }
        lines
    }

    /// The bands of series, behind the lines of a panel.
    pub fn draw_bands(&self, sheet: &mut Sheet, panel: &Panel, series: &[(Design, Series)]) {
        series.iter().for_each(|series| bands::draw(sheet, &self.frame, panel, self.bands, *series));
    }

    /// Nothing is taken yet in this panel.
    pub fn placer(&self, panel: &Panel) -> Placer<'_> {
        Placer::new(self.fonts, self.frame.room(panel))
    }

    /// What is drawn, with the width of the bins it is averaged over.
    pub fn unit(&self, what: &str) -> String {
        if !self.bins.are_means() {
            return what.to_owned();
        }
        let (amount, unit) = match self.bins.width_s {
            width if width < 60.0 => (width, "second"),
            width if width < 3_600.0 => (width / 60.0, "minute"),
            width => (width / 3_600.0, "hour"),
        };
        format!("{what}, {amount}-{unit} means")
    }

    /// Names every line where it parts from the other one, in long words if there is room, else by the design alone;
    /// two lines that never part share one label.
    pub fn name_lines(
        &self,
        sheet: &mut Sheet,
        placer: &mut Placer,
        lines: &[(Design, Vec<Point>)],
        words: impl Fn(&Self, &DesignFindings) -> Option<String>,
    ) {
        let apart = match lines {
            [(_, one), (_, other)] => Some(stretch_apart(one, other)),
            _ => None,
        };
        if let (Some(None), Some((_, line))) = (apart, lines.first()) {
            placer.place(sheet, &Label::new("both", Face::LABEL, Ink::Note).needed().along(line, 0.4, 8.0));
            return;
        }
        for ((design, line), found) in lines.iter().zip(&self.findings.designs) {
            let part = match apart {
                Some(Some((from, to))) => between(line, from, to),
                _ => line.clone(),
            };
            let name = |words: &str| Label::new(words, Face::LABEL, Ink::text_of(*design));
            let mut labels = Vec::new();
            if let Some(long) = words(self, found) {
                labels.push(name(&long).along(&part, 0.3, 8.0));
                let apart = name(&long).above_with_leader(&part, 26.0);
                labels.push(apart.above_with_leader(&part, 32.0).above_with_leader(&part, 48.0));
            }
            let short = name(design.name()).needed();
            labels.push(short.along(&part, 0.4, 8.0).above_with_leader(&part, 28.0).along(line, 0.3, 8.0));
            placer.place_one_of(sheet, &labels);
        }
    }
}

/// A design's line: buffered solid, direct dashed.
pub fn line_of(sheet: &mut Sheet, design: Design, points: Vec<Point>) {
    match design {
        Design::Buffered => sheet.line(points, Ink::line_of(design), 2.5),
        Design::Direct => sheet.stroke(points, Ink::line_of(design), 2.0, Stroke::Dash),
    }
}
