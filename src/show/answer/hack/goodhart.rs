//! Goodhart curves in words and as JSON.

use serde_json::{Value, json};

use super::super::number::{number, percent1, plain};
use super::super::{bounded, parts, per_pair, policy, spread};
use crate::analysis::goodhart::{Curve, Goodhart, Path, Point};
use crate::model::{Mdp, Model};
use crate::show::report::{Align, Block, Cell, Table};

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
                "policy": spread(n, kept, policy(mdp, &c.points[stop.index].policy)),
                "loser": spread(n, kept, per_pair(mdp, &stop.loser)),
            })
        });
        json!({
            "path": c.path.word(),
            "parameter": c.path.parameter(),
            "end": c.end.word(),
            "peak": c.peak,
            "drop": bounded(c.drop),
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
    lines.extend(found.left_out.iter().map(|(path, why)| format!("{} is left out: {why}.", words(*path))));
    lines.push(format!("The rewards are {}\u{b0} apart, as far as policies can tell.", plain(found.angle.value)));
    blocks.push(Block::list(lines));
    blocks
}

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
    let name = |i: usize| {
        let is = [(i == 0, "start"), (i == curve.peak, "peak"), (Some(i) == stop, "stop"), (i == last, "end")];
        let names: Vec<&str> = is.into_iter().filter(|(is, _)| *is).map(|(_, name)| name).collect();
        names.join(", ")
    };
    (0..curve.points.len()).map(|i| (i, name(i))).filter(|(_, name)| !name.is_empty()).collect()
}

fn sentence(curve: &Curve, allowed: f64) -> String {
    let path = words(curve.path);
    let lost = match curve.drop.lo > 0.0 {
        true => format!("{path} loses {} of the true range after its peak", percent1(curve.drop.value)),
        false => format!("{path} ends at its peak, as far as bounds can tell"),
    };
    let angle = plain(allowed);
    match &curve.stop {
        Some(stop) => format!(
            "{lost}; up to {}, every truth within {angle}\u{b0} of the proxy gains from each step, and from the next one some \
             lose.",
            parts::many(stop.index, "step")
        ),
        None => format!("{lost}; every truth within {angle}\u{b0} of the proxy gains from each of its steps."),
    }
}
