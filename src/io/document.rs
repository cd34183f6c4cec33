//! The tree every text format is read into: values with the place where each began.

use std::borrow::Cow;

use crate::base::Offset;

/// One value of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Node<'a> {
    /// Where the value began.
    pub at: Offset,
    /// The value.
    pub value: Value<'a>,
}

/// What a value can be. Strings borrow from the source text where they contain no escapes.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`; TOML has none.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number written without a point or exponent that fits 64 bits.
    Integer(i64),
    /// Any other number, possibly infinite or NaN; refused where a number is expected.
    Float(f64),
    /// A string.
    String(Cow<'a, str>),
    /// A list.
    Array(Vec<Node<'a>>),
    /// A table, in the order of the file, keys unique.
    Table(Vec<Field<'a>>),
}

/// One key of a table with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Field<'a> {
    /// The key.
    pub key: Cow<'a, str>,
    /// Where the key began.
    pub at: Offset,
    /// The value.
    pub node: Node<'a>,
}

impl Value<'_> {
    /// What was found, for messages: "a string", "a list of 3".
    pub fn found(&self) -> String {
        match self {
            Value::Null => "null".to_owned(),
            Value::Bool(b) => format!("the truth value {b}"),
            Value::Integer(i) => format!("the number {i}"),
            Value::Float(x) => format!("the number {x:?}"),
            Value::String(s) => format!("the text {}", quoted(s)),
            Value::Array(list) => format!("a list of {}", list.len()),
            Value::Table(fields) => format!("a table of {}", fields.len()),
        }
    }
}

/// A text in backquotes, cut to a length that fits a message, control characters escaped.
pub fn quoted(text: &str) -> String {
    const SHOWN: usize = 60;
    let mut out = String::from("`");
    for c in text.chars().take(SHOWN) {
        match c.is_control() {
            true => out.extend(c.escape_default()),
            false => out.push(c),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        out.push('…');
    }
    out.push('`');
    out
}

/// A byte offset; text sources are capped far below 4 GiB, so this does not saturate.
pub fn offset(byte: usize) -> Offset {
    u32::try_from(byte).map_or(Offset::NONE, Offset)
}
