//! Numbers that are no fractions, as intervals.

use super::Q;
use truenorth::base::Interval;

/// The smallest interval of doubles around a fraction.
pub fn real(x: &Q) -> Interval {
    let near = x.to_f64().value();
    match Q::try_from(near) {
        Ok(back) if back == *x => Interval::point(near),
        Ok(back) if back < *x => Interval { lo: near, hi: near.next_up() },
        _ => Interval { lo: near.next_down(), hi: near },
    }
}
