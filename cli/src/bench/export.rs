//! A workload as NumPy arrays, so that other programs solve the very same numbers.

use std::path::{Path, PathBuf};

use truenorth::base::{Code, Diag, Result};
use truenorth::io::{text, write_atomic, write_npy};
use truenorth::model::Mdp;

/// Error of the bounds that are written beside a model: far below what is asked of any answer, so that an answer's true
/// error can be read off them.
pub const REFERENCE_ERROR: f64 = 1e-9;

/// Where the arrays of one workload go.
pub struct Folder {
    place: PathBuf,
    /// How close the bounds written are to be.
    pub error: f64,
}

impl Folder {
    /// Makes the folder.
    pub fn new(place: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&place).map_err(|e| {
            let message = format!("cannot make the folder {}: {}", place.display(), text::reason(&e));
            Box::new(Diag::new(Code::OutputUnwritable, message).help("name a folder that may be written to"))
        })?;
        Ok(Folder { place, error: REFERENCE_ERROR })
    }

    /// Where it is.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Writes `NAME.npy`.
    pub fn floats(&self, name: &str, shape: &[usize], parts: &[&[f64]]) -> Result<()> {
        write_npy(&self.place.join(format!("{name}.npy")), shape, parts)
    }

    /// Writes `row_ptr.npy`, `col.npy`, `val.npy`, and the sizes as `model.json`.
    pub fn dynamics(&self, mdp: Mdp) -> Result<()> {
        let arrays = mdp.into_arrays();
        let row_ptr: Vec<i64> = arrays.row_ptr.iter().map(|&x| x as i64).collect();
        write_npy(&self.place.join("row_ptr.npy"), &[row_ptr.len()], &[&row_ptr])?;
        write_npy(&self.place.join("col.npy"), &[arrays.col.len()], &[&arrays.col])?;
        self.floats("val", &[arrays.val.len()], &[&arrays.val])?;
        let sizes = serde_json::json!({
            "n_states": arrays.n_states,
            "n_actions": arrays.n_actions,
            "gamma": arrays.gamma,
            "nnz": arrays.val.len(),
        });
        write_atomic(&self.place.join("model.json"), format!("{sizes}\n").as_bytes())
    }
}
