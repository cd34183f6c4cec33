//! The words of `hack`: is it hacking, and what the proxy's correlation with the truth promises.
//!
//! Owns: the verdict, tables and JSON of one proxy, one truth, one reference and one policy.
//! May use: `base`, `model`, results of `analysis`, and the rest of `show`.
//! Must not: compute a result.
//! To add one: a new part of the answer is a table in `tables.rs`, a sentence in `words.rs` and its keys in `json.rs`.

mod ensemble;
mod goodhart;
mod hackable;
mod json;
mod tables;
mod words;

use serde_json::{Map, Value};

use super::parts;
use crate::report::{Block, Document};
use truenorth::analysis::ensemble::Ensemble;
use truenorth::analysis::goodhart::Goodhart;
use truenorth::analysis::hackable::Hackable;
use truenorth::analysis::hacking::{Appraisal, Correlation, Flags, Frontier, Maximiser, Maybe, Setting, Ties};
use truenorth::analysis::returns::ReturnRange;
use truenorth::base::{Decision, Doubt};
use truenorth::model::{Mdp, Model};

/// Everything found about one proxy.
pub struct Story<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Its reachable part.
    pub mdp: &'a Mdp,
    /// Original index of each state of `mdp`.
    pub kept: &'a [usize],
    /// True reward as asked for.
    pub truth: &'a str,
    /// Proxy as asked for.
    pub proxy: &'a str,
    /// Reference as asked for.
    pub reference: &'a str,
    /// Policy in words.
    pub policy: &'a str,
    /// Whether the policy is what its words say: no limit kept the proxy's optimum from being found.
    pub is_found: bool,
    /// Best and worst returns of the truth, discounted sums.
    pub true_range: &'a ReturnRange,
    /// Rewards and reference.
    pub setting: &'a Setting<'a>,
    /// The policy.
    pub appraisal: &'a Appraisal,
    /// Optimal policies of the proxy.
    pub ties: &'a Ties,
    /// What can be said for certain.
    pub flags: &'a Flags,
    /// The policy with the best bound, rewards as written.
    pub maximiser: &'a Maybe<Maximiser>,
    /// The same for canonical forms.
    pub maximiser_canonical: &'a Maybe<Maximiser>,
    /// Policies further and further away, if asked for.
    pub frontier: Option<&'a Frontier>,
    /// Whether the rewards contradict each other at all.
    pub hackable: &'a Hackable,
    /// The truth while the proxy is optimised, if asked for.
    pub goodhart: Option<&'a std::result::Result<Goodhart, &'static str>>,
    /// Several proxies at once, by name, if asked for.
    pub ensemble: Option<(&'a [String], &'a Ensemble)>,
}

impl Story<'_> {
    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        json::of(self)
    }

    /// For people.
    pub fn document(&self) -> Document {
        let document = parts::begin(format!("What optimising {} does to {}", self.proxy, self.truth), self.model)
            .fact("Truth", parts::code(self.truth))
            .fact("Proxy", parts::code(self.proxy))
            .fact("Reference", self.reference.to_owned())
            .fact("Policy", self.policy.to_owned())
            .block(words::verdict(self))
            .block(Block::list(words::findings(self)))
            .block(tables::returns(self))
            .block(tables::correlation(self))
            .block(tables::bounds(self))
            .block(tables::divergences(self))
            .blocks(tables::frontier(self))
            .block(Block::section("Whatever the reference"))
            .blocks(hackable::blocks(self.hackable))
            .blocks(self.goodhart.into_iter().flat_map(goodhart::blocks))
            .blocks(self.ensemble.into_iter().flat_map(|(names, found)| ensemble::blocks(names, found)));
        document.block(Block::paragraph(words::hint(self)))
    }

    /// Whether shaping alone decides the sign of the correlation; no, where one of the two does not exist.
    fn sign_flips(&self) -> Decision {
        let (raw, canonical) = (&self.setting.raw, &self.setting.canonical);
        if [raw, canonical].iter().any(|seen| seen.truth.flat.is_yes() || seen.proxy.flat.is_yes()) {
            return Decision::structure(false);
        }
        let below = |seen: &Correlation| match &seen.r {
            Ok(r) => Decision::is_not_negative(*r, || Doubt::bounds("closer bounds on the correlation")).not(),
            Err(_) => Decision::Undecided(Doubt::bounds("closer bounds on the correlation")),
        };
        let turned = |up: &Correlation, down: &Correlation| up.positive.clone().and(below(down));
        turned(raw, canonical).or(turned(canonical, raw))
    }
}
