//! Ensembles of proxies in words and as JSON.

use serde_json::{Map, Value, json};

use super::super::bounded;
use super::super::number::{number, plain};
use super::super::say;
use crate::report::{Align, Block, Cell, Table};
use truenorth::analysis::ensemble::{Combined, Ensemble, Hull, Rule};
use truenorth::analysis::regret::ProxyOptimal;
use truenorth::base::Decision;

/// The `ensemble` part; `members` are the proxies as asked for.
pub fn json(members: &[String], found: &Ensemble) -> Value {
    let earned = |e: &ProxyOptimal| {
        json!({
            "best_return": bounded(e.best_return),
            "worst_return": bounded(e.worst_return),
            "worst_regret_normalised": bounded(e.worst_normalised),
            "ties": e.n_ties,
        })
    };
    let single = members.iter().zip(&found.single).map(|(name, e)| json!({ "proxy": name, "truth": earned(e) }));
    let combined = |c: &Combined| {
        let lambda = if let Rule::Uncertainty(lambda) = c.rule { lambda.into() } else { Value::Null };
        json!({
            "rule": c.rule.word(),
            "lambda": lambda,
            "own": bounded(c.range.max),
            "truth": earned(&c.earned),
            "members": c.members.iter().copied().map(bounded).collect::<Vec<_>>(),
        })
    };
    let exact = Decision::exact(true).why();
    let hull = match &found.hull {
        Hull::Inside { weights } => json!({ "inside": true, "inside_why": exact, "weights": weights }),
        Hull::Outside { miss } => json!({ "inside": false, "inside_why": exact, "miss": bounded(*miss) }),
        Hull::Unknown(doubt) => json!({ "inside": null, "inside_why": doubt.words() }),
    };
    let mut map = Map::new();
    map.insert("single".into(), single.collect::<Value>());
    map.insert("combined".into(), found.combined.iter().map(combined).collect::<Value>());
    map.insert("hull".into(), hull);
    map.insert("promise".into(), found.promise.map(bounded).into());
    for (key, kept) in [("promise_kept", &found.is_promise_kept), ("below_members", &found.is_below_members)] {
        match kept {
            Some(kept) => say::decide(&mut map, key, kept),
            None => {
                map.insert(key.into(), Value::Null);
                map.insert(format!("{key}_why"), "it was not promised: the truth is not known to be a mean".into());
            }
        }
    }
    map.into()
}

/// A table of what each member and each rule earns in truth, and what may be relied on.
pub fn blocks(members: &[String], found: &Ensemble) -> Vec<Block> {
    let mut table = Table::new("What each earns in truth when it is optimised, as a discounted sum")
        .column("optimised", Align::Left)
        .column("unlucky", Align::Right)
        .column("lucky", Align::Right)
        .column("its own return", Align::Right);
    for (name, e) in members.iter().zip(&found.single) {
        table = table.row([
            Cell::from(name.as_str()),
            number(e.worst_return).into(),
            number(e.best_return).into(),
            Cell::Empty,
        ]);
    }
    for c in &found.combined {
        let name = match c.rule {
            Rule::Uncertainty(lambda) => format!("mean less {} times the variance", plain(lambda)),
            Rule::Mean => "mean".into(),
            Rule::WorstCase => "least member".into(),
        };
        let earned = [number(c.earned.worst_return), number(c.earned.best_return), number(c.range.max)];
        table = table.row([Cell::from(name)].into_iter().chain(earned.map(Cell::from)));
    }
    let hull = match &found.hull {
        Hull::Inside { .. } => {
            "The truth is a weighted mean of the members, so what the least member promises of its own \
                                optimum is a lower bound on the truth."
        }
        Hull::Outside { miss } if miss.hi <= say::HARDLY => {
            "The truth is no weighted mean of the members, though one is so close that it hardly matters: what the least \
             member promises holds up to a billionth of the largest reward a step."
        }
        Hull::Outside { .. } => {
            "The truth is no weighted mean of the members: an error they share is seen by none of the rules, \
                                 and nothing is promised."
        }
        Hull::Unknown(_) => "Whether the truth is a weighted mean of the members is undecided; --json says why.",
    };
    let scale = "None of the rules is indifferent to scale: members in different units should be brought to one first, and \
                 the weight of the variance shrinks as the units grow.";
    vec![table.into(), Block::list([hull, scale])]
}
