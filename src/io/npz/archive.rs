//! An archive as `numpy.savez` writes it, array by array.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::header::header_bytes;
use crate::base::{Code, Diag, Offset, Result, Source};
use crate::io::document::quoted;
use crate::model::Names;

/// An archive under way.
pub struct Archive {
    /// What it is made of, for messages.
    source: Source,
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Archive {
    /// An empty one.
    pub fn new(source: Source) -> Self {
        Archive { source, zip: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    fn failed(&self, what: &str) -> Box<Diag> {
        Box::new(
            Diag::new(Code::OutputUnwritable, format!("cannot write the archive: {what}"))
                .at(&self.source, Offset::NONE)
                .expected("an archive that fits into memory")
                .help("write TOML or JSON instead"),
        )
    }

    /// Adds an array of numbers in the bytes of its type.
    pub fn array<const N: usize>(
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

    /// Adds an array of doubles.
    pub fn floats(&mut self, name: &str, shape: &[usize], xs: &[f64]) -> Result<()> {
        self.array(name, "<f8", shape, xs.iter().map(|x| x.to_le_bytes()))
    }

    /// Adds an array of texts.
    pub fn texts(&mut self, name: &str, shape: &[usize], texts: &[&str]) -> Result<()> {
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

    /// Adds one text, if there is one.
    pub fn text(&mut self, name: &str, text: Option<&str>) -> Result<()> {
        text.map_or(Ok(()), |text| self.texts(name, &[], &[text]))
    }

    /// Adds names, if they were declared.
    pub fn names(&mut self, name: &str, names: &Names) -> Result<()> {
        let Some(list) = names.declared() else { return Ok(()) };
        self.texts(name, &[list.len()], &list.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// The bytes of the whole.
    pub fn finish(self) -> Result<Vec<u8>> {
        let Archive { source, zip } = self;
        zip.finish().map(Cursor::into_inner).map_err(|e| Archive::new(source).failed(&e.to_string()))
    }
}
