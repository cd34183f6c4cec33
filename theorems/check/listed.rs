//! Instances about finitely many listed policies.

use super::{Case, Draw, Q, World};

/// Names of listed policies.
const NAMES: &[&str] = &["p0", "p1", "p2", "p3", "p4", "p5"];

impl Case {
    /// The same with listed policies, at most six.
    #[must_use]
    pub fn listing(self, policies: Vec<Vec<Q>>) -> Self {
        assert!(policies.len() <= NAMES.len(), "no more than {} policies are listed", NAMES.len());
        NAMES.iter().zip(policies).fold(self, |case, (name, pi)| case.policy(name, pi))
    }

    /// Occupancies of the listed policies.
    pub fn listed(&self) -> Vec<Vec<Q>> {
        self.policies.iter().filter(|(name, _)| NAMES.contains(name)).map(|(_, pi)| self.world.measure(pi)).collect()
    }
}

impl Draw {
    /// From `least` to `most` listed policies, deterministic or not, and a reward `r`.
    pub fn listing(&mut self, world: World, least: usize, most: usize) -> Case {
        let n = self.between("policies", least, most.min(NAMES.len()));
        let one = |draw: &mut Draw, i: usize| match draw.below(("kind", i), 2) {
            0 => {
                let choice = draw.choice(NAMES[i], &world);
                world.pure(&choice)
            }
            _ => draw.policy(NAMES[i], &world),
        };
        let policies = (0..n).map(|i| one(self, i)).collect();
        let r = self.reward("r", &world);
        Case::new(world).listing(policies).reward("r", r)
    }
}
