//! The options, as clap reads them.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use super::look::Colour;
use crate::measure::findings::Design;
use crate::scenario::{Assumptions, Overrides};
use crate::time::SimDuration;

/// Simulate order processing on AWS: queue-buffered versus direct invocation
///
/// Reads a scenario, runs both designs on the same orders and writes a report. Nothing leaves this computer: no network,
/// no AWS credentials, no telemetry. The same version, scenario and seed give the same bytes everywhere.
#[derive(Debug, Parser)]
#[command(name = "simulate", version, max_term_width = 100, after_help = AFTER_HELP)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub struct CommandLine {
    /// What to do other than the main job.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The main job's options.
    #[command(flatten)]
    pub options: Options,
    /// When to use colour; NO_COLOR and TERM=dumb are honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, global = true)]
    pub color: Colour,
    /// Nothing beyond ASCII on the screen, as under a locale that is not UTF-8
    #[arg(long, global = true)]
    pub ascii: bool,
}

/// What to do other than running a scenario. A file of such a name is given as ./check.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read and check a scenario; print it with every default filled in, its load curve, and notes
    Check(CheckOptions),
    /// Draw a report's pages and charts again from its files, or set two reports side by side
    ///
    /// Nothing is simulated: everything is drawn from results.json, the CSV files and scenario.resolved.toml. One folder is
    /// drawn again in its place, byte for byte as the run drew it. Of two, A and B, a page shows how B differs from A.
    Report(ReportOptions),
    /// Say what a key of the scenario means, its default, AWS's limits, and what breaks when it is wrong
    Explain {
        /// A path such as queue.visibility_timeout, a key's own name or AWS's; all keys if it is left out
        #[arg(value_name = "KEY")]
        key: Option<String>,
    },
    /// Write a scenario to begin with
    Init(InitOptions),
    /// Print checkpoints of everything that happens in a run, or the observations themselves (CSV)
    Observe(ObserveOptions),
    /// Say where two streams of observations part, as `observe` has printed them
    FirstDifference(FirstDifferenceOptions),
    /// Tell the life of one order in both designs: what happened, when, and why
    Trace(TraceOptions),
    /// Measure: drive real services with the scenario's own orders (needs a build with the feature `live`)
    Live(Box<LiveOptions>),
    /// Print the JSON Schema (draft-07) of the scenario file
    Schema,
    /// Print the completions of a shell
    Completions {
        /// Which shell
        #[arg(value_enum, value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff) of the command, or of one of its commands
    Man {
        /// check, report, explain, init, observe, first-difference, trace, live, schema, completions or man
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

/// Options of `simulate report`.
#[derive(Debug, Args)]
#[command(after_help = REPORT_HELP)]
pub struct ReportOptions {
    /// The folder of a report, or those of two
    #[arg(value_name = "FOLDER", required = true, num_args = 1..=2)]
    pub folders: Vec<PathBuf>,
    /// Where to write [default: the folder itself; of two, reports/<A>-beside-<B>]
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Which pictures to write: svg, png, svg,png or none [default: those the report has; of two, svg,png]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    pub charts: Vec<ChartKind>,
    /// Take files that were changed since the run as they are; the pages say so
    #[arg(long)]
    pub anyway: bool,
}

const REPORT_HELP: &str = "\
Exit status: 0 fine · 1 could not finish · 2 no such report, or not as its run left it · 3 the report drawn again
has missed an SLO or a claim
Examples: simulate report reports/flash-sale
          simulate report reports/flash-sale reports/flash-sale-unlimited
          simulate report before after --format markdown >> \"$GITHUB_STEP_SUMMARY\"";

/// Options of `simulate init`.
#[derive(Debug, Args)]
#[command(after_help = format!("Templates:\n{}", super::init::names()))]
pub struct InitOptions {
    /// Where to write it; - prints it [default: <template>.toml]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What to begin with
    #[arg(long, value_name = "NAME", default_value = "flash-sale")]
    pub template: String,
    /// Overwrite a file that is there
    #[arg(long)]
    pub force: bool,
}

/// What a command changes in the scenario that it reads.
#[derive(Debug, Args)]
pub struct Changes {
    /// Override one setting, repeatable: --set queue.visibility_timeout=60s
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Override the seed
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub seed: Option<u64>,
    /// Take what AWS does not publish at the worse or the better end of its range
    #[arg(long, value_enum, value_name = "END")]
    pub assumptions: Option<Assume>,
}

impl Changes {
    /// As the reader of scenarios takes them.
    pub fn overrides(&self, replications: Option<u32>) -> Overrides {
        let mut set = self.set.clone();
        set.extend(self.assumptions.map(Assume::setting));
        Overrides { set, seed: self.seed, replications }
    }
}

/// Options of `simulate check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The scenario file (TOML); - is standard input
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// What is changed in it.
    #[command(flatten)]
    pub changes: Changes,
    /// Independent runs; two or more give every number a 95 % interval
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub replications: Option<u32>,
}

/// Options of `simulate observe`.
#[derive(Debug, Args)]
pub struct ObserveOptions {
    /// The scenario file (TOML); - is standard input
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// Of one design only
    #[arg(long, value_enum, default_value_t = Designs::Both)]
    pub design: Designs,
    /// Of which replication, counted from 1
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub replication: u32,
    /// What is changed in it.
    #[command(flatten)]
    pub changes: Changes,
    /// Checkpoints at most, of each design
    #[arg(long, value_name = "N", default_value_t = 4096, value_parser = clap::value_parser!(u16).range(1..))]
    pub checkpoints: u16,
    /// No checkpoints, but the observations from this one on, counted from 1
    #[arg(long, value_name = "N", conflicts_with = "checkpoints", value_parser = clap::value_parser!(u64).range(1..))]
    pub from: Option<u64>,
    /// Up to this one [default: the last]
    #[arg(long, value_name = "N", requires = "from", value_parser = clap::value_parser!(u64).range(1..))]
    pub to: Option<u64>,
}

/// Options of `simulate first-difference`.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 the same · 2 wrong usage · 3 they differ")]
pub struct FirstDifferenceOptions {
    /// What `simulate observe` printed of one run; - is standard input
    #[arg(value_name = "ONE")]
    pub one: PathBuf,
    /// What it printed of the other
    #[arg(value_name = "OTHER")]
    pub other: PathBuf,
}

/// Options of `simulate trace`.
#[derive(Debug, Args)]
#[command(after_help = words_of_where(), group = ArgGroup::new("which").required(true).multiple(true))]
pub struct TraceOptions {
    /// The scenario file (TOML); - is standard input
    #[arg(value_name = "SCENARIO")]
    pub scenario: PathBuf,
    /// The order of this number, counted from 0 as in orders.csv
    #[arg(long, value_name = "N", group = "which", conflicts_with_all = ["wanted", "slowest", "nth"], allow_negative_numbers = true)]
    pub order: Option<u64>,
    /// The first order that ended so, or that this happened to: timed_out, direct.throttled, buffered.redelivered
    #[arg(long = "where", value_name = "WORD", group = "which")]
    pub wanted: Option<String>,
    /// The slowest of them; of all confirmed orders without --where
    #[arg(long, group = "which")]
    pub slowest: bool,
    /// Not the first of them, but the second, third, …
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub nth: u64,
    /// Tell of one design only
    #[arg(long, value_enum, default_value_t = Designs::Both)]
    pub design: Designs,
    /// What is changed in it.
    #[command(flatten)]
    pub changes: Changes,
    /// How it is told
    #[arg(long, value_enum, default_value_t = TraceFormat::Text)]
    pub format: TraceFormat,
    /// Write it to this file [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Threads at most; never changes a byte [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
}

/// What an order can be sought by, and how that ends.
fn words_of_where() -> String {
    let words: Vec<&str> = crate::measure::finder::Trait::all().map(|(_, word)| word).collect();
    format!(
        "Words of --where, each also as buffered.WORD or direct.WORD: {}\nExit status: 0 told · 1 no such order is found, or \
         could not finish · 2 wrong usage or scenario, or there is no order of that number",
        words.join(", ")
    )
}

/// How a story is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TraceFormat {
    /// On the screen, both designs side by side
    Text,
    /// With every instant to the nanosecond
    Json,
    /// For an issue or a lesson
    Markdown,
    /// For ui.perfetto.dev or chrome://tracing (Trace Event Format)
    Perfetto,
}

/// Options of `simulate live`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct LiveOptions {
    /// What to do other than measuring.
    #[command(subcommand)]
    pub command: Option<LiveCommand>,
    /// As of a simulation.
    #[command(flatten)]
    pub run: Options,
    /// How it is measured.
    #[command(flatten)]
    pub measuring: Measuring,
    /// Only for AWS.
    #[command(flatten)]
    pub aws: AwsOptions,
}

/// What `simulate live` does other than measuring.
#[derive(Debug, Subcommand)]
pub enum LiveCommand {
    /// Make the virtual environment of the emulator, once (needs Python 3.10 and the package index)
    Setup,
    /// Remove what a run that could not clean up has left behind
    Cleanup {
        /// Manifests; all of the folder if none is given
        #[arg(value_name = "MANIFEST")]
        manifests: Vec<PathBuf>,
        /// The folder of manifests
        #[arg(long = "manifests", value_name = "DIR", default_value = ".simulate-live")]
        folder: PathBuf,
    },
}

/// Where `simulate live` measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TargetKind {
    /// An emulator on this machine, started and stopped by the run, or the server of --endpoint-url
    Local,
    /// AWS itself; shows what it would do, and does it only with --execute
    Aws,
}

/// What works on the orders of the buffered design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WorkerKind {
    /// Workers in this process stand in for event source mapping and function
    Pool,
    /// An event source mapping and a function on the target
    Lambda,
}

/// How `simulate live` measures.
#[derive(Debug, Args)]
#[command(next_help_heading = "Measuring")]
pub struct Measuring {
    /// What is driven
    #[arg(long, value_enum, default_value_t = TargetKind::Local)]
    pub target: TargetKind,
    /// A server that is there already; loopback addresses only
    #[arg(long, value_name = "URL", conflicts_with = "region")]
    pub endpoint_url: Option<String>,
    /// No order that comes later than this
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub duration: Option<SimDuration>,
    /// No more orders than this
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub max_orders: Option<u64>,
    /// Divides the schedule, service times and all timers
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub speed: u64,
    /// What works on the orders of the buffered design; the direct design has a function on the target
    #[arg(long, value_enum, default_value_t = WorkerKind::Pool)]
    pub worker: WorkerKind,
    /// Batches in hand at once [default: the scenario's concurrency limits]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub workers: Option<u32>,
    /// Workers send heartbeats, three in each step_functions.heartbeat
    #[arg(long)]
    pub heartbeats: bool,
    /// Nothing is waited for longer than this after the last arrival [default: 2min]
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub max_drain: Option<SimDuration>,
    /// The run is void if one order in a hundred is started later than this [default: 250ms]
    #[arg(long, value_name = "TIME", value_parser = length)]
    pub max_lag: Option<SimDuration>,
    /// A queue that is there already, and is empty
    #[arg(long, value_name = "URL")]
    pub queue_url: Option<String>,
    /// Its dead-letter queue
    #[arg(long, value_name = "URL", requires = "queue_url")]
    pub dead_letter_queue_url: Option<String>,
    /// A state machine that is there already, of the one design that is driven
    #[arg(long, value_name = "ARN")]
    pub state_machine_arn: Option<String>,
    /// Where it is written down what is created
    #[arg(long, value_name = "DIR", default_value = ".simulate-live")]
    pub manifests: PathBuf,
}

/// What `simulate live --target aws` needs to know.
#[derive(Debug, Args)]
#[command(next_help_heading = "AWS")]
pub struct AwsOptions {
    /// The Region
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// The account that the credentials must belong to
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
    /// The role of the state machines
    #[arg(long, value_name = "ARN")]
    pub role_arn: Option<String>,
    /// The role of functions
    #[arg(long, value_name = "ARN")]
    pub function_role_arn: Option<String>,
    /// Refuses a run that may cost more, and ends one that does, in USD
    #[arg(long, value_name = "USD", value_parser = money, allow_negative_numbers = true)]
    pub max_cost: Option<f64>,
    /// Do it, instead of showing what would be done
    #[arg(long)]
    pub execute: bool,
}

/// Options of a run.
#[derive(Debug, Args)]
pub struct Options {
    /// The scenario file (TOML); - is standard input
    #[arg(value_name = "SCENARIO", required = true)]
    pub scenario: Option<PathBuf>,
    /// Run one design only
    #[arg(long, value_enum, default_value_t = Designs::Both)]
    pub design: Designs,
    /// Where to write the report [default: reports/<scenario name>]
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// What is changed in it.
    #[command(flatten)]
    pub changes: Changes,
    /// Independent runs; two or more give every number a 95 % interval
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub replications: Option<u32>,
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Which pictures to write: svg, png, svg,png or none
    #[arg(long, value_name = "KINDS", value_delimiter = ',', default_value = "svg,png")]
    pub charts: Vec<ChartKind>,
    /// The step of the timeline, for example 1s [default: the shortest that gives at most 3,600 rows]
    #[arg(long, value_name = "STEP", value_parser = step)]
    pub resolution: Option<SimDuration>,
    /// Threads at most; never changes a byte [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
    /// Say on stderr how long the runs took
    #[arg(long)]
    pub timing: bool,
    /// Check every observation against the rules, and hash the whole stream of them
    #[arg(long)]
    pub verify: bool,
    /// Write orders.csv, too: a row per order and design, of the first replication (about 300 bytes of memory an order)
    #[arg(long)]
    pub orders: bool,
}

const AFTER_HELP: &str = "\
Exit status: 0 fine · 1 could not finish · 2 wrong usage or scenario · 3 an SLO or a claim was missed
Examples: simulate scenarios/flash-sale.toml
          simulate s.toml --set lambda.reserved_concurrency=40 --format json
          simulate s.toml --format markdown >> \"$GITHUB_STEP_SUMMARY\"
          simulate check s.toml
          simulate trace s.toml --where timed_out
          simulate init sale.toml --template flash-sale
          simulate explain queue.visibility_timeout";

impl Options {
    /// The scenario file, which clap insists on.
    pub fn scenario(&self) -> &Path {
        self.scenario.as_deref().unwrap_or(Path::new("-"))
    }
}

/// Which designs to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Designs {
    /// Step Functions callback → SQS → Lambda
    Buffered,
    /// Step Functions → Lambda
    Direct,
    /// Both, on the same orders
    Both,
}

impl Designs {
    /// The designs to run, buffered first.
    pub fn list(self) -> Vec<Design> {
        match self {
            Designs::Buffered => vec![Design::Buffered],
            Designs::Direct => vec![Design::Direct],
            Designs::Both => vec![Design::Buffered, Design::Direct],
        }
    }
}

/// Which end of the ranges of what AWS does not publish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Assume {
    /// What makes designs fare worse
    Pessimistic,
    /// The values of the model document
    Likely,
    /// What makes them fare better
    Optimistic,
}

impl Assume {
    /// As a setting, for `--set`.
    pub fn setting(self) -> String {
        let word = match self {
            Assume::Pessimistic => Assumptions::Pessimistic,
            Assume::Likely => Assumptions::Likely,
            Assume::Optimistic => Assumptions::Optimistic,
        };
        format!("assumptions={}", word.name())
    }
}

/// What goes to standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A summary in 80 columns
    Text,
    /// results.json
    Json,
    /// summary.md, for a pull request
    Markdown,
}

/// A kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ChartKind {
    /// Vector graphics
    Svg,
    /// Pixels
    Png,
    /// No pictures
    None,
}

/// A length of time, as in a scenario.
fn length(text: &str) -> Result<SimDuration, String> {
    crate::scenario::units::duration(text).map_err(|wrong| format!("{}; {}", wrong.message, wrong.help))
}

/// An amount of money, in USD.
fn money(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(amount) if amount.is_finite() && amount >= 0.0 => Ok(amount),
        _ => Err("an amount in USD is a number, zero or more; write for example 2.50".into()),
    }
}

/// A step of the timeline: a whole number of milliseconds, at least one.
fn step(text: &str) -> Result<SimDuration, String> {
    match length(text)? {
        SimDuration(0) => Err("a step of no time makes no timeline; write for example 1s".into()),
        SimDuration(nanos) if nanos % 1_000_000 != 0 => {
            Err("a step is a whole number of milliseconds; write for example 500ms".into())
        }
        step => Ok(step),
    }
}
