//! Labels, objectives and marks of the confirmed-within chart.

use crate::measure::findings::{Design, DesignFindings, SloVerdict};
use crate::report::chart::confirmed_within::{Plot, never};
use crate::report::chart::facts;
use crate::report::chart::labels::{Label, Placer};
use crate::report::chart::palette::Ink;
use crate::report::chart::sheet::{Anchor, Face, Point, Sheet, Stroke};
use crate::report::subject::Subject;
use crate::report::words::{duration_s, share};

impl Plot<'_> {
    /// How many orders the hatching stands for.
    pub fn never(&self, sheet: &mut Sheet, placer: &mut Placer) {
        let Some((worst, (left, level))) = self.worst() else { return };
        let alike =
            self.findings.designs.len() > 1 && self.findings.designs.iter().all(|design| never(design) == never(worst));
        let (ink, whom) =
            if alike { (Ink::Title, "either design") } else { (Ink::text_of(worst.design), worst.design.name()) };
        let number = share(never(worst), worst.orders.offered);
        let what = format!("never confirmed by {whom}");
        let mut big = Label::new(number.clone(), Face::BIG, ink).and(what.clone(), Face::LABEL, ink);
        let mut small = Label::new(format!("{number} {what}"), Face::LABEL, ink);
        for step in 0..8 {
            let x = left + 26.0 + f64::from(step) * 40.0;
            big = big.at((x, self.top + 39.0), Anchor::Start);
            small = small.at((x, self.top + 20.0), Anchor::Start);
        }
        let high = level - self.top > 66.0;
        let under = (self.sides.1, level + 22.0);
        let small = small.around((left, level), 10.0).at(under, Anchor::End).needed();
        if !(high && placer.place(sheet, &big)) {
            placer.place(sheet, &small);
        }
    }

    /// Objectives: dotted lines, named above the plot.
    pub fn goals(&self, sheet: &mut Sheet, placer: &mut Placer, goals: &[(f64, &SloVerdict)]) {
        for (within, goal) in goals {
            let x = self.x.px(*within);
            let line = vec![(x, self.top - 24.0), (x, self.bottom)];
            placer.avoid_line(&line);
            sheet.stroke(line, Ink::Limit, 1.75, Stroke::Dots);
            let target = goal.limit.trim_start_matches(['>', '=', ' ']).replace(" %", "%").replace('%', "\u{a0}%");
            let words = format!("SLO: {target} within {}", duration_s(*within));
            let y = self.top - 14.0;
            let label = Label::new(words, Face::NOTE, Ink::Title).needed();
            placer.place(sheet, &label.at((x - 8.0, y), Anchor::End).at((x + 8.0, y), Anchor::Start));
        }
    }

    /// A ring where each objective is, over the curves.
    pub fn rings(&self, sheet: &mut Sheet, placer: &mut Placer, goals: &[(f64, &SloVerdict)]) {
        for (within, goal) in goals {
            let ring = (self.x.px(*within), self.y.px_inside(goal.limit_value));
            sheet.ring(ring, Ink::Limit);
            placer.avoid_dot(ring);
        }
    }

    /// The task timeout: a short flag, so that it does not compete with the objectives.
    pub fn task_timeout(&self, sheet: &mut Sheet, placer: &mut Placer, subject: &Subject) {
        let Some(timeout) = subject.task_timeout_s.filter(|at| *at > self.ends_s.0 && *at < self.ends_s.1) else {
            return;
        };
        let (x, high) = (self.x.px(timeout), self.bottom - (self.bottom - self.top) * 0.2);
        let line = vec![(x, high), (x, self.bottom)];
        placer.avoid_line(&line);
        let small = |words: &str| Label::new(words, Face::TICK, Ink::Quiet);
        let also = |label: Label, words: &str| label.and(words, Face::TICK, Ink::Quiet);
        let length = duration_s(timeout);
        let labels =
            [also(small("task timeout"), &length), also(also(small("task"), "timeout"), &length)].map(|label| {
                let (left, right) = ((x - 7.0, high + 14.0), (x + 7.0, high + 14.0));
                label.at(right, Anchor::Start).at(left, Anchor::End)
            });
        // Without its name it would be a riddle; the chart of waiting has it too.
        if placer.place_one_of(sheet, &labels) {
            sheet.stroke(line, Ink::Axis, 1.25, Stroke::Timeout);
        }
    }

    /// A dot where buffered overtakes direct.
    pub fn overtaking(&self, sheet: &mut Sheet, placer: &mut Placer) {
        let Some((buffered, direct)) = facts::both(self.findings) else { return };
        let Some(at) = facts::overtakes_at(buffered, direct) else { return };
        let level = buffered.confirmed_within(at) as f64 / buffered.orders.offered.max(1) as f64;
        let dot = (self.x.px(at), self.y.px_inside(level));
        sheet.dot(dot, Ink::Buffered);
        placer.avoid_dot(dot);
        let label = Label::new("buffered overtakes", Face::NOTE, Ink::Note);
        let label = label.and(format!("after {}", duration_s(at)), Face::NOTE, Ink::Note);
        let below = (dot.0 - 18.0, dot.1 + 26.0);
        placer.place(sheet, &label.at(below, Anchor::End).around(dot, 12.0).around(dot, 24.0));
    }

    /// The names of the designs, where their curves rise.
    pub fn names(&self, sheet: &mut Sheet, placer: &mut Placer, curves: &[(Design, Vec<Point>)]) {
        if let [(_, one), (_, other)] = curves
            && one == other
        {
            let label = Label::new("both", Face::LABEL, Ink::Note).needed();
            placer.place(sheet, &label.along(&rise(one), 0.5, 8.0).along(one, 0.8, 8.0));
            return;
        }
        for (design, curve) in curves {
            let label = Label::new(design.name(), Face::LABEL, Ink::text_of(*design)).needed();
            placer.place(sheet, &label.along(&rise(curve), 0.4, 8.0).along(curve, 0.8, 8.0));
        }
    }

    /// What was measured at the last objective; one label where both designs measure the same.
    pub fn measured(&self, sheet: &mut Sheet, placer: &mut Placer, goals: &[(f64, &SloVerdict)]) {
        let Some((within, goal)) = goals.last() else { return };
        let measured = |design: &DesignFindings| {
            let confirmed = facts::confirmed_for(design, goal, *within);
            let offered = design.orders.offered;
            (share(confirmed, offered), confirmed as f64 / offered.max(1) as f64, Ink::text_of(design.design))
        };
        let mut measured: Vec<(String, f64, Ink)> = self.findings.designs.iter().map(measured).collect();
        if let [one, other] = measured.as_mut_slice()
            && one.0 == other.0
        {
            *one = (format!("both {}", one.0), one.1, Ink::Note);
            measured.truncate(1);
        }
        for (number, level, ink) in measured {
            let at = (self.x.px(*within), self.y.px_inside(level));
            let ring = self.y.px_inside(goal.limit_value);
            let low = (at.0 + 9.0, at.1.max(ring) + 22.0);
            let labels = [format!("{number} in {}", duration_s(*within)), number].map(|words| {
                let label = Label::new(words, Face::LABEL, ink);
                label.around(at, 9.0).at(low, Anchor::Start).around(at, 20.0)
            });
            placer.place_one_of(sheet, &labels);
        }
    }
}

/// The part of a curve in which it rises from a tenth to nine tenths of its plateau.
fn rise(curve: &[Point]) -> Vec<Point> {
    let (Some(first), Some(last)) = (curve.first(), curve.last()) else { return Vec::new() };
    let share_of = |point: &Point| (first.1 - point.1) / (first.1 - last.1).max(0.01);
    let rising: Vec<Point> = curve.iter().filter(|point| (0.1..=0.9).contains(&share_of(point))).copied().collect();
    if rising.len() > 1 { rising } else { curve.to_vec() }
}
