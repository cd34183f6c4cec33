//! Examples with numbers of their own.

use truenorth::analysis::hacking::{Reference, Setting};
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Model, Policy};
use truenorth::solve::{Options, Solver};

use super::lab::{PLAIN, bandit, instances};
use crate::common::draw::{Case, Start, Table, Tape};

fn setting<T>(model: &Model, reference: &[f64], proxy: &[f64], truth: &[f64], f: impl FnOnce(&Setting<'_>) -> T) -> T {
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let [truth, proxy] = [truth, proxy].map(|r| ExpectedReward::exact(r.to_vec()));
    f(&Setting::new(&solver, &Policy::Stochastic(reference.to_vec()), truth, proxy).unwrap())
}

/// Three arms, the third one rare: `(proxy, truth, reference, policy)` at a correlation near `r`.
fn rare_arm(e: f64, r: f64) -> [Vec<f64>; 4] {
    let (a, c) = (((1.0 + r) / 2.0f64).sqrt(), ((1.0 - r) / 2.0f64).sqrt());
    let p = e.powf(0.25);
    let half = |x: f64| (1.0 - x) / 2.0;
    [vec![a, -a, c / e.sqrt()], vec![a, -a, -c / e.sqrt()], vec![half(e), half(e), e], vec![half(p), half(p), p]]
}

#[test]
fn divergence_kl_sees_nothing_of_a_loss_without_bounds() {
    for (e, kl, chi2, loss) in [(1e-8, 0.128, 1e4, -44.7), (1e-12, 0.0197, 1e6, -447.0)] {
        let [proxy, truth, reference, policy] = rare_arm(e, 0.6);
        setting(&bandit(&[0.0; 3], &[1.0]), &reference, &proxy, &truth, |s| {
            assert!((s.raw.r.clone().unwrap().value - 0.6).abs() < 1e-3);
            let a = s.appraise(&Policy::Stochastic(policy.clone()));
            let near = |x: f64, y: f64| assert!((x / y - 1.0).abs() < 0.01, "{x} is not {y}");
            near(a.divergences.kl.clone().unwrap().value, kl);
            near(a.divergences.chi2.clone().unwrap().value, chi2);
            near(a.rise.truth.value / s.raw.truth.sigma.value, loss);
            near(a.rise.proxy.value / s.raw.proxy.sigma.value, -loss);
            let bound = a.raw.sharp.clone().unwrap().value;
            assert!(bound <= a.rise.truth.value, "chi-squared does see it: {bound}");
        });
    }
}

#[test]
fn without_actions_that_matter_the_divergence_of_actions_misses_the_loss() {
    // The first state pays 1 and stays under two actions; the third leads to where nothing is paid.
    let gamma = 0.9999;
    let (stay, leave) = (vec![1.0, 0.0], vec![0.0, 1.0]);
    let p = vec![vec![Some(stay.clone()), Some(stay), Some(leave.clone())], vec![Some(leave), None, None]];
    let rewards = vec![Table::S(vec![1.0, 0.0])];
    let tape = Tape::new(vec![0]);
    let model = Case { gamma, p, mu0: Start::State(0), terminal: Vec::new(), rewards, tape }.model();
    let policy = |leaving: f64| {
        let x = leaving * (1.0 - gamma);
        vec![(1.0 - x) / 2.0, (1.0 - x) / 2.0, x, 1.0]
    };
    let r = [1.0, 1.0, 1.0, 0.0];
    setting(&model, &policy(0.002), &r, &r, |s| {
        let a = s.appraise(&Policy::Stochastic(policy(30.0)));
        let d = &a.divergences;
        let value = |x: &Result<truenorth::base::Bounded, String>| x.clone().unwrap().value;
        // Rates that leave play no part in the first step, so digits agree to the few that are known.
        assert!((s.returns.truth.value - 0.998).abs() < 5e-4 && (a.returns.truth.value - 0.032).abs() < 5e-4);
        assert!((value(&d.kl) - 5.9).abs() < 0.05 && (value(&d.chi2) - 468.0).abs() < 0.5, "{d:?}");
        assert!((value(&d.action_kl) - 8.3e-4).abs() < 1e-5, "{:?}", d.action_kl);
    });
}

#[test]
fn shaping_turns_the_sign() {
    // Moving pays the truth; staying pays the proxy a little more, and the potential of the second state hides it.
    let gamma = 0.5;
    let (first, second) = (vec![1.0, 0.0], vec![0.0, 1.0]);
    let p = vec![vec![Some(first.clone()), Some(second.clone())], vec![Some(first), Some(second)]];
    let tape = Tape::new(vec![0]);
    let rewards = vec![Table::S(vec![0.0, 1.0])];
    let model = Case { gamma, p, mu0: Start::Uniform, terminal: Vec::new(), rewards, tape }.model();
    let truth = [0.0, 0.0, 1.0, 1.0];
    // Paid for being in the second state by shaping alone, and for the way to the first in earnest.
    let phi = [0.0, -3.0];
    let earnest = [0.2, 0.0, 0.2, 0.0];
    let proxy: Vec<f64> = (0..4).map(|row| earnest[row] + gamma * phi[row % 2] - phi[row / 2]).collect();
    setting(&model, &[0.5; 4], &proxy, &truth, |s| {
        let (raw, canonical) = (s.raw.r.clone().unwrap(), s.canonical.r.clone().unwrap());
        assert!(raw.lo > 0.5 && (canonical.value + 1.0).abs() < 1e-9, "{raw:?} {canonical:?}");
        let greedy = Policy::Deterministic(vec![0, 2]);
        let a = s.appraise(&greedy);
        assert!(a.rise.truth.value < 0.0 && a.rise.proxy.value > 0.0, "it hacks");
        assert!(s.canonical.weight().is_err() && s.raw.weight().is_ok());
    });
}

#[test]
fn visits_of_arms_are_their_probabilities() {
    // Contexts that the policy does not move: chi-squared of visits is the mean of that of the actions.
    let model = bandit(&[0.0, 1.0], &[0.25, 0.75]);
    let (reference, policy) = ([0.5, 0.5, 0.2, 0.8], [0.9, 0.1, 0.4, 0.6]);
    let r = [0.0, 1.0, 0.0, 1.0];
    setting(&model, &reference, &r, &r, |s| {
        let d = s.appraise(&Policy::Stochastic(policy.to_vec())).divergences;
        let chi2: f64 = 0.25 * (0.16 / 0.5 * 2.0) + 0.75 * (0.04 / 0.2 + 0.04 / 0.8);
        assert!((d.chi2.unwrap().value - chi2).abs() < 1e-12);
        let kl = |p: f64, q: f64| p * (p / q).ln();
        let actions = 0.25 * (kl(0.9, 0.5) + kl(0.1, 0.5)) + 0.75 * (kl(0.4, 0.2) + kl(0.6, 0.8));
        assert!((d.kl.unwrap().value - actions).abs() < 1e-12 && (d.action_kl.unwrap().value - actions).abs() < 1e-12);
        assert!(d.chi2_state.unwrap().value < 1e-20);
        // Nothing of a bandit is shaping but the worth of a context.
        assert!((s.critical_weight().value - (0.25 * 0.25 + 0.75 * 0.16f64).sqrt()).abs() < 1e-9);
    });
}

#[test]
fn a_noisy_demonstrator_plays_in_proportion() {
    let model = bandit(&[0.0, 1.0, 0.5], &[1.0]);
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let truth = ExpectedReward::exact(vec![0.0, 1.0, 0.5]);
    let reference = Reference::parse("soft:0.5").unwrap().unwrap();
    let Policy::Stochastic(prob) = reference.policy(&solver, &truth) else { panic!("it is mixed") };
    let weights = [0.0f64, 2.0, 1.0].map(f64::exp);
    let total: f64 = weights.iter().sum();
    weights.iter().zip(&prob).for_each(|(w, p)| assert!((w / total - p).abs() < 1e-12));
    assert!(Reference::parse("soft:-1").unwrap().is_err() && Reference::parse("my.json").is_none());
}

#[test]
fn a_regularised_policy_satisfies_its_own_equation() {
    for mut instance in instances(PLAIN, 60) {
        let (reward, tau) = (instance.draw(), 0.05 + instance.tape.unit());
        let mdp = instance.mdp();
        let solver = Solver::new(mdp, Options::default()).unwrap();
        let weights = instance.reference.clone();
        let found =
            truenorth::analysis::hacking::regularised(&solver, &ExpectedReward::exact(reward.clone()), &weights, tau)
                .policy;
        // Value iteration on V = tau ln sum w exp(Q / tau), which shares nothing with policy iteration.
        let mut v = vec![0.0; mdp.n_states()];
        let q = |v: &[f64], row: usize| reward[row] + mdp.gamma() * mdp.backup(row, v);
        for _ in 0..1_000 {
            v = (0..mdp.n_states())
                .map(|s| tau * mdp.rows(s).map(|row| weights[row] * (q(&v, row) / tau).exp()).sum::<f64>().ln())
                .collect();
        }
        for s in 0..mdp.n_states() {
            for row in mdp.rows(s) {
                let p = weights[row] * ((q(&v, row) - v[s]) / tau).exp();
                assert!((found.prob(s, row) - p).abs() < 1e-9, "{p} {}", found.prob(s, row));
            }
        }
    }
}
