//! The keys of `hack`.

use serde_json::{Map, Value, json};

use super::{Story, ensemble, goodhart, hackable};
use crate::answer::{bounded, head, parts, policy, say, spread};
use truenorth::analysis::hacking::{Bounds, Divergences, Maximiser, Maybe, Pair, Step};
use truenorth::base::Bounded;

/// Numbers that may be missing, and why they are.
struct Undefined(Map<String, Value>);

impl Undefined {
    fn number(&mut self, path: &str, x: &Maybe<Bounded>) -> Value {
        match x {
            Ok(b) => bounded(*b),
            Err(why) => {
                self.0.insert(path.into(), why.clone().into());
                Value::Null
            }
        }
    }

    fn bounds(&mut self, path: &str, b: &Bounds) -> Value {
        json!({
            "theorem_5_1": self.number(&format!("{path}.theorem_5_1"), &b.theorem),
            "sharp": self.number(&format!("{path}.sharp"), &b.sharp),
        })
    }

    fn divergences(&mut self, d: &Divergences) -> Value {
        let mut all = Map::new();
        let named = [
            ("chi2", &d.chi2),
            ("chi2_state", &d.chi2_state),
            ("kl", &d.kl),
            ("kl_reverse", &d.kl_reverse),
            ("action_kl", &d.action_kl),
        ];
        for (name, x) in named {
            all.insert(name.into(), self.number(&format!("divergence.{name}"), x));
        }
        all.insert("tv".into(), bounded(d.tv));
        all.into()
    }

    fn maximiser(&mut self, path: &str, story: &Story<'_>, found: &Maybe<Maximiser>) -> Map<String, Value> {
        let critical = bounded(story.setting.critical_weight());
        let mut map = Map::from_iter([("critical_weight".to_owned(), critical)]);
        let found = match found {
            Ok(found) => found,
            Err(why) => {
                self.0.insert(path.into(), why.clone().into());
                return map;
            }
        };
        let n = story.model.mdp().n_states();
        let a = &found.appraisal;
        parts::extend(
            &mut map,
            [
                ("weight", found.weight.into()),
                ("objective", bounded(found.objective)),
                ("gap", found.gap.into()),
                ("chi2", self.number(&format!("{path}.chi2"), &a.divergences.chi2)),
                ("j_proxy", bounded(a.returns.proxy)),
                ("j_truth", bounded(a.returns.truth)),
                ("is_reference", found.is_reference.into()),
                ("policy", spread(n, story.kept, policy(story.mdp, &a.visits.policy))),
            ],
        );
        map
    }
}

fn pair(p: Pair) -> Value {
    json!({ "truth": bounded(p.truth), "proxy": bounded(p.proxy) })
}

/// What is certain, why, and how much it matters.
fn flags(story: &Story<'_>) -> Value {
    let (flags, mut map) = (story.flags, Map::new());
    say::decide(&mut map, "correlated_proxy", &flags.correlated_proxy);
    say::decide(&mut map, "hacking", &flags.hacking);
    say::decide(&mut map, "hacking_and_proxy_up", &flags.hacking_and_proxy_up);
    say::decide(&mut map, "proxy_optimal_hacks", &flags.proxy_optimal_hacks);
    let effect = flags.effect;
    let shares = json!({
        "truth": bounded(effect.truth),
        "proxy": bounded(effect.proxy),
        "lost": bounded(effect.lost),
    });
    map.insert("effect".into(), shares);
    map.into()
}

fn proxy_optimal(story: &Story<'_>) -> Value {
    let (ties, mut map) = (story.ties, Map::new());
    map.insert("best".into(), bounded(ties.best));
    map.insert("worst".into(), bounded(ties.worst));
    map.insert("tied_states".into(), ties.n_ties.into());
    say::decide(&mut map, "some_below_reference", &ties.some_below);
    say::decide(&mut map, "all_below_reference", &ties.all_below);
    map.into()
}

/// The whole answer.
pub(super) fn of(story: &Story<'_>) -> Map<String, Value> {
    let mut undefined = Undefined(Map::new());
    let (setting, a) = (story.setting, story.appraisal);
    let mut map = head("hack", story.model);
    let mut bound = undefined.bounds("bound", &a.raw);
    bound["canonical"] = undefined.bounds("bound.canonical", &a.canonical);
    bound["true_rise"] = bounded(a.rise.truth);
    let mut maximiser = undefined.maximiser("maximiser", story, story.maximiser);
    let canonical = undefined.maximiser("maximiser.canonical", story, story.maximiser_canonical);
    maximiser.insert("canonical".into(), canonical.into());
    parts::extend(
        &mut map,
        [
            ("truth", story.truth.into()),
            ("proxy", story.proxy.into()),
            ("reference", story.reference.into()),
            ("policy", story.policy.into()),
            (
                "correlation",
                json!({
                    "raw": undefined.number("correlation.raw", &setting.raw.r),
                    "canonical": undefined.number("correlation.canonical", &setting.canonical.r),
                    "sign_flips": story.sign_flips().answer(),
                    "sign_flips_why": story.sign_flips().why(),
                }),
            ),
            (
                "sigma",
                json!({
                    "truth": bounded(setting.raw.truth.sigma),
                    "proxy": bounded(setting.raw.proxy.sigma),
                    "canonical": {
                        "truth": bounded(setting.canonical.truth.sigma),
                        "proxy": bounded(setting.canonical.proxy.sigma),
                    },
                }),
            ),
            ("returns", json!({ "reference": pair(setting.returns), "policy": pair(a.returns) })),
            ("divergence", undefined.divergences(&a.divergences)),
            ("bound", bound),
            ("flags", flags(story)),
            ("proxy_optimal", proxy_optimal(story)),
            ("maximiser", maximiser.into()),
        ],
    );
    if let Some(frontier) = story.frontier {
        let steps = |steps: &[Step]| -> Value { steps.iter().map(|s| step(story, s)).collect() };
        parts::extend(
            &mut map,
            [
                ("frontier", steps(&frontier.chi2)),
                ("frontier_kl", steps(&frontier.kl)),
                ("frontier_action_kl", steps(&frontier.action_kl)),
            ],
        );
    }
    map.insert("hackable".into(), hackable::json(story.model, story.mdp, story.kept, story.hackable));
    if let Some(found) = story.goodhart {
        map.insert("goodhart".into(), goodhart::json(story.model, story.mdp, story.kept, found));
    }
    if let Some((names, found)) = story.ensemble {
        map.insert("ensemble".into(), ensemble::json(names, found));
    }
    let names = story.model.mdp().unreachable();
    let names: Vec<String> = names.iter().map(|&s| story.model.mdp().states().name(s).into_owned()).collect();
    parts::extend(&mut map, [("undefined", undefined.0.into()), ("unreachable", names.into())]);
    map
}

/// One policy of a frontier. What is infinite at the reference is `null`.
fn step(story: &Story<'_>, step: &Step) -> Value {
    let a = &step.appraisal;
    let plain = |x: &Maybe<Bounded>| x.as_ref().map_or(f64::INFINITY, |b| b.value);
    let promised = |x: &Maybe<Bounded>| x.as_ref().ok().map(|b| story.setting.returns.truth.value + b.value);
    json!({
        "eta": step.strength,
        "weight": if step.strength.is_finite() { step.weight().into() } else { Value::Null },
        "chi2": plain(&a.divergences.chi2),
        "kl": plain(&a.divergences.kl),
        "action_kl": plain(&a.divergences.action_kl),
        "j_proxy": a.returns.proxy.value,
        "j_truth": a.returns.truth.value,
        "bound": promised(&a.canonical.sharp),
        "bound_raw": promised(&a.raw.theorem),
        "gap": step.gap,
    })
}
