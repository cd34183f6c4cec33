//! How large an error of the reward changes the best action, state by state, as a picture.

use super::{PictureCell, action, board, letter};
use crate::plot::{Picture, RadiusBars, RadiusCell, RadiusGrid};
use truenorth::analysis::stability::{Optimum, Radius};
use truenorth::model::{Mdp, Model};

/// Most states drawn as bars.
const BARS: usize = 30;

/// Radii by state on a model.
pub struct RadiusMap<'a> {
    /// The whole model.
    pub model: &'a Model,
    /// Original index of each state the radii are about.
    pub kept: &'a [usize],
    /// The model the radii are about.
    pub mdp: &'a Mdp,
    /// Its best policy.
    pub optimum: &'a Optimum,
    /// In the largest entry; none where there is nothing to choose.
    pub radii: &'a [Option<Radius>],
    /// The reward as asked for.
    pub reward: &'a str,
}

impl RadiusMap<'_> {
    /// On the grid of the model, or as bars where it has none.
    pub fn picture(&self) -> Box<dyn Picture> {
        let title = format!("How large an error of {} changes the best action", self.reward);
        let label = "radius: largest harmless error in every entry (L∞)".to_owned();
        let least = self.radii.iter().flatten().map(|r| r.size.value).fold(f64::INFINITY, f64::min);
        let cell = |cell: &PictureCell| {
            let s = cell.state.and_then(|s| self.kept.binary_search(&s).ok());
            RadiusCell {
                state: cell.state.map(|s| self.model.mdp().states().name(s).into_owned()),
                letter: letter(cell.letter),
                wall: cell.state.is_none(),
                ..s.map_or_else(RadiusCell::default, |s| self.cell(s, least))
            }
        };
        match board(self.model, || RadiusCell { wall: true, ..RadiusCell::default() }, cell) {
            Some((rows, columns, cells)) => Box::new(RadiusGrid { title, rows, columns, cells, label }),
            None => {
                let name = |s: usize| Some(self.mdp.states().name(s).into_owned());
                let state = |s: usize| RadiusCell { state: name(s), ..self.cell(s, least) };
                let states = (0..self.mdp.n_states()).map(state).collect();
                Box::new(RadiusBars { title, states, top: BARS, label })
            }
        }
    }

    fn cell(&self, s: usize, least: f64) -> RadiusCell {
        let Some(radius) = self.radii[s] else { return RadiusCell::default() };
        let act = |row: usize| action(&self.mdp.actions().name(self.mdp.action(row)));
        RadiusCell {
            radius: Some(radius.size.value),
            best: vec![act(self.optimum.rows[s])],
            rival: radius.row.map(act),
            critical: radius.size.value == least && least < f64::INFINITY,
            ..RadiusCell::default()
        }
    }
}
