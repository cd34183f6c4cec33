//! Certificates as the commands make them.

use std::collections::BTreeMap;

use truenorth::analysis::compare::{Query, Request, compare};
use truenorth::analysis::distance::Metric;
use truenorth::model::reward::expr::{Affine, Linear};
use truenorth::model::{Model, Policy, RawModel};
use truenorth::solve::{Options, Sense, Solver, Task};
use truenorth::verify::cert::{Certificate, Report, check};
use truenorth::verify::make::Maker;

/// A named reward.
pub fn named(model: &Model, i: usize) -> Query {
    let (name, reward) = &model.rewards()[i];
    let terms = BTreeMap::from([(name.clone(), Affine { fixed: 1.0, slope: 0.0 })]);
    Query { text: name.clone(), linear: Some(Linear::of_doubles(name.clone(), terms)), reward: reward.clone() }
}

/// Best and worst value, optimal actions, and the values of the greedy and of the uniform policy.
pub fn of_values(raw: &RawModel, model: &Model, query: &Query) -> String {
    let mdp = model.mdp();
    let mut maker = Maker::new("model", raw.clone(), model).expect("a maker");
    let solver = Solver::new(mdp, Options::default()).expect("a solver");
    let r = query.reward.expected(mdp);
    for sense in [Sense::Max, Sense::Min] {
        let solution = solver.optimise(&Task::new(&r, sense));
        maker.value(query, sense, &solver, &solution).expect("claims");
        for policy in [Policy::Deterministic(solution.policy), Policy::uniform(mdp)] {
            let evaluation = solver.evaluate(&policy, &[&r]).remove(0);
            maker.policy_value(query, &solver, &policy, &evaluation).expect("a claim");
        }
    }
    maker.finish().expect("accepted by its own checker")
}

/// All distances that can be certified, the same order, worst-case regret; and what could not be claimed.
pub fn of_pair(raw: &RawModel, model: &Model, truth: Query, proxy: Query) -> (String, Vec<String>) {
    let mut request = Request { along: false, max_vertices: 0, ..Request::default() };
    request.metrics = ["starc-range", "starc-val-l1", "starc-val-l2", "starc-val-linf"]
        .map(|id| Metric::parse(id).expect("a metric"))
        .to_vec();
    let found = compare(model, truth, proxy, &request).expect("a comparison");
    let solver = Solver::new(&found.mdp, Options::default()).expect("a solver");
    let mut maker = Maker::new("model", raw.clone(), model).expect("a maker");
    maker.comparison(&found, &solver, true).expect("claims");
    let remarks = maker.remarks().to_vec();
    (maker.finish().expect("accepted by its own checker"), remarks)
}

/// What the checker says of a text.
pub fn verdict(text: &str, raw: &RawModel) -> Result<Report, String> {
    let certificate = Certificate::parse("test", text).map_err(|d| d.to_string())?;
    check(&certificate, raw).map_err(|d| d.to_string())
}

/// Kinds of the claims, sorted.
pub fn kinds(report: &Report) -> Vec<&'static str> {
    let mut kinds: Vec<_> = report.findings.iter().map(|finding| finding.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

/// The report of a text that must be accepted.
pub fn accepted(text: &str, raw: &RawModel) -> Report {
    let report = verdict(text, raw).unwrap_or_else(|why| panic!("refused: {why}"));
    for finding in &report.findings {
        assert!(finding.failure.is_none(), "{}: {:?}", finding.statement, finding.failure);
    }
    report
}
