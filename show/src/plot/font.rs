//! The one font: its glyphs, the width of a text, and the ways to make a text fit (wrap, shrink, cut).
//! The subset in `assets/fonts` is compiled in, so measuring and drawing never depend on the machine.

use std::sync::OnceLock;

use ab_glyph::{Font, FontRef};

/// The families an SVG names. Verdana has nearly the same widths where DejaVu is missing.
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";
/// Height of a capital letter, as a share of the size.
pub(super) const CAP: f64 = 0.729;
/// Depth of a descender, as a share of the size.
#[cfg(test)]
pub(super) const DESCENT: f64 = 0.236;
/// From one baseline to the next, as a share of the size.
pub(super) const LEADING: f64 = 1.3;
/// How far a text may shrink before it is cut.
const LEAST_SHRINK: f64 = 0.82;

static BYTES: &[u8] = include_bytes!("../../fonts/DejaVuSans-subset.ttf");

/// The compiled-in font.
pub(super) fn font() -> &'static FontRef<'static> {
    static FONT: OnceLock<FontRef<'static>> = OnceLock::new();
    // INVARIANT: the bytes are a constant of the program, and a test parses them.
    FONT.get_or_init(|| FontRef::try_from_slice(BYTES).expect("the compiled-in font parses"))
}

/// Units of the font's design grid per size, 2048 for DejaVu Sans.
pub(super) fn units_per_em() -> f64 {
    f64::from(font().units_per_em().unwrap_or(2048.0))
}

/// The pixel scale, in the sense of `ab_glyph`, of a text of this size: it counts ascent to descent, not the em.
pub(super) fn px_scale(size: f64) -> f32 {
    (size * f64::from(font().height_unscaled()) / units_per_em()) as f32
}

/// The advance of one character at size 1.
pub(super) fn advance(c: char) -> f64 {
    f64::from(font().h_advance_unscaled(font().glyph_id(c))) / units_per_em()
}

/// The width of a text.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The text on one line: white space becomes single spaces, other control characters the replacement character.
pub(super) fn clean(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let bad = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    words.join(" ").chars().map(|c| if bad(c) { '\u{fffd}' } else { c }).collect()
}

/// The text, cut with an ellipsis where it is wider than `room`.
pub(super) fn cut(text: &str, size: f64, room: f64) -> String {
    let text = clean(text);
    if width(&text, size) <= room {
        return text;
    }
    let mut used = advance('…') * size;
    let mut kept = String::new();
    for c in text.chars() {
        used += advance(c) * size;
        if used > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

/// The text and a size at which it is no wider than `room`: a little smaller if that helps, cut if not.
pub(super) fn fit(text: &str, size: f64, room: f64) -> (String, f64) {
    let text = clean(text);
    let need = width(&text, size);
    if need <= room {
        return (text, size);
    }
    let size = size * (room / need).clamp(LEAST_SHRINK, 1.0);
    (cut(&text, size, room + 1e-9), size)
}

/// The text in at most `lines` lines no wider than `room`; what does not fit is cut with an ellipsis.
pub(super) fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let text = clean(text);
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let joined = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
        if line.is_empty() || out.len() + 1 >= lines || width(&joined, size) <= room {
            line = joined;
        } else {
            out.push(std::mem::replace(&mut line, word.to_string()));
        }
    }
    out.push(line);
    out.iter().map(|l| cut(l, size, room)).filter(|l| !l.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_what_the_pictures_write() {
        for c in "AZaz09 αγπρΩ ×−·…→←↑↓⁻⁰¹²³⁴⁵⁶⁷⁸⁹₀₁∈≤≥∞é*()[]".chars()
        {
            assert_ne!(font().glyph_id(c).0, 0, "no glyph for {c:?}");
        }
    }

    #[test]
    fn widths_are_those_of_dejavu() {
        assert!((width("M", 100.0) - 86.28).abs() < 0.01);
        assert!((width("0123456789", 10.0) - 63.62).abs() < 0.01);
    }

    #[test]
    fn fitted_text_fits() {
        for room in [0.0, 3.0, 40.0, 90.0, 500.0] {
            for text in ["", "short", "a considerably longer text than that", "averyveryverylongsingleword"] {
                let (got, size) = fit(text, 12.0, room);
                assert!(width(&got, size) <= room + 1e-6 || got == "…", "{got:?} in {room}");
                for line in wrap(text, 12.0, room, 2) {
                    assert!(width(&line, 12.0) <= room || line == "…");
                }
            }
        }
    }

    #[test]
    fn control_characters_never_reach_the_picture() {
        assert_eq!(clean("a\n b\t\u{7}c\u{ffff}"), "a b \u{fffd}c\u{fffd}");
    }
}
