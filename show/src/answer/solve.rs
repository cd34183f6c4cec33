//! The words of `solve`: optimal values, the actions that may be optimal, and how they were found.

use dashu_base::BitTest;
use serde_json::{Map, Value, json};

use super::number::number;
use super::parts::{self, ROWS};
use super::{bounded, head, per_pair};
use crate::report::{Align, Block, Cell, Document, Figure, Prose, Table, Tone};
use truenorth::base::{Bounded, Grade, Interval};
use truenorth::model::Model;
use truenorth::solve::{Outcome, Sense, Solution};

/// Longest fraction printed for people.
const SHORT: usize = 80;
/// Longest fraction in JSON.
const LONG: usize = 10_000;

/// A solved model.
pub struct Solved<'a> {
    /// The model.
    pub model: &'a Model,
    /// Reward as asked for.
    pub reward: &'a str,
    /// Best or worst.
    pub sense: Sense,
    /// Values and actions.
    pub solution: &'a Solution,
    /// Return of the greedy policy from the start.
    pub policy_value: Bounded,
    /// Bounds over rows, if asked for.
    pub q: Option<(Vec<f64>, Vec<f64>)>,
}

impl Solved<'_> {
    /// Rows of a state whose action may be optimal.
    fn rows(&self, s: usize) -> impl Iterator<Item = usize> {
        self.model.mdp().rows(s).filter(|&row| self.solution.optimal[row])
    }

    /// Optimal return from the start as a fraction, if the method knows it and its text is no longer than `longest`.
    fn fraction(&self, longest: usize) -> Option<String> {
        let value = self.solution.exact.as_ref()?.at_start(self.model.mdp());
        // At least three bits a decimal digit: what is far too long is not written out to be measured.
        let (num, den) = (value.numerator(), value.denominator());
        let fits = num.bit_len() + den.bit_len() <= 4 * longest;
        fits.then(|| value.to_string()).filter(|text| text.len() <= longest)
    }

    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let (mdp, found) = (self.model.mdp(), self.solution);
        let mut map = head("solve", self.model);
        let policy: Vec<Value> = (0..mdp.n_states()).map(|s| parts::action_names(mdp, self.rows(s))).collect();
        parts::extend(
            &mut map,
            [
                ("reward", self.reward.into()),
                ("value_at_start", bounded(found.at_start(mdp))),
                ("v", json!({ "lo": found.lo, "hi": found.hi })),
            ],
        );
        if let Some(fraction) = self.fraction(LONG) {
            map.insert("exact".into(), json!({ "value_at_start": fraction }));
        }
        if let Some((lo, hi)) = &self.q {
            map.insert("q".into(), json!({ "lo": per_pair(mdp, lo), "hi": per_pair(mdp, hi) }));
        }
        parts::extend(
            &mut map,
            [
                ("policy", policy.into()),
                ("policy_value", bounded(self.policy_value)),
                ("method", found.method.into()),
                ("sweeps", found.sweeps.into()),
                ("outcome", word(found.outcome).into()),
            ],
        );
        map
    }

    /// For people.
    pub fn document(&self, figures: Vec<Figure>) -> Document {
        let (mdp, found) = (self.model.mdp(), self.solution);
        let best = match self.sense {
            Sense::Max => "best",
            Sense::Min => "worst",
        };
        let start = found.at_start(mdp);
        let mut document = parts::begin(format!("The {best} policy for {}", self.reward), self.model)
            .lede(format!("From the start, the {best} policy earns {}.", parts::show(start.value)))
            .fact("Reward", parts::code(self.reward))
            .fact("Method", format!("{}, {}", found.method, parts::many(found.sweeps, "sweep")));
        if let Some(fraction) = self.fraction(SHORT) {
            document = document.fact("Exact return", parts::code(fraction));
        }
        if !found.is_converged() {
            document = document.block(limit(found.outcome));
        }
        let returns = Table::new("Discounted return from the start")
            .column("", Align::Left)
            .column("return", Align::Right)
            .row([Cell::from(format!("{best} policy")), number(start).into()])
            .row([Cell::from("policy below, first actions"), number(self.policy_value).into()]);
        document = document.block(returns);
        let mut table = Table::new("States, their values and the actions that may be optimal")
            .column("state", Align::Left)
            .column("value", Align::Right)
            .column("actions", Align::Left);
        for s in 0..mdp.n_states().min(ROWS) {
            let x = Interval { lo: found.lo[s], hi: found.hi[s] };
            let value = Bounded::around(found.v[s], x, Grade::Certified);
            let mut name = mdp.states().name(s).into_owned();
            if !mdp.is_reachable(s) {
                name.push_str(" (never reached)");
            }
            let mut cells = vec![Cell::from(name), short(value), parts::actions(mdp, s, self.rows(s)).into()];
            if let Some((lo, hi)) = &self.q {
                cells.push(Cell::from(q_words(self.model, s, lo, hi)));
            }
            table = table.row(cells);
        }
        if self.q.is_some() {
            table = table.column("action values", Align::Left);
        }
        let figures = figures.into_iter().map(Into::into);
        document.block(table).blocks(parts::rest(mdp.n_states(), "state")).blocks(figures)
    }
}

/// Value with bounds only where they can be seen; the grade stands above the table.
fn short(b: Bounded) -> Cell {
    let mut number = number(b);
    number.grade = None;
    number.into()
}

fn q_words(model: &Model, s: usize, lo: &[f64], hi: &[f64]) -> Prose {
    let mdp = model.mdp();
    let word = |row: usize| {
        let name = mdp.actions().name(mdp.action(row));
        format!("{name} {}", parts::show(0.5 * (lo[row] + hi[row])))
    };
    Prose::from(mdp.rows(s).map(word).collect::<Vec<_>>().join(", "))
}

/// The word of an outcome in JSON.
pub fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Converged => "converged",
        Outcome::TimeLimit => "time-limit",
        Outcome::SweepLimit => "sweep-limit",
        Outcome::Interrupted => "interrupted",
        Outcome::MemoryLimit => "memory-limit",
    }
}

/// The remark on a limit.
pub fn limit(outcome: Outcome) -> Block {
    let what = match outcome {
        Outcome::Converged => "Converged",
        Outcome::TimeLimit => "The time limit was reached",
        Outcome::SweepLimit => "The limit on sweeps was reached",
        Outcome::Interrupted => "Interrupted",
        Outcome::MemoryLimit => "The memory limit was reached",
    };
    Block::verdict(Tone::Neutral, format!("{what}; the bounds printed hold."))
}
