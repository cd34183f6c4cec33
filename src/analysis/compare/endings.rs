//! How episodes end, by kind of terminal state.

use crate::model::Policy;
use crate::solve::Solver;

/// A kind of ending and its probability, undiscounted.
#[derive(Clone, Debug, PartialEq)]
pub struct EndingShare {
    /// Name of the terminal states without their coordinates or number; `None` for episodes that never end.
    pub kind: Option<String>,
    /// Probability from the start.
    pub probability: f64,
}

/// Below this an ending is rounding.
const NEGLIGIBLE: f64 = 1e-12;

/// Shares of the kinds of ending, largest first. Empty if the model has no terminal state.
pub(super) fn shares(solver: &Solver<'_>, policy: &Policy) -> Vec<EndingShare> {
    let mdp = solver.mdp();
    if !(0..mdp.n_states()).any(|s| mdp.is_terminal(s)) {
        return Vec::new();
    }
    let endings = solver.endings(policy);
    let mut shares: Vec<EndingShare> = Vec::new();
    let names = endings.ends.iter().map(|&(s, p)| (Some(kind(&mdp.states().name(s)).to_owned()), p));
    for (kind, probability) in names.chain([(None, endings.never)]).filter(|(_, p)| *p > NEGLIGIBLE) {
        match shares.iter_mut().find(|share| share.kind == kind) {
            Some(share) => share.probability += probability,
            None => shares.push(EndingShare { kind, probability }),
        }
    }
    shares.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    shares
}

/// `hole(1,1)`, `hole-3` and `hole 7` are all a `hole`; a name without a stem stays whole.
fn kind(name: &str) -> &str {
    let stem = match name.split_once('(') {
        Some((stem, _)) => stem,
        None => name.trim_end_matches(|c: char| c.is_ascii_digit()),
    };
    let stem = stem.trim_end_matches(['-', '_', ' ', '.']);
    if stem.is_empty() { name } else { stem }
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn kinds_are_names_without_their_numbers() {
        for name in ["hole(1,1)", "hole-3", "hole 7", "hole_12", "hole"] {
            assert_eq!(kind(name), "hole");
        }
        assert_eq!(kind("17"), "17");
        assert_eq!(kind("(0,0)"), "(0,0)");
    }
}
