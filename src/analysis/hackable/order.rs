//! How two rewards order a finite list of policies, in `O(n log n)`: in fractions, and what bounds show of it.

use dashu_ratio::RBig;

use crate::base::Bounded;

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
}

impl Relation {
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
        }
    }
}

/// The relation of two rewards on a list of policies, by their truth and proxy returns; and, where they are hackable, the
/// pair (from, to) that contradicts most: the proxy rises and the truth falls.
pub fn relation(returns: &[[RBig; 2]]) -> (Relation, Option<(usize, usize)>) {
    let [truth, proxy] = [0, 1].map(|i| Ranks::of(returns, i));
    match (truth.n <= 1, proxy.n <= 1) {
        (true, true) => return (Relation::BothTrivial, None),
        (true, false) => return (Relation::TruthTrivial, None),
        (false, true) => return (Relation::ProxyTrivial, None),
        (false, false) => {}
    }
    let pair = inversion(&truth, &proxy, returns);
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
    rank: Vec<usize>,
    n: usize,
    /// Largest less smallest return.
    range: RBig,
}

impl Ranks {
    fn of(returns: &[[RBig; 2]], i: usize) -> Ranks {
        let mut order: Vec<usize> = (0..returns.len()).collect();
        order.sort_by(|&a, &b| returns[a][i].cmp(&returns[b][i]));
        let (Some(&first), Some(&last)) = (order.first(), order.last()) else {
            return Ranks { rank: Vec::new(), n: 0, range: RBig::ZERO };
        };
        let (mut rank, mut n) = (vec![0; returns.len()], 1);
        for pair in order.windows(2) {
            n += usize::from(returns[pair[0]][i] != returns[pair[1]][i]);
            rank[pair[1]] = n - 1;
        }
        Ranks { rank, n, range: &returns[last][i] - &returns[first][i] }
    }
}

/// The pair (from, to) whose truth falls and proxy rises, most by the lesser of the two shares; one partner is tried for
/// each policy, the one of highest proxy among those of lower truth.
fn inversion(truth: &Ranks, proxy: &Ranks, returns: &[[RBig; 2]]) -> Option<(usize, usize)> {
    let mut order: Vec<usize> = (0..truth.rank.len()).collect();
    order.sort_by_key(|&i| truth.rank[i]);
    let (mut best, mut largest): (Option<(usize, usize)>, RBig) = (None, RBig::ZERO);
    // The policy of highest proxy among those of lower truth, and among those of at most this truth.
    let (mut below, mut upto): (Option<usize>, Option<usize>) = (None, None);
    let mut here = 0;
    for &i in &order {
        if truth.rank[i] > here {
            (here, below) = (truth.rank[i], upto);
        }
        if let Some(j) = below.filter(|&j| proxy.rank[j] > proxy.rank[i]) {
            let fall = (&returns[i][0] - &returns[j][0]) / &truth.range;
            let rise = (&returns[j][1] - &returns[i][1]) / &proxy.range;
            let share = fall.min(rise);
            if share > largest {
                (best, largest) = (Some((i, j)), share);
            }
        }
        if upto.is_none_or(|j| proxy.rank[i] > proxy.rank[j]) {
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

/// A pair (from, to) whose truth falls and proxy rises whatever the returns are within their bounds.
pub(super) fn inversion_by_bounds(returns: &[(Bounded, Bounded)]) -> Option<(usize, usize)> {
    let sorted = |key: fn(&(Bounded, Bounded)) -> f64| {
        let mut order: Vec<usize> = (0..returns.len()).collect();
        order.sort_by(|&a, &b| key(&returns[a]).total_cmp(&key(&returns[b])));
        order
    };
    let (rising, mut lower) = (sorted(|r| r.0.lo), sorted(|r| r.0.hi).into_iter().peekable());
    let (mut below, mut best, mut largest): (Option<usize>, Option<(usize, usize)>, f64) = (None, None, 0.0);
    for i in rising {
        while let Some(j) = lower.next_if(|&j| returns[j].0.hi < returns[i].0.lo) {
            if below.is_none_or(|b| returns[j].1.lo > returns[b].1.lo) {
                below = Some(j);
            }
        }
        let Some(j) = below else { continue };
        let rise = returns[j].1.lo - returns[i].1.hi;
        if rise > largest {
            (best, largest) = (Some((i, j)), rise);
        }
    }
    best
}

/// Whether bounds tell all returns apart, under either reward.
pub(super) fn is_separated(returns: &[(Bounded, Bounded)]) -> bool {
    let apart = |of: fn(&(Bounded, Bounded)) -> Bounded| {
        let mut all: Vec<Bounded> = returns.iter().map(of).collect();
        all.sort_by(|a, b| a.lo.total_cmp(&b.lo));
        all.windows(2).all(|pair| pair[0].hi < pair[1].lo)
    };
    apart(|r| r.0) && apart(|r| r.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::number::as_stored;

    fn of(truth: &[f64], proxy: &[f64]) -> (Relation, Option<(usize, usize)>) {
        let both = truth.iter().zip(proxy).map(|(&t, &p)| [as_stored(t), as_stored(p)]);
        relation(&both.collect::<Vec<_>>())
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
    fn a_tie_is_not_an_inversion_and_the_least_more_is() {
        assert_eq!(of(&[0.0, 1.0, 1.0], &[0.0, 1.0, 0.5]).0, Relation::TruthSimplifies);
        let above = 1.0f64.next_up();
        assert_eq!(of(&[0.0, 1.0, above], &[0.0, 1.0, 0.5]).0, Relation::Hackable);
    }

    #[test]
    fn bounds_show_only_what_they_stay_clear_of() {
        let around =
            |x: f64, by: f64| Bounded { value: x, lo: x - by, hi: x + by, grade: crate::base::Grade::Certified };
        let of = |by: f64| {
            let x = |t, p| (around(t, by), around(p, by));
            let returns = [x(0.0, 1.0), x(1.0, 0.0), x(2.0, 3.0)];
            (inversion_by_bounds(&returns), is_separated(&returns))
        };
        assert_eq!(of(0.25), (Some((1, 0)), true));
        assert_eq!(of(0.5), (None, false));
        let rising = [(around(0.0, 0.1), around(0.0, 0.1)), (around(1.0, 0.1), around(1.0, 0.1))];
        assert!(inversion_by_bounds(&rising).is_none() && is_separated(&rising));
    }
}
