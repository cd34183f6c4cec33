//! Truth along a path of rising proxy, as a picture.

use crate::plot::{self, GoodhartCurve, GoodhartPoint, Stop};
use truenorth::analysis::goodhart::{Curve, End, Path, Point};

/// Proxy and truth along a path, as shares of what there is to get; `angle` is what the stopping rule allows for.
pub fn goodhart(curve: &Curve, angle: f64) -> GoodhartCurve {
    let (x, x_label): (fn(&Point) -> f64, _) = match curve.path {
        Path::Steepest => (|p| p.parameter, "length of the way of steepest ascent in the proxy"),
        // Temperatures fall from one without end.
        Path::Soft => (|p| p.distance, "distance of the visits of soft policies from those of the start"),
        Path::BestOfN => (|p| p.parameter.max(1.0).log2(), "log₂ n: the best for the proxy of n tries"),
    };
    let point = |p: &Point| GoodhartPoint { x: x(p), proxy: p.proxy_share.value, truth: p.truth_share.value };
    let stop = curve.stop.as_ref().and_then(|stop| curve.points.get(stop.index));
    let name = format!("the last step safe for every truth within {angle:.3}° of the proxy");
    GoodhartCurve {
        title: "What optimising the proxy does to the truth".into(),
        x_label: x_label.into(),
        y_label: "share of the return range".into(),
        points: curve.points.iter().map(point).collect(),
        peak: curve.peak,
        stop: stop.map(|p| Stop { x: x(p), name }),
        unfinished: unfinished(curve),
    }
}

/// Why a path goes no further, if that is not its end.
fn unfinished(curve: &Curve) -> Option<String> {
    match curve.end {
        End::Top | End::Last => None,
        End::Limit => Some("unfinished: a limit stopped the path here".into()),
        End::Rounding => Some("unfinished: rounding hides the rest of the path".into()),
    }
}

/// The returns along a path, for a return polygon, and what the path is called there.
pub fn way(curve: &Curve) -> (Vec<plot::Point>, String) {
    let points = curve.points.iter().map(|p| plot::Point { truth: p.truth.value, proxy: p.proxy.value });
    let name = match curve.path {
        Path::Steepest => "steepest ascent in the proxy",
        Path::Soft => "soft policies of falling temperature",
        Path::BestOfN => "the best for the proxy of n tries",
    };
    let more = if curve.end.is_finished() { "" } else { " (unfinished)" };
    (points.collect(), format!("{name}{more}"))
}
