//! Instances of a proxy beside a truth: `reference` and `pi`, `proxy` and `truth`.

use super::{Case, Draw, Moved, Q, World, covariance, least_favourable, scaled};

/// A truth that gains nothing from `reference` to `other` although the proxy gains: the bounds on its gain are attained
/// and 0. `None` where the proxy does not gain.
pub fn threshold_truth(reference: &[Q], other: &[Q], proxy: &[Q]) -> Option<Vec<Q>> {
    let moved = Moved::between(reference, other, proxy, proxy);
    if moved.proxy <= Q::ZERO || moved.var_proxy.is_zero() {
        return None;
    }
    let a = &moved.chi2 / &moved.proxy - &moved.proxy / &moved.var_proxy;
    Some(least_favourable(reference, other, proxy, &a, &Q::ONE))
}

impl Case {
    /// What proxy and truth do from the occupancy of `reference` to that of `pi`.
    pub fn moved(&self) -> Moved {
        let measure = |name: &str| self.world.measure(self.pi(name));
        Moved::between(&measure("reference"), &measure("pi"), &self.r("proxy"), &self.r("truth"))
    }
}

impl Draw {
    /// Rewards for two policies, correlated under the first. The truth is one that loses as much as its correlation
    /// allows, or any.
    pub fn correlated(&mut self, world: World, reference: Vec<Q>, pi: Vec<Q>) -> Case {
        let proxy = self.reward("proxy", &world);
        let (q, p) = (world.measure(&reference), world.measure(&pi));
        let is_constant = covariance(&q, &proxy, &proxy).is_zero();
        let truth = match self.below("truth", 3) {
            _ if is_constant => None,
            0 => threshold_truth(&q, &p, &proxy),
            1 => {
                let (a, b) = (self.positive("a"), self.positive("b"));
                Some(least_favourable(&q, &p, &proxy, &a, &b))
            }
            _ => None,
        };
        let truth = truth.unwrap_or_else(|| {
            let drawn = self.reward("truth", &world);
            let is_opposed = covariance(&q, &proxy, &drawn) < Q::ZERO;
            if is_opposed { scaled(&-Q::ONE, &drawn) } else { drawn }
        });
        Case::new(world).policy("reference", reference).policy("pi", pi).reward("proxy", proxy).reward("truth", truth)
    }
}
