//! A family as asked for, and as rewards over rows.

use std::sync::Arc;

use dashu_ratio::RBig;

use crate::base::number::{Number, as_stored};
use crate::base::{Code, Diag, Result};
use crate::model::reward::ExpectedReward;
use crate::model::reward::expr::Linear;
use crate::model::{Model, Reachable, Reward};

/// An expression with `x`, and the range of `x`.
#[derive(Clone, Debug)]
pub struct FamilySpec {
    /// Expression in `x`.
    pub linear: Linear,
    /// Ends of the range, the smaller first.
    pub range: (f64, f64),
    /// The same as written.
    pub ends: (Number, Number),
}

/// `r0` and `r1` over rows.
#[derive(Clone, Debug)]
pub struct Rewards {
    /// `r0`, then `r1`.
    pub parts: [ExpectedReward; 2],
}

impl FamilySpec {
    /// Reads `'goal - x*step'` and `A..B`.
    pub fn parse(model: &Model, expression: &str, range: &str) -> Result<Self> {
        let linear = model.expression(expression)?;
        if !linear.has_x() {
            return Diag::new(Code::Usage, format!("`{expression}` has no `x` to vary"))
                .expected("an expression such as `goal - x*step`")
                .err();
        }
        let ends = parse_range(range)?;
        let range = (ends.0.value, ends.1.value);
        // The size of a reward is convex in x, so the ends speak for what lies between.
        for x in [range.0, range.1] {
            let reward = model.reward(&linear, x);
            if reward.size() > 1.0 {
                reward.check_size(expression)?;
            }
        }
        Ok(FamilySpec { linear, range, ends })
    }

    /// Its rewards on the reachable part of a model.
    pub fn rewards(&self, model: &Model, part: &Reachable) -> Rewards {
        let [fixed, slope] = self.linear.parts().map(|linear| part.reward(model, &model.reward(&linear, 0.0)));
        Rewards::new(&part.mdp, &fixed, &slope)
    }
}

impl Rewards {
    /// `fixed + x slope` on a model.
    pub fn new(mdp: &crate::model::Mdp, fixed: &Reward, slope: &Reward) -> Self {
        Rewards { parts: [fixed, slope].map(|r| r.expected(mdp)) }
    }

    /// The ray `(1 - x) proxy + x c feature`: as `x` runs from 0 to 1 it passes every `proxy + k feature` with `k` from 0 to
    /// infinity times `c`, at `k = c x / (1 - x)`. Multiplied out in fractions.
    pub fn ray(mdp: &crate::model::Mdp, proxy: &Reward, feature: &Reward, c: f64) -> Self {
        let [p, f] = [proxy, feature].map(|r| r.expected(mdp));
        let zero = ExpectedReward::of_fractions(Arc::new(vec![RBig::ZERO; mdp.n_rows()]));
        let factor = Number { value: c, exact: as_stored(c) };
        let slope = zero.plus_exactly(&factor, &f).plus_exactly(&Number::from(-1.0), &p);
        Rewards { parts: [p, slope] }
    }

    /// The reward at `x`, with the rounding of the sum.
    pub fn at(&self, x: f64) -> ExpectedReward {
        self.parts[0].plus(x, &self.parts[1])
    }
}

/// Reads `A..B` with `A < B`.
fn parse_range(text: &str) -> Result<(Number, Number)> {
    let refuse = |why: &str| {
        Diag::new(Code::Usage, format!("cannot read the range `{text}`{why}"))
            .expected("A..B with A below B, such as 0..0.1")
            .err()
    };
    let Some((from, to)) = text.split_once("..") else { return refuse("") };
    let (Some(from), Some(to)) = (Number::parse(from), Number::parse(to)) else { return refuse("") };
    if from.value >= to.value {
        return refuse(": it is empty");
    }
    Ok((from, to))
}
