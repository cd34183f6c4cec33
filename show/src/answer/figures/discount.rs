//! The ladder of discounts as a picture.

use crate::plot::{DiscountSwitch, GammaLadder, LadderRow, Rung};
use truenorth::analysis::discount::{Ladder, Method, Rung as Step};
use truenorth::model::Mdp;

/// Which action each state takes at which discount, for the states that change it between the ends.
pub fn gamma(mdp: &Mdp, ladder: &Ladder, reward: &str) -> GammaLadder {
    let inside = |gamma: f64| (ladder.from..=ladder.to).contains(&gamma);
    let mut switches: Vec<DiscountSwitch> = Vec::new();
    for switch in ladder.switches.iter().filter(|s| inside(s.gamma.value)) {
        let gamma = switch.gamma;
        // Several states may change at one discount.
        if switches.last().is_none_or(|last| last.gamma != gamma.value) {
            switches.push(DiscountSwitch { gamma: gamma.value, lo: gamma.lo, hi: gamma.hi });
        }
    }
    let mut touches: Vec<f64> = ladder.touches.iter().map(|t| t.gamma.value).filter(|g| inside(*g)).collect();
    touches.dedup();
    let blackwell = ladder.blackwell.as_ref().filter(|b| !b.is_below_search && inside(b.gamma.value));
    GammaLadder {
        title: format!("Best actions for {reward} over the discount"),
        range: [ladder.from, ladder.to],
        rows: rows(mdp, ladder),
        switches,
        touches,
        blackwell: blackwell.map(|b| b.gamma.value),
        blackwell_to: blackwell.map_or(1.0, |b| b.certified_to),
        is_whole: ladder.method == Method::Pencil && ladder.is_complete,
        current: Some(mdp.gamma()),
    }
}

fn rows(mdp: &Mdp, ladder: &Ladder) -> Vec<LadderRow> {
    let mut states: Vec<usize> = ladder.switches.iter().map(|s| s.state).collect();
    states.sort_unstable();
    states.dedup();
    let rung = |step: &Step, s: usize| Rung {
        from: step.from.value,
        to: step.to.value,
        actions: vec![mdp.actions().name(mdp.action(step.policy[s])).into_owned()],
    };
    let row = |s: usize| LadderRow {
        name: mdp.states().name(s).into_owned(),
        rungs: ladder.rungs.iter().map(|step| rung(step, s)).collect(),
    };
    states.into_iter().map(row).filter(|row| row.rungs.windows(2).any(|w| w[0].actions != w[1].actions)).collect()
}
