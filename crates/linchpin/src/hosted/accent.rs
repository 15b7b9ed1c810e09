//! The accent colour of an app, made readable: whatever colour was configured, the words on a button have a
//! contrast of at least 4.5:1 and the button stands out from its card by at least 3:1 (WCAG 2.2 AA).

/// An accent colour as an app's developer chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accent(Rgb);

/// Red, green and blue in sRGB.
pub type Rgb = [u8; 3];

/// A button's colours in one theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Button {
    /// The button.
    pub fill: Rgb,
    /// The words on it, black or white.
    pub words: Rgb,
}

/// The card in the light theme, `--card` in the stylesheet.
pub const LIGHT_CARD: Rgb = [255, 255, 255];
/// The card in the dark theme, `--card` in the stylesheet.
pub const DARK_CARD: Rgb = [21, 24, 31];

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];
/// What WCAG asks of words, and of the edge of a control.
const WORDS_CONTRAST: f64 = 4.5;
const EDGE_CONTRAST: f64 = 3.0;

impl Accent {
    /// The colour of apps that chose none.
    pub const NEUTRAL: Self = Self([0x42, 0x51, 0xd6]);

    /// Reads `#rrggbb`, digits of either case; `None` for anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// The six lower-case digits.
    pub fn digits(self) -> String {
        digits(self.0)
    }

    /// The colour as it was chosen.
    pub fn rgb(self) -> Rgb {
        self.0
    }

    /// The button on the light theme's card.
    pub fn light(self) -> Button {
        self.on(LIGHT_CARD, -1.0)
    }

    /// The button on the dark theme's card.
    pub fn dark(self) -> Button {
        self.on(DARK_CARD, 1.0)
    }

    /// The custom properties that the stylesheet is written with.
    pub fn css(self) -> String {
        let (light, dark) = (self.light(), self.dark());
        format!(
            ":root{{--accent:light-dark(#{},#{});--on-accent:light-dark(#{},#{})}}",
            digits(light.fill),
            digits(dark.fill),
            digits(light.words),
            digits(dark.words),
        )
    }

    /// Moves the lightness away from the card's, keeping the hue, until the button stands out from it.
    fn on(self, card: Rgb, direction: f64) -> Button {
        let (lightness, a, b) = oklab(self.0);
        let fill = (0..=100)
            .map(|step| match step {
                0 => self.0,
                _ => srgb(lightness + direction * f64::from(step) * 0.01, a, b),
            })
            .find(|&fill| contrast(fill, card) >= EDGE_CONTRAST)
            .unwrap_or(if direction > 0.0 { WHITE } else { BLACK });
        // One of the two always passes: the worst background for both leaves 4.58:1.
        let words = if contrast(WHITE, fill) >= WORDS_CONTRAST {
            WHITE
        } else {
            BLACK
        };
        Button { fill, words }
    }
}

/// The contrast of two colours as WCAG defines it, 1 to 21.
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

fn luminance(colour: Rgb) -> f64 {
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The six lower-case digits of a colour.
pub fn digits([red, green, blue]: Rgb) -> String {
    format!("{red:02x}{green:02x}{blue:02x}")
}

fn linear(part: u8) -> f64 {
    let part = f64::from(part) / 255.0;
    if part <= 0.040_45 {
        part / 12.92
    } else {
        ((part + 0.055) / 1.055).powf(2.4)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..=255 before"
)]
fn encoded(part: f64) -> u8 {
    let part = part.clamp(0.0, 1.0);
    let part = if part <= 0.003_130_8 {
        part * 12.92
    } else {
        1.055 * part.powf(1.0 / 2.4) - 0.055
    };
    (part * 255.0).round().clamp(0.0, 255.0) as u8
}

/// Lightness and the two opponent axes of Oklab, in which an even change looks even.
#[expect(
    clippy::many_single_char_names,
    reason = "the letters of the colour spaces"
)]
fn oklab(colour: Rgb) -> (f64, f64, f64) {
    let [r, g, b] = colour.map(linear);
    let l = (0.412_221_470_8 * r + 0.536_332_536_3 * g + 0.051_445_992_9 * b).cbrt();
    let m = (0.211_903_498_2 * r + 0.680_699_545_1 * g + 0.107_396_956_6 * b).cbrt();
    let s = (0.088_302_461_9 * r + 0.281_718_837_6 * g + 0.629_978_700_5 * b).cbrt();
    (
        0.210_454_255_3 * l + 0.793_617_785 * m - 0.004_072_046_8 * s,
        1.977_998_495_1 * l - 2.428_592_205 * m + 0.450_593_709_9 * s,
        0.025_904_037_1 * l + 0.782_771_766_2 * m - 0.808_675_766 * s,
    )
}

/// The sRGB colour nearest to an Oklab one: each channel that lies outside is cut off.
#[expect(
    clippy::many_single_char_names,
    reason = "the letters of the colour spaces"
)]
fn srgb(lightness: f64, a: f64, b: f64) -> Rgb {
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    [
        encoded(4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s),
        encoded(-1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s),
        encoded(-0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn assert_readable(accent: Accent) {
        for (button, card) in [(accent.light(), LIGHT_CARD), (accent.dark(), DARK_CARD)] {
            assert!(contrast(button.fill, card) >= 3.0, "{accent:?} {button:?}");
            assert!(
                contrast(button.fill, button.words) >= 4.5,
                "{accent:?} {button:?}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn any_colour_gives_readable_buttons(colour: Rgb) {
            assert_readable(Accent(colour));
        }

        #[test]
        fn only_six_hexadecimal_digits_are_a_colour(text in "#?[0-9a-gA-G+é-]{5,7}") {
            let digits = text.strip_prefix('#').unwrap_or_default();
            let valid = digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
            prop_assert_eq!(Accent::from_hex(&text).map(Accent::digits), valid.then(|| digits.to_lowercase()));
        }
    }

    #[test]
    fn colours_at_the_edges_give_readable_buttons() {
        for red in (0..=255).step_by(15) {
            for green in (0..=255).step_by(15) {
                for blue in (0..=255).step_by(15) {
                    assert_readable(Accent([red, green, blue]));
                }
            }
        }
    }

    #[test]
    fn a_colour_that_is_good_already_is_left_alone() {
        let accent = Accent::from_hex("#0a7d4f").unwrap();
        assert_eq!(
            accent.light(),
            Button {
                fill: [0x0a, 0x7d, 0x4f],
                words: WHITE
            }
        );
    }

    #[test]
    fn a_colour_that_is_too_light_keeps_its_hue() {
        let button = Accent::from_hex("#ffe000").unwrap().light();
        assert!(button.fill[0] > button.fill[2] && button.fill[1] > button.fill[2]);
        assert_eq!(button.words, BLACK);
    }

    #[test]
    fn the_cards_are_those_of_the_stylesheet() {
        let styles = include_str!("../../static/link.css");
        let cards = "--card: light-dark(oklch(1 0 0), oklch(0.21 0.014 268));";
        assert!(styles.contains(cards));
        let hue = 268_f64.to_radians();
        assert_eq!(srgb(1.0, 0.0, 0.0), LIGHT_CARD);
        assert_eq!(srgb(0.21, 0.014 * hue.cos(), 0.014 * hue.sin()), DARK_CARD);
    }
}
