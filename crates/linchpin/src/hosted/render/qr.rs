//! An address as a QR code, drawn by the page itself.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// White modules around the code, as ISO/IEC 18004 asks for.
const QUIET: i32 = 4;

/// The dark modules as one path of an SVG in which a module is one unit.
pub(super) struct Qr {
    /// Width and height, quiet zone included.
    pub size: i32,
    /// The path's `d`.
    pub path: String,
}

/// The code of a text; `None` where it is longer than about 2,300 bytes.
pub(super) fn qr(text: &str) -> Option<Qr> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = code.size();
    let mut path = String::new();
    for y in 0..side {
        let mut x = 0;
        while x < side {
            let run = (x..side).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or_default();
            if run > 0 {
                let (left, top) = (x + QUIET, y + QUIET);
                write!(path, "M{left} {top}h{run}v1h-{run}z").unwrap_or_default();
            }
            x += run.max(1);
        }
    }
    Some(Qr {
        size: side + 2 * QUIET,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_has_the_modules_of_the_code() {
        let drawn = qr("https://link.example.com/h/abc").unwrap();
        // The top row of a finder pattern, seven modules wide, stands at the quiet zone's corner.
        assert!(drawn.path.starts_with("M4 4h7v1h-7z"), "{}", drawn.path);
        assert!((29..=45).contains(&drawn.size), "{}", drawn.size);
        assert!(qr(&"x".repeat(3_000)).is_none());
    }
}
