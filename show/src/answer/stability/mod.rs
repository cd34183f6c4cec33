//! The words of `stability`: how far a reward may move, where the policy breaks, which actions tie.
//!
//! Owns: the first part of the answer, and [`Part`], to which each further question adds keys and blocks.
//! May use: as all of `show::answer`.
//! Must not: compute a result.
//! To add one: a file with a function that adds to a [`Part`].

pub mod family;
pub mod soft;
pub mod teach;
pub mod vary;

use serde_json::{Map, Value, json};

use super::number::{number, percent, plain};
use super::parts::{self, ROWS};
use super::shape::table;
use super::{bounded, head, spread};
use crate::report::{Align, Block, Cell, Document, Figure, Table, Tone};
use truenorth::analysis::stability::{Ball, Optimum, Radii, Radius, Reason, Relative, Route, SetRadius, Tie, Witness};
use truenorth::base::Bounded;
use truenorth::model::{Mdp, Model, Reward};

/// Most pairs of a model whose witness is written into the result; a file can hold any.
const WITNESS_ROWS: usize = 5_000;

/// An answer under construction: keys of one JSON object, and the blocks of one document.
pub struct Part {
    /// The contract's keys.
    pub json: Map<String, Value>,
    /// For people.
    pub document: Document,
    /// Whether no limit was reached.
    pub is_complete: bool,
}

impl Part {
    /// Adds a picture at the end of the document.
    pub fn add_figure(&mut self, figure: Figure) {
        self.document = std::mem::take(&mut self.document).block(Block::Figure(figure));
    }
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
    /// Radii of the policy.
    pub radii: &'a Radii,
    /// Against the size of the reward.
    pub relative: Option<&'a Relative>,
    /// Radius of the optimal set.
    pub set: SetRadius,
    /// A reward that breaks the policy: what is added to the reachable part, and the sum on the whole model.
    pub witness: Option<(&'a Witness, &'a Reward)>,
    /// For every state, where its own action first stops being best.
    pub by_state: Option<&'a [Option<Radius>]>,
}

/// A size in JSON; `null` where it is infinite.
fn size(b: Bounded) -> Value {
    if b.value.is_finite() { bounded(b) } else { Value::Null }
}

/// A size in a table.
fn cell(b: Bounded) -> Cell {
    if b.value.is_finite() { number(b).into() } else { "nothing is enough".into() }
}

/// A pair as its state and action, with the action the policy takes there.
fn pair(mdp: &Mdp, rows: &[usize], row: usize) -> [String; 3] {
    let s = mdp.state(row);
    let action = |row: usize| mdp.actions().name(mdp.action(row)).into_owned();
    [mdp.states().name(s).into_owned(), action(rows[s]), action(row)]
}

fn pair_json(mdp: &Mdp, rows: &[usize], row: Option<usize>) -> Value {
    let Some(row) = row else { return Value::Null };
    let [state, from, to] = pair(mdp, rows, row);
    json!({ "state": state, "action": to, "instead_of": from })
}

/// `in S, b instead of a`.
fn pair_words(mdp: &Mdp, rows: &[usize], row: Option<usize>) -> String {
    let Some(row) = row else { return String::new() };
    let [state, from, to] = pair(mdp, rows, row);
    format!("{to} instead of {from}, in {state}")
}

impl Stability<'_> {
    fn state(&self, s: usize) -> String {
        self.mdp.states().name(s).into_owned()
    }

    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let mut map = head("stability", self.model);
        let tie = |tie: &Tie| json!({ "state": self.state(tie.state), "actions": parts::action_names(self.mdp, tie.rows.iter().copied()) });
        let radius: Map<String, Value> =
            Ball::ALL.iter().map(|&ball| (ball.id().to_owned(), size(self.radii.of(ball).size))).collect();
        let unique = self.optimum.unique(self.mdp);
        let relative = |of: fn(&Relative) -> Option<Bounded>| self.relative.and_then(of).map_or(Value::Null, bounded);
        parts::extend(
            &mut map,
            [
                ("reward", self.reward.into()),
                ("ties", self.optimum.ties(self.mdp).iter().map(tie).collect()),
                ("ties_undecided", self.optimum.undecided(self.mdp).iter().map(tie).collect()),
                ("ties_are_proved", self.optimum.is_decided().into()),
                ("ties_why", self.optimum.ties_are_known().why().into()),
                ("unique", unique.answer().into()),
                ("unique_why", unique.why().into()),
                ("gap_min", self.optimum.gap_min(self.mdp).map_or(Value::Null, |(_, gap)| bounded(gap))),
                ("radius", radius.into()),
                ("reason", reason(self.radii.reason).into()),
                ("relative_radius", relative(|r| r.linf)),
                ("angular_radius_degrees", relative(|r| r.degrees)),
                ("set_radius", size(self.set.size)),
                ("set_radius_by", route(self.set.route).into()),
                ("critical", pair_json(self.mdp, &self.optimum.rows, self.radii.of(Ball::Linf).row)),
                ("witness", self.witness_json()),
                ("pairs", json!({ "all": self.radii.pairs, "solved": self.radii.solved })),
            ],
        );
        if let Some(radii) = self.by_state {
            let one = |r: &Option<Radius>| r.map_or(Value::Null, |r| size(r.size));
            map.insert("radius_by_state".into(), spread(self.model.mdp().n_states(), self.kept, radii.iter().map(one)));
        }
        map
    }

    fn witness_json(&self) -> Value {
        let Some((witness, reward)) = self.witness else { return Value::Null };
        let mdp = self.model.mdp();
        let reward = if mdp.n_rows() <= WITNESS_ROWS { table(mdp, reward) } else { Value::Null };
        json!({ "size": witness.size, "reward": reward })
    }

    /// For people.
    pub fn document(&self) -> Document {
        let ties = self.optimum.ties(self.mdp);
        let (tone, verdict) = self.verdict(&ties);
        let lost = self.model.mdp().n_states() - self.kept.len();
        let left_out = (lost > 0).then(|| {
            Block::paragraph(format!(
                "{} cannot be reached and {} left out: the policy is asked to be best wherever it can get.",
                parts::many(lost, "state"),
                if lost == 1 { "is" } else { "are" }
            ))
        });
        let limit = (!self.radii.is_complete || !self.optimum.is_complete).then(|| {
            Block::verdict(
                Tone::Neutral,
                format!(
                    "A limit was reached after {} of {}; the bounds printed hold.",
                    parts::many(self.radii.solved, "pair"),
                    self.radii.pairs
                ),
            )
        });
        parts::begin(format!("How stable the best policy for {} is", self.reward), self.model)
            .fact("Reward", parts::code(self.reward))
            .block(Block::verdict(tone, verdict))
            .blocks(limit)
            .blocks(self.radius_table())
            .blocks(self.other_table())
            .blocks(self.tie_table(&ties))
            .blocks(self.undecided_table())
            .blocks(left_out)
            .blocks(self.hint())
    }

    fn verdict(&self, ties: &[Tie]) -> (Tone, String) {
        let (mdp, rows) = (self.mdp, &self.optimum.rows);
        match self.radii.reason {
            Reason::NoChoice => (
                Tone::Good,
                "No state that can be reached has a choice of actions, so no reward changes the policy.".to_owned(),
            ),
            Reason::Trivial => (
                Tone::Warn,
                "Every action is as good as any other, everywhere: the reward prefers nothing, and the smallest change of it \
                 decides alone."
                    .to_owned(),
            ),
            Reason::Tie => {
                let tie = &ties[0];
                let more = match ties.len() {
                    1 => String::new(),
                    n => format!(", and there are ties in {} more", parts::many(n - 1, "state")),
                };
                let actions = parts::actions(mdp, tie.state, tie.rows.iter().copied()).replace(" or ", " and ");
                (
                    Tone::Warn,
                    format!(
                        "The smallest change of the reward can change the best action: in {}, {actions} are equally good{more}.{}",
                        self.state(tie.state),
                        self.until_new()
                    ),
                )
            }
            Reason::Undecided => (
                Tone::Neutral,
                format!(
                    "? It is not decided whether the best policy is unique: {}. The radii reach from 0 to what is large \
                     enough in either case.",
                    self.optimum.why_open().words()
                ),
            ),
            Reason::Unique => {
                let (one, all) = (self.radii.of(Ball::L1), self.radii.of(Ball::Linf));
                let [state, from, to] = one.row.map_or_else(Default::default, |row| pair(mdp, rows, row));
                let place = match one.row == all.row {
                    true => String::new(),
                    false => format!(" ({})", pair_words(mdp, rows, all.row)),
                };
                (
                    Tone::Neutral,
                    format!(
                        "One reward entry off by {} is enough to change the best action in {state} from {from} to {to}. If \
                         every entry may be off, {} is enough{place}.",
                        plain(one.size.value),
                        plain(all.size.value)
                    ),
                )
            }
        }
    }

    /// What it takes for more than the ties to change.
    fn until_new(&self) -> String {
        match (self.set.route, self.set.size) {
            (_, size) if !size.value.is_finite() => String::new(),
            (Route::Undecided, _) => String::new(),
            (Route::Bracket, size) => {
                format!(
                    " An action that is not best now stays so while no entry is off by more than {}.",
                    plain(size.lo)
                )
            }
            (_, size) => {
                format!(
                    " An action that is not best now can become best once every entry may be off by {}.",
                    plain(size.value)
                )
            }
        }
    }

    fn radius_table(&self) -> Option<Block> {
        if self.radii.reason == Reason::NoChoice {
            return None;
        }
        let mut table = Table::new("How far the reward may move before another action is as good")
            .column("change of the reward, measured by", Align::Left)
            .column("radius", Align::Right)
            .column("first to change", Align::Left);
        for ball in Ball::ALL {
            let words = match ball {
                Ball::Linf => "largest change of an entry",
                Ball::L1 => "sum of changes of R(s,a)",
                Ball::L2 => "root of squares, R(s,a)",
                Ball::L1Sas => "sum of changes of R(s,a,s\u{2032})",
                Ball::L2Sas => "root of squares, R(s,a,s\u{2032})",
            };
            let radius = self.radii.of(ball);
            let first = pair_words(self.mdp, &self.optimum.rows, radius.row);
            table = table.row([Cell::from(words), cell(radius.size), first.into()]);
        }
        Some(table.into())
    }

    fn other_table(&self) -> Option<Block> {
        let (row, gap) = self.optimum.gap_min(self.mdp)?;
        let mut table =
            Table::new("Other measures").column("", Align::Left).column("", Align::Right).column("", Align::Left).row(
                [
                    Cell::from("smallest gap of an action that is not best"),
                    number(gap).into(),
                    pair_words(self.mdp, &self.optimum.rows, Some(row)).into(),
                ],
            );
        if let Some(degrees) = self.relative.and_then(|r| r.degrees) {
            table = table.row([Cell::from("angle to another task, degrees"), number(degrees).into(), Cell::Empty]);
        }
        if let Some(linf) = self.relative.and_then(|r| r.linf).filter(|b| b.value > 0.0) {
            let words = format!("{} of the reward without shaping", percent(linf.value));
            table = table.row([Cell::from("radius against the reward's size"), number(linf).into(), words.into()]);
        }
        let words = match self.set.route {
            Route::Bracket => "between these; too many ties to try",
            Route::Undecided => "between these; not all ties are decided",
            _ => "largest change of an entry",
        };
        let table = table.row([Cell::from("until a new action becomes best"), cell(self.set.size), words.into()]);
        Some(table.into())
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

    /// Actions of which it is not known whether they are optimal.
    fn undecided_table(&self) -> Vec<Block> {
        let open = self.optimum.undecided(self.mdp);
        if open.is_empty() {
            return Vec::new();
        }
        let mut table = Table::new("? Undecided ties")
            .column("state", Align::Left)
            .column("actions that may be optimal", Align::Left);
        for tie in open.iter().take(ROWS) {
            let actions = parts::actions(self.mdp, tie.state, tie.rows.iter().copied());
            table = table.row([Cell::from(self.state(tie.state)), actions.into()]);
        }
        let mut blocks = vec![Block::from(table)];
        blocks.extend(parts::rest(open.len(), "state"));
        let why = self.optimum.why_open().words();
        blocks.push(Block::paragraph(format!("These are undecided: {why}.")));
        blocks
    }

    fn hint(&self) -> Option<Block> {
        self.witness.is_some().then(|| {
            Block::paragraph(
                "--witness FILE writes the nearest reward with another best policy; compare or regret then say what \
                 the change costs.",
            )
        })
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Unique => "unique",
        Reason::Tie => "tie",
        Reason::Trivial => "trivial",
        Reason::NoChoice => "no-choice",
        Reason::Undecided => "undecided",
    }
}

fn route(route: Route) -> &'static str {
    match route {
        Route::Nothing => "nothing",
        Route::Unique => "unique",
        Route::Programs => "programs",
        Route::Bracket => "bracket",
        Route::Undecided => "undecided",
    }
}
