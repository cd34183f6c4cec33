//! The tables of `hack`.

use super::Story;
use crate::answer::number::{number, plain};
use crate::report::{Align, Block, Cell, Table};
use truenorth::analysis::hacking::{Maybe, Pair, Step};
use truenorth::base::Bounded;

/// A number, or the first word of why there is none.
fn cell(x: &Maybe<Bounded>) -> Cell {
    match x {
        Ok(b) => number(*b).into(),
        Err(why) if why.starts_with("infinite") || why.contains("is infinite") => "infinite".into(),
        Err(_) => "none".into(),
    }
}

/// What the reference, the policy, the optimum of the proxy and the safest policy earn.
pub(super) fn returns(story: &Story<'_>) -> Table {
    let mut table = Table::new("Returns, times 1 \u{2212} gamma")
        .column("policy", Align::Left)
        .column("truth", Align::Right)
        .column("proxy", Align::Right);
    let mut row = |name: &str, pair: Pair| {
        table = std::mem::take(&mut table).row([name.into(), number(pair.truth).into(), number(pair.proxy).into()]);
    };
    row("the reference", story.setting.returns);
    row(story.policy, story.appraisal.returns);
    if let Ok(best) = story.maximiser_canonical
        && !best.is_reference
    {
        row("best guaranteed (canonical)", best.appraisal.returns);
    }
    if let Ok(best) = story.maximiser
        && !best.is_reference
    {
        row("best guaranteed (as written)", best.appraisal.returns);
    }
    if story.ties.n_ties > 0 {
        table = table
            .row([Cell::from("optimal for the proxy, lucky"), number(story.ties.best).into(), Cell::Empty])
            .row([Cell::from("optimal for the proxy, unlucky"), number(story.ties.worst).into(), Cell::Empty]);
    }
    table
}

/// Correlation and spreads, as written and without shaping.
pub(super) fn correlation(story: &Story<'_>) -> Table {
    let (raw, canonical) = (&story.setting.raw, &story.setting.canonical);
    Table::new("Under the reference")
        .column("", Align::Left)
        .column("as written", Align::Right)
        .column("shaping removed", Align::Right)
        .row([Cell::from("correlation"), cell(&raw.r), cell(&canonical.r)])
        .row([Cell::from("spread of the truth"), number(raw.truth.sigma).into(), number(canonical.truth.sigma).into()])
        .row([Cell::from("spread of the proxy"), number(raw.proxy.sigma).into(), number(canonical.proxy.sigma).into()])
}

/// What is promised of the policy, and what it does.
pub(super) fn bounds(story: &Story<'_>) -> Table {
    let a = story.appraisal;
    Table::new("Rise of the true return over the reference: promised at least, and real")
        .column("", Align::Left)
        .column("as written", Align::Right)
        .column("shaping removed", Align::Right)
        .row([Cell::from("theorem 5.1"), cell(&a.raw.theorem), cell(&a.canonical.theorem)])
        .row([Cell::from("sharp"), cell(&a.raw.sharp), cell(&a.canonical.sharp)])
        .row([Cell::from("real"), number(a.rise.truth).into(), number(a.rise.truth).into()])
}

/// How far the policy is from the reference.
pub(super) fn divergences(story: &Story<'_>) -> Table {
    let d = &story.appraisal.divergences;
    Table::new("Distance of the policy from the reference")
        .column("", Align::Left)
        .column("", Align::Right)
        .row([Cell::from("chi-squared of visits"), cell(&d.chi2)])
        .row([Cell::from("chi-squared of visits to states"), cell(&d.chi2_state)])
        .row([Cell::from("KL of visits"), cell(&d.kl)])
        .row([Cell::from("KL of visits, reversed"), cell(&d.kl_reverse)])
        .row([Cell::from("KL of actions"), cell(&d.action_kl)])
        .row([Cell::from("total variation of visits"), number(d.tv).into()])
}

/// The way from the reference to the optimum of the proxy.
pub(super) fn frontier(story: &Story<'_>) -> Option<Block> {
    /// Rows for people; JSON has all.
    const SHOWN: usize = 9;
    let steps = &story.frontier?.chi2;
    if steps.is_empty() {
        return None;
    }
    let mut table = Table::new("Best proxy return at each distance from the reference")
        .column("root of chi-squared", Align::Right)
        .column("weight", Align::Right)
        .column("proxy", Align::Right)
        .column("truth", Align::Right)
        .column("truth promised", Align::Right);
    let root = |step: &Step| step.appraisal.divergences.chi2.as_ref().map_or(f64::INFINITY, |x| x.value.sqrt());
    // First, last, and evenly between.
    let shown = SHOWN.min(steps.len());
    let last = (steps.len() - 1) as f64;
    let picked = (0..shown).map(|i| (last * i as f64 / (shown.max(2) - 1) as f64).round() as usize);
    for step in picked.map(|i| &steps[i]) {
        let a = &step.appraisal;
        let promised = match &a.canonical.sharp {
            Ok(b) => plain(story.setting.returns.truth.value + b.value).into(),
            Err(_) => Cell::Empty,
        };
        let weight = if step.strength.is_finite() { plain(step.weight()).into() } else { Cell::Empty };
        table = table.row([
            plain(root(step)).into(),
            weight,
            plain(a.returns.proxy.value).into(),
            plain(a.returns.truth.value).into(),
            promised,
        ]);
    }
    Some(Block::Table(table))
}
