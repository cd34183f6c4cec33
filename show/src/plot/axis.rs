//! Numbers as people write them: tick places and labels, a common multiplier or offset where labels would be long,
//! and single values to four significant digits.

/// Below this a span is a rounding error of the ends, not a range.
const LEAST_RELATIVE_SPAN: f64 = 1e-12;
/// Below this everything is drawn as zero; steps would be subnormal.
const LEAST: f64 = 1e-290;
/// An axis whose span is this small beside its ends is labelled relative to an offset.
const OFFSET_BELOW: f64 = 1e-3;

/// A range with its ticks.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub lo: f64,
    pub hi: f64,
    /// Places in data units, ascending, each with its label.
    pub ticks: Vec<(f64, String)>,
    /// What every label is to be multiplied by or added to.
    pub note: Option<String>,
    /// Labels are written for `(value - offset) / 10^exponent`.
    offset: f64,
    exponent: i32,
}

impl Axis {
    /// Where a value lies, 0 at `lo` and 1 at `hi`.
    pub(super) fn share(&self, x: f64) -> f64 {
        (x - self.lo) / (self.hi - self.lo)
    }

    /// An axis over exactly [lo, hi] with about `target` ticks; a range without width is widened.
    pub(super) fn tight(lo: f64, hi: f64, target: usize) -> Self {
        let (lo, hi) = if has_width(lo, hi) { (lo, hi) } else { widened(lo, hi) };
        let step = nice((hi - lo) / target.max(1) as f64);
        let largest = lo.abs().max(hi.abs());
        let same_sign = lo > 0.0 || hi < 0.0;
        let offset = if same_sign && (hi - lo) < OFFSET_BELOW * largest { coarse(lo, hi) } else { 0.0 };
        let first = ((lo - offset) / step - 1e-9).ceil() as i64;
        let last = ((hi - offset) / step + 1e-9).floor() as i64;
        let relative: Vec<f64> = (first..=last).map(|k| k as f64 * step).collect();
        let exponent = common_exponent(&relative);
        let unit = 10f64.powi(exponent);
        let decimals = decimals_of(step / unit);
        let ticks = relative.iter().map(|&t| (offset + t, fixed(t / unit, decimals))).collect();
        let mut note = String::new();
        if exponent != 0 {
            note = format!("×10{}", superscript(exponent));
        }
        if offset != 0.0 {
            let sign = if offset < 0.0 { "−" } else { "+" };
            note = format!("{note} {sign} {}", plain(offset.abs()));
        }
        let note = note.trim().to_string();
        Axis { lo, hi, ticks, note: (!note.is_empty()).then_some(note), offset, exponent }
    }

    /// As [`Axis::tight`] with a margin around the data.
    pub(super) fn padded(lo: f64, hi: f64, target: usize) -> Self {
        let pad = if has_width(lo, hi) { 0.06 * (hi - lo) } else { 0.0 };
        Axis::tight(lo - pad, hi + pad, target)
    }

    /// A logarithmic axis given in decades: `lo` and `hi` are exponents of ten.
    pub(super) fn decades(lo: f64, hi: f64, target: usize) -> Self {
        let (lo, hi) = if hi - lo < 1e-6 { (lo - 0.5, hi + 0.5) } else { (lo, hi) };
        let (first, last) = ((lo - 1e-9).ceil() as i32, (hi + 1e-9).floor() as i32);
        if last <= first {
            // Less than two powers of ten: label the ends and the middle as plain numbers.
            let places = [lo, (lo + hi) / 2.0, hi];
            let ticks = places.iter().map(|&d| (d, short(10f64.powf(d), 2))).collect();
            return Axis { lo, hi, ticks, note: None, offset: 0.0, exponent: 0 };
        }
        let every = ((last - first) as usize).div_ceil(target.max(1)).max(1);
        let ticks = (first..=last).step_by(every).map(|d| (f64::from(d), power(d))).collect();
        Axis { lo, hi, ticks, note: None, offset: 0.0, exponent: 0 }
    }

    /// The same ticks on an axis that begins at `lo`, which lies below them.
    pub(super) fn from(self, lo: f64) -> Self {
        Axis { lo, ..self }
    }

    /// An axis without ticks, for what has no scale.
    pub(super) fn bare() -> Self {
        Axis { lo: 0.0, hi: 1.0, ticks: Vec::new(), note: None, offset: 0.0, exponent: 0 }
    }

    /// An axis of discounts from `lo` to `hi < 1` that is even in the logarithm of the horizon, see [`horizon`].
    pub(super) fn discounts(lo: f64, hi: f64) -> Self {
        let (lo, hi) = if has_width(lo, hi) { (lo, hi) } else { ((lo - 0.05).max(0.0), hi / 2.0 + 0.5) };
        let (from, to) = (horizon(lo), horizon(hi));
        // 0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99 and so on.
        let mut ticks: Vec<(f64, String)> = Vec::new();
        for k in 0..16 {
            for (share, decimals) in [(1.0, k), (0.5, k + 1), (0.2, k + 1)] {
                let rest = share * 10f64.powi(-k);
                let place = -rest.log10();
                if (from - 1e-9..=to + 1e-9).contains(&place) {
                    ticks.push((place, fixed(1.0 - rest, decimals.unsigned_abs() as usize)));
                }
            }
        }
        if ticks.len() < 2 {
            ticks = [lo, (lo + hi) / 2.0, hi].iter().map(|&g| (horizon(g), short(g, 8))).collect();
        }
        Axis { lo: from, hi: to, ticks, note: None, offset: 0.0, exponent: 0 }
    }

    /// Writes values so that the axis' note holds for them too.
    pub(super) fn writer(&self, values: &[f64]) -> impl Fn(f64) -> String + use<> {
        writer(values, self.offset, self.exponent)
    }
}

/// The decimal logarithm of the horizon 1/(1 - gamma).
pub(super) fn horizon(gamma: f64) -> f64 {
    -(1.0 - gamma).log10()
}

/// Whether two ends are further apart than rounding.
pub(super) fn has_width(lo: f64, hi: f64) -> bool {
    hi - lo > LEAST && hi - lo > LEAST_RELATIVE_SPAN * lo.abs().max(hi.abs())
}

fn widened(lo: f64, hi: f64) -> (f64, f64) {
    let middle = lo / 2.0 + hi / 2.0;
    let pad = if middle.abs() > LEAST { middle.abs() * 0.05 } else { 1.0 };
    (middle - pad, middle + pad)
}

/// The smallest and largest of some numbers, or nothing when there are none.
pub(super) fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().fold(None, |e, x| match e {
        None => Some((x, x)),
        Some((lo, hi)) => Some((f64::min(lo, x), f64::max(hi, x))),
    })
}

/// The next of 1, 2, 2.5, 5, 10 times a power of ten.
fn nice(raw: f64) -> f64 {
    let unit = 10f64.powi(raw.log10().floor() as i32);
    let lead = raw / unit;
    let step = [1.0, 2.0, 2.5, 5.0].into_iter().find(|s| lead <= s * (1.0 + 1e-9)).unwrap_or(10.0);
    step * unit
}

/// A round number near the range, at most a few spans away.
fn coarse(lo: f64, hi: f64) -> f64 {
    let unit = 10f64.powi((hi - lo).log10().ceil() as i32 + 1);
    (lo / unit / 2.0 + hi / unit / 2.0).round() * unit
}

/// The power of ten the labels share: 0 unless they would be long.
pub(super) fn common_exponent(values: &[f64]) -> i32 {
    let largest = values.iter().fold(0.0, |m, v| f64::max(m, v.abs()));
    if largest < LEAST || (1e-3 * (1.0 - 1e-9)..1e5).contains(&largest) {
        0
    } else {
        (largest * (1.0 + 1e-9)).log10().floor() as i32
    }
}

/// Decimals needed to write multiples of a nice step.
fn decimals_of(step: f64) -> usize {
    (0..12).find(|&d| (step * 10f64.powi(d) - (step * 10f64.powi(d)).round()).abs() < 1e-6).unwrap_or(12) as usize
}

/// A number with that many decimals, a true minus sign and no negative zero.
pub(super) fn fixed(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.chars().all(|c| c == '0' || c == '.') => digits.into(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// A number to four significant digits, in powers of ten where that is shorter.
pub(super) fn value(x: f64) -> String {
    short(x, 4)
}

/// A number to `digits` significant digits without trailing zeros.
pub(super) fn short(x: f64, digits: usize) -> String {
    if x.abs() < LEAST {
        return "0".into();
    }
    let exponent = x.abs().log10().floor() as i32;
    if (-3..5).contains(&exponent) {
        let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
        trim(&fixed(x, decimals))
    } else {
        let mantissa = trim(&fixed(x / 10f64.powi(exponent), digits.saturating_sub(1)));
        format!("{mantissa}×10{}", superscript(exponent))
    }
}

/// Two numbers to be compared: the same decimals for both.
pub(super) fn pair(a: f64, b: f64) -> (String, String) {
    let largest = a.abs().max(b.abs());
    if (1e-2..1e5).contains(&largest) {
        let decimals = (3 - largest.log10().floor() as i32).clamp(0, 4) as usize;
        (fixed(a, decimals), fixed(b, decimals))
    } else {
        (value(a), value(b))
    }
}

/// Writes many values alike: three significant digits of the largest, times a shared power of ten.
pub(super) fn alike(values: &[f64]) -> impl Fn(f64) -> String + use<> {
    writer(values, 0.0, common_exponent(values))
}

fn writer(values: &[f64], offset: f64, exponent: i32) -> impl Fn(f64) -> String + use<> {
    let unit = 10f64.powi(exponent);
    let scaled = move |v: f64| (v - offset) / unit;
    let largest = values.iter().fold(0.0, |m, v| f64::max(m, scaled(*v).abs()));
    let whole = values.iter().all(|v| scaled(*v).fract() == 0.0);
    let digits = |x: f64| (2 - (x * (1.0 + 1e-9)).log10().floor() as i32).clamp(0, 5) as usize;
    let decimals = if whole || largest < LEAST { 0 } else { digits(largest) };
    move |x| {
        let text = fixed(scaled(x), decimals);
        let vanished = !text.contains(|c: char| ('1'..='9').contains(&c));
        match (vanished, scaled(x) == 0.0) {
            (true, true) => "0".into(),
            // A small number among large ones must not pose as zero.
            (true, false) if exponent == 0 => short(scaled(x), 1),
            _ => text,
        }
    }
}

fn trim(text: &str) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text.into() }
}

/// An offset to twelve significant digits, in full where that is short.
fn plain(x: f64) -> String {
    let exponent = x.abs().log10().floor() as i32;
    if (-3..12).contains(&exponent) {
        return trim(&fixed(x, (11 - exponent).max(0) as usize));
    }
    format!("{}×10{}", trim(&format!("{:.11}", x / 10f64.powi(exponent))), superscript(exponent))
}

fn power(exponent: i32) -> String {
    match exponent {
        0 => "1".into(),
        _ => format!("10{}", superscript(exponent)),
    }
}

/// An integer in superscript digits.
pub(super) fn superscript(n: i32) -> String {
    let raise = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4'..='9' => char::from_u32(u32::from(c) - u32::from('4') + u32::from('⁴')).unwrap_or(c),
        _ => '⁰',
    };
    n.to_string().chars().map(raise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|t| t.1.as_str()).collect()
    }

    #[test]
    fn labels_are_short_and_right() {
        assert_eq!(labels(&Axis::tight(0.0, 0.6, 6)), ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]);
        assert_eq!(labels(&Axis::tight(-20.0, 0.0, 4)), ["−20", "−15", "−10", "−5", "0"]);
        let tiny = Axis::tight(0.0, 3e-8, 3);
        assert_eq!((labels(&tiny), tiny.note.as_deref()), (vec!["0", "1", "2", "3"], Some("×10⁻⁸")));
        let far = Axis::tight(1e8, 1e8 + 1e-3, 4);
        assert!(far.note.as_deref().is_some_and(|n| n.ends_with("+ 100000000")), "{far:?}");
    }

    #[test]
    fn any_range_has_ticks_inside_it() {
        let ends = [(0.0, 0.0), (5.0, 5.0), (-1e-8, 1e-8), (-1e150, 1e150), (1e-300, 2e-300), (-3.0, -2.999999)];
        for (lo, hi) in ends {
            for axis in [Axis::tight(lo, hi, 4), Axis::padded(lo, hi, 6)] {
                assert!(axis.ticks.len() >= 2 && axis.ticks.len() < 20, "{axis:?}");
                let inside = |t: f64| (-1e-6..=1.0 + 1e-6).contains(&axis.share(t));
                assert!(axis.ticks.iter().all(|t| inside(t.0) && t.1.chars().count() < 9), "{axis:?}");
            }
        }
    }

    #[test]
    fn values_read_well() {
        assert_eq!(value(0.1 + 0.2), "0.3");
        assert_eq!(value(-1e-8), "−1×10⁻⁸");
        assert_eq!(value(0.0), "0");
        assert_eq!(value(12345.678), "12346");
        assert_eq!(pair(0.5325, 0.09637), ("0.5325".into(), "0.0964".into()));
        assert_eq!(fixed(-0.0001, 2), "0.00");
        let write = alike(&[-13.0, -1.0]);
        assert_eq!(write(-13.0), "−13");
        let write = alike(&[0.54202, 0.0, 1e-4]);
        assert_eq!([write(0.54202), write(0.0), write(1e-4)], ["0.542", "0", "1×10⁻⁴"]);
    }

    #[test]
    fn discounts_are_even_in_the_horizon() {
        let axis = Axis::discounts(0.0, 0.99);
        assert_eq!(labels(&axis), ["0", "0.5", "0.8", "0.9", "0.95", "0.98", "0.99"]);
        assert!((axis.share(horizon(0.9)) - 0.5).abs() < 1e-12);
        for (lo, hi) in [(0.9, 0.9), (0.951, 0.952), (0.0, 0.999_999), (0.999, 1.0 - 1e-12)] {
            let axis = Axis::discounts(lo, hi);
            assert!(axis.lo < axis.hi && axis.ticks.len() >= 2, "{axis:?}");
        }
    }

    #[test]
    fn decades_thin_out() {
        assert_eq!(labels(&Axis::decades(-12.0, 0.0, 4)), ["10⁻¹²", "10⁻⁹", "10⁻⁶", "10⁻³", "1"]);
        assert_eq!(Axis::decades(-0.4, -0.2, 4).ticks.len(), 3);
    }
}
