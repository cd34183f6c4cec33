//! Advice of state and action, and potentials that change with time.

use serde_json::{Map, Value, json};

use crate::answer::number::{number, plain};
use crate::answer::parts;
use crate::answer::{bounded, head};
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use truenorth::analysis::shaping::{Advised, Dynamic, Greedy, Look};
use truenorth::base::Bounded;
use truenorth::model::{Mdp, Model};

/// Longest list of state names in a sentence.
const NAMES: usize = 12;

fn state(mdp: &Mdp, s: usize) -> String {
    mdp.states().name(s).into_owned()
}

/// Names of states, the first few.
pub(super) fn states(mdp: &Mdp, list: &[usize]) -> String {
    let shown: Vec<String> = list.iter().take(NAMES).map(|&s| state(mdp, s)).collect();
    match list.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Advice followed, on the reachable part of a model.
pub struct Guided<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Reward as asked for.
    pub text: &'a str,
    /// What comes of it.
    pub advised: &'a Advised,
}

impl Guided<'_> {
    /// The result.
    pub fn json(&self) -> Map<String, Value> {
        let greedy = |g: &Greedy| {
            let wrong: Vec<Value> = g.wrong.iter().map(|&s| state(self.mdp, s).into()).collect();
            let open: Vec<Value> = g.undecided.iter().map(|&s| state(self.mdp, s).into()).collect();
            json!({
                "wrong": wrong,
                "wrong_undecided": open,
                "why": g.doubt.as_ref().map(|doubt| format!("undecided: {}", doubt.words())),
                "best": bounded(g.best),
                "worst": bounded(g.worst),
            })
        };
        let look = match self.advised.look {
            Look::Ahead => "ahead",
            Look::Back => "back",
        };
        let mut map = head("shape", self.model);
        parts::extend(
            &mut map,
            [
                ("reward", self.text.into()),
                ("look", look.into()),
                ("alone", greedy(&self.advised.alone)),
                ("corrected", greedy(&self.advised.corrected)),
                ("residual", self.advised.residual.map_or(Value::Null, Value::from)),
            ],
        );
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let found = self.advised;
        let (slip, rule) = match found.look {
            Look::Ahead => (&found.alone, "Act by the largest Q\u{2032} + \u{3a6}, not by Q\u{2032} alone"),
            Look::Back => (&found.corrected, "Act by the largest Q\u{2032} alone, without adding \u{3a6}"),
        };
        // Acting by the right rule is optimal by what it is.
        let (tone, verdict) = match (slip.wrong.is_empty(), &slip.doubt) {
            (true, None) => (Tone::Good, format!("{rule}; here both are optimal at every state.")),
            (true, Some(doubt)) => (
                Tone::Neutral,
                format!(
                    "{rule}: that is optimal at every state. ? Whether the other way is, is undecided: {}.",
                    doubt.words()
                ),
            ),
            (false, _) => (
                Tone::Warn,
                format!(
                    "{rule}: that is optimal at every state. The other way is wrong at {} and loses up to {}.",
                    parts::many(slip.wrong.len(), "state"),
                    plain(slip.worst.value)
                ),
            ),
        };
        let mut table = Table::new("What acting on the shaped action values costs under the reward")
            .column("acting by", Align::Left)
            .column("wrong states", Align::Right)
            .column("regret, lucky", Align::Right)
            .column("regret, unlucky", Align::Right);
        for (name, g) in [("Q\u{2032}", &found.alone), ("Q\u{2032} + \u{3a6}", &found.corrected)] {
            table = table.row([
                Cell::from(name),
                g.wrong.len().to_string().into(),
                number(g.best).into(),
                number(g.worst).into(),
            ]);
        }
        let wrong =
            (!slip.wrong.is_empty()).then(|| Block::paragraph(format!("Wrong at {}.", states(self.mdp, &slip.wrong))));
        let residual = found.residual.map(|r| {
            Block::paragraph(format!(
                "Evaluated as the advice is paid, the action values of an optimal policy are Q \u{2212} \u{3a6} up to {} of the \
                 largest.",
                plain(r)
            ))
        });
        parts::begin(format!("{} with advice", self.text), self.model)
            .fact("Reward", parts::code(self.text))
            .block(Block::verdict(tone, verdict))
            .block(table)
            .blocks(wrong)
            .blocks(residual)
    }
}

/// Potentials in time, on the reachable part of a model.
pub struct InTime<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Reward as asked for.
    pub text: &'a str,
    /// What they do.
    pub found: &'a Dynamic,
}

impl InTime<'_> {
    /// The result.
    pub fn json(&self) -> Map<String, Value> {
        let found = self.found;
        let way =
            |c: &truenorth::analysis::shaping::Collected| json!({ "state": state(self.mdp, c.state), "gain": c.gain });
        let mut map = head("shape", self.model);
        parts::extend(
            &mut map,
            [
                ("reward", self.text.into()),
                ("tables", found.n_tables.into()),
                ("potential_at_start", found.at_start.into()),
                ("consistent_residual", found.consistent_residual.into()),
                ("collected", json!({ "least": bounded(found.collected[0]), "most": bounded(found.collected[1]) })),
                ("regret", json!({ "best": bounded(found.regret[0]), "worst": bounded(found.regret[1]) })),
                ("start", state(self.mdp, found.start).into()),
                ("way", found.way.iter().map(way).collect()),
                ("turn", found.turn.map_or(Value::Null, |(from, to)| json!([from, to]))),
            ],
        );
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let found = self.found;
        let [least, most] = found.collected;
        let is_still = least == Bounded::exact(0.0) && most == least;
        let apart = least.hi < 0.0 || most.lo > 0.0;
        let (tone, verdict) = match (is_still, apart) {
            (true, _) => (Tone::Good, "Both ways of paying it move all returns alike.".to_owned()),
            (false, false) => (
                Tone::Neutral,
                format!(
                    "? Whether policies collect anything from the table of the moment is undecided: at most {}.",
                    plain(most.hi.max(-least.lo))
                ),
            ),
            (false, true) => (
                Tone::Warn,
                format!(
                    "Paid with the next table on arrival, it takes {} from every return. Paid from the table of the moment, \
                     policies collect between {} and {} for nothing, and optimising that costs up to {}.",
                    plain(found.at_start),
                    plain(least.value),
                    plain(most.value),
                    plain(found.regret[1].value)
                ),
            ),
        };
        let table = Table::new("Two ways to pay a potential that changes")
            .column("", Align::Left)
            .column("next table on arrival", Align::Right)
            .column("present table on arrival", Align::Right)
            .row([
                Cell::from("least change of a return, but for the start"),
                plain(-found.consistent_residual).into(),
                number(least).into(),
            ])
            .row([Cell::from("most"), plain(found.consistent_residual).into(), number(most).into()])
            .row([Cell::from("regret, lucky"), "0".into(), number(found.regret[0]).into()])
            .row([Cell::from("regret, unlucky"), "0".into(), number(found.regret[1]).into()]);
        let turn = found.turn.map(|(from, to)| {
            let begin = if from == 0 { found.start } else { found.way[from - 1].state };
            let names: Vec<String> = std::iter::once(begin)
                .chain(found.way[from..=to].iter().map(|c| c.state))
                .map(|s| state(self.mdp, s))
                .collect();
            let gain: f64 = found.way[from..=to].iter().map(|c| c.gain).sum();
            Block::paragraph(format!("A round that collects {}: {}.", plain(gain), names.join(" \u{2192} ")))
        });
        parts::begin(format!("{} with a potential that changes", self.text), self.model)
            .fact("Reward", parts::code(self.text))
            .fact("Tables", found.n_tables.to_string())
            .block(Block::verdict(tone, verdict))
            .block(table)
            .blocks(turn)
    }
}
