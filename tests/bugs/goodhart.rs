//! Goodhart curves: a path that ends early, two roads for one question, choices after an end, and words for what a limit cut.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use truenorth::analysis::goodhart::{Curve, End, Path, Request, goodhart};
use truenorth::model::{Mdp, Policy};

use crate::common::draw::{Case, Kind, Table, cases_of};
use crate::common::exact::{Exact, Q, near, q};
use crate::common::lab::{Lab, with_lab};

/// Nearly without discount: values of a million.
const NEARLY_ONE: f64 = 1.0 - 1.0 / (1 << 20) as f64;

const SMALL: Kind = Kind {
    max_states: 7,
    max_actions: 3,
    n_rewards: 2,
    whole: true,
    scales: &[1.0],
    gammas: &[0.0, 0.9, NEARLY_ONE],
    ..Kind::ANY
};

fn curve(lab: &Lab<'_>, path: Path) -> Option<Curve> {
    let [truth, proxy] = [0, 1].map(|i| lab.range(&lab.reward(i)));
    let request = Request { paths: vec![path], angle_degrees: Some(30.0), ..Request::from(Policy::uniform(lab.mdp)) };
    let mut found = goodhart(lab.solver, &truth, &proxy, &request).unwrap().ok()?;
    assert!(found.left_out.is_empty(), "{:?}", found.left_out);
    Some(found.curves.remove(0))
}

/// Every action that a state lacks as a copy of one it has: what is tied then is tied in every way.
fn with_copies(mut case: Case) -> Case {
    for s in 0..case.p.len() {
        let Some(from) = case.p[s].iter().position(Option::is_some) else { continue };
        for a in 0..case.p[s].len() {
            if case.p[s][a].is_none() {
                case.p[s][a] = case.p[s][from].clone();
                for reward in &mut case.rewards {
                    match reward {
                        Table::S(_) => {}
                        Table::Sa(r) => r[s][a] = r[s][from],
                        Table::Sas(r) => r[s][a] = r[s][from].clone(),
                    }
                }
            }
        }
    }
    case
}

/// The same with `k` actions in each terminal state.
fn padded(case: &Case, k: usize) -> Case {
    let mut case = case.clone();
    let (n, m) = (case.p.len(), case.p[0].len().max(k));
    for s in 0..n {
        case.p[s].resize(m, None);
        if case.terminal.contains(&s) {
            let stay: Vec<f64> = (0..n).map(|t| f64::from(u8::from(t == s))).collect();
            case.p[s] = (0..m).map(|a| (a < k).then(|| stay.clone())).collect();
        }
    }
    for reward in &mut case.rewards {
        match reward {
            Table::S(_) => {}
            Table::Sa(r) => r.iter_mut().for_each(|row| row.resize(m, 0.0)),
            Table::Sas(r) => r.iter_mut().for_each(|row| row.resize(m, vec![0.0; n])),
        }
    }
    case
}

/// The probabilities of a policy in fractions that sum to 1, which doubles do up to rounding.
fn exactly(mdp: &Mdp, policy: &Policy) -> Vec<Q> {
    let state = |s: usize| {
        let p: Vec<Q> = mdp.rows(s).map(|row| q(policy.prob(s, row))).collect();
        let total = p.iter().fold(Q::ZERO, |sum, p| sum + p);
        p.into_iter().map(|p| p / &total).collect::<Vec<Q>>()
    };
    (0..mdp.n_states()).flat_map(state).collect()
}

#[test]
fn steepest_ascent_ends_at_the_optimum_of_the_proxy_whatever_an_end_is_padded_to() {
    let mut runner = TestRunner::deterministic();
    let episodes = Kind { gammas: &[1.0], episodic: true, ..SMALL };
    let (mut followed, mut with_ends, mut wrong) = (0, 0, Vec::new());
    for i in 0.. {
        if followed == 500 {
            break;
        }
        let kind = if i % 4 == 3 { episodes } else { SMALL };
        let case = cases_of(kind).new_tree(&mut runner).unwrap().current();
        let case = if i % 2 == 0 { with_copies(case) } else { case };
        let one = padded(&case, 1);
        let Some(found) = with_lab(&one, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = exact.expected(&lab.reward(1));
            let (max, min) = (exact.optimum(&r, true, None).v, exact.optimum(&r, false, None).v);
            let (max, min) = (exact.j(&max), exact.j(&min));
            if near(&(&max - &min)) <= 1e-9 {
                return None;
            }
            let found = curve(lab, Path::Steepest)?;
            let last = found.points.last().unwrap();
            let j = exact.j(&exact.evaluate_mixture(&exactly(lab.mdp, &last.policy), &r));
            let left = near(&((&max - j) / (&max - &min)));
            if found.end != End::Top || left > 1e-9 {
                wrong.push(format!("case {i}, gamma {}: {:?} with {left} left", lab.mdp.gamma(), found.end));
            }
            let slack = if lab.mdp.gamma() > 0.99 { 1e-9 } else { 1e-14 };
            let (lo, hi) = (found.left.lo - slack, found.left.hi + slack);
            assert!(lo <= left && left <= hi, "case {i}, gamma {}: {left} is not in {lo} to {hi}", lab.mdp.gamma());
            Some(found)
        }) else {
            continue;
        };
        followed += 1;
        if case.terminal.is_empty() {
            continue;
        }
        with_ends += 1;
        for k in [2, 5] {
            let other = with_lab(&padded(&case, k), |lab| curve(lab, Path::Steepest).unwrap());
            let shares = |c: &Curve| c.points.iter().map(|p| (p.truth_share.value, p.distance, p.rate)).collect::<Vec<_>>();
            assert_eq!(shares(&found).len(), shares(&other).len(), "case {i} with {k} actions at an end");
            for (x, y) in shares(&found).iter().zip(shares(&other)) {
                assert!((x.0 - y.0).abs() < 1e-9 && (x.1 - y.1).abs() <= 1e-9 * x.1, "case {i}, {k} actions: {x:?} {y:?}");
                assert_eq!(x.2.is_some(), y.2.is_some());
                assert!(x.2.zip(y.2).is_none_or(|(x, y)| (x - y).abs() < 1e-9), "case {i}, {k} actions: {x:?} {y:?}");
            }
            assert_eq!(found.stop.as_ref().map(|s| s.index), other.stop.as_ref().map(|s| s.index), "case {i}");
        }
    }
    assert!(wrong.is_empty(), "{} of 500 paths end early: {wrong:#?}", wrong.len());
    assert!(with_ends > 100, "{with_ends}");
}
