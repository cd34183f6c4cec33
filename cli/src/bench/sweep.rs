//! Workload d: many rewards on one small dense model.

use super::export::Folder;
use super::measure::Stopwatch;
use super::{Measured, Settings, Workload, mean, options, widest};
use truenorth::base::{Bounded, Result};
use truenorth::model::Mdp;
use truenorth::model::mdp::random;
use truenorth::model::reward::ExpectedReward;
use truenorth::solve::{Sense, Solution, Solver, Task};
use truenorth_show::answer::bench::Check;

pub static D: Workload = Workload {
    id: "d",
    title: "1,000 rewards on one dense model, S=200 A=5, gamma 0.99",
    run: |settings| run(model(settings)?, settings),
    export: |settings, folder| export(model(settings)?, folder),
};

fn model(settings: &Settings) -> Result<(Mdp, Vec<ExpectedReward>)> {
    let mut rng = random::rng(settings.seed);
    let mdp = random::dirichlet(&mut rng, 200, 5, 0.99)?;
    let n_rows = mdp.n_rows();
    let rewards = (0..settings.count(1_000)).map(|_| ExpectedReward::exact(random::normals(&mut rng, n_rows)));
    let rewards = rewards.collect();
    Ok((mdp, rewards))
}

/// What is measured: optimal values for every reward, each to within an absolute error.
fn solve_all(mdp: &Mdp, rewards: &[ExpectedReward], error: f64) -> Result<Vec<Solution>> {
    let all: Vec<&ExpectedReward> = rewards.iter().collect();
    let solver = Solver::new(mdp, options(mdp, &all, error))?;
    let tasks: Vec<Task<'_>> = rewards.iter().map(|reward| Task::new(reward, Sense::Max)).collect();
    Ok(solver.optimise_all(&tasks))
}

fn run((mut mdp, rewards): (Mdp, Vec<ExpectedReward>), settings: &Settings) -> Result<Measured> {
    let (mut ready, mut from_arrays) = (Stopwatch::default(), Stopwatch::default());
    let mut solutions = Vec::new();
    while ready.goes_on(settings.repeat) {
        solutions = ready.lap(|| solve_all(&mdp, &rewards, settings.error))?;
    }
    while from_arrays.goes_on(settings.repeat) {
        let arrays = mdp.into_arrays();
        (mdp, solutions) = from_arrays.lap(|| {
            let mdp = Mdp::from_arrays(arrays)?;
            let solutions = solve_all(&mdp, &rewards, settings.error)?;
            Ok::<_, Box<truenorth::base::Diag>>((mdp, solutions))
        })?;
    }
    let values: Vec<Bounded> = solutions.iter().map(|solution| solution.at_start(&mdp)).collect();
    let average = mean(&values);
    let error = solutions.iter().fold(0.0f64, |m, solution| m.max(widest(&solution.lo, &solution.hi)));
    let method = solutions.first().map_or("", |solution| solution.method);
    Ok(Measured {
        count: rewards.len(),
        from_arrays: Some(from_arrays),
        sweeps: Some(solutions.iter().map(|solution| solution.sweeps).sum()),
        checks: vec![Check::new("mean_value_at_start", average)],
        ..Measured::new(&mdp, ready, method, error, average.grade)
    })
}

fn export((mdp, rewards): (Mdp, Vec<ExpectedReward>), folder: &Folder) -> Result<()> {
    let solutions = solve_all(&mdp, &rewards, folder.error)?;
    let (n, k) = (mdp.n_states(), rewards.len());
    let r: Vec<&[f64]> = rewards.iter().map(|reward| reward.r.as_slice()).collect();
    folder.floats("r", &[k, n, mdp.n_actions()], &r)?;
    let lo: Vec<&[f64]> = solutions.iter().map(|solution| solution.lo.as_slice()).collect();
    folder.floats("lo", &[k, n], &lo)?;
    let hi: Vec<&[f64]> = solutions.iter().map(|solution| solution.hi.as_slice()).collect();
    folder.floats("hi", &[k, n], &hi)?;
    folder.dynamics(mdp)
}
