//! The library's values, optimal actions and visits of an instance, held against fractions.

use super::{Finding, Lab, Q};
use truenorth::base::Interval;
use truenorth::model::Policy;
use truenorth::solve::{Sense, Task};

/// The library's error of visits is a residual as computed: its own rounding, a few units a state, comes on top.
const ROUNDING: f64 = 1e-12;

/// Whether bounds of doubles contain a fraction.
fn contains(what: &str, bounds: Interval, truth: &Q) -> Finding {
    let end = |x: f64| Q::try_from(x).ok();
    let holds = end(bounds.lo).is_none_or(|lo| lo <= *truth) && end(bounds.hi).is_none_or(|hi| *truth <= hi);
    Finding::is(holds, || format!("{what}: [{}, {}] does not contain {}", bounds.lo, bounds.hi, truth.to_f64().value()))
}

fn all_contain(what: &str, lo: &[f64], hi: &[f64], truth: &[Q]) -> Finding {
    let pairs = lo.iter().zip(hi).zip(truth).enumerate();
    Finding::all(
        pairs.map(|(s, ((&lo, &hi), truth))| contains(&format!("{what} of state {s}"), Interval { lo, hi }, truth)),
    )
}

impl Lab {
    /// The library's bounds on the optimal values of a named reward contain them, and its possibly optimal actions are
    /// all optimal ones at least.
    pub fn optimum_holds(&self, name: &str) -> Finding {
        let reward = self.reward(name).expected(self.mdp());
        let found = self.solver().optimise(&Task::new(&reward, Sense::Max));
        let truth = self.world().optimum(&self.r(name));
        let missed = truth.optimal().into_iter().find(|&row| !found.optimal[row]);
        all_contain("the library's optimal value", &found.lo, &found.hi, &truth.v)
            .and(Finding::is(missed.is_none(), || format!("the library calls optimal row {missed:?} worse")))
    }

    /// The library's bounds on the values of a deterministic policy contain them.
    pub fn values_hold(&self, choice: &[usize], name: &str) -> Finding {
        let reward = self.reward(name).expected(self.mdp());
        let found = self.solver().evaluate(&Policy::Deterministic(choice.to_vec()), &[&reward]);
        let truth = self.world().evaluate(&self.world().pure(choice), &self.r(name));
        Finding::all(found.iter().map(|found| all_contain("the library's value", &found.lo, &found.hi, &truth)))
    }

    /// The library's visits of a deterministic policy are within its error and `ROUNDING` of the truth.
    pub fn visits_hold(&self, choice: &[usize]) -> Finding {
        let found = self.solver().occupancy(&Policy::Deterministic(choice.to_vec()));
        let truth = self.world().visits(&self.world().pure(choice));
        let bounds = found.occ_s.iter().map(|&d| Interval::ball(d, found.error + ROUNDING * d.abs().max(1.0)));
        Finding::all(
            bounds
                .zip(&truth)
                .enumerate()
                .map(|(s, (d, truth))| contains(&format!("the library's visits of state {s}"), d, truth)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Case, World, number};
    use super::*;

    #[test]
    fn a_fraction_is_inside_its_bounds_and_its_neighbour_is_not() {
        let third = Interval::point(1.0).checked_div(Interval::point(3.0)).unwrap();
        assert_eq!(contains("third", third, &number("1/3")), Finding::Holds);
        assert!(matches!(contains("third", third, &number("0.3333")), Finding::Fails(_)));
    }

    #[test]
    fn the_library_is_right_about_a_fork() {
        let world = World::fork("9/10");
        let r = world.over_rows(&[("s0", "h", "1/3"), ("s2", "stay", "1")]);
        let lab = Lab::of(&Case::new(world).reward("r", r));
        let all = lab.optimum_holds("r").and(lab.values_hold(&[0, 2, 3], "r")).and(lab.visits_hold(&[0, 2, 3]));
        assert_eq!(all, Finding::Holds);
    }
}
