//! Canonical forms: what they keep, what they remove, and formulas written a second time.

use crate::common::draw::{Case, Kind, Start, Table, Tape, cases_of};
use crate::common::exact::{Exact, Q, near, q};
use crate::common::lab::{Lab, hold, with_lab};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use truenorth::analysis::canon::{CANONS, Canon, Canonical, find};
use truenorth::model::{Mdp, Policy, Reward};

/// Models on which every canonical form is defined, with and without terminal states.
fn models() -> impl Strategy<Value = Case> {
    prop_oneof![cases_of(Kind::WHOLE), cases_of(Kind { terminals: true, ..Kind::WHOLE })]
}

/// DARD is refused where a state lacks an action.
fn apply(lab: &Lab<'_>, canon: &Canon, reward: &Reward) -> Option<Canonical> {
    let full = lab.mdp.n_rows() == lab.mdp.n_states() * lab.mdp.n_actions();
    match canon.apply(lab.context, reward) {
        Ok(form) => Some(form),
        Err(_) if canon.id == "dard" && !full => None,
        Err(diag) => panic!("{}: {diag:?}", canon.id),
    }
}

/// What rounding may do to a form: the reward times the horizon, once over for each ill-conditioned step.
fn tolerance(lab: &Lab<'_>, rewards: &[&Reward]) -> f64 {
    let size = rewards.iter().fold(0.0, |m, r| f64::max(m, lab.size(r)));
    1e-11 * size / (1.0 - lab.mdp.gamma())
}

/// Largest difference of two forms, over all transitions or over those that can happen.
fn apart(lab: &Lab<'_>, x: &dyn Fn(usize, usize) -> f64, y: &dyn Fn(usize, usize) -> f64, possible: bool) -> f64 {
    let entries = lab.entries().filter(|&(row, t)| !possible || lab.p(row, t) > 0.0);
    entries.fold(0.0, |m, (row, t)| f64::max(m, (x(row, t) - y(row, t)).abs()))
}

fn difference(lab: &Lab<'_>, x: &Canonical, y: &Canonical, factor: f64) -> f64 {
    apart(lab, &|row, t| x.at(lab.mdp, row, t), &|row, t| factor * y.at(lab.mdp, row, t), false)
}

proptest! {
    #![proptest_config(crate::common::cases(128))]

    #[test]
    fn val_is_the_advantage_of_the_reference_policy(case in models()) {
        hold(with_lab(&case, |lab| {
            let r = lab.reward(0);
            let form = find("val").unwrap().apply(lab.context, &r).unwrap();
            advantage_agrees(lab, &r, &form, lab.mdp.gamma())
        }))?;
    }

    #[test]
    fn a_form_is_its_own_form(case in models()) {
        hold(with_lab(&case, |lab| {
            for canon in CANONS.iter().filter(|c| c.id != "dard") {
                let form = canon.apply(lab.context, &lab.reward(0)).unwrap();
                let again = canon.apply(lab.context, &lab.as_reward(&form)).unwrap();
                let gap = difference(lab, &form, &again, 1.0);
                require!(gap <= tolerance(lab, &[&lab.reward(0)]), "{}: the second form differs by {gap}", canon.id);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn a_form_keeps_the_return_range(case in models()) {
        hold(with_lab(&case, |lab| {
            let exact = Exact::new(lab.mdp);
            let rho = exact.range(&exact.expected(&lab.reward(0)));
            for canon in CANONS.iter().filter(|c| c.id != "dard") {
                let form = canon.apply(lab.context, &lab.reward(0)).unwrap();
                let kept = exact.range(&exact.expected(&lab.as_reward(&form)));
                let horizon = 1.0 / (1.0 - lab.mdp.gamma());
                let gap = near(&(&kept - &rho)).abs();
                require!(gap <= horizon * tolerance(lab, &[&lab.reward(0)]), "{}: range moved by {gap}", canon.id);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn what_no_policy_feels_is_removed(case in models()) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            for canon in CANONS.iter().filter(|c| c.id != "none") {
                let r = lab.reward(0);
                let (same, c) = lab.same_task(&mut tape, &r, canon.removes_redistribution);
                let (Some(x), Some(y)) = (apply(lab, canon, &r), apply(lab, canon, &same)) else { continue };
                let gap = difference(lab, &y, &x, c);
                require!(gap <= tolerance(lab, &[&same]), "{}: the same task has a form {gap} away", canon.id);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn forms_are_linear(case in models()) {
        hold(with_lab(&case, |lab| {
            let (x, y) = (lab.reward(0), lab.reward(1));
            let both = Reward::linear(&[(2.0, &x), (-3.0, &y)]);
            for canon in CANONS {
                let forms = [&x, &y, &both].map(|r| apply(lab, canon, r));
                let [Some(fx), Some(fy), Some(fb)] = forms else { continue };
                let at = |f: &Canonical, row, t| f.at(lab.mdp, row, t);
                let sum = |row, t| 2.0 * at(&fx, row, t) - 3.0 * at(&fy, row, t);
                let gap = apart(lab, &|row, t| at(&fb, row, t), &sum, false);
                require!(gap <= 5.0 * tolerance(lab, &[&x, &y]), "{}: not linear by {gap}", canon.id);
            }
            Ok(())
        }))?;
    }

    #[test]
    fn least_forms_agree_with_a_design_matrix(case in models()) {
        hold(with_lab(&case, |lab| least_forms(lab, lab.mdp.gamma())))?;
    }

    #[test]
    fn epic_and_dard_agree_with_their_definitions(case in models()) {
        hold(with_lab(&case, |lab| {
            let (r, gamma) = (lab.reward(0), lab.mdp.gamma());
            let tolerance = tolerance(lab, &[&r]);
            let form = find("epic").unwrap().apply(lab.context, &r).unwrap();
            let gap = apart(lab, &|row, t| form.at(lab.mdp, row, t), &epic(lab, &r, gamma), false);
            require!(gap <= tolerance, "epic differs by {gap}");
            if let Some(form) = apply(lab, find("dard").unwrap(), &r) {
                let gap = apart(lab, &|row, t| form.at(lab.mdp, row, t), &dard(lab, &r), false);
                require!(gap <= tolerance, "dard differs by {gap}");
            }
            Ok(())
        }))?;
    }

    #[test]
    fn certain_transitions_make_val_potential_val_where_it_matters(
        case in cases_of(Kind { certain: true, terminals: true, ..Kind::WHOLE }),
    ) {
        hold(with_lab(&case, |lab| {
            let gap = val_apart(lab);
            require!(gap <= tolerance(lab, &[&lab.reward(0)]), "{gap} apart on possible transitions");
            Ok(())
        }))?;
    }

    #[test]
    fn a_trivial_reward_has_no_form_left(case in models()) {
        let mut tape = case.tape.clone();
        hold(with_lab(&case, |lab| {
            let nothing = Reward::per_row(vec![0.0; lab.mdp.n_rows()]);
            for canon in CANONS.iter().filter(|c| c.removes_redistribution) {
                let (trivial, _) = lab.same_task(&mut tape, &nothing, true);
                let form = canon.apply(lab.context, &trivial).unwrap();
                let left = lab.size(&lab.as_reward(&form));
                require!(left <= tolerance(lab, &[&trivial]), "{}: {left} is left of nothing", canon.id);
            }
            Ok(())
        }))?;
    }
}

/// Advantages in rational arithmetic with discount `gamma`, within the error the form states; their mean is zero.
fn advantage_agrees(lab: &Lab<'_>, r: &Reward, form: &Canonical, gamma: f64) -> Result<(), String> {
    let mut exact = Exact::new(lab.mdp);
    exact.gamma = q(gamma);
    let uniform = Policy::uniform(lab.mdp);
    let weight = |s: usize, row: usize| uniform.prob(s, row);
    let mixture: Vec<Q> =
        exact.rows.iter().enumerate().flat_map(|(s, rows)| rows.clone().map(move |row| q(weight(s, row)))).collect();
    let rational = exact.expected(r);
    let v = exact.evaluate_mixture(&mixture, &rational);
    let round = 1e-15 * (lab.size(r) + 2.0 * near(&crate::common::exact::largest(&v)));
    for (s, rows) in exact.rows.iter().enumerate() {
        let mut mean = 0.0;
        for row in rows.clone() {
            let advantage = near(&(exact.backup(row, &rational, &v) - &v[s]));
            let ours = form.at(lab.mdp, row, s);
            let gap = (ours - advantage).abs();
            require!(gap <= form.err + round, "row {row}: {ours}, not {advantage}; stated error {}", form.err);
            mean += weight(s, row) * ours;
        }
        require!(mean.abs() <= form.err + round, "the advantages of state {s} average {mean}");
    }
    Ok(())
}

/// The four least-norm forms by QR of the explicit design matrix: a column for the shaping of each state and, where
/// redistribution is removed too, a basis of the zero-mean vectors of each row.
fn least_forms(lab: &Lab<'_>, gamma: f64) -> Result<(), String> {
    let r = lab.reward(0);
    for (id, weighted, redistribute) in [
        ("minimal", false, true),
        ("minimal-weighted", true, true),
        ("minimal-potential", false, false),
        ("minimal-potential-weighted", true, false),
    ] {
        // Rows of terminal states are no part of the sum.
        let weight = |row, t| match (lab.mdp.is_terminal(lab.mdp.state(row)), weighted) {
            (true, _) => 0.0,
            (false, true) => lab.p(row, t).sqrt(),
            (false, false) => 1.0,
        };
        let columns = design(lab, gamma, redistribute);
        let seen = |c: &Vec<f64>| lab.entries().zip(c).any(|((row, t), x)| weight(row, t) * x != 0.0);
        let columns: Vec<Vec<f64>> = columns.into_iter().filter(seen).collect();
        let entries: Vec<(usize, usize)> = lab.entries().collect();
        let a =
            DMatrix::from_fn(entries.len(), columns.len(), |i, j| weight(entries[i].0, entries[i].1) * columns[j][i]);
        let y = DVector::from_fn(entries.len(), |i, _| {
            let (row, t) = entries[i];
            weight(row, t) * r.at(row, t)
        });
        let basis = a.qr().q();
        let left = &y - &basis * (basis.transpose() * &y);
        let form = find(id).unwrap().apply(lab.context, &r).unwrap();
        let n = lab.mdp.n_states();
        let theirs = |row: usize, t: usize| left[row * n + t];
        let ours = |row: usize, t: usize| weight(row, t) * form.at(lab.mdp, row, t);
        let gap = apart(lab, &ours, &theirs, false);
        require!(gap <= tolerance(lab, &[&r]), "{id} is {gap} away from the least form");
        let stated = form.err + 1e-14 * lab.size(&r) / (1.0 - gamma);
        require!(gap <= 10.0 * stated, "{id} is {gap} away and states {}", form.err);
    }
    Ok(())
}

fn design(lab: &Lab<'_>, gamma: f64, redistribute: bool) -> Vec<Vec<f64>> {
    let (mdp, n) = (lab.mdp, lab.mdp.n_states());
    let is = |x: bool| f64::from(u8::from(x));
    let mut columns: Vec<Vec<f64>> = (0..n)
        .filter(|&x| !mdp.is_terminal(x))
        .map(|x| lab.entries().map(|(row, t)| gamma * is(t == x) - is(mdp.state(row) == x)).collect())
        .collect();
    for row in (0..mdp.n_rows()).filter(|_| redistribute) {
        let likeliest = (0..n).max_by(|&x, &y| lab.p(row, x).total_cmp(&lab.p(row, y))).unwrap();
        for t in (0..n).filter(|&t| t != likeliest) {
            let mut column = vec![0.0; mdp.n_rows() * n];
            column[row * n + t] = 1.0;
            column[row * n + likeliest] = -lab.p(row, t) / lab.p(row, likeliest);
            columns.push(column);
        }
    }
    columns
}

fn epic(lab: &Lab<'_>, r: &Reward, gamma: f64) -> impl Fn(usize, usize) -> f64 {
    let (mdp, n, r) = (lab.mdp.clone(), lab.mdp.n_states(), r.clone());
    let m: Vec<f64> = (0..n)
        .map(|s| {
            let rows = mdp.rows(s);
            let total: f64 =
                rows.clone().flat_map(|row| (0..n).map(move |t| (row, t))).map(|(row, t)| r.at(row, t)).sum();
            total / (rows.len() * n) as f64
        })
        .collect();
    let mean = m.iter().sum::<f64>() / n as f64;
    move |row, t| r.at(row, t) + gamma * m[t] - m[mdp.state(row)] - gamma * mean
}

fn dard<'a>(lab: &'a Lab<'_>, r: &'a Reward) -> impl Fn(usize, usize) -> f64 + 'a {
    let (mdp, n, gamma) = (lab.mdp, lab.mdp.n_states(), lab.mdp.gamma());
    let actions = mdp.n_actions();
    let row = move |s: usize, a: usize| mdp.row(s, a).unwrap();
    let average = move |f: &dyn Fn(usize) -> f64| (0..actions).map(f).sum::<f64>() / actions as f64;
    let q = move |x: usize| average(&|a| (0..n).map(|t| lab.p(row(x, a), t) * r.at(row(x, a), t)).sum());
    let k = move |s: usize, t: usize| {
        average(&|a| {
            let mut sum = 0.0;
            for u in 0..n {
                for v in 0..n {
                    sum += lab.p(row(s, a), u) * lab.p(row(t, a), v) * r.at(row(u, a), v);
                }
            }
            sum
        })
    };
    move |i, t| {
        let s = mdp.state(i);
        r.at(i, t) + gamma * q(t) - q(s) - gamma * k(s, t)
    }
}

/// Largest difference between VAL and VALPotential on transitions that can happen.
fn val_apart(lab: &Lab<'_>) -> f64 {
    let of = |id| find(id).unwrap().apply(lab.context, &lab.reward(0)).unwrap();
    let (x, y) = (of("val"), of("val-potential"));
    apart(lab, &|row, t| x.at(lab.mdp, row, t), &|row, t| y.at(lab.mdp, row, t), true)
}

/// Two states, two actions, random moves, a reward that depends on everything.
fn small() -> Case {
    Case {
        gamma: 0.9,
        p: vec![
            vec![Some(vec![0.25, 0.75]), Some(vec![0.5, 0.5])],
            vec![Some(vec![1.0, 0.0]), Some(vec![0.125, 0.875])],
        ],
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: vec![Table::Sas(vec![vec![vec![1.0, -2.0], vec![0.0, 3.0]], vec![vec![0.5, 1.0], vec![-1.0, 2.0]]])],
        tape: Tape::new(vec![7, 60_000, 1_234, 40_404, 9_999]),
    }
}

#[test]
fn a_wrong_discount_is_noticed() {
    with_lab(&small(), |lab| {
        let r = lab.reward(0);
        let form = find("val").unwrap().apply(lab.context, &r).unwrap();
        assert!(advantage_agrees(lab, &r, &form, 0.9).is_ok());
        assert!(advantage_agrees(lab, &r, &form, 0.9 + 1e-9).is_err());
        assert!(least_forms(lab, 0.9).is_ok());
        assert!(least_forms(lab, 0.9 + 1e-6).is_err());

        // Shaping by another discount is not shaping: it stays visible.
        let phi = [1.0, -2.0];
        let wrong = lab.dense(|row, t| r.at(row, t) + 0.8 * phi[t] - phi[lab.mdp.state(row)]);
        for canon in CANONS.iter().filter(|c| c.id != "none") {
            let forms = [&r, &wrong, &r.shaped(lab.mdp, &phi)].map(|r| canon.apply(lab.context, r).unwrap());
            assert!(difference(lab, &forms[0], &forms[1], 1.0) > 1e-2, "{}", canon.id);
            assert!(difference(lab, &forms[0], &forms[2], 1.0) < 1e-12, "{}", canon.id);
        }
    });
}

#[test]
fn forms_that_remove_shaping_alone_keep_redistribution() {
    with_lab(&small(), |lab| {
        let r = lab.reward(0);
        let moved = Reward::linear(&[(1.0, &r), (1.0, &lab.redistribution(&mut small().tape, 1.0))]);
        for canon in CANONS {
            let gap = difference(
                lab,
                &canon.apply(lab.context, &r).unwrap(),
                &canon.apply(lab.context, &moved).unwrap(),
                1.0,
            );
            assert_eq!(gap < 1e-12, canon.removes_redistribution, "{}: {gap}", canon.id);
        }
    });
}

#[test]
fn dard_is_not_idempotent_and_not_equivalent() {
    with_lab(&small(), |lab| {
        let dard = find("dard").unwrap();
        let form = dard.apply(lab.context, &lab.reward(0)).unwrap();
        let again = dard.apply(lab.context, &lab.as_reward(&form)).unwrap();
        assert!(difference(lab, &form, &again, 1.0) > 1e-2);
        let exact = Exact::new(lab.mdp);
        let range = |r: &Reward| near(&exact.range(&exact.expected(r)));
        let (before, after) = (range(&lab.reward(0)), range(&lab.as_reward(&form)));
        assert!((after / before - 1.0).abs() > 1e-2, "{before} became {after}");
    });
}

#[test]
fn chance_keeps_val_potential_and_val_apart() {
    with_lab(&small(), |lab| assert!(val_apart(lab) > 1e-2));
}

#[test]
fn a_reference_policy_is_used() {
    with_lab(&small(), |lab| {
        let first: Vec<usize> = (0..2).map(|s| lab.mdp.rows(s).start).collect();
        let policy = Policy::Deterministic(first.clone());
        let context = truenorth::analysis::canon::Context { solver: lab.solver, reference: &policy };
        let form = find("val").unwrap().apply(&context, &lab.reward(0)).unwrap();
        let at = |mdp: &Mdp, row| form.at(mdp, row, 0).abs();
        assert!(first.iter().all(|&row| at(lab.mdp, row) < 1e-12), "its own actions have advantage 0");
        assert!(at(lab.mdp, first[0] + 1) > 1e-2);
    });
}
