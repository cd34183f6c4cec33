//! Every certificate the program makes is accepted, and what it claims is true.

use proptest::prelude::*;
use truenorth::io::gallery::{self, GALLERY};
use truenorth::model::Model;
use truenorth::verify::cert::{Certificate, Claim, Sense};

use crate::cert::make::{accepted, kinds, named, of_pair, of_values};
use crate::common::draw::{Case, Kind, cases_of};
use crate::common::exact::{Exact, near};
use crate::common::{cases, lab::hold};

#[test]
fn every_gallery_model_under_every_reward() {
    let mut claims = 0;
    for entry in GALLERY {
        let raw = gallery::read(entry.name).expect("readable");
        let model = Model::build(raw.clone()).expect("valid");
        for i in 0..model.rewards().len() {
            let report = accepted(&of_values(&raw, &model, &named(&model, i)), &raw);
            assert_eq!(kinds(&report), ["optimal-actions", "policy-value", "value"]);
            assert!(!report.other_gamma && !report.other_start);
            claims += report.findings.len();
        }
    }
    assert!(claims > 300, "{claims}");
}

#[test]
fn every_pair_of_rewards_of_the_gallery() {
    let mut same = 0;
    for entry in GALLERY {
        let raw = gallery::read(entry.name).expect("readable");
        let model = Model::build(raw.clone()).expect("valid");
        let n = model.rewards().len();
        // Every reward against the next, and against itself.
        for i in 0..n {
            for j in [i, (i + 1) % n] {
                let (text, remarks) = of_pair(&raw, &model, named(&model, i), named(&model, j));
                let report = accepted(&text, &raw);
                assert!(remarks.is_empty(), "{}: {remarks:?}", entry.name);
                let found = kinds(&report);
                assert!(found.contains(&"worst-case-regret") && found.contains(&"starc-range"), "{found:?}");
                assert_eq!(report.findings.iter().filter(|f| f.kind == "starc-val").count(), 3);
                same += usize::from(found.contains(&"same-order"));
                assert!(i != j || found.contains(&"same-order"), "{} {i}", entry.name);
            }
        }
    }
    assert!(same > 60, "{same}");
}

#[test]
fn another_discount_and_start_are_said() {
    let raw = gallery::read("frozenlake-4x4").expect("readable");
    let model = Model::build(raw.clone()).and_then(|m| m.with_gamma(0.9)?.with_start("uniform")).expect("valid");
    let report = accepted(&of_values(&raw, &model, &named(&model, 0)), &raw);
    assert!(report.other_gamma && report.other_start);
}

/// Makes certificates of a drawn model and holds the claims against exact policy iteration on the stored doubles, from
/// which the decimals of the checker differ by rounding.
fn values_hold(case: &Case) -> Result<(), String> {
    const ROUNDING: f64 = 1e-12;
    let (raw, model) = (case.raw(), case.model());
    let text = of_values(&raw, &model, &named(&model, 0));
    accepted(&text, &raw);
    let exact = Exact::new(model.mdp());
    let r = exact.expected(&model.rewards()[0].1);
    let largest = r.iter().map(|x| near(x).abs()).fold(0.0, f64::max);
    let certificate = Certificate::parse("test", &text).map_err(|d| d.to_string())?;
    for claim in &certificate.claims {
        match claim {
            Claim::Value(value) => {
                let v = exact.optimum(&r, value.sense == Sense::Max, None).v;
                for s in (0..v.len()).filter(|s| !case.terminal.contains(s)) {
                    let slack = ROUNDING * largest * 1e4;
                    let (lo, hi) = (near(&value.v.lo[s]) - slack, near(&value.v.hi[s]) + slack);
                    let x = near(&v[s]);
                    require!(lo <= x && x <= hi, "state {s}: {x} outside {lo} to {hi}");
                    // Certificates have 300 decimal places at most.
                    require!(hi - lo <= 1e-6 * largest + 1e-299, "state {s}: {} is wide", hi - lo);
                }
            }
            Claim::OptimalActions(actions) => {
                let optimum = exact.optimum(&r, actions.sense == Sense::Max, None);
                for (row, gap) in optimum.gap.iter().enumerate() {
                    let (s, a) = (model.mdp().state(row), model.mdp().action(row));
                    let gap = gap.as_ref().map_or(f64::INFINITY, near);
                    if case.terminal.contains(&s) {
                        continue;
                    }
                    require!(gap > 0.0 || actions.may_be[s].contains(&a), "optimal action {a} of {s} left out");
                    let certain = actions.certain[s].contains(&a);
                    require!(!certain || gap <= ROUNDING * largest * 1e4, "action {a} of {s} misses {gap}");
                }
            }
            _ => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn claims_about_random_models_hold(case in cases_of(Kind::ANY)) {
        hold(values_hold(&case))?;
    }

    #[test]
    fn claims_about_undiscounted_models_hold(case in cases_of(Kind::EPISODIC)) {
        hold(values_hold(&case))?;
    }

    #[test]
    fn pairs_of_random_rewards_are_accepted(case in cases_of(Kind { n_rewards: 2, ..Kind::ANY })) {
        let (raw, model) = (case.raw(), case.model());
        let (text, _) = of_pair(&raw, &model, named(&model, 0), named(&model, 1));
        accepted(&text, &raw);
    }
}
