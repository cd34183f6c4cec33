//! Goodhart curves in words and as JSON.

use serde_json::{Value, json};

use super::super::number::{number, percent1, plain};
use super::super::{bounded, parts, per_pair, policy, spread};
use crate::report::{Align, Block, Cell, Table};
use truenorth::analysis::goodhart::{Curve, End, Goodhart, Path, Point};
use truenorth::model::{Mdp, Model};

/// The `goodhart` part: `null` with a reason where there is nothing to follow. `mdp` is the reachable part of `model`, `kept`
/// its states there.
pub fn json(model: &Model, mdp: &Mdp, kept: &[usize], found: &Result<Goodhart, &'static str>) -> Value {
    let found = match found {
        Ok(found) => found,
        Err(why) => return json!({ "curves": [], "undefined": why }),
    };
    let n = model.mdp().n_states();
    let point = |p: &Point| {
        json!({
            "parameter": finite(p.parameter),
            "proxy": bounded(p.proxy_share),
            "truth": bounded(p.truth_share),
            "proxy_return": bounded(p.proxy),
            "truth_return": bounded(p.truth),
            "distance": p.distance,
            "kl": finite(p.kl),
            "chi2": finite(p.chi2),
            "rate": p.rate,
        })
    };
    let curve = |c: &Curve| {
        let stop = c.stop.as_ref().map(|stop| {
            json!({
                "index": stop.index,
                "rate": stop.rate,
                "loses": stop.loses.answer(),
                "why": stop.loses.why(),
                "policy": spread(n, kept, policy(mdp, &c.points[stop.index].policy)),
                "loser": stop.loser.as_ref().map(|loser| spread(n, kept, per_pair(mdp, loser))),
            })
        });
        let loses = c.loses();
        json!({
            "path": c.path.word(),
            "parameter": c.path.parameter(),
            "reading": reading(c.path),
            "end": c.end.word(),
            "finished": c.end.is_finished(),
            "left": bounded(c.left),
            "peak": c.peak,
            "loses": loses.answer(),
            "why": loses.why(),
            "drop": c.drop.map(bounded),
            "stop": stop,
            "points": c.points.iter().map(point).collect::<Vec<_>>(),
        })
    };
    let left_out = found.left_out.iter().map(|(path, why)| json!({ "path": path.word(), "why": why }));
    json!({
        "angle_degrees": bounded(found.angle),
        "allowed_angle_degrees": found.allowed_angle,
        "curves": found.curves.iter().map(curve).collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}

/// What the reference policy is taken for: best of n draws its answers from it.
fn reading(path: Path) -> Option<&'static str> {
    (path == Path::BestOfN).then_some("law")
}

/// JSON has no infinity.
fn finite(x: f64) -> Value {
    if x.is_finite() { x.into() } else { Value::Null }
}

/// A sentence on the angle, and a table of a line each for the start, the peak, the stop and the end of every path.
pub fn blocks(found: &Result<Goodhart, &'static str>) -> Vec<Block> {
    let found = match found {
        Ok(found) => found,
        Err(why) => return vec![Block::paragraph(format!("There is no Goodhart curve: {why}."))],
    };
    let mut table = Table::new("The truth while the proxy is optimised, as shares of the return ranges")
        .column("path", Align::Left)
        .column("at", Align::Left)
        .column("proxy", Align::Right)
        .column("truth", Align::Right)
        .column("KL a choice", Align::Right);
    for curve in &found.curves {
        for (i, (index, at)) in places(curve).into_iter().enumerate() {
            let (p, path) = (&curve.points[index], if i == 0 { words(curve.path) } else { "" });
            let numbers = [number(p.proxy_share).into(), number(p.truth_share).into(), plain(p.kl).into()];
            table = table.row([Cell::from(path), Cell::from(at)].into_iter().chain(numbers));
        }
    }
    let mut blocks = vec![Block::from(table)];
    let mut lines: Vec<_> = found.curves.iter().map(|curve| sentence(curve, found.allowed_angle)).collect();
    if found.curves.iter().any(|curve| curve.path == Path::BestOfN) {
        lines.push(LAW.into());
    }
    lines.extend(found.left_out.iter().map(|(path, why)| format!("{} is left out: {why}.", words(*path))));
    lines.push(format!("The rewards are {}\u{b0} apart, as far as policies can tell.", plain(found.angle.value)));
    blocks.push(Block::list(lines));
    blocks
}

/// Best of n is worked out, not estimated.
const LAW: &str = "Best of n reads the reference as the law that answers are drawn from: its probabilities are exact, and no \
                   error of sampling is counted. Shares of recorded answers are not that law.";

fn words(path: Path) -> &'static str {
    match path {
        Path::Steepest => "Steepest ascent",
        Path::Soft => "Soft policies",
        Path::BestOfN => "Best of n",
    }
}

/// Points worth a line, in order, and what they are.
fn places(curve: &Curve) -> Vec<(usize, String)> {
    let last = curve.points.len().saturating_sub(1);
    let stop = curve.stop.as_ref().map(|stop| stop.index);
    let end = if curve.end.is_finished() { "end" } else { "unfinished" };
    let name = |i: usize| {
        let is = [(i == 0, "start"), (Some(i) == curve.peak, "peak"), (Some(i) == stop, "stop"), (i == last, end)];
        let names: Vec<&str> = is.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        names.join(", ")
    };
    (0..curve.points.len()).map(|i| (i, name(i))).filter(|(_, name)| !name.is_empty()).collect()
}

fn sentence(curve: &Curve, allowed: f64) -> String {
    let path = words(curve.path);
    let (lose, end, own) = match curve.path {
        Path::Soft => ("lose", "end", "their"),
        _ => ("loses", "ends", "its"),
    };
    let Some(drop) = curve.drop else { return unfinished(curve) };
    let lost = match curve.loses().answer() {
        Some(true) if drop.hi - drop.lo > 1e-3 * drop.value => {
            format!("{path} {lose} at least {} of the true range after {own} peak", share(drop.lo))
        }
        Some(true) => format!("{path} {lose} {} of the true range after {own} peak", share(drop.value)),
        Some(false) => format!("{path} {end} at {own} peak"),
        None => format!("{path} {lose} at most {} of the true range after {own} peak, if anything", share(drop.hi)),
    };
    let lost = match curve.left.hi > SEEN && curve.end == End::Top {
        true => format!("{lost}, where bounds leave at most {} of the range of the proxy", share(curve.left.hi)),
        false => lost,
    };
    let angle = plain(allowed);
    match &curve.stop {
        Some(stop) => {
            let after = match stop.loses.is_yes() {
                true => "some truth loses",
                false => "it cannot be told, as it rises just as fast as the rule asks",
            };
            let within = format!("within {angle}\u{b0} of the proxy");
            match stop.index {
                0 => format!("{lost}; of the truths {within}, from the first step on {after}."),
                n => {
                    let steps = parts::many(n, "step");
                    format!(
                        "{lost}; up to {steps}, every truth {within} gains from each step; from the next one {after}."
                    )
                }
            }
        }
        None => format!("{lost}; every truth within {angle}\u{b0} of the proxy gains from each of {own} steps."),
    }
}

/// Bounds that leave no more than this of a range at the end of a path are not worth a reader's time; JSON has them.
const SEEN: f64 = 1e-9;

/// What stopped a path, and how far it got: nothing follows from it about what comes after.
fn unfinished(curve: &Curve) -> String {
    let steps = parts::many(curve.points.len().saturating_sub(1), "step");
    let ahead = match curve.left {
        left if left.lo > 0.0 => format!("at least {} of the range of the proxy still ahead", share(left.lo)),
        left => format!("at most {} of the range of the proxy still ahead", share(left.hi)),
    };
    let stopped = match curve.end {
        End::Rounding => "rounding hides the rest of the way",
        _ => "a limit stopped the way",
    };
    format!(
        "{} {} unfinished: {stopped} after {steps}, with {ahead}. That does not tell where the truth peaks or where to stop.",
        words(curve.path),
        if curve.path == Path::Soft { "are" } else { "is" }
    )
}

/// A share in percent; as it is where a percentage has no digit for it.
fn share(x: f64) -> String {
    if x >= 1e-3 { percent1(x) } else { plain(x) }
}
