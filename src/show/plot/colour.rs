//! Colours: the Okabe-Ito palette for lines and marks, viridis for values, a light-to-dark blue for occupancy and
//! a blue-to-vermillion ramp for differences. All of them survive the common colour vision deficiencies.

/// An sRGB colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rgb(pub u8, pub u8, pub u8);

pub(super) const INK: Rgb = Rgb(0x22, 0x22, 0x22);
pub(super) const MUTED: Rgb = Rgb(0x5c, 0x5c, 0x5c);
pub(super) const RULE: Rgb = Rgb(0xe3, 0xe3, 0xe3);
pub(super) const WHITE: Rgb = Rgb(0xff, 0xff, 0xff);
/// A cell without a value.
pub(super) const BLANK: Rgb = Rgb(0xf1, 0xf1, 0xf1);
/// A wall.
pub(super) const WALL: Rgb = Rgb(0xc9, 0xc9, 0xc9);
pub(super) const BLUE: Rgb = Rgb(0x00, 0x72, 0xb2);
pub(super) const VERMILLION: Rgb = Rgb(0xd5, 0x5e, 0x00);
pub(super) const GREEN: Rgb = Rgb(0x00, 0x9e, 0x73);
pub(super) const ORANGE: Rgb = Rgb(0xe6, 0x9f, 0x00);

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

/// Every eighth entry of the 256-entry viridis table by Stefan van der Walt and Nathaniel Smith (CC0).
const VIRIDIS: [Rgb; 33] = [
    Rgb(68, 1, 84),
    Rgb(71, 13, 96),
    Rgb(72, 24, 106),
    Rgb(72, 35, 116),
    Rgb(71, 45, 123),
    Rgb(69, 55, 129),
    Rgb(66, 64, 134),
    Rgb(62, 73, 137),
    Rgb(59, 82, 139),
    Rgb(55, 91, 141),
    Rgb(51, 99, 141),
    Rgb(47, 107, 142),
    Rgb(44, 114, 142),
    Rgb(41, 122, 142),
    Rgb(38, 130, 142),
    Rgb(35, 137, 142),
    Rgb(33, 145, 140),
    Rgb(31, 151, 139),
    Rgb(31, 159, 136),
    Rgb(33, 166, 133),
    Rgb(39, 173, 129),
    Rgb(49, 181, 123),
    Rgb(61, 188, 116),
    Rgb(76, 194, 108),
    Rgb(92, 200, 99),
    Rgb(110, 206, 88),
    Rgb(129, 211, 77),
    Rgb(149, 216, 64),
    Rgb(170, 220, 50),
    Rgb(192, 223, 37),
    Rgb(213, 226, 26),
    Rgb(234, 229, 26),
    Rgb(253, 231, 37),
];
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
        let stops: &[Rgb] = match self {
            Ramp::Viridis => &VIRIDIS,
            Ramp::Blues => &BLUES,
            Ramp::Diverging => &DIVERGING,
        };
        let last = stops.len() - 1;
        let x = t.clamp(0.0, 1.0) * last as f64;
        let k = (x as usize).min(last - 1);
        mix(stops[k], stops[k + 1], x - k as f64)
    }
}

/// The colour a share `t` of the way from `a` to `b`.
pub(super) fn mix(a: Rgb, b: Rgb, t: f64) -> Rgb {
    let channel = |p: u8, q: u8| (f64::from(p) + (f64::from(q) - f64::from(p)) * t).round() as u8;
    Rgb(channel(a.0, b.0), channel(a.1, b.1), channel(a.2, b.2))
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
        assert_eq!(Ramp::Viridis.at(0.0), VIRIDIS[0]);
        assert_eq!(Ramp::Viridis.at(1.0), VIRIDIS[32]);
        assert_eq!(Ramp::Diverging.at(0.5), DIVERGING[3]);
        assert_eq!(Ramp::Blues.at(7.0), BLUES[4]);
        let _ = Ramp::Blues.at(f64::NAN);
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
