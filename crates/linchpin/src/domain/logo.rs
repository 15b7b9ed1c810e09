//! Logos: what developers upload, made into what we serve.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits,
    imageops::FilterType,
};

/// The largest file that is taken, in bytes.
pub const FILE_MAX: usize = 256 * 1024;
/// The largest width and height that is taken, in pixels.
pub const SIDE_MAX: u32 = 4_096;
/// The largest width and height of the result, in pixels.
pub const RESULT_SIDE_MAX: u32 = 256;

/// Memory for decoding, in bytes: 4,096 × 4,096 pixels of four bytes, and half as much again for the decoder.
const DECODING_MEMORY_MAX: u64 = 96 * 1024 * 1024;

/// Why a file is not taken as a logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LogoError {
    /// Over [`FILE_MAX`].
    #[error("the logo is over 256 KiB: make the file smaller")]
    FileTooLarge,
    /// Neither PNG nor JPEG nor WebP by its content, whatever its name says.
    #[error("the logo is not a PNG, JPEG or WebP file (SVG is not taken): convert it to PNG")]
    Format,
    /// Over [`SIDE_MAX`] pixels wide or high, or more memory than a picture of that size takes.
    #[error("the logo is too large: at most 4096 pixels wide and high, with 8 bits a channel")]
    TooManyPixels,
    /// Begins like a picture but is not one.
    #[error("the logo is damaged: it cannot be decoded")]
    Damaged,
}

/// Decodes a PNG, JPEG or WebP file and writes it anew as a PNG of at most 256 × 256 pixels.
///
/// Nothing of the file but its pixels survives: no metadata, no second format hidden in it. A picture that its
/// metadata says to turn is turned; of an animation the first frame stays. Takes up to a second of processor time and
/// 100 MiB of memory for the largest pictures, so it does not belong on a thread that answers requests.
///
/// # Errors
///
/// The file is too large, of another format, has too many pixels, or is damaged.
pub fn re_encode(bytes: &[u8]) -> Result<Vec<u8>, LogoError> {
    if bytes.len() > FILE_MAX {
        return Err(LogoError::FileTooLarge);
    }
    let picture = decode(bytes)?;
    let picture = if picture.width().max(picture.height()) > RESULT_SIDE_MAX {
        picture.resize(RESULT_SIDE_MAX, RESULT_SIDE_MAX, FilterType::Triangle)
    } else {
        picture
    };
    let mut png = Cursor::new(Vec::new());
    let pixels = DynamicImage::ImageRgba8(picture.into_rgba8());
    pixels
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|_| LogoError::Damaged)?;
    Ok(png.into_inner())
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, LogoError> {
    let format = image::guess_format(bytes).map_err(|_| LogoError::Format)?;
    if !matches!(
        format,
        ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::WebP
    ) {
        return Err(LogoError::Format);
    }
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(DECODING_MEMORY_MAX);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    // Not every decoder counts its own memory; what the pixels take is known before they are read.
    if decoder.total_bytes() > DECODING_MEMORY_MAX {
        return Err(LogoError::TooManyPixels);
    }
    let orientation = decoder.orientation().map_err(|error| refusal(&error))?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn refusal(error: &ImageError) -> LogoError {
    match error {
        ImageError::Limits(_) => LogoError::TooManyPixels,
        _ => LogoError::Damaged,
    }
}
