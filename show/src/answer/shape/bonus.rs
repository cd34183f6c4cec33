//! Whether a bonus is a shaping, and what the rest costs.

use serde_json::{Map, Value, json};

use crate::answer::number::{number, plain};
use crate::answer::parts::{self, ROWS};
use crate::answer::{bounded, head, spread};
use crate::answer::{regret, say};
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use truenorth::analysis::compare::Regret;
use truenorth::analysis::shaping::{Bonus, Fading, Walk};
use truenorth::base::Bounded;
use truenorth::model::{Mdp, Model};

/// Longest walk written out.
const STATES: usize = 16;

/// A bonus tested, on the reachable part of a model.
pub struct Tested<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// Reward as asked for.
    pub text: &'a str,
    /// Bonus as asked for.
    pub bonus: &'a str,
    /// What it does.
    pub found: &'a Bonus,
    /// What it does as it fades, if asked for.
    pub fading: Option<&'a Fading>,
}

impl Tested<'_> {
    /// The result.
    pub fn json(&self) -> Map<String, Value> {
        let found = self.found;
        let rest = |row: usize| found.rest.r[row].into();
        let costs = Regret { worst_case: found.worst_case.clone(), proxy_optimal: found.proxy_optimal.clone() };
        let potential = found.potential.iter().map(|&x| Value::from(x));
        let mut map = head("shape", self.model);
        parts::extend(
            &mut map,
            [
                ("reward", self.text.into()),
                ("bonus", self.bonus.into()),
                ("is_shaping", found.is_shaping.answer().into()),
                ("is_shaping_why", found.is_shaping.why().into()),
                ("on_every_transition", found.on_every_transition.answer().into()),
                ("on_every_transition_why", found.on_every_transition.why().into()),
                ("potential", spread(self.model.mdp().n_states(), self.kept, potential)),
                ("rest", parts::pairs(self.model.mdp(), self.mdp, self.kept, rest)),
                ("range", bounded(found.range)),
                ("share", found.share.map_or(Value::Null, bounded)),
                ("regret", regret::part(self.model, self.mdp, self.kept, &costs)),
                (
                    "walks",
                    found.walks.as_ref().map_or(Value::Null, |walks| walks.iter().map(|w| self.walk(w)).collect()),
                ),
            ],
        );
        if let Some(fading) = self.fading {
            map.insert("fading".into(), self.fading(fading));
        }
        map
    }

    fn walk(&self, walk: &Walk) -> Value {
        json!({
            "states": self.names(&walk.states),
            "actions": parts::action_names(self.mdp, walk.rows.iter().copied()),
            "back_to": walk.back_to,
            "closed": walk.is_closed(),
            "sum": bounded(walk.sum),
        })
    }

    fn names(&self, states: &[usize]) -> Vec<String> {
        states.iter().map(|&s| self.mdp.states().name(s).into_owned()).collect()
    }

    fn fading(&self, fading: &Fading) -> Value {
        let piece = |piece: &truenorth::analysis::family::Piece| {
            json!({
                "from": bounded(piece.from),
                "to": bounded(piece.to),
                "best_regret": piece.earned.map(|e| bounded(e.best_regret)),
                "worst_regret": piece.earned.map(|e| bounded(e.worst_regret)),
            })
        };
        json!({
            "harmless_below": bounded(fading.harmless_below),
            "is_harmless": fading.is_harmless.answer(),
            "is_harmless_why": fading.is_harmless.why(),
            "is_complete": fading.family.is_complete,
            "pieces": fading.family.pieces.iter().map(piece).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn document(&self) -> Document {
        let found = self.found;
        parts::begin(format!("{} as a bonus to {}", self.bonus, self.text), self.model)
            .fact("Reward", parts::code(self.text))
            .fact("Bonus", parts::code(self.bonus))
            .block(self.verdict())
            .blocks((!found.is_shaping.is_yes()).then(|| self.costs()))
            .blocks(found.walks.iter().flat_map(|walks| self.walks(walks)))
            .blocks(self.fading.map(|fading| self.fades(fading)).into_iter().flatten())
            .block(self.potential())
            .blocks(parts::rest(found.potential.len(), "state"))
    }

    fn verdict(&self) -> Block {
        let found = self.found;
        let worst = found.proxy_optimal.worst_normalised;
        let (tone, text) = match (found.is_shaping.answer(), found.on_every_transition.answer()) {
            (None, _) => (Tone::Neutral, format!("? Whether it is a shaping is {}.", found.is_shaping.why())),
            (Some(true), None) => (
                Tone::Good,
                format!(
                    "A shaping on average over next states: it moves all returns alike. ? Whether it is one on every \
                     transition is {}.",
                    found.on_every_transition.why()
                ),
            ),
            (Some(true), Some(true)) => (Tone::Good, "A shaping: the bonus moves all returns alike, whatever the dynamics.".to_owned()),
            (Some(true), Some(false)) => (
                Tone::Good,
                "A shaping on average over next states: it moves all returns alike, but would not with other transition \
                 probabilities."
                    .to_owned(),
            ),
            (Some(false), _) if worst.hi <= 0.0 => (
                Tone::Warn,
                "Not a shaping, but harmless at this size: what is optimal with the bonus is optimal without it.".to_owned(),
            ),
            (Some(false), _) => (
                if worst.lo > 0.0 { Tone::Bad } else { Tone::Unsure },
                format!(
                    "Not a shaping: optimising the reward with this bonus can lose {} of what there is to lose.",
                    say::share(worst)
                ),
            ),
        };
        Block::verdict(tone, text)
    }

    fn costs(&self) -> Block {
        let found = self.found;
        let (p, w) = (&found.proxy_optimal, &found.worst_case);
        let row = |name: &str, regret: Bounded, share: Bounded| {
            [Cell::from(name), number(regret).into(), number(share).into()]
        };
        let mut table = Table::new("What is left when the closest shaping is taken away, in units of the reward")
            .column("", Align::Left)
            .column("", Align::Right)
            .column("share of the possible", Align::Right);
        table = table.row([
            Cell::from("return range of the rest"),
            number(found.range).into(),
            found.share.map_or(Cell::Empty, |share| number(share).into()),
        ]);
        table
            .row(row("regret of what is optimal with the bonus, unlucky", p.worst, p.worst_normalised))
            .row(row("lucky", p.best, p.best_normalised))
            .row(row("in the worst case over all pairs", w.value, w.normalised))
            .into()
    }

    /// Two walks from one state along which a shaping would pay the same.
    fn walks(&self, walks: &[Walk; 2]) -> Vec<Block> {
        let way = |walk: &Walk| {
            let mut names = self.names(&walk.states);
            names.push(names[walk.back_to].clone());
            let more = names.len().saturating_sub(STATES);
            names.truncate(STATES);
            let end = if more > 0 { format!(" \u{2192} \u{2026} ({more} more)") } else { String::new() };
            names.join(" \u{2192} ") + &end
        };
        let start = self.mdp.states().name(walks[0].states[0]).into_owned();
        let text = format!(
            "A shaping pays \u{2212}\u{3a6}({start}) whichever way one goes on from {start} for ever; this bonus pays {} along one way \
             and {} along another.",
            plain(walks[0].sum.value),
            plain(walks[1].sum.value)
        );
        let mut table = Table::new("Two ways that give it away")
            .column("the way, whose last state is gone on from as before", Align::Left)
            .column("discounted bonus", Align::Right);
        for walk in walks {
            table = table.row([Cell::from(way(walk)), number(walk.sum).into()]);
        }
        vec![Block::paragraph(text), table.into()]
    }

    fn fades(&self, fading: &Fading) -> Vec<Block> {
        let text = match (fading.is_harmless.answer(), fading.harmless_below) {
            (None, _) => format!("? Whether it does harm on the way is {}.", fading.is_harmless.why()),
            (Some(true), _) => "As it fades, nothing changes: it is harmless at every size up to this one.".to_owned(),
            (Some(false), below) if below.hi <= 0.0 => {
                "Only without it is the optimum that of the reward: it does harm at every size.".to_owned()
            }
            (Some(false), below) => format!(
                "As it fades, the optimum becomes that of the reward once less than {} of it is left.",
                plain(below.value)
            ),
        };
        let mut table = Table::new("A fading bonus: regret of what is optimal for reward + \u{3be} bonus")
            .column("\u{3be} from", Align::Right)
            .column("to", Align::Right)
            .column("regret, lucky", Align::Right)
            .column("regret, unlucky", Align::Right);
        for piece in fading.family.pieces.iter().rev().take(ROWS) {
            let regret = |of: fn(&truenorth::analysis::family::Earned) -> Bounded| {
                piece.earned.as_ref().map_or(Cell::Empty, |earned| number(of(earned)).into())
            };
            table = table.row([
                number(piece.to).into(),
                number(piece.from).into(),
                regret(|e| e.best_regret),
                regret(|e| e.worst_regret),
            ]);
        }
        let more = parts::rest(fading.family.pieces.len(), "piece");
        [Block::paragraph(text), table.into()].into_iter().chain(more).collect()
    }

    fn potential(&self) -> Table {
        let found = self.found;
        let caption = if found.is_shaping.is_yes() { "Its potential" } else { "Potential of the closest shaping" };
        let mut table = Table::new(caption).column("state", Align::Left).column("potential", Align::Right);
        for (s, &x) in found.potential.iter().enumerate().take(ROWS) {
            table = table.row([Cell::from(self.mdp.states().name(s).into_owned()), plain(x).into()]);
        }
        table
    }
}
