//! The charts of two reports side by side: the same panel of A and of B one below the other on the same scales, and the
//! curves of a design in both over each other.

use crate::measure::findings::{Design, DesignFindings, Findings, TimelineRow};
use crate::report::chart::caption::most_retries;
use crate::report::chart::confirmed_within::Plot;
use crate::report::chart::facts::{self, goals};
use crate::report::chart::geometry::Area;
use crate::report::chart::labels::{Label, Placer};
use crate::report::chart::layout::Layout;
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::Frame;
use crate::report::chart::picture::{Figure, Picture, Wanted, figure, picture};
use crate::report::chart::scale::Linear;
use crate::report::chart::series::{Bins, levels, step_s, steps, sums, through_middles};
use crate::report::chart::sheet::{Face, Point, Sheet};
use crate::report::chart::svg::Words;
use crate::report::chart::text::Fonts;
use crate::report::chart::timeline::line_of;
use crate::report::pair::{Pair, Side};
use crate::report::results::VERSION;
use crate::report::words::{capitalised, count, duration_or_never, share};

/// From the zero line of a panel to the title of the next.
const BETWEEN: f64 = 36.0;
/// One corner of a level per so many px.
const LEVEL_PX: f64 = 2.5;

/// Seconds since the run began, and a value.
type Corner = (f64, f64);
/// What is drawn of a design.
type Line = (Design, Vec<Corner>);

/// What runs over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Confirmed,
    Backlog,
    Concurrency,
    Lost,
}

/// A chart of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chart {
    Within(Design),
    Time(Over),
}

fn charts(pair: &Pair) -> Vec<Chart> {
    let within = pair.designs().into_iter().map(Chart::Within);
    within.chain([Over::Confirmed, Over::Backlog, Over::Concurrency, Over::Lost].map(Chart::Time)).collect()
}

fn draw(chart: Chart, pair: &Pair, layout: Layout) -> (Sheet, Words) {
    match chart {
        Chart::Within(design) => within(design, pair, layout),
        Chart::Time(over) => over_time(over, pair, layout),
    }
}

/// The charts as files.
pub fn pictures(pair: &Pair, wanted: Wanted) -> Vec<Picture> {
    charts(pair).into_iter().filter_map(|chart| picture(wanted, |layout| draw(chart, pair, layout))).collect()
}

/// The charts as figures of a page.
pub fn figures(pair: &Pair) -> Vec<Figure> {
    charts(pair).into_iter().map(|chart| figure(|layout| draw(chart, pair, layout))).collect()
}

fn origin_line(pair: &Pair) -> String {
    let short = |side: &Side| side.whole.subject.fingerprint.chars().take(8).collect::<String>();
    let seed = |side: &Side| side.whole.subject.seed;
    format!(
        "simulate {VERSION} · A: scenario {}, seed {} · B: scenario {}, seed {}",
        short(&pair.a),
        seed(&pair.a),
        short(&pair.b),
        seed(&pair.b)
    )
}

/// `24,000 in A, 11,000 in B`, or once where they are the same.
fn in_both(a: String, b: String) -> String {
    if a == b { format!("{a} in both") } else { format!("{a} in A, {b} in B") }
}

// ---- the same panel twice ----

/// A side as a panel shows it: of its first replication.
struct Shown<'a> {
    letter: &'static str,
    side: &'a Side,
    findings: &'a Findings,
    frame: Frame<'a>,
    bins: Bins,
}

/// Both on one axis of time, with their origins above each other.
fn both<'a>(pair: &'a Pair, fonts: &'a Fonts, layout: Layout) -> [Shown<'a>; 2] {
    let sides = [("A", &pair.a), ("B", &pair.b)];
    let mut frames = sides.map(|(_, side)| Frame::new(&side.whole.subject, side.whole.findings.first(), fonts, layout));
    let origin = |frame: &Frame| frame.subject.origin_s;
    let before = frames.iter().map(origin).fold(0.0, f64::max);
    let after = frames.iter().map(|frame| frame.window.end_s - origin(frame)).fold(0.0, f64::max);
    let left = frames.iter().map(|frame| frame.sides.0).fold(0.0, f64::max);
    let left_out = frames.iter().map(|frame| frame.window.left_out_s).fold(0.0, f64::max);
    for frame in &mut frames {
        let origin = frame.subject.origin_s;
        frame.sides.0 = left;
        frame.window.end_s = after + origin;
        frame.window.left_out_s = left_out;
        frame.x = Linear::new((origin - before, after + origin), frame.sides);
    }
    let mut frames = frames.into_iter();
    sides.map(|(letter, side)| {
        let frame = frames.next().expect("a frame for each side");
        let findings = side.whole.findings.first();
        let bins = Bins::new(&side.whole.subject, findings, frame.window, None);
        Shown { letter, side, findings, frame, bins }
    })
}

impl Shown<'_> {
    /// What is drawn of a design: corners in seconds and values.
    fn line(&self, over: Over, found: &DesignFindings) -> Vec<(f64, f64)> {
        let (rows, end) = (&found.timeline, self.frame.window.end_s);
        let spacing = self.frame.x.per_px() * LEVEL_PX;
        let step = step_s(self.findings);
        match over {
            Over::Confirmed => through_middles(&self.bins.means(rows, end, None, |row| row.confirmed as f64 / step)),
            Over::Concurrency => through_middles(&self.bins.means(rows, end, None, |row| row.concurrency as f64)),
            Over::Backlog => {
                let waits: fn(&TimelineRow) -> f64 = match (found.design, found.events) {
                    (Design::Direct, None) => |row| row.retries_waiting as f64,
                    _ => |row| row.backlog as f64,
                };
                let most: fn(&TimelineRow) -> f64 = match found.design {
                    Design::Direct => waits,
                    Design::Buffered => |row| row.backlog_max as f64,
                };
                levels(rows, end, spacing, waits, most)
            }
            Over::Lost => {
                let mut corners = sums(rows, end, (step, spacing), |row| row.lost);
                corners.push((end, corners.last().map_or(0.0, |last| last.1)));
                corners
            }
        }
    }

    /// What came in, as steps.
    fn offered(&self) -> Vec<(f64, f64)> {
        let step = step_s(self.findings);
        let longest = self.findings.designs.iter().max_by_key(|design| design.timeline.len());
        let rows = longest.map_or(&[][..], |design| &design.timeline[..]);
        let until = self.frame.window.end_s.min(self.frame.subject.arrivals_end_s.max(step));
        steps(&self.bins.means(rows, until, None, |row| row.offered as f64 / step))
    }

    /// The one number of a design that a panel is about.
    fn figure(&self, over: Over, found: &DesignFindings) -> u64 {
        match over {
            Over::Confirmed => found.orders.confirmed,
            Over::Backlog => match (found.queue, found.events) {
                (Some(queue), _) => queue.peak_backlog,
                (None, Some(events)) => events.peak_waiting,
                (None, None) => most_retries(found),
            },
            Over::Concurrency => found.lambda.peak_concurrency,
            Over::Lost => facts::lost(found),
        }
    }

    /// The number, in words.
    fn words(&self, over: Over, found: &DesignFindings) -> String {
        let (name, figure) = (found.design.name(), self.figure(over, found));
        match over {
            Over::Confirmed => format!("{name} {} of {}", count(figure), count(found.orders.offered)),
            Over::Backlog if found.queue.is_none() && found.events.is_none() => {
                format!("{name} {} retries", count(figure))
            }
            Over::Backlog | Over::Concurrency | Over::Lost => format!("{name} {}", count(figure)),
        }
    }
}

/// The finding over both panels.
fn title(over: Over, [a, b]: &[Shown<'_>; 2]) -> String {
    let of = |shown: &Shown, design: Design| {
        shown.findings.designs.iter().find(|found| found.design == design).map(|found| shown.figure(over, found))
    };
    let pairs: Vec<(Design, u64, u64)> = [Design::Buffered, Design::Direct]
        .into_iter()
        .filter_map(|design| Some((design, of(a, design)?, of(b, design)?)))
        .collect();
    // The design whose number moves most; of equal ones the first.
    let far = |pair: &(Design, u64, u64)| pair.1.abs_diff(pair.2);
    let Some(&(design, in_a, in_b)) = pairs.iter().rev().max_by_key(|pair| far(pair)) else { return String::new() };
    let name = capitalised(design.name());
    let numbers = in_both(count(in_a), count(in_b));
    match over {
        Over::Confirmed if in_a == in_b => "Both results confirm the same number of orders".to_owned(),
        Over::Confirmed => format!("{name} confirms {numbers}"),
        Over::Backlog if pairs.iter().all(|pair| pair.1 == 0 && pair.2 == 0) => "Nothing waits in either".to_owned(),
        Over::Backlog => match design {
            Design::Buffered => format!("The backlog peaks at {numbers}"),
            Design::Direct => format!("In direct, at most {} wait", in_both_of(in_a, in_b, waiting(a))),
        },
        Over::Concurrency => format!("{name} runs at most {numbers} at once"),
        Over::Lost if pairs.iter().all(|pair| pair.1 == 0 && pair.2 == 0) => "No order is lost in either".to_owned(),
        Over::Lost => format!("{name} loses {numbers}"),
    }
}

/// What waits in the direct design.
fn waiting(shown: &Shown) -> &'static str {
    let asynchronous = shown.findings.designs.iter().any(|found| found.events.is_some());
    if asynchronous { "events" } else { "retries" }
}

/// `1,588 retries in A and 1,567 in B`.
fn in_both_of(a: u64, b: u64, what: &str) -> String {
    if a == b {
        format!("{} {what} in both", count(a))
    } else {
        format!("{} {what} in A and {} in B", count(a), count(b))
    }
}

const fn about(over: Over) -> (&'static str, &'static str) {
    match over {
        Over::Confirmed => ("beside-confirmed", "Orders per second: offered (grey) and confirmed, on the same scales."),
        Over::Backlog => ("beside-backlog", "Messages, events or retries that wait, on the same scales."),
        Over::Concurrency => ("beside-concurrency", "Concurrent executions, on the same scales."),
        Over::Lost => ("beside-lost", "Orders that ended without a confirmation, cumulative, on the same scales."),
    }
}

fn over_time(over: Over, pair: &Pair, layout: Layout) -> (Sheet, Words) {
    let fonts = Fonts::bundled();
    let shown = both(pair, &fonts, layout);
    let (name, subtitle) = about(over);
    let title = title(over, &shown);
    let mut sheet = layout.sheet();
    let mut baseline = layout.heading(&mut sheet, &fonts, &title, subtitle) + 48.0;
    let lines: Vec<Vec<Line>> = shown
        .iter()
        .map(|shown| shown.findings.designs.iter().map(|found| (found.design, shown.line(over, found))).collect())
        .collect();
    let offered: Vec<_> =
        shown.iter().map(|shown| if over == Over::Confirmed { shown.offered() } else { Vec::new() }).collect();
    let all = lines.iter().flatten().flat_map(|line| &line.1).chain(offered.iter().flatten());
    let most = all.fold(0.0_f64, |most, corner| most.max(corner.1)) * 1.12;
    let mut sentences = Vec::new();
    for ((shown, lines), offered) in shown.iter().zip(&lines).zip(&offered) {
        let numbers: Vec<String> = shown.findings.designs.iter().map(|found| shown.words(over, found)).collect();
        let words = format!("{}: {}", shown.letter, numbers.join(", "));
        baseline = panel(&mut sheet, shown, (baseline, &words), (over, most), (lines, offered)) + BETWEEN;
        sentences.push(words + ".");
    }
    let last = &shown[1];
    let lowest = last.frame.time_axis(&mut sheet, baseline - BETWEEN);
    layout.foot(&mut sheet, lowest, &origin_line(pair));
    if shown.iter().any(|shown| shown.side.whole.subject.replications > 1) {
        sentences.push("Of several replications the first is shown.".to_owned());
    }
    let words = Words {
        name,
        title,
        subtitle: subtitle.to_owned(),
        description: sentences.join(" "),
        origin: origin_line(pair),
    };
    (sheet, words)
}

/// One side's panel; returns its zero line.
fn panel(
    sheet: &mut Sheet,
    shown: &Shown,
    (baseline, words): (f64, &str),
    (over, most): (Over, f64),
    (lines, offered): (&[Line], &[Corner]),
) -> f64 {
    let frame = &shown.frame;
    let whole = matches!(over, Over::Backlog | Over::Lost);
    let height = frame.layout.height(112.0, 96.0);
    let panel = frame.panel(sheet, baseline, (words, ""), (height, most, whole));
    let edge = frame.px(&panel, offered);
    if let (Some(first), Some(last)) = (edge.first(), edge.last()) {
        let mut closed = vec![(first.0, panel.bottom)];
        closed.extend(&edge);
        closed.push((last.0, panel.bottom));
        sheet.area(closed, Ink::OfferedFill);
        sheet.line(edge.clone(), Ink::Offered, 1.5);
    }
    let mut placer = Placer::new(frame.fonts, frame.room(&panel));
    let drawn: Vec<(Design, Vec<Point>)> =
        lines.iter().map(|(design, corners)| (*design, frame.px(&panel, corners))).collect();
    for (design, points) in &drawn {
        line_of(sheet, *design, points.clone());
        placer.avoid_line(points);
    }
    frame.zero_line(sheet, &panel);
    if let [(_, one), (_, other)] = drawn.as_slice()
        && one == other
    {
        placer.place(sheet, &Label::new("both", Face::LABEL, Ink::Note).needed().along(one, 0.4, 8.0));
        return panel.bottom;
    }
    for (design, points) in &drawn {
        let label = Label::new(design.name(), Face::LABEL, Ink::text_of(*design)).needed();
        placer.place(sheet, &label.along(points, 0.35, 8.0).above_with_leader(points, 24.0).along(points, 0.6, 8.0));
    }
    panel.bottom
}

// ---- the curves of a design over each other ----

const WITHIN: &str =
    "Share of all orders offered that are confirmed within a given time; A is grey, B in the colour of its design.";

fn within(design: Design, pair: &Pair, layout: Layout) -> (Sheet, Words) {
    let fonts = Fonts::bundled();
    let of = |side: &Side| side.design(design).cloned();
    let designs: Vec<DesignFindings> = [of(&pair.a), of(&pair.b)].into_iter().flatten().collect();
    let findings = Findings { designs, ..pair.a.whole.findings.clone() };
    let slo = if pair.a.whole.slo == pair.b.whole.slo { &pair.a.whole.slo[..] } else { &[] };
    let goals = goals(slo);
    let title = title_within(design, &findings.designs);
    let mut sheet = layout.sheet();
    let top = layout.heading(&mut sheet, &fonts, &title, WITHIN) + 62.0;
    let plot = Plot::new((&fonts, layout), &findings, &goals, top);
    plot.frame(&mut sheet);
    let room = Area { left: plot.sides.0 + 4.0, top: top - 30.0, right: plot.sides.1, bottom: plot.bottom - 2.0 };
    let mut placer = Placer::new(&fonts, room);
    let curves: Vec<Vec<Point>> = findings.designs.iter().map(|found| plot.curve(found)).collect();
    curves.iter().for_each(|curve| placer.avoid_line(curve));
    plot.goals(&mut sheet, &mut placer, &goals);
    for (place, curve) in curves.iter().enumerate() {
        // The old curve lies below the new one and is wider, so that it is seen where both run together.
        match place {
            0 => sheet.line(curve.clone(), Ink::Offered, 4.5),
            _ => line_of(&mut sheet, design, curve.clone()),
        }
    }
    if let [one, other] = curves.as_slice() {
        let (names, label) = (["A", "B"], |words: &str, ink| Label::new(words, Face::LABEL, ink).needed());
        if one == other {
            placer.place(&mut sheet, &label("A and B", Ink::text_of(design)).along(one, 0.4, 8.0));
        } else {
            for ((name, curve), ink) in names.iter().zip([one, other]).zip([Ink::OfferedText, Ink::text_of(design)]) {
                let label = label(name, ink).along(curve, 0.5, 8.0).along(curve, 0.75, 8.0).along(curve, 0.25, 8.0);
                placer.place(&mut sheet, &label);
            }
        }
    }
    layout.foot(&mut sheet, plot.bottom + 40.0, &origin_line(pair));
    let sentence = |(name, found): (&str, &DesignFindings)| {
        let orders = found.orders;
        let slowest = found.latency.max;
        let last = slowest.map_or(String::new(), |last| format!(", the last after {}", duration_or_never(Some(last))));
        format!("In {name}, {} confirms {}{last}.", design.name(), share(orders.confirmed, orders.offered))
    };
    let description: Vec<String> = ["A", "B"].into_iter().zip(&findings.designs).map(sentence).collect();
    let name = match design {
        Design::Buffered => "beside-within-buffered",
        Design::Direct => "beside-within-direct",
    };
    let words = Words {
        name,
        title,
        subtitle: WITHIN.to_owned(),
        description: description.join(" "),
        origin: origin_line(pair),
    };
    (sheet, words)
}

/// What both confirm, and how soon.
fn title_within(design: Design, designs: &[DesignFindings]) -> String {
    let name = capitalised(design.name());
    let [a, b] = designs else { return name };
    if a.latency.histogram == b.latency.histogram && a.orders == b.orders {
        return format!("{name} confirms the same orders as fast in both");
    }
    let (in_a, in_b) = (share(a.orders.confirmed, a.orders.offered), share(b.orders.confirmed, b.orders.offered));
    let half = |found: &DesignFindings| duration_or_never(found.latency.all_offered.p50);
    if in_a != in_b {
        return format!("{name} confirms {}", in_both(in_a, in_b));
    }
    format!("{name} confirms {in_a} in both, half of all within {}", in_both(half(a), half(b)))
}
