//! A comparison of two rewards as pictures.

use super::ValueMap;
use crate::plot::{Chord, GridDiff, Options, Picture, Placement, PlotError, Point, ReturnPolygon, StateTable};
use crate::report::Figure;
use truenorth::analysis::compare::Comparison;
use truenorth::analysis::regret::Polygon;

/// Name of the figure that goes with the regret table.
pub const POLYGON: &str = "return-polygon";

/// Two maps side by side, changed states outlined.
pub fn diff(c: &Comparison) -> Box<dyn Picture> {
    let mut outlined = vec![false; c.mdp.n_states()];
    c.changed.iter().for_each(|change| outlined[change.state] = true);
    let map = |range: &'_ truenorth::analysis::returns::ReturnRange, title: String| {
        let map = ValueMap {
            model: &c.model,
            kept: &c.kept,
            mdp: &c.mdp,
            v: &range.best.v,
            optimal: &range.best.optimal,
            outlined: &outlined,
            title,
        };
        (map.grid(), map.column(), map.names())
    };
    let truth = map(&c.truth_range, format!("truth: {}", c.truth.text));
    let proxy = map(&c.proxy_range, format!("proxy: {}", c.proxy.text));
    let title = format!("{}: what each reward wants", c.model.name());
    match (truth.0, proxy.0) {
        (Some(left), Some(right)) => Box::new(GridDiff { title, left, right }),
        _ => Box::new(StateTable {
            title,
            value_label: "optimal value V*(s)".into(),
            names: truth.2,
            changed: outlined,
            changed_label: "best action changed".into(),
            columns: vec![truth.1, proxy.1],
        }),
    }
}

/// The return polygon with the worst case and both optima.
pub fn polygon(c: &Comparison, polygon: &Polygon) -> ReturnPolygon {
    let point = |truth, proxy| Point { truth, proxy };
    let w = &c.regret.worst_case.witness;
    let noticeable = c.regret.worst_case.normalised.value > 1e-9;
    let (better, worse) = (w.better_returns, w.worse_returns);
    let chord = Chord {
        from: point(better.0.value, better.1.value),
        to: point(worse.0.value, worse.1.value),
        name: "worst-case regret".into(),
    };
    let lucky = &c.regret.proxy_optimal;
    let best = c.proxy_range.max.value;
    let mut proxy_optima = vec![point(lucky.worst_return.value, best)];
    if lucky.worst.value - lucky.best.value > 1e-9 * c.truth_range.rho.value {
        proxy_optima.push(point(lucky.best_return.value, best));
    }
    let back = &c.regret_reverse.proxy_optimal;
    let best = c.truth_range.max.value;
    let mut truth_optima = vec![point(best, back.worst_return.value)];
    if back.worst.value - back.best.value > 1e-9 * c.proxy_range.rho.value {
        truth_optima.push(point(best, back.best_return.value));
    }
    ReturnPolygon {
        title: "Every policy's return under both rewards".into(),
        truth_label: format!("return in truth: {}", c.truth.text),
        proxy_label: format!("return in proxy: {}", c.proxy.text),
        vertices: polygon.vertices.iter().map(|v| point(v[0], v[1])).collect(),
        chord: noticeable.then_some(chord),
        truth_optima,
        proxy_optima,
        reference: None,
        path: Vec::new(),
        path_label: String::new(),
    }
}

/// All figures of a comparison, ready for a page. What cannot be drawn is left out.
pub fn of_comparison(c: &Comparison) -> Result<Vec<Figure>, PlotError> {
    let options = Options { placement: Placement::Inline, ..Options::default() };
    let mut figures = vec![Figure::new(
        "policy-maps",
        diff(c).svg(&options)?,
        format!("Optimal values and actions under {} and {}", c.truth.text, c.proxy.text),
        "Optimal values and actions under each reward; outlined states share no best action.",
    )];
    if let Some(p) = &c.polygon {
        figures.push(Figure::new(
            POLYGON,
            polygon(c, p).svg(&options)?,
            "Convex polygon of all pairs of returns",
            "Every policy is a point of this polygon. The chord is the largest loss in truth among points that do not lose in proxy.",
        ));
    }
    if let Some(along) = c.along.as_ref().filter(|along| !along.family.pieces.is_empty()) {
        let expression = &along.spec.linear.text;
        figures.push(Figure::new(
            "cliff",
            super::cliff(&along.family, expression, &c.truth.text).svg(&options)?,
            format!("True return of the proxy-optimal policy along {expression}"),
            "True return earned by the policies that are optimal along the way from truth to proxy, worst over ties.",
        ));
    }
    Ok(figures)
}
