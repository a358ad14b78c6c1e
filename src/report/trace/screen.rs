//! The story on a screen of 80 columns: both designs side by side on one clock, or below each other where that is too narrow.

use anstyle::{AnsiColor, Style};

use super::super::terminal::{Look, ascii, painted, style_of, wrapped};
use super::{Line, Tale, Tone, by_time, clock, made_by, time_spent};
use crate::time::SimTime;

/// Columns between two cells.
const GAP: usize = 2;
/// How far the reason is set in.
const INDENT: usize = 2;

/// The whole story.
pub fn screen(tale: &Tale, look: Look) -> String {
    let mut lines = wrapped(&tale.heading(), look.text());
    lines[0] = painted(&lines[0], Style::new().bold(), look);
    lines.extend(wrapped(&tale.counting(), look.text()));
    let places: Vec<usize> = (0..tale.stories.len()).collect();
    let groups: Vec<&[usize]> = if look.is_wide() { vec![&places[..]] } else { places.chunks(1).collect() };
    for group in groups {
        lines.push(String::new());
        lines.extend(table(tale, group, look));
    }
    lines.push(String::new());
    lines.extend(wrapped(&made_by(tale), look.text() - 1).into_iter().map(|line| format!(" {line}")));
    let text: String = lines.into_iter().map(|line| line.trim_end().to_owned() + "\n").collect();
    let text = text.replace('\u{a0}', " ");
    if look.unicode { text } else { ascii(&text) }
}

/// The two columns of times, and how wide they and a cell are.
struct Frame {
    origin: usize,
    since: usize,
    cell: usize,
    look: Look,
}

/// What the designs at these places have to tell, by time.
fn table(tale: &Tale, places: &[usize], look: Look) -> Vec<String> {
    let rows = by_time(tale, places);
    let arrived_at = tale.arrived_at();
    let widest = |of: &dyn Fn(SimTime) -> String| rows.keys().map(|at| of(*at).chars().count()).max().unwrap_or(0);
    let origin = widest(&|at| clock::origin(at, tale.origin)).max("clock".len());
    let since = widest(&|at| clock::since(at, arrived_at)).max("its age".len());
    let rest = look.text().saturating_sub(1 + origin + GAP + since);
    let frame = Frame { origin, since, cell: rest / places.len() - GAP, look };
    let names = places.iter().map(|place| {
        let design = tale.stories[*place].0;
        vec![(design.name().to_owned(), style_of(design).bold())]
    });
    let mut lines = frame.row(("clock", "its age"), names.collect());
    for (at, cells) in &rows {
        let cells = cells.iter().map(|told| frame.cell(told)).collect();
        lines.extend(frame.row((&clock::origin(*at, tale.origin), &clock::since(*at, arrived_at)), cells));
    }
    lines.push(String::new());
    lines.extend(spent(tale, places, &frame));
    lines
}

/// Where the time went, as a table below the story.
fn spent(tale: &Tale, places: &[usize], frame: &Frame) -> Vec<String> {
    let mut lines = Vec::new();
    for (label, values) in time_spent(tale, places) {
        let style = if label == "in all" { Style::new().bold() } else { Style::new() };
        let cells = values.into_iter().map(|value| vec![(value, style)]).collect();
        lines.extend(frame.labelled(&label, cells));
    }
    lines
}

type Cell = Vec<(String, Style)>;

impl Frame {
    fn cell(&self, told: &[Line]) -> Cell {
        let mut cell = Vec::new();
        for Line { what, why, tone } in told {
            cell.extend(wrapped(what, self.cell).into_iter().map(|part| (part, style(*tone))));
            let reasons = wrapped(why, self.cell - INDENT).into_iter();
            cell.extend(reasons.map(|part| (format!("{:INDENT$}{part}", ""), Style::new().dimmed())));
        }
        cell
    }

    fn row(&self, (origin, since): (&str, &str), cells: Vec<Cell>) -> Vec<String> {
        self.labelled(&format!("{origin:>0$}{1:GAP$}{since:>2$}", self.origin, "", self.since), cells)
    }

    /// As many lines as the tallest cell has, the first with the label.
    fn labelled(&self, label: &str, cells: Vec<Cell>) -> Vec<String> {
        let margin = self.origin + GAP + self.since;
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        let line = |row: usize| {
            let mut line = format!(" {:<margin$}", if row == 0 { label } else { "" });
            for cell in &cells {
                let (text, style) = cell.get(row).cloned().unwrap_or_default();
                let rest = self.cell.saturating_sub(text.chars().count());
                let text = if text.is_empty() { text } else { painted(&text, style, self.look) };
                line.push_str(&format!("{:GAP$}{text}{:rest$}", "", ""));
            }
            line
        };
        (0..height).map(line).collect()
    }
}

fn style(tone: Tone) -> Style {
    match tone {
        Tone::Plain => Style::new(),
        Tone::Trouble => AnsiColor::Yellow.on_default(),
        Tone::Good => AnsiColor::Green.on_default().bold(),
        Tone::Bad => AnsiColor::Red.on_default().bold(),
    }
}
