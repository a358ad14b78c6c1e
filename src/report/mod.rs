//! Findings to files and screen. Everything here is a pure function of a [`Subject`], findings and verdicts, but
//! [`mod@write`], which puts finished bytes on a disk.
//!
//! * [`results`]: results.json, the contract; [`tables`]: timeline.csv and percentiles.csv; [`hgrm`]: HdrHistogram text;
//! * [`chart`]: the pictures; [`page`]: index.html; [`markdown`]: summary.md; [`terminal`]: the summary in 80 columns;
//! * [`verdict`]: what was found, in sentences; [`rows`]: what tables say; [`words`]: the one formatter of numbers;
//! * [`beside`]: the arithmetic beside the result, and what-ifs; [`faults`]: what broke, in words; [`bottleneck`]: which limit
//!   held a design back; [`spent`]: what was worked and paid for nothing; [`little`]: Little's law held against the run;
//! * [`mod@trace`]: the story of one order;
//! * [`reread`]: the files back to findings, of which pages and charts are drawn;
//! * [`folder`]: a report on a disk, read again; [`pair`]: two of them side by side;
//! * [`bundle`]: all files of a report together, with their manifest.

pub mod assumed;
pub mod beside;
pub mod bottleneck;
pub mod bundle;
pub mod chart;
pub mod faults;
pub mod folder;
pub mod hgrm;
pub mod little;
pub mod markdown;
pub mod page;
pub mod pair;
pub mod reread;
pub mod results;
pub mod rows;
pub mod spent;
pub mod subject;
pub mod tables;
pub mod terminal;
pub mod trace;
pub mod verdict;
pub mod words;
pub mod write;

pub use subject::{Report, Subject};

#[cfg(test)]
mod sample;
