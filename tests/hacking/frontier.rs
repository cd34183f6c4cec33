//! The ways from the reference to the optimum of the proxy.

use truenorth::analysis::hacking::{Appraisal, Step};
use truenorth::model::Policy;

use super::lab::{Instance, PLAIN, instances, policy};

fn root(step: &Step) -> f64 {
    step.appraisal.divergences.chi2.as_ref().unwrap().value.sqrt()
}

type Measure = fn(&Appraisal) -> f64;

fn visits(a: &Appraisal) -> f64 {
    a.divergences.kl.clone().unwrap().value
}

fn actions(a: &Appraisal) -> f64 {
    a.divergences.action_kl.clone().unwrap().value
}

fn proxy(step: &Step) -> f64 {
    step.appraisal.returns.proxy.value
}

#[test]
fn the_frontier_is_concave_and_rises_while_the_weight_falls() {
    for mut instance in instances(PLAIN, 60).filter(Instance::has_choice) {
        let (r, truth) = (instance.draw(), instance.draw());
        instance.with(&r, &truth, |s| {
            let frontier = s.frontier(12);
            if s.canonical.proxy.flat.is_yes() {
                assert!(frontier.chi2.is_empty());
                return;
            }
            let steps = &frontier.chi2;
            assert_eq!((steps.len(), root(&steps[0])), (13, 0.0));
            let critical = s.critical_weight().value;
            for pair in steps.windows(2) {
                assert!(root(&pair[1]) >= root(&pair[0]) - 1e-9 && proxy(&pair[1]) >= proxy(&pair[0]) - 1e-9);
                assert!(pair[1].weight() <= critical * (1.0 + 1e-9));
            }
            for three in steps.windows(3) {
                let slope = |x: &Step, y: &Step| (proxy(y) - proxy(x)) / (root(y) - root(x));
                if root(&three[1]) - root(&three[0]) > 1e-6 && root(&three[2]) - root(&three[1]) > 1e-6 {
                    assert!(slope(&three[1], &three[2]) <= slope(&three[0], &three[1]) + 1e-6, "not concave");
                }
            }
            // Straight at first, with the critical weight as its slope.
            let slope = (proxy(&steps[1]) - proxy(&steps[0])) / root(&steps[1]);
            assert!((slope - critical).abs() < 1e-6 * (1.0 + critical), "{slope} {critical}");
            let all = steps.iter().chain(&frontier.kl).chain(&frontier.action_kl);
            assert!(all.clone().all(|step| step.gap < 1e-8), "{:?}", all.map(|s| s.gap).collect::<Vec<_>>());
        });
    }
}

#[test]
fn each_family_is_best_for_its_own_penalty() {
    for mut instance in instances(PLAIN, 25).filter(Instance::has_choice) {
        let (r, truth) = (instance.draw(), instance.draw());
        let mut tape = instance.tape.clone();
        instance.with(&r, &truth, |s| {
            let frontier = s.frontier(6);
            // Random policies, and small moves of the policy found.
            for i in 0..40 {
                let random = policy(instance.mdp(), &mut tape, |u| (-u.ln()).powi(2));
                for (family, of) in [(&frontier.kl, visits as Measure), (&frontier.action_kl, actions)] {
                    for step in family.iter().skip(1) {
                        let Policy::Stochastic(found) = &step.appraisal.visits.policy else { panic!("mixed") };
                        let part = if i % 2 == 0 { 1.0 } else { 1e-2 };
                        let mixed = found.iter().zip(&random).map(|(x, y)| x + part * (y - x)).collect();
                        let other = s.appraise(&Policy::Stochastic(mixed));
                        let value = |a: &Appraisal| a.returns.proxy.value - step.strength * of(a);
                        let (best, rival) = (value(&step.appraisal), value(&other));
                        assert!(rival <= best + 1e-8 * (1.0 + best.abs()), "{rival} beats {best} at {}", step.strength);
                    }
                }
            }
        });
    }
}

#[test]
fn its_end_is_the_optimum_of_the_proxy() {
    for mut instance in instances(PLAIN, 40).filter(Instance::has_choice) {
        let (r, truth) = (instance.draw(), instance.draw());
        instance.with(&r, &truth, |s| {
            let frontier = s.frontier(5);
            let best = s.maximise(0.0).objective.value;
            for family in [&frontier.chi2, &frontier.kl, &frontier.action_kl] {
                let Some(last) = family.last() else { continue };
                let rise = best - s.returns.proxy.value;
                assert!(best - proxy(last) <= 2e-3 * rise + 1e-9, "{} of {best}", proxy(last));
            }
        });
    }
}
