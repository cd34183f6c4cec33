//! All pairs of rewards: each entry is what two rewards alone would get, and groups are right.

use std::time::Instant;

use crate::common::draw::{Case, Kind, cases_of};
use crate::common::exact::{Exact, Q, abs, near, q};
use crate::common::lab::{Lab, hold, with_lab};
use proptest::prelude::*;
use truenorth::analysis::distance::Metric;
use truenorth::analysis::matrix::{Matrix, RegretKind, Request, matrix};
use truenorth::analysis::regret::{proxy_optimal, worst_case};
use truenorth::base::{Bounded, Code};
use truenorth::model::Reward;
use truenorth::solve::{Limits, Options};

/// Two ways to one number, each with its bounds.
fn agree(x: Bounded, y: Bounded, size: f64) -> bool {
    x.lo <= y.hi && y.lo <= x.hi && (x.value - y.value).abs() <= 1e-8 * size
}

fn models() -> impl Strategy<Value = Case> {
    let kind = Kind { n_rewards: 4, ..Kind::WHOLE };
    prop_oneof![cases_of(kind), cases_of(Kind { terminals: true, whole: false, ..kind })]
}

fn named(rewards: &[Reward]) -> Vec<(String, Reward)> {
    rewards.iter().enumerate().map(|(i, r)| (format!("r{i}"), r.clone())).collect()
}

fn of(lab: &Lab<'_>, rewards: &[Reward], request: &Request) -> Matrix {
    matrix(lab.model, named(rewards), request).unwrap_or_else(|d| panic!("{d:?}"))
}

proptest! {
    #![proptest_config(crate::common::cases(48))]

    #[test]
    fn distances_are_those_of_pairs(case in cases_of(Kind { n_rewards: 4, terminals: true, ..Kind::WHOLE })) {
        hold(with_lab(&case, |lab| {
            let rewards: Vec<Reward> = (0..4).map(|i| lab.reward(i)).collect();
            for id in ["starc-range", "starc-val-l2", "starc-minimal-weighted-l2", "starc-minimal-l1-linf", "epic", "dard",
                       "starc-epic-wl1", "starc-none-linf", "starc-val-potential-wlinf", "starc-minimal-wl2-l1"] {
                let metric = Metric::parse(id).unwrap();
                let m = of(lab, &rewards, &Request { metric: Some(metric), regret: None, ..Request::default() });
                for i in 0..4 {
                    for j in 0..4 {
                        let (found, alone) = (m.distance(i, j), lab.distances(&[metric], &rewards[i], &rewards[j]).remove(0));
                        let symmetric = found.map(|d| d.value) == m.distance(j, i).map(|d| d.value);
                        require!(symmetric, "{id} is not symmetric at {i} {j}");
                        match (found, alone.value()) {
                            (Some(x), Some(y)) => require!(agree(x, y, 1.0), "{id} {i} {j}: {x:?}, alone {y:?}"),
                            (None, None) => require!(m.undefined.iter().any(|(k, _)| *k == i || *k == j), "no reason"),
                            (x, y) => return Err(format!("{id} {i} {j}: {x:?}, alone {y:?}")),
                        }
                    }
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn regrets_are_those_of_pairs(case in models()) {
        let model = case.model();
        let whole = model.mdp().unreachable().is_empty();
        hold(with_lab(&case, |lab| {
            let rewards: Vec<Reward> = (0..4).map(|i| lab.reward(i)).collect();
            if !whole {
                return Ok(());
            }
            let ranges: Vec<_> = rewards.iter().map(|r| lab.range(r)).collect();
            let best = of(lab, &rewards, &Request::default());
            let worst = of(lab, &rewards, &Request { regret: Some(RegretKind::WorstCase), ..Request::default() });
            let (best, worst) = (best.regret.expect("asked for"), worst.regret.expect("asked for"));
            require!(best.unresolved.is_empty(), "{:?}", best.unresolved);
            for i in 0..4 {
                for j in (0..4).filter(|&j| j != i) {
                    let size = ranges[i].rho.value.max(1e-6 * lab.size(&rewards[i]) / (1.0 - lab.mdp.gamma()));
                    let alone = proxy_optimal(lab.solver, &ranges[i], &ranges[j]);
                    require!(agree(best.best(i, j), alone.best, size), "{:?}, alone {:?}", best.best(i, j), alone.best);
                    require!(agree(best.worst(i, j), alone.worst, size), "{:?}, alone {:?}", best.worst(i, j), alone.worst);
                    let alone = worst_case(lab.solver, &ranges[i], &ranges[j]).value;
                    require!(agree(worst.worst(i, j), alone, size), "{:?}, alone {alone:?}", worst.worst(i, j));
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn bounds_hold_the_rational_regret(case in cases_of(Kind { n_rewards: 3, terminals: true, max_states: 5, ..Kind::WHOLE })) {
        hold(with_lab(&case, |lab| {
            let rewards: Vec<Reward> = (0..3).map(|i| lab.reward(i)).collect();
            let regrets = of(lab, &rewards, &Request::default()).regret.expect("asked for");
            let exact = Exact::new(lab.mdp);
            let r: Vec<Vec<Q>> = rewards.iter().map(|r| exact.expected(r)).collect();
            for j in 0..3 {
                let optimum = exact.optimum(&r[j], true, None);
                let ties: Vec<bool> = optimum.gap.iter().map(|g| g.as_ref().is_some_and(Q::is_zero)).collect();
                // Where rounding cannot tell a tie from a gap, there is nothing to compare.
                let size = lab.size(&rewards[j]).max(1e-300);
                let blurred = optimum.gap.iter().flatten().any(|g| !g.is_zero() && near(g) < 1e-6 * size);
                for i in (0..3).filter(|&i| i != j && !blurred) {
                    let top = exact.j(&exact.optimum(&r[i], true, None).v);
                    let lucky = &top - exact.j(&exact.optimum(&r[i], true, Some(&ties)).v);
                    let unlucky = top - exact.j(&exact.optimum(&r[i], false, Some(&ties)).v);
                    let slack = q(1e-11 * lab.size(&rewards[i]) / (1.0 - lab.mdp.gamma()).powi(2));
                    for (found, truth) in [(regrets.best(i, j), lucky), (regrets.worst(i, j), unlucky)] {
                        let holds = q(found.lo) <= &truth + &slack && truth <= q(found.hi) + &slack;
                        require!(holds && found.hi - found.lo <= 1e-6 * (1.0 + near(&slack) * 1e11),
                            "{i} {j}: {found:?}, exactly {}", near(&truth));
                    }
                }
            }
            Ok(())
        }))?;
    }

    #[test]
    fn rewards_in_another_order_give_the_matrix_in_that_order(case in models(), turn in 1usize..4) {
        hold(with_lab(&case, |lab| {
            let rewards: Vec<Reward> = (0..4).map(|i| lab.reward(i)).collect();
            let at = |i: usize| (i + turn) % 4;
            let turned: Vec<Reward> = (0..4).map(|i| rewards[at(i)].clone()).collect();
            for metric in ["starc-range", "starc-minimal-weighted-l2"] {
                let request = Request { metric: Metric::parse(metric).ok(), ..Request::default() };
                let (x, y) = (of(lab, &rewards, &request), of(lab, &turned, &request));
                let (rx, ry) = (x.regret.as_ref().expect("asked for"), y.regret.as_ref().expect("asked for"));
                for i in 0..4 {
                    for j in (0..4).filter(|&j| j != i) {
                        let d = [x.distance(at(i), at(j)), y.distance(i, j)].map(|d| d.expect("defined"));
                        require!(agree(d[0], d[1], 1.0), "{metric}: {d:?}");
                        let r = [rx.worst(at(i), at(j)), ry.worst(i, j)];
                        let size = 1e-6 * lab.size(&rewards[at(i)]) / (1.0 - lab.mdp.gamma());
                        require!(agree(r[0], r[1], x.ends[at(i)].rho.value.max(size)), "{r:?}");
                    }
                }
                let mut groups: Vec<Vec<usize>> =
                    y.same.groups.iter().map(|g| g.iter().map(|&i| at(i)).collect()).collect();
                groups.iter_mut().for_each(|g| g.sort_unstable());
                groups.sort();
                require!(groups == x.same.groups, "{groups:?}, not {:?}", x.same.groups);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn groups_are_the_same_task_and_nothing_else(case in cases_of(Kind { n_rewards: 3, ..Kind::WHOLE })) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let originals: Vec<Reward> = (0..3).map(|i| lab.reward(i)).collect();
            let matters = |r: &Reward| near(&exact.range(&exact.expected(r))) > 1e-3 * lab.size(r);
            if !originals.iter().all(matters) {
                return Ok(());
            }
            // Twins of the first and of the second, and what is nearly a twin of the third.
            let (a, _) = lab.same_task(&mut tape, &originals[0], true);
            let (b, _) = lab.same_task(&mut tape, &originals[1], false);
            let mut near_third = originals[2].clone();
            near_third = Reward::linear(&[(1.0, &near_third), (1e-5, &originals[0])]);
            let all = [&originals[..], &[a, b, near_third]].concat();
            let m = of(lab, &all, &Request { regret: None, ..Request::default() });
            let together = |i, j| m.same.groups.iter().any(|g| g.contains(&i) && g.contains(&j));
            // Of redistribution doubles are known only; what is shaped and scaled is known in fractions.
            let open = |i, j| m.same.undecided.contains(&(i, j));
            require!((together(0, 3) || open(0, 3)) && together(1, 4), "twins are apart: {:?}", m.same);
            for i in 0..6 {
                for j in i + 1..6 {
                    let d = exact_range_distance(&exact, [&all[i], &all[j]].map(|r| r.rational(lab.mdp)));
                    let is_same = d.is_zero();
                    // A group is connected by comparisons, each of which is certain.
                    require!(!together(i, j) || is_same, "{i} and {j} are together at {}", near(&d));
                    let is_known = together(i, j) || !is_same || m.same.undecided.contains(&(i, j));
                    require!(is_known, "{i} and {j} are apart at {}", near(&d));
                }
            }
            Ok(())
        }))?;
    }
}

/// `rho(R1/rho(R1) - R2/rho(R2))` in fractions; rewards that matter.
fn exact_range_distance(exact: &Exact, [x, y]: [Vec<Q>; 2]) -> Q {
    let (a, b) = (exact.range(&x), exact.range(&y));
    let gap: Vec<Q> = x.iter().zip(&y).map(|(x, y)| x / &a - y / &b).collect();
    abs(&exact.range(&gap))
}

/// A lake of four states with rewards that tie everywhere.
fn small() -> Case {
    let to = |t: usize| Some((0..3).map(|x| f64::from(u8::from(x == t))).collect());
    Case {
        gamma: 0.9,
        p: vec![vec![to(1), to(2)], vec![to(0), to(2)], vec![to(2), to(2)]],
        mu0: crate::common::draw::Start::State(0),
        terminal: vec![2],
        rewards: Vec::new(),
        tape: crate::common::draw::Tape::new(vec![0]),
    }
}

#[test]
fn trivial_rewards_are_one_group_and_undefined_for_correlations() {
    with_lab(&small(), |lab| {
        let zero = Reward::per_row(vec![0.0; lab.mdp.n_rows()]).exact_inputs(lab.mdp);
        let shaped = zero.shaped(lab.mdp, &[1.0, -2.0, 0.0]);
        let end = lab.dense(|row, t| f64::from(u8::from(t == 2 && lab.mdp.state(row) == 0)));
        let all = [zero, end, shaped];
        let m = of(lab, &all, &Request { metric: Metric::parse("epic").ok(), ..Request::default() });
        assert_eq!(m.same.groups, [vec![0, 2]]);
        assert!(m.distance(0, 1).is_none() && m.distance(1, 2).is_none() && m.distance(0, 0).is_none());
        assert_eq!(m.undefined.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(m.tree.order, [1], "what has no distance is on no tree");
        assert_eq!(m.nearest()[1].map(|(j, _)| j), None);
        let regret = m.regret.expect("asked for");
        // Nothing can be lost of a reward that all earn alike; all of the other can.
        assert!(regret.worst(0, 1).hi <= 1e-9);
        assert!((regret.worst(1, 0).value - m.ends[1].rho.value).abs() < 1e-9);
        assert!(regret.best(1, 0).value < 1e-9);
        let range = of(lab, &all, &Request::default());
        assert_eq!(range.distance(0, 1).map(|d| d.value), Some(1.0));
        assert_eq!(range.distance(0, 2).map(|d| d.value), Some(0.0));
    });
}

#[test]
fn a_limit_leaves_bounds_that_hold() {
    with_lab(&small(), |lab| {
        let one = |k: usize| lab.dense(|row, t| ((row + 2 * t + k) % 5) as f64);
        let all: Vec<Reward> = (0..5).map(one).collect();
        let limits = Limits { deadline: Some(Instant::now()), ..Limits::default() };
        let options = Options { limits, ..Options::default() };
        let cut = of(lab, &all, &Request { options, regret: Some(RegretKind::WorstCase), ..Request::default() });
        assert!(!cut.is_complete && cut.n_missing == 4);
        let whole = of(lab, &all, &Request { regret: Some(RegretKind::WorstCase), ..Request::default() });
        assert!(whole.is_complete);
        let (regret, truth) = (cut.regret.as_ref().expect("asked for"), whole.regret.as_ref().expect("asked for"));
        for i in 0..5 {
            for j in (0..5).filter(|&j| j != i) {
                let [d, t] = [&cut, &whole].map(|m| m.distance(i, j).expect("defined"));
                assert!(d.lo <= t.value && t.value <= d.hi);
                let (d, t) = (regret.worst(i, j), truth.worst(i, j));
                assert!(d.lo <= t.hi && t.lo <= d.hi + 1e-12, "{d:?} {t:?}");
            }
        }
    });
}

#[test]
fn what_makes_no_pairs_is_refused() {
    with_lab(&small(), |lab| {
        let zero = Reward::per_row(vec![0.0; lab.mdp.n_rows()]);
        let refuse = |rewards: Vec<(String, Reward)>| {
            matrix(lab.model, rewards, &Request::default()).err().map(|diag| diag.code)
        };
        assert_eq!(refuse(named(&[])), Some(Code::Usage));
        assert_eq!(refuse(named(std::slice::from_ref(&zero))), Some(Code::Usage));
        assert_eq!(refuse(vec![("x".into(), zero.clone()), ("x".into(), zero)]), Some(Code::NameTwice));
    });
}
