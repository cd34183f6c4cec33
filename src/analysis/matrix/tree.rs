//! Average-linkage clustering by chains of nearest neighbours: O(n^2) time and memory.
//!
//! A chain goes from a cluster to its nearest one, from that to its nearest, and so on; distances fall along it, so it
//! ends in two clusters that are each other's nearest. They are merged at once: with average linkage a merge brings no
//! other pair closer, so the order of merges does not matter and they are sorted by height at the end.

/// Two clusters put together. Clusters `0..n` are the leaves in the order given; merge `k` makes cluster `n + k`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Merge {
    /// The cluster with the smaller number.
    pub left: usize,
    /// The other.
    pub right: usize,
    /// Mean distance between their leaves.
    pub height: f64,
    /// Leaves of the new cluster.
    pub size: usize,
}

/// A tree over leaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// What the leaves stand for; cluster `k < n` is the leaf `leaves[k]`.
    pub leaves: Vec<usize>,
    /// From the closest clusters to the farthest: `n - 1` of them.
    pub merges: Vec<Merge>,
    /// The leaves from left to right, such that no two branches cross.
    pub order: Vec<usize>,
}

/// The tree of some leaves, given all their distances.
pub fn tree(leaves: &[usize], distance: impl Fn(usize, usize) -> f64) -> Tree {
    let n = leaves.len();
    let mut table = vec![0.0; n * n];
    for i in 0..n {
        for j in 0..n {
            table[i * n + j] = if i == j { f64::INFINITY } else { distance(leaves[i], leaves[j]) };
        }
    }
    let merges = numbered(n, merge_all(&mut table, n));
    let mut order = Vec::with_capacity(n);
    let mut open: Vec<usize> = (n > 0).then(|| (n + merges.len()).saturating_sub(1)).into_iter().collect();
    while let Some(cluster) = open.pop() {
        match cluster.checked_sub(n) {
            None => order.push(leaves[cluster]),
            Some(k) => open.extend([merges[k].right, merges[k].left]),
        }
    }
    Tree { leaves: leaves.to_vec(), merges, order }
}

/// Merges until one cluster is left; each as two of its leaves and a height, in no order.
fn merge_all(table: &mut [f64], n: usize) -> Vec<(usize, usize, f64)> {
    let mut size = vec![1.0; n];
    let mut is_there = vec![true; n];
    let mut chain: Vec<usize> = Vec::with_capacity(n);
    let mut merges = Vec::with_capacity(n.saturating_sub(1));
    while merges.len() + 1 < n {
        if chain.is_empty() {
            chain.extend((0..n).find(|&i| is_there[i]));
        }
        let Some(&at) = chain.last() else { break };
        let before = chain.len().checked_sub(2).map(|k| chain[k]);
        // Of equals the one the chain came from, so that it ends; then the first.
        let mut nearest = before.unwrap_or(usize::MAX);
        let mut least = before.map_or(f64::INFINITY, |b| table[at * n + b]);
        for j in (0..n).filter(|&j| j != at && is_there[j]) {
            if table[at * n + j] < least || nearest == usize::MAX {
                (nearest, least) = (j, table[at * n + j]);
            }
        }
        if Some(nearest) != before {
            chain.push(nearest);
            continue;
        }
        chain.truncate(chain.len() - 2);
        let (kept, gone) = (at.min(nearest), at.max(nearest));
        merges.push((kept, gone, least));
        let (a, b) = (size[kept], size[gone]);
        is_there[gone] = false;
        size[kept] = a + b;
        for k in (0..n).filter(|&k| k != kept && is_there[k]) {
            let mean = (a * table[kept * n + k] + b * table[gone * n + k]) / (a + b);
            table[kept * n + k] = mean;
            table[k * n + kept] = mean;
        }
    }
    merges
}

/// Merges from low to high, with clusters instead of leaves.
fn numbered(n: usize, mut merges: Vec<(usize, usize, f64)>) -> Vec<Merge> {
    // A stable sort: among equals a cluster is made before it is used. Rounding must not turn the two around.
    let mut lowest = vec![f64::NEG_INFINITY; n];
    for (kept, gone, height) in &mut merges {
        *height = height.max(lowest[*kept]).max(lowest[*gone]);
        lowest[*kept] = *height;
    }
    merges.sort_by(|a, b| a.2.total_cmp(&b.2));
    let mut cluster: Vec<usize> = (0..n).collect();
    let mut size = vec![1; n];
    let of = |(k, (kept, gone, height)): (usize, (usize, usize, f64))| {
        // The kept leaf is the smallest of its cluster, so it names it.
        let (x, y) = (cluster[kept], cluster[gone]);
        size[kept] += size[gone];
        cluster[kept] = n + k;
        Merge { left: x.min(y), right: x.max(y), height, size: size[kept] }
    };
    merges.into_iter().enumerate().map(of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Merges the closest clusters until one is left, from the definition: O(n^4).
    fn by_definition(n: usize, d: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        let mut clusters: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
        let mut heights = Vec::new();
        while clusters.len() > 1 {
            let pairs = (0..clusters.len()).flat_map(|i| (i + 1..clusters.len()).map(move |j| (i, j)));
            let mean = |&(i, j): &(usize, usize)| {
                let all = clusters[i].iter().flat_map(|&x| clusters[j].iter().map(move |&y| (x, y)));
                all.map(|(x, y)| d(x, y)).sum::<f64>() / (clusters[i].len() * clusters[j].len()) as f64
            };
            let (i, j) = pairs.min_by(|a, b| mean(a).total_cmp(&mean(b))).expect("two clusters");
            heights.push(mean(&(i, j)));
            let gone = clusters.remove(j);
            clusters[i].extend(gone);
        }
        heights
    }

    proptest! {
        #[test]
        fn heights_are_those_of_the_definition(points in prop::collection::vec((-1.0..1.0f64, -1.0..1.0f64), 1..12)) {
            let d = |i: usize, j: usize| (points[i].0 - points[j].0).hypot(points[i].1 - points[j].1);
            let n = points.len();
            let found = tree(&(0..n).collect::<Vec<_>>(), d);
            let heights = by_definition(n, d);
            prop_assert_eq!(found.merges.len(), n - 1);
            for (merge, height) in found.merges.iter().zip(heights) {
                prop_assert!((merge.height - height).abs() < 1e-12, "{} {}", merge.height, height);
            }
            let mut sorted = found.order.clone();
            sorted.sort_unstable();
            prop_assert_eq!(sorted, (0..n).collect::<Vec<_>>());
            // Every cluster is made once and used once, and is a run of neighbours in the order.
            let mut members: Vec<Vec<usize>> = (0..n).map(|i| vec![i]).collect();
            for (k, merge) in found.merges.iter().enumerate() {
                prop_assert!(merge.left < merge.right && merge.right < n + k);
                let both = [members[merge.left].as_slice(), members[merge.right].as_slice()].concat();
                prop_assert_eq!(both.len(), merge.size);
                let places: Vec<usize> =
                    both.iter().filter_map(|leaf| found.order.iter().position(|x| x == leaf)).collect();
                let (lo, hi) = (places.iter().min().unwrap(), places.iter().max().unwrap());
                prop_assert_eq!(hi - lo + 1, both.len());
                members.push(both);
            }
        }
    }

    #[test]
    fn equal_distances_and_small_numbers_end() {
        assert_eq!(tree(&[], |_, _| 0.0), Tree::default());
        assert_eq!(tree(&[7], |_, _| 0.0).order, [7]);
        let flat = tree(&(0..50).collect::<Vec<_>>(), |_, _| 1.0);
        assert_eq!(flat.merges.len(), 49);
        assert!(flat.merges.iter().all(|m| m.height == 1.0));
        let missing = tree(&[0, 1, 2], |_, _| f64::INFINITY);
        assert_eq!(missing.order.len(), 3);
    }
}
