//! Numbers with few digits.

use dashu_int::IBig;
use dashu_ratio::RBig;

/// `10^k`.
fn ten(k: i32) -> RBig {
    let size = RBig::from(IBig::from(10).pow(k.unsigned_abs() as usize));
    if k < 0 { RBig::ONE / size } else { size }
}

/// A decimal with few digits between two others, none for `to` being infinity, and not on their very edge; around the size of
/// `unit` where neither says anything. No more than half as much again as `from` where that fits.
pub(super) fn between(from: &RBig, to: Option<&RBig>, unit: f64) -> RBig {
    let size = match to {
        _ if !from.is_zero() => from.to_f64().value(),
        Some(to) => to.to_f64().value(),
        None => unit,
    };
    // Of what there is, a hundredth on either side is left.
    let room = match to {
        Some(to) if from.is_zero() || (to - from) < *from => to - from,
        _ if from.is_zero() => RBig::try_from(unit).unwrap_or(RBig::ONE),
        _ => from.clone(),
    };
    let edge = &room / RBig::from(100);
    let (lo, hi) = (if from.is_zero() { RBig::ZERO } else { from + &edge }, to.map(|to| to - &edge));
    let first = size.log10().floor().clamp(-400.0, 400.0) as i32 + i32::from(!from.is_zero());
    let most = from * RBig::from(3) / RBig::from(2);
    for digits in 0..20 {
        let step = ten(first - digits);
        let x = (RBig::from((&lo / &step).floor()) + RBig::ONE) * step;
        if hi.as_ref().is_none_or(|hi| x < *hi) && (from.is_zero() || x <= most) {
            return x;
        }
    }
    from + room / RBig::from(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::number::{as_stored, shortest};

    fn chosen(lo: f64, hi: f64) -> f64 {
        let to = hi.is_finite().then(|| shortest(hi));
        between(&shortest(lo), to.as_ref(), 1.0).to_f64().value()
    }

    #[test]
    fn chosen_numbers_are_inside_and_short() {
        assert_eq!(chosen(0.0591, f64::INFINITY), 0.06);
        assert_eq!(chosen(0.0591, 0.0598), 0.0592);
        assert_eq!(chosen(0.0, f64::INFINITY), 1.0);
        assert_eq!(chosen(0.0, 0.5), 0.1);
        assert_eq!(chosen(9.0, f64::INFINITY), 10.0);
        // Just below a round number, which is not far enough from the edge.
        assert_eq!(chosen(99.99999999999983, f64::INFINITY), 110.0);
        let (from, to) = (RBig::ONE, RBig::ONE + as_stored(1e-40));
        let tight = between(&from, Some(&to), 1.0);
        assert!(from < tight && tight < to);
    }
}
