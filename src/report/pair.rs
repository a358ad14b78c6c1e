//! Two reports side by side: how B differs from A. Made of what both have written; nothing is simulated.
//!
//! Every number is that of one run: counts and money of several replications are divided by them. Where both results have
//! several replications on the same orders, replication k of B is compared with replication k of A (paired); on other
//! orders the two are compared as independent samples (Welch). Of single runs a difference has no error bar, and says so.

pub mod document;
pub mod faced;
pub mod files;
pub mod markdown;
pub mod numbers;
pub mod page;
pub mod settings;
pub mod terminal;
pub mod verdict;
mod warnings;

use super::bundle;
use super::folder::{Altered, Folder};
use super::reread::{self, Unreadable, Whole};
use super::words::short_hash;
use crate::measure::findings::{Design, DesignFindings};

use faced::Faced;
use numbers::Row;
use settings::Setting;
use verdict::Verdict;

/// One of the two.
#[derive(Clone, Debug)]
pub struct Side {
    /// What its files tell.
    pub whole: Whole,
    /// Hash of its result.
    pub result_fingerprint: String,
    /// Files that are not as its run left them.
    pub altered: Altered,
}

impl Side {
    /// Out of a folder.
    ///
    /// # Errors
    ///
    /// If its files are no report.
    pub fn new(folder: &Folder) -> Result<Side, Unreadable> {
        let whole = reread::read(&folder.files)?;
        let result_fingerprint = bundle::fingerprint(&folder.files);
        Ok(Side { whole, result_fingerprint, altered: folder.altered.clone() })
    }

    /// The findings of a design, if it was run.
    pub fn design(&self, design: Design) -> Option<&DesignFindings> {
        self.whole.findings.designs.iter().find(|found| found.design == design)
    }

    /// Enough to find the result again.
    pub fn origin(&self) -> String {
        let subject = &self.whole.subject;
        let replications = match subject.replications {
            1 => String::new(),
            several => format!(" · {several} replications"),
        };
        let source = if self.whole.source == "measured" { " · measured" } else { "" };
        format!(
            "{}{source} · seed {}{replications} · scenario {} · result {}",
            subject.name,
            subject.seed,
            short_hash(&subject.fingerprint),
            short_hash(&self.result_fingerprint)
        )
    }
}

/// Two results, and what there is to say of them.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The one that differences start from.
    pub a: Side,
    /// The other.
    pub b: Side,
    /// Settings that differ.
    pub settings: Vec<Setting>,
    /// Which orders B faced, compared with A.
    pub faced: Faced,
    /// Why differences may not mean what they seem to.
    pub warnings: Vec<String>,
    /// The numbers of the designs that both have.
    pub rows: Vec<Row>,
    /// How B differs, in sentences.
    pub verdict: Verdict,
}

impl Pair {
    /// Compares.
    ///
    /// # Errors
    ///
    /// In words, where there is nothing to compare.
    pub fn new(a: Side, b: Side) -> Result<Pair, String> {
        let settings = settings::differing(&a.whole.subject.resolved, &b.whole.subject.resolved)?;
        let designs = common_designs(&a, &b);
        if designs.is_empty() {
            let only = |side: &Side| side.whole.findings.designs[0].design.name();
            return Err(format!(
                "A has only {}, B only {}: there is nothing to compare\n  = help: run both with --design both",
                only(&a),
                only(&b)
            ));
        }
        let faced = faced::faced(&a, &b, &settings);
        let rows = numbers::rows(&a, &b, &designs, faced == Faced::Same);
        let warnings = warnings::warnings(&a, &b, &settings, faced);
        let verdict = verdict::verdict(&rows, &designs);
        Ok(Pair { a, b, settings, faced, warnings, rows, verdict })
    }

    /// The designs that both have.
    pub fn designs(&self) -> Vec<Design> {
        common_designs(&self.a, &self.b)
    }

    /// A row of a design.
    pub fn row(&self, design: Design, path: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.design == design && row.number.path == path)
    }

    /// What it is, in one line.
    pub fn title(&self) -> String {
        let (a, b) = (&self.a.whole.subject, &self.b.whole.subject);
        if a.title == b.title {
            format!("{}: two results", a.title)
        } else {
            format!("{} · beside · {}", a.title, b.title)
        }
    }
}

fn common_designs(a: &Side, b: &Side) -> Vec<Design> {
    [Design::Buffered, Design::Direct]
        .into_iter()
        .filter(|one| a.design(*one).is_some() && b.design(*one).is_some())
        .collect()
}

#[cfg(test)]
#[path = "pair/pair_tests.rs"]
mod tests;
