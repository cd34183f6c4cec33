//! A model exactly as written: every value with its place, nothing checked, nothing resolved.
//!
//! Formats produce it, [`Model::build`](super::Model::build) checks it. It is also all that an independent
//! checker needs to see.

use crate::base::{Offset, Source};

/// A value and where it stood in the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At<T> {
    /// The value as read.
    pub value: T,
    /// Where it began; `Offset::NONE` in binary formats.
    pub at: Offset,
}

impl<T> At<T> {
    /// A value of a format that has no places.
    pub fn nowhere(value: T) -> Self {
        At { value, at: Offset::NONE }
    }
}

/// What the numbers of a source are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawInputs {
    /// Decimals and quotients, each exactly what is written at its place.
    Written,
    /// Doubles, known to half a unit in their last place.
    Rounded,
    /// Doubles that are what they are.
    AsStored,
}

/// A model file as read by a format.
#[derive(Clone, Debug)]
pub struct RawModel {
    /// For messages, and to turn offsets into lines.
    pub source_file: Source,
    /// What the doubles below stand for.
    pub inputs: RawInputs,
    /// Field `name`.
    pub name: Option<String>,
    /// Field `description`.
    pub description: Option<String>,
    /// Field `source`.
    pub source: Option<String>,
    /// Field `gamma`.
    pub gamma: At<f64>,
    /// Field `states`.
    pub states: At<RawNames>,
    /// Field `actions`.
    pub actions: At<RawNames>,
    /// Field `mu0`.
    pub mu0: At<RawStart>,
    /// Field `p` or `transitions`.
    pub dynamics: At<RawDynamics>,
    /// Field `terminal`.
    pub terminal: Vec<At<Ref>>,
    /// Field `rewards`, in the order of the file.
    pub rewards: Vec<(At<String>, At<RawReward>)>,
    /// Field `grid`.
    pub grid: Option<At<RawGrid>>,
    /// Field `expected`: known answers, each with the reward it is about (`None`: the first reward).
    pub expected: Vec<At<RawExpected>>,
}

/// A count, or a list of names.
#[derive(Clone, Debug, PartialEq)]
pub enum RawNames {
    /// `states = 4`
    Count(u64),
    /// `states = ["a", "b"]`
    List(Vec<At<String>>),
}

/// A state or an action by name or by index.
#[derive(Clone, Debug, PartialEq)]
pub enum Ref {
    /// From 0.
    Index(u64),
    /// As declared.
    Name(String),
}

/// A state or an action, or `"*"` for all of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Pattern {
    /// `"*"`
    Any,
    /// One of them.
    One(Ref),
}

/// Where episodes start.
#[derive(Clone, Debug, PartialEq)]
pub enum RawStart {
    /// `"uniform"`
    Uniform,
    /// One state. The name `uniform` is taken; a state of that name is reached by its index.
    State(Ref),
    /// One probability a state.
    Dense(Vec<At<f64>>),
    /// State name to probability.
    Table(Vec<(At<Ref>, At<f64>)>),
}

/// One row of `transitions`.
#[derive(Clone, Debug, PartialEq)]
pub struct RawTransition {
    /// From.
    pub s: At<Ref>,
    /// By.
    pub a: At<Ref>,
    /// To.
    pub s_next: At<Ref>,
    /// With probability.
    pub p: At<f64>,
}

/// `[S][A][S]`, `None` for a row written `null`.
pub type RawTensor = Vec<At<Vec<At<Option<Vec<At<f64>>>>>>>;

/// One row of `cells`, `None` for a cell without a state.
pub type RawCells = At<Vec<At<Option<Ref>>>>;

/// The transition probabilities.
#[derive(Clone, Debug, PartialEq)]
pub enum RawDynamics {
    /// `p`: `[S][A][S]`, `None` for an action that is not available.
    Dense(RawTensor),
    /// `transitions`
    List(Vec<At<RawTransition>>),
    /// Binary form: row `s * A + a`; an empty row is an action that is not available.
    Csr {
        /// Length S*A + 1.
        row_ptr: Vec<u64>,
        /// Next states.
        col: Vec<u32>,
        /// Probabilities.
        val: Vec<f64>,
    },
}

/// One row of `entries`.
#[derive(Clone, Debug, PartialEq)]
pub struct RawEntry {
    /// From.
    pub s: At<Pattern>,
    /// By.
    pub a: At<Pattern>,
    /// To.
    pub s_next: At<Pattern>,
    /// Reward.
    pub r: At<f64>,
}

/// One named reward.
#[derive(Clone, Debug, PartialEq)]
pub enum RawReward {
    /// `{ s = [S] }`
    S(Vec<At<f64>>),
    /// `{ sa = [S][A] }`, `None` where written `null`.
    Sa(Vec<At<Vec<At<Option<f64>>>>>),
    /// `{ sas = [S][A][S] }`, `None` for a `null` row.
    Sas(RawTensor),
    /// `{ entries = [...], default = 0 }`
    Entries {
        /// In order; later entries win.
        entries: Vec<At<RawEntry>>,
        /// For everything no entry matches.
        default: At<f64>,
    },
    /// Binary form: one number per stored transition.
    PerTransition(Vec<f64>),
}

/// The optional picture.
#[derive(Clone, Debug, PartialEq)]
pub struct RawGrid {
    /// One letter a cell.
    pub rows: Vec<At<String>>,
    /// State of the first cell; later cells count up in reading order, `#` and blanks have no state.
    pub start_at: Option<At<Ref>>,
    /// Explicit map: a state a cell, `None` (written -1 or `null`) for a cell without one.
    pub cells: Option<Vec<RawCells>>,
}

/// Known answers for one reward.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawExpected {
    /// The reward they are about; `None` for the first.
    pub reward: Option<At<String>>,
    /// Optimal discounted return from `mu0`.
    pub value_at_start: Option<f64>,
    /// Optimal value of each state.
    pub v: Option<Vec<f64>>,
    /// Where they come from.
    pub source: Option<String>,
    /// How they are known.
    pub grade: Option<String>,
}
