//! What a picture must not claim: ways joined as they are, ties without a bar, nothing from a way that was cut short.

use super::super::scene::Shape;
use super::*;

fn words(picture: &dyn Picture) -> String {
    let scene = picture.scene(&Options::default()).unwrap();
    scene.labels().map(|label| label.text.clone()).collect::<Vec<_>>().join("\n")
}

/// Places along the horizontal axis of all lines with that many corners.
fn lines(picture: &dyn Picture, corners: usize) -> Vec<Vec<f64>> {
    let scene = picture.scene(&Options::default()).unwrap();
    let path = |shape: &Shape| match shape {
        Shape::Path { points, .. } if points.len() == corners => Some(points.iter().map(|p| p.0).collect()),
        _ => None,
    };
    scene.items.iter().filter_map(|item| path(&item.shape)).collect()
}

#[test]
fn a_frontier_is_joined_by_weight_also_where_it_leads_back() {
    let point =
        |weight: f64, chi2: f64| FrontierPoint { weight, chi2, proxy: weight.min(9.0), truth: 0.0, bound: None };
    // A KL penalty that gets cheaper leads away in chi-squared, and then nearer again.
    let points = vec![point(0.1, 4.0), point(f64::INFINITY, 0.0), point(0.5, 9.0), point(1.0, 1.0)];
    let picture =
        BoundFrontier { curves: vec![FrontierCurve { name: "KL".into(), points }], ..BoundFrontier::default() };
    let found = lines(&picture, 4);
    assert_eq!(found.len(), 2, "proxy and truth");
    for x in found {
        assert!(x[0] < x[1] && x[1] < x[3] && x[3] < x[2], "{x:?}");
    }
}

#[test]
fn a_goodhart_curve_is_the_way_as_it_was_gone_and_ends_at_its_last_point() {
    let point = |x: f64, truth: f64| GoodhartPoint { x, proxy: 0.5, truth };
    let points = vec![point(0.0, 0.2), point(2.0, 0.9), point(3.0, 0.6), point(1.5, 0.4)];
    let whole = GoodhartCurve { points, peak: Some(1), ..GoodhartCurve::default() };
    for x in lines(&whole, 4) {
        assert!(x[0] < x[3] && x[3] < x[1] && x[1] < x[2], "{x:?}");
    }
    assert!(words(&whole).contains("truth: 0.9000 \u{2192} 0.4000"), "{}", words(&whole));
    let stop = Some(Stop { x: 2.0, name: "safe".into() });
    let cut = GoodhartCurve { unfinished: Some("unfinished: a limit".into()), stop, ..whole };
    let said = words(&cut);
    assert!(said.contains("unfinished: a limit"), "{said}");
    assert!(!["greatest", "loses", "stop"].iter().any(|claim| said.contains(claim)), "{said}");
    let data = cut.data().to_string();
    assert!(data.contains("\nunfinished,") && !data.contains("peak") && !data.contains("stop"), "{data}");
}

#[test]
fn ties_have_no_bar_and_are_counted_as_ties() {
    let state = |k: usize, radius: f64| RadiusCell {
        state: Some(format!("s{k}")),
        radius: Some(radius),
        best: vec![Action::Move(Direction::Stay, "wait".into())],
        rival: Some(Action::Named("go".into())),
        ..RadiusCell::default()
    };
    let radii = |k: usize| if k < 35 { 0.0 } else { k as f64 };
    let mut picture =
        RadiusBars { states: (0..40).map(|k| state(k, radii(k))).collect(), top: 30, ..RadiusBars::default() };
    let said = words(&picture);
    assert!(said.contains("10 more that tie"), "{said}");
    assert!(said.contains("wait = go") && !said.contains("stay"), "{said}");
    assert!(picture.data().to_string().contains(",wait,go,"), "names are the model's");
    // Ties do not crowd out what has a radius.
    picture.top = 8;
    let said = words(&picture);
    assert!(said.contains("31 more that tie, 1 more with larger radii") && said.contains("s38"), "{said}");
    picture.states.truncate(31);
    picture.states.push(state(31, 2.0));
    picture.top = 40;
    let scene = picture.scene(&Options::default()).unwrap();
    let bar = |shape: &Shape| if let Shape::Rect { w, h, .. } = shape { (*h == 13.0).then_some(*w) } else { None };
    let widths: Vec<f64> = scene.items.iter().filter_map(|item| bar(&item.shape)).collect();
    assert_eq!(widths.len(), 32);
    assert!(widths[..31].iter().all(|w| *w < 8.0) && widths[31] > 100.0, "{widths:?}");
}

#[test]
fn a_ladder_claims_what_was_found_and_no_more() {
    let quiet = GammaLadder { range: [0.0, 0.9], is_whole: true, blackwell_to: 1.0, ..GammaLadder::default() };
    assert!(words(&quiet).contains("throughout"));
    let seen = GammaLadder { is_whole: false, ..quiet };
    assert!(words(&seen).contains("no switch was seen") && !words(&seen).contains("throughout"), "{}", words(&seen));
    let switches = vec![DiscountSwitch { gamma: 0.5, lo: 0.5, hi: 0.5 }];
    assert!(words(&GammaLadder { switches, ..seen }).contains("at least 1 switch"));
}
