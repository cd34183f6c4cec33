//! What a model file says about its looks and its known answers.

use super::Resolver;
use crate::base::{Code, Diag, Grade, Result, Source};
use crate::model::mdp::Mdp;
use crate::model::raw::{At, RawExpected, RawGrid, RawInputs, Ref};
use crate::model::reward::Reward;

/// A picture of the states: rows of cells, not all of the same length.
#[derive(Clone, Debug, PartialEq)]
pub struct Grid {
    /// Rows from top to bottom.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell of a [`Grid`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Letter drawn in the file.
    pub letter: char,
    /// State shown here.
    pub state: Option<usize>,
}

/// Known answers about one reward.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// Name of the reward.
    pub reward: String,
    /// Optimal discounted return from the start.
    pub value_at_start: Option<f64>,
    /// Optimal value of every state.
    pub v: Option<Vec<f64>>,
    /// Where the answer comes from.
    pub source: Option<String>,
    /// How it is known.
    pub grade: Option<String>,
}

pub(super) fn grid(mdp: &Mdp, src: &Source, raw: &At<RawGrid>) -> Result<Grid> {
    let inputs = RawInputs::Rounded;
    let resolver = Resolver { src, states: &mdp.states, actions: &mdp.actions, inputs };
    let letters: Vec<Vec<char>> = raw.value.rows.iter().map(|row| row.value.chars().collect()).collect();
    if letters.iter().all(Vec::is_empty) {
        return Diag::new(Code::WrongShape, "the grid has no cells").at(src, raw.at).err();
    }
    if let Some(cells) = &raw.value.cells {
        let fits = cells.len() == letters.len() && cells.iter().zip(&letters).all(|(c, l)| c.value.len() == l.len());
        if !fits {
            return Diag::new(Code::WrongShape, "`cells` and `rows` of the grid differ in shape")
                .expected("one entry of `cells` for every letter of `rows`")
                .at(src, raw.at)
                .err();
        }
        let mut rows = Vec::new();
        for (cells, letters) in cells.iter().zip(&letters) {
            let mut row = Vec::new();
            for (cell, &letter) in cells.value.iter().zip(letters) {
                let state = cell.value.as_ref().map(|r| resolver.state(r, cell.at)).transpose()?;
                row.push(Cell { letter, state });
            }
            rows.push(row);
        }
        return Ok(Grid { rows });
    }
    let (first, at) = match &raw.value.start_at {
        None => (0, raw.at),
        Some(start) => (resolver.state(&start.value, start.at)?, start.at),
    };
    let mut next = first;
    let rows = letters
        .into_iter()
        .map(|row| {
            row.into_iter()
                .map(|letter| {
                    let blank = letter == '#' || letter == ' ';
                    let state = (!blank).then(|| {
                        next += 1;
                        next - 1
                    });
                    Cell { letter, state }
                })
                .collect()
        })
        .collect();
    if next > mdp.n_states() {
        return resolver.state(&Ref::Index(next as u64 - 1), at).map(|_| Grid { rows: Vec::new() }).map_err(|mut d| {
            d.message = format!("the grid has cells for {} states, from state {first} on", next - first);
            d.expected = Some(format!("at most {}", mdp.n_states() - first));
            d.help = Some("draw cells without a state as `#`, or give an explicit map in `cells`".into());
            d
        });
    }
    Ok(Grid { rows })
}

pub(super) fn expected(
    mdp: &Mdp,
    src: &Source,
    raw: &[At<RawExpected>],
    rewards: &[(String, Reward)],
) -> Result<Vec<Expected>> {
    const GRADES: [Grade; 4] = [Grade::Exact, Grade::Certified, Grade::Bounded, Grade::Statistical];
    let mut out = Vec::new();
    for At { value: raw, at } in raw {
        let (name, name_at) = match (&raw.reward, rewards.first()) {
            (Some(name), _) => (name.value.as_str(), name.at),
            (None, Some((first, _))) => (first.as_str(), *at),
            (None, None) => {
                return Diag::new(Code::RewardUnknown, "`expected` is about a reward, and the model has none")
                    .at(src, *at)
                    .err();
            }
        };
        if !rewards.iter().any(|(known, _)| known == name) {
            return Diag::new(Code::NameUnknown, format!("`expected` is about a reward `{name}` that does not exist"))
                .at(src, name_at)
                .nearest(name, rewards.iter().map(|(n, _)| n.as_str()))
                .err();
        }
        if let Some(v) = &raw.v
            && v.len() != mdp.n_states()
        {
            return Diag::new(Code::WrongShape, format!("`expected` lists {} values", v.len()))
                .expected(format!("{}, one per state", mdp.n_states()))
                .at(src, *at)
                .err();
        }
        if let Some(grade) = &raw.grade
            && !GRADES.iter().any(|g| g.word() == grade)
        {
            return Diag::new(Code::WrongType, format!("`{grade}` is not a grade"))
                .at(src, *at)
                .nearest(grade, GRADES.iter().map(|g| g.word()))
                .err();
        }
        out.push(Expected {
            reward: name.to_owned(),
            value_at_start: raw.value_at_start,
            v: raw.v.clone(),
            source: raw.source.clone(),
            grade: raw.grade.clone(),
        });
    }
    Ok(out)
}
