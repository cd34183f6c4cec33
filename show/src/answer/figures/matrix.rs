//! All pairs of some rewards as a picture.

use crate::plot::{DistanceMatrix, Merge};
use truenorth::analysis::matrix::Matrix;

/// Which numbers of the pairs are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// Their distance.
    Distance,
    /// What optimising the one costs under the other, as a share of what there is to lose; the worst of ties.
    Regret,
}

/// The rewards that have distances, in the order of their tree. Regrets need a matrix that has them.
pub fn matrix(m: &Matrix, pairs: Pairs) -> DistanceMatrix {
    let shown = &m.tree.leaves;
    let n = shown.len();
    let value = |i: usize, j: usize| match (pairs, &m.regret) {
        (Pairs::Distance, _) => m.distance(i, j).map(|d| d.value),
        (Pairs::Regret, Some(regrets)) => Some(m.ends[i].share(regrets.worst(i, j)).value),
        (Pairs::Regret, None) => None,
    };
    let mut place = vec![0; m.len()];
    shown.iter().enumerate().for_each(|(k, &reward)| place[reward] = k);
    // A number of its own for each reward, and one for all of a group.
    let mut tasks: Vec<usize> = (0..n).collect();
    for group in &m.same.groups {
        let places: Vec<usize> = group.iter().filter(|r| shown.contains(r)).map(|&r| place[r]).collect();
        let first = places.first().copied();
        places.iter().zip(first.into_iter().cycle()).for_each(|(&k, first)| tasks[k] = first);
    }
    let left_out = match m.len() - n {
        0 => String::new(),
        k => format!("; {k} without a distance left out"),
    };
    let (title, value_label, sides) = match pairs {
        Pairs::Distance => ("Distances between rewards", m.metric.to_string(), Default::default()),
        Pairs::Regret => (
            "What optimising one reward costs under another",
            "share of the return range lost".into(),
            SIDES.map(String::from),
        ),
    };
    DistanceMatrix {
        title: format!("{title}{left_out}"),
        value_label,
        sides,
        names: shown.iter().map(|&k| m.names[k].clone()).collect(),
        cells: (0..n * n).map(|k| value(shown[k / n], shown[k % n])).collect(),
        order: m.tree.order.iter().map(|&k| place[k]).collect(),
        merges: m.tree.merges.iter().map(|m| Merge { left: m.left, right: m.right, height: m.height }).collect(),
        tasks,
    }
}

const SIDES: [&str; 2] = ["what is meant", "what is optimised"];
