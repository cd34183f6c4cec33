//! Workloads a, b, c: optimal values of one large sparse model.

use super::export::Folder;
use super::measure::Stopwatch;
use super::{Measured, Settings, Workload, options, widest};
use truenorth::base::Result;
use truenorth::model::Mdp;
use truenorth::model::mdp::Slippery;
use truenorth::model::mdp::random::Garnet;
use truenorth::model::reward::ExpectedReward;
use truenorth::solve::{Sense, Solution, Solver, Task};
use truenorth_show::answer::bench::Check;

pub static A: Workload = Workload {
    id: "a",
    title: "Garnet, S=100k A=8 b=8, gamma 0.99",
    run: |settings| run(a(settings)?, settings),
    export: |settings, folder| export(a(settings)?, folder),
};

pub static B: Workload = Workload {
    id: "b",
    title: "Garnet, S=1M A=4 b=4, gamma 0.95",
    run: |settings| run(b(settings)?, settings),
    export: |settings, folder| export(b(settings)?, folder),
};

pub static C: Workload = Workload {
    id: "c",
    title: "slippery grid 1000 x 1000, gamma 0.99",
    run: |settings| run(c(settings)?, settings),
    export: |settings, folder| export(c(settings)?, folder),
};

fn a(settings: &Settings) -> Result<(Mdp, Vec<f64>)> {
    let states = settings.count(100_000);
    Garnet { states, actions: 8, branching: states.min(8), gamma: 0.99, seed: settings.seed }.mdp()
}

fn b(settings: &Settings) -> Result<(Mdp, Vec<f64>)> {
    let states = settings.count(1_000_000);
    Garnet { states, actions: 4, branching: states.min(4), gamma: 0.95, seed: settings.seed }.mdp()
}

fn c(settings: &Settings) -> Result<(Mdp, Vec<f64>)> {
    Slippery { side: settings.side(1_000), gamma: 0.99, seed: settings.seed }.mdp()
}

/// What is measured: optimal values to within an absolute error.
fn solve(mdp: &Mdp, reward: &ExpectedReward, error: f64) -> Result<Solution> {
    let solver = Solver::new(mdp, options(mdp, &[reward], error))?;
    Ok(solver.optimise(&Task::new(reward, Sense::Max)))
}

fn run((mut mdp, r): (Mdp, Vec<f64>), settings: &Settings) -> Result<Measured> {
    let reward = ExpectedReward::exact(r);
    let (mut ready, mut from_arrays) = (Stopwatch::default(), Stopwatch::default());
    let mut solution = ready.lap(|| solve(&mdp, &reward, settings.error))?;
    while ready.goes_on(settings.repeat) {
        // The last answer goes before the next one comes: one of them is all the memory needed.
        drop(solution);
        solution = ready.lap(|| solve(&mdp, &reward, settings.error))?;
    }
    while from_arrays.goes_on(settings.repeat) {
        drop(solution);
        let arrays = mdp.into_arrays();
        (mdp, solution) = from_arrays.lap(|| {
            let mdp = Mdp::from_arrays(arrays)?;
            let solution = solve(&mdp, &reward, settings.error)?;
            Ok::<_, Box<truenorth::base::Diag>>((mdp, solution))
        })?;
    }
    let at_start = solution.at_start(&mdp);
    Ok(Measured {
        from_arrays: Some(from_arrays),
        sweeps: Some(solution.sweeps),
        checks: vec![Check::new("value_at_start", at_start)],
        ..Measured::new(&mdp, ready, solution.method, widest(&solution.lo, &solution.hi), at_start.grade)
    })
}

fn export((mdp, r): (Mdp, Vec<f64>), folder: &Folder) -> Result<()> {
    let reward = ExpectedReward::exact(r);
    let solution = solve(&mdp, &reward, folder.error)?;
    let n = mdp.n_states();
    folder.floats("r", &[n, mdp.n_actions()], &[&reward.r])?;
    folder.floats("lo", &[n], &[&solution.lo])?;
    folder.floats("hi", &[n], &[&solution.hi])?;
    folder.dynamics(mdp)
}
