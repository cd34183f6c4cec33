//! The words of `stability`: how far a reward may move, where the policy breaks, which actions tie.
//!
//! Owns: the first part of the answer, and [`Part`], to which each further question adds keys and blocks.
//! May use: as all of `show::answer`.
//! Must not: compute a result.
//! To add one: a file with a function that adds to a [`Part`].

use serde_json::{Map, Value, json};

use super::number::{number, plain};
use super::parts::{self, ROWS};
use super::{bounded, head};
use crate::analysis::stability::{Optimum, Tie};
use crate::model::{Mdp, Model};
use crate::show::report::{Align, Block, Cell, Document, Table, Tone};

/// An answer under construction: keys of one JSON object, and the blocks of one document.
pub struct Part {
    /// The contract's keys.
    pub json: Map<String, Value>,
    /// For people.
    pub document: Document,
    /// Whether no limit was reached.
    pub is_complete: bool,
}

/// The optimal policy of a reward, and what it takes to change it.
pub struct Stability<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// Reward as asked for.
    pub reward: &'a str,
    /// Optimal set and gaps.
    pub optimum: &'a Optimum,
}

impl Stability<'_> {
    fn state(&self, s: usize) -> String {
        self.mdp.states().name(s).into_owned()
    }

    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let mut map = head("stability", self.model);
        let tie = |tie: &Tie| json!({ "state": self.state(tie.state), "actions": parts::action_names(self.mdp, tie.rows.iter().copied()) });
        parts::extend(
            &mut map,
            [
                ("reward", self.reward.into()),
                ("ties", self.optimum.ties(self.mdp).iter().map(tie).collect()),
                ("ties_are_proved", self.optimum.is_proved.into()),
                ("gap_min", self.optimum.gap_min(self.mdp).map_or(Value::Null, |(_, gap)| bounded(gap))),
            ],
        );
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let ties = self.optimum.ties(self.mdp);
        let mut document = parts::begin(format!("How stable the best policy for {} is", self.reward), self.model)
            .fact("Reward", parts::code(self.reward));
        let verdict = match (ties.len(), self.optimum.gap_min(self.mdp)) {
            (0, None) => {
                (Tone::Good, "No state has a choice of actions, so no reward can change the policy.".to_owned())
            }
            (0, Some((row, gap))) => (
                Tone::Neutral,
                format!(
                    "The best policy is unique; the closest other action falls short by {}, in {}.",
                    plain(gap.value),
                    self.state(self.mdp.state(row))
                ),
            ),
            (n, _) => (Tone::Warn, format!("More than one action is optimal in {}.", parts::many(n, "state"))),
        };
        document = document.block(Block::verdict(verdict.0, verdict.1));
        if let Some((_, gap)) = self.optimum.gap_min(self.mdp) {
            let table = Table::new("Gap of the closest action that is not optimal")
                .column("", Align::Left)
                .column("", Align::Right)
                .row([Cell::from("smallest gap"), number(gap).into()]);
            document = document.block(table);
        }
        document.blocks(self.tie_table(&ties))
    }

    fn tie_table(&self, ties: &[Tie]) -> Vec<Block> {
        if ties.is_empty() {
            return Vec::new();
        }
        let mut table = Table::new("Ties").column("state", Align::Left).column("optimal actions", Align::Left);
        for tie in ties.iter().take(ROWS) {
            let actions = parts::actions(self.mdp, tie.state, tie.rows.iter().copied());
            table = table.row([Cell::from(self.state(tie.state)), actions.into()]);
        }
        let mut blocks = vec![Block::from(table)];
        blocks.extend(parts::rest(ties.len(), "state"));
        blocks
    }
}
