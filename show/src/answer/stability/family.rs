//! Words of radii within a family of rewards, and in one component.

use serde_json::{Value, json};

use super::{Part, cell, pair_json, pair_words, size};
use crate::report::{Align, Block, Cell, Table};
use truenorth::analysis::stability::{FamilyRadius, NORMS};
use truenorth::base::Bounded;
use truenorth::model::Mdp;

/// A family of rewards around one reward.
pub struct Family<'a> {
    /// The reachable part.
    pub mdp: &'a Mdp,
    /// What the policy plays.
    pub rows: &'a [usize],
    /// The members as typed.
    pub members: &'a [String],
    /// What was found.
    pub found: &'a FamilyRadius,
}

impl Family<'_> {
    /// Adds keys and a table.
    pub fn add(&self, part: &mut Part) {
        let found = self.found;
        let radius: Value = NORMS.iter().zip(&found.radii).map(|(id, r)| ((*id).to_owned(), size(r.size))).collect();
        let value = json!({
            "members": self.members,
            "radius": radius,
            "critical": pair_json(self.mdp, self.rows, found.radii[0].row),
            "theta": found.theta,
            "structural": found.structural,
            "structural_undecided": found.undecided,
            "why": found.doubt.as_ref().map(|doubt| format!("undecided: {}", doubt.words())),
            "pairs": found.pairs,
        });
        part.json.insert("family".into(), value);
        let words = ["largest coefficient", "root of their squares", "sum of their sizes"];
        let mut table = Table::new(format!("How far coefficients of {} may move", self.members.join(", ")))
            .column("coefficients, measured by", Align::Left)
            .column("radius", Align::Right)
            .column("first to change", Align::Left);
        for (words, radius) in words.iter().zip(&found.radii) {
            let first = pair_words(self.mdp, self.rows, radius.row);
            table = table.row([Cell::from(*words), cell(radius.size), first.into()]);
        }
        part.document.blocks.push(table.into());
        if found.structural > 0 {
            part.document.blocks.push(Block::paragraph(format!(
                "In {} of {} pairs of a state and another action no coefficients change which is better; they are left out.",
                found.structural, found.pairs
            )));
        }
        if let Some(doubt) = &found.doubt {
            part.document.blocks.push(Block::paragraph(format!(
                "? Of {} of {} pairs it is undecided whether any coefficients change which is better: {}.",
                found.undecided,
                found.pairs,
                doubt.words()
            )));
        }
    }
}

/// One component of a reward's expression: its coefficient, and how far its entries may move.
pub struct Component<'a> {
    /// Name of the reward.
    pub name: &'a str,
    /// Its coefficient in the expression.
    pub coefficient: f64,
    /// Largest change of an entry of it.
    pub radius: Bounded,
}

/// Adds keys and a table.
pub fn components(part: &mut Part, all: &[Component<'_>]) {
    let one = |c: &Component<'_>| json!({ "name": c.name, "coefficient": c.coefficient, "radius": { "linf": size(c.radius) } });
    part.json.insert("components".into(), all.iter().map(one).collect());
    let mut table = Table::new("How far the entries of one component may move")
        .column("component", Align::Left)
        .column("coefficient", Align::Right)
        .column("radius", Align::Right);
    for c in all {
        let coefficient = super::plain(c.coefficient);
        table = table.row([Cell::from(c.name.to_owned()), coefficient.into(), cell(c.radius)]);
    }
    part.document.blocks.push(table.into());
}
