//! `stability`: how much a reward may be off before the best policy changes.
//!
//! Owns: the arguments of the command; every further question is a group of flags in a file of its own.
//! May use: everything below.
//! Must not: compute or word results.
//! To add one: a file with a group of flags and a function that adds to a [`Part`], and one line in `Args` and `run`.

mod family;
mod soft;
mod teach;
mod vary;

use std::path::{Path, PathBuf};

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::canon::Context;
use truenorth::analysis::compare::Query;
use truenorth::analysis::stability::{self, Optimum, Radii, Reason, by_state, radii, relative, set_radius};
use truenorth::base::Result;
use truenorth::io::write_atomic;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Model, Policy, Reachable, Reward};
use truenorth::solve::Solver;
use truenorth_show::answer::figures::RadiusMap;
use truenorth_show::answer::shape::table;
use truenorth_show::answer::stability::{Part, Stability};

/// Most pairs for which the radius of every state is worked out unasked.
const MAP_PAIRS: usize = 1_000;
/// Most states for which the angle is worked out unasked: the least-squares problem behind it is dense up to here, slow beyond.
const ANGLE_STATES: usize = 2_000;

/// Say how far the reward may move before the best policy changes, where it breaks first, and which actions tie
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth stability gallery:frozenlake-4x4
  truenorth stability gallery:e2-tight-low reward --witness flipped.json
  truenorth stability gallery:e6-discount-cliff --vary gamma 0..1
  truenorth stability gallery:frozenlake-4x4 --vary 'goal - x*step' 0..0.1 --truth goal
  truenorth stability gallery:e1-tie train --temperature 0.1 --temperature 0.01
  truenorth stability gallery:frozenlake-4x4 'goal - 0.05*step' --family step --component step
  truenorth stability my.mdp.toml goal --make-optimal policy.json --margin 0.1 --nearest taught.json",
    after_help = EXIT_CODES
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Reward, such as 'goal - 0.05*step', or a file with a reward table [default: the first of the model]
    reward: Option<String>,
    /// Write the nearest reward with another best policy as a JSON table that other commands take as a reward
    #[arg(long, value_name = "FILE")]
    witness: Option<PathBuf>,
    /// Also work out what is left out of large models: the angle, and the radius of every state
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    family: family::FamilyArgs,
    #[command(flatten)]
    teach: teach::TeachArgs,
    #[command(flatten)]
    vary: vary::VaryArgs,
    #[command(flatten)]
    soft: soft::SoftArgs,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

/// What every question is about.
pub struct Scene<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub part: &'a Reachable,
    /// Reward as asked for.
    pub query: &'a Query,
    /// The reward on the reachable part.
    pub reward: &'a Reward,
    /// Its mean over next states.
    pub expected: &'a ExpectedReward,
    /// Of the reachable part.
    pub solver: &'a Solver<'a>,
    /// The optimal set.
    pub optimum: &'a Optimum,
    /// Radii of the optimal policy.
    pub radii: &'a Radii,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let query = shared::reward_or_first(&model, args.reward.as_deref(), out)?;
    let members = args.family.read(&model, &query)?;
    let part = Reachable::of(&model);
    let mdp = &*part.mdp;
    let solver = Solver::new(mdp, args.solving.options())?;
    let reward = part.reward(&model, &query.reward);
    let expected = reward.expected(mdp);
    let optimum = Optimum::of(&solver, &expected);
    let shifts = solver.shifts(&optimum.rows);
    let radii = radii(&solver, &optimum, &shifts);
    let scene = Scene {
        model: &model,
        part: &part,
        query: &query,
        reward: &reward,
        expected: &expected,
        solver: &solver,
        optimum: &optimum,
        radii: &radii,
    };
    let relative = angle(&scene, &reward, args.all)?;
    let witness = stability::witness(mdp, &reward, &optimum, &radii);
    let broken = witness.as_ref().map(|w| moved(&scene, &w.change));
    if let (Some(path), Some(witness)) = (&args.witness, &witness) {
        write_reward(&scene, &witness.change, path)?;
    }
    let map = (args.all || radii.pairs <= MAP_PAIRS).then(|| by_state(&solver, &optimum, &shifts));
    let found = Stability {
        model: &model,
        mdp,
        kept: &part.kept,
        reward: &query.text,
        optimum: &optimum,
        radii: &radii,
        relative: relative.as_ref(),
        set: set_radius(&solver, &optimum, &radii),
        witness: witness.as_ref().zip(broken.as_ref()),
        by_state: map.as_deref(),
    };
    let mut answer = Part { json: found.json(), document: found.document(), is_complete: optimum.is_complete };
    if args.witness.is_some() && witness.is_none() {
        out.note("--witness: no reward changes the policy, so nothing was written");
    }
    args.family.add(&scene, &members, &mut answer)?;
    args.teach.add(&scene, &mut answer)?;
    args.vary.add(&scene, &mut answer, out)?;
    args.soft.add(&scene, &mut answer, out)?;
    answer.is_complete &= radii.is_complete && !solver.is_out_of_time();
    out.begin_answer();
    let figures = match &map {
        Some(radii) if out.wants_figures() && radii.iter().any(Option::is_some) => {
            let map = RadiusMap { model: &model, kept: &part.kept, mdp, optimum: &optimum, radii, reward: &query.text };
            let caption = "The largest error of the reward that cannot change the best action, state by state";
            vec![shared::figure("radii", &*map.picture(), caption)?]
        }
        _ => Vec::new(),
    };
    out.answer(Answer::new(answer.json, answer.document, answer.is_complete).with_figures(figures))
}

/// Relative and angular radius, where they are affordable.
fn angle(scene: &Scene<'_>, reward: &Reward, whatever_size: bool) -> Result<Option<stability::Relative>> {
    let mdp = scene.solver.mdp();
    let too_large = mdp.n_states() > ANGLE_STATES && !whatever_size;
    if too_large || scene.radii.reason == Reason::NoChoice || scene.solver.is_out_of_time() {
        return Ok(None);
    }
    let reference = Policy::uniform(mdp);
    relative(&Context { solver: scene.solver, reference: &reference }, reward, scene.radii).map(Some)
}

/// The reward asked about with a change on the reachable part.
fn moved(scene: &Scene<'_>, change: &[f64]) -> Reward {
    let (whole, part) = (scene.model.mdp(), scene.solver.mdp());
    let mut all = vec![0.0; whole.n_rows()];
    for (s, &old) in scene.part.kept.iter().enumerate() {
        // Rows keep their order.
        for (new, row) in part.rows(s).zip(whole.rows(old)) {
            all[row] = change[new];
        }
    }
    Reward::linear(&[(1.0, &scene.query.reward), (1.0, &Reward::per_row(all))])
}

/// Writes the reward with a change as a file that other commands read.
fn write_reward(scene: &Scene<'_>, change: &[f64], path: &Path) -> Result<()> {
    let reward = moved(scene, change);
    write_atomic(path, format!("{}\n", table(scene.model.mdp(), &reward)).as_bytes())
}
