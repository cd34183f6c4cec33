//! The words of `convert`.

use serde_json::{Map, Value};

use super::{head, parts};
use crate::report::Document;
use truenorth::model::Model;

/// The contract's keys.
pub fn json(model: &Model, path: &str, format: &str) -> Map<String, Value> {
    let mut map = head("convert", model);
    parts::extend(&mut map, [("written", path.into()), ("format", format.into())]);
    map
}

/// For people.
pub fn document(model: &Model, path: &str, format: &str) -> Document {
    parts::begin(format!("Wrote {path}"), model).fact("Format", format)
}
