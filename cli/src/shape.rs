//! `shape`: puts a potential on a reward, finds the potential between two, or tests what else is added to guide a learner.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, ValueEnum};

use super::EXIT_CODES;
use super::output::{Answer, Exit, Output};
use super::shared::{self, AnswerArgs, ModelArgs, SolveArgs};
use truenorth::analysis::canon::Context;
use truenorth::analysis::compare::Query;
use truenorth::analysis::returns::ReturnRange;
use truenorth::analysis::shaping;
use truenorth::base::{Code, Diag, Offset, Result};
use truenorth::io::{self, PotentialFile, write_atomic};
use truenorth::model::{Model, Policy, Reachable};
use truenorth::solve::{Sense, Solver, Task};
use truenorth_show::answer::shape::ahead::Ahead;
use truenorth_show::answer::shape::bonus::Tested;
use truenorth_show::answer::shape::guide::{Guided, InTime};
use truenorth_show::answer::shape::{Recovered, Shaped, table};

/// Shape a reward with a potential, recover scale and potential between two rewards, or test a bonus, advice, and potentials
/// that change
#[derive(clap::Args, Debug)]
#[command(
    before_help = "\
Examples:
  truenorth shape gallery:frozenlake-4x4 goal --recover shaped
  truenorth shape my.mdp.toml goal --phi potential.json --write shaped.json
  truenorth shape gallery:frozenlake-4x4 goal --with optimal-value
  truenorth shape gallery:frozenlake-4x4 goal --bonus '0.01*progress' --decay
  truenorth compare my.mdp.toml goal shaped.json",
    after_help = EXIT_CODES,
    group = ArgGroup::new("task").required(true).args(["phi", "with", "recover", "bonus", "advice", "dynamic"])
)]
pub struct Args {
    #[command(flatten)]
    model: ModelArgs,
    /// Reward, such as 'goal - 0.05*step', or a file with a reward table
    reward: String,
    /// Put on the potential in FILE: a list of numbers, one a state, or a table state -> number
    #[arg(long, value_name = "FILE")]
    phi: Option<PathBuf>,
    /// Put on a potential that needs no file: `optimal-value`, `distance` (fewest moves to a terminal state that pays), or
    /// `distance:STATE`; says how far ahead a greedy learner must look with it
    #[arg(long, value_name = "POTENTIAL")]
    with: Option<String>,
    /// Find scale and potential that lead to this reward
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    recover: Option<String>,
    /// Test whether this bonus is a shaping; if not, say what the closest one is and what the rest costs
    #[arg(long, value_name = "REWARD", allow_hyphen_values = true)]
    bonus: Option<String>,
    /// With --bonus: let it fade, and say from which size on it does no harm
    #[arg(long, requires = "bonus")]
    decay: bool,
    /// Follow the advice in FILE, a number a state and action, [S][A]: which action values to act by, and what the slip costs
    #[arg(long, value_name = "FILE")]
    advice: Option<PathBuf>,
    /// With --advice: whether it looks to the action that will be taken next, or to the one taken before
    #[arg(long, value_name = "WAY", default_value = "ahead", conflicts_with_all = ["phi", "with", "recover", "bonus", "dynamic"])]
    look: Look,
    /// Follow the potentials in FILE, one a moment, the last for ever: paid rightly, and paid from the table of the moment
    #[arg(long, value_name = "FILE")]
    dynamic: Option<PathBuf>,
    /// With --phi: also say how far ahead a greedy learner must look, before and after
    #[arg(long, requires = "phi")]
    horizon: bool,
    /// With --phi or --dynamic: take potentials at terminal states for 0 instead of refusing them
    #[arg(long, conflicts_with_all = ["with", "recover", "bonus", "advice"])]
    zero_at_end: bool,
    /// With --phi or --with: write the shaped reward as a JSON table that other commands take as a reward
    #[arg(long, value_name = "FILE", conflicts_with_all = ["recover", "bonus", "advice", "dynamic"])]
    write: Option<PathBuf>,
    #[command(flatten)]
    pub(super) solving: SolveArgs,
    #[command(flatten)]
    pub(super) answer: AnswerArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Look {
    Ahead,
    Back,
}

pub fn run(args: Args, out: &mut Output) -> Result<Exit> {
    let model = args.model.load(out)?;
    let first = shared::reward(&model, &args.reward, out)?;
    if let Some(other) = &args.recover {
        return recover(&args, &model, &first, &shared::reward(&model, other, out)?, out);
    }
    if let Some(bonus) = &args.bonus {
        return test(&args, &model, &first, &shared::reward(&model, bonus, out)?, out);
    }
    if let Some(path) = &args.advice {
        return advise(&args, &model, &first, path, out);
    }
    if let Some(path) = &args.dynamic {
        return in_time(&args, &model, &first, path, out);
    }
    put_on(&args, &model, &first, out)
}

/// The potential of a file at every state of the model; at terminal states 0 if asked for, or refused.
fn potential(args: &Args, model: &Model, file: &PotentialFile) -> Result<Vec<f64>> {
    let mut phi = file.resolve(model.mdp().states())?;
    let ends: Vec<usize> = (0..phi.len()).filter(|&s| model.mdp().is_terminal(s)).collect();
    if args.zero_at_end {
        ends.iter().for_each(|&s| phi[s] = 0.0);
    }
    shaping::check_ends(model.mdp(), &phi).map_err(|diag| Box::new(diag.at(&file.source, Offset::NONE)))?;
    Ok(phi)
}

fn put_on(args: &Args, model: &Model, first: &Query, out: &mut Output) -> Result<Exit> {
    let part = Reachable::of(model);
    let needs_solves = args.horizon || args.with.is_some();
    let solver = needs_solves.then(|| Solver::new(&part.mdp, args.solving.options())).transpose()?;
    let solved = |solver| ReturnRange::of(solver, part.reward(model, &first.reward).expected(&part.mdp));
    let range = solver.as_ref().map(solved);
    let phi = match (&args.phi, &args.with, &range) {
        (Some(path), _, _) => potential(args, model, &io::potential_file::read(path)?)?,
        (None, Some(name), Some(range)) => {
            let mut phi = named(model, &part, first, name, range)?;
            if name == "optimal-value" && part.kept.len() < model.mdp().n_states() {
                unreached(args, model, &part, first, &mut phi);
            }
            phi
        }
        // The group of flags is required, so one of the two is there.
        _ => return Ok(Exit::Answered),
    };
    let after = shaping::apply(model.mdp(), &first.reward, &phi)?;
    if let Some(path) = &args.write {
        write_atomic(path, format!("{}\n", table(model.mdp(), &after)).as_bytes())?;
    }
    let here: Vec<f64> = part.kept.iter().map(|&s| phi[s]).collect();
    let both =
        |(solver, range)| [vec![0.0; here.len()], here.clone()].map(|phi| shaping::look_ahead(solver, range, &phi));
    let ahead = solver.as_ref().zip(range.as_ref()).map(both);
    let is_complete = range.as_ref().is_none_or(|r| r.best.is_converged() && r.worst.is_converged())
        && solver.as_ref().is_none_or(|solver| !solver.is_out_of_time());
    out.begin_answer();
    let ahead = ahead.as_ref().map(|[plain, shaped]| Ahead { plain, shaped });
    let shaped = Shaped { model, text: &first.text, before: &first.reward, after: &after, phi: &phi, ahead };
    out.answer(Answer::new(shaped.json(), shaped.document(), is_complete))
}

/// Optimal values at states that are never reached. Without a discount those need not have any: then 0 stays.
fn unreached(args: &Args, model: &Model, part: &Reachable, first: &Query, phi: &mut [f64]) {
    let whole = model.mdp();
    let Ok(solver) = Solver::new(whole, args.solving.options()) else { return };
    let found = solver.values(&Task::new(&first.reward.expected(whole), Sense::Max));
    let lost = (0..whole.n_states()).filter(|s| part.kept.binary_search(s).is_err() && !whole.is_terminal(*s));
    lost.for_each(|s| phi[s] = found.v[s]);
}

/// A potential that needs no file, at every state of the whole model: 0 at those that are never reached.
fn named(model: &Model, part: &Reachable, first: &Query, name: &str, range: &ReturnRange) -> Result<Vec<f64>> {
    let mdp = &part.mdp;
    let found = match name.split_once(':') {
        None if name == "optimal-value" => shaping::optimal_value(mdp, range),
        None if name == "distance" => shaping::by_distance(mdp, &part.reward(model, &first.reward), None)?,
        Some(("distance", state)) => {
            let unknown = |what: &str| {
                let names: Vec<String> = (0..mdp.n_states()).map(|s| mdp.states().name(s).into_owned()).collect();
                Diag::new(Code::NameUnknown, format!("{what} `{state}`"))
                    .expected("a state that can be reached, by name or by index")
                    .nearest(state, names.iter().map(String::as_str))
            };
            let whole = model.mdp();
            let index = || state.parse::<usize>().ok().filter(|&s| s < whole.n_states());
            let Some(s) = whole.states().find(state).or_else(index) else { return unknown("there is no state").err() };
            let Some(goal) = part.kept.iter().position(|&k| k == s) else { return unknown("nothing leads to").err() };
            shaping::by_distance(mdp, &part.reward(model, &first.reward), Some(goal))?
        }
        _ => {
            return Diag::new(Code::Usage, format!("there is no potential `{name}`"))
                .expected("`optimal-value`, `distance` or `distance:STATE`")
                .nearest(name, ["optimal-value", "distance"])
                .err();
        }
    };
    let mut phi = vec![0.0; model.mdp().n_states()];
    part.kept.iter().zip(found).for_each(|(&s, x)| phi[s] = x);
    Ok(phi)
}

fn test(args: &Args, model: &Model, first: &Query, bonus: &Query, out: &mut Output) -> Result<Exit> {
    let part = Reachable::of(model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let (x, extra) = (part.reward(model, &first.reward), part.reward(model, &bonus.reward));
    let range = ReturnRange::of(&solver, x.expected(&part.mdp));
    let reference = Policy::uniform(&part.mdp);
    let context = Context { solver: &solver, reference: &reference };
    let found = shaping::bonus(&context, &range, &extra)?;
    let fading = args.decay.then(|| shaping::fade(&context, &part.mdp, (&x, &range), &extra));
    let solutions = [&range.best, &range.worst, &found.proxy_optimal.lucky, &found.proxy_optimal.unlucky];
    let is_complete = solutions.iter().all(|s| s.is_converged())
        && fading.as_ref().is_none_or(|fading| fading.family.is_complete)
        && !solver.is_out_of_time();
    out.begin_answer();
    let tested = Tested {
        model,
        mdp: &part.mdp,
        kept: &part.kept,
        text: &first.text,
        bonus: &bonus.text,
        found: &found,
        fading: fading.as_ref(),
    };
    out.answer(Answer::new(tested.json(), tested.document(), is_complete))
}

fn advise(args: &Args, model: &Model, first: &Query, path: &Path, out: &mut Output) -> Result<Exit> {
    let whole = model.mdp();
    let advice = io::potential_file::read_advice(path)?;
    let all = advice.resolve((whole.n_states(), whole.n_actions()), |s, a| whole.row(s, a))?;
    let part = Reachable::of(model);
    let phi: Vec<f64> = part.kept.iter().flat_map(|&s| all[whole.rows(s)].iter().copied()).collect();
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let range = ReturnRange::of(&solver, part.reward(model, &first.reward).expected(&part.mdp));
    let look = match args.look {
        Look::Ahead => shaping::Look::Ahead,
        Look::Back => shaping::Look::Back,
    };
    let advised = shaping::advise(&solver, &range, &phi, look).map_err(|diag| match diag.code {
        Code::PotentialAtEnd => Box::new(diag.at(&advice.source, Offset::NONE)),
        _ => diag,
    })?;
    let is_complete = range.best.is_converged() && !solver.is_out_of_time();
    out.begin_answer();
    let guided = Guided { model, mdp: &part.mdp, text: &first.text, advised: &advised };
    out.answer(Answer::new(guided.json(), guided.document(), is_complete))
}

fn in_time(args: &Args, model: &Model, first: &Query, path: &Path, out: &mut Output) -> Result<Exit> {
    let files = io::potential_file::read_tables(path)?;
    let part = Reachable::of(model);
    let here = |phi: Vec<f64>| part.kept.iter().map(|&s| phi[s]).collect();
    let phis: Vec<Vec<f64>> = files.iter().map(|file| potential(args, model, file).map(here)).collect::<Result<_>>()?;
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let range = ReturnRange::of(&solver, part.reward(model, &first.reward).expected(&part.mdp));
    let found = shaping::dynamic(&solver, &range, &phis);
    let is_complete = range.best.is_converged() && range.worst.is_converged();
    out.begin_answer();
    let told = InTime { model, mdp: &part.mdp, text: &first.text, found: &found };
    out.answer(Answer::new(told.json(), told.document(), is_complete))
}

fn recover(args: &Args, model: &Model, first: &Query, other: &Query, out: &mut Output) -> Result<Exit> {
    let part = Reachable::of(model);
    let solver = Solver::new(&part.mdp, args.solving.options())?;
    let (x, y) = (part.reward(model, &first.reward), part.reward(model, &other.reward));
    let range_x = ReturnRange::of(&solver, x.expected(&part.mdp));
    let range_y = ReturnRange::of(&solver, y.expected(&part.mdp));
    let reference = Policy::uniform(&part.mdp);
    let context = Context { solver: &solver, reference: &reference };
    let recovery = shaping::recover(&context, (&x, &range_x), (&y, &range_y))?;
    let solutions = [&range_x.best, &range_x.worst, &range_y.best, &range_y.worst];
    let is_complete = solutions.iter().all(|s| s.is_converged());
    out.begin_answer();
    let found =
        Recovered { model, mdp: &part.mdp, kept: &part.kept, from: &first.text, to: &other.text, recovery: &recovery };
    out.answer(Answer::new(found.json(), found.document(), is_complete))
}
