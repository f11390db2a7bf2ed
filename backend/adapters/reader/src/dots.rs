//! Pictures as dots: decoded, made smaller and written as PNG. It must not know what they show or where they were found.

use std::io::Cursor;
use std::ops::Range;

use png::{BitDepth, ColorType, Transformations};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// More than a good camera's, and still decoded within a child's memory.
const MOST: usize = 24_000_000;
/// A strip is shown so many times as high as it may be wide.
const TALLEST: usize = 3;

/// A picture as a PNG of at most this width, and never blown up; none where it is no whole JPEG or PNG, or larger than any.
pub(crate) fn shrunk(picture: &[u8], width: u32) -> Option<Vec<u8>> {
    let dots = if picture.starts_with(b"\xFF\xD8\xFF") {
        of_jpeg(picture)?
    } else if picture.starts_with(b"\x89PNG") {
        of_png(picture)?
    } else {
        return None;
    };
    let width = width.max(1) as usize;
    let small = dots.within(width, width * TALLEST);
    encode(small.width as u32, small.height as u32, &small.colours)
}

/// Dots of three colours as a PNG.
pub(crate) fn encode(width: u32, height: u32, colours: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(colours).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// A picture, row by row, three bytes a dot.
struct Dots {
    width: usize,
    height: usize,
    colours: Vec<u8>,
}

impl Dots {
    fn of(width: usize, height: usize, colours: Vec<u8>) -> Option<Self> {
        (colours.len() == width * height * 3).then_some(Self { width, height, colours })
    }

    /// The same within a width and a height; each dot is the mean of those that it stands for.
    fn within(&self, width: usize, height: usize) -> Self {
        let share = (width as f64 / self.width as f64).min(height as f64 / self.height as f64).min(1.0);
        let size = |length: usize| ((length as f64 * share).round() as usize).clamp(1, length);
        let (wide, high) = (size(self.width), size(self.height));
        let mut colours = Vec::with_capacity(wide * high * 3);
        for y in 0..high {
            let rows = behind(y, high, self.height);
            for x in 0..wide {
                let columns = behind(x, wide, self.width);
                let mut sums = [0u64; 3];
                for row in rows.clone() {
                    let from = row * self.width;
                    for dot in self.colours[3 * (from + columns.start)..3 * (from + columns.end)].chunks_exact(3) {
                        sums.iter_mut().zip(dot).for_each(|(sum, colour)| *sum += u64::from(*colour));
                    }
                }
                let count = (rows.len() * columns.len()) as u64;
                colours.extend(sums.map(|sum| ((sum + count / 2) / count) as u8));
            }
        }
        Self { width: wide, height: high, colours }
    }
}

/// Which of `all` stand behind one of `few`; at least one does, as there are no more of the few.
fn behind(one: usize, few: usize, all: usize) -> Range<usize> {
    one * all / few..(one + 1) * all / few
}

fn is_drawable(width: usize, height: usize) -> bool {
    width > 0 && height > 0 && width.checked_mul(height).is_some_and(|dots| dots <= MOST)
}

fn of_jpeg(picture: &[u8]) -> Option<Dots> {
    let options = DecoderOptions::default().jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(picture), options);
    decoder.decode_headers().ok()?;
    let info = decoder.info()?;
    let (width, height) = (usize::from(info.width), usize::from(info.height));
    // Before anything is decoded: what it says of its size costs memory.
    if !is_drawable(width, height) {
        return None;
    }
    Dots::of(width, height, decoder.decode().ok()?)
}

fn of_png(picture: &[u8]) -> Option<Dots> {
    let mut decoder = png::Decoder::new(Cursor::new(picture));
    decoder.set_transformations(Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    if !is_drawable(width, height) {
        return None;
    }
    let mut bytes = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut bytes).ok()?;
    bytes.truncate(frame.buffer_size());
    // What is seen through is seen on white paper.
    let paper = |colour: u8, shown: u8| ((u32::from(colour) * u32::from(shown) + 255 * u32::from(255 - shown)) / 255) as u8;
    let colours = match frame.color_type {
        ColorType::Rgb => bytes,
        ColorType::Rgba => {
            bytes.chunks_exact(4).flat_map(|dot| [dot[0], dot[1], dot[2]].map(|colour| paper(colour, dot[3]))).collect()
        }
        ColorType::Grayscale => bytes.iter().flat_map(|grey| [*grey; 3]).collect(),
        ColorType::GrayscaleAlpha => bytes.chunks_exact(2).flat_map(|dot| [paper(dot[0], dot[1]); 3]).collect(),
        ColorType::Indexed => return None,
    };
    Dots::of(width, height, colours)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG whose left half is black and whose right half is white.
    fn halves(width: u32, height: u32) -> Vec<u8> {
        let row: Vec<u8> = (0..width).flat_map(|x| [if x < width / 2 { 0 } else { 255 }; 3]).collect();
        encode(width, height, &row.repeat(height as usize)).unwrap()
    }

    fn size_and_dots(png: &[u8]) -> (usize, usize, Vec<u8>) {
        let Dots { width, height, colours } = of_png(png).unwrap();
        (width, height, colours.chunks_exact(3).map(|dot| dot[0]).collect())
    }

    #[test]
    fn a_picture_is_made_smaller_and_never_larger() {
        assert_eq!(size_and_dots(&shrunk(&halves(40, 20), 4).unwrap()), (4, 2, [0, 0, 255, 255].repeat(2)));
        assert_eq!(size_and_dots(&shrunk(&halves(2, 1), 100).unwrap()), (2, 1, vec![0, 255]));
        assert_eq!(size_and_dots(&shrunk(&halves(1, 1), 3).unwrap()), (1, 1, vec![255]));
        assert_eq!(size_and_dots(&shrunk(&halves(9, 1), 1).unwrap()).2, [142], "the mean of four black dots and five white ones");
        let (width, height, _) = size_and_dots(&shrunk(&halves(10, 1_000), 10).unwrap());
        assert_eq!((width, height), (1, 30), "a strip is not shown in all its length");
    }

    #[test]
    fn what_is_seen_through_is_seen_on_paper() {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(ColorType::GrayscaleAlpha);
        encoder.write_header().unwrap().write_image_data(&[0, 0, 0, 255]).unwrap();
        assert_eq!(size_and_dots(&shrunk(&bytes, 2).unwrap()).2, [255, 0]);
    }

    #[test]
    fn what_is_no_picture_or_larger_than_any_is_none() {
        assert!(is_drawable(4_000, 6_000) && !is_drawable(30_000, 30_000) && !is_drawable(0, 9) && !is_drawable(usize::MAX, 2));
        let whole = halves(8, 8);
        for nonsense in [&whole[..40], b"\x89PNG", b"\xFF\xD8\xFF", b"\xFF\xD8\xFF\xE0\0\x10JFIF", b"GIF89a", b"<svg/>", b""] {
            assert!(shrunk(nonsense, 96).is_none(), "{nonsense:?}");
        }
    }
}
