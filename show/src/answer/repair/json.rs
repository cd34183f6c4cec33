//! A repair as JSON; its keys are those of [`super`].

use dashu_ratio::RBig;
use serde_json::{Map, Value, json};

use super::{Mended, double};
use crate::answer::{bounded, head, parts, say, spread};
use truenorth::analysis::repair::{Check, Infeasible, Interval, Joint, Least, Nearest, Side, Single};

impl Mended<'_> {
    /// Keys as above.
    pub fn json(&self) -> Map<String, Value> {
        let found = self.found;
        let mut map = head("repair", self.model);
        parts::extend(&mut map, [("truth", self.truth.into()), ("proxy", self.proxy.into())]);
        say::decide(&mut map, "truth_trivial", &found.truth_is_trivial);
        say::decide(&mut map, "fine", found.fine());
        say::decide(&mut map, "mends", &found.mends);
        parts::extend(
            &mut map,
            [
                ("before", check(&found.before)),
                ("single", found.single.iter().map(single_json).collect()),
                ("joint", found.joint.as_ref().map_or(Value::Null, |joint| self.joint_json(joint))),
                ("nearest", found.nearest.iter().map(|nearest| self.nearest_json(nearest)).collect()),
            ],
        );
        map
    }

    fn joint_json(&self, joint: &Joint) -> Value {
        let names = self.names(joint);
        let coefficients = |theta: &[f64]| -> Map<String, Value> {
            names.iter().zip(theta).map(|(name, &c)| ((*name).to_owned(), c.into())).collect()
        };
        let least = |least: &Least| {
            json!({
                "norm": least.norm,
                "size": bounded(least.size),
                "edge": coefficients(&least.edge),
                "chosen": coefficients(&least.chosen),
                "check": check(&least.check),
            })
        };
        let returns = |x: &[RBig]| {
            let x: Vec<f64> = x.iter().map(double).collect();
            json!({ "truth": x[0], "proxy": x[1], "features": coefficients(&x[2..]) })
        };
        let proof = |proof: &Infeasible| {
            let mixture = proof.mixture.iter().map(|m| {
                json!({ "weight": double(&m.weight), "policy": self.actions(&m.policy), "returns": returns(&m.returns) })
            });
            json!({
                "target": { "policy": self.actions(&proof.target), "returns": returns(&proof.target_returns) },
                "mixture": mixture.collect::<Value>(),
                "holds": proof.holds(),
                "exact": proof.is_exact,
            })
        };
        let mut map = Map::new();
        map.insert("features".into(), names.as_slice().into());
        say::decide(&mut map, "mends", &joint.mends);
        map.insert("least".into(), joint.least.iter().map(least).collect());
        say::decide(&mut map, "impossible", &joint.mends.clone().not());
        parts::extend(
            &mut map,
            [
                ("targets", joint.n_targets.into()),
                ("all_targets", joint.tried.is_all().into()),
                ("proofs", joint.proofs.iter().map(proof).collect()),
            ],
        );
        map.into()
    }

    /// The action of each state of the whole model; null where nobody gets.
    fn actions(&self, policy: &[usize]) -> Value {
        let name = |&row: &usize| Value::from(self.mdp.actions().name(self.mdp.action(row)));
        spread(self.model.mdp().n_states(), self.kept, policy.iter().map(name))
    }

    fn nearest_json(&self, nearest: &Nearest) -> Value {
        let mending = nearest.mending.as_ref();
        let table = |reward: &[f64]| parts::pairs(self.model.mdp(), self.mdp, self.kept, |row| reward[row].into());
        json!({
            "norm": nearest.norm,
            "distance": bounded(nearest.distance),
            "reward": mending.map(|found| table(&found.reward)),
            "changed": mending.map(|found| found.n_changed),
            "targets": nearest.n_targets,
            "all_targets": nearest.tried.is_all(),
            "check": mending.map(|found| check(&found.check)),
        })
    }
}

fn check(check: &Check) -> Value {
    json!({
        "agreement": check.agreement(),
        "agreement_why": check.why(),
        "best": bounded(check.best),
        "worst": bounded(check.worst),
        "worst_normalised": bounded(check.worst_normalised),
    })
}

fn side_json(side: &Side) -> Value {
    let found = side.interval.as_ref();
    let mut map = Map::new();
    say::decide(&mut map, "mends", &side.mends);
    parts::extend(
        &mut map,
        [
            ("above", found.map(|found| bounded(found.above)).into()),
            ("below", found.and_then(|found| found.below).map(bounded).into()),
            ("chosen", found.map(|found| found.chosen).into()),
            ("check", found.map(|found| check(&found.check)).into()),
            ("may", side.may.as_ref().map(interval).into()),
            ("some_from", side.some_from.map(bounded).into()),
            ("breakpoints", side.n_breakpoints.into()),
            ("complete", side.is_complete.into()),
        ],
    );
    map.into()
}

/// Sizes that may mend, in a map of their own.
fn interval(found: &Interval) -> Value {
    json!({
        "above": bounded(found.above),
        "below": found.below.map(bounded),
        "chosen": found.chosen,
        "check": check(&found.check),
    })
}

fn single_json(single: &Single) -> Value {
    let side = |sign: f64| single.sides.iter().find(|side| side.sign == sign).map(side_json);
    let mut map = Map::new();
    map.insert("feature".into(), single.feature.as_str().into());
    say::decide(&mut map, "trivial", &single.trivial);
    say::decide(&mut map, "mends", &single.mends);
    parts::extend(&mut map, [("positive", side(1.0).into()), ("negative", side(-1.0).into())]);
    map.into()
}
