//! Flags for the nearest reward that makes a given policy optimal.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::{Scene, write_reward};
use crate::shared;
use truenorth::analysis::stability::{Ball, Taught, teach};
use truenorth::base::{Code, Diag, Result, number};
use truenorth::model::Policy;
use truenorth_show::answer::stability::{Part, teach as words};

/// How the written reward is measured.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Norm {
    Linf,
    L1,
    L2,
}

/// A policy that ought to be optimal.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Make a policy optimal")]
pub struct TeachArgs {
    /// Find the nearest reward for which the deterministic policy in this file is optimal
    #[arg(long, value_name = "FILE")]
    make_optimal: Option<PathBuf>,
    /// By how much every other action has to fall short
    #[arg(long, value_name = "M", value_parser = margin, requires = "make_optimal", default_value = "0", allow_negative_numbers = true)]
    margin: f64,
    /// Write that reward as a JSON table that other commands take as a reward
    #[arg(long, value_name = "FILE", requires = "make_optimal")]
    nearest: Option<PathBuf>,
    /// Measure of the reward that --nearest writes
    #[arg(long, value_name = "NORM", requires = "nearest", default_value = "linf")]
    norm: Norm,
}

impl TeachArgs {
    /// Answers if asked.
    pub fn add(&self, scene: &Scene<'_>, part: &mut Part) -> Result<()> {
        let Some(path) = &self.make_optimal else { return Ok(()) };
        let rows = rows(scene, path)?;
        let balls = [Ball::Linf, Ball::L1, Ball::L2];
        let all: Vec<Taught> = balls
            .iter()
            .map(|&ball| teach(scene.solver, &rows, scene.expected, self.margin, ball))
            .collect::<Result<_>>()?;
        if let Some(file) = &self.nearest {
            write_reward(scene, &all[self.norm as usize].change, file)?;
        }
        words::add(part, &path.display().to_string(), self.margin, &all);
        Ok(())
    }
}

/// The policy on the reachable part.
fn rows(scene: &Scene<'_>, path: &Path) -> Result<Vec<usize>> {
    let policy = shared::policy(scene.model, path)?;
    let mdp = scene.solver.mdp();
    let policy = scene.part.policy(scene.model, &policy);
    match policy {
        Policy::Deterministic(rows) => Ok(rows),
        // Probabilities that are all 0 or 1 name actions too.
        Policy::Stochastic(prob) => {
            let only = |s: usize| mdp.rows(s).find(|&row| prob[row] == 1.0);
            (0..mdp.n_states()).map(only).collect::<Option<Vec<_>>>().ok_or_else(|| {
                Box::new(
                    Diag::new(Code::Policy, format!("the policy in {} mixes actions", path.display()))
                        .expected("one action in every state: mixed actions can only tie")
                        .help("name one action a state"),
                )
            })
        }
    }
}

fn margin(text: &str) -> Result<f64, String> {
    number::parse(text).filter(|&m| m >= 0.0).ok_or_else(|| "a margin is a number from 0 up, such as 0.1".into())
}
