//! Every constant that stands for a fact of AWS, or for something that is assumed of it: one list.
//!
//! `model`, `system`, `measure` and the defaults of `scenario` take their numbers from here. The table of `docs/model.md`,
//! `assumptions` in results.json, the reports, `simulate explain` and the ranges of `--assumptions` are made from the same
//! list, so that what is said and what is reckoned with cannot drift apart.
//!
//! A constant and its entry are one declaration (`facts!`): its name, type and value, how the value is written, the key of
//! the scenario that sets it (or, where there is none, a name of the same form; what follows a comma tells several facts
//! under one key apart), the part of a scenario without which it does not matter, its mark, its source, and what it says. A
//! number that is assumed has a range, and says which end is worse for a design; a rule that is assumed has none.

use crate::time::SimDuration;

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Read in current AWS documentation.
    High,
    /// Older or second-hand.
    Medium,
    /// Assumed by us.
    Assumed,
}

impl Mark {
    /// Its letter in every file.
    pub const fn letter(self) -> &'static str {
        match self {
            Mark::High => "H",
            Mark::Medium => "M",
            Mark::Assumed => "A",
        }
    }

    /// The letter with what it means.
    pub const fn words(self) -> &'static str {
        match self {
            Mark::High => "[H] read in current AWS documentation",
            Mark::Medium => "[M] older or second-hand",
            Mark::Assumed => "[A] assumed",
        }
    }
}

/// A value, and how it is written in a scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    /// `"30s"`
    Length(SimDuration),
    /// `10`
    Count(u32),
    /// `2`
    Factor(f64),
    /// `"0.01%"`: the number before the sign.
    Percent(f64),
    /// `"500/s"`: a second.
    Rate(f64),
    /// `"128MB"`
    Megabytes(u32),
    /// `{ size = 1300, refill = "300/s" }`
    Bucket((u32, f64)),
    /// A distribution, as it stands in the resolved scenario.
    Distribution(&'static str),
    /// A word that a key takes: a rule, not a number.
    Word(&'static str),
    /// A rule of the model, in words; nothing in the code is named after it.
    Rule(&'static str),
    /// United States dollars.
    Usd(f64),
}

impl Value {
    /// Whether it is a rule and no number, so that it has no range.
    pub const fn is_rule(self) -> bool {
        matches!(self, Value::Word(_) | Value::Rule(_))
    }

    /// A duration.
    ///
    /// # Panics
    ///
    /// If it is something else, which the list decides, not what a user writes. So do the next four.
    pub fn length(self) -> SimDuration {
        let Value::Length(length) = self else { panic!("{self:?} is no length of time") };
        length
    }

    /// A whole number.
    pub fn count(self) -> u32 {
        let Value::Count(count) = self else { panic!("{self:?} is no count") };
        count
    }

    /// A factor, a percentage, or a rate a second.
    pub fn number(self) -> f64 {
        match self {
            Value::Factor(number) | Value::Percent(number) | Value::Rate(number) => number,
            other => panic!("{other:?} is no number"),
        }
    }

    /// A distribution.
    pub fn distribution(self) -> &'static str {
        let Value::Distribution(written) = self else { panic!("{self:?} is no distribution") };
        written
    }
}

/// The part of a scenario without which a fact does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// It always does.
    Always,
    /// A quota on StartExecution, or a fault of it.
    Door,
    /// A quota on answers with a task token, or a fault of them.
    Answers,
    /// Either of the two.
    Callers,
    /// A limit on messages in flight.
    InFlight,
    /// Anything that may refuse a batch its invocation.
    Throttles,
    /// A ramp of the event source mapping.
    Ramp,
    /// A limit on the delay of messages.
    Delay,
    /// A dead-letter queue.
    DeadLetter,
    /// A redrive of it.
    Redrive,
    /// A batching window.
    Window,
    /// Asynchronous invocation.
    Asynchronous,
    /// The Retry of the console.
    ConsoleRetry,
    /// The Retry of the documentation.
    DocumentationRetry,
    /// A Retry whose keys are left out: it shows in no report.
    Retry,
    /// Provisioned concurrency that is asked for during the run.
    Provisioned,
    /// A limit on requests a second.
    Requests,
    /// Environments that are taken away.
    Idle,
    /// Prices.
    Prices,
    /// What AWS takes when something is made: checked before the run, and in no report.
    Check,
}

impl Part {
    /// Whether it is about a value that a scenario names by a preset.
    pub const fn is_preset(self) -> bool {
        matches!(self, Part::ConsoleRetry | Part::DocumentationRetry)
    }
}

/// Which end of a range is the worse one for a design.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    /// The low one.
    Low,
    /// The high one.
    High,
}

/// Between what an assumed number may lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The low end.
    pub low: Value,
    /// The high end.
    pub high: Value,
    /// Which of them is worse.
    pub worse: Worse,
    /// Where the ends are from, and why one is worse.
    pub why: &'static str,
}

impl Range {
    /// What makes designs fare worse.
    pub const fn pessimistic(&self) -> Value {
        match self.worse {
            Worse::Low => self.low,
            Worse::High => self.high,
        }
    }

    /// What makes them fare better.
    pub const fn optimistic(&self) -> Value {
        match self.worse {
            Worse::Low => self.high,
            Worse::High => self.low,
        }
    }
}

/// A fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fact {
    /// The constant's own name.
    pub name: &'static str,
    /// Names it in every file; up to a comma the scenario's key, where there is one.
    pub key: &'static str,
    /// What it says.
    pub says: &'static str,
    /// Its value: the constant.
    pub value: Value,
    /// Without what it does not matter.
    pub part: Part,
    /// How sure it is.
    pub mark: Mark,
    /// Where it is from.
    pub source: &'static str,
    /// Between what it may lie, of an assumed number.
    pub range: Option<Range>,
}

impl Fact {
    /// The scenario's key, where there is one of this path.
    pub fn path(&self) -> &'static str {
        self.key.split(',').next().unwrap_or(self.key)
    }
}

/// A fact that a scenario rests upon, with the value that is in force there.
#[derive(Clone, Debug, PartialEq)]
pub struct InForce {
    /// The fact.
    pub fact: &'static Fact,
    /// In words.
    pub value: String,
    /// In words, of an assumed number.
    pub range: Option<String>,
}

macro_rules! facts {
    ($(
        $name:ident: $type:ty = $value:expr, $kind:ident, $key:literal, $part:ident,
        $mark:ident, $source:expr,
        $says:literal
        $(, $worse:ident is worse, $low:expr, $high:expr, $why:literal)?;
    )*) => {
        $( #[doc = $says] pub const $name: $type = $value; )*

        /// All of them, in the order of the table.
        pub const ALL: &[Fact] = &[$( Fact {
            name: stringify!($name),
            key: $key,
            says: $says,
            value: Value::$kind($name),
            part: Part::$part,
            mark: Mark::$mark,
            source: $source,
            range: facts!(@range $kind $($worse, $low, $high, $why)?),
        } ),*];
    };
    (@range $kind:ident) => { None };
    (@range $kind:ident $worse:ident, $low:expr, $high:expr, $why:expr) => {
        Some(Range { low: Value::$kind($low), high: Value::$kind($high), worse: Worse::$worse, why: $why })
    };
}

pub mod account;
pub mod event_source;
pub mod invocation;
pub mod lambda;
pub mod latency;
pub mod limits;
pub mod prices;
pub mod queue;
pub mod workflow;

/// The facts about one component.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// The module that declares them.
    pub module: &'static str,
    /// The component's name in `docs/model.md`.
    pub title: &'static str,
    /// The facts.
    pub facts: &'static [Fact],
}

/// All components, in the order of an order's way.
pub const GROUPS: [Group; 9] = [
    Group { module: "workflow", title: "Execution and the callers of Step Functions", facts: workflow::ALL },
    Group { module: "queue", title: "Queue", facts: queue::ALL },
    Group { module: "event_source", title: "Event source mapping", facts: event_source::ALL },
    Group { module: "lambda", title: "Function", facts: lambda::ALL },
    Group { module: "invocation", title: "Asynchronous invocation", facts: invocation::ALL },
    Group { module: "latency", title: "Hops", facts: latency::ALL },
    Group { module: "account", title: "Account", facts: account::ALL },
    Group { module: "prices", title: "The bill", facts: prices::ALL },
    Group { module: "limits", title: "What AWS takes", facts: limits::ALL },
];

/// Every fact.
pub fn all() -> impl Iterator<Item = &'static Fact> {
    GROUPS.iter().flat_map(|group| group.facts)
}
