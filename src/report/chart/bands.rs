//! Bands of several replications behind the lines: from the lowest value of any of them to the highest.

use crate::measure::bands::{Band, Bands, DesignBands, Series};
use crate::measure::findings::{Design, Findings};
use crate::report::chart::palette::Ink;
use crate::report::chart::panel::{Frame, Panel};
use crate::report::chart::sheet::{Point, Sheet};
use crate::report::words::{count, duration_s};

/// The bands of a result, if it is one of several replications.
pub fn of(findings: &Findings) -> Option<&Bands> {
    findings.replicated.as_ref()?.bands.as_ref()
}

/// The bands of one design.
pub fn of_design(bands: Option<&Bands>, design: Design) -> Option<&DesignBands> {
    bands?.designs.iter().find(|found| found.design == design)
}

/// What the lines and bands over time are, in a sentence; nothing with a single replication.
pub fn over_time_words(findings: &Findings) -> String {
    let Some(bands) = of(findings) else { return String::new() };
    let (replications, step) = (count(findings.replications().into()), duration_s(bands.step.as_secs_f64()));
    format!(
        " Lines: the first of {replications} replications; bands: from the lowest to the highest of all of them in each \
         {step}."
    )
}

/// What the bands around lines of all replications together are, in a sentence.
pub fn together_words(findings: &Findings) -> String {
    let replications = count(findings.replications().into());
    match of(findings) {
        Some(_) => {
            format!(" Lines: {replications} replications together; bands: from the lowest to the highest of them.")
        }
        None => String::new(),
    }
}

/// The highest value of a series in any design.
pub fn most(bands: Option<&Bands>, series: &[(Design, Series)]) -> f64 {
    let all =
        series.iter().filter_map(|(design, series)| Some(&of_design(bands, *design)?.over_time[*series as usize]));
    all.flatten().fold(0.0_f64, |most, band| most.max(band.most))
}

/// The band of a series, behind the lines of a panel.
pub fn draw(
    sheet: &mut Sheet,
    frame: &Frame,
    panel: &Panel,
    bands: Option<&Bands>,
    (design, series): (Design, Series),
) {
    let (Some(found), Some(bands)) = (of_design(bands, design), bands) else { return };
    let step = bands.step.as_secs_f64();
    let side = |value: fn(&Band) -> f64| -> Vec<Point> {
        let corners = found.over_time[series as usize].iter().enumerate().flat_map(|(index, band)| {
            let (from, to) = (index as f64 * step, (index + 1) as f64 * step);
            [(from, value(band)), (to, value(band))]
        });
        corners.map(|(at, value)| (frame.at(at), panel.y.px_inside(value))).collect()
    };
    between(sheet, design, side(|band| band.most), side(|band| band.least));
}

/// A band between its upper and its lower edge, with edges that are seen where another band lies over it.
pub fn between(sheet: &mut Sheet, design: Design, upper: Vec<Point>, lower: Vec<Point>) {
    let (upper, lower) = (thinned(upper), thinned(lower));
    let high = upper.iter().zip(&lower).any(|(upper, lower)| (upper.1 - lower.1).abs() > 0.5);
    if !high && upper.len() == lower.len() {
        return;
    }
    let around = upper.iter().chain(lower.iter().rev()).copied().collect();
    sheet.area(around, Ink::tint_of(design));
    for edge in [upper, lower] {
        sheet.line(edge, Ink::mid_of(design), 0.75);
    }
}

/// The same line without corners in the midst of level pieces.
fn thinned(line: Vec<Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for point in line {
        match kept.as_mut_slice() {
            [.., earlier, last] if earlier.1 == last.1 && last.1 == point.1 => *last = point,
            _ => kept.push(point),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{between, thinned};
    use crate::measure::findings::Design;
    use crate::report::chart::sheet::{Mark, Sheet};

    #[test]
    fn a_band_is_one_area_with_two_edges_and_none_where_all_are_alike() {
        let mut sheet = Sheet::new(100.0, 100.0);
        let flat = vec![(0.0, 50.0), (100.0, 50.0)];
        between(&mut sheet, Design::Direct, flat.clone(), flat.clone());
        assert!(sheet.marks.is_empty());
        between(&mut sheet, Design::Direct, vec![(0.0, 10.0), (100.0, 20.0)], flat);
        let [Mark::Area { points, .. }, Mark::Line { .. }, Mark::Line { .. }] = sheet.marks.as_slice() else {
            panic!("{:?}", sheet.marks)
        };
        assert_eq!(points, &[(0.0, 10.0), (100.0, 20.0), (100.0, 50.0), (0.0, 50.0)]);
    }

    #[test]
    fn thinning_keeps_every_change() {
        let line = vec![(0.0, 1.0), (1.0, 1.0), (1.0, 2.0), (2.0, 2.0), (2.0, 2.0), (3.0, 2.0), (3.0, 1.0)];
        assert_eq!(thinned(line), [(0.0, 1.0), (1.0, 1.0), (1.0, 2.0), (3.0, 2.0), (3.0, 1.0)]);
    }
}
