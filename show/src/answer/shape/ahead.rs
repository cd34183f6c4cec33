//! How far ahead a greedy learner must look, before and after shaping.

use serde_json::{Value, json};

use crate::answer::bounded;
use crate::answer::number::number;
use crate::answer::parts;
use crate::report::{Align, Block, Cell, Table, Tone};
use truenorth::analysis::shaping::{LookAhead, Step};

/// Steps in a table for people.
const ROWS: usize = 12;

/// Look-ahead under the reward as it is, and as shaped.
pub struct Ahead<'a> {
    /// As it is.
    pub plain: &'a LookAhead,
    /// As shaped.
    pub shaped: &'a LookAhead,
}

impl Ahead<'_> {
    /// Under the key `look_ahead`.
    pub fn json(&self) -> Value {
        let step = |s: &Step| json!({ "steps": s.steps, "wrong": s.wrong, "wrong_undecided": s.undecided, "best": bounded(s.best), "worst": bounded(s.worst) });
        let one = |found: &LookAhead| {
            json!({
                "enough": found.enough.filter(|_| found.enough == found.may_be_enough),
                "enough_at_least": found.may_be_enough,
                "enough_at_most": found.enough,
                "enough_why": found.doubt.as_ref().map(|doubt| format!("undecided: {}", doubt.words())),
                "tried": found.tried,
                "steps": found.steps.iter().map(step).collect::<Vec<_>>(),
            })
        };
        json!({ "plain": one(self.plain), "shaped": one(self.shaped) })
    }

    /// Verdict and table.
    pub fn blocks(&self) -> Vec<Block> {
        let words = |found: &LookAhead| match (found.may_be_enough, found.enough) {
            (Some(least), Some(h)) if least == h => parts::many(h, "step"),
            (Some(least), Some(h)) => format!("{least} to {}", parts::many(h, "step")),
            (Some(least), None) => format!("at least {}", parts::many(least, "step")),
            (None, _) => format!("more than {}", parts::many(found.tried, "step")),
        };
        let tone = match (self.plain.enough, self.shaped.enough) {
            (Some(plain), Some(shaped)) if shaped < plain => Tone::Good,
            (None, Some(_)) => Tone::Good,
            (Some(plain), Some(shaped)) if shaped == plain => Tone::Neutral,
            (None, None) => Tone::Neutral,
            _ => Tone::Warn,
        };
        let text = format!(
            "To act optimally at every state, a greedy learner must look {} ahead under the shaped reward, {} under \
             the reward as it is.",
            words(self.shaped),
            words(self.plain)
        );
        let mut table = Table::new("Regret of looking some steps ahead, unlucky among equals")
            .column("steps", Align::Right)
            .column("as it is", Align::Right)
            .column("wrong states", Align::Right)
            .column("shaped", Align::Right)
            .column("wrong states", Align::Right);
        let shown = self.plain.steps.len().max(self.shaped.steps.len()).min(ROWS);
        let cells = |found: &LookAhead, i: usize| match found.steps.get(i) {
            Some(step) => [Cell::from(number(step.worst)), step.wrong.to_string().into()],
            None => [Cell::Empty, Cell::Empty],
        };
        for i in 0..shown {
            let both = cells(self.plain, i).into_iter().chain(cells(self.shaped, i));
            table = table.row(std::iter::once(Cell::from((i + 1).to_string())).chain(both));
        }
        vec![Block::verdict(tone, text), table.into()]
    }
}
