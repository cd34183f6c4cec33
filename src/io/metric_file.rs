//! A metric on the states of a model: positions on a line, points, or a table of distances.

use std::path::Path;

use super::access::Access;
use super::document::Node;
use super::text::Text;
use crate::base::{Code, Result};

/// What a metric file can hold. Whether it fits a model, and is a metric, is somebody else's to say.
#[derive(Clone, Debug, PartialEq)]
pub enum MetricFile {
    /// One number a state.
    Line(Vec<f64>),
    /// Coordinates of each state.
    Points(Vec<Vec<f64>>),
    /// `[S][S]`.
    Distances(Vec<Vec<f64>>),
}

const KINDS: [&str; 3] = ["line", "points", "distances"];

/// Reads a JSON or TOML file with one of `line` (a list of S numbers), `points` (a list of S lists of coordinates) and
/// `distances` (a table `[S][S]`).
pub fn read(path: &Path) -> Result<MetricFile> {
    let (text, parse) = super::read_document(path, "a metric file")?;
    from_text(&text, parse)
}

/// Reads a metric file that is already in memory.
pub fn from_text(text: &Text, parse: super::Parse) -> Result<MetricFile> {
    let access = Access { source: &text.source };
    let root = parse(&text.source, &text.text)?;
    let at = root.at;
    let mut fields = access.table(root, "the metric file", &KINDS)?;
    let mut given = KINDS.iter().filter_map(|kind| fields.take(kind).map(|field| (*kind, field.node)));
    let (first, second) = (given.next(), given.next());
    match (first, second) {
        (Some(("line", node)), None) => Ok(MetricFile::Line(numbers(&access, node)?)),
        (Some(("points", node)), None) => Ok(MetricFile::Points(rows(&access, node)?)),
        (Some((_, node)), None) => Ok(MetricFile::Distances(rows(&access, node)?)),
        (None, _) => access
            .refuse(Code::FieldMissing, at, "the metric file says nothing of distances")
            .expected("one of `line`, `points` and `distances`")
            .help("`line = [0, 1, 3]` puts three states on a line")
            .err(),
        (Some(_), Some((kind, node))) => access
            .refuse(Code::FieldUnknown, node.at, format!("`{kind}` is a second metric"))
            .expected("one of `line`, `points` and `distances`")
            .err(),
    }
}

fn numbers(access: &Access, node: Node) -> Result<Vec<f64>> {
    Ok(access.numbers(node, "the metric")?.into_iter().map(|x| x.value).collect())
}

fn rows(access: &Access, node: Node) -> Result<Vec<Vec<f64>>> {
    let list = access.list(node, "the metric", "a list of lists of numbers")?.value;
    list.into_iter().map(|node| numbers(access, node)).collect()
}
