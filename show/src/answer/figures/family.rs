//! A one-parameter family of rewards as a picture.

use crate::plot::{CliffCurve, CliffPiece, CliffPoint, LadderRow, Rung};
use truenorth::analysis::family::{Family, Piece};
use truenorth::model::Mdp;

/// What the optimal policies of a family earn in truth, and what they do where. Pieces that a limit left without a true
/// return are left out.
pub fn cliff(family: &Family, expression: &str, truth: &str) -> CliffCurve {
    let piece = |p: &Piece| {
        let earned = p.earned?;
        let [worst, best] = [earned.worst.value, earned.best.value];
        Some(CliffPiece { from: p.from.value, to: p.to.value, worst: [worst; 2], best: [best.max(worst); 2] })
    };
    let points = family.breakpoints.iter().filter_map(|b| {
        let earned = b.earned?;
        let (worst, best) = (earned.worst.value, earned.best.value);
        Some(CliffPoint { x: b.x.value, worst, best: best.max(worst) })
    });
    CliffCurve {
        title: format!("What optimising {expression} earns in {truth}"),
        x_label: format!("x in {expression}"),
        y_label: format!("return in truth: {truth}"),
        pieces: family.pieces.iter().filter_map(piece).collect(),
        points: points.collect(),
        rows: rows(family),
    }
}

/// The states whose best actions are not the same along the whole family.
fn rows(family: &Family) -> Vec<LadderRow> {
    let mdp: &Mdp = &family.mdp;
    let mut changed: Vec<usize> = family.pieces.iter().flat_map(|p| p.changed.iter().copied()).collect();
    changed.sort_unstable();
    changed.dedup();
    let names = |piece: &Piece, s: usize| -> Vec<String> {
        let rows = mdp.rows(s).filter(|&row| piece.optimal[row]);
        rows.map(|row| mdp.actions().name(mdp.action(row)).into_owned()).collect()
    };
    let rung = |piece: &Piece, s: usize| Rung { from: piece.from.value, to: piece.to.value, actions: names(piece, s) };
    let row = |s: usize| LadderRow {
        name: mdp.states().name(s).into_owned(),
        rungs: family.pieces.iter().map(|piece| rung(piece, s)).collect(),
    };
    changed.into_iter().map(row).collect()
}
