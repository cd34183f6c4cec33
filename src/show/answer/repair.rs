//! The words of `repair`: the smallest change of a proxy that mends it.
//!
//! Keys of the JSON result: `truth`, `proxy`; `truth_trivial`, `fine` (nothing to mend), `mends` (some change of the
//! features does); `before`, a check; `single`, for each feature `{ feature, trivial, positive, negative }`, each side null
//! or `{ above B, below B or null, chosen, some_from B or null, breakpoints, complete, check }`, where sizes of coefficients
//! strictly between `above` and `below` mend and `above` is null if none do; `joint`, null or `{ features, least:
//! [{ norm, size B, edge, chosen, check }], impossible, targets, all_targets, proofs: [{ target, holds, exact, mixture:
//! [{ weight, policy }] }] }`, with what `target` and each policy earn under `returns`: `{ truth, proxy, features }`;
//! `nearest: [{ norm, distance B, reward [S][A], changed, targets, all_targets, check }]`. A check is `{ agreement: all,
//! some or none, best B, worst B, worst_normalised B }`: how many policies that are optimal for a reward are optimal for the
//! truth, and the regret of the luckiest and the unluckiest.

use dashu::rational::RBig;
use serde_json::{Map, Value, json};

use super::number::{number, percent, plain};
use super::{bounded, head, parts};
use crate::analysis::family::Agreement;
use crate::analysis::repair::{Check, Infeasible, Interval, Joint, Least, Nearest, Norm, Repair, Side, Single};
use crate::model::{Mdp, Model};
use crate::show::report::{Align, Block, Cell, Document, Table, Tone};

/// A repair, or the proof that there is none.
pub struct Mended<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// The model as named on the command line.
    pub argument: &'a str,
    /// True reward as asked for.
    pub truth: &'a str,
    /// Proxy as asked for.
    pub proxy: &'a str,
    /// Whether proxy and features can be written as one expression.
    pub is_expression: bool,
    /// What was found.
    pub found: &'a Repair,
}

fn check(check: &Check) -> Value {
    json!({
        "agreement": check.agreement,
        "best": bounded(check.best),
        "worst": bounded(check.worst),
        "worst_normalised": bounded(check.worst_normalised),
    })
}

fn double(x: &RBig) -> f64 {
    x.to_f64().value()
}

impl Mended<'_> {
    /// Keys as above.
    pub fn json(&self) -> Map<String, Value> {
        let found = self.found;
        let mut map = head("repair", self.model);
        parts::extend(
            &mut map,
            [
                ("truth", self.truth.into()),
                ("proxy", self.proxy.into()),
                ("truth_trivial", found.truth_is_trivial.into()),
                ("fine", found.is_fine().into()),
                ("mends", self.mends().into()),
                ("before", check(&found.before)),
                ("single", found.single.iter().map(single_json).collect()),
                ("joint", found.joint.as_ref().map_or(Value::Null, |joint| self.joint_json(joint))),
                ("nearest", found.nearest.iter().map(|nearest| self.nearest_json(nearest)).collect()),
            ],
        );
        map
    }

    /// Whether a change of the features mends.
    fn mends(&self) -> bool {
        let found = self.found;
        found.single.iter().any(|single| single.best().is_some())
            || found.joint.as_ref().is_some_and(|joint| !joint.least.is_empty())
    }

    fn names(&self, joint: &Joint) -> Vec<&str> {
        joint.features.iter().map(|&k| self.found.single[k].feature.as_str()).collect()
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
        json!({
            "features": names,
            "least": joint.least.iter().map(least).collect::<Value>(),
            "impossible": joint.is_impossible,
            "targets": joint.n_targets,
            "all_targets": joint.is_all,
            "proofs": joint.proofs.iter().map(proof).collect::<Value>(),
        })
    }

    /// The action of each state of the whole model; null where nobody gets.
    fn actions(&self, policy: &[usize]) -> Value {
        let name = |&row: &usize| Value::from(self.mdp.actions().name(self.mdp.action(row)));
        super::spread(self.model.mdp().n_states(), self.kept, policy.iter().map(name))
    }

    fn nearest_json(&self, nearest: &Nearest) -> Value {
        json!({
            "norm": nearest.norm,
            "distance": bounded(nearest.distance),
            "reward": parts::pairs(self.model.mdp(), self.mdp, self.kept, |row| nearest.reward[row].into()),
            "changed": nearest.n_changed,
            "targets": nearest.n_targets,
            "all_targets": nearest.is_all,
            "check": check(&nearest.check),
        })
    }

    /// For people.
    pub fn document(&self) -> Document {
        let found = self.found;
        let (tone, verdict) = self.verdict();
        let document = parts::begin(format!("Mending {} for {}", self.proxy, self.truth), self.model)
            .fact("Truth", parts::code(self.truth))
            .fact("Proxy", parts::code(self.proxy))
            .block(Block::verdict(tone, verdict));
        if found.is_fine() {
            return document;
        }
        document
            .block(Block::paragraph(format!(
                "As it is, {} of the proxy's optimal policies {} optimal for the truth; the unluckiest loses {}, or {} of \
                 what there is to lose.",
                match found.before.agreement {
                    Agreement::None => "none",
                    _ => "some but not all",
                },
                if found.before.agreement == Agreement::None { "is" } else { "are" },
                plain(found.before.worst.value),
                percent(found.before.worst_normalised.value)
            )))
            .blocks(self.singles())
            .blocks(found.joint.iter().flat_map(|joint| self.joint(joint)))
            .blocks(nearest_blocks(&found.nearest))
            .blocks(self.hint())
    }

    fn verdict(&self) -> (Tone, String) {
        let found = self.found;
        if found.truth_is_trivial {
            return (Tone::Good, "Nothing to mend: every policy earns the same under the truth.".into());
        }
        if found.is_fine() {
            let text = "Nothing to mend: every policy that is optimal for the proxy is optimal for the truth.";
            return (Tone::Good, text.into());
        }
        if let Some((single, side, interval)) = self.shortest() {
            let verb = if side.sign > 0.0 { "Add" } else { "Take off" };
            let amount = amount(interval);
            let what = if single.feature == "1" { "at every step".into() } else { format!("of `{}`", single.feature) };
            let text = format!(
                "{verb} {amount} {what}: then every policy that is optimal for the proxy is optimal for the truth."
            );
            return (Tone::Good, text);
        }
        match &found.joint {
            Some(joint) if !joint.least.is_empty() => {
                let text = "No feature mends the proxy on its own, but several together do.";
                (Tone::Good, text.into())
            }
            Some(joint) if joint.is_impossible => {
                let names: Vec<String> = self.names(joint).iter().map(|name| format!("`{name}`")).collect();
                let text = match names.as_slice() {
                    [one] => format!("No coefficient of {one} mends the proxy. The proof is below."),
                    names => format!("No coefficients of {} mend the proxy. The proof is below.", names.join(", ")),
                };
                (Tone::Bad, text)
            }
            None if found.single.iter().all(|single| single.is_trivial) => {
                (Tone::Bad, "The features cannot mend the proxy: every policy earns the same of each.".into())
            }
            _ if !found.is_complete => (Tone::Warn, "No repair was found before the limit was reached.".into()),
            _ => (Tone::Bad, "No repair by these features was found; not every combination was ruled out.".into()),
        }
    }

    /// The feature of which the repaired proxy is nearest in size: coefficients of different features are compared as they
    /// are.
    fn shortest(&self) -> Option<(&Single, &Side, &Interval)> {
        let mending = self.found.single.iter().filter_map(|single| {
            let (side, interval) = single.best()?;
            Some((single, side, interval))
        });
        mending.min_by(|x, y| x.1.size().total_cmp(&y.1.size()))
    }

    fn singles(&self) -> Vec<Block> {
        let mut table = Table::new("One feature at a time: proxy + c \u{d7} feature")
            .column("feature", Align::Left)
            .column("c", Align::Left)
            .column("for example", Align::Right)
            .column("regret then", Align::Right);
        let mut ties = Vec::new();
        for single in &self.found.single {
            let name = || Cell::from(single.feature.clone());
            if single.is_trivial {
                table = table.row([name(), "a shaping: no policy earns more of it".into(), Cell::Empty, Cell::Empty]);
            }
            for side in &single.sides {
                let (what, minus) = if side.sign > 0.0 { ("positive", "") } else { ("negative", "\u{2212}") };
                table = match &side.mends {
                    Some(found) => table.row([
                        name(),
                        range(found, minus).into(),
                        plain(found.chosen).into(),
                        number(found.check.worst).into(),
                    ]),
                    None if side.is_complete => {
                        table.row([name(), format!("no {what} one").into(), Cell::Empty, Cell::Empty])
                    }
                    None => table.row([name(), format!("no {what} one found").into(), Cell::Empty, Cell::Empty]),
                };
                if let Some(some) = side.some_from {
                    ties.push(format!(
                        "Already at {minus}{} of `{}` some of the optimal policies are optimal for the truth, but not all.",
                        plain(some.value),
                        single.feature
                    ));
                }
            }
        }
        if self.found.single.iter().any(|single| single.best().is_some()) {
            ties.push(
                "At the ends of a range the proxy ties: some of its optimal policies are optimal for the truth, others are \
                 not. The ends do not mend."
                    .into(),
            );
        }
        std::iter::once(Block::from(table)).chain(ties.into_iter().map(Block::paragraph)).collect()
    }

    fn joint(&self, joint: &Joint) -> Vec<Block> {
        let names = self.names(joint);
        let mut blocks = Vec::new();
        if !joint.least.is_empty() {
            let mut table = Table::new("Several features together")
                .column("measured by", Align::Left)
                .column("more than", Align::Right)
                .column("for example", Align::Left)
                .column("regret then", Align::Right);
            for least in &joint.least {
                table = table.row([
                    Cell::from(norm_name(least.norm, "coefficient")),
                    plain(least.size.value).into(),
                    sum_of(&names, &least.chosen).into(),
                    number(least.check.worst).into(),
                ]);
            }
            blocks.push(Block::from(table));
        }
        for proof in joint.proofs.iter().take(PROOFS) {
            blocks.extend(proof_blocks(&names, proof));
        }
        if joint.proofs.len() > PROOFS {
            let more =
                parts::many(joint.proofs.len() - PROOFS, "other truth-optimal policy").replace("policys", "policies");
            blocks.push(Block::paragraph(format!("There is such a proof for {more}; --json has all.")));
        }
        if !joint.is_all {
            blocks.push(Block::paragraph(format!(
                "The truth has too many optimal policies to try all; {} were, so smaller coefficients may do.",
                joint.n_targets
            )));
        }
        blocks
    }

    /// What to try next.
    fn hint(&self) -> Option<Block> {
        let (single, _, interval) = self.shortest().filter(|_| self.is_expression)?;
        let c = interval.chosen;
        let sign = if c < 0.0 { '-' } else { '+' };
        let term = |text: &str| match text.chars().all(|c| c.is_alphanumeric() || c == '_') {
            true => text.to_owned(),
            false => format!("({text})"),
        };
        let term = match single.feature.as_str() {
            "1" => c.abs().to_string(),
            text => format!("{}*{}", c.abs(), term(text)),
        };
        let command = format!("truenorth compare {} '{}' '{} {sign} {term}'", self.argument, self.truth, self.proxy);
        Some(Block::code(command))
    }
}

/// Proofs shown; `--json` has all.
const PROOFS: usize = 2;

fn side_json(side: &Side) -> Value {
    let found = side.mends.as_ref();
    json!({
        "above": found.map(|found| bounded(found.above)),
        "below": found.and_then(|found| found.below).map(bounded),
        "chosen": found.map(|found| found.chosen),
        "check": found.map(|found| check(&found.check)),
        "some_from": side.some_from.map(bounded),
        "breakpoints": side.n_breakpoints,
        "complete": side.is_complete,
    })
}

fn single_json(single: &Single) -> Value {
    let side = |sign: f64| single.sides.iter().find(|side| side.sign == sign).map(side_json);
    json!({
        "feature": single.feature,
        "trivial": single.is_trivial,
        "positive": side(1.0),
        "negative": side(-1.0),
    })
}

/// `more than 0.06`, `more than 0.06 and less than 0.1`, `any amount`.
fn amount(found: &Interval) -> String {
    match (found.above.value, found.below) {
        (0.0, None) => "any amount".into(),
        (0.0, Some(below)) => format!("less than {}", plain(below.value)),
        (above, None) => format!("more than {}", plain(above)),
        (above, Some(below)) => format!("more than {} and less than {}", plain(above), plain(below.value)),
    }
}

/// The same with a sign, as sizes of a coefficient.
fn range(found: &Interval, minus: &str) -> String {
    let below = |b: f64| format!("{minus}{}", plain(b));
    match (found.above.value, found.below, minus.is_empty()) {
        (0.0, None, true) => "any above 0".into(),
        (0.0, None, false) => "any below 0".into(),
        (above, None, true) => format!("above {}", plain(above)),
        (above, None, false) => format!("below {}", below(above)),
        (above, Some(to), true) => format!("above {}, below {}", plain(above), plain(to.value)),
        (above, Some(to), false) => format!("below {}, above {}", below(above), below(to.value)),
    }
}

fn norm_name(norm: Norm, what: &str) -> String {
    match norm {
        Norm::Linf => format!("largest {what}"),
        Norm::L2 => "root of the sum of squares".into(),
    }
}

/// `0.1*a - 0.2*b`.
fn sum_of(names: &[&str], theta: &[f64]) -> String {
    let mut text = String::new();
    for (name, &c) in names.iter().zip(theta).filter(|(_, c)| **c != 0.0) {
        let sign = match (text.is_empty(), c < 0.0) {
            (true, false) => "",
            (true, true) => "\u{2212}",
            (false, false) => " + ",
            (false, true) => " \u{2212} ",
        };
        text.push_str(&format!("{sign}{}\u{d7}{name}", plain(c.abs())));
    }
    text
}

fn proof_blocks(names: &[&str], proof: &Infeasible) -> [Block; 2] {
    let mut table = Table::new("What no coefficients can tell apart")
        .column("policy", Align::Left)
        .column("share", Align::Right)
        .column("truth", Align::Right)
        .column("proxy", Align::Right);
    for name in names {
        table = table.column(*name, Align::Right);
    }
    let returns = |x: &[RBig]| x.iter().map(|x| Cell::from(plain(double(x)))).collect::<Vec<_>>();
    let target = [Cell::from("optimal for the truth"), Cell::Empty];
    table = table.row(target.into_iter().chain(returns(&proof.target_returns)));
    for m in &proof.mixture {
        let first = [Cell::from("not optimal"), percent(double(&m.weight)).into()];
        table = table.row(first.into_iter().chain(returns(&m.returns)));
    }
    let how = if proof.is_exact { "in fractions" } else { "in rounded returns" };
    let text = format!(
        "Mixed in these shares, policies that are not optimal for the truth earn just as much of every feature as the one that \
         is, and no less of the proxy. Whatever the coefficients, one of them is at least as good ({how}; {}).",
        if proof.holds() { "checked" } else { "the check FAILED" }
    );
    [Block::from(table), Block::paragraph(text)]
}

fn nearest_blocks(all: &[Nearest]) -> Vec<Block> {
    if all.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new("The nearest reward that mends, if the reward of every action may change")
        .column("measured by", Align::Left)
        .column("more than", Align::Right)
        .column("actions changed", Align::Right)
        .column("regret then", Align::Right);
    for nearest in all {
        table = table.row([
            Cell::from(norm_name(nearest.norm, "change")),
            plain(nearest.distance.value).into(),
            nearest.n_changed.to_string().into(),
            number(nearest.check.worst).into(),
        ]);
    }
    let cut = all.iter().any(|nearest| !nearest.is_all).then(|| {
        Block::paragraph("The truth has too many optimal policies to try all, so a nearer reward may do.".to_owned())
    });
    std::iter::once(Block::from(table)).chain(cut).collect()
}
