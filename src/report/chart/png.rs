//! A sheet as PNG: painted four times as large, averaged down to twice the size, at most 256 colours.

use crate::report::chart::pen::{Medium, Pen};
use crate::report::chart::sheet::Sheet;
use crate::report::chart::text::Fonts;
use plotters::prelude::BitMapBackend;

/// Pixels of the file per design unit.
pub const SCALE: u32 = 2;
/// Painted pixels per pixel of the file, in both directions.
const FINER: u32 = 2;
/// The most colours in the file.
const COLOURS: usize = 256;
/// Colours nearer to each other than this (sum of squared differences) are one.
const SAME: u32 = 24;

/// The sheet as the bytes of a PNG file.
pub fn encode(sheet: &Sheet) -> Vec<u8> {
    let width = (sheet.width.ceil() as u32) * SCALE;
    let height = (sheet.height.ceil() as u32) * SCALE;
    let fine = paint(sheet, width * FINER, height * FINER);
    let pixels = shrink(&fine, width, height);
    let palette = choose(&pixels);
    let indices = index(&pixels, &palette);
    file(width, height, &palette, &indices)
}

fn paint(sheet: &Sheet, width: u32, height: u32) -> Vec<u8> {
    let fonts = Fonts::bundled();
    let mut buffer = vec![255; width as usize * height as usize * 3];
    {
        let mut backend = BitMapBackend::with_buffer(&mut buffer, (width, height));
        Pen::new(&mut backend, f64::from(SCALE * FINER), Medium::Painted(&fonts)).draw(sheet);
    }
    buffer
}

/// Means over squares, one colour as `0xRRGGBB` per pixel.
fn shrink(fine: &[u8], width: u32, height: u32) -> Vec<u32> {
    let (width, height, finer) = (width as usize, height as usize, FINER as usize);
    let row = width * finer * 3;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let mut sums = [0u32; 3];
            for line in 0..finer {
                let at = (y * finer + line) * row + x * finer * 3;
                for (i, value) in fine[at..at + finer * 3].iter().enumerate() {
                    sums[i % 3] += u32::from(*value);
                }
            }
            let mean = |sum: u32| (sum + FINER * FINER / 2) / (FINER * FINER);
            pixels.push(mean(sums[0]) << 16 | mean(sums[1]) << 8 | mean(sums[2]));
        }
    }
    pixels
}

fn distance(a: u32, b: u32) -> u32 {
    let square = |shift: u32| ((a >> shift & 255).abs_diff(b >> shift & 255)).pow(2);
    square(16) + square(8) + square(0)
}

/// The most frequent colours, each some way from the others.
fn choose(pixels: &[u32]) -> Vec<u32> {
    let mut counts = counts(pixels);
    // By frequency, then by value: the order must not depend on anything else.
    counts.sort_unstable_by_key(|(colour, count)| (std::cmp::Reverse(*count), *colour));
    let mut palette: Vec<u32> = Vec::new();
    for (colour, _) in counts {
        if palette.len() < COLOURS && palette.iter().all(|chosen| distance(*chosen, colour) > SAME) {
            palette.push(colour);
        }
    }
    palette
}

/// Each colour with its number of pixels, by colour.
fn counts(pixels: &[u32]) -> Vec<(u32, usize)> {
    let mut sorted = pixels.to_vec();
    sorted.sort_unstable();
    sorted.chunk_by(|a, b| a == b).map(|same| (same[0], same.len())).collect()
}

/// Per pixel the place of the nearest colour.
fn index(pixels: &[u32], palette: &[u32]) -> Vec<u8> {
    let known: Vec<(u32, u8)> = counts(pixels)
        .into_iter()
        .map(|(colour, _)| {
            let nearest = (0..palette.len()).min_by_key(|place| distance(palette[*place], colour)).unwrap_or(0);
            (colour, nearest as u8)
        })
        .collect();
    let mut last = (pixels[0], 0);
    let mut found = Vec::with_capacity(pixels.len());
    for (i, colour) in pixels.iter().enumerate() {
        if i == 0 || *colour != last.0 {
            let place = known.partition_point(|(known, _)| known < colour);
            last = known[place];
        }
        found.push(last.1);
    }
    found
}

fn file(width: u32, height: u32, palette: &[u32], indices: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette.iter().flat_map(|colour| colour.to_be_bytes()[1..].to_vec()).collect::<Vec<u8>>());
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().expect("a palette and a size make a header");
    writer.write_image_data(indices).expect("one index per pixel");
    writer.finish().expect("writing into memory does not fail");
    bytes
}
