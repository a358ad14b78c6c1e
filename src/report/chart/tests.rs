//! The charts as a whole, over made-up results.

use crate::measure::findings::{Findings, SloVerdict};
use crate::report::chart::cases::cases;
use crate::report::chart::layout::Layout;
use crate::report::chart::picture::{CHARTS, Picture, Wanted, pictures};
use crate::report::chart::sheet::{Anchor, Sheet};
use crate::report::chart::text::Fonts;
use crate::report::chart::{caption, caption_ends, caption_work, timeline as hero};
use crate::report::sample::Sample;
use crate::report::subject::{Report, Subject};

const BOTH: Wanted = Wanted { svg: true, png: true };
const SVG: Wanted = Wanted { svg: true, png: false };

fn slo(findings: &Findings) -> Vec<SloVerdict> {
    Sample::slo(findings, 0.95, 600.0)
}

/// All charts of a result.
fn drawn(subject: &Subject, findings: &Findings, wanted: Wanted) -> Vec<Picture> {
    pictures(&Report { subject, findings, slo: &slo(findings), claims: &[], what_if: &[] }, wanted)
}

/// One chart of a result as SVG.
fn svg_of(name: &str, subject: &Subject, findings: &Findings) -> String {
    let found = drawn(subject, findings, SVG).into_iter().find(|picture| picture.name == name);
    found.and_then(|picture| picture.svg).expect("there is such a chart")
}

/// All sheets of every sample in every layout.
fn sheets() -> Vec<(String, Sheet)> {
    let mut sheets = Vec::new();
    for (name, subject, findings) in cases() {
        let (subject, findings, slo) = (&subject, &findings, &slo(&findings));
        for layout in [Layout::FILE, Layout::WIDE, Layout::NARROW] {
            for draw in CHARTS {
                let (sheet, words) = draw(&Report { subject, findings, slo, claims: &[], what_if: &[] }, layout);
                sheets.push((format!("{name} {}{}", words.name, layout.suffix), sheet));
            }
        }
    }
    sheets
}

/// Writes every sample as files for the eye where the environment names a folder.
#[test]
fn every_sample_is_drawn_and_can_be_looked_at() {
    let folder = std::env::var_os("QUEUECAST_CHARTS").map(std::path::PathBuf::from);
    for (name, subject, findings) in cases() {
        let wanted = Wanted { svg: true, png: folder.is_some() };
        for picture in drawn(&subject, &findings, wanted) {
            let (chart, svg) = (picture.name, picture.svg.expect("it was wanted"));
            assert!(svg.len() > 2_000, "{name} {chart} is nearly empty");
            let Some(folder) = &folder else { continue };
            std::fs::create_dir_all(folder).expect("the folder can be made");
            std::fs::write(folder.join(format!("{name}-{chart}.svg")), svg).expect("the folder can be written");
            let png = picture.png.expect("it was wanted");
            std::fs::write(folder.join(format!("{name}-{chart}.png")), png).expect("the folder can be written");
        }
    }
}

/// Checks that every tag is closed by its own name; returns the number of elements.
fn elements(svg: &str) -> usize {
    let (mut open, mut elements): (Vec<&str>, usize) = (Vec::new(), 0);
    for tag in svg.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        assert_eq!(tag.matches('"').count() % 2, 0, "quotes do not pair in {tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "a tag closes another");
            continue;
        }
        elements += 1;
        if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap_or_default());
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    elements
}

#[test]
fn drawings_are_well_formed_and_hold_no_marker_colours_and_no_impossible_numbers() {
    for (name, subject, findings) in cases() {
        for picture in drawn(&subject, &findings, SVG) {
            let (chart, svg) = (picture.name, picture.svg.expect("it was wanted"));
            assert!(elements(&svg) > 10, "{name} {chart}");
            assert!(!svg.contains("NaN") && !svg.contains("inf\"") && !svg.contains("inf,"), "{name} {chart}");
            for colour in svg.split("=\"#").skip(1).map(|rest| &rest[..6]) {
                assert_eq!(colour, colour.to_lowercase(), "{name} {chart}: a colour that no dark rule meets");
                assert!(!colour.starts_with("010"), "{name} {chart}: a marker colour is left");
            }
        }
    }
}

#[test]
fn the_direct_design_is_dashed_and_limits_are_dotted() {
    let (_, subject, findings) = cases().swap_remove(0);
    let [timeline, within] = ["timeline", "confirmed-within"].map(|name| svg_of(name, &subject, &findings));
    assert_eq!(timeline.matches("stroke=\"#d55e00\" stroke-dasharray=\"60 40\"").count(), 4);
    assert_eq!(within.matches("stroke=\"#d55e00\" stroke-dasharray=\"70 45\"").count(), 1);
    assert!(within.contains("stroke=\"#15191e\" stroke-dasharray=\"1 45\" stroke-linecap=\"round\""));
    assert!(!timeline.contains("stroke=\"#d55e00\" stroke-width=\"20\""), "a whole line of direct");
}

#[test]
fn drawings_tell_what_they_show_and_what_made_them() {
    let (_, mut subject, findings) = cases().swap_remove(0);
    subject.title = "Black & <Friday>".to_owned();
    let svg = svg_of("timeline", &subject, &findings);
    assert!(svg.contains("role=\"img\" aria-labelledby=\"timeline-title timeline-desc\""));
    assert!(svg.contains("<title id=\"timeline-title\">Black &amp; &lt;Friday&gt;</title>"));
    assert!(svg.contains("Direct invocation loses 24,449 orders"));
    let version = env!("CARGO_PKG_VERSION");
    let made = format!("<metadata>simulate {version} · flash-sale · seed 13 · scenario blake3:9f3c1a7e</metadata>");
    assert!(svg.contains(&made));
    assert!(svg.contains("prefers-color-scheme:dark"));
}

#[test]
fn no_text_lies_on_another_or_leaves_the_sheet() {
    let (fonts, mut wrong) = (Fonts::bundled(), Vec::new());
    for (name, sheet) in sheets() {
        let mut boxes: Vec<(f64, f64, f64, f64, &str)> = Vec::new();
        for text in sheet.texts() {
            let (width, size) = (fonts.width(&text.words, text.face), text.face.size);
            let left = match text.anchor {
                Anchor::Start => text.at.0,
                Anchor::Middle => text.at.0 - width / 2.0,
                Anchor::End => text.at.0 - width,
            };
            let (top, bottom) = (text.at.1 - size * 0.74, text.at.1 + size * 0.2);
            // Positions are rounded to a hundredth.
            let inside = left >= -0.01 && left + width <= sheet.width + 0.01 && top >= 0.0 && bottom <= sheet.height;
            if !inside {
                wrong.push(format!("{name}: \"{}\" is cut off", text.words));
            }
            for (l, t, r, b, words) in &boxes {
                let apart = left >= *r || left + width <= *l || top >= *b || bottom <= *t;
                if !apart {
                    wrong.push(format!("{name}: \"{}\" lies on \"{words}\"", text.words));
                }
            }
            boxes.push((left, top, left + width, bottom, &text.words));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_design_is_named_in_every_panel() {
    for (name, sheet) in sheets().into_iter().filter(|(name, _)| name.contains("timeline")) {
        let labels: Vec<&str> =
            sheet.texts().filter(|text| text.face.size == 13.0).map(|text| text.words.as_str()).collect();
        for design in ["buffered", "direct"] {
            let other = if design == "direct" { "buffered" } else { "direct" };
            if name.starts_with(&format!("only-{other}")) {
                continue;
            }
            let own =
                |label: &&&str| label.starts_with(design) || label.starts_with("both") || label.starts_with("peak");
            let count = labels.iter().filter(own).count();
            assert!(count >= 4, "{name}: {design} is named {count} times in {labels:?}");
        }
    }
}

#[test]
fn the_same_result_gives_the_same_bytes() {
    let (_, subject, findings) = cases().swap_remove(0);
    assert_eq!(drawn(&subject, &findings, BOTH), drawn(&subject, &findings, BOTH));
}

#[test]
fn nothing_is_drawn_that_is_not_wanted() {
    let (_, subject, findings) = cases().swap_remove(0);
    assert_eq!(drawn(&subject, &findings, Wanted { svg: false, png: false }), []);
    assert!(drawn(&subject, &findings, SVG).iter().all(|picture| picture.png.is_none()));
}

#[test]
fn pictures_have_twice_the_size_of_the_drawing_and_few_colours() {
    let (_, subject, findings) = cases().swap_remove(0);
    let (subject, findings) = (&subject, &findings);
    let sheet = hero::draw(&Report { subject, findings, slo: &[], claims: &[], what_if: &[] }, Layout::FILE).0;
    let bytes = drawn(subject, findings, BOTH).swap_remove(0).png.expect("it was wanted");
    assert!(bytes.len() < 200_000, "{} bytes", bytes.len());
    let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().expect("it is a PNG");
    let info = reader.info();
    assert_eq!((f64::from(info.width), f64::from(info.height)), (sheet.width * 2.0, sheet.height * 2.0));
    let palette = info.palette.as_ref().expect("it has a palette").to_vec();
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits into memory")];
    reader.next_frame(&mut pixels).expect("it can be decoded");
    for wanted in [[0x00, 0x72, 0xb2], [0xd5, 0x5e, 0x00], [0xff, 0xff, 0xff]] {
        let place = palette.chunks(3).position(|colour| colour == wanted).expect("the inks are in the palette");
        assert!(pixels.iter().filter(|pixel| usize::from(**pixel) == place).count() > 500);
    }
}

#[test]
fn captions_say_what_each_case_is() {
    let mut said = String::new();
    for (name, subject, findings) in cases() {
        said += &format!("{name}\n");
        for caption in [caption::offered_and_confirmed, caption::backlog, caption::concurrency, caption::losses] {
            said += &format!("  {}\n", caption(&subject, &findings).expect("something ran"));
        }
        let slo = slo(&findings);
        let within = caption::within(&findings, &slo);
        let ends = [caption_ends::outcomes(&findings, &slo), caption_ends::waiting(&subject, &findings)];
        for caption in [within].into_iter().chain(ends).chain([
            caption_ends::percentiles(&findings),
            caption_work::stages(&findings),
            caption_work::attempts(&findings),
        ]) {
            said += &format!("  {}\n", caption.expect("something ran"));
        }
    }
    let said = said.replace('\u{a0}', " ");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/report/chart/captions.txt"), &said).unwrap();
    }
    assert_eq!(said, include_str!("captions.txt"));
}

#[test]
fn without_a_design_there_is_nothing_to_say() {
    let (_, subject, mut findings) = cases().swap_remove(0);
    findings.designs.clear();
    for caption in [caption::offered_and_confirmed, caption::backlog, caption::concurrency, caption::losses] {
        assert_eq!(caption(&subject, &findings), None);
    }
    assert_eq!(caption::within(&findings, &[]), None);
}

#[test]
fn every_fault_is_named_in_every_chart_and_drawn_where_there_is_an_axis_of_time() {
    let mut seen = 0;
    for (name, subject, findings) in cases().into_iter().filter(|(name, ..)| name.ends_with("faults")) {
        for picture in drawn(&subject, &findings, SVG) {
            let svg = picture.svg.expect("it was wanted");
            let body = svg.split_once("</desc>").expect("it is described").1.replace("&#39;", "'");
            // A line may be broken anywhere between words, and a long name is cut.
            let shown = |words: &str| words.split(' ').take(3).all(|word| body.contains(word));
            for fault in &subject.faults {
                assert!(shown(&fault.name), "{name} {}: {} is not named", picture.name, fault.name);
                assert!(svg.split_once("</desc>").expect("it is described").0.contains(fault.target.as_ref()));
            }
            let bands = body.matches("fill=\"#e9e5ef\"").count() + body.matches("fill=\"#E9E5EF\"").count();
            let over_time = matches!(picture.name, "timeline" | "waiting");
            assert_eq!(bands > 0, over_time, "{name} {}: {bands} bands", picture.name);
            seen += usize::from(over_time);
        }
    }
    assert_eq!(seen, 4);
}
