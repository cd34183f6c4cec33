//! The policy with the best bound, against a conic solver, random policies, and the threshold it must have.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT};
use truenorth::analysis::hacking::Setting;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Policy};
use truenorth::solve::{Options, Solver};

use super::lab::{Instance, PLAIN, chi2, instances, mean, occupancy, policy};
use crate::common::draw::Kind;

/// `max <r, mu> - weight t` over occupancies on the support of `q` with `||(mu - q) / sqrt q|| <= t`, by interior points.
fn conic(mdp: &Mdp, q: &[f64], r: &[f64], weight: f64) -> f64 {
    let rows: Vec<usize> = (0..q.len()).filter(|&row| q[row] > 0.0).collect();
    let (n, m) = (mdp.n_states(), rows.len());
    // Unknowns: mu over the support, then t. Rows: flow, signs, cone.
    let mut entries: Vec<(usize, usize, f64)> = Vec::new();
    for (j, &row) in rows.iter().enumerate() {
        entries.push((mdp.state(row), j, 1.0));
        let (col, p) = mdp.p(row);
        col.iter().zip(p).for_each(|(&t, p)| entries.push((t as usize, j, -mdp.gamma() * p)));
        entries.push((n + j, j, -1.0));
        entries.push((n + m + 1 + j, j, -1.0 / q[row].sqrt()));
    }
    entries.push((n + m, m, -1.0));
    let (i, (j, x)): (Vec<usize>, (Vec<usize>, Vec<f64>)) = entries.into_iter().map(|(i, j, x)| (i, (j, x))).unzip();
    let a = CscMatrix::new_from_triplets(n + 2 * m + 1, m + 1, i, j, x);
    let flow = mdp.mu0().iter().map(|x| (1.0 - mdp.gamma()) * x);
    let cone = rows.iter().map(|&row| -q[row].sqrt());
    let b: Vec<f64> = flow.chain(vec![0.0; m]).chain([0.0]).chain(cone).collect();
    let cost: Vec<f64> = rows.iter().map(|&row| -r[row]).chain([weight]).collect();
    let cones =
        [SupportedConeT::ZeroConeT(n), SupportedConeT::NonnegativeConeT(m), SupportedConeT::SecondOrderConeT(m + 1)];
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .tol_gap_abs(1e-10)
        .tol_gap_rel(1e-10)
        .tol_feas(1e-10)
        .build()
        .unwrap();
    let zero = CscMatrix::zeros((m + 1, m + 1));
    let mut solver = DefaultSolver::new(&zero, &cost, &a, &b, &cones, settings).unwrap();
    solver.solve();
    assert!(matches!(solver.solution.status, SolverStatus::Solved | SolverStatus::AlmostSolved));
    -solver.solution.obj_val
}

/// The reference with some of its actions closed, one in each state left open.
fn partly(mdp: &Mdp, reference: &[f64]) -> Vec<f64> {
    let mut prob = reference.to_vec();
    for s in 0..mdp.n_states() {
        let last = mdp.rows(s).last().unwrap();
        if mdp.rows(s).len() > 1 && s % 2 == 0 {
            prob[last] = 0.0;
        }
        let total: f64 = prob[mdp.rows(s)].iter().sum();
        mdp.rows(s).for_each(|row| prob[row] /= total);
    }
    prob
}

fn weights(critical: f64) -> [f64; 4] {
    [0.9, 0.5, 0.1, 0.01].map(|share| share * critical)
}

#[test]
fn it_agrees_with_a_conic_solver() {
    let mut seen = 0;
    for (i, mut instance) in instances(PLAIN, 80).filter(Instance::has_choice).enumerate() {
        if i % 3 == 0 {
            instance.reference = partly(instance.mdp(), &instance.reference);
        }
        let q = occupancy(instance.mdp(), &instance.reference);
        let (proxy, truth) = (instance.draw(), instance.draw());
        instance.with(&proxy, &truth, |s| {
            let critical = s.critical_weight().value;
            for weight in weights(critical).into_iter().chain([1.1 * critical + 1e-3]) {
                let found = s.maximise(weight);
                let wanted = conic(instance.mdp(), &q, &proxy, weight);
                let (b, scale) = (found.objective, 1.0 + wanted.abs());
                assert!((b.value - wanted).abs() < 1e-6 * scale, "{b:?} against {wanted} at {weight} of {critical}");
                assert!(found.gap < 1e-6 * scale, "gap {} at {weight} of {critical}", found.gap);
                assert_eq!(found.is_reference, weight >= critical);
                seen += 1;
            }
        });
    }
    assert!(seen > 200, "{seen}");
}

#[test]
fn models_with_ends_are_no_different() {
    let any = Kind { gammas: &[0.5, 0.9, 0.99], n_rewards: 2, scales: &[1.0], ..Kind::ANY };
    for instance in instances(any, 120) {
        let (model, mdp) = (&instance.model, instance.mdp());
        let [truth, proxy] = [0, 1].map(|i| crate::common::draw::reward(model, i).expected(mdp));
        let solver = Solver::new(mdp, Options::default()).unwrap();
        let r = proxy.r.clone();
        let reference = Policy::Stochastic(instance.reference.clone());
        let s = Setting::new(&solver, &reference, truth, proxy).unwrap();
        if s.canonical.proxy.flat.is_yes() {
            continue;
        }
        let critical = s.critical_weight().value;
        for weight in [0.7 * critical, 0.2 * critical] {
            let found = s.maximise(weight);
            let wanted = conic(mdp, &s.reference.occ_sa, &r, weight);
            let b = found.objective;
            assert!((b.value - wanted).abs() < 1e-6 * (1.0 + wanted.abs()), "{b:?} against {wanted}");
            assert!(found.gap < 1e-7, "gap {}", found.gap);
        }
    }
}

#[test]
fn no_policy_exceeds_its_upper_end() {
    for mut instance in instances(PLAIN, 30).filter(Instance::has_choice) {
        let q = occupancy(instance.mdp(), &instance.reference);
        let (proxy, truth) = (instance.draw(), instance.draw());
        let mut tape = instance.tape.clone();
        instance.with(&proxy, &truth, |s| {
            let weight = 0.3 * s.critical_weight().value;
            let best = s.maximise(weight).objective;
            for _ in 0..300 {
                let p = occupancy(instance.mdp(), &policy(instance.mdp(), &mut tape, |u| (-u.ln()).powi(2)));
                let value = mean(&p, &proxy) - weight * chi2(&p, &q).sqrt();
                assert!(value <= best.hi + 1e-9, "{value} above {best:?}");
            }
        });
    }
}

#[test]
fn it_leaves_the_reference_with_a_jump_at_the_critical_weight() {
    for mut instance in instances(PLAIN, 60).filter(Instance::has_choice) {
        let (proxy, truth) = (instance.draw(), instance.draw());
        instance.with(&proxy, &truth, |s| {
            let critical = s.critical_weight().value;
            if critical < 1e-3 {
                return;
            }
            let root = |weight: f64| s.maximise(weight).appraisal.divergences.chi2.unwrap().value.sqrt();
            assert_eq!(root(critical * 1.0001), 0.0);
            // To where the first visits vanish: mu = q (1 + a / |min a|).
            let least = s.canonical.proxy.centred.iter().copied().fold(0.0, f64::min);
            let corner = critical / -least;
            assert!(root(critical * 0.9999) >= corner * (1.0 - 1e-9), "it stops short of {corner}");
        });
    }
}

#[test]
fn the_weight_of_the_theorem_guarantees_the_truth() {
    for mut instance in instances(PLAIN, 100).filter(Instance::has_choice) {
        let q = occupancy(instance.mdp(), &instance.reference);
        let (proxy, noise) = (instance.draw(), instance.draw());
        let Some(truth) = super::lab::correlated(&q, &proxy, 0.8, &noise) else { continue };
        instance.with(&proxy, &truth, |s| {
            for seen in [&s.raw, &s.canonical] {
                let Ok(found) = s.maximise_bound(seen) else { continue };
                let r = seen.r.clone().unwrap().value;
                let gain = found.objective.value - s.returns.proxy.value;
                let promised = seen.truth.sigma.value / (r * seen.proxy.sigma.value) * gain;
                assert!(promised >= -1e-9 && found.appraisal.rise.truth.value >= promised - 1e-8);
                // Without shaping there is something to gain whenever the sign is right.
                let is_canonical = std::ptr::eq(seen, &s.canonical);
                assert!(!is_canonical || !found.is_reference || r > 1.0 - 1e-9 || seen.proxy.sigma.value < 1e-6);
            }
        });
    }
}

#[test]
fn without_a_weight_it_is_the_optimum_on_the_support() {
    for mut instance in instances(PLAIN, 40).filter(Instance::has_choice) {
        instance.reference = partly(instance.mdp(), &instance.reference);
        let (proxy, truth) = (instance.draw(), instance.draw());
        instance.with(&proxy, &truth, |s| {
            if s.canonical.proxy.flat.is_yes() {
                return;
            }
            let found = s.maximise(0.0);
            let q = occupancy(instance.mdp(), &instance.reference);
            let wanted = conic(instance.mdp(), &q, &proxy, 0.0);
            assert!((found.objective.value - wanted).abs() < 1e-6 * (1.0 + wanted.abs()));
            assert!(found.gap < 1e-9);
        });
    }
}

#[test]
fn a_limit_leaves_bounds_that_hold() {
    let instance = instances(PLAIN, 40).find(|i| i.has_choice() && i.mdp().n_states() > 3).unwrap();
    let mdp = instance.mdp();
    let mut tape = instance.tape.clone();
    let r: Vec<f64> = (0..mdp.n_rows()).map(|_| tape.signed()).collect();
    let limits = truenorth::solve::Limits { deadline: Some(std::time::Instant::now()), ..Default::default() };
    let solver = Solver::new(mdp, Options { limits, ..Options::default() }).unwrap();
    let reference = Policy::Stochastic(instance.reference.clone());
    let reward = || ExpectedReward::exact(r.clone());
    let s = Setting::new(&solver, &reference, reward(), reward()).unwrap();
    let weight = 0.3 * s.critical_weight().value;
    let found = s.maximise(weight).objective;
    let wanted = conic(mdp, &occupancy(mdp, &instance.reference), &r, weight);
    assert!(found.lo <= wanted + 1e-9 && wanted <= found.hi + 1e-9, "{wanted} is not in {found:?}");
}
