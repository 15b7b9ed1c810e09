//! Logos: what developers upload, made into what we serve.

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageError, ImageFormat, ImageReader, Limits, Rgba, RgbaImage,
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
/// metadata says to turn is turned; of an animation the first frame stays. The largest pictures take a noticeable
/// time and more than 100 MiB of memory, so this does not belong on a thread that answers requests.
///
/// # Errors
///
/// The file is too large, of another format, has too many pixels, or is damaged.
pub fn re_encode(bytes: &[u8]) -> Result<Vec<u8>, LogoError> {
    if bytes.len() > FILE_MAX {
        return Err(LogoError::FileTooLarge);
    }
    let picture = decode(bytes)?;
    let pixels = if picture.width().max(picture.height()) > RESULT_SIDE_MAX {
        scaled_down(picture)
    } else {
        picture.into_rgba8()
    };
    let mut png = Cursor::new(Vec::new());
    pixels
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|_| LogoError::Damaged)?;
    Ok(png.into_inner())
}

fn scaled_down(picture: DynamicImage) -> RgbaImage {
    let mut pixels = picture.into_rgba8();
    // Weighed by how visible they are; else the unseen colour of see-through pixels shows at the edges.
    for Rgba([red, green, blue, alpha]) in pixels.pixels_mut() {
        for channel in [red, green, blue] {
            *channel = ratio(u16::from(*channel) * u16::from(*alpha), 255);
        }
    }
    let scaled = DynamicImage::ImageRgba8(pixels);
    let scaled = scaled.resize(RESULT_SIDE_MAX, RESULT_SIDE_MAX, FilterType::Triangle);
    let mut pixels = scaled.into_rgba8();
    for Rgba([red, green, blue, alpha]) in pixels.pixels_mut() {
        for channel in [red, green, blue] {
            *channel = ratio(u16::from(*channel) * 255, u16::from(*alpha));
        }
    }
    pixels
}

/// The rounded quotient, at most 255; 0 where nothing is divided by nothing.
fn ratio(dividend: u16, divisor: u16) -> u8 {
    let rounded = (u32::from(dividend) + u32::from(divisor / 2)).checked_div(u32::from(divisor));
    u8::try_from(rounded.unwrap_or(0)).unwrap_or(u8::MAX)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Left half red, right half see-through blue.
    fn picture(width: u32, height: u32) -> DynamicImage {
        DynamicImage::ImageRgba8(RgbaImage::from_fn(width, height, |x, _| {
            if x < width / 2 {
                Rgba([255, 0, 0, 255])
            } else {
                Rgba([0, 0, 255, 128])
            }
        }))
    }

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let opaque = DynamicImage::ImageRgb8(picture.to_rgb8());
        let picture = if format == ImageFormat::Jpeg {
            &opaque
        } else {
            picture
        };
        picture.write_to(&mut file, format).unwrap();
        file.into_inner()
    }

    fn made(bytes: &[u8]) -> RgbaImage {
        let png = re_encode(bytes).unwrap();
        assert_eq!(image::guess_format(&png).unwrap(), ImageFormat::Png);
        image::load_from_memory(&png).unwrap().into_rgba8()
    }

    const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

    #[test]
    fn a_small_picture_keeps_its_size_and_colours() {
        for format in FORMATS {
            let result = made(&encoded(&picture(40, 20), format));
            assert_eq!(result.dimensions(), (40, 20), "{format:?}");
            let Rgba([red, _, blue, alpha]) = *result.get_pixel(2, 2);
            assert!(red > 240 && blue < 15 && alpha == 255, "{format:?}");
        }
        assert_eq!(
            *made(&encoded(&picture(40, 20), ImageFormat::Png)).get_pixel(39, 2),
            Rgba([0, 0, 255, 128])
        );
    }

    #[test]
    fn a_large_picture_is_scaled_to_256_pixels_and_keeps_its_shape() {
        for format in FORMATS {
            assert_eq!(
                made(&encoded(&picture(600, 300), format)).dimensions(),
                (256, 128),
                "{format:?}"
            );
        }
        assert_eq!(
            made(&encoded(&picture(2, 4_096), ImageFormat::Png)).dimensions(),
            (1, 256)
        );
        assert_eq!(
            made(&encoded(&picture(257, 256), ImageFormat::Png)).width(),
            256
        );
    }

    #[test]
    fn the_colour_of_unseen_pixels_does_not_bleed_into_the_edges() {
        let ring = RgbaImage::from_fn(700, 700, |x, y| {
            if x * x + y * y < 90_000 {
                Rgba([255, 0, 0, 255])
            } else {
                Rgba([0, 0, 0, 0])
            }
        });
        let result = made(&encoded(&DynamicImage::ImageRgba8(ring), ImageFormat::Png));
        let edge: Vec<_> = result
            .pixels()
            .filter(|pixel| (16..255).contains(&pixel[3]))
            .collect();
        assert!(!edge.is_empty());
        assert!(edge.iter().all(|pixel| pixel[0] > 240), "{edge:?}");
    }

    #[test]
    fn too_many_pixels_are_refused_before_they_are_decoded() {
        for (width, height) in [(4_097, 1), (1, 4_097)] {
            for format in FORMATS {
                let file = encoded(&picture(width, height), format);
                assert_eq!(
                    re_encode(&file),
                    Err(LogoError::TooManyPixels),
                    "{width}x{height} {format:?}"
                );
            }
        }
        let deep = DynamicImage::ImageRgba16(picture(1, 1).into_rgba16());
        let claims_much = with_claimed_size(encoded(&deep, ImageFormat::Png), 4_096);
        assert_eq!(re_encode(&claims_much), Err(LogoError::TooManyPixels));
    }

    /// The PNG with another width and height in its header.
    fn with_claimed_size(mut png: Vec<u8>, side: u32) -> Vec<u8> {
        png[16..20].copy_from_slice(&side.to_be_bytes());
        png[20..24].copy_from_slice(&side.to_be_bytes());
        let checksum = crc32fast::hash(&png[12..29]);
        png[29..33].copy_from_slice(&checksum.to_be_bytes());
        png
    }

    #[test]
    fn files_of_other_formats_are_refused_whatever_they_are_called() {
        let svg: &[u8] =
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
        let gif: &[u8] = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;";
        for file in [
            svg,
            gif,
            b"",
            b"<?xml version=\"1.0\"?>",
            b"BM\0\0",
            b"<html>",
            b"II*\0",
        ] {
            assert_eq!(re_encode(file), Err(LogoError::Format), "{file:?}");
        }
    }

    #[test]
    fn a_file_over_256_kib_is_refused() {
        let mut file = encoded(&picture(4, 4), ImageFormat::Png);
        file.resize(FILE_MAX, 0);
        assert!(re_encode(&file).is_ok());
        file.push(0);
        assert_eq!(re_encode(&file), Err(LogoError::FileTooLarge));
    }

    #[test]
    fn metadata_is_obeyed_once_and_dropped() {
        let jpeg = encoded(&picture(40, 20), ImageFormat::Jpeg);
        // Exif, little-endian, one entry: orientation 6, turn a quarter clockwise.
        let mut exif = b"\xFF\xE1\0\x22Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
        exif.extend(b"\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0");
        let turned = [&jpeg[..2], &exif, &jpeg[2..]].concat();
        assert_eq!(made(&turned).dimensions(), (20, 40));
        let png = re_encode(&turned).unwrap();
        assert!(
            !png.windows(4)
                .any(|word| word.eq_ignore_ascii_case(b"exif"))
        );
    }

    #[test]
    fn what_follows_a_picture_in_its_file_does_not_survive() {
        let mut file = encoded(&picture(4, 4), ImageFormat::Png);
        file.extend(b"<script>alert(1)</script>");
        assert!(
            !re_encode(&file)
                .unwrap()
                .windows(8)
                .any(|word| word == b"<script>")
        );
    }

    #[test]
    fn damaged_files_are_refused_and_never_a_panic() {
        for format in FORMATS {
            let whole = encoded(&picture(24, 24), format);
            for length in 0..whole.len() {
                let _ = re_encode(&whole[..length]);
            }
            for bit in 0..whole.len() * 8 {
                let mut file = whole.clone();
                file[bit / 8] ^= 1 << (bit % 8);
                let _ = re_encode(&file);
            }
            assert!(re_encode(&whole[..whole.len() / 4]).is_err(), "{format:?}");
        }
    }
}
