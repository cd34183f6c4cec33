//! The lower bounds on random instances, the reward that attains the sharp one, and what breaks without a hypothesis.

use truenorth::analysis::hacking::Setting;
use truenorth::model::Policy;
use truenorth::model::reward::ExpectedReward;
use truenorth::solve::{Options, Solver};

use super::lab::{Instance, PLAIN, chi2, correlated, instances, kl, mean, occupancy, standardised};
use crate::common::draw::{Kind, Tape};

/// One instance with everything the bounds speak of, found without the library.
struct Found {
    instance: Instance,
    q: Vec<f64>,
    p: Vec<f64>,
    proxy: Vec<f64>,
    noise: Vec<f64>,
    /// Rise of the standardised proxy.
    x: f64,
}

fn found(n: usize) -> impl Iterator<Item = Found> {
    instances(PLAIN, n).filter(Instance::has_choice).filter_map(|mut instance| {
        let (q, p) = (occupancy(instance.mdp(), &instance.reference), occupancy(instance.mdp(), &instance.policy));
        let (proxy, noise) = (instance.draw(), instance.draw());
        let (z, sigma) = standardised(&q, &proxy);
        let x = mean(&p, &z);
        // A tape that repeats itself may draw the same number for every row.
        (sigma > 1e-6).then_some(Found { instance, q, p, proxy, noise, x })
    })
}

impl Found {
    /// Correlation for this instance, in (0, 1).
    fn r(&mut self) -> f64 {
        0.05 + 0.94 * self.instance.tape.unit()
    }

    /// The reward with mean 0, spread 1 and correlation `r` that loses most: `r z - sqrt(1 - r^2)` times the direction of
    /// what the ratio has beyond the proxy.
    fn worst(&self, r: f64) -> Option<Vec<f64>> {
        let z = standardised(&self.q, &self.proxy).0;
        let ratio: Vec<f64> = self.p.iter().zip(&self.q).map(|(p, q)| p / q - 1.0).collect();
        let rest: Vec<f64> = ratio.iter().zip(&z).map(|(l, z)| l - self.x * z).collect();
        let size = self.q.iter().zip(&rest).map(|(q, x)| q * x * x).sum::<f64>().sqrt();
        (size > 1e-6).then(|| z.iter().zip(&rest).map(|(z, w)| r * z - (1.0 - r * r).sqrt() * w / size).collect())
    }

    fn theorem(&self, r: f64, divergence: f64) -> f64 {
        (self.x - ((1.0 - r * r) * divergence).sqrt()) / r
    }
}

#[test]
fn moments_and_divergences_are_those_of_the_oracle() {
    let mut seen = 0;
    for mut f in found(200) {
        let Some(truth) = correlated(&f.q, &f.proxy, 0.6, &f.noise) else { continue };
        seen += 1;
        let r = f.r();
        let other = correlated(&f.q, &f.proxy, r, &f.noise).unwrap();
        f.instance.with(&f.proxy, &truth, |s| {
            let b = s.raw.r.clone().unwrap();
            assert!((b.value - 0.6).abs() < 1e-10 && b.lo - 1e-12 <= 0.6 && 0.6 <= b.hi + 1e-12, "{b:?}");
            assert!((s.raw.left.clone().unwrap().value - 0.8).abs() < 1e-10);
            let (sx, sy) = (standardised(&f.q, &f.proxy).1, standardised(&f.q, &truth).1);
            assert!((s.raw.proxy.sigma.value - sx).abs() < 1e-10 && (s.raw.truth.sigma.value - sy).abs() < 1e-10);
            let a = s.appraise(&Policy::Stochastic(f.instance.policy.clone()));
            let d = &a.divergences;
            let close = |x: f64, y: f64| assert!((x - y).abs() <= 1e-9 * (1.0 + y.abs()), "{x} against {y}");
            close(d.chi2.as_ref().unwrap().value, chi2(&f.p, &f.q));
            close(d.kl.as_ref().unwrap().value, kl(&f.p, &f.q));
            close(d.kl_reverse.as_ref().unwrap().value, kl(&f.q, &f.p));
            close(d.tv.value, f.p.iter().zip(&f.q).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0);
            close(a.returns.proxy.value, mean(&f.p, &f.proxy));
            close(a.rise.truth.value, mean(&f.p, &truth) - mean(&f.q, &truth));
        });
        f.instance.with(&f.proxy, &other, |s| assert!((s.raw.r.clone().unwrap().value - r).abs() < 1e-10));
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn both_bounds_hold_and_the_sharp_one_is_the_better() {
    for mut f in found(600) {
        let r = f.r();
        let Some(truth) = correlated(&f.q, &f.proxy, r, &f.noise) else { continue };
        f.instance.with(&f.proxy, &truth, |s| {
            let a = s.appraise(&Policy::Stochastic(f.instance.policy.clone()));
            let rise = a.rise.truth.value;
            let slack = 1e-9 * (1.0 + rise.abs());
            let raw = [&a.raw.theorem, &a.raw.sharp].map(|b| b.clone().unwrap().value);
            assert!(raw[0] <= raw[1] + 1e-9 * (1.0 + raw[0].abs()) && raw[1] <= rise + slack, "{raw:?} against {rise}");
            let y = rise / s.raw.truth.sigma.value;
            let ellipse = f.x * f.x - 2.0 * r * f.x * y + y * y;
            assert!(ellipse <= (1.0 - r * r) * chi2(&f.p, &f.q) + 1e-9 * (1.0 + ellipse));
            if s.canonical.positive.is_yes() {
                let [theorem, sharp] = [&a.canonical.theorem, &a.canonical.sharp].map(|b| b.clone().unwrap().value);
                assert!(theorem <= sharp + 1e-9 * (1.0 + theorem.abs()) && sharp <= rise + slack);
                assert!(
                    sharp >= raw[1] - 1e-8 * (1.0 + raw[1].abs()),
                    "canonical {sharp} is worse than raw {}",
                    raw[1]
                );
            }
        });
    }
}

#[test]
fn the_sharp_bound_is_attained() {
    for mut f in found(300) {
        let r = f.r();
        let Some(truth) = f.worst(r) else { continue };
        f.instance.with(&f.proxy, &truth, |s| {
            let a = s.appraise(&Policy::Stochastic(f.instance.policy.clone()));
            let (sharp, rise) = (a.raw.sharp.clone().unwrap(), a.rise.truth.value);
            assert!((sharp.value - rise).abs() < 1e-8 * (1.0 + rise.abs()), "{sharp:?} is not {rise}");
            let range = 1e-12 * (1.0 + rise.abs());
            assert!(sharp.lo - range <= rise && rise <= sharp.hi + range, "{sharp:?} leaves {rise} out");
        });
    }
}

#[test]
fn without_its_hypotheses_the_theorem_fails() {
    let [mut overstated, mut by_kl, mut unnormalised, mut negative, mut seen] = [0; 5];
    for mut f in found(600) {
        let r = f.r().min(0.69);
        let (Some(truth), Some(against)) = (f.worst(r), f.worst(-0.4)) else { continue };
        seen += 1;
        let y = mean(&f.p, &truth);
        let chi = chi2(&f.p, &f.q);
        // Both terms may be large and cancel.
        let below = |bound: f64| usize::from(y < bound - 1e-9 * (1.0 + chi.sqrt() / r));
        assert_eq!(below(f.theorem(r, chi)), 0, "with all of them it holds");
        overstated += below(f.theorem(r + 0.3, chi));
        by_kl += below(f.theorem(r, kl(&f.p, &f.q)));
        // Returns of whole episodes, spreads of single steps.
        let horizon = 1.0 / (1.0 - f.instance.mdp().gamma());
        let mixed = (horizon * f.x - ((1.0 - r * r) * chi).sqrt()) / r;
        unnormalised += usize::from(horizon * y < mixed - 1e-9 * (1.0 + mixed.abs()));
        negative += usize::from(mean(&f.p, &against) < f.theorem(-0.4, chi) - 1e-9);
    }
    let often = seen / 4;
    assert!(
        overstated > often && by_kl > often && unnormalised > often && negative > often,
        "of {seen}: overstated {overstated}, KL {by_kl}, unnormalised {unnormalised}, negative {negative}"
    );
}

#[test]
fn off_the_support_nothing_is_promised() {
    // The reference never takes the second arm, which the truth hates and the proxy loves.
    let model = super::lab::bandit(&[0.0; 3], &[1.0]);
    let solver = Solver::new(model.mdp(), Options::default()).unwrap();
    let reward = |r: [f64; 3]| ExpectedReward::exact(r.to_vec());
    let (truth, proxy) = (reward([1.0, -5.0, 0.0]), reward([1.0, 5.0, 0.1]));
    let setting = Setting::new(&solver, &Policy::Stochastic(vec![0.5, 0.0, 0.5]), truth, proxy).unwrap();
    assert!((setting.raw.r.clone().unwrap().value - 1.0).abs() < 1e-12, "two points lie on a line");
    let a = setting.appraise(&Policy::Stochastic(vec![0.0, 1.0, 0.0]));
    assert!(a.rise.truth.value < -5.0);
    for bound in [&a.raw.theorem, &a.raw.sharp, &a.canonical.theorem, &a.canonical.sharp] {
        assert!(bound.as_ref().is_err_and(|why| why.contains("infinite") && why.contains("a1")), "{bound:?}");
    }
    // Summed over the support alone, chi-squared would be 1 and the promise a lie.
    let mutant: f64 = [0.5, 0.5].iter().map(|q| (0.0f64 - q).powi(2) / q).sum();
    let (sigma, r) = (setting.raw.proxy.sigma.value, 1.0f64);
    let promised = (a.rise.proxy.value / sigma - ((1.0 - r * r).max(0.0) * mutant).sqrt()) / r;
    assert!(promised > 0.0 && a.rise.truth.value < promised);
}

#[test]
fn a_negative_correlation_and_a_constant_promise_nothing() {
    for mut f in found(40) {
        let Some(truth) = correlated(&f.q, &f.proxy, -0.4, &f.noise) else { continue };
        let policy = Policy::Stochastic(f.instance.policy.clone());
        f.instance.with(&f.proxy, &truth, |s| {
            assert!(s.appraise(&policy).raw.theorem.is_err_and(|why| why.contains("not positive")));
            assert!(s.raw.weight().is_err());
        });
        let flat = vec![f.instance.tape.signed(); f.proxy.len()];
        f.instance.with(&flat, &truth, |s| {
            assert!(s.raw.r.as_ref().is_err_and(|why| why.contains("the proxy does not vary")), "{:?}", s.raw.r);
            assert!(s.canonical.r.is_err() && s.critical_weight().value == 0.0);
        });
    }
}

#[test]
fn shaping_moves_the_raw_correlation_and_not_the_canonical_one() {
    let (mut moved, mut flipped, mut seen) = (0, 0, 0);
    for f in found(400) {
        let Some(truth) = correlated(&f.q, &f.proxy, 0.5, &f.noise) else { continue };
        let mdp = f.instance.mdp();
        let mut tape: Tape = f.instance.tape.clone();
        let phi: Vec<f64> = (0..mdp.n_states()).map(|_| 3.0 * tape.signed()).collect();
        let shaped: Vec<f64> = (0..mdp.n_states())
            .flat_map(|s| mdp.rows(s).map(move |row| (s, row)))
            .map(|(s, row)| f.proxy[row] + mdp.gamma() * mdp.backup(row, &phi) - phi[s])
            .collect();
        let of = |proxy: &[f64]| f.instance.with(proxy, &truth, |s| (s.raw.r.clone(), s.canonical.clone()));
        let ((raw, before), (shaped_raw, after)) = (of(&f.proxy), of(&shaped));
        let (Ok(x), Ok(y)) = (&before.r, &after.r) else { continue };
        seen += 1;
        assert!((x.value - y.value).abs() < 1e-8, "{x:?} {y:?}");
        assert!((before.proxy.sigma.value - after.proxy.sigma.value).abs() < 1e-9);
        assert!(before.proxy.sigma.value <= standardised(&f.q, &f.proxy).1 + 1e-9, "the form of least spread");
        moved += usize::from((raw.unwrap().value - shaped_raw.unwrap().value).abs() > 0.01);
        flipped += usize::from(x.value < 0.0);
    }
    assert!(moved > seen / 2, "{moved} of {seen}");
    assert!(flipped > seen / 50, "raw 0.5 and canonical below 0 in {flipped} of {seen}");
}

#[test]
fn equivalent_rewards_correlate_fully_and_the_bound_is_the_rise() {
    for mut f in found(100) {
        let mdp = f.instance.mdp();
        let mut tape = f.instance.tape.clone();
        let phi: Vec<f64> = (0..mdp.n_states()).map(|_| tape.signed()).collect();
        let truth: Vec<f64> = (0..mdp.n_states())
            .flat_map(|s| mdp.rows(s).map(move |row| (s, row)))
            .map(|(s, row)| 2.0 * f.proxy[row] + mdp.gamma() * mdp.backup(row, &phi) - phi[s] + 4.0)
            .collect();
        let policy = Policy::Stochastic(f.instance.policy.clone());
        f.instance.with(&f.proxy, &truth, |s| {
            if s.canonical.proxy.sigma.value < 1e-3 {
                return;
            }
            assert!(s.canonical.r.clone().unwrap().value > 1.0 - 1e-10);
            assert!(s.canonical.left.clone().unwrap().value < 1e-7);
            let a = s.appraise(&policy);
            let bound = a.canonical.theorem.clone().unwrap().value;
            assert!((bound - a.rise.truth.value).abs() < 1e-5 * (1.0 + bound.abs()), "{bound} {:?}", a.rise.truth);
        });
        f.instance.tape = tape;
    }
}

#[test]
fn action_divergence_is_within_a_horizon_of_that_of_visits() {
    for f in found(300) {
        f.instance.with(&f.proxy, &f.noise, |s| {
            let d = s.appraise(&Policy::Stochastic(f.instance.policy.clone())).divergences;
            let [actions, visits] = [d.action_kl, d.kl].map(|x| x.unwrap().value);
            let horizon = 1.0 / (1.0 - f.instance.mdp().gamma());
            assert!(actions <= visits + 1e-10 && visits <= horizon * actions + 1e-10, "{actions} {visits} {horizon}");
            assert!(d.chi2_state.unwrap().value <= d.chi2.unwrap().value + 1e-9);
        });
    }
}

#[test]
fn bounds_hold_on_models_with_ends_and_closed_doors() {
    let any = Kind { gammas: &[0.0, 0.5, 0.9, 0.99], n_rewards: 2, scales: &[1.0], ..Kind::ANY };
    let mut promised = 0;
    for instance in instances(any, 300) {
        let model = &instance.model;
        let [truth, proxy] = [0, 1].map(|i| crate::common::draw::reward(model, i).expected(model.mdp()));
        let solver = Solver::new(model.mdp(), Options::default()).unwrap();
        let reference = Policy::Stochastic(instance.reference.clone());
        let setting = Setting::new(&solver, &reference, truth, proxy).unwrap();
        let a = setting.appraise(&Policy::Stochastic(instance.policy.clone()));
        let rise = a.rise.truth.value;
        for bound in [&a.raw.theorem, &a.raw.sharp, &a.canonical.theorem, &a.canonical.sharp].into_iter().flatten() {
            promised += 1;
            assert!(bound.lo <= rise + 1e-9 * (1.0 + rise.abs() + bound.value.abs()), "{bound:?} above {rise}");
        }
        let q = occupancy(model.mdp(), &instance.reference);
        let sum: f64 = setting.reference.occ_s.iter().sum();
        assert!((sum - 1.0).abs() < 1e-12);
        for s in (0..model.mdp().n_states()).filter(|&s| !model.mdp().is_terminal(s)) {
            model.mdp().rows(s).for_each(|row| assert!((q[row] - setting.reference.occ_sa[row]).abs() < 1e-10));
        }
    }
    assert!(promised > 200, "{promised}");
}
