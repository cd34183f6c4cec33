//! The policy a proxy was trusted under.

use super::soft::regularised;
use crate::base::{Code, Diag, Result, number};
use crate::model::reward::ExpectedReward;
use crate::model::{Mdp, Policy};
use crate::solve::Solver;

/// How a reference policy is described.
#[derive(Clone, Debug)]
pub enum Reference {
    /// Every available action alike.
    Uniform,
    /// The entropy-regularised optimum of the truth at a temperature: somebody who knows what is meant and does it with
    /// noise, as the demonstrations do that a model is tuned on before its reward is learnt.
    Soft(f64),
    /// A policy somebody has.
    Given(Policy),
}

impl Reference {
    /// Reads `uniform` or `soft:TAU`; `None` for anything else, which may be a file.
    pub fn parse(text: &str) -> Option<Result<Self>> {
        if text == "uniform" {
            return Some(Ok(Reference::Uniform));
        }
        let tau = text.strip_prefix("soft:")?;
        Some(match number::parse(tau).filter(|&tau| tau > 0.0 && tau.is_finite()) {
            Some(tau) => Ok(Reference::Soft(tau)),
            None => Diag::new(Code::Usage, format!("`{tau}` is not a temperature"))
                .expected("a number above 0, in units of the true reward, such as soft:0.1")
                .help("for noise without end write `uniform`")
                .err(),
        })
    }

    /// The policy.
    pub fn policy(&self, solver: &Solver<'_>, truth: &ExpectedReward) -> Policy {
        let mdp: &Mdp = solver.mdp();
        match self {
            Reference::Uniform => Policy::uniform(mdp),
            Reference::Soft(tau) => regularised(solver, truth, &vec![1.0; mdp.n_rows()], *tau).policy,
            Reference::Given(policy) => policy.clone(),
        }
    }
}
