//! Rewards that no policy can tell apart, and pairs of rewards to compare: what many theorems draw.

use super::linear::{combination, max_abs, minus, plus, scaled};
use super::table::table;
use super::{Case, Draw, Q, World};

/// Number under which an instance holds the discount of its shaping term.
const SHAPING: &str = "discount of shaping";

impl Draw {
    /// A reward `r`, a potential `phi` and a redistribution `d`: `r` and its [`classmate`](Case::classmate).
    pub fn class(&mut self, world: World) -> Case {
        let discount = world.gamma.clone();
        let d = self.redistribution("d", &world);
        self.class_of(world, d, discount)
    }

    /// The same with another discount in the shaping term.
    pub fn class_of_other_discount(&mut self, world: World) -> Case {
        let discount = self.number_of(SHAPING, &["1", "1/2", "0"]);
        let d = self.redistribution("d", &world);
        self.class_of(world, d, discount)
    }

    /// The same with anything in place of the redistribution.
    pub fn class_of_other_mean(&mut self, world: World) -> Case {
        let discount = world.gamma.clone();
        let d = self.reward_sas("d", &world);
        self.class_of(world, d, discount)
    }

    fn class_of(&mut self, world: World, d: Vec<Vec<Q>>, discount: Q) -> Case {
        let (r, phi) = (self.reward_sas("r", &world), self.potential("phi", &world));
        Case::new(world).reward_sas("r", r).reward_sas("d", d).vector("phi", phi).number(SHAPING, discount)
    }

    /// Rewards `x` and `y`: `y` is drawn freely, or is a multiple of `x` and shaping, of either sign or 0, or nearly
    /// so.
    pub fn related(&mut self, world: World) -> Case {
        let x = self.reward("x", &world);
        let drift = world.drift(&self.potential("phi", &world));
        let y = match self.below("relation", 5) {
            0 => self.reward("y", &world),
            1 => plus(&scaled(&self.positive("scale"), &x), &drift),
            2 => plus(&scaled(&-self.positive("scale"), &x), &drift),
            3 => drift,
            _ => combination(&x, &self.positive("scale"), &self.reward("y", &world)),
        };
        Case::new(world).reward("x", x).reward("y", y)
    }

    /// A reward that pays only in states which no policy visits.
    pub fn reward_of_the_unseen(&mut self, name: &str, world: &World) -> Vec<Q> {
        let seen = world.reachable();
        let paid = |(row, r): (usize, Q)| if seen[world.row(row).s] { Q::ZERO } else { r };
        self.reward(name, world).into_iter().enumerate().map(paid).collect()
    }

    /// Rewards `x` and `y` that differ by scale and shaping where policies go, and by anything else where none comes. The
    /// scale has the sign of `sign`.
    pub fn related_but_for_the_unseen(&mut self, world: World, sign: &Q) -> Case {
        let x = self.reward("x", &world);
        let y = scaled(&(sign * self.positive("scale")), &x);
        let drift = world.drift(&self.potential("phi", &world));
        let y = plus(&plus(&y, &drift), &self.reward_of_the_unseen("unseen", &world));
        Case::new(world).reward("x", x).reward("y", y)
    }

    /// Rewards `x` and `y` that are opposite where policies go, and share large payments in states that they never see.
    pub fn united_by_the_unseen(&mut self, world: World) -> Case {
        let size = self.number_of("unseen size", &["1000", "1", "100"]);
        let (r, unseen) = (self.reward("x", &world), self.reward_of_the_unseen("x", &world));
        let (seen, unseen) = (minus(&r, &unseen), scaled(&size, &unseen));
        let (x, y) = (plus(&unseen, &seen), combination(&unseen, &-Q::ONE, &seen));
        Case::new(world).reward("x", x).reward("y", y)
    }
}

impl Case {
    /// `r + gamma' phi(s') - phi(s) + d`, `gamma'` the discount of shaping.
    pub fn classmate(&self) -> Vec<Vec<Q>> {
        let shaping = self.world.discounted(self.n(SHAPING).clone()).shaping(self.x("phi"));
        table(&table(&self.sas("r"), &Q::ONE, &shaping), &Q::ONE, &self.sas("d"))
    }

    /// Whether shaping uses the discount of the MDP.
    pub fn shapes_by_its_discount(&self) -> bool {
        *self.n(SHAPING) == self.world.gamma
    }

    /// Whether `d` has mean 0 over the next state of every row.
    pub fn redistributes(&self) -> bool {
        self.r("d").iter().all(Q::is_zero)
    }

    /// The same with nothing in place of the redistribution.
    #[must_use]
    pub fn shaped_only(mut self) -> Self {
        self.rewards.retain(|(name, _)| *name != "d");
        let d = self.world.nothing();
        self.reward_sas("d", d)
    }

    /// Whether the redistribution is nothing.
    pub fn is_shaped_only(&self) -> bool {
        max_abs(&self.sas("d").concat()).is_zero()
    }

    /// Whether every state is reachable.
    pub fn is_whole(&self) -> bool {
        self.world.is_whole()
    }

    /// Whether some policy earns more of `x` than another.
    pub fn x_is_not_trivial(&self) -> bool {
        !self.world.range(&self.r("x")).is_zero()
    }

    /// The same for both `x` and `y`.
    pub fn neither_is_trivial(&self) -> bool {
        self.x_is_not_trivial() && !self.world.range(&self.r("y")).is_zero()
    }
}
