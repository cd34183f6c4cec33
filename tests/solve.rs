//! Every listed solver against rational arithmetic: bounds, optimal sets, evaluation, occupancy, endings.
//!
//! The tests walk `METHODS`, so a new method is tested the day it is listed.

use std::time::Instant;

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of, reward};
use crate::common::exact::{Exact, Optimum, Q, dot, near, q};
use proptest::prelude::*;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Policy};
use truenorth::solve::{Limits, METHODS, Options, Outcome, Sense, Solution, Solver, Task};

const SENSES: [Sense; 2] = [Sense::Max, Sense::Min];

/// Bounds of a converged solve are at most this wide, relative to the largest possible value: four times what was
/// asked for, since half widths are asked for and a final backup may move each bound once more.
const WIDTH: f64 = 4e-10;
/// A gap above this fraction of the largest possible value is a clear one.
const CLEAR: f64 = 1e-8;

fn options(method: &'static str) -> Options {
    Options { method: Some(method), ..Options::default() }
}

/// `lo <= exact <= hi` in every state.
fn brackets(lo: &[f64], hi: &[f64], exact: &[Q]) -> Result<(), String> {
    for (s, x) in exact.iter().enumerate() {
        require!(q(lo[s]) <= *x && *x <= q(hi[s]), "state {s}: {} is not in [{}, {}]", near(x), lo[s], hi[s]);
    }
    Ok(())
}

/// Bounds hold, and stop holding once they are moved: so they are not merely wide.
fn brackets_and_would_notice(lo: &[f64], hi: &[f64], exact: &[Q], scale: f64) -> Result<(), String> {
    brackets(lo, hi, exact)?;
    let width = lo.iter().zip(hi).fold(0.0, |m, (l, h)| f64::max(m, h - l));
    let step = 2.0 * width + 1e-6 * scale;
    for step in [step, -step] {
        let moved = |xs: &[f64]| xs.iter().map(|x| x + step).collect::<Vec<f64>>();
        require!(step == 0.0 || brackets(&moved(lo), &moved(hi), exact).is_err(), "a shift by {step} goes unnoticed");
    }
    Ok(())
}

/// Every optimal row is in the set, and every clearly worse one is not.
fn marks_the_optimal(marked: &[bool], optimum: &Optimum, scale: f64) -> Result<(), String> {
    for (row, gap) in optimum.gap.iter().enumerate() {
        match gap {
            None => require!(!marked[row], "row {row} is not allowed and called optimal"),
            Some(gap) if gap.is_zero() => require!(marked[row], "the optimal row {row} is missing"),
            Some(gap) => {
                require!(!marked[row] || near(gap) <= CLEAR * scale, "row {row} misses by {} of {scale}", near(gap));
            }
        }
    }
    Ok(())
}

fn check_solution(exact: &Exact, solver: &Solver<'_>, task: &Task<'_>, optimum: &Optimum) -> Result<Solution, String> {
    let solution = solver.optimise(task);
    let scale = solver.scale(task.reward);
    let name = |what: String| format!("{} {:?}: {what}", solution.method, task.sense);
    require!(solution.is_converged(), "{}", name("not converged".into()));
    brackets_and_would_notice(&solution.lo, &solution.hi, &optimum.v, scale).map_err(name)?;
    let width = solution.lo.iter().zip(&solution.hi).fold(0.0, |m, (l, h)| f64::max(m, h - l));
    require!(width <= WIDTH * scale + 1e-300, "{}", name(format!("bounds {width} apart for {scale}")));
    let j = solution.at_start(solver.mdp());
    brackets(&[j.lo], &[j.hi], &[exact.j(&optimum.v)]).map_err(|e| name(format!("at the start, {e}")))?;
    marks_the_optimal(&solution.optimal, optimum, scale).map_err(name)?;
    for s in 0..exact.n() {
        require!(solution.optimal[solution.policy[s]], "{}", name(format!("greedy row of {s} not marked")));
    }
    Ok(solution)
}

/// All methods, both senses; the intervals of different methods must meet.
fn check_all(mdp: &Mdp, reward: &ExpectedReward, r: &[Q], allowed: Option<&[bool]>) -> Result<(), String> {
    let exact = Exact::new(mdp);
    for sense in SENSES {
        let optimum = exact.optimum(r, sense == Sense::Max, allowed);
        let mut found: Vec<Solution> = Vec::new();
        for method in METHODS {
            let solver = Solver::new(mdp, options(method.id)).map_err(|d| format!("{d:?}"))?;
            let task = Task { allowed, ..Task::new(reward, sense) };
            found.push(check_solution(&exact, &solver, &task, &optimum)?);
        }
        for (x, y) in found.iter().zip(&found[1..]) {
            for s in 0..exact.n() {
                require!(x.lo[s] <= y.hi[s] && y.lo[s] <= x.hi[s], "{} and {} disagree at {s}", x.method, y.method);
            }
        }
    }
    Ok(())
}

fn solve_case(case: &Case) -> Result<(), String> {
    let model = case.model();
    let (mdp, reward) = (model.mdp(), reward(&model, 0));
    check_all(mdp, &reward.expected(mdp), &Exact::new(mdp).expected(reward), None)
}

fn hold(result: Result<(), String>) -> Result<(), TestCaseError> {
    result.map_err(TestCaseError::fail)
}

proptest! {
    #![proptest_config(crate::common::cases(128))]

    #[test]
    fn every_method_brackets_the_exact_optimum_and_marks_its_actions(case in cases_of(Kind::ANY)) {
        hold(solve_case(&case))?;
    }

    #[test]
    fn restricted_actions_give_the_optimum_over_what_is_allowed(mut case in cases_of(Kind { max_states: 6, ..Kind::ANY })) {
        let model = case.model();
        let (mdp, reward) = (model.mdp(), reward(&model, 0));
        let mut allowed: Vec<bool> = (0..mdp.n_rows()).map(|_| case.tape.below(2) == 0).collect();
        case.policy(mdp).into_iter().for_each(|row| allowed[row] = true);
        hold(check_all(mdp, &reward.expected(mdp), &Exact::new(mdp).expected(reward), Some(&allowed)))?;
    }

    #[test]
    fn undiscounted_episodes_are_bracketed_too(case in cases_of(Kind { max_states: 6, ..Kind::EPISODIC })) {
        hold(solve_case(&case))?;
    }

    #[test]
    fn a_limit_reached_at_once_leaves_bounds_that_hold(case in cases_of(Kind { max_states: 5, ..Kind::ANY })) {
        let model = case.model();
        let (mdp, reward) = (model.mdp(), reward(&model, 0));
        let (exact, r) = (Exact::new(mdp), reward.expected(mdp));
        let rational = exact.expected(reward);
        for sense in SENSES {
            let optimum = exact.optimum(&rational, sense == Sense::Max, None);
            for method in METHODS {
                for options in [
                    Options { max_sweeps: 1, ..options(method.id) },
                    Options { max_sweeps: 3, ..options(method.id) },
                    Options {
                        limits: Limits { deadline: Some(Instant::now()), ..Limits::default() },
                        ..options(method.id)
                    },
                ] {
                    let solver = Solver::new(mdp, options).unwrap();
                    let solution = solver.optimise(&Task::new(&r, sense));
                    hold(brackets(&solution.lo, &solution.hi, &optimum.v))?;
                    for (row, gap) in optimum.gap.iter().enumerate() {
                        let is_optimal = gap.as_ref().is_some_and(Q::is_zero);
                        prop_assert!(!is_optimal || solution.optimal[row], "{} loses row {row}", method.id);
                    }
                    let narrow = solution.lo.iter().zip(&solution.hi).all(|(l, h)| h - l <= WIDTH * solver.scale(&r) + 1e-300);
                    prop_assert!(narrow || solution.outcome != Outcome::Converged, "{} claims too much", method.id);
                }
            }
        }
    }

    #[test]
    fn a_warm_start_changes_the_road_and_not_the_answer(mut case in cases_of(Kind { max_states: 6, ..Kind::ANY })) {
        let model = case.model();
        let (mdp, reward) = (model.mdp(), reward(&model, 0));
        let (exact, r) = (Exact::new(mdp), reward.expected(mdp));
        let warm = case.policy(mdp);
        let optimum = exact.optimum(&exact.expected(reward), true, None);
        for method in METHODS {
            let solver = Solver::new(mdp, options(method.id)).unwrap();
            let task = Task { warm: Some(&warm), ..Task::new(&r, Sense::Max) };
            hold(check_solution(&exact, &solver, &task, &optimum).map(|_| ()))?;
        }
    }

    #[test]
    fn evaluation_and_occupancy_agree_with_the_rational_ones(
        mut case in prop_oneof![cases_of(Kind::ANY), cases_of(Kind { max_states: 6, ..Kind::EPISODIC })],
    ) {
        let model = case.model();
        let (mdp, reward) = (model.mdp(), reward(&model, 0));
        let (exact, r) = (Exact::new(mdp), reward.expected(mdp));
        let rational = exact.expected(reward);
        let solver = Solver::new(mdp, Options::default()).unwrap();
        let rows = case.policy(mdp);
        let mixture = case.mixture(mdp);
        for (policy, weights) in [
            (Policy::Deterministic(rows.clone()), exact.as_mixture(&rows)),
            (Policy::Stochastic(mixture.clone()), mixture.iter().map(|&x| q(x)).collect()),
        ] {
            let v = exact.evaluate_mixture(&weights, &rational);
            let found = &solver.evaluate(&policy, &[&r])[0];
            hold(brackets_and_would_notice(&found.lo, &found.hi, &v, solver.scale(&r)))?;
            let j = found.at_start(mdp);
            hold(brackets(&[j.lo], &[j.hi], &[exact.j(&v)]))?;

            let visits = exact.occupancy(&weights);
            hold(visits_agree(&solver, &policy, &visits, 0.0))?;
            let error = visits_agree(&solver, &policy, &visits, 1e-6);
            prop_assert!(error.is_err() || visits.iter().all(Q::is_zero), "a wrong visit goes unnoticed");
            // The two oracles answer the same question by different systems.
            prop_assert_eq!(dot(&visits, &rational), exact.j(&v));
        }
    }

    #[test]
    fn endings_add_up_and_are_the_rational_ones(
        mut case in prop_oneof![cases_of(Kind::ANY), cases_of(Kind { max_states: 6, ..Kind::EPISODIC })],
    ) {
        let model = case.model();
        let mdp = model.mdp();
        let exact = Exact::new(mdp);
        let solver = Solver::new(mdp, Options::default()).unwrap();
        let mixture = case.mixture(mdp);
        let weights: Vec<Q> = mixture.iter().map(|&x| q(x)).collect();
        let found = solver.endings(&Policy::Stochastic(mixture));
        let total: f64 = found.ends.iter().map(|(_, p)| p).sum::<f64>() + found.never;
        prop_assert!((total - 1.0).abs() < 1e-12, "sums to {total}");
        let truth = exact.endings(&weights);
        for (s, p) in truth.iter().enumerate() {
            let ours = found.ends.iter().find(|(t, _)| *t == s).map_or(0.0, |(_, p)| *p);
            prop_assert!((ours - near(p)).abs() < 1e-9, "state {s}: {ours}, not {}", near(p));
        }
        let ended: f64 = truth.iter().map(near).sum();
        prop_assert!((found.never - (1.0 - ended)).abs() < 1e-9);
        prop_assert!(mdp.gamma() < 1.0 || found.never < 1e-9, "with discount 1 everything ends");
    }
}

/// Occupancy within its stated error (which leaves out the rounding of the residual itself), after adding `wrong`
/// times the total to the first visited row.
fn visits_agree(solver: &Solver<'_>, policy: &Policy, visits: &[Q], wrong: f64) -> Result<(), String> {
    let mut found = solver.occupancy(policy);
    let total: f64 = visits.iter().map(near).sum();
    if let Some(row) = visits.iter().position(|x| !x.is_zero()) {
        found.occ_sa[row] += wrong * total;
    }
    let distance: f64 = visits.iter().zip(&found.occ_sa).map(|(x, &y)| near(&(x - q(y))).abs()).sum();
    require!(distance <= found.error + 1e-13 * total * solver.horizon().longest(), "visits are off by {distance}");
    require!(found.error <= 1e-9 * total, "the stated error {} is useless", found.error);
    let (by_row, by_state): (f64, f64) = (found.occ_sa.iter().sum(), found.occ_s.iter().sum());
    require!((by_row - by_state).abs() <= 1e-12 * total, "rows sum to {by_row}, states to {by_state}");
    let gamma = solver.mdp().gamma();
    require!(gamma == 1.0 || (by_state * (1.0 - gamma) - 1.0).abs() <= 1e-10, "sums to {by_state}");
    Ok(())
}

/// A model in which every state has one action leading to the next, round and round.
fn cycle(n: usize, gamma: f64, r: Vec<f64>) -> Case {
    let step = |s: usize| (0..n).map(|t| f64::from(u8::from(t == (s + 1) % n))).collect();
    Case {
        gamma,
        p: (0..n).map(|s| vec![Some(step(s))]).collect(),
        mu0: Start::State(0),
        terminal: Vec::new(),
        rewards: vec![Table::S(r)],
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn periodic_chains_do_not_fool_the_span_bounds() {
    for n in 2..=7 {
        for gamma in [0.3, 0.9, 0.99] {
            let r = (0..n).map(|s| [1.0, -1.0, 0.0, 5.0][s % 4]).collect();
            solve_case(&cycle(n, gamma, r)).unwrap_or_else(|e| panic!("{n} states, gamma {gamma}: {e}"));
        }
    }
}

#[test]
fn one_state_is_a_geometric_series() {
    for gamma in [0.0, 0.5, 0.99] {
        let case = cycle(1, gamma, vec![3.0]);
        solve_case(&case).unwrap();
        let model = case.model();
        let exact = Exact::new(model.mdp());
        let v = exact.optimum(&[q(3.0)], true, None).v;
        assert_eq!(v[0], q(3.0) / (Q::ONE - q(gamma)));
    }
}

#[test]
fn a_model_of_terminal_states_only_is_worth_nothing() {
    let mut case = cycle(2, 0.9, vec![1.0, 1.0]);
    case.terminal = vec![0, 1];
    solve_case(&case).unwrap();
    case.gamma = 1.0;
    solve_case(&case).unwrap();
}

proptest! {
    #![proptest_config(crate::common::cases(64))]

    /// The oracle itself, against the definition of an optimum.
    #[test]
    fn the_oracle_finds_the_best_of_all_deterministic_policies(
        case in cases_of(Kind { max_states: 3, max_actions: 3, ..Kind::ANY }),
    ) {
        let model = case.model();
        let (exact, reward) = (Exact::new(model.mdp()), reward(&model, 0));
        let r = exact.expected(reward);
        let all: Vec<Q> = exact.policies().iter().map(|policy| exact.j(&exact.evaluate(policy, &r))).collect();
        let of = |best| exact.j(&exact.optimum(&r, best, None).v);
        prop_assert_eq!(all.iter().max(), Some(&of(true)));
        prop_assert_eq!(all.iter().min(), Some(&of(false)));
    }
}
