//! Writing NumPy archives; the arrays are described one level up.
//!
//! Dynamics in any form are written as stored transitions in the order of a checked model: sorted, duplicates added
//! up, zeros left out, terminal states as self-loops. Rewards given by `entries`
//! are written out as `[S, A, S]` while that has at most [`MAX_DENSE`] numbers, and per stored transition beyond
//! that. The latter forgets rewards on impossible transitions, which only canonicalisations that look at them
//! (EPIC, DARD) can tell; a warning says so. `grid` and `expected` are not written, with a warning.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::REWARD;
use super::header::header_bytes;
use super::resolve::{MAX_DENSE, Resolver};
use crate::base::{Code, Diag, Offset, Result};
use crate::io::document::quoted;
use crate::io::{Encoded, decode};
use crate::model::Names;
use crate::model::raw::*;

/// Writes an archive, members stored uncompressed.
pub fn write(model: &RawModel) -> Result<Encoded> {
    let resolver = Resolver::new(model)?;
    let csr = resolver.dynamics()?;
    let mut archive = Archive::new(model);
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

struct Archive<'a> {
    model: &'a RawModel,
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl<'a> Archive<'a> {
    fn new(model: &'a RawModel) -> Self {
        Archive { model, zip: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    fn failed(&self, what: &str) -> Box<Diag> {
        Box::new(
            Diag::new(Code::OutputUnwritable, format!("cannot write the archive: {what}"))
                .at(&self.model.source_file, Offset::NONE)
                .expected("an archive that fits into memory")
                .help("write TOML or JSON instead"),
        )
    }

    fn array<const N: usize>(
        &mut self,
        name: &str,
        descr: &str,
        shape: &[usize],
        values: impl ExactSizeIterator<Item = [u8; N]>,
    ) -> Result<()> {
        let header = header_bytes(descr, shape);
        // No time stamp: the same model gives the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(zip::DateTime::default())
            .large_file(values.len() as u64 * N as u64 > u64::from(u32::MAX / 2));
        self.zip.start_file(format!("{name}.npy"), options).map_err(|e| self.failed(&e.to_string()))?;
        let mut block = header;
        for value in values {
            block.extend(value);
            if block.len() >= 1 << 16 {
                self.zip.write_all(&block).map_err(|e| self.failed(&e.to_string()))?;
                block.clear();
            }
        }
        self.zip.write_all(&block).map_err(|e| self.failed(&e.to_string()))
    }

    fn floats(&mut self, name: &str, shape: &[usize], xs: &[f64]) -> Result<()> {
        self.array(name, "<f8", shape, xs.iter().map(|x| x.to_le_bytes()))
    }

    fn texts(&mut self, name: &str, shape: &[usize], texts: &[&str]) -> Result<()> {
        if let Some(bad) = texts.iter().find(|t| t.ends_with('\0')) {
            return Err(self.failed(&format!("the text {} ends in a zero byte", quoted(bad))));
        }
        let width = texts.iter().map(|t| t.chars().count()).max().unwrap_or(0).max(1);
        let values: Vec<[u8; 4]> = texts
            .iter()
            .flat_map(|t| t.chars().map(u32::from).chain(std::iter::repeat(0)).take(width))
            .map(u32::to_le_bytes)
            .collect();
        self.array(name, &format!("<U{width}"), shape, values.into_iter())
    }

    fn text(&mut self, name: &str, text: Option<&str>) -> Result<()> {
        text.map_or(Ok(()), |text| self.texts(name, &[], &[text]))
    }

    fn names(&mut self, name: &str, names: &Names) -> Result<()> {
        let Some(list) = names.declared() else { return Ok(()) };
        self.texts(name, &[list.len()], &list.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn finish(self) -> Result<Vec<u8>> {
        let model = self.model;
        self.zip.finish().map(Cursor::into_inner).map_err(|e| Archive::new(model).failed(&e.to_string()))
    }
}
