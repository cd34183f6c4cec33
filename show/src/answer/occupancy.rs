//! The words of `occupancy`: how often a policy is where, and what it does there.

use serde_json::{Map, Value};

use super::number::{entry, percent1, plain};
use super::parts::{self, ROWS};
use super::{head, per_pair};
use crate::report::{Align, Cell, Document, Figure, Table};
use truenorth::base::sum;
use truenorth::model::Model;
use truenorth::solve::{Endings, Occupancy};

/// Visits of one policy.
pub struct Visits<'a> {
    /// The model.
    pub model: &'a Model,
    /// What the policy is, such as `optimal for goal`.
    pub policy: &'a str,
    /// The visits, multiplied by `1 - gamma` if `is_normalised`.
    pub occupancy: &'a Occupancy,
    /// How episodes end; `None` in a model without terminal states.
    pub endings: Option<&'a Endings>,
    /// Whether they sum to 1 rather than to `1 / (1 - gamma)`.
    pub is_normalised: bool,
}

impl Visits<'_> {
    /// Probabilities of the ends, the likeliest first: visits of a terminal state are no measure of them.
    fn ends(&self) -> Option<Table> {
        let endings = self.endings?;
        let mut ends = endings.ends.clone();
        ends.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut table = Table::new("How episodes end, discount left out")
            .column("end", Align::Left)
            .column("probability", Align::Right);
        for &(s, p) in ends.iter().take(ROWS) {
            table = table.row([Cell::from(self.model.mdp().states().name(s).into_owned()), percent1(p).into()]);
        }
        if endings.never > 0.0 {
            table = table.row([Cell::from("never"), percent1(endings.never).into()]);
        }
        Some(table)
    }

    fn total(&self) -> f64 {
        sum::sum(self.occupancy.occ_s.iter().copied())
    }

    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let mut map = head("occupancy", self.model);
        parts::extend(
            &mut map,
            [
                ("policy", self.policy.into()),
                ("normalised", self.is_normalised.into()),
                ("occ_sa", per_pair(self.model.mdp(), &self.occupancy.occ_sa).into()),
                ("occ_s", self.occupancy.occ_s.clone().into()),
                ("sums_to", self.total().into()),
                ("error", self.occupancy.error.into()),
                ("method", self.occupancy.method.into()),
            ],
        );
        if let Some(endings) = self.endings {
            let name = |s: usize| self.model.mdp().states().name(s).into_owned();
            let ends: Map<String, Value> = endings.ends.iter().map(|&(s, p)| (name(s), p.into())).collect();
            parts::extend(&mut map, [("ends", ends.into()), ("never_ends", endings.never.into())]);
        }
        map
    }

    /// For people: the states most visited first.
    pub fn document(&self, figures: Vec<Figure>) -> Document {
        let (mdp, found) = (self.model.mdp(), self.occupancy);
        let total = self.total();
        let unit = if self.is_normalised { "normalised to 1" } else { "discounted" };
        let mut states: Vec<usize> = (0..mdp.n_states()).filter(|&s| found.occ_s[s] > 0.0).collect();
        // Stable, so equally visited states stay in the order of the model.
        states.sort_by(|&s, &t| found.occ_s[t].total_cmp(&found.occ_s[s]));
        let mut table = Table::new(format!("Visits, {unit}, the most visited states first"))
            .column("state", Align::Left)
            .column("visits", Align::Right)
            .column("share", Align::Right)
            .column("actions taken", Align::Left);
        for &s in states.iter().take(ROWS) {
            let taken = mdp.rows(s).filter(|&row| found.occ_sa[row] > 0.0).map(|row| {
                let name = mdp.actions().name(mdp.action(row));
                match found.occ_sa[row] / found.occ_s[s] {
                    share if share > 1.0 - 1e-12 => name.into_owned(),
                    share => format!("{name} {}", percent1(share)),
                }
            });
            let taken = if mdp.is_terminal(s) { "(end)".into() } else { taken.collect::<Vec<_>>().join(", ") };
            table = table.row([
                Cell::from(mdp.states().name(s).into_owned()),
                entry(found.occ_s[s], found.error).into(),
                percent1(found.occ_s[s] / total).into(),
                taken.into(),
            ]);
        }
        parts::begin("Where the policy spends its time", self.model)
            .fact("Policy", self.policy)
            .fact("Sum", plain(total))
            .fact("Error", format!("at most {} in all", plain(found.error)))
            .fact("Method", found.method)
            .block(table)
            .blocks(parts::rest(states.len(), "state"))
            .blocks(self.ends().map(Into::into))
            .blocks(figures.into_iter().map(Into::into))
    }
}
