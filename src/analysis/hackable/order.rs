//! How two rewards order a finite list of policies, in `O(n log n)`.

use crate::base::Bounded;

/// Returns closer than this share of their range count as equal: what rounding of a few hundred decimals leaves, and the
/// same share as for calling two rewards the same task.
pub const TIE: f64 = 1e-9;

/// How two rewards order a set of policies (Skalse et al. 2022, Definitions 1 and 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// The same order, ties included.
    Equivalent,
    /// All policies earn the same, under either reward.
    BothTrivial,
    /// All policies earn the same under the truth.
    TruthTrivial,
    /// All policies earn the same under the proxy: a trivial simplification.
    ProxyTrivial,
    /// The proxy ties some policies the truth tells apart, and agrees otherwise.
    ProxySimplifies,
    /// The truth ties some policies the proxy tells apart, and agrees otherwise.
    TruthSimplifies,
    /// Each ties some policies the other tells apart; they never contradict each other.
    Compatible,
    /// Some policy is better than another under the truth and worse under the proxy.
    Hackable,
    /// Not decided, and why.
    Undecided(&'static str),
}

impl Relation {
    /// Whether the pair is hackable on the set, if that is known.
    pub fn is_hackable(self) -> Option<bool> {
        match self {
            Relation::Hackable => Some(true),
            Relation::Undecided(_) => None,
            _ => Some(false),
        }
    }

    /// The word used in reports and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Relation::Equivalent => "equivalent",
            Relation::BothTrivial => "both-trivial",
            Relation::TruthTrivial => "truth-trivial",
            Relation::ProxyTrivial => "proxy-trivial",
            Relation::ProxySimplifies => "proxy-simplifies",
            Relation::TruthSimplifies => "truth-simplifies",
            Relation::Compatible => "compatible",
            Relation::Hackable => "hackable",
            Relation::Undecided(_) => "undecided",
        }
    }
}

/// The relation of two rewards on a list of policies, by their truth and proxy returns; and, where they are hackable, the
/// pair (from, to) that contradicts most: the proxy rises and the truth falls.
///
/// Returns within [`TIE`] of the range of the list are equal; `scale` (largest conceivable returns) decides what is trivial
/// as for a reward by itself. Undecided where bounds are too wide for that, or where near ties run into each other.
pub fn relation(returns: &[(Bounded, Bounded)], scale: (f64, f64)) -> (Relation, Option<(usize, usize)>) {
    let side = |of: fn(&(Bounded, Bounded)) -> Bounded, scale| Ranks::of(returns.iter().map(of).collect(), scale);
    let (Some(truth), Some(proxy)) = (side(|r| r.0, scale.0), side(|r| r.1, scale.1)) else {
        return (Relation::Undecided("some returns are too close to be told apart from rounding"), None);
    };
    match (truth.n == 1, proxy.n == 1) {
        (true, true) => return (Relation::BothTrivial, None),
        (true, false) => return (Relation::TruthTrivial, None),
        (false, true) => return (Relation::ProxyTrivial, None),
        (false, false) => {}
    }
    let pair = inversion(&truth, &proxy);
    if pair.is_some() {
        return (Relation::Hackable, pair);
    }
    let relation = match (splits(&proxy.rank, &truth.rank), splits(&truth.rank, &proxy.rank)) {
        (false, false) => Relation::Equivalent,
        (true, false) => Relation::ProxySimplifies,
        (false, true) => Relation::TruthSimplifies,
        (true, true) => Relation::Compatible,
    };
    (relation, None)
}

/// Returns as places in their order, equal ones sharing a place.
struct Ranks {
    value: Vec<f64>,
    rank: Vec<usize>,
    n: usize,
    /// Largest less smallest return.
    range: f64,
}

impl Ranks {
    /// `None` if the places cannot be told.
    fn of(returns: Vec<Bounded>, scale: f64) -> Option<Ranks> {
        /// As for the return range of a reward: below this share of the scale all is rounding.
        const TRIVIAL: f64 = 1e-12;
        let mut order: Vec<usize> = (0..returns.len()).collect();
        order.sort_by(|&i, &j| returns[i].value.total_cmp(&returns[j].value));
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else {
            return Some(Ranks { value: Vec::new(), rank: Vec::new(), n: 1, range: 0.0 });
        };
        let range = returns[last].value - returns[first].value;
        let value: Vec<f64> = returns.iter().map(|r| r.value).collect();
        if range <= TRIVIAL * scale {
            return Some(Ranks { rank: vec![0; value.len()], value, n: 1, range });
        }
        let tie = TIE * range;
        // Then two returns more than a tie apart are so with their errors.
        if returns.iter().any(|r| (r.hi - r.value).max(r.value - r.lo) > tie / 4.0) {
            return None;
        }
        let mut rank = vec![0; value.len()];
        let (mut n, mut start) = (1, value[first]);
        for pair in order.windows(2) {
            let (before, here) = (value[pair[0]], value[pair[1]]);
            if here - before > tie {
                (n, start) = (n + 1, here);
            } else if here - start > tie {
                return None;
            }
            rank[pair[1]] = n - 1;
        }
        Some(Ranks { value, rank, n, range })
    }
}

/// The pair (from, to) whose truth falls and proxy rises, most by the lesser of the two shares; one partner is tried for
/// each policy, the one of highest proxy among those of lower truth.
fn inversion(truth: &Ranks, proxy: &Ranks) -> Option<(usize, usize)> {
    let mut order: Vec<usize> = (0..truth.rank.len()).collect();
    order.sort_by_key(|&i| truth.rank[i]);
    let (mut best, mut largest): (Option<(usize, usize)>, f64) = (None, 0.0);
    // The policy of highest proxy among those of lower truth, and among those of at most this truth.
    let (mut below, mut upto): (Option<usize>, Option<usize>) = (None, None);
    let mut here = 0;
    for &i in &order {
        if truth.rank[i] > here {
            (here, below) = (truth.rank[i], upto);
        }
        if let Some(j) = below.filter(|&j| proxy.rank[j] > proxy.rank[i]) {
            let fall = (truth.value[i] - truth.value[j]) / truth.range;
            let rise = (proxy.value[j] - proxy.value[i]) / proxy.range;
            if fall.min(rise) > largest {
                (best, largest) = (Some((i, j)), fall.min(rise));
            }
        }
        if upto.is_none_or(|j| proxy.value[i] > proxy.value[j]) {
            upto = Some(i);
        }
    }
    best
}

/// Whether some policies of one place in `ties` have different places in `other`.
fn splits(ties: &[usize], other: &[usize]) -> bool {
    let mut seen = vec![None; ties.len()];
    ties.iter().zip(other).any(|(&tie, &place)| *seen[tie].get_or_insert(place) != place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(truth: &[f64], proxy: &[f64]) -> (Relation, Option<(usize, usize)>) {
        let both = truth.iter().zip(proxy).map(|(&t, &p)| (Bounded::exact(t), Bounded::exact(p)));
        relation(&both.collect::<Vec<_>>(), (1.0, 1.0))
    }

    #[test]
    fn every_relation_has_its_word() {
        let truth = [0.0, 1.0, 2.0];
        assert_eq!(of(&truth, &[5.0, 6.0, 9.0]).0, Relation::Equivalent);
        assert_eq!(of(&truth, &[5.0, 5.0, 9.0]).0, Relation::ProxySimplifies);
        assert_eq!(of(&[0.0, 0.0, 1.0], &[5.0, 6.0, 9.0]).0, Relation::TruthSimplifies);
        assert_eq!(of(&[0.0, 0.0, 1.0], &[5.0, 6.0, 6.0]).0, Relation::Compatible);
        assert_eq!(of(&truth, &[5.0; 3]).0, Relation::ProxyTrivial);
        assert_eq!(of(&[5.0; 3], &truth).0, Relation::TruthTrivial);
        assert_eq!(of(&[5.0; 3], &[2.0; 3]).0, Relation::BothTrivial);
        assert_eq!(of(&truth, &[0.0, 2.0, 1.0]), (Relation::Hackable, Some((2, 1))));
    }

    #[test]
    fn a_tie_is_not_an_inversion_and_a_little_more_is() {
        assert_eq!(of(&[0.0, 1.0, 1.0 + 1e-10], &[0.0, 1.0, 0.5]).0, Relation::TruthSimplifies);
        assert_eq!(of(&[0.0, 1.0, 1.0 + 1e-8], &[0.0, 1.0, 0.5]).0, Relation::Hackable);
        // Steps that are ties one by one and none together.
        let steps: Vec<f64> = (0..4).map(|i| f64::from(i) * 0.6e-9).chain([1.0]).collect();
        assert!(matches!(of(&steps, &[0.0, 1.0, 2.0, 3.0, 4.0]).0, Relation::Undecided(_)));
    }

    #[test]
    fn wide_bounds_decide_nothing() {
        let wide = |x: f64| Bounded { value: x, lo: x - 0.1, hi: x + 0.1, grade: crate::base::Grade::Certified };
        let (found, pair) = relation(&[(wide(0.0), wide(1.0)), (wide(1.0), wide(0.0))], (1.0, 1.0));
        assert!(matches!(found, Relation::Undecided(_)) && pair.is_none());
    }
}
