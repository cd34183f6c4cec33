//! What is to be had at a distance from a reference policy, as a picture.

use crate::plot::{BoundFrontier, FrontierCurve, FrontierPoint};
use truenorth::analysis::hacking::{Frontier, Setting, Step};

/// The best policies under three penalties, against their chi-squared divergence from the reference. Policies that go
/// where the reference never goes have none and are left out.
pub fn frontier(setting: &Setting<'_>, frontier: &Frontier, truth: &str, proxy: &str) -> BoundFrontier {
    let here = setting.returns;
    let point = |step: &Step, weight: f64, bounds: bool| {
        let found = &step.appraisal;
        let chi2 = found.divergences.chi2.as_ref().ok()?.value.max(0.0);
        let rise = found.canonical.sharp.as_ref().ok().filter(|_| bounds);
        let bound = rise.map(|rise| (here.truth + *rise).lo).filter(|b| b.is_finite());
        // The reference itself is the best for a penalty without end, at whatever weight that is.
        let weight = if weight.is_nan() { f64::INFINITY } else { weight };
        Some(FrontierPoint { weight, chi2, proxy: found.returns.proxy.value, truth: found.returns.truth.value, bound })
    };
    let curve = |name: &str, steps: &[Step], weight: fn(&Step) -> f64, bounds: bool| FrontierCurve {
        name: name.into(),
        points: steps.iter().filter_map(|step| point(step, weight(step), bounds)).collect(),
    };
    BoundFrontier {
        title: "What is to be had at a distance from the reference policy".into(),
        proxy_label: format!("(1−γ) return: {proxy}"),
        truth_label: format!("(1−γ) return: {truth}"),
        curves: vec![
            curve("χ² of occupancies", &frontier.chi2, Step::weight, true),
            curve("KL of occupancies", &frontier.kl, |step| step.strength, false),
            curve("KL of actions", &frontier.action_kl, |step| step.strength, false),
        ],
        reference: Some([here.proxy.value, here.truth.value]),
        critical_weight: Some(setting.critical_weight().value),
    }
}
