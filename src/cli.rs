//! The command line: what was asked, and how it ended.
//!
//! stdout carries the result, stderr progress, warnings and timing. Exit status: 0 fine, 1 could not finish, 2 wrong usage
//! or scenario, 3 an objective or a claim was missed.

mod check;
mod explain;
mod first_difference;
mod init;
mod interrupt;
mod live;
mod look;
mod observe;
mod options;
mod paper;
mod predict;
mod report;
mod sketch;
mod subject;
mod timing;
mod trace;
mod waiting;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

pub use look::Colour;
pub use options::{CommandLine, Options};

use crate::scenario::{Loaded, load, read};
use options::{Changes, Command};

/// Why a command ended without a result.
#[derive(Debug)]
pub enum Ending {
    /// Wrong usage or scenario: exit status 2. The text says place, reason and remedy.
    Refused(String),
    /// It could not finish: exit status 1.
    Failed(String),
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let line = CommandLine::parse();
    line.color.choose();
    let unicode = !line.ascii && look::unicode();
    let ended = match &line.command {
        None => predict::predict(&line.options, unicode),
        Some(Command::Check(options)) => check::check(options, unicode).map(|()| true),
        Some(Command::Report(options)) => report::report(options, unicode),
        Some(Command::Explain { key }) => explain::explain(key.as_deref()).map(|()| true),
        Some(Command::Init(options)) => init::init(options).map(|()| true),
        Some(Command::Observe(options)) => observe::observe(options).map(|()| true),
        Some(Command::FirstDifference(options)) => first_difference::first_difference(options),
        Some(Command::Trace(options)) => trace::tell(options, unicode).map(|()| true),
        Some(Command::Live(options)) => live::live(options, unicode),
        Some(Command::Schema) => print(&crate::scenario::schema::text()).map(|()| true),
        Some(Command::Completions { shell }) => paper::completions(*shell).map(|()| true),
        Some(Command::Man { command }) => paper::man(command.as_deref()).map(|()| true),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(Ending::Refused(text)) => end_with(&text, 2),
        Err(Ending::Failed(text)) => end_with(&text, 1),
    }
}

/// Reads a scenario with what the command line changes in it.
fn load_changed(path: &Path, changes: &Changes, replications: Option<u32>) -> Result<Loaded, Ending> {
    let source = read(path).map_err(Ending::Refused)?;
    load(&source, &changes.overrides(replications)).map_err(Ending::Refused)
}

/// The result on stdout. Whoever closed the pipe has read enough.
fn print(text: &str) -> Result<(), Ending> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Ending::Failed(format!("error: cannot write to standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// One line on stderr; a closed stderr changes nothing.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

fn end_with(text: &str, status: u8) -> ExitCode {
    let mut stderr = anstream::stderr().lock();
    // A closed stderr leaves the exit status to tell.
    let _ = writeln!(stderr, "{}", text.trim_end());
    ExitCode::from(status)
}
