//! Colours: the Okabe-Ito palette for lines and marks, viridis for values, a light-to-dark blue for occupancy and
//! a blue-to-vermillion ramp for differences. All of them survive the common colour vision deficiencies.

use plotters::style::colors::colormaps::{ColorMap, DerivedColorMap, ViridisRGB};

pub(super) use plotters::style::{Color, RGBAColor as Paint, RGBColor as Rgb, WHITE};

pub(super) const INK: Rgb = Rgb(0x22, 0x22, 0x22);
pub(super) const MUTED: Rgb = Rgb(0x5c, 0x5c, 0x5c);
pub(super) const RULE: Rgb = Rgb(0xe3, 0xe3, 0xe3);
/// A cell without a value.
pub(super) const BLANK: Rgb = Rgb(0xf1, 0xf1, 0xf1);
/// A wall.
pub(super) const WALL: Rgb = Rgb(0xc9, 0xc9, 0xc9);
pub(super) const BLUE: Rgb = Rgb(0x00, 0x72, 0xb2);
pub(super) const VERMILLION: Rgb = Rgb(0xd5, 0x5e, 0x00);
pub(super) const GREEN: Rgb = Rgb(0x00, 0x9e, 0x73);
pub(super) const ORANGE: Rgb = Rgb(0xe6, 0x9f, 0x00);
pub(super) const SKY: Rgb = Rgb(0x56, 0xb4, 0xe9);
pub(super) const PURPLE: Rgb = Rgb(0xcc, 0x79, 0xa7);
/// Vermillion dark enough for small words on white.
pub(super) const WARNING: Rgb = Rgb(0xa8, 0x48, 0x00);
/// Colours of kinds that have no order, such as actions.
pub(super) const KINDS: [Rgb; 7] = [BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION, Rgb(0xf0, 0xe4, 0x42)];

/// A colour map from [0, 1].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ramp {
    /// Perceptually even, dark to light.
    Viridis,
    /// Light to dark blue; zero looks empty.
    Blues,
    /// Blue below, near-white in the middle, vermillion above.
    Diverging,
}

const BLUES: [Rgb; 5] = [Rgb(232, 241, 249), Rgb(166, 205, 230), Rgb(84, 157, 205), Rgb(0, 103, 166), Rgb(5, 41, 86)];
const DIVERGING: [Rgb; 7] = [
    Rgb(0, 56, 98),
    Rgb(0, 114, 178),
    Rgb(133, 186, 219),
    Rgb(247, 247, 247),
    Rgb(240, 176, 130),
    Rgb(213, 94, 0),
    Rgb(120, 46, 0),
];

impl Ramp {
    /// The colour at `t`, clamped to [0, 1].
    pub(super) fn at(self, t: f64) -> Rgb {
        // Plotters' maps cannot place a value that is not a number.
        let t = if t.is_nan() { 0.0 } else { t };
        match self {
            Ramp::Viridis => ViridisRGB::get_color(t),
            Ramp::Blues => DerivedColorMap::new(&BLUES).get_color(t),
            Ramp::Diverging => DerivedColorMap::new(&DIVERGING).get_color(t),
        }
    }
}

/// The colour a share `t` of the way from `a` to `b`.
pub(super) fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    DerivedColorMap::new(&[a, b]).get_color(t)
}

/// Relative luminance as WCAG 2 defines it, in [0, 1].
pub(super) fn luminance(c: Rgb) -> f64 {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
}

/// Luminance above which dark ink reads better than white. Contrast is equal at 0.18; the mid greens of viridis
/// look better with white a little beyond that.
const DARK_INK_FROM: f64 = 0.24;

/// Ink that reads well on `fill`.
pub(super) fn ink_on(fill: Rgb) -> Rgb {
    if luminance(fill) > DARK_INK_FROM { Rgb(0x11, 0x11, 0x11) } else { WHITE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_keep_their_ends_and_accept_anything() {
        assert_eq!(Ramp::Viridis.at(0.0), Rgb(68, 1, 84));
        assert_eq!(Ramp::Viridis.at(1.0), Rgb(254, 232, 37));
        assert_eq!(Ramp::Diverging.at(0.5), DIVERGING[3]);
        assert_eq!(Ramp::Blues.at(7.0), BLUES[4]);
        assert_eq!(Ramp::Blues.at(f64::NAN), BLUES[0]);
    }

    #[test]
    fn ink_contrasts_with_every_fill_by_at_least_three_to_one() {
        for ramp in [Ramp::Viridis, Ramp::Blues, Ramp::Diverging] {
            for k in 0..=100 {
                let fill = ramp.at(f64::from(k) / 100.0);
                let (a, b) = (luminance(fill), luminance(ink_on(fill)));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 3.0, "{ramp:?} at {k} %: {contrast}");
            }
        }
    }

    #[test]
    fn viridis_grows_lighter_all_the_way() {
        let light: Vec<f64> = (0..=64).map(|k| luminance(Ramp::Viridis.at(f64::from(k) / 64.0))).collect();
        assert!(light.windows(2).all(|w| w[0] < w[1]));
    }
}
