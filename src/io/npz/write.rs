//! Writing NumPy archives; the arrays are described one level up.
//!
//! Dynamics in any form are written as stored transitions in the order of a checked model: sorted, duplicates added
//! up, zeros left out, terminal states as self-loops. Rewards given by `entries`
//! are written out as `[S, A, S]` while that has at most [`MAX_DENSE`] numbers, and per stored transition beyond
//! that. The latter forgets rewards on impossible transitions, which only canonicalisations that look at them
//! (EPIC, DARD) can tell; a warning says so. `grid` and `expected` are not written, with a warning.

use super::REWARD;
use super::archive::Archive;
use super::resolve::{MAX_DENSE, Resolver};
use crate::base::{Code, Diag, Offset, Result};
use crate::io::{Encoded, decode};
use crate::model::raw::*;

/// Writes an archive, members stored uncompressed.
pub fn write(model: &RawModel) -> Result<Encoded> {
    let resolver = Resolver::new(model)?;
    let csr = resolver.dynamics()?;
    let mut archive = Archive::new(model.source_file.clone());
    archive.text("format", Some(decode::FORMAT))?;
    archive.text("name", model.name.as_deref())?;
    archive.text("description", model.description.as_deref())?;
    archive.text("source", model.source.as_deref())?;
    archive.floats("gamma", &[], &[model.gamma.value])?;
    archive.floats("mu0", &[resolver.n_states()], &resolver.start()?)?;
    archive.array("row_ptr", "<i8", &[csr.row_ptr.len()], csr.row_ptr.iter().map(|x| x.to_le_bytes()))?;
    archive.array("col", "<u4", &[csr.col.len()], csr.col.iter().map(|x| x.to_le_bytes()))?;
    archive.floats("val", &[csr.val.len()], &csr.val)?;
    if !model.terminal.is_empty() {
        let states = model.terminal.iter().map(|r| resolver.state(r)).collect::<Result<Vec<_>>>()?;
        archive.array("terminal", "<i8", &[states.len()], states.iter().map(|&s| (s as u64).to_le_bytes()))?;
    }
    archive.names("states", &resolver.states)?;
    archive.names("actions", &resolver.actions)?;
    let mut warnings = Vec::new();
    for (name, reward) in &model.rewards {
        let written = resolver.reward(&csr, reward)?;
        archive.floats(&format!("{}{}", REWARD, name.value), &written.shape, &written.values)?;
        if written.lost {
            let message = format!("the reward `{}` is written for possible transitions only", name.value);
            warnings.push(
                Diag::new(Code::TooLarge, message)
                    .at(&model.source_file, name.at)
                    .expected(format!("at most {MAX_DENSE} numbers in a reward table"))
                    .help("keep the text file if rewards on impossible transitions matter"),
            );
        }
    }
    let lost = [("grid", model.grid.is_some()), ("expected", !model.expected.is_empty())];
    for (field, _) in lost.into_iter().filter(|(_, present)| *present) {
        warnings.push(
            Diag::new(Code::FieldUnknown, format!("`{field}` is not written: npz has no place for it"))
                .at(&model.source_file, Offset::NONE)
                .help("keep the text file too"),
        );
    }
    Ok(Encoded { bytes: archive.finish()?, warnings })
}
