//! What the correlation under the reference promises about another policy.

use super::{Correlation, Maybe};
use crate::base::{Bounded, Grade, Interval};

/// Lower bounds on `J(pi, R) - J(ref, R)`, in units of the true reward.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// `sigma_R / r (x - sqrt((1 - r^2) chi2))` with `x` the rise of the proxy in units of its spread (Laidlaw, Singhal
    /// and Dragan 2025, theorem 5.1).
    pub theorem: Maybe<Bounded>,
    /// `sigma_R (r x - sqrt((1 - r^2) (chi2 - x^2)))`: the least over all true rewards with this spread and correlation.
    pub sharp: Maybe<Bounded>,
}

/// Both bounds, where their hypotheses hold: `r > 0` and the policy stays where the reference goes.
pub fn bounds(seen: &Correlation, proxy_rise: Bounded, chi2: &Maybe<Bounded>) -> Bounds {
    match parts(seen, proxy_rise, chi2) {
        Err(why) => Bounds { theorem: Err(why.clone()), sharp: Err(why) },
        Ok(parts) => Bounds { theorem: Ok(parts.theorem()), sharp: Ok(parts.sharp()) },
    }
}

struct Parts {
    r: Bounded,
    left: Bounded,
    x: Bounded,
    chi2: Bounded,
    sigma: Bounded,
}

fn parts(seen: &Correlation, proxy_rise: Bounded, chi2: &Maybe<Bounded>) -> Maybe<Parts> {
    seen.weight()?;
    let (r, left) = (seen.r.clone()?, seen.left.clone()?);
    let chi2 = chi2.clone().map_err(|why| format!("chi-squared is {why}"))?;
    // A weight implies that neither spread is zero.
    let x = proxy_rise.checked_div(seen.proxy.sigma).ok_or("the spread of the proxy cannot be told from zero")?;
    Ok(Parts { r, left, x, chi2, sigma: seen.truth.sigma })
}

impl Parts {
    fn theorem(&self) -> Bounded {
        let of = |r: f64, left: f64, x: f64, chi2: f64, sigma: f64| sigma / r * (x - left * chi2.sqrt());
        let value = of(self.r.value, self.left.value, self.x.value, self.chi2.value, self.sigma.value);
        let inner = self.x.interval() - self.left.interval() * self.chi2.interval().sqrt();
        // `r` is certainly positive here.
        let range = (self.sigma.interval() * inner).checked_div(self.r.interval());
        Bounded::around(value, range.unwrap_or(EVERYTHING), Grade::Bounded)
    }

    fn sharp(&self) -> Bounded {
        let of =
            |r: f64, left: f64, x: f64, chi2: f64, sigma: f64| sigma * (r * x - left * (chi2 - x * x).max(0.0).sqrt());
        let value = of(self.r.value, self.left.value, self.x.value, self.chi2.value, self.sigma.value);
        let x = self.x.interval();
        // x^2 <= chi2 whatever the rewards (Cauchy and Schwarz), so the root takes the part above zero.
        let root = (self.chi2.interval() - x.abs() * x.abs()).sqrt();
        let range = self.sigma.interval() * (self.r.interval() * x - self.left.interval() * root);
        Bounded::around(value, range, Grade::Bounded)
    }
}

const EVERYTHING: Interval = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
