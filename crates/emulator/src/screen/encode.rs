//! Pixels as files: PNG, and what `screencap` writes without `-p`.

use super::canvas::Canvas;
use std::io;

/// Bytes before the pixels of a raw picture.
const RAW_HEADER_BYTES: usize = 16;
/// Android's `PIXEL_FORMAT_RGBA_8888`.
const RGBA_8888: u32 = 1;
/// Android's `ADATASPACE_SRGB` as screencap writes it.
const SRGB: u32 = 1;

/// As PNG.
///
/// # Errors
/// Those of the encoder; it writes to memory, so none is expected.
pub(crate) fn png(canvas: Canvas) -> io::Result<Vec<u8>> {
    let (width, height) = (canvas.width() as u32, canvas.height() as u32);
    let pixels = canvas.into_pixels();
    let mut out = Vec::with_capacity(pixels.len() / 16);
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(io::Error::other)?;
    writer.write_image_data(&pixels).map_err(io::Error::other)?;
    writer.finish().map_err(io::Error::other)?;
    Ok(out)
}

/// As width, height, format, colour space (little endian) and the pixels.
pub(crate) fn raw(canvas: Canvas) -> Vec<u8> {
    let header = [canvas.width() as u32, canvas.height() as u32, RGBA_8888, SRGB];
    let pixels = canvas.into_pixels();
    let mut out = Vec::with_capacity(RAW_HEADER_BYTES + pixels.len());
    out.extend(header.iter().flat_map(|word| word.to_le_bytes()));
    out.extend_from_slice(&pixels);
    out
}
