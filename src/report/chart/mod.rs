//! The charts: a design unit is a px; one list of marks, drawn by one pen into SVG and PNG.
//!
//! Colour says which design and line style repeats it; hatching means never confirmed; round dots are a limit. Labels
//! stand at the lines, the title says the finding. A chart is written once on a `Sheet`; plotters is the back
//! end, everything it lacks (halos, dashes, hatching, letters at fractional positions) is ours.

mod attempts;
mod bands;
mod bar;
pub mod caption;
pub mod caption_ends;
pub mod caption_work;
#[cfg(test)]
pub(super) mod cases;
mod confirmed_within;
mod facts;
mod faults;
mod geometry;
mod labels;
mod layout;
mod outcomes;
pub mod pair;
mod palette;
mod panel;
mod pen;
mod percentiles;
mod picture;
mod png;
mod scale;
mod series;
mod sheet;
mod stages;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod timeline;
mod timeline_rates;
mod timeline_stocks;
mod waiting;
mod within_labels;

pub use facts::{hardly_any_backlog, waiting_in_flight};
pub use picture::{Figure, Picture, Wanted, figures, pictures};
pub use series::window;
pub use svg::page_style;
