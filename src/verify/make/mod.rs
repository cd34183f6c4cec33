//! Finished results turned into certificates.
//!
//! Owns: `Maker`: witnesses read off results, claims that hold for the exact model.
//! May use: `base`, `model`, `solve`, `analysis`, `verify::cert`.
//! Must not: claim what its own checker does not prove, or hide that it proves much less than a solver said.
//! To add one: a method that pushes a claim, in a file of its own.
//!
//! A claim is the hull of what the solver said and what the checker derives from the same vector: the solver works on
//! doubles, the checker on rows that sum to 1 exactly, and the difference is rounding. If it is more, somebody is wrong,
//! and that is refused.

mod distance;
mod regret;

pub use regret::Ranged;

use dashu_ratio::RBig;

use crate::analysis::compare::Query;
use crate::base::{Code, Diag, Result};
use crate::model::reward::expr::Affine;
use crate::model::{Mdp, Model, Policy, RawModel};
use crate::solve::{self, Evaluation, Horizon, Options, Solution, Solver};
use crate::verify::cert::claim::{OptimalActions, PolicyValue, Value};
use crate::verify::cert::{
    Bounds, Certificate, Choice, Claim, Context, Enclosure, Exact, ModelLine, Proof, Range, Scope, Sense, Start, Terms,
    check, near, of_double,
};

/// Rounding that may lie between the bounds of a solver and those of the checker, in units of the largest conceivable
/// return times the horizon: a thousand roundings of a double in every step.
const ROUNDING: f64 = 1e-13;

/// How far from a computed value a simple fraction is looked for, in units of the largest value: what a linear solve
/// may be off. A wrong fraction does no harm, it is not the value and not taken.
const NEARBY: f64 = 1e-11;

/// A certificate in the making.
pub struct Maker<'a> {
    model: &'a Model,
    raw: RawModel,
    context: Context,
    certificate: Certificate,
    remarks: Vec<String>,
}

impl<'a> Maker<'a> {
    /// Begins a certificate about a model, the raw form it was built from, and the argument that names it.
    pub fn new(argument: &str, raw: RawModel, model: &'a Model) -> Result<Self> {
        let mdp = model.mdp();
        // As written, where the checker reads the text too.
        let numbers = raw.source_file.is_text().then(|| mdp.fractions()).flatten();
        let gamma = numbers.as_ref().map_or_else(|| exact(mdp.gamma()), |numbers| Ok(numbers.gamma.clone()))?;
        let start = match &numbers {
            Some(numbers) => start(&numbers.mu0),
            None => start(&exact_all(mdp.mu0())?),
        };
        let horizon = match mdp.gamma() < 1.0 {
            true => None,
            false => match Solver::new(mdp, Options::default())?.horizon() {
                Horizon::PerState(w) => Some(exact_all(w)?),
                Horizon::Constant(_) => None,
            },
        };
        let numbers = Exact::new(&raw, &gamma, &start)?;
        let model_line = ModelLine {
            argument: argument.into(),
            name: model.name().into(),
            n_states: mdp.n_states(),
            n_actions: mdp.n_actions(),
            gamma,
            start,
            horizon,
            hash: numbers.hash(),
        };
        let context = Context::new(numbers, model_line.horizon.as_deref()).map_err(fails)?;
        let program = format!("truenorth {}", env!("CARGO_PKG_VERSION"));
        let certificate = Certificate { program, model: model_line, claims: Vec::new() };
        Ok(Maker { model, raw, context, certificate, remarks: Vec::new() })
    }

    /// What could not be claimed, and why.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Claims the bounds of a solution and its optimal actions.
    pub fn value(
        &mut self,
        query: &Query,
        sense: solve::Sense,
        solver: &Solver<'_>,
        solution: &Solution,
    ) -> Result<()> {
        let mdp = self.model.mdp();
        let sense = if sense == solve::Sense::Max { Sense::Max } else { Sense::Min };
        let reward = terms(query)?;
        let r = self.context.exact.combined(&reward.0).map_err(fails)?;
        let witness = refined(exact_all(&solution.v)?, |v| self.context.optimal(&r, sense, v, Scope::All));
        let mut claim = Value { reward, sense, start: nothing(), v: no_bounds(), witness };
        let proven = claim.derive(&self.context).map_err(fails)?;
        let slack = slack(solver, solver.scale(&query.reward.expected(mdp)));
        let at_start = solution.at_start(mdp);
        let said = Said { start: (at_start.lo, at_start.hi), lo: &solution.lo, hi: &solution.hi };
        (claim.start, claim.v) = said.with(&proven, slack)?;
        let mut actions = OptimalActions {
            reward: claim.reward.clone(),
            sense,
            may_be: Vec::new(),
            certain: Vec::new(),
            witness: claim.witness.clone(),
        };
        let sets = actions.derive(&self.context).map_err(fails)?;
        (actions.may_be, actions.certain) = (sets.may_be, sets.certain);
        self.certificate.claims.push(Claim::Value(claim));
        self.certificate.claims.push(Claim::OptimalActions(actions));
        Ok(())
    }

    /// Claims the value of a policy.
    pub fn policy_value(
        &mut self,
        query: &Query,
        solver: &Solver<'_>,
        policy: &Policy,
        evaluation: &Evaluation,
    ) -> Result<()> {
        let mdp = self.model.mdp();
        let every: Vec<usize> = (0..mdp.n_states()).collect();
        let reward = terms(query)?;
        let policy = choices(mdp, &every, mdp, policy)?;
        let r = self.context.exact.combined(&reward.0).map_err(fails)?;
        let witness = refined(exact_all(&evaluation.v)?, |v| self.context.policy(&r, &policy, v, Scope::All));
        let mut claim = PolicyValue { reward, policy, start: nothing(), v: no_bounds(), witness };
        let proven = claim.derive(&self.context).map_err(fails)?;
        let slack = slack(solver, solver.scale(&query.reward.expected(mdp)));
        let at_start = evaluation.at_start(mdp);
        let said = Said { start: (at_start.lo, at_start.hi), lo: &evaluation.lo, hi: &evaluation.hi };
        (claim.start, claim.v) = said.with(&proven, slack)?;
        self.certificate.claims.push(Claim::PolicyValue(claim));
        Ok(())
    }

    /// The text of the certificate, after its own checker has accepted it.
    pub fn finish(self) -> Result<String> {
        if self.certificate.claims.is_empty() {
            return Diag::new(Code::NoCertificate, "nothing here can be certified")
                .help(self.remarks.first().map_or("leave --certificate out", String::as_str))
                .err();
        }
        let text = self.certificate.to_text();
        let report = check(&Certificate::parse("the certificate just made", &text)?, &self.raw)?;
        match report.findings.into_iter().find_map(|finding| finding.failure) {
            None => Ok(text),
            Some(why) => Err(fails(why)),
        }
    }

    /// Puts numbers of the reachable part back among all states.
    fn spread(&self, kept: &[usize], v: &[f64]) -> Result<Vec<RBig>> {
        let mut all = vec![RBig::ZERO; self.model.mdp().n_states()];
        for (&s, &x) in kept.iter().zip(v) {
            all[s] = exact(x)?;
        }
        Ok(all)
    }
}

/// Bounds a solver gave.
struct Said<'a> {
    start: (f64, f64),
    lo: &'a [f64],
    hi: &'a [f64],
}

impl Said<'_> {
    /// The hull with what the checker proves.
    fn with(&self, proven: &Enclosure<'_>, slack: f64) -> Result<(Range, Bounds)> {
        let start = hull("the return from the start", self.start, &proven.start(), slack)?;
        let mut bounds = no_bounds();
        for (s, (&lo, &hi)) in self.lo.iter().zip(self.hi).enumerate() {
            let both = hull("the value of a state", (lo, hi), &proven.at(s), slack)?;
            bounds.lo.push(both.lo);
            bounds.hi.push(both.hi);
        }
        Ok((start, bounds))
    }
}

/// The hull of a solver's bounds and the checker's. Where the checker proves less, what it proves is what is claimed;
/// refused where the two have nothing in common.
fn hull(what: &str, (lo, hi): (f64, f64), proven: &Range, slack: f64) -> Result<Range> {
    let (a, b) = (near(&proven.lo), near(&proven.hi));
    let apart = (lo - b).max(a - hi);
    if apart > slack {
        return Err(fails(format!("{what} was found between {lo:?} and {hi:?}, and proven between {a:?} and {b:?}")));
    }
    let said = Range {
        lo: of_double(lo).unwrap_or_else(|| proven.lo.clone()),
        hi: of_double(hi).unwrap_or_else(|| proven.hi.clone()),
    };
    Ok(said.widened(proven))
}

/// The largest difference between solver and checker that is rounding.
fn slack(solver: &Solver<'_>, scale: f64) -> f64 {
    ROUNDING * solver.horizon().longest() * scale
}

fn fails(why: String) -> Box<Diag> {
    let message = format!("the result does not pass its own check: {why}");
    Box::new(Diag::new(Code::CertificateFails, message).help("this is a mistake of the program; please report it"))
}

fn nothing() -> Range {
    Range::point(RBig::ZERO)
}

fn no_bounds() -> Bounds {
    Bounds { lo: Vec::new(), hi: Vec::new() }
}

fn exact(x: f64) -> Result<RBig> {
    of_double(x).ok_or_else(|| fails(format!("a witness is {x}")))
}

fn exact_all(xs: &[f64]) -> Result<Vec<RBig>> {
    xs.iter().map(|&x| exact(x)).collect()
}

/// The reward as a combination of named ones.
fn terms(query: &Query) -> Result<Terms> {
    let Some(linear) = &query.linear else {
        return Diag::new(
            Code::NoCertificate,
            format!("the reward `{}` is a file of its own, which a certificate cannot name", query.text),
        )
        .expected("a combination of the model's rewards")
        .help("put the table under `rewards` in the model file")
        .err();
    };
    let factor = |(name, &c): (&String, &Affine)| (name.clone(), linear.coefficient(name, c, 0.0).exact);
    Ok(Terms(linear.terms.iter().map(factor).collect()))
}

/// Simple fractions close to a vector, if they are the value itself: then ties and zeros can be proven.
fn refined<'a>(v: Vec<RBig>, enclose: impl Fn(&[RBig]) -> Proof<Enclosure<'a>>) -> Vec<RBig> {
    let largest = v.iter().map(|x| if *x < RBig::ZERO { -x } else { x.clone() }).max().unwrap_or(RBig::ZERO);
    if largest.is_zero() {
        return v;
    }
    let Some(slack) = of_double(NEARBY).map(|share| share * largest) else { return v };
    let simple: Vec<RBig> = v.iter().map(|x| RBig::simplest_in(x - &slack, x + &slack)).collect();
    if enclose(&simple).is_ok_and(|found| found.is_exact()) { simple } else { v }
}

fn start(mu0: &[RBig]) -> Start {
    if mu0.iter().all(|p| *p == mu0[0]) {
        return Start::Uniform;
    }
    Start::Weights(mu0.iter().cloned().enumerate().filter(|(_, p)| *p != RBig::ZERO).collect())
}

/// A policy of a part of the model as choices in all of its states, probabilities summing to 1 exactly.
fn choices(mdp: &Mdp, kept: &[usize], whole: &Mdp, policy: &Policy) -> Result<Vec<Choice>> {
    let n_states = whole.n_states();
    let mut all = vec![Choice::None; n_states];
    // What is terminal only because nothing counts after the first step still has actions.
    for (s, &place) in kept.iter().enumerate().filter(|(_, place)| !whole.is_terminal(**place)) {
        let mut parts: Vec<(usize, RBig)> = Vec::new();
        for (row, p) in policy.support(mdp, s) {
            parts.push((mdp.action(row), exact(p)?));
        }
        let total = parts.iter().fold(RBig::ZERO, |sum, (_, p)| sum + p);
        // The largest probability takes what rounding left.
        if let Some(largest) = parts.iter_mut().max_by(|x, y| x.1.cmp(&y.1)) {
            largest.1 += RBig::ONE - total;
        }
        all[place] = match parts.as_slice() {
            [(a, _)] => Choice::Action(*a),
            _ => Choice::Mixed(parts),
        };
    }
    Ok(all)
}

/// What a proof yields, or a remark that there is none.
fn or_remark<T>(remarks: &mut Vec<String>, what: &str, proof: Proof<T>) -> Option<T> {
    proof.map_err(|why| remarks.push(format!("{what} is not in the certificate: {why}"))).ok()
}
