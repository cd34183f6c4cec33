//! Words of the nearest reward that makes a given policy optimal.

use serde_json::{Map, Value, json};

use super::{Part, bounded};
use crate::answer::number::{number, plain};
use crate::report::{Align, Block, Cell, Table, Tone};
use truenorth::analysis::stability::{Ball, Taught};

/// Adds keys, a verdict and a table. `policy` is the file's name.
pub fn add(part: &mut Part, policy: &str, margin: f64, all: &[Taught]) {
    let distance: Map<String, Value> = all.iter().map(|t| (t.ball.id().to_owned(), bounded(t.distance))).collect();
    let excess = all.first().map_or(0.0, |t| t.excess);
    let value = json!({ "policy": policy, "margin": margin, "distance": distance, "excess": excess });
    part.json.insert("make_optimal".into(), value);
    let already = all.iter().all(|t| t.distance.hi == 0.0);
    let by = if margin > 0.0 { format!(" by {}", plain(margin)) } else { String::new() };
    let words = match (already, all.iter().find(|t| t.ball == Ball::Linf)) {
        (true, _) => format!("The policy in {policy} is optimal already{by}: no entry has to change."),
        (false, Some(linf)) => format!(
            "The policy in {policy} becomes optimal{by} when no entry of the reward changes by more than {}.",
            plain(linf.distance.value)
        ),
        (false, None) => format!("The policy in {policy} becomes optimal{by} after a change of the reward."),
    };
    part.document.blocks.push(Block::verdict(Tone::Neutral, words));
    if already {
        return;
    }
    let mut table = Table::new(format!("The nearest reward that makes the policy in {policy} optimal"))
        .column("change of R(s,a), measured by", Align::Left)
        .column("distance", Align::Right);
    for taught in all {
        let words = match taught.ball {
            Ball::L1 => "sum of changes",
            Ball::L2 => "root of squares",
            _ => "largest change of an entry",
        };
        table = table.row([Cell::from(words), number(taught.distance).into()]);
    }
    part.document.blocks.push(table.into());
}
