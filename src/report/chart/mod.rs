//! The charts: a design unit is a px; one list of marks, drawn by one pen into SVG and PNG.
//!
//! Colour says which design and line style repeats it; hatching means never confirmed; round dots are a limit. Labels
//! stand at the lines, the title says the finding. A chart is written once on a `Sheet`; plotters is the back
//! end, everything it lacks (halos, dashes, hatching, letters at fractional positions) is ours.

pub mod caption;
#[cfg(test)]
pub(super) mod cases;
mod confirmed_within;
mod facts;
mod geometry;
mod labels;
mod palette;
mod panel;
mod pen;
mod picture;
mod png;
mod scale;
mod series;
mod sheet;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod timeline_rates;
mod timeline_stocks;
mod within_labels;

pub use picture::{Picture, Wanted, confirmed_within, timeline};
