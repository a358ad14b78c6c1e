//! Two reports on the screen, in 80 columns.

use super::Pair;
use crate::report::results::VERSION;
use crate::report::terminal::{Look, ascii, wrapped};

/// The widest label and value; on a narrow screen every number takes a second line.
const LABEL: usize = 26;
const VALUE: usize = 13;
const WIDE: usize = 72;

/// The summary; `folder` is where the page is.
pub fn summary(pair: &Pair, folder: &str, look: Look) -> String {
    let width = look.text();
    let mut lines = wrapped(&pair.title(), width);
    for (letter, side) in [("A", &pair.a), ("B", &pair.b)] {
        lines.extend(wrapped(&format!("{letter}: {}", side.origin()), width));
    }
    lines.push(String::new());
    lines.extend(wrapped(&pair.verdict.headline, width));
    lines.extend(wrapped(&pair.verdict.lede, width));
    lines.push(String::new());
    lines.push(if pair.settings.is_empty() { " No setting differs." } else { " Settings that differ" }.to_owned());
    for setting in &pair.settings {
        let (a, b) = setting.words();
        lines
            .extend(wrapped(&format!("{}: {a} → {b}", setting.key), width - 3).iter().map(|line| format!("   {line}")));
    }
    for design in pair.designs() {
        lines.push(String::new());
        let head = format!(" {:<LABEL$}{:>VALUE$}{:>VALUE$}  B − A", design.name(), "A", "B");
        lines.push(if width >= WIDE { head } else { format!(" {}: A, B, B − A", design.name()) });
        for row in pair.rows.iter().filter(|row| row.design == design) {
            let (a, b, difference) = (row.words(row.a), row.words(row.b), short(row.difference_words()));
            if width >= WIDE {
                lines.push(format!(" {:<LABEL$}{a:>VALUE$}{b:>VALUE$}  {difference}", row.number.label));
            } else {
                lines.push(format!(" {}", row.number.label));
                lines.extend(
                    wrapped(&format!("{a}, {b}, {difference}"), width - 4).iter().map(|line| format!("    {line}")),
                );
            }
        }
    }
    lines.push(String::new());
    let reading = super::markdown::reading(pair);
    lines.extend(reading.iter().flat_map(|words| wrapped(words, width - 1)).map(|line| format!(" {line}")));
    lines.push(format!(" Report  {folder}"));
    lines.push(format!(" simulate {VERSION}"));
    let text: String = lines.into_iter().map(|line| line.trim_end().to_owned() + "\n").collect();
    let text = text.replace('\u{a0}', " ");
    if look.unicode { text } else { ascii(&text) }
}

/// Without the percentage, for which there is no room behind a doubt.
fn short(words: String) -> String {
    match words.split_once(" (") {
        Some((difference, _)) if difference.contains('±') => difference.to_owned(),
        _ => words,
    }
}
