//! The words of `stability --vary`: where the best policy switches along a parameter.

use serde_json::{Value, json};

use super::Part;
use crate::answer::number::{number, plain};
use crate::answer::parts::{self, ROWS};
use crate::answer::{bounded, say, spread};
use crate::report::{Align, Block, Cell, Table, Tone};
use truenorth::analysis::discount::{Ladder, Method, Rung};
use truenorth::analysis::family::{Breakpoint, Earned, Family};
use truenorth::base::{Bounded, Decision, Doubt};
use truenorth::model::{Mdp, Model};

fn why(doubt: &Option<Doubt>) -> Value {
    doubt.as_ref().map_or(Value::Null, |doubt| format!("undecided: {}", doubt.words()).into())
}

fn optional(x: Option<Bounded>) -> Value {
    x.map_or(Value::Null, bounded)
}

fn cell(x: Option<Bounded>) -> Cell {
    x.map_or(Cell::Empty, |x| number(x).into())
}

/// Switches along the discount.
pub struct AlongDiscount<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// Reward as asked for.
    pub reward: &'a str,
    /// Truth as asked for.
    pub truth: Option<&'a str>,
    /// What was found.
    pub ladder: &'a Ladder,
}

impl AlongDiscount<'_> {
    fn state(&self, s: usize) -> String {
        self.mdp.states().name(s).into_owned()
    }

    fn action(&self, row: usize) -> String {
        self.mdp.actions().name(self.mdp.action(row)).into_owned()
    }

    fn policy(&self, policy: &[usize]) -> Value {
        let names = policy.iter().enumerate().map(|(s, &row)| match self.mdp.is_terminal(s) {
            true => Value::Null,
            false => self.action(row).into(),
        });
        spread(self.model.mdp().n_states(), self.kept, names)
    }

    /// Adds keys and blocks.
    pub fn add_to(&self, part: &mut Part) {
        let found = self.ladder;
        let switch = |x: &truenorth::analysis::discount::Switch| json!({ "gamma": bounded(x.gamma), "state": self.state(x.state), "from": self.action(x.from), "to": self.action(x.to) });
        part.json.insert("switches".into(), found.switches.iter().map(switch).collect());
        part.json.insert("vary".into(), self.json());
        part.document.blocks.extend(self.blocks());
        part.is_complete &= found.is_complete;
    }

    fn json(&self) -> Value {
        let found = self.ladder;
        let rung = |rung: &Rung| {
            json!({
                "from": bounded(rung.from),
                "to": bounded(rung.to),
                "policy": self.policy(&rung.policy),
                "return": rung.value.map(optional),
                "true_return": rung.truth.map(optional),
            })
        };
        let touches = found.touches.iter().map(|touch| {
            json!({ "gamma": bounded(touch.gamma), "state": self.state(touch.state), "action": self.action(touch.row) })
        });
        let tied = found
            .always_tied
            .iter()
            .map(|&row| json!({ "state": self.state(self.mdp.state(row)), "action": self.action(row) }));
        let blackwell = found.blackwell.as_ref().map_or(Value::Null, |blackwell| {
            json!({
                "gamma": bounded(blackwell.gamma),
                "may_be_lower": blackwell.is_below_search,
                "certified_to": blackwell.certified_to,
                "policy": self.policy(&blackwell.policy),
            })
        });
        let radius = found.radius.as_ref().map_or(Value::Null, |radius| {
            json!({
                "gamma": radius.gamma,
                "radius": bounded(radius.radius),
                "tie_below": optional(radius.below),
                "tie_above": optional(radius.above),
            })
        });
        json!({
            "what": "gamma",
            "from": found.from,
            "to": found.to,
            "truth": self.truth,
            "method": match found.method { Method::Pencil => "pencil", Method::Bisection => "bisection" },
            "finds_every_switch": found.method == Method::Pencil && found.is_complete,
            "complete": found.is_complete,
            "policies": found.rungs.iter().map(rung).collect::<Vec<_>>(),
            "touches": touches.collect::<Vec<_>>(),
            "always_tied": tied.collect::<Vec<_>>(),
            "blackwell": blackwell,
            "radius": radius,
        })
    }

    fn blocks(&self) -> Vec<Block> {
        let found = self.ladder;
        let mut blocks = vec![Block::section("Along the discount"), Block::verdict(Tone::Neutral, self.verdict())];
        if !found.switches.is_empty() {
            let mut table = Table::new("Switches of the best action")
                .column("gamma", Align::Right)
                .column("state", Align::Left)
                .column("below", Align::Left)
                .column("above", Align::Left);
            for x in found.switches.iter().take(ROWS) {
                let cells = [say::place(x.gamma), self.state(x.state), self.action(x.from), self.action(x.to)];
                table = table.row(cells.map(Cell::from));
            }
            blocks.push(table.into());
            blocks.extend(parts::rest(found.switches.len(), "switch"));
        }
        if found.rungs.iter().any(|rung| rung.value.iter().flatten().count() > 0) {
            blocks.push(self.returns().into());
            blocks.extend(parts::rest(found.rungs.len(), "policy"));
        }
        blocks.extend(self.remarks().into_iter().map(Block::paragraph));
        blocks
    }

    fn verdict(&self) -> String {
        let found = self.ladder;
        let range = format!("between gamma {} and {}", say::digits(found.from), say::digits(found.to));
        let changes = found.rungs.len().saturating_sub(1);
        if !found.is_complete {
            return format!(
                "A limit was reached: at least {} of the best policy for {} {range}, and there may be more.",
                parts::many(changes, "switch"),
                self.reward
            );
        }
        match (changes, found.method) {
            (0, Method::Pencil) => format!("The best policy for {} is the same {range}.", self.reward),
            (0, Method::Bisection) => format!("No switch of the best policy was seen {range}."),
            (1, Method::Pencil) => {
                format!("The best policy for {} switches once {range}.", self.reward)
            }
            (n, Method::Pencil) => format!("The best policy for {} switches {n} times {range}.", self.reward),
            (n, Method::Bisection) => format!(
                "The best policy for {} switches at least {n} {} {range}.",
                self.reward,
                if n == 1 { "time" } else { "times" }
            ),
        }
    }

    fn returns(&self) -> Table {
        let mut table = Table::new("Return of each policy at the ends of its stretch")
            .column("from gamma", Align::Right)
            .column("to gamma", Align::Right)
            .column("return at first", Align::Right)
            .column("at last", Align::Right);
        if let Some(truth) = self.truth {
            table = table.column(format!("{truth} at first"), Align::Right).column("at last", Align::Right);
        }
        for rung in self.ladder.rungs.iter().take(ROWS) {
            let mut cells = vec![Cell::from(say::digits(rung.from.value)), say::digits(rung.to.value).into()];
            cells.extend(rung.value.map(cell));
            if self.truth.is_some() {
                cells.extend(rung.truth.map(cell));
            }
            table = table.row(cells);
        }
        table
    }

    fn remarks(&self) -> Vec<String> {
        let found = self.ladder;
        let mut remarks = Vec::new();
        if found.method == Method::Bisection {
            remarks.push(
                "The model is too large for the roots of its advantages, so discounts were solved and brackets halved: a \
                 switch lies in each bracket for certain, and two that undo each other between solved discounts stay unseen."
                    .to_owned(),
            );
        }
        for touch in found.touches.iter().take(5) {
            remarks.push(format!(
                "At gamma {} {} ties in {} and stays behind on both sides.",
                say::place(touch.gamma),
                self.action(touch.row),
                self.state(touch.state)
            ));
        }
        if !found.always_tied.is_empty() {
            remarks.push(format!(
                "{} at every discount; that is no switch.",
                match found.always_tied.len() {
                    1 => "1 action ties with the best one".to_owned(),
                    n => format!("{n} actions tie with the best ones"),
                }
            ));
        }
        if let Some(radius) = &found.radius {
            let side = |x: Option<Bounded>, none: &str| x.map_or(none.to_owned(), say::place);
            remarks.push(format!(
                "The model's own gamma {} may move by {} before another action ties: the nearest ties are at {} below and {} above.",
                say::digits(radius.gamma),
                plain(radius.radius.value),
                side(radius.below, "none"),
                side(radius.above, "none")
            ));
        }
        if let Some(blackwell) = &found.blackwell {
            let up_to = match blackwell.certified_to < 1.0 {
                true => {
                    format!(" up to {}, above which the rounding of the probabilities decides", blackwell.certified_to)
                }
                false => String::new(),
            };
            remarks.push(match blackwell.is_below_search {
                true => format!("Nothing changes above gamma {}{up_to}.", say::digits(found.from)),
                false => format!(
                    "Above gamma {} nothing changes any more{up_to}: the Blackwell discount.",
                    say::place(blackwell.gamma)
                ),
            });
        }
        remarks
    }
}

/// Switches along a coefficient.
pub struct AlongFamily<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Original index of each state of the family's model.
    pub kept: &'a [usize],
    /// Expression in `x`.
    pub expression: &'a str,
    /// Truth as asked for.
    pub truth: Option<&'a str>,
    /// What was found.
    pub family: &'a Family,
}

impl AlongFamily<'_> {
    fn mdp(&self) -> &Mdp {
        &self.family.mdp
    }

    fn state(&self, s: usize) -> String {
        self.mdp().states().name(s).into_owned()
    }

    fn names(&self, s: usize, optimal: &[bool]) -> Value {
        parts::action_names(self.mdp(), self.mdp().rows(s).filter(|&row| optimal[row]))
    }

    /// The pieces on either side of a breakpoint.
    fn sides(&self, point: &Breakpoint) -> [Option<&[bool]>; 2] {
        let pieces = &self.family.pieces;
        let below = pieces.iter().rev().find(|piece| piece.to.value <= point.x.value);
        let above = pieces.iter().find(|piece| piece.from.value >= point.x.value);
        [below, above].map(|piece| piece.map(|piece| piece.optimal.as_slice()))
    }

    /// Adds keys and blocks.
    pub fn add_to(&self, part: &mut Part) {
        let mut switches = Vec::new();
        for point in &self.family.breakpoints {
            let [Some(below), Some(above)] = self.sides(point) else { continue };
            for &s in &point.changed {
                let [from, to] = [below, above].map(|optimal| self.names(s, optimal));
                if from != to {
                    switches.push(json!({ "x": bounded(point.x), "state": self.state(s), "from": from, "to": to }));
                }
            }
        }
        part.json.insert("switches".into(), switches.into());
        part.json.insert("vary".into(), self.json());
        part.document.blocks.extend(self.blocks());
        part.is_complete &= self.family.is_complete;
    }

    fn json(&self) -> Value {
        let found = self.family;
        let earned = |x: &Option<Earned>| {
            x.map_or(Value::Null, |x| {
                json!({
                    "best": bounded(x.best),
                    "worst": bounded(x.worst),
                    "best_regret": bounded(x.best_regret),
                    "worst_regret": bounded(x.worst_regret),
                })
            })
        };
        let actions = |optimal: &[bool]| {
            let of = |s: usize| if self.mdp().is_terminal(s) { json!([]) } else { self.names(s, optimal) };
            spread(self.model.mdp().n_states(), self.kept, (0..self.mdp().n_states()).map(of))
        };
        let pieces = found.pieces.iter().map(|piece| {
            json!({
                "from": bounded(piece.from),
                "to": bounded(piece.to),
                "policy": actions(&piece.optimal),
                "policy_is_decided": piece.doubt.is_none(),
                "why": why(&piece.doubt),
                "return": [bounded(piece.value_from), bounded(piece.value_to)],
                "true_return": earned(&piece.earned),
            })
        });
        let breakpoints = found.breakpoints.iter().map(|point| {
            json!({
                "x": bounded(point.x),
                "states": point.changed.iter().map(|&s| self.state(s)).collect::<Vec<_>>(),
                "is_decided": point.doubt.is_none(),
                "why": why(&point.doubt),
                "visited": point.is_visited,
                "return": bounded(point.value),
                "true_return": earned(&point.earned),
            })
        });
        json!({
            "what": self.expression,
            "from": found.range.0,
            "to": found.range.1,
            "truth": self.truth,
            "finds_every_switch": found.every_switch().answer(),
            "finds_every_switch_why": found.every_switch().why(),
            "complete": found.is_complete,
            "policies": pieces.collect::<Vec<_>>(),
            "breakpoints": breakpoints.collect::<Vec<_>>(),
        })
    }

    fn blocks(&self) -> Vec<Block> {
        let found = self.family;
        let times = match (found.breakpoints.len(), found.every_switch().is_yes()) {
            (0, true) => "does not change".to_owned(),
            (0, false) => "is not known to change".to_owned(),
            (1, true) => "changes once".to_owned(),
            (1, false) => "changes once or more often".to_owned(),
            (n, true) => format!("changes {n} times"),
            (n, false) => format!("changes {n} times or more often"),
        };
        let (from, to) = found.range;
        let verdict = format!(
            "The set of best policies for {} {times} between x = {} and {}.",
            self.expression,
            say::digits(from),
            say::digits(to)
        );
        let mut table = Table::new("Pieces with one set of best policies")
            .column("from x", Align::Right)
            .column("to x", Align::Right)
            .column("states that change", Align::Left)
            .column("return at first", Align::Right)
            .column("at last", Align::Right);
        if let Some(truth) = self.truth {
            table = table.column(format!("{truth}, unlucky"), Align::Right).column("lucky", Align::Right);
        }
        for piece in found.pieces.iter().take(ROWS) {
            let changed: Vec<String> = piece.changed.iter().take(4).map(|&s| self.state(s)).collect();
            let more = if piece.changed.len() > changed.len() { ", ..." } else { "" };
            let mut cells = vec![
                Cell::from(say::digits(piece.from.value)),
                say::digits(piece.to.value).into(),
                format!("{}{more}", changed.join(", ")).into(),
                number(piece.value_from).into(),
                number(piece.value_to).into(),
            ];
            if self.truth.is_some() {
                cells.extend([cell(piece.earned.map(|x| x.worst)), cell(piece.earned.map(|x| x.best))]);
            }
            table = table.row(cells);
        }
        let mut blocks =
            vec![Block::section("Along a coefficient"), Block::verdict(Tone::Neutral, verdict), table.into()];
        blocks.extend(parts::rest(found.pieces.len(), "piece"));
        if let Decision::Undecided(doubt) = found.every_switch() {
            blocks.push(Block::paragraph(format!(
                "? Whether these are all changes, and which actions tie at them, is undecided: {}.",
                doubt.words()
            )));
        }
        blocks
    }
}
