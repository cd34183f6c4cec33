//! The inequalities between regret, return range, norms and distances, with their constants.

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of};
use crate::common::lab::{Lab, hold, with_lab};
use good_lp::{Expression, Solution, SolverModel, constraint, microlp, variable, variables};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use truenorth::analysis::canon::find;
use truenorth::analysis::regret::worst_case;
use truenorth::base::Bounded;
use truenorth::model::{Policy, Reward};

/// Relative room for rounding in the test's own linear algebra.
const ROUND: f64 = 1e-9;

/// A return range below this share of the reward is left to other tests.
const SMALL: f64 = 1e-4;

fn nwcr(lab: &Lab<'_>, truth: &Reward, proxy: &Reward) -> Bounded {
    worst_case(lab.solver, &lab.range(truth), &lab.range(proxy)).normalised
}

fn matters(lab: &Lab<'_>, r: &Reward) -> bool {
    lab.range(r).rho.value > SMALL * lab.size(r)
}

/// `NWCR <= upper d` and `lower d <= NWCR`, for range STARC.
fn range_constants(lab: &Lab<'_>, truth: &Reward, proxy: &Reward, upper: f64, lower: f64) -> Result<(), String> {
    let (n, d) = (nwcr(lab, truth, proxy), lab.distance("starc-range", truth, proxy));
    require!(n.lo <= upper * d.hi, "regret {n:?} above {upper} d, d = {d:?}");
    require!(lower * d.lo <= n.hi, "regret {n:?} below {lower} d, d = {d:?}");
    Ok(())
}

/// Largest `|VAL|`.
fn val_size(lab: &Lab<'_>, r: &Reward) -> f64 {
    lab.size(&lab.as_reward(&find("val").unwrap().apply(lab.context, r).unwrap()))
}

/// `M r` and its Euclidean length.
fn projected(lab: &Lab<'_>, r: &Reward) -> (Vec<f64>, f64) {
    let form = find("minimal-weighted").unwrap().apply(lab.context, r).unwrap().form.base().to_vec();
    let length = form.iter().map(|x| x * x).sum::<f64>().sqrt();
    (form, length)
}

/// Least expected discount at the first visit of a state under the uniform policy: `min_s (mu0' N)_s / N_ss`.
fn first_visit(lab: &Lab<'_>) -> f64 {
    let (mdp, n) = (lab.mdp, lab.mdp.n_states());
    let uniform = Policy::uniform(mdp);
    let step = DMatrix::from_fn(n, n, |s, t| mdp.rows(s).map(|row| uniform.prob(s, row) * lab.p(row, t)).sum::<f64>());
    let visits = (DMatrix::identity(n, n) - mdp.gamma() * step).try_inverse().unwrap();
    let start = DVector::from_column_slice(mdp.mu0()).transpose() * &visits;
    (0..n).map(|s| start[s] / visits[(s, s)]).fold(f64::INFINITY, f64::min)
}

/// Radius of the largest ball, within the flow equations, inside the occupancies:
/// maximise r subject to `eta_i >= r |M e_i|`. 0 where there is but one policy, and nothing to project on.
fn inradius(lab: &Lab<'_>) -> f64 {
    let mdp = lab.mdp;
    let reach = |i: usize| {
        let mut e = vec![0.0; mdp.n_rows()];
        e[i] = 1.0;
        projected(lab, &Reward::per_row(e)).1
    };
    let reach: Vec<f64> = (0..mdp.n_rows()).map(reach).collect();
    if reach.iter().all(|x| *x < 1e-9) {
        return 0.0;
    }
    let mut vars = variables!();
    let radius = vars.add(variable().min(0.0));
    let eta: Vec<_> = (0..mdp.n_rows()).map(|_| vars.add(variable().min(0.0))).collect();
    let mut model = vars.maximise(radius).using(microlp);
    for i in 0..mdp.n_rows() {
        model = model.with(constraint!(eta[i] >= reach[i] * radius));
    }
    for t in 0..mdp.n_states() {
        let mut flow = Expression::from(0.0);
        for row in 0..mdp.n_rows() {
            let out = f64::from(u8::from(mdp.state(row) == t));
            flow += (out - mdp.gamma() * lab.p(row, t)) * eta[row];
        }
        model = model.with(constraint!(flow == mdp.mu0()[t]));
    }
    model.solve().unwrap().value(radius)
}

proptest! {
    #![proptest_config(crate::common::cases(128))]

    #[test]
    fn regret_lies_between_half_the_range_distance_and_all_of_it(
        // No hypothesis at all: unreachable and terminal states, any start, any discount.
        case in prop_oneof![
            cases_of(Kind { n_rewards: 2, scales: &[1.0], ..Kind::ANY }),
            cases_of(Kind { n_rewards: 2, scales: &[1.0], ..Kind::EPISODIC }),
        ],
    ) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            if !matters(lab, &x) {
                return Ok(());
            }
            range_constants(lab, &x, &y, 1.0, 0.5)
        }))?;
    }

    #[test]
    fn val_and_the_range_bound_each_other(case in cases_of(Kind::WHOLE)) {
        hold(with_lab(&case, |lab| val_bounds(lab, first_visit(lab), 2.0)))?;
    }

    #[test]
    fn the_projection_and_the_range_bound_each_other(case in cases_of(Kind { max_states: 5, ..Kind::WHOLE })) {
        hold(with_lab(&case, |lab| projection_bounds(lab, inradius(lab), 2f64.sqrt())))?;
    }

    #[test]
    fn regret_is_within_the_constants_of_val_and_of_the_projection(case in cases_of(Kind::WHOLE)) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            if !matters(lab, &x) || !matters(lab, &y) {
                return Ok(());
            }
            let (n, gamma, h) = (nwcr(lab, &x, &y), lab.mdp.gamma(), first_visit(lab));
            let d = lab.distance("starc-val-linf", &x, &y).value;
            let kappa = 2.0 / ((1.0 - gamma) * h);
            require!(n.lo <= kappa * d + ROUND, "regret {n:?} above {kappa} times {d}");
            require!(d / (2.0 * kappa) <= n.hi + ROUND, "regret {n:?} below {d} / {kappa} / 2");

            // The regret per pair: NWCR <= A_2 |x - y| / rho(x), with x of length 1.
            let rho = lab.range(&x).rho.value / projected(lab, &x).1;
            let d = lab.distance("starc-minimal-weighted-l2", &x, &y).value;
            require!(n.lo <= 2f64.sqrt() / (1.0 - gamma) * d / rho + ROUND, "regret {n:?}, distance {d}, range {rho}");
            Ok(())
        }))?;
    }

    #[test]
    fn epic_bounds_regret_only_in_units_of_its_own_form(case in cases_of(Kind::WHOLE)) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            if !matters(lab, &x) || !matters(lab, &y) {
                return Ok(());
            }
            for id in ["epic", "val-potential", "minimal-potential"] {
                let form = lab.as_reward(&find(id).unwrap().apply(lab.context, &x).unwrap());
                let length = lab.entries().map(|(row, t)| form.at(row, t).powi(2)).sum::<f64>().sqrt();
                let d = lab.distance(&format!("starc-{id}-l2"), &x, &y).value;
                let bound = 2f64.sqrt() / (1.0 - lab.mdp.gamma()) * length * d;
                let regret = worst_case(lab.solver, &lab.range(&x), &lab.range(&y)).value;
                require!(regret.lo <= bound * (1.0 + ROUND) + ROUND, "{id}: regret {regret:?} above {bound}");
            }
            Ok(())
        }))?;
    }
}

/// `h |VAL| <= rho <= c |VAL| / (1 - gamma)`.
fn val_bounds(lab: &Lab<'_>, h: f64, c: f64) -> Result<(), String> {
    let r = lab.reward(0);
    let (size, rho) = (val_size(lab, &r), lab.range(&r).rho);
    let room = ROUND * lab.size(&r) / (1.0 - lab.mdp.gamma());
    require!(h * size <= rho.hi + room, "h = {h}, |VAL| = {size}, {rho:?}");
    require!(rho.lo <= c * size / (1.0 - lab.mdp.gamma()) + room, "|VAL| = {size}, {rho:?}");
    Ok(())
}

/// `2 r |M R| <= rho <= c |M R| / (1 - gamma)`.
fn projection_bounds(lab: &Lab<'_>, radius: f64, c: f64) -> Result<(), String> {
    let r = lab.reward(0);
    let (length, rho) = (projected(lab, &r).1, lab.range(&r).rho);
    let room = ROUND * lab.size(&r) / (1.0 - lab.mdp.gamma());
    require!(2.0 * radius * length <= rho.hi + room, "r = {radius}, |MR| = {length}, {rho:?}");
    require!(rho.lo <= c * length / (1.0 - lab.mdp.gamma()) + room, "|MR| = {length}, {rho:?}");
    Ok(())
}

/// One state and an action a reward.
fn bandit(gamma: f64, rewards: &[&[f64]]) -> Case {
    Case {
        gamma,
        p: vec![rewards[0].iter().map(|_| Some(vec![1.0])).collect()],
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: rewards.iter().map(|r| Table::Sa(vec![r.to_vec()])).collect(),
        tape: Tape::new(vec![0]),
    }
}

#[test]
fn both_constants_of_the_range_distance_are_sharp() {
    with_lab(&bandit(0.5, &[&[1.0, 0.0, 0.5], &[1.0, 0.0, 0.6]]), |lab| {
        let (x, y) = (lab.reward(0), lab.reward(1));
        assert!(range_constants(lab, &x, &y, 1.0, 0.5).is_ok());
        assert!(range_constants(lab, &x, &y, 0.99, 0.5).is_err(), "regret is all of the distance");
        assert!(range_constants(lab, &x, &x.scaled(-1.0), 1.0, 0.5).is_ok());
        assert!(range_constants(lab, &x, &x.scaled(-1.0), 1.0, 0.51).is_err(), "regret is half of the distance");
    });
}

#[test]
fn the_constants_of_val_are_sharp() {
    // Two actions with advantages +1 and -1: the range is all of 2 |VAL| / (1 - gamma).
    with_lab(&bandit(0.5, &[&[1.0, -1.0]]), |lab| {
        assert!((first_visit(lab) - 1.0).abs() < 1e-12);
        assert!(val_bounds(lab, 1.0, 2.0).is_ok());
        assert!(val_bounds(lab, 1.0, 1.99).is_err());
    });
    // Without discount to speak of and a choice that is better only once, the range is |VAL|.
    with_lab(&bandit(0.0, &[&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]), |lab| {
        assert!(val_bounds(lab, 1.0, 2.0).is_ok());
        assert!(val_bounds(lab, 1.21, 2.0).is_err());
    });
}

#[test]
fn a_state_seldom_visited_makes_the_first_visit_count() {
    let mut case = bandit(0.5, &[&[0.0, 0.0]]);
    let (stay, rare) = (vec![1.0, 0.0], vec![0.99, 0.01]);
    case.p = vec![vec![Some(rare.clone()), Some(rare)], vec![Some(stay.clone()), Some(stay)]];
    case.mu0 = Start::State(0);
    case.rewards = vec![Table::Sa(vec![vec![0.0, 0.0], vec![1.0, 0.0]])];
    with_lab(&case, |lab| {
        let h = first_visit(lab);
        assert!(h < 0.02, "{h}");
        assert!(val_bounds(lab, h, 2.0).is_ok());
        assert!(val_bounds(lab, 1.0, 2.0).is_err());
    });
}

#[test]
fn the_constants_of_the_projection_are_sharp_in_a_bandit() {
    with_lab(&bandit(0.0, &[&[1.0, -1.0]]), |lab| {
        // Occupancies are a segment of length sqrt 2 along M r = (1, -1), and rho = 2 = sqrt 2 |M r|.
        let radius = inradius(lab);
        assert!((radius - 0.5f64.sqrt()).abs() < 1e-9, "{radius}");
        assert!(projection_bounds(lab, radius, 2f64.sqrt()).is_ok());
        assert!(projection_bounds(lab, 1.01 * radius, 2f64.sqrt()).is_err());
        assert!(projection_bounds(lab, radius, 1.4).is_err());
    });
}
