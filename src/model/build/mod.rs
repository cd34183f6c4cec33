//! From a model as written to a model that can be trusted.
//!
//! Owns: `Model`, and every check between `RawModel` and `Mdp`.
//! May use: `base` and the rest of `model`.
//! Must not: read files or repair silently; what is mended is in `Model::warnings`.
//! To add one: a new field of the model file is read in `io::decode`, kept in `raw`, and checked here.

mod builder;
mod dynamics;
mod picture;
mod rewards;

pub use builder::Builder;

use std::sync::Arc;

use dashu_ratio::RBig;
use sha2::{Digest, Sha256};

pub use picture::{Cell, Expected, Grid};

use super::mdp::Mdp;
use super::names::Names;
use super::raw::{At, RawInputs, RawModel, RawNames, RawReward, Ref};
use super::reward::{Reward, expr::Linear};
use crate::base::number::{self, Number, as_stored, shortest};
use crate::base::{Code, Diag, Offset, Result, Source};

/// A checked model: dynamics, named rewards, and what the file says about itself. Immutable.
#[derive(Clone, Debug)]
pub struct Model {
    name: String,
    description: Option<String>,
    source: Option<String>,
    mdp: Arc<Mdp>,
    rewards: Arc<Vec<(String, Reward)>>,
    grid: Option<Grid>,
    expected: Vec<Expected>,
    warnings: Vec<Diag>,
    hash: String,
    /// Whether doubles of arrays stand for themselves.
    at_their_word: bool,
}

/// Another discount and another start than the file's.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// From 0 to 1.
    pub gamma: Option<Number>,
    /// `uniform`, or a state.
    pub start: Option<String>,
}

impl Model {
    /// A model made in code: names, moves and rewards, checked by [`Builder::build`] as a file is.
    ///
    /// ```
    /// use truenorth::model::Model;
    ///
    /// let model = Model::builder("trip")
    ///     .states(["home", "work", "done"])
    ///     .actions(["go", "stay"])
    ///     .gamma(0.9)
    ///     .start("home")
    ///     .terminal(["done"])
    ///     .row("home", "go", [("work", 0.9), ("home", 0.1)])
    ///     .row("work", "go", [("done", 1.0)])
    ///     .row("work", "stay", [("work", 1.0)])
    ///     .reward("truth", |_s, _a, next| if next == "done" { 1.0 } else { 0.0 })
    ///     .build()?;
    /// assert_eq!(model.mdp().n_states(), 3);
    /// # Ok::<(), Box<truenorth::base::Diag>>(())
    /// ```
    pub fn builder(name: &str) -> Builder {
        Builder::new(name)
    }

    /// Dynamics that are there already, such as those of [`Mdp::from_arrays`], with rewards over their rows, all starts alike.
    /// Refused where a reward has another number of rows, a name is empty or used twice, a size leaves the range of doubles, or
    /// at discount 1 some policy never ends.
    pub fn of(name: &str, mdp: Mdp, rewards: impl IntoIterator<Item = (String, Reward)>) -> Result<Model> {
        check_ends(&mdp)?;
        let mut all: Vec<(String, Reward)> = Vec::new();
        for (name, reward) in rewards {
            if name.is_empty() || all.iter().any(|(known, _)| *known == name) {
                return Diag::new(Code::NameTwice, format!("the reward name `{name}` is empty or used twice")).err();
            }
            if reward.n_rows() != mdp.n_rows() {
                let rows = format!("reward `{name}` has {} rows", reward.n_rows());
                return Diag::new(Code::WrongShape, rows)
                    .expected(format!("{}, one an available action", mdp.n_rows()))
                    .err();
            }
            reward.check_size(&name)?;
            all.push((name, reward));
        }
        let mut model = Model {
            name: name.to_owned(),
            description: None,
            source: None,
            mdp: Arc::new(mdp),
            rewards: Arc::new(all),
            grid: None,
            expected: Vec::new(),
            warnings: Vec::new(),
            hash: String::new(),
            at_their_word: false,
        };
        model.hash = model.digest();
        Ok(model)
    }

    /// Checks everything and freezes it.
    pub fn build(raw: RawModel) -> Result<Model> {
        Self::build_with(raw, &Changes::default())
    }

    /// The same under another discount or start: what the file says of them must make sense, and only the changed model
    /// has to be one that can be solved.
    pub fn build_with(raw: RawModel, changes: &Changes) -> Result<Model> {
        let src = raw.source_file.clone();
        let mut warnings = Vec::new();
        let states = names(&src, &raw.states, "state", 's')?;
        let actions = names(&src, &raw.actions, "action", 'a')?;
        let gamma = check_gamma(&src, raw.gamma.at, written(&src, raw.inputs, raw.gamma))?;
        let resolver = Resolver { src: &src, states: &states, actions: &actions, inputs: raw.inputs };
        let mut terminal = vec![false; states.len()];
        for state in &raw.terminal {
            terminal[resolver.state(&state.value, state.at)?] = true;
        }
        let mu0 = dynamics::start(&resolver, &raw.mu0)?;
        let (mut mdp, as_given) = dynamics::build(&resolver, raw.dynamics, terminal, &mut warnings)?;
        (mdp.states, mdp.actions) = (states, actions);
        let (mu0, exact) = match &changes.start {
            Some(start) => start_named(&mdp, start)?,
            None => mu0,
        };
        let (gamma, place) = match &changes.gamma {
            Some(gamma) => {
                let flag = Source::binary("--gamma");
                (check_gamma(&flag, Offset::NONE, gamma.clone())?, (flag, Offset::NONE))
            }
            None => (gamma, (src.clone(), raw.gamma.at)),
        };
        mdp = mdp.with_gamma(gamma).with_mu0(mu0, exact);
        check_ends(&mdp).map_err(|d| Box::new(d.at(&place.0, place.1)))?;
        let mut rewards = Vec::with_capacity(raw.rewards.len());
        for (name, reward) in &raw.rewards {
            if !as_given && matches!(reward.value, RawReward::PerTransition(_)) {
                return Diag::new(
                    Code::WrongShape,
                    format!("reward `{}` lists one number per transition, but the transitions had to be reordered", name.value),
                )
                .expected("next states that strictly rise within a row, no zero probability, and self-loops at terminal states")
                .at(&src, reward.at)
                .help("sort and merge the rows of the matrix before writing rewards over its entries")
                .err();
            }
            if name.value.is_empty() || rewards.iter().any(|(known, _)| *known == name.value) {
                return Diag::new(Code::NameTwice, format!("the reward name `{}` is empty or used twice", name.value))
                    .at(&src, name.at)
                    .help("give every reward a name of its own")
                    .err();
            }
            rewards.push((
                name.value.clone(),
                rewards::build(&mdp, &src, raw.inputs, &name.value, reward, &mut warnings)?,
            ));
        }
        let grid = raw.grid.as_ref().map(|grid| picture::grid(&mdp, &src, grid)).transpose()?;
        let mut expected = picture::expected(&mdp, &src, &raw.expected, &rewards)?;
        if changes.gamma.is_some() || changes.start.is_some() {
            // Known answers are about the discount and start of the file.
            expected.clear();
        }
        let name = raw.name.unwrap_or_else(|| default_name(&src.name));
        let mut model = Model {
            name,
            description: raw.description,
            source: raw.source,
            mdp: Arc::new(mdp),
            rewards: Arc::new(rewards),
            grid,
            expected,
            warnings,
            hash: String::new(),
            at_their_word: false,
        };
        model.hash = model.digest();
        Ok(model)
    }

    /// Name of the model, or of its file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it teaches.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Where the numbers come from.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The dynamics.
    pub fn mdp(&self) -> &Mdp {
        &self.mdp
    }

    /// The dynamics, to be kept longer than the model.
    pub fn shared_mdp(&self) -> Arc<Mdp> {
        Arc::clone(&self.mdp)
    }

    /// Named rewards in the order of the file.
    pub fn rewards(&self) -> &[(String, Reward)] {
        &self.rewards
    }

    /// The picture, if the file draws one.
    pub fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// Known answers.
    pub fn expected(&self) -> &[Expected] {
        &self.expected
    }

    /// What was mended or looks like a slip.
    pub fn warnings(&self) -> &[Diag] {
        &self.warnings
    }

    /// SHA-256 of everything that can change a number: dynamics, start, discount, rewards. Names and text are left
    /// out.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The reward named by an expression at `x` (which only sweeps use).
    pub fn reward(&self, expr: &Linear, x: f64) -> Reward {
        let constant = Reward::constant(&self.mdp, 1.0);
        let mut terms: Vec<(Number, &Reward)> = Vec::new();
        for (name, c) in &expr.terms {
            let reward = match name.as_str() {
                "" => &constant,
                // `Linear::parse` admits only the names of this model.
                name => match self.rewards.iter().find(|(known, _)| known == name) {
                    Some((_, reward)) => reward,
                    None => continue,
                },
            };
            terms.push((expr.coefficient(name, *c, x), reward));
        }
        match terms.as_slice() {
            [] => Reward::constant(&self.mdp, 0.0),
            [(one, reward)] if one.exact == RBig::ONE => (*reward).clone(),
            _ => Reward::combined(&terms),
        }
    }

    /// Reads an expression over the rewards of this model.
    pub fn expression(&self, text: &str) -> Result<Linear> {
        Linear::parse(text, self.rewards.iter().map(|(name, _)| name.as_str()))
    }

    /// A reward from a file of its own, checked against this model.
    pub fn reward_from(&self, src: &Source, name: &str, raw: &At<RawReward>) -> Result<(Reward, Vec<Diag>)> {
        let mut warnings = Vec::new();
        let inputs = if src.is_text() { RawInputs::Written } else { RawInputs::Rounded };
        let reward = rewards::build(&self.mdp, src, inputs, name, raw, &mut warnings)?;
        let reward = if self.at_their_word { reward.exact_inputs(&self.mdp) } else { reward };
        Ok((reward, warnings))
    }

    /// The same model with every double that came from an array taken at its word, in the dynamics and in the rewards.
    pub fn exact_inputs(&self) -> Self {
        let mdp = self.mdp.exact_inputs();
        let rewards = self.rewards.iter().map(|(name, reward)| (name.clone(), reward.exact_inputs(&mdp)));
        Model { rewards: Arc::new(rewards.collect()), mdp: Arc::new(mdp), at_their_word: true, ..self.clone() }
    }

    /// The same model with another reward added, under a name that is not taken.
    pub fn with_reward(&self, name: &str, reward: Reward) -> Self {
        let mut rewards = (*self.rewards).clone();
        rewards.retain(|(known, _)| known != name);
        rewards.push((name.to_owned(), reward));
        let mut model = Model { rewards: Arc::new(rewards), ..self.clone() };
        model.hash = model.digest();
        model
    }

    /// The same model with another discount.
    /// A reward of the file does not change with the discount or the start, nor do the fractions of it.
    pub fn with_gamma(&self, gamma: impl Into<Number>) -> Result<Self> {
        let src = Source::binary("--gamma");
        let mdp = self.mdp.with_gamma(check_gamma(&src, Offset::NONE, gamma.into())?);
        check_ends(&mdp).map_err(|d| Box::new(d.at(&src, Offset::NONE)))?;
        Ok(self.with_mdp(mdp))
    }

    /// The same model with another start: `uniform`, or a state.
    pub fn with_start(&self, start: &str) -> Result<Self> {
        let (mu0, exact) = start_named(&self.mdp, start)?;
        Ok(self.with_mdp(self.mdp.with_mu0(mu0, exact)))
    }

    fn with_mdp(&self, mdp: Mdp) -> Self {
        // Known answers are about the discount and start of the file.
        let mut model = Model { mdp: Arc::new(mdp), expected: Vec::new(), ..self.clone() };
        model.hash = model.digest();
        model
    }

    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let mdp = &self.mdp;
        let mut ints = |xs: &mut dyn Iterator<Item = u64>| xs.for_each(|x| hash.update(x.to_le_bytes()));
        ints(&mut [mdp.n_states() as u64, mdp.n_actions() as u64, mdp.gamma.to_bits()].into_iter());
        ints(&mut mdp.mu0.iter().map(|x| x.to_bits()));
        ints(&mut mdp.state_ptr.iter().map(|&x| u64::from(x)));
        ints(&mut mdp.row_action.iter().map(|&x| u64::from(x)));
        ints(&mut mdp.row_ptr.iter().map(|&x| x as u64));
        ints(&mut mdp.col.iter().map(|&x| u64::from(x)));
        ints(&mut mdp.val.iter().map(|x| x.to_bits()));
        ints(&mut mdp.terminal.iter().map(|&x| u64::from(x)));
        let mut support = Vec::new();
        for (name, reward) in self.rewards.iter() {
            hash.update(name.as_bytes());
            hash.update([0]);
            for row in 0..mdp.n_rows() {
                if reward.is_constant_in_next() {
                    hash.update(reward.base()[row].to_bits().to_le_bytes());
                } else {
                    reward.fill_support(mdp, row, &mut support);
                    support.iter().for_each(|r| hash.update(r.to_bits().to_le_bytes()));
                }
            }
        }
        let digest = hash.finalize();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What was written where a number stands; a double for itself where nothing was.
pub(super) fn written(src: &Source, inputs: RawInputs, x: At<f64>) -> Number {
    let exact = match inputs {
        RawInputs::Written => src.number(x.at).unwrap_or_else(|| shortest(x.value)),
        RawInputs::Rounded | RawInputs::AsStored => as_stored(x.value),
    };
    Number { value: x.value, exact }
}

/// Resolves names and indices of one file.
pub(super) struct Resolver<'a> {
    pub src: &'a Source,
    pub states: &'a Names,
    pub actions: &'a Names,
    pub inputs: RawInputs,
}

impl Resolver<'_> {
    /// What was written where a number stands.
    pub fn fraction(&self, x: At<f64>) -> RBig {
        written(self.src, self.inputs, x).exact
    }

    pub fn state(&self, r: &Ref, at: Offset) -> Result<usize> {
        resolve(self.src, self.states, "state", r, at)
    }

    pub fn action(&self, r: &Ref, at: Offset) -> Result<usize> {
        resolve(self.src, self.actions, "action", r, at)
    }
}

fn resolve(src: &Source, names: &Names, what: &str, r: &Ref, at: Offset) -> Result<usize> {
    let found = match r {
        Ref::Index(i) => usize::try_from(*i).ok().filter(|&i| i < names.len()),
        Ref::Name(name) => names.find(name),
    };
    if let Some(i) = found {
        return Ok(i);
    }
    match r {
        Ref::Index(i) => Diag::new(Code::NameUnknown, format!("there is no {what} number {i}"))
            .expected(format!("an index from 0 to {}", names.len().saturating_sub(1)))
            .at(src, at)
            .err(),
        Ref::Name(name) => {
            let diag = Diag::new(Code::NameUnknown, format!("there is no {what} `{name}`")).at(src, at);
            nearest_name(diag, name, names).err()
        }
    }
}

fn nearest_name(diag: Diag, typed: &str, names: &Names) -> Diag {
    match names.declared() {
        Some(list) => diag.nearest(typed, list.iter().map(String::as_str)),
        None => diag.expected(format!("an index from 0 to {}", names.len().saturating_sub(1))),
    }
}

fn names(src: &Source, raw: &At<RawNames>, what: &str, letter: char) -> Result<Names> {
    let len = match &raw.value {
        RawNames::Count(n) => *n,
        RawNames::List(list) => list.len() as u64,
    };
    if len == 0 {
        return Diag::new(Code::WrongShape, format!("a model needs at least one {what}"))
            .expected(format!("a count from 1, or a list of names, one per {what}"))
            .at(src, raw.at)
            .err();
    }
    if len >= u64::from(u32::MAX) {
        return Diag::new(Code::TooLarge, format!("{len} {what}s do not fit"))
            .expected("fewer than 4294967295")
            .at(src, raw.at)
            .err();
    }
    match &raw.value {
        RawNames::Count(n) => Ok(Names::count(*n as usize, letter)),
        RawNames::List(list) => {
            if let Some(star) = list.iter().find(|name| name.value == "*") {
                return Diag::new(
                    Code::NameTwice,
                    format!("`*` cannot be the name of one {what}: it stands for all of them"),
                )
                .at(src, star.at)
                .help(format!("give the {what} another name"))
                .err();
            }
            Names::list(list.iter().map(|name| name.value.clone()).collect(), letter).map_err(|i| {
                let name = &list[i];
                let message = match name.value.as_str() {
                    "" => format!("a {what} has an empty name"),
                    name => format!("the {what} `{name}` is named twice"),
                };
                Box::new(
                    Diag::new(Code::NameTwice, message)
                        .at(src, name.at)
                        .help(format!("give every {what} a name of its own")),
                )
            })
        }
    }
}

fn check_gamma(src: &Source, at: Offset, gamma: Number) -> Result<Number> {
    if gamma.exact >= RBig::ZERO && gamma.exact <= RBig::ONE && (gamma.value < 1.0 || gamma.exact == RBig::ONE) {
        return Ok(gamma);
    }
    Diag::new(Code::GammaRange, format!("the discount gamma is {}", gamma.value))
        .expected("a number from 0 up to 1; exactly 1 only where every policy ends")
        .at(src, at)
        .help("a usual discount is 0.99")
        .err()
}

/// The start distribution that is `uniform`, or all at one state.
fn start_named(mdp: &Mdp, start: &str) -> Result<(Vec<f64>, Vec<RBig>)> {
    let n = mdp.n_states();
    match (start, mdp.states.find(start)) {
        (_, Some(s)) => {
            let share = |t| if t == s { (1.0, RBig::ONE) } else { (0.0, RBig::ZERO) };
            Ok((0..n).map(share).unzip())
        }
        ("uniform", None) => Ok((vec![1.0 / n as f64; n], vec![RBig::ONE; n])),
        _ => {
            let diag = Diag::new(Code::NameUnknown, format!("there is no state `{start}`"));
            nearest_name(diag, start, &mdp.states).err()
        }
    }
}

fn check_ends(mdp: &Mdp) -> Result<()> {
    if mdp.gamma < 1.0 {
        return Ok(());
    }
    let endless = mdp.endless_states();
    if endless.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = endless.iter().take(5).map(|&s| format!("`{}`", mdp.states.name(s))).collect();
    let more = if endless.len() > 5 { format!(" and {} more", endless.len() - 5) } else { String::new() };
    Diag::new(Code::GammaOneEndless, format!("gamma is 1, but from {}{more} some policy never ends", shown.join(", ")))
        .expected("with gamma = 1, that every policy reaches a terminal state with probability 1")
        .help("list the states that end an episode under `terminal`, or use gamma = 0.999")
        .err()
}

fn default_name(path: &str) -> String {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = file.split('.').next().unwrap_or(file);
    if stem.is_empty() { "model".into() } else { stem.into() }
}

/// Checks that a list of probabilities sums to 1; returns the factor that mends what rounding left.
pub(super) fn mend_sum(sum: f64, terms: usize) -> Result<f64, f64> {
    /// A row may miss 1 by this much and is then rescaled (model file contract).
    const ROW_TOLERANCE: f64 = 1e-9;
    let miss = (sum - 1.0).abs();
    // `terms` correctly rounded decimals can miss by this much without anybody's fault.
    if miss <= (terms + 1) as f64 * f64::EPSILON {
        Ok(1.0)
    } else if miss <= ROW_TOLERANCE {
        Ok(1.0 / sum)
    } else {
        Err(sum)
    }
}

/// Shortest decimal of a sum for messages.
pub(super) fn show(x: f64) -> String {
    let rounded = format!("{x:.12}");
    let text = rounded.trim_end_matches('0').trim_end_matches('.').to_owned();
    if number::parse(&text).is_some_and(|y| y == 1.0) && x != 1.0 { format!("{x:?}") } else { text }
}
