//! Random models for property tests.
//!
//! Everything but the sizes is read from one tape of numbers, which is read again from its start when it ends: any
//! tape is a valid model, so shrinking never leaves the valid ones, and the tape of zeros is the simplest.

use proptest::prelude::*;
use truenorth::base::{Offset, Source};
use truenorth::model::raw::{At, RawDynamics, RawInputs, RawModel, RawNames, RawReward, RawStart, Ref};
use truenorth::model::{Mdp, Model, Reward};

/// Discounts of ordinary cases.
pub const GAMMAS: &[f64] = &[0.0, 0.3, 0.5, 0.9, 0.95, 0.99];
/// Sizes of rewards.
pub const SCALES: &[f64] = &[1.0, 1e-8, 1e-3, 1e3, 1e8];

/// Numbers that decide what the sizes leave open.
#[derive(Clone, Debug)]
pub struct Tape {
    cells: Vec<u16>,
    at: usize,
}

impl Tape {
    pub fn new(cells: Vec<u16>) -> Self {
        Tape { cells, at: 0 }
    }

    /// A number below `n`; 0 on a tape of zeros.
    pub fn below(&mut self, n: usize) -> usize {
        let cell = self.cells[self.at % self.cells.len()];
        self.at += 1;
        usize::from(cell) % n
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A number strictly between 0 and 1 with 32 random bits.
    pub fn unit(&mut self) -> f64 {
        let bits = self.below(1 << 16) * (1 << 16) + self.below(1 << 16);
        (bits as f64 + 0.5) / f64::from(2u32.pow(31)) / 2.0
    }

    /// A number in (-1, 1).
    pub fn signed(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }

    /// `n` probabilities, among them zeros, that sum to 1 up to rounding.
    pub fn probabilities(&mut self, n: usize) -> Vec<f64> {
        let weights: Vec<f64> = (0..n).map(|_| self.below(21) as f64).collect();
        normalised(weights, 0)
    }
}

fn normalised(mut weights: Vec<f64>, fallback: usize) -> Vec<f64> {
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        weights[fallback] = 1.0;
        return weights;
    }
    weights.iter().map(|w| w / total).collect()
}

/// Which models a test wants.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub max_states: usize,
    pub max_actions: usize,
    pub gammas: &'static [f64],
    pub n_rewards: usize,
    /// Every state reachable.
    pub whole: bool,
    /// Terminal states may occur.
    pub terminals: bool,
    /// Every policy ends in the last state, which is terminal, whatever the discount.
    pub episodic: bool,
    /// Every transition is certain.
    pub certain: bool,
    /// Rewards of very different sizes.
    pub scales: &'static [f64],
}

impl Kind {
    /// All there is, up to 8 states and 4 actions.
    pub const ANY: Kind = Kind {
        max_states: 8,
        max_actions: 4,
        gammas: GAMMAS,
        n_rewards: 1,
        whole: false,
        terminals: true,
        episodic: false,
        certain: false,
        scales: SCALES,
    };

    /// Hypotheses of most theorems: every state reachable, no special states; rewards of one size.
    pub const WHOLE: Kind = Kind {
        max_states: 6,
        max_actions: 3,
        n_rewards: 2,
        whole: true,
        terminals: false,
        scales: &[1.0],
        ..Kind::ANY
    };

    /// Undiscounted episodes.
    pub const EPISODIC: Kind = Kind { gammas: &[1.0], episodic: true, ..Kind::ANY };
}

/// Where episodes start.
#[derive(Clone, Debug)]
pub enum Start {
    Uniform,
    State(usize),
    Dense(Vec<f64>),
}

/// One reward as written in a file.
#[derive(Clone, Debug)]
pub enum Table {
    S(Vec<f64>),
    Sa(Vec<Vec<f64>>),
    /// On impossible transitions too.
    Sas(Vec<Vec<Vec<f64>>>),
}

/// A model as plain tables, and the rest of the tape for whatever else the test needs.
#[derive(Clone, Debug)]
pub struct Case {
    pub gamma: f64,
    /// `[S][A][S]`, `None` where the action is not available.
    pub p: Vec<Vec<Option<Vec<f64>>>>,
    pub mu0: Start,
    pub terminal: Vec<usize>,
    pub rewards: Vec<Table>,
    pub tape: Tape,
}

/// Random cases of a kind.
pub fn cases_of(kind: Kind) -> impl Strategy<Value = Case> {
    let sizes = (1..=kind.max_states, 1..=kind.max_actions, 0..kind.gammas.len());
    (sizes, prop::collection::vec(any::<u16>(), 1..=600))
        .prop_map(move |((n, m, g), cells)| Case::read(&kind, n, m, kind.gammas[g], Tape::new(cells)))
}

/// How the rows of a model look.
#[derive(Clone, Copy, PartialEq)]
enum Rows {
    Certain,
    Sparse,
    SmallRational,
    Smooth,
}

impl Case {
    fn read(kind: &Kind, n: usize, m: usize, gamma: f64, mut tape: Tape) -> Case {
        let style = tape.below(5);
        // States from `open` on are entered from nowhere.
        let open = if !kind.whole && n > 1 && tape.below(4) == 3 { n - 1 } else { n };
        let mut terminal = Vec::new();
        let mut p = Vec::with_capacity(n);
        for s in 0..n {
            let special = tape.below(10);
            let ends = if kind.episodic { s + 1 == n } else { kind.terminals && special == 9 };
            if ends {
                terminal.push(s);
            }
            let absorbing = ends || !kind.episodic && special == 8;
            let mut actions: Vec<Option<Vec<f64>>> = Vec::with_capacity(m);
            for _ in 0..m {
                let rows = [Rows::Certain, Rows::Sparse, Rows::SmallRational, Rows::Smooth];
                let rows =
                    if kind.certain { Rows::Certain } else { rows[if style < 4 { style } else { tape.below(4) }] };
                let mut row = row(&mut tape, rows, open);
                row.resize(n, 0.0);
                if absorbing {
                    row = (0..n).map(|t| f64::from(u8::from(t == s))).collect();
                } else if kind.episodic {
                    row = leaving(&mut tape, row, s, rows);
                }
                actions.push((tape.below(5) != 4).then_some(row));
            }
            if actions.iter().all(Option::is_none) {
                let row = (0..n).map(|t| f64::from(u8::from(t == (s + 1) % n)));
                let stay = (0..n).map(|t| f64::from(u8::from(t == s)));
                actions[tape.below(m)] = Some(if absorbing { stay.collect() } else { row.collect() });
            }
            p.push(actions);
        }
        let mu0 = match tape.below(3) {
            0 => Start::Uniform,
            _ if kind.whole => Start::Dense(normalised((0..n).map(|_| 1.0 + tape.below(20) as f64).collect(), 0)),
            1 => Start::State(tape.below(n)),
            _ => Start::Dense(tape.probabilities(n)),
        };
        let rewards = (0..kind.n_rewards).map(|_| table(&mut tape, &p, kind.scales)).collect();
        Case { gamma, p, mu0, terminal, rewards, tape }
    }

    /// As a format would hand it over.
    pub fn raw(&self) -> RawModel {
        let (n, m) = (self.p.len(), self.p[0].len());
        let list = |xs: &[f64]| -> Vec<At<f64>> { xs.iter().map(|&x| here(x)).collect() };
        let tensor = |t: &[Vec<Option<Vec<f64>>>]| {
            t.iter().map(|rows| here(rows.iter().map(|row| here(row.as_deref().map(list))).collect())).collect()
        };
        let available = |s: usize, a: usize| self.p[s][a].is_some();
        let reward = |table: &Table| match table {
            Table::S(r) => RawReward::S(list(r)),
            Table::Sa(r) => RawReward::Sa(
                (0..n).map(|s| here((0..m).map(|a| here(available(s, a).then_some(r[s][a]))).collect())).collect(),
            ),
            Table::Sas(r) => {
                let r: Vec<Vec<_>> =
                    (0..n).map(|s| (0..m).map(|a| available(s, a).then(|| r[s][a].clone())).collect()).collect();
                RawReward::Sas(tensor(&r))
            }
        };
        RawModel {
            source_file: Source::binary("random"),
            inputs: RawInputs::AsStored,
            name: None,
            description: None,
            source: None,
            gamma: here(self.gamma),
            states: here(RawNames::Count(n as u64)),
            actions: here(RawNames::Count(m as u64)),
            mu0: here(match &self.mu0 {
                Start::Uniform => RawStart::Uniform,
                Start::State(s) => RawStart::State(Ref::Index(*s as u64)),
                Start::Dense(mu0) => RawStart::Dense(list(mu0)),
            }),
            dynamics: here(RawDynamics::Dense(tensor(&self.p))),
            terminal: self.terminal.iter().map(|&s| here(Ref::Index(s as u64))).collect(),
            rewards: self.rewards.iter().enumerate().map(|(i, r)| (here(format!("r{i}")), here(reward(r)))).collect(),
            grid: None,
            expected: Vec::new(),
        }
    }

    /// Checked and frozen.
    pub fn model(&self) -> Model {
        Model::build(self.raw()).unwrap_or_else(|d| panic!("a drawn model is refused: {d:?}\n{self:?}"))
    }

    /// A deterministic policy, as the row of each state.
    pub fn policy(&mut self, mdp: &Mdp) -> Vec<usize> {
        (0..mdp.n_states()).map(|s| mdp.rows(s).start + self.tape.below(mdp.rows(s).len())).collect()
    }

    /// A stochastic policy, as the probability of each row.
    pub fn mixture(&mut self, mdp: &Mdp) -> Vec<f64> {
        (0..mdp.n_states()).flat_map(|s| self.tape.probabilities(mdp.rows(s).len())).collect()
    }
}

/// One state and no future: one pull of one arm, which pays what each of the rewards says.
pub fn arms(rewards: &[&[f64]]) -> Case {
    Case {
        gamma: 0.0,
        p: vec![rewards[0].iter().map(|_| Some(vec![1.0])).collect()],
        mu0: Start::Uniform,
        terminal: Vec::new(),
        rewards: rewards.iter().map(|r| Table::Sa(vec![r.to_vec()])).collect(),
        tape: Tape::new(vec![0]),
    }
}

/// The reward `i` of a model.
pub fn reward(model: &Model, i: usize) -> &Reward {
    &model.rewards()[i].1
}

fn here<T>(value: T) -> At<T> {
    At { value, at: Offset::NONE }
}

fn row(tape: &mut Tape, rows: Rows, open: usize) -> Vec<f64> {
    let mut weights = vec![0.0; open];
    match rows {
        Rows::Certain => weights[tape.below(open)] = 1.0,
        Rows::Sparse => {
            for _ in 0..=tape.below(3) {
                weights[tape.below(open)] += 1.0 + tape.below(20) as f64;
            }
        }
        Rows::SmallRational => weights.iter_mut().for_each(|w| *w = tape.below(21) as f64),
        Rows::Smooth => weights.iter_mut().for_each(|w| *w = -tape.unit().ln()),
    }
    normalised(weights, 0)
}

/// The row with a way to a later state, so that no policy can stay for ever.
fn leaving(tape: &mut Tape, mut row: Vec<f64>, s: usize, rows: Rows) -> Vec<f64> {
    let later = s + 1 + tape.below(row.len() - s - 1);
    if rows == Rows::Certain {
        row.fill(0.0);
    }
    row[later] += 0.25 + tape.below(4) as f64;
    normalised(row, later)
}

/// Values with ties, smooth values, or mostly zeros, times a size.
fn table(tape: &mut Tape, p: &[Vec<Option<Vec<f64>>>], scales: &[f64]) -> Table {
    let (n, m) = (p.len(), p[0].len());
    let (shape, style, scale) = (tape.below(3), tape.below(3), tape.pick(scales));
    let mut value = || {
        scale
            * match style {
                0 => [0.0, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0][tape.below(7)],
                1 => tape.signed(),
                _ => f64::from(u8::from(tape.below(4) == 3)) * tape.signed(),
            }
    };
    match shape {
        0 => Table::Sa((0..n).map(|_| (0..m).map(|_| value()).collect()).collect()),
        1 => Table::S((0..n).map(|_| value()).collect()),
        _ => Table::Sas((0..n).map(|_| (0..m).map(|_| (0..n).map(|_| value()).collect()).collect()).collect()),
    }
}
