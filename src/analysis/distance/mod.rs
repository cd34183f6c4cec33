//! Distances between rewards: canonicalise, normalise, measure.
//!
//! Owns: metric ids, norms, STARC distances, Pearson distances, range STARC, the angle.
//! May use: `base`, `model`, `solve`, `returns`, `canon`.
//! Must not: know regret.
//! To add one: a norm is one line in [`norm::NORMS`]; a metric of another kind is a new file and one line in [`Metric::parse`].

mod flat;
mod many;
pub mod norm;
mod pearson;
mod range;
mod starc;
mod zero;

use std::fmt;

use crate::analysis::canon::{self, CANONS, Canon, Canonical, Context};
use crate::analysis::returns::ReturnRange;
use crate::base::{Bounded, Code, Diag, Result};
use crate::model::Reward;

pub use flat::{Coverage, Flat, FlatModel, NormTable};
pub use many::Points;
pub use norm::{NORMS, Norm};
pub use range::{range_distance, range_distances};
pub use starc::{angle_degrees, norm_of};
pub use zero::trivial;

/// A distance that may not be defined for this pair or model.
#[derive(Clone, Debug)]
pub enum Distance {
    /// A number with bounds.
    Value(Bounded),
    /// Why there is none.
    Undefined(String),
}

impl Distance {
    /// The number, if there is one.
    pub fn value(&self) -> Option<Bounded> {
        match self {
            Distance::Value(b) => Some(*b),
            Distance::Undefined(_) => None,
        }
    }
}

/// A metric named by an id.
#[derive(Clone, Copy)]
pub enum Metric {
    /// `starc-range`: difference of rewards scaled to return range 1.
    Range,
    /// `epic`: Pearson distance of EPIC forms under uniform coverage.
    Epic,
    /// `dard`: Pearson distance of DARD forms over transitions that happen.
    Dard,
    /// `starc-<canon>-<norm>` or `starc-<canon>-<normaliser>-<measure>`.
    Starc {
        /// Canonicalisation.
        canon: &'static Canon,
        /// Norm that normalises.
        by: &'static Norm,
        /// Norm that measures.
        in_norm: &'static Norm,
    },
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Range => f.write_str("starc-range"),
            Metric::Epic => f.write_str("epic"),
            Metric::Dard => f.write_str("dard"),
            Metric::Starc { canon, by, in_norm } if by.id == in_norm.id => write!(f, "starc-{}-{}", canon.id, by.id),
            Metric::Starc { canon, by, in_norm } => write!(f, "starc-{}-{}-{}", canon.id, by.id, in_norm.id),
        }
    }
}

impl fmt::Debug for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Metric {
    /// Every metric: the three special ones, then canonicalisations x norms x norms.
    pub fn all() -> Vec<Metric> {
        let mut all = vec![Metric::Range, Metric::Epic, Metric::Dard];
        for canon in CANONS {
            for by in NORMS {
                all.extend(NORMS.iter().map(|in_norm| Metric::Starc { canon, by, in_norm }));
            }
        }
        all
    }

    /// Whether the distance depends on rewards of transitions that cannot happen.
    pub fn reads_impossible(&self) -> bool {
        match self {
            Metric::Range => false,
            Metric::Epic | Metric::Dard => true,
            Metric::Starc { canon, by, in_norm } => {
                let sees_all = !by.is_weighted || !in_norm.is_weighted;
                canon.spreads_impossible || canon.reads_impossible && sees_all
            }
        }
    }

    /// What `compare` always prints.
    pub fn defaults() -> Vec<Metric> {
        // These three ids are in the lists above; a test reads them back.
        ["starc-range", "starc-val-l2", "starc-minimal-weighted-l2"]
            .iter()
            .filter_map(|id| Metric::parse(id).ok())
            .collect()
    }

    /// The metric of an id.
    pub fn parse(id: &str) -> Result<Metric> {
        match id {
            "starc-range" => return Ok(Metric::Range),
            "epic" => return Ok(Metric::Epic),
            "dard" => return Ok(Metric::Dard),
            _ => {}
        }
        let parsed = id.strip_prefix("starc-").and_then(|rest| {
            let fits = |c: &&&Canon| rest.strip_prefix(c.id).is_some_and(|r| r.starts_with('-'));
            let canon = CANONS.iter().filter(fits).max_by_key(|c| c.id.len())?;
            let norms = &rest[canon.id.len() + 1..];
            let (by, in_norm) = norms.split_once('-').unwrap_or((norms, norms));
            let (by, in_norm) = (norm::find(by)?, norm::find(in_norm)?);
            Some(Metric::Starc { canon: canon::find(canon.id).ok()?, by, in_norm })
        });
        match parsed {
            Some(metric) => Ok(metric),
            None => {
                let ids: Vec<String> = Metric::all().iter().map(Metric::to_string).collect();
                Diag::new(Code::MetricUnknown, format!("there is no metric `{id}`"))
                    .expected(
                        "`starc-range`, `epic`, `dard` or `starc-<canonicalisation>-<norm>`, such as `starc-val-l2`",
                    )
                    .nearest(id, ids.iter().map(String::as_str))
                    .err()
            }
        }
    }
}

/// Two rewards and their return ranges on one model.
pub struct Pair<'a> {
    /// First reward.
    pub x: &'a Reward,
    /// Second reward.
    pub y: &'a Reward,
    /// Return range of the first, made from its expectation.
    pub range_x: &'a ReturnRange,
    /// Return range of the second.
    pub range_y: &'a ReturnRange,
}

impl Pair<'_> {
    /// Both canonical forms.
    fn forms(&self, context: &Context<'_>, canon: &Canon) -> Result<(Canonical, Canonical)> {
        let form = |reward, range: &ReturnRange| canon.apply_expected(context, reward, &range.reward);
        Ok((form(self.x, self.range_x)?, form(self.y, self.range_y)?))
    }
}

/// All the distances asked for, in order. Canonical forms are worked out once.
pub fn distances(context: &Context<'_>, pair: &Pair<'_>, metrics: &[Metric]) -> Vec<Distance> {
    let mut starc = starc::Table::new(context, pair);
    metrics
        .iter()
        .map(|metric| match metric {
            Metric::Range => Distance::Value(range_distance(context.solver, pair.range_x, pair.range_y)),
            Metric::Epic => pearson::distance(context, pair, "epic"),
            Metric::Dard => pearson::distance(context, pair, "dard"),
            Metric::Starc { canon, by, in_norm } => starc.distance(canon, by, in_norm),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_reads_back_as_itself() {
        let all = Metric::all();
        assert_eq!(all.len(), 3 + 9 * 6 * 6);
        for metric in all {
            let id = metric.to_string();
            assert_eq!(Metric::parse(&id).unwrap().to_string(), id);
        }
        assert_eq!(Metric::defaults().len(), 3);
        let slip = Metric::parse("starc-vla-l2").err().unwrap();
        assert_eq!(slip.help.as_deref(), Some("did you mean `starc-val-l2`?"));
    }
}
