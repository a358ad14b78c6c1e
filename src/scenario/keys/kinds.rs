//! What a key of the scenario file is: its value's kind, its meaning, and where its facts come from.

use crate::facts;

/// One key of a table.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is written.
    pub name: &'static str,
    /// What its value may be: one of these.
    pub kinds: &'static [Kind],
    /// What it says, in whole sentences.
    pub meaning: &'static str,
    /// AWS's own name for it and what AWS takes; empty where AWS has no such thing.
    pub aws: &'static str,
    /// How sure its default and its limits are.
    pub mark: Mark,
    /// Where they come from; empty where they are a choice of ours, or in the list of facts.
    pub source: &'static str,
    /// What breaks when it is wrong.
    pub wrong: &'static str,
    /// A whole body of its table, legal under aws, that has the key in it.
    pub example: &'static str,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Read in current AWS documentation.
    High,
    /// Older or second-hand.
    Medium,
    /// Nothing that AWS has: a choice of this model.
    Ours,
    /// Its default is in the list of facts, which says how sure it is and where it is from.
    Listed,
}

impl Mark {
    /// The letter that `docs/model.md` uses, with what it means.
    pub const fn words(self) -> &'static str {
        match self {
            Mark::High => facts::Mark::High.words(),
            Mark::Medium => facts::Mark::Medium.words(),
            Mark::Ours => "a choice of this model, not a fact of AWS",
            Mark::Listed => "in the list of facts",
        }
    }
}

/// A kind of value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A string.
    Text,
    /// A whole number within bounds; `u64::MAX` is no bound.
    Whole(u64, u64),
    /// A number of at least so much.
    Number(f64),
    /// `true` or `false`.
    Truth,
    /// One of these words.
    Word(&'static [&'static str]),
    /// One of these words, in capitals or not.
    WordInAnyCase(&'static [&'static str]),
    /// `"250ms"`.
    Duration,
    /// `"+45s"`: from the origin on.
    FromOrigin,
    /// `"22.5/s"`.
    Rate,
    /// `"0.5%"`.
    Share,
    /// `"512MB"`.
    Size,
    /// The path of a file, relative to the scenario.
    File,
    /// `">= 98.5%"` and so on.
    Objective(&'static [Quantity]),
    /// Objectives under the times within which they hold.
    Within,
    /// A list of names of errors.
    Errors,
    /// A list of designs.
    Designs,
    /// A list of strings.
    Texts,
    /// A duration, or an inline table of the shape `distribution`.
    Distribution,
    /// An inline table of this shape.
    Shape(&'static str),
    /// A table of its own.
    Table(&'static str),
    /// A list of tables of its own.
    Tables(&'static str),
}

/// What an objective may be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// `98.5%`
    Share,
    /// `3`
    Count,
    /// `2min`
    Duration,
    /// `0.06`
    Usd,
}

/// A limit that can be switched off.
pub const NONE: Kind = Kind::Word(&["none"]);
/// Any whole number that fits 32 bits.
pub const COUNT: Kind = Kind::Whole(0, u32::MAX as u64);
/// The same, but not zero.
pub const POSITIVE: Kind = Kind::Whole(1, u32::MAX as u64);

/// How a table stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The top of the file.
    Top,
    /// `[name]`
    Table,
    /// `[[name]]`
    List,
    /// `{ … }` as the value of a key such as this one.
    Shape(&'static str),
}

/// A table and its keys.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its dotted name; of a shape, what the shape is called here.
    pub path: &'static str,
    /// How it stands in the file.
    pub form: Form,
    /// What it is for, in one line.
    pub about: &'static str,
    /// The least body that is legal: whatever stands here must be given.
    pub least: &'static str,
    /// Its keys, in the order in which a reader wants them.
    pub keys: &'static [Key],
}
