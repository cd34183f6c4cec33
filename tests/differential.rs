//! One body over all methods: whatever the road, the answers meet, and the exact one lies in all of them.
//!
//! The oracle is rational elimination from `common/exact.rs`; the method `exact`, which shares nothing with it, must
//! give the same fractions.

use std::ops::Range;
use std::sync::Arc;

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of, reward};
use crate::common::exact::{Exact, Optimum, Q, largest, near, q};
use proptest::prelude::*;
use truenorth::analysis::canon::{CANONS, Context};
use truenorth::io::gallery;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Model, Policy, Reward};
use truenorth::solve::{METHODS, Options, Outcome, Sense, Solution, Solver, Task};

const SENSES: [Sense; 2] = [Sense::Max, Sense::Min];

/// Sweeps a method may take here. With discount `1 - 2^-20` sweeping takes millions; bounds must hold when it is cut.
const SWEEPS: usize = 3_000;

/// Discounts from none to one whose horizon is a million steps.
const GAMMAS: &[f64] = &[0.0, 0.5, 0.99, 1.0 - 1.0 / 1024.0, 1.0 - 1.0 / (1 << 20) as f64];

/// Sizes of rewards that may meet in one model.
const SIZES: &[f64] = &[1.0, 1e-8, 1e8, 1e-4, 1e4];

fn solver<'a>(mdp: &'a Mdp, method: &'static str) -> Solver<'a> {
    let options = Options { method: Some(method), max_sweeps: SWEEPS, ..Options::default() };
    Solver::new(mdp, options).unwrap_or_else(|d| panic!("{method} refuses: {d:?}"))
}

/// `lo <= x <= hi` in every state.
fn brackets(lo: &[f64], hi: &[f64], x: &[Q]) -> Result<(), String> {
    for s in 0..x.len() {
        require!(
            q(lo[s]) <= x[s],
            "state {s}: {:e} is below {:e} by {:e}",
            near(&x[s]),
            lo[s],
            near(&(q(lo[s]) - &x[s]))
        );
        require!(
            x[s] <= q(hi[s]),
            "state {s}: {:e} is above {:e} by {:e}",
            near(&x[s]),
            hi[s],
            near(&(&x[s] - q(hi[s])))
        );
    }
    Ok(())
}

/// What every method's answer must be, given the oracle's.
fn check_one(exact: &Exact, mdp: &Mdp, r: &[Q], optimum: &Optimum, found: &Solution) -> Result<(), String> {
    brackets(&found.lo, &found.hi, &optimum.v)?;
    let j = found.at_start(mdp);
    brackets(&[j.lo], &[j.hi], &[exact.j(&optimum.v)]).map_err(|e| format!("from the start, {e}"))?;
    for (row, gap) in optimum.gap.iter().enumerate() {
        let is_optimal = gap.as_ref().is_some_and(Q::is_zero);
        require!(found.optimal[row] || !is_optimal, "the optimal row {row} is missing");
    }
    if found.outcome == Outcome::Converged {
        // The value of the greedy policy is as good as the bounds say the optimum may be worse.
        let v = exact.evaluate(&found.policy, r);
        let (bounds, scale) = (found.lo.iter().zip(&found.hi), 1e-9 * near(&largest(r)) * horizon(mdp));
        let width = bounds.fold(0.0, |w, (l, h)| f64::max(w, h - l));
        for s in 0..v.len() {
            let loss = near(&(&optimum.v[s] - &v[s])).abs();
            require!(loss <= 2.0 * width + scale, "state {s}: the greedy policy loses {loss:e}");
        }
    }
    Ok(())
}

fn horizon(mdp: &Mdp) -> f64 {
    let options = Options { method: Some("pi"), ..Options::default() };
    Solver::new(mdp, options).map_or(f64::INFINITY, |solver| solver.horizon().longest())
}

/// Answers of the method `exact` are the fractions of the oracle, its optimal rows exactly those without a gap, and its
/// bounds the doubles next to the fractions.
fn check_exact(exact: &Exact, mdp: &Mdp, optimum: &Optimum, found: &Solution) -> Result<(), String> {
    let values = found.exact.as_ref().ok_or("no fractions")?;
    for s in 0..exact.n() {
        require!(
            values.value(s) == optimum.v[s],
            "state {s}: {} is not {}",
            near(&values.value(s)),
            near(&optimum.v[s])
        );
        let (lo, hi) = (found.lo[s], found.hi[s]);
        let is_double = q(near(&optimum.v[s])) == optimum.v[s];
        require!(if is_double { lo == hi } else { lo.next_up() == hi }, "state {s}: [{lo:e}, {hi:e}] is too wide");
        require!(found.optimal[found.policy[s]], "state {s}: the policy is not optimal");
    }
    require!(values.at_start(mdp) == exact.j(&optimum.v), "another return from the start");
    for (row, gap) in optimum.gap.iter().enumerate() {
        let is_optimal = gap.as_ref().is_some_and(Q::is_zero);
        require!(found.optimal[row] == is_optimal, "row {row} is optimal: {is_optimal}");
    }
    Ok(())
}

/// All methods, both senses, one reward.
fn check(mdp: &Mdp, reward: &Reward, allowed: Option<&[bool]>) -> Result<(), String> {
    let (exact, r) = (Exact::new(mdp), reward.expected(mdp));
    let rational = exact.written(mdp, reward);
    require!(reward.rational(mdp) == rational, "expected rewards differ");
    for sense in SENSES {
        let optimum = exact.optimum(&rational, sense == Sense::Max, allowed);
        let mut all: Vec<Solution> = Vec::new();
        for method in METHODS {
            let task = Task { allowed, ..Task::new(&r, sense) };
            let found = solver(mdp, method.id).optimise(&task);
            let name = |what: String| format!("{} {sense:?}: {what}", method.id);
            check_one(&exact, mdp, &rational, &optimum, &found).map_err(name)?;
            if method.id == "exact" {
                check_exact(&exact, mdp, &optimum, &found).map_err(name)?;
            }
            all.push(found);
        }
        for (i, x) in all.iter().enumerate() {
            for y in &all[..i] {
                let apart = (0..exact.n()).find(|&s| x.lo[s] > y.hi[s] || y.lo[s] > x.hi[s]);
                require!(apart.is_none(), "{} and {} disagree at {apart:?}", x.method, y.method);
            }
        }
    }
    Ok(())
}

fn check_case(case: &Case) -> Result<(), String> {
    let model = case.model();
    check(model.mdp(), reward(&model, 0), None)
}

/// Any model, with rewards of very different sizes side by side.
fn wild(kind: Kind) -> impl Strategy<Value = Case> {
    cases_of(kind).prop_map(|mut case| {
        let mut tape = case.tape.clone();
        let mut scale = |r: &mut f64| *r *= tape.pick(SIZES);
        match &mut case.rewards[0] {
            Table::S(r) => r.iter_mut().for_each(&mut scale),
            Table::Sa(r) => r.iter_mut().flatten().for_each(&mut scale),
            Table::Sas(r) => r.iter_mut().flatten().flatten().for_each(&mut scale),
        }
        case
    })
}

fn hold(result: Result<(), String>) -> Result<(), TestCaseError> {
    result.map_err(TestCaseError::fail)
}

const SMALL: Kind = Kind { max_states: 6, max_actions: 3, gammas: GAMMAS, ..Kind::ANY };

proptest! {
    #![proptest_config(crate::common::cases(256))]

    #[test]
    fn methods_meet_around_the_exact_optimum(case in cases_of(SMALL)) {
        hold(check_case(&case))?;
    }

    #[test]
    fn rewards_of_sixteen_orders_of_magnitude_in_one_model(case in wild(SMALL)) {
        hold(check_case(&case))?;
    }

    #[test]
    fn episodes_without_discount(case in wild(Kind { max_states: 6, max_actions: 3, ..Kind::EPISODIC })) {
        hold(check_case(&case))?;
    }

    #[test]
    fn sizes_at_the_ends_of_what_is_accepted(case in cases_of(Kind { scales: &[1e-90, 1e90], max_states: 4, ..SMALL })) {
        hold(check_case(&case))?;
    }

    #[test]
    fn certain_steps_and_whole_rewards_tie_often(case in cases_of(Kind { certain: true, scales: &[1.0], ..SMALL })) {
        hold(check_case(&case))?;
    }

    #[test]
    fn restricted_actions(mut case in cases_of(SMALL)) {
        let model = case.model();
        let mut allowed: Vec<bool> = (0..model.mdp().n_rows()).map(|_| case.tape.below(2) == 0).collect();
        case.policy(model.mdp()).into_iter().for_each(|row| allowed[row] = true);
        hold(check(model.mdp(), reward(&model, 0), Some(&allowed)))?;
    }

    #[test]
    fn evaluation_brackets_the_rational_value(
        mut case in prop_oneof![wild(SMALL), wild(Kind { max_states: 6, ..Kind::EPISODIC })],
    ) {
        let model = case.model();
        let (mdp, reward) = (model.mdp(), reward(&model, 0));
        let exact = Exact::new(mdp);
        let solver = solver(mdp, "pi");
        let (rows, mixture) = (case.policy(mdp), case.mixture(mdp));
        let weights: Vec<Q> = mixture.iter().map(|&x| q(x)).collect();
        for (policy, weights) in [
            (Policy::Deterministic(rows.clone()), exact.as_mixture(&rows)),
            (Policy::Stochastic(mixture), weights),
        ] {
            let v = exact.evaluate_mixture(&weights, &exact.expected(reward));
            let found = &solver.evaluate(&policy, &[&reward.expected(mdp)])[0];
            hold(brackets(&found.lo, &found.hi, &v))?;
        }
    }

    /// A form solves equations in the potential; `err` bounds how far its entries are from the exact form, and so
    /// returns from those of the shaped reward by `err` times the horizon.
    #[test]
    fn the_error_of_canonical_forms_holds_near_discount_one(case in cases_of(Kind { gammas: GAMMAS, max_states: 4, ..Kind::WHOLE })) {
        let model = case.model();
        let (mdp, reward) = (model.mdp(), reward(&model, 0));
        let solver = solver(mdp, "pi");
        let uniform = Policy::uniform(mdp);
        let context = Context { solver: &solver, reference: &uniform };
        let canon = CANONS.iter().find(|canon| canon.id == "val").expect("listed");
        let form = canon.apply(&context, reward).map_err(|d| TestCaseError::fail(format!("{d:?}")))?;
        hold(val_is_within_its_error(mdp, reward, &form))?;
    }
}

/// The value-adjusted form is `E[R + gamma V(s') - V(s)]`, with `V` the value of the uniform policy.
fn val_is_within_its_error(
    mdp: &Mdp,
    reward: &Reward,
    form: &truenorth::analysis::canon::Canonical,
) -> Result<(), String> {
    let exact = Exact::new(mdp);
    let r = exact.expected(reward);
    let mut weights = vec![Q::ZERO; mdp.n_rows()];
    for rows in &exact.rows {
        let Range { start, end } = *rows;
        weights[start..end].fill(Q::ONE / Q::from(end - start));
    }
    let v = exact.evaluate_mixture(&weights, &r);
    for s in 0..exact.n() {
        for row in exact.rows[s].clone() {
            let truth = exact.backup(row, &r, &v) - &v[s];
            for &(t, _) in &exact.p[row] {
                let found = form.at(mdp, row, t);
                // The additions that make an entry are not part of `err`.
                let size = near(&largest(&v)) + near(&largest(&r));
                let off = near(&(q(found) - &truth)).abs();
                require!(off <= form.err + 1e-14 * size, "row {row}: off by {off:e}, not {:e}", form.err);
            }
        }
    }
    Ok(())
}

/// One state after the other, each with the given next states, probabilities and rewards per action.
fn table(gamma: f64, p: Vec<Vec<Option<Vec<f64>>>>, r: Vec<Vec<f64>>, terminal: Vec<usize>) -> Case {
    Case { gamma, p, mu0: Start::Uniform, terminal, rewards: vec![Table::Sa(r)], tape: Tape::new(vec![0]) }
}

fn unit(n: usize, s: usize) -> Option<Vec<f64>> {
    Some((0..n).map(|t| f64::from(u8::from(t == s))).collect())
}

#[test]
fn a_period_that_never_mixes() {
    for n in [2, 3, 7] {
        for &gamma in GAMMAS {
            let p = (0..n).map(|s| vec![unit(n, (s + 1) % n), unit(n, s)]).collect();
            let r = (0..n).map(|s| vec![[1.0, -1.0, 0.0, 5.0][s % 4], 0.5]).collect();
            check_case(&table(gamma, p, r, Vec::new())).unwrap_or_else(|e| panic!("{n} states, gamma {gamma}: {e}"));
        }
    }
}

#[test]
fn one_state_and_the_smallest_discounts_from_one() {
    for &gamma in GAMMAS {
        check_case(&table(gamma, vec![vec![unit(1, 0)]], vec![vec![0.1]], Vec::new())).unwrap();
        check_case(&table(gamma, vec![vec![unit(1, 0); 2]], vec![vec![0.1, 0.1f64.next_up()]], Vec::new())).unwrap();
    }
    check_case(&table(0.9, vec![vec![unit(1, 0)]], vec![vec![0.0]], vec![0])).unwrap();
    check_case(&table(1.0, vec![vec![unit(1, 0)]], vec![vec![0.0]], vec![0])).unwrap();
}

#[test]
fn probabilities_down_to_the_smallest_doubles() {
    // Exponents from 0 to -1074 in one row: whole numbers of a thousand bits.
    for tiny in [1e-10, 1e-20, 1e-100, f64::MIN_POSITIVE, 5e-324] {
        for gamma in [0.3, 0.99, 1.0] {
            let rows = vec![
                vec![Some(vec![0.5, 0.5, tiny]), Some(vec![tiny, 0.0, 1.0])],
                vec![Some(vec![tiny, 0.25, 0.75]), Some(vec![0.0, 1.0 / 3.0, 2.0 / 3.0])],
                vec![unit(3, 2), unit(3, 2)],
            ];
            let r = vec![vec![1.0, -1.0], vec![0.1, 0.3], vec![0.0, 0.0]];
            check_case(&table(gamma, rows, r, vec![2])).unwrap_or_else(|e| panic!("{tiny:e}, gamma {gamma}: {e}"));
        }
    }
}

/// Two actions whose values differ in the last place of one reward are no tie, whatever the method.
#[test]
fn a_difference_of_one_rounding_is_no_tie() {
    let case = table(0.99, vec![vec![unit(1, 0); 2]], vec![vec![1.0, 1.0f64.next_up()]], Vec::new());
    let model = case.model();
    let (mdp, r) = (model.mdp(), reward(&model, 0).expected(model.mdp()));
    let task = Task::new(&r, Sense::Max);
    for method in METHODS {
        let found = solver(mdp, method.id).optimise(&task);
        assert_eq!((found.optimal, found.doubt), (vec![false, true], None), "{}", method.id);
    }
    let doubles = ExpectedReward::exact(r.r.clone());
    let open = solver(mdp, "pi").optimise(&Task::new(&doubles, Sense::Max));
    assert!(open.optimal == [true, true] && open.doubt.is_some(), "rewards without fractions leave it open");
    let exact = solver(mdp, "exact").optimise(&task);
    assert_eq!((exact.optimal, exact.policy, exact.n_ties), (vec![false, true], vec![1], 0));
}

/// What the tests above would see: a bound beyond the value by one rounding, a value that is no optimum.
#[test]
fn the_checks_notice_the_smallest_mistakes() {
    let third = Q::ONE / Q::from(3);
    let x = near(&third);
    let (lo, hi) = if q(x) < third { (x, x.next_up()) } else { (x.next_down(), x) };
    brackets(&[lo], &[hi], std::slice::from_ref(&third)).unwrap();
    brackets(&[hi], &[hi], std::slice::from_ref(&third)).unwrap_err();
    brackets(&[lo], &[lo], std::slice::from_ref(&third)).unwrap_err();

    let case = table(0.9, vec![vec![unit(1, 0); 2]], vec![vec![1.0, 2.0]], Vec::new());
    let model = case.model();
    let (mdp, r) = (model.mdp(), reward(&model, 0).expected(model.mdp()));
    let (exact, rational) = (Exact::new(mdp), reward(&model, 0).rational(mdp));
    let optimum = exact.optimum(&rational, true, None);
    let found = solver(mdp, "exact").optimise(&Task::new(&r, Sense::Max));
    check_exact(&exact, mdp, &optimum, &found).unwrap();
    let worst = solver(mdp, "exact").optimise(&Task::new(&r, Sense::Min));
    check_exact(&exact, mdp, &optimum, &worst).unwrap_err();
    let wrong = Solution { policy: vec![0], ..found.clone() };
    check_one(&exact, mdp, &rational, &optimum, &wrong).unwrap_err();
    let lost = Solution { optimal: vec![true, false], ..found };
    check_one(&exact, mdp, &rational, &optimum, &lost).unwrap_err();
}

/// Without the exact rewards of a task whose rewards were rounded there is nothing to be exact about.
#[test]
fn rounded_rewards_make_no_fractions() {
    let mut case = table(0.9, vec![vec![Some(vec![0.3, 0.7])], vec![unit(2, 1)]], Vec::new(), Vec::new());
    case.rewards = vec![Table::Sas(vec![vec![vec![0.1, 0.2]], vec![vec![0.0, 0.7]]])];
    let model = case.model();
    let (mdp, reward) = (model.mdp(), reward(&model, 0));
    let r = reward.expected(mdp);
    assert!(r.err > 0.0);
    let doubles = ExpectedReward::rounded(r.r.clone(), r.err);
    let rounded = solver(mdp, "exact").optimise(&Task::new(&doubles, Sense::Max));
    assert!(rounded.exact.is_none() && rounded.lo[0] < rounded.hi[0]);
    let rational = reward.rational(mdp);
    let whole = Task::new(&r, Sense::Max);
    assert!(solver(mdp, "exact").optimise(&whole).exact.is_some());
    // Rewards need not be sums of doubles: thirds of an exact value are exact.
    let thirds: Vec<Q> = rational.iter().map(|r| r / Q::from(3)).collect();
    let third = ExpectedReward::of_fractions(Arc::new(thirds));
    let found = solver(mdp, "exact").optimise(&Task::new(&third, Sense::Max));
    let value = |found: &Solution, s| found.exact.as_ref().map(|x| x.value(s));
    let whole = solver(mdp, "exact").optimise(&whole);
    assert_eq!(value(&found, 0).map(|v| v * Q::from(3)), value(&whole, 0));
}

#[test]
fn a_model_too_large_for_fractions_is_refused_before_it_runs() {
    let model = Model::build(gallery::read("garnet?states=1001").unwrap()).unwrap();
    let Err(diag) = Solver::new(model.mdp(), Options { method: Some("exact"), ..Options::default() }) else {
        panic!("1001 states are too many")
    };
    let text = diag.to_string();
    assert!(text.contains("1001") && text.contains("pi"), "{text}");
}

/// Models too large for elimination in growing fractions: there the fractions of the method `exact` are not found again
/// but checked. Values that no backup exceeds, and that one row of each state attains, are the optimal ones.
fn check_large(mdp: &Mdp, reward: &Reward) -> Result<(), String> {
    let (exact, r) = (Exact::new(mdp), reward.expected(mdp));
    let rational = exact.written(mdp, reward);
    for sense in SENSES {
        let task = Task::new(&r, sense);
        let found = solver(mdp, "exact").optimise(&task);
        let values = found.exact.as_ref().ok_or("no fractions")?;
        let v: Vec<Q> = (0..exact.n()).map(|s| values.value(s)).collect();
        for s in (0..exact.n()).filter(|&s| !mdp.is_terminal(s)) {
            for row in exact.rows[s].clone() {
                let gap = &v[s] - exact.backup(row, &rational, &v);
                let gap = if sense == Sense::Max { gap } else { -gap };
                require!(gap >= Q::ZERO, "{sense:?}: row {row} is better than the value of its state");
                require!(gap.is_zero() == found.optimal[row], "{sense:?}: row {row} is wrongly called optimal or not");
            }
            require!(found.optimal[found.policy[s]], "{sense:?}: no row attains the value of state {s}");
        }
        for method in METHODS {
            let other = solver(mdp, method.id).optimise(&task);
            brackets(&other.lo, &other.hi, &v).map_err(|e| format!("{} {sense:?}: {e}", method.id))?;
            let kept = (0..mdp.n_rows()).all(|row| other.optimal[row] || !found.optimal[row]);
            require!(kept, "{} {sense:?} loses an optimal row", method.id);
        }
    }
    Ok(())
}

/// States up to which the oracle is asked; above, up to the second number, answers are checked.
const ORACLE: (usize, usize) = (20, 100);

#[test]
fn the_gallery_by_every_method() {
    for entry in gallery::GALLERY {
        let model = Model::build(gallery::read(entry.name).unwrap()).unwrap();
        let mdp = model.mdp();
        for (name, reward) in model.rewards().iter().take(3) {
            let checked = match mdp.n_states() {
                n if n <= ORACLE.0 => check(mdp, reward, None),
                n if n <= ORACLE.1 => check_large(mdp, reward),
                _ => Ok(()),
            };
            checked.unwrap_or_else(|e| panic!("{}, {name}: {e}", entry.name));
        }
    }
}

#[test]
fn random_models_of_forty_states() {
    for spec in ["states=40", "states=40&branching=40&gamma=0.5", "states=40&gamma=0.999&seed=2"] {
        let model = Model::build(gallery::read(&format!("garnet?{spec}")).unwrap()).unwrap();
        check_large(model.mdp(), reward(&model, 0)).unwrap_or_else(|e| panic!("{spec}: {e}"));
    }
}
