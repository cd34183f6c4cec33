//! Workloads f: the value of one fixed policy.

use super::export::Folder;
use super::measure::Stopwatch;
use super::{Measured, Settings, Workload, options, widest};
use truenorth::base::Result;
use truenorth::model::mdp::Slippery;
use truenorth::model::mdp::random::Garnet;
use truenorth::model::reward::ExpectedReward;
use truenorth::model::{Mdp, Policy};
use truenorth::solve::{Evaluation, Solver};
use truenorth_show::answer::bench::Check;

pub static F_GARNET: Workload = Workload {
    id: "f_garnet",
    title: "policy evaluation, random chain, S=1M b=4, gamma 0.99",
    run: |settings| run(garnet(settings)?, settings),
    export: |settings, folder| export(garnet(settings)?, folder),
};

pub static F_GRID: Workload = Workload {
    id: "f_grid",
    title: "policy evaluation, uniform on the grid 1000 x 1000, gamma 0.999",
    run: |settings| run(grid(settings)?, settings),
    export: |settings, folder| export(grid(settings)?, folder),
};

fn garnet(settings: &Settings) -> Result<(Mdp, Vec<f64>)> {
    let states = settings.count(1_000_000);
    Garnet { states, actions: 1, branching: states.min(4), gamma: 0.99, seed: settings.seed }.mdp()
}

fn grid(settings: &Settings) -> Result<(Mdp, Vec<f64>)> {
    Slippery { side: settings.side(1_000), gamma: 0.999, seed: settings.seed }.mdp()
}

/// What is measured: the value of the uniform policy to within an absolute error.
fn evaluate(mdp: &Mdp, policy: &Policy, reward: &ExpectedReward, error: f64) -> Result<Option<Evaluation>> {
    let solver = Solver::new(mdp, options(mdp, &[reward], error))?;
    Ok(solver.evaluate(policy, &[reward]).pop())
}

fn run((mut mdp, r): (Mdp, Vec<f64>), settings: &Settings) -> Result<Measured> {
    let reward = ExpectedReward::exact(r);
    let policy = Policy::uniform(&mdp);
    let (mut ready, mut from_arrays) = (Stopwatch::default(), Stopwatch::default());
    let mut values = ready.lap(|| evaluate(&mdp, &policy, &reward, settings.error))?;
    while ready.goes_on(settings.repeat) {
        drop(values);
        values = ready.lap(|| evaluate(&mdp, &policy, &reward, settings.error))?;
    }
    while from_arrays.goes_on(settings.repeat) {
        drop(values);
        let arrays = mdp.into_arrays();
        (mdp, values) = from_arrays.lap(|| {
            let mdp = Mdp::from_arrays(arrays)?;
            let values = evaluate(&mdp, &policy, &reward, settings.error)?;
            Ok::<_, Box<truenorth::base::Diag>>((mdp, values))
        })?;
    }
    // One reward went in, so one value came out.
    let (lo, hi) = values.as_ref().map_or((&[][..], &[][..]), |v| (&v.lo[..], &v.hi[..]));
    let error = widest(lo, hi);
    let method = values.as_ref().map_or("none", |v| v.method);
    let at_start = values.as_ref().map(|v| v.at_start(&mdp));
    let grade = at_start.map_or(truenorth::base::Grade::None, |b| b.grade);
    Ok(Measured {
        from_arrays: Some(from_arrays),
        sweeps: values.as_ref().map(|v| v.sweeps),
        checks: at_start.map(|b| Check::new("value_at_start", b)).into_iter().collect(),
        ..Measured::new(&mdp, ready, method, error, grade)
    })
}

fn export((mdp, r): (Mdp, Vec<f64>), folder: &Folder) -> Result<()> {
    let reward = ExpectedReward::exact(r);
    let n = mdp.n_states();
    if let Some(values) = evaluate(&mdp, &Policy::uniform(&mdp), &reward, folder.error)? {
        folder.floats("lo", &[n], &[&values.lo])?;
        folder.floats("hi", &[n], &[&values.hi])?;
    }
    folder.floats("r", &[n, mdp.n_actions()], &[&reward.r])?;
    folder.dynamics(mdp)
}
