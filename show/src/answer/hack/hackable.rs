//! Whether optimising the proxy can hurt the truth at all, in words and as JSON.

use serde_json::{Value, json};

use super::super::number::number;
use super::super::{bounded, policy, spread};
use crate::report::{Align, Block, Cell, Table};
use truenorth::analysis::hackable::{Hackable, Judgement, Means, Relation, Witness};
use truenorth::base::{Bounded, Decision};
use truenorth::model::{Mdp, Model, Policy};

/// The `hackable` part: whether it is (`null`: not decided), the relation, and two policies. `mdp` is the reachable part of
/// `model`, `kept` its states there.
pub fn json(model: &Model, mdp: &Mdp, kept: &[usize], found: &Hackable) -> Value {
    let (all, pure) = (&found.all_policies, &found.deterministic);
    let witness = |found: &Judgement| {
        let side = |pi: &Policy, returns: (Bounded, Bounded)| {
            json!({
                "policy": spread(model.mdp().n_states(), kept, policy(mdp, pi)),
                "truth": bounded(returns.0),
                "proxy": bounded(returns.1),
            })
        };
        let both = |w: &Witness| json!({ "from": side(&w.from, w.from_returns), "to": side(&w.to, w.to_returns) });
        found.witness.as_ref().map_or(Value::Null, both)
    };
    let word = |found: &Judgement| found.relation.map_or("undecided", Relation::word);
    json!({
        "all_policies": all.hackable.answer(),
        "all_policies_why": all.hackable.why(),
        "deterministic": pure.hackable.answer(),
        "deterministic_why": pure.hackable.why(),
        "relation": { "all_policies": word(all), "deterministic": word(pure) },
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
    for (among, one) in [("all policies", &found.all_policies), ("deterministic policies", &found.deterministic)] {
        table = table.row([Cell::from(among), answer(one).into(), means(one).into()]);
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

fn answer(found: &Judgement) -> String {
    let relation = match (&found.hackable, found.relation) {
        (Decision::Undecided(doubt), _) => return format!("undecided: {}", doubt.words()),
        (Decision::Yes(_), _) => return "yes".into(),
        (Decision::No(_), None) => return "no: one of them is the same everywhere".into(),
        (Decision::No(_), Some(relation)) => relation,
    };
    match relation {
        Relation::Equivalent => "no: same order",
        Relation::BothTrivial => "no: both earn the same everywhere",
        Relation::TruthTrivial => "no: the truth is the same everywhere",
        Relation::ProxyTrivial => "no: the proxy is the same everywhere",
        Relation::ProxySimplifies => "no: the proxy only ties what the truth tells apart",
        Relation::TruthSimplifies => "no: the proxy only tells apart what the truth ties",
        Relation::Compatible => "no: each ties what the other tells apart",
        Relation::Hackable => "yes",
    }
    .into()
}

fn means(found: &Judgement) -> String {
    let decided = match &found.hackable {
        Decision::Yes(evidence) | Decision::No(evidence) => format!(", {}", evidence.words()),
        Decision::Undecided(_) => String::new(),
    };
    let how = match found.means {
        Means::Projection => "the order of all policies".into(),
        Means::Enumeration => format!("all {} evaluated", found.n_policies),
        Means::Search => "a search, which cannot exclude a pair it does not find".into(),
        Means::Subset => "it holds for all policies".into(),
    };
    format!("{how}{decided}")
}
