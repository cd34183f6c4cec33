//! Worst-case regret: the dual against brute force, a linear program and the return polygon, and its certificate.

use crate::common::draw::{Case, Kind, SCALES, Start, Table, Tape, cases_of};
use crate::common::exact::{Exact, Q, largest, near, q};
use crate::common::hull::{Point, all_returns, hull, longest_drop, turn};
use crate::common::lab::{Lab, hold, with_lab};
use proptest::prelude::*;
use truenorth::analysis::regret::{WorstCase, polygon, proxy_optimal, worst_case, worst_case_by_lp};
use truenorth::base::Bounded;
use truenorth::model::{Policy, Reward};

const PAIRS: Kind = Kind { n_rewards: 2, scales: &[1.0], ..Kind::ANY };

/// Two rewards on models of every kind, with undiscounted episodes among them.
fn pairs(max_states: usize, max_actions: usize) -> impl Strategy<Value = Case> {
    let discounted = Kind { max_states, max_actions, ..PAIRS };
    let episodes = Kind { gammas: &[1.0], episodic: true, ..discounted };
    prop_oneof![3 => cases_of(discounted), 1 => cases_of(episodes)]
}

/// Few enough policies to try them all.
fn tiny() -> impl Strategy<Value = Case> {
    pairs(4, 3)
}

fn regret(lab: &Lab<'_>, truth: &Reward, proxy: &Reward) -> WorstCase {
    worst_case(lab.solver, &lab.range(truth), &lab.range(proxy))
}

fn contains(b: Bounded, x: &Q) -> bool {
    q(b.lo) <= *x && *x <= q(b.hi)
}

/// Bounds hold, and would not if they were moved by a little more than their width.
fn brackets(what: &str, b: Bounded, x: &Q, scale: f64) -> Result<(), String> {
    require!(contains(b, x), "{what}: {} is not in {b:?}", near(x));
    let step = b.width() + 1e-9 * scale;
    let moved = |by: f64| contains(Bounded { lo: b.lo + by, hi: b.hi + by, ..b }, x);
    require!(scale == 0.0 || !moved(step) && !moved(-step), "{what}: a shift by {step} goes unnoticed");
    Ok(())
}

/// Largest conceivable return of the truth and of the proxy.
fn scales(lab: &Lab<'_>) -> [f64; 2] {
    [0, 1].map(|i| lab.solver.scale(&lab.reward(i).expected(lab.mdp)))
}

/// Return ranges without rounding, unless one of them is too small to be told from rounding.
fn clear_ranges(lab: &Lab<'_>, exact: &Exact, r: &[Vec<Q>; 2]) -> Option<[Q; 2]> {
    let scales = scales(lab);
    let rho = [0, 1].map(|i| exact.range(&r[i]));
    [0, 1].iter().all(|&i| near(&rho[i]) > 1e-6 * scales[i]).then_some(rho)
}

proptest! {
    #![proptest_config(crate::common::cases(128))]

    #[test]
    fn ranges_bracket_the_rational_ones(case in prop_oneof![cases_of(Kind::ANY), cases_of(Kind::EPISODIC)]) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = exact.expected(&lab.reward(0));
            let [max, min] = [true, false].map(|best| exact.j(&exact.optimum(&r, best, None).v));
            let (range, scale) = (lab.range(&lab.reward(0)), lab.solver.scale(&lab.reward(0).expected(lab.mdp)));
            brackets("max", range.max, &max, scale)?;
            brackets("min", range.min, &min, scale)?;
            let rho = &max - &min;
            require!(contains(range.rho, &rho), "rho: {} is not in {:?}", near(&rho), range.rho);
            let share = near(&rho) / scale;
            require!(!range.is_trivial() || scale == 0.0 || share < 1e-11, "a range of {share} is called trivial");
            require!(range.is_trivial() || share > 1e-13, "a range of {share} is called something");
            Ok(())
        }))?;
    }

    #[test]
    fn the_dual_is_what_brute_force_finds(case in tiny()) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            let Some(rho) = clear_ranges(lab, &exact, &r) else { return Ok(()) };
            let found = regret(lab, &lab.reward(0), &lab.reward(1));
            let truth = longest_drop(all_returns(&exact, &r[0], &r[1]));
            brackets("regret", found.value, &truth, near(&rho[0]))?;
            require!(contains(found.normalised, &(&truth / &rho[0])), "normalised {:?}", found.normalised);
            require!(found.normalised.width() < 1e-6, "useless bounds {:?}", found.normalised);
            Ok(())
        }))?;
    }

    #[test]
    fn any_factor_bounds_the_regret_and_the_one_found_attains_it(case in pairs(8, 4)) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            let Some(rho) = clear_ranges(lab, &exact, &r) else { return Ok(()) };
            let found = regret(lab, &lab.reward(0), &lab.reward(1));
            let at = |lambda: f64| {
                let mixed: Vec<Q> = r[0].iter().zip(&r[1]).map(|(x, y)| x - q(lambda) * y).collect();
                exact.range(&mixed)
            };
            let any = 3.0 * tape.unit() * near(&rho[0]) / near(&rho[1]);
            require!(at(any) >= q(found.value.lo), "factor {any} gives less than {:?}", found.value);
            let gap = near(&(at(found.lambda) - q(found.value.hi))).abs();
            require!(gap <= 1e-8 * near(&rho[0]), "factor {} misses {:?} by {gap}", found.lambda, found.value);
            Ok(())
        }))?;
    }

    #[test]
    fn the_dual_is_the_linear_program(case in pairs(8, 4)) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            if clear_ranges(lab, &exact, &r).is_none() {
                return Ok(());
            }
            let found = regret(lab, &lab.reward(0), &lab.reward(1)).value;
            let by_lp = worst_case_by_lp(lab.mdp, &lab.reward(0).expected(lab.mdp), &lab.reward(1).expected(lab.mdp))
                .map_err(|d| format!("{d:?}"))?;
            require!((found.value - by_lp).abs() <= 1e-8 * scales(lab)[0], "dual {found:?}, program {by_lp}");
            Ok(())
        }))?;
    }

    #[test]
    fn the_witness_does_what_it_says(case in pairs(8, 4)) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            if clear_ranges(lab, &exact, &r).is_none() {
                return Ok(());
            }
            let found = regret(lab, &lab.reward(0), &lab.reward(1));
            let returns = |policy: &Policy| {
                let weights = (0..exact.n()).flat_map(|s| exact.rows[s].clone().map(move |row| (s, row)));
                let mixture: Vec<Q> = weights.map(|(s, row)| q(policy.prob(s, row))).collect();
                [0, 1].map(|i| exact.j(&exact.evaluate_mixture(&mixture, &r[i])))
            };
            let [better, worse] = [&found.witness.better, &found.witness.worse].map(returns);
            let scales = scales(lab);
            let stated = [found.witness.better_returns, found.witness.worse_returns];
            for (stated, truth) in stated.iter().zip([&better, &worse]) {
                require!(contains(stated.0, &truth[0]) && contains(stated.1, &truth[1]), "{stated:?}: {truth:?}");
            }
            let (drop, slack) = (near(&(&better[0] - &worse[0])), near(&(&worse[1] - &better[1])));
            require!(slack >= -1e-10 * scales[1], "the proxy prefers the better policy by {}", -slack);
            require!(drop >= found.value.lo - 1e-10 * scales[0], "drops {drop}, not {:?}", found.value);
            Ok(())
        }))?;
    }

    #[test]
    fn proxy_optimal_regret_is_what_the_optimal_actions_allow(case in pairs(8, 4)) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            let scales = scales(lab);
            let (truth, proxy) = (lab.range(&lab.reward(0)), lab.range(&lab.reward(1)));
            let found = proxy_optimal(lab.solver, &truth, &proxy);
            let nwcr = worst_case(lab.solver, &truth, &proxy).normalised;
            require!(found.worst_normalised.lo <= nwcr.hi, "{:?} above {nwcr:?}", found.worst_normalised);
            require!(found.best.lo <= found.worst.hi, "best above worst");
            // Ties that rounding of the rows has split are not ties to the rational oracle.
            let optimum = exact.optimum(&r[1], true, None);
            let gaps = || optimum.gap.iter().flatten();
            if gaps().any(|gap| !gap.is_zero() && near(gap) < 1e-7 * scales[1]) {
                return Ok(());
            }
            let allowed: Vec<bool> = optimum.gap.iter().map(|gap| gap.as_ref().is_some_and(Q::is_zero)).collect();
            let earned = |best| exact.j(&exact.optimum(&r[0], best, Some(&allowed)).v);
            let most = exact.j(&exact.optimum(&r[0], true, None).v);
            brackets("best return", found.best_return, &earned(true), scales[0])?;
            brackets("worst return", found.worst_return, &earned(false), scales[0])?;
            require!(contains(found.best, &(&most - earned(true))), "best {:?}", found.best);
            require!(contains(found.worst, &(&most - earned(false))), "worst {:?}", found.worst);
            Ok(())
        }))?;
    }

    #[test]
    fn the_polygon_is_the_hull_of_all_returns_and_its_chord_the_regret(case in tiny()) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            let Some(rho) = clear_ranges(lab, &exact, &r) else { return Ok(()) };
            let (truth, proxy) = (lab.range(&lab.reward(0)), lab.range(&lab.reward(1)));
            let found = polygon(lab.solver, &truth, &proxy, 1_000);
            require!(!found.is_truncated, "truncated");
            let ours: Vec<Point> = found.vertices.iter().map(|v| v.map(q)).collect();
            let unit = |p: &Point| [&p[0] / &rho[0], &p[1] / &rho[1]];
            let ours_unit: Vec<Point> = ours.iter().map(unit).collect();
            let returns: Vec<Point> = all_returns(&exact, &r[0], &r[1]).iter().map(unit).collect();
            covers("the polygon", &ours_unit, &returns)?;
            covers("the hull", &hull(returns), &ours_unit)?;
            let chord = near(&longest_drop(ours));
            let regret = worst_case(lab.solver, &truth, &proxy).value;
            require!((chord - regret.value).abs() <= 1e-8 * near(&rho[0]), "chord {chord}, regret {regret:?}");
            Ok(())
        }))?;
    }

    #[test]
    fn the_unit_of_reward_does_not_matter(case in pairs(8, 4), i in 0..SCALES.len(), j in 0..SCALES.len()) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let r = [0, 1].map(|i| exact.expected(&lab.reward(i)));
            if clear_ranges(lab, &exact, &r).is_none() {
                return Ok(());
            }
            let before = regret(lab, &lab.reward(0), &lab.reward(1)).normalised;
            let after = regret(lab, &lab.reward(0).scaled(SCALES[i]), &lab.reward(1).scaled(SCALES[j])).normalised;
            require!((before.value - after.value).abs() < 1e-8, "{before:?} becomes {after:?}");
            Ok(())
        }))?;
    }

    #[test]
    fn what_no_policy_feels_costs_nothing(case in cases_of(Kind { n_rewards: 1, ..PAIRS })) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let x = lab.reward(0);
            if near(&exact.range(&exact.expected(&x))) <= 1e-3 * lab.size(&x) {
                return Ok(());
            }
            let (same, c) = lab.same_task(&mut tape, &x, true);
            let found = regret(lab, &x, &same);
            require!(found.normalised.value < 1e-9, "regret {:?}", found.normalised);
            require!((found.lambda * c - 1.0).abs() < 1e-6, "factor {} for a scale of {c}", found.lambda);
            let opposite = regret(lab, &x, &same.scaled(-1.0));
            require!((opposite.normalised.value - 1.0).abs() < 1e-9, "regret {:?}", opposite.normalised);
            require!(opposite.lambda == 0.0, "factor {}", opposite.lambda);
            Ok(())
        }))?;
    }
}

/// Every point lies inside the convex polygon or within rounding of an edge; both in units of the ranges.
fn covers(what: &str, corners: &[Point], points: &[Point]) -> Result<(), String> {
    for p in points {
        let edges = || (0..corners.len()).map(|i| (&corners[i], &corners[(i + 1) % corners.len()]));
        if corners.len() > 2 && edges().all(|(o, q)| turn(o, q, p) >= Q::ZERO) {
            continue;
        }
        let beyond = edges().map(|(o, q)| to_segment(o, q, p)).fold(f64::INFINITY, f64::min);
        require!(beyond <= 1e-9, "{what} leaves out a point by {beyond}");
    }
    Ok(())
}

/// Distance of `p` from the segment between `o` and `q`.
fn to_segment(o: &Point, q: &Point, p: &Point) -> f64 {
    let from = |x: &Point| [near(&(&x[0] - &o[0])), near(&(&x[1] - &o[1]))];
    let (u, v) = (from(q), from(p));
    let length = u[0] * u[0] + u[1] * u[1];
    let share = if length > 0.0 { ((u[0] * v[0] + u[1] * v[1]) / length).clamp(0.0, 1.0) } else { 0.0 };
    (v[0] - share * u[0]).hypot(v[1] - share * u[1])
}

/// One state, one action a reward: a bandit. The returns are the rewards.
fn bandit(rewards: &[&[f64]]) -> Case {
    Case {
        gamma: 0.0,
        p: vec![rewards[0].iter().map(|_| Some(vec![1.0])).collect()],
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: rewards.iter().map(|r| Table::Sa(vec![r.to_vec()])).collect(),
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn regret_is_not_symmetric() {
    // With three arms it happens to be: rewards up to constants are then a plane, and its unit ball a hexagon.
    with_lab(&bandit(&[&[1.0, 0.0, 0.5, 0.5], &[1.0, 0.0, 1.0, 0.0]]), |lab| {
        let [there, back] = [(0, 1), (1, 0)].map(|(i, j)| regret(lab, &lab.reward(i), &lab.reward(j)).normalised.value);
        assert!((there - 0.5).abs() < 1e-12 && (back - 1.0).abs() < 1e-12, "{there} and {back}");
    });
}

#[test]
fn other_pairs_can_cost_more_than_the_optimal_one() {
    with_lab(&bandit(&[&[1.0, 0.5, 0.0], &[1.0, 0.0, 0.9]]), |lab| {
        let (truth, proxy) = (lab.range(&lab.reward(0)), lab.range(&lab.reward(1)));
        assert!(proxy_optimal(lab.solver, &truth, &proxy).worst_normalised.hi < 1e-12);
        assert!(worst_case(lab.solver, &truth, &proxy).normalised.lo > 0.4);
    });
}

#[test]
fn trivial_rewards_have_the_agreed_regret() {
    with_lab(&bandit(&[&[1.0, 0.0], &[0.7, 0.7]]), |lab| {
        let (x, nothing) = (lab.reward(0), lab.reward(1));
        let value = |x: &Reward, y: &Reward| regret(lab, x, y).normalised.value;
        assert_eq!(value(&nothing, &x), 0.0);
        assert_eq!(value(&nothing, &nothing), 0.0);
        assert_eq!(value(&x, &nothing), 1.0);
        assert!((regret(lab, &x, &nothing).value.value - 1.0).abs() < 1e-12);
    });
}

#[test]
fn equal_orders_have_a_witness_that_loses_nothing() {
    with_lab(&bandit(&[&[1.0, 0.0], &[3.0, 1.0]]), |lab| {
        let found = regret(lab, &lab.reward(0), &lab.reward(1));
        let drop = found.witness.better_returns.0.value - found.witness.worse_returns.0.value;
        assert!(drop >= found.value.lo, "the better policy earns {} less: {found:?}", -drop);
    });
}

#[test]
fn redistribution_on_top_of_a_reward_leaves_its_regret() {
    let mut case = bandit(&[&[1.0, 0.0]]);
    case.gamma = 0.9;
    case.p = vec![vec![Some(vec![0.5, 0.5]), Some(vec![0.25, 0.75])]; 2];
    case.rewards = vec![Table::Sa(vec![vec![1.0, 0.0], vec![-1.0, 2.0]])];
    with_lab(&case, |lab| {
        let r = lab.reward(0);
        let d = lab.redistribution(&mut Tape::new(vec![40_000, 3, 59_000, 7, 11]), 1.0);
        for m in [1.0, 10.0, 100.0, 1000.0] {
            let sum = |a: f64, m: f64| Reward::linear(&[(a, &r), (m, &d)]);
            assert!((regret(lab, &sum(1.0, m), &sum(-1.0, m)).normalised.value - 1.0).abs() < 1e-9);
            assert!(regret(lab, &sum(1.0, m), &sum(1.0, -m)).normalised.value < 1e-9);
        }
    });
}

#[test]
fn what_happens_where_nobody_goes_costs_nothing() {
    let mut case = bandit(&[&[1.0, 0.0]]);
    case.p = vec![vec![Some(vec![1.0, 0.0]), Some(vec![1.0, 0.0])]; 2];
    case.mu0 = Start::State(0);
    case.rewards = vec![
        Table::Sa(vec![vec![1.0, 0.0], vec![0.0, 0.0]]),
        Table::Sa(vec![vec![2.0, 1.0], vec![0.0, 100.0]]),
        Table::Sa(vec![vec![0.0, 1.0], vec![0.0, 0.0]]),
    ];
    with_lab(&case, |lab| {
        let found = regret(lab, &lab.reward(0), &lab.reward(1));
        assert!(found.normalised.value < 1e-9, "{found:?}");
        assert!((regret(lab, &lab.reward(0), &lab.reward(2)).normalised.value - 1.0).abs() < 1e-9);
    });
}

/// One choice, four roads. Three earn the truth `c`, at once, by staying or by going round, so rounding sets them a
/// little apart; their proxy returns are 0.5, 0 and 1 in some order. The fourth earns `c + 1` and 0.
fn three_roads(gamma: f64, c: f64, order: [usize; 3]) -> Case {
    let to = |t: usize| Some((0..5).map(|x| f64::from(u8::from(x == t))).collect());
    let only = |t: usize| vec![to(t), None, None, None];
    let levels = order.map(|i| [0.5, 0.0, 1.0][i]);
    let step = [c * (1.0 - gamma) / gamma, 0.0, 0.0, 0.0].to_vec();
    let nothing = vec![0.0; 4];
    let truth = vec![vec![c, 0.0, 0.0, c + 1.0], step.clone(), step.clone(), step, nothing.clone()];
    let mut proxy = vec![nothing; 5];
    proxy[0][..3].copy_from_slice(&levels);
    Case {
        gamma,
        p: vec![vec![to(4), to(1), to(2), to(4)], only(1), only(3), only(2), only(4)],
        mu0: Start::State(0),
        terminal: Vec::new(),
        rewards: vec![Table::Sa(truth), Table::Sa(proxy)],
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn returns_that_tie_up_to_rounding_cost_the_polygon_no_corner() {
    for gamma in [0.3, 0.7, 0.9, 0.95] {
        for c in [0.1, 0.7, 1.1, 1.3] {
            for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
                with_lab(&three_roads(gamma, c, order), |lab| {
                    let (truth, proxy) = (lab.range(&lab.reward(0)), lab.range(&lab.reward(1)));
                    let found = polygon(lab.solver, &truth, &proxy, 1_000).vertices;
                    for [x, y] in [[c, 0.0], [c + 1.0, 0.0], [c, 1.0]] {
                        let is_there = found.iter().any(|v| (v[0] - x).hypot(v[1] - y) < 1e-9);
                        assert!(is_there, "gamma {gamma}, c {c}, {order:?}: ({x}, {y}) is not in {found:?}");
                    }
                    assert_eq!(found.len(), 3, "gamma {gamma}, c {c}, {order:?}: {found:?}");
                });
            }
        }
    }
}

#[test]
fn the_oracle_of_drops_knows_mixtures() {
    // Straight down is a third of the way along the edge from (0, 0) to (3, 3), measured from (2, 1).
    let point = |x: i32, y: i32| [Q::from(x), Q::from(y)];
    assert_eq!(longest_drop(vec![point(0, 0), point(3, 3), point(2, 1)]), Q::from(1));
    assert_eq!(longest_drop(vec![point(0, 0), point(3, 3)]), Q::ZERO);
    assert_eq!(longest_drop(vec![point(0, 3), point(3, 0)]), Q::from(3));
    assert_eq!(largest(&[Q::from(-2), Q::from(1)]), Q::from(2));
}
