//! Findings to files and screen.

pub mod subject;
