//! Potentials that need no file: the optimal value, and fewest moves to a goal.

use std::collections::VecDeque;

use crate::analysis::returns::ReturnRange;
use crate::base::{Code, Diag, Result};
use crate::model::{Mdp, Reward};

/// `Phi = V*`: after shaping, every optimal action earns 0 and every other one loses its gap at once. 0 at terminal states.
pub fn optimal_value(mdp: &Mdp, range: &ReturnRange) -> Vec<f64> {
    (0..mdp.n_states()).map(|s| if mdp.is_terminal(s) { 0.0 } else { range.best.v[s] }).collect()
}

/// What reaching a goal in the fewest moves would be worth if every move went as wished.
///
/// Without `goal`, the goals are the terminal states entered with a positive reward: `Phi(s)` is the largest
/// `gamma^(moves - 1)` times what arriving pays. With it, `gamma^moves`, 1 at the goal. 0 at terminal states and where no
/// goal can be reached. A move is any transition that can happen. Refused without a discount, which makes all distances
/// alike, and where there is no goal.
pub fn by_distance(mdp: &Mdp, reward: &Reward, goal: Option<usize>) -> Result<Vec<f64>> {
    if mdp.gamma() >= 1.0 {
        return Diag::new(Code::GammaRange, "without a discount a goal is worth the same from everywhere")
            .expected("a discount below 1")
            .help("add --gamma 0.99")
            .err();
    }
    let goals = match goal {
        Some(s) => vec![(s, if mdp.is_terminal(s) { 1.0 } else { mdp.gamma() })],
        None => paid_ends(mdp, reward),
    };
    if goals.is_empty() {
        return Diag::new(Code::Usage, "no terminal state is entered with a positive reward, so there is no goal")
            .expected("distance:STATE")
            .help("name the state to go to, such as --with distance:s3")
            .err();
    }
    let mut phi = vec![0.0f64; mdp.n_states()];
    for (goal, worth) in goals {
        let moves = moves_to(mdp, goal);
        for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
            if let Some(moves) = moves[s] {
                // At the goal itself: one move fewer than none, with the discount that `worth` then has too many.
                phi[s] = phi[s].max(worth * mdp.gamma().powi(moves as i32 - 1));
            }
        }
    }
    if let Some(s) = goal.filter(|&s| mdp.gamma() == 0.0 && !mdp.is_terminal(s)) {
        // Above, nothing times infinity.
        phi[s] = 1.0;
    }
    Ok(phi)
}

/// Terminal states with the largest positive reward of a transition into each.
fn paid_ends(mdp: &Mdp, reward: &Reward) -> Vec<(usize, f64)> {
    let mut paid = vec![0.0f64; mdp.n_states()];
    let mut values = Vec::new();
    for s in (0..mdp.n_states()).filter(|&s| !mdp.is_terminal(s)) {
        for row in mdp.rows(s) {
            reward.fill_support(mdp, row, &mut values);
            for (&t, &r) in mdp.p(row).0.iter().zip(&values).filter(|(t, _)| mdp.is_terminal(**t as usize)) {
                paid[t as usize] = paid[t as usize].max(r);
            }
        }
    }
    paid.into_iter().enumerate().filter(|(_, r)| *r > 0.0).collect()
}

/// Fewest moves from every state to one, along transitions that can happen: O(nnz).
pub fn moves_to(mdp: &Mdp, goal: usize) -> Vec<Option<usize>> {
    let n = mdp.n_states();
    let mut before: Vec<Vec<u32>> = vec![Vec::new(); n];
    for s in 0..n {
        for row in mdp.rows(s) {
            mdp.p(row).0.iter().for_each(|&t| before[t as usize].push(s as u32));
        }
    }
    let mut moves = vec![None; n];
    moves[goal] = Some(0);
    let mut open = VecDeque::from([(goal, 0)]);
    while let Some((t, far)) = open.pop_front() {
        for &s in &before[t] {
            if moves[s as usize].is_none() {
                moves[s as usize] = Some(far + 1);
                open.push_back((s as usize, far + 1));
            }
        }
    }
    moves
}
