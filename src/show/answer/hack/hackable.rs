//! Whether optimising the proxy can hurt the truth at all, in words and as JSON.

use serde_json::{Value, json};

use super::super::number::number;
use super::super::{bounded, policy, spread};
use crate::analysis::hackable::{Decision, Hackable, Means, Relation, Witness};
use crate::base::Bounded;
use crate::model::{Mdp, Model, Policy};
use crate::show::report::{Align, Block, Cell, Table};

/// The `hackable` part: whether it is (`null`: not decided), the relation, and two policies. `mdp` is the reachable part of
/// `model`, `kept` its states there.
pub fn json(model: &Model, mdp: &Mdp, kept: &[usize], found: &Hackable) -> Value {
    let (all, pure) = (&found.all_policies, &found.deterministic);
    let witness = |decision: &Decision| {
        let side = |pi: &Policy, returns: (Bounded, Bounded)| {
            json!({
                "policy": spread(model.mdp().n_states(), kept, policy(mdp, pi)),
                "truth": bounded(returns.0),
                "proxy": bounded(returns.1),
            })
        };
        let both = |w: &Witness| json!({ "from": side(&w.from, w.from_returns), "to": side(&w.to, w.to_returns) });
        decision.witness.as_ref().map_or(Value::Null, both)
    };
    json!({
        "all_policies": all.relation.is_hackable(),
        "deterministic": pure.relation.is_hackable(),
        "relation": { "all_policies": all.relation.word(), "deterministic": pure.relation.word() },
        "means": { "all_policies": all.means.word(), "deterministic": pure.means.word() },
        "witness": witness(all),
        "deterministic_witness": witness(pure),
    })
}

/// A table of both decisions, and one of the pair of policies if there is one.
pub fn blocks(found: &Hackable) -> Vec<Block> {
    let mut table = Table::new("Can the proxy contradict the truth?")
        .column("among", Align::Left)
        .column("answer", Align::Left)
        .column("how it is known", Align::Left);
    for (among, decision) in [("all policies", &found.all_policies), ("deterministic policies", &found.deterministic)] {
        table = table.row([Cell::from(among), answer(decision.relation).into(), means(decision).into()]);
    }
    let mut blocks = vec![Block::from(table)];
    if let Some(w) = &found.all_policies.witness {
        let pair = Table::new("Two policies on which they contradict each other")
            .column("", Align::Left)
            .column("truth", Align::Right)
            .column("proxy", Align::Right)
            .row([Cell::from("from"), number(w.from_returns.0).into(), number(w.from_returns.1).into()])
            .row([Cell::from("to"), number(w.to_returns.0).into(), number(w.to_returns.1).into()]);
        blocks.push(pair.into());
        blocks.push(Block::paragraph(
            "From the first to the second the proxy rises and the truth falls, rounding counted. Returns are discounted \
             sums; --json has the policies.",
        ));
    }
    blocks
}

fn answer(relation: Relation) -> String {
    match relation {
        Relation::Equivalent => "no: same order",
        Relation::BothTrivial => "no: both earn the same everywhere",
        Relation::TruthTrivial => "no: the truth is the same everywhere",
        Relation::ProxyTrivial => "no: the proxy is the same everywhere",
        Relation::ProxySimplifies => "no: the proxy only ties what the truth tells apart",
        Relation::TruthSimplifies => "no: the proxy only tells apart what the truth ties",
        Relation::Compatible => "no: each ties what the other tells apart",
        Relation::Hackable => "yes",
        Relation::Undecided(why) => return format!("not decided: {why}"),
    }
    .into()
}

fn means(decision: &Decision) -> String {
    match decision.means {
        Means::Projection => "projections on differences of visits".into(),
        Means::Enumeration => format!("all {} evaluated", decision.n_policies),
        Means::Search => "a search, which cannot exclude a pair it does not find".into(),
        Means::Subset => "it holds for all policies".into(),
    }
}
