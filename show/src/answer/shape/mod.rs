//! The words of `shape`: a reward with a potential put on, or the potential between two rewards; bonuses, advice.
//!
//! Owns: what `shape` says, one file for each of its questions.
//! May use: what `show::answer` may use.
//! Must not: compute a result.
//! To add one: another question is a file with `json` and `document`.

pub mod ahead;
pub mod bonus;
pub mod guide;

use serde_json::{Map, Value, json};

use crate::answer::number::{entry, number, plain, rounding};
use crate::answer::parts::{self, ROWS};
use crate::answer::{bounded, head, say, spread};
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use ahead::Ahead;
use truenorth::analysis::shaping::Recovery;
use truenorth::base::Decision;
use truenorth::model::{Mdp, Model, Reward};

/// Most numbers written as `{ sas = [S][A][S] }`; beyond it only transitions that can happen are listed.
const MAX_NUMBERS: usize = 1_000_000;

/// A reward table that reads back as a reward file: zero where episodes have ended.
///
/// Small models get every transition. In larger ones, transitions that cannot happen are left at 0, which changes
/// no return.
pub fn table(mdp: &Mdp, reward: &Reward) -> Value {
    let n = mdp.n_states();
    if mdp.n_rows().saturating_mul(n) <= MAX_NUMBERS {
        let mut values = vec![0.0; n];
        let mut states = Vec::with_capacity(n);
        for s in 0..n {
            let mut actions = vec![Value::Null; mdp.n_actions()];
            for row in mdp.rows(s) {
                if mdp.is_terminal(s) {
                    values.fill(0.0);
                } else {
                    reward.fill_row(row, &mut values);
                }
                actions[mdp.action(row)] = json!(values);
            }
            states.push(Value::from(actions));
        }
        return json!({ "sas": states });
    }
    let (mut entries, mut values) = (Vec::new(), Vec::new());
    for s in (0..n).filter(|&s| !mdp.is_terminal(s)) {
        for row in mdp.rows(s) {
            reward.fill_support(mdp, row, &mut values);
            for (&t, &r) in mdp.p(row).0.iter().zip(&values) {
                entries.push(json!([s, mdp.action(row), t, r]));
            }
        }
    }
    json!({ "entries": entries, "default": 0 })
}

/// A shaped reward.
pub struct Shaped<'a> {
    /// The model.
    pub model: &'a Model,
    /// Reward as asked for.
    pub text: &'a str,
    /// Before.
    pub before: &'a Reward,
    /// After.
    pub after: &'a Reward,
    /// The potential.
    pub phi: &'a [f64],
    /// How far ahead to look, if asked for.
    pub ahead: Option<Ahead<'a>>,
}

impl Shaped<'_> {
    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let mut map = head("shape", self.model);
        parts::extend(
            &mut map,
            [
                ("reward", self.text.into()),
                ("potential", self.phi.to_vec().into()),
                ("shaped", table(self.model.mdp(), self.after)),
            ],
        );
        if let Some(ahead) = &self.ahead {
            map.insert("look_ahead".into(), ahead.json());
        }
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let mdp = self.model.mdp();
        let (before, after) = (self.before.expected(mdp).r, self.after.expected(mdp).r);
        let mut table = Table::new("Expected reward of each action")
            .column("state", Align::Left)
            .column("action", Align::Left)
            .column("before", Align::Right)
            .column("shaped", Align::Right);
        let rows: Vec<usize> = (0..mdp.n_rows()).filter(|&row| !mdp.is_terminal(mdp.state(row))).collect();
        for &row in rows.iter().take(ROWS) {
            table = table.row([
                Cell::from(mdp.states().name(mdp.state(row)).into_owned()),
                mdp.actions().name(mdp.action(row)).into_owned().into(),
                entry(before[row], rounding(&before)).into(),
                entry(after[row], rounding(&after)).into(),
            ]);
        }
        parts::begin(format!("{} with a potential", self.text), self.model)
            .lede("Shaping adds \u{3b3}\u{3a6}(s\u{2032}) \u{2212} \u{3a6}(s) to every reward and keeps the order of all policies.")
            .fact("Reward", parts::code(self.text))
            .blocks(self.ahead.iter().flat_map(Ahead::blocks))
            .block(table)
            .blocks(parts::rest(rows.len(), "action"))
    }
}

/// What lies between two rewards, on the reachable part of a model.
pub struct Recovered<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// The first reward as asked for.
    pub from: &'a str,
    /// The second.
    pub to: &'a str,
    /// Scale and potential.
    pub recovery: &'a Recovery,
}

impl Recovered<'_> {
    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let found = self.recovery;
        let potential = found.potential.iter().map(|&x| Value::from(x));
        let mut map = head("shape", self.model);
        parts::extend(
            &mut map,
            [
                ("reward", self.from.into()),
                ("other", self.to.into()),
                ("scale", found.scale.into()),
                ("potential", spread(self.model.mdp().n_states(), self.kept, potential)),
                ("remainder", bounded(found.remainder)),
            ],
        );
        say::decide(&mut map, "same_order", &found.order.same);
        say::decide(&mut map, "opposite_order", &found.order.opposite);
        say::decide(&mut map, "recovered", &found.order.same);
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let (mdp, found) = (self.mdp, self.recovery);
        let is_recovered = found.order.same.is_yes();
        let (tone, verdict) = match (&found.order.same, &found.order.opposite) {
            (Decision::Yes(_), _) => {
                (Tone::Good, "Same task: the second reward is the first, scaled and shaped.".to_owned())
            }
            (_, Decision::Yes(_)) => {
                (Tone::Bad, "Opposite tasks: the second reward is a negative multiple of the first, shaped.".to_owned())
            }
            (Decision::No(_), _) if found.remainder.hi <= say::HARDLY => (
                Tone::Unsure,
                format!(
                    "Different tasks, but hardly: scaling by {} and shaping leave at most {} of the second reward's return \
                     range unexplained.",
                    plain(found.scale),
                    plain(found.remainder.hi)
                ),
            ),
            (Decision::No(_), _) => (
                Tone::Bad,
                format!(
                    "Different tasks: scaling by {} and shaping leave part of the second reward unexplained.",
                    plain(found.scale)
                ),
            ),
            (Decision::Undecided(doubt), _) => (
                Tone::Unsure,
                format!(
                    "Undecided whether the second reward is the first, scaled and shaped: {}. What is left unexplained is {} \
                     of its return range.",
                    doubt.words(),
                    say::amount(found.remainder, f64::INFINITY)
                ),
            ),
        };
        let mut table = Table::new(match is_recovered {
            true => "Potential",
            false => "Closest potential",
        })
        .column("state", Align::Left)
        .column("potential", Align::Right);
        let shown = found.potential.len().min(mdp.n_states());
        for s in 0..shown.min(ROWS) {
            table = table.row([
                Cell::from(mdp.states().name(s).into_owned()),
                entry(found.potential[s], rounding(&found.potential)).into(),
            ]);
        }
        let numbers = Table::new("The second reward is scale \u{d7} the first, plus shaping, plus the rest")
            .column("", Align::Left)
            .column("", Align::Right)
            .row([Cell::from("scale"), plain(found.scale).into()])
            .row([Cell::from("rest, as a share of the second's return range"), number(found.remainder).into()]);
        parts::begin(format!("From {} to {}", self.from, self.to), self.model)
            .fact("First", parts::code(self.from))
            .fact("Second", parts::code(self.to))
            .block(Block::verdict(tone, verdict))
            .block(numbers)
            .block(table)
            .blocks(parts::rest(shown, "state"))
    }
}
