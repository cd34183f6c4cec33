//! Typed access to a [`Node`] tree: each step either yields what was asked for or says what stood there instead.

use super::document::{Field, Node, Value, quoted};
use crate::base::{Code, Diag, Offset, Result, Source, number};
use crate::model::raw::{At, Pattern, Ref};

/// Fields of the whole file, to recognise one that slipped into a table further down.
pub const TOP: &[&str] = &[
    "format",
    "name",
    "description",
    "source",
    "gamma",
    "states",
    "actions",
    "mu0",
    "p",
    "transitions",
    "terminal",
    "rewards",
    "grid",
    "expected",
];

/// Reads values out of nodes; holds what messages need.
#[derive(Clone, Copy)]
pub struct Access<'s> {
    /// Where the nodes came from.
    pub source: &'s Source,
}

impl Access<'_> {
    /// A refusal at a place.
    pub fn refuse(&self, code: Code, at: Offset, message: impl Into<String>) -> Diag {
        Diag::new(code, message).at(self.source, at)
    }

    /// A refusal of a value of the wrong type.
    pub fn wrong(&self, node: &Node, what: &str, expected: &str) -> Diag {
        self.refuse(Code::WrongType, node.at, format!("{what} is {}", node.value.found())).expected(expected)
    }

    /// A finite number, or a text that names one.
    pub fn number(&self, node: &Node, what: &str) -> Result<At<f64>> {
        let value = match &node.value {
            Value::Integer(i) => *i as f64,
            Value::Float(x) if x.is_finite() => *x,
            Value::Float(x) => {
                let message = match x.is_nan() {
                    true => format!("{what} is not a number"),
                    false => format!("{what} is infinite or larger than any double"),
                };
                return self
                    .refuse(Code::BadNumber, node.at, message)
                    .expected("a finite number")
                    .help("the largest double is about 1.8e308")
                    .err();
            }
            Value::String(text) => match number::parse(text) {
                Some(x) => x,
                None => {
                    return self
                        .refuse(Code::BadNumber, node.at, format!("{what} is the text {}", quoted(text)))
                        .expected("a number, or a quotient such as \"19/20\"")
                        .help("write numbers without quotation marks, quotients with them")
                        .err();
                }
            },
            _ => {
                return self
                    .wrong(node, what, "a number, or a quotient such as \"19/20\"")
                    .help("put one number here")
                    .err();
            }
        };
        Ok(At { value, at: node.at })
    }

    /// A text.
    pub fn text(&self, node: Node, what: &str) -> Result<At<String>> {
        match node.value {
            Value::String(text) => Ok(At { value: text.into_owned(), at: node.at }),
            _ => self.wrong(&node, what, "a text").help("put it in quotation marks").err(),
        }
    }

    /// The elements of a list.
    pub fn list<'a>(&self, node: Node<'a>, what: &str, expected: &str) -> Result<At<Vec<Node<'a>>>> {
        match node.value {
            Value::Array(list) => Ok(At { value: list, at: node.at }),
            _ => self.wrong(&node, what, expected).help("lists stand in square brackets").err(),
        }
    }

    /// A list of numbers.
    pub fn numbers(&self, node: Node, what: &str) -> Result<Vec<At<f64>>> {
        let list = self.list(node, what, "a list of numbers")?.value;
        list.iter().map(|n| self.number(n, what)).collect()
    }

    /// `None` for `null`; TOML has no null, so the text "null" says the same.
    pub fn nullable<'a>(&self, node: Node<'a>) -> Option<Node<'a>> {
        match &node.value {
            Value::Null => None,
            Value::String(text) if text == "null" => None,
            _ => Some(node),
        }
    }

    /// A state or an action by name or index.
    pub fn reference(&self, node: &Node, what: &str) -> Result<At<Ref>> {
        let value = match &node.value {
            Value::String(name) => Ref::Name(name.clone().into_owned()),
            Value::Integer(i) => match u64::try_from(*i) {
                Ok(i) => Ref::Index(i),
                Err(_) => {
                    return self
                        .refuse(Code::NameUnknown, node.at, format!("{what} has the index {i}"))
                        .expected("a name, or an index from 0")
                        .help("counting starts at 0; there are no negative indices")
                        .err();
                }
            },
            _ => return self.wrong(node, what, "a name, or an index from 0").help("names are texts").err(),
        };
        Ok(At { value, at: node.at })
    }

    /// A state or an action, or `"*"`.
    pub fn pattern(&self, node: &Node, what: &str) -> Result<At<Pattern>> {
        match &node.value {
            Value::String(text) if text == "*" => Ok(At { value: Pattern::Any, at: node.at }),
            _ => self.reference(node, what).map(|r| At { value: Pattern::One(r.value), at: r.at }),
        }
    }

    /// Exactly `N` elements, as in a row of `transitions`.
    pub fn tuple<'a, const N: usize>(&self, node: Node<'a>, what: &str, shape: &str) -> Result<[Node<'a>; N]> {
        let list = self.list(node, what, shape)?;
        let found = list.value.len();
        list.value.try_into().or_else(|_| {
            self.refuse(Code::WrongShape, list.at, format!("{what} has {found} elements"))
                .expected(shape)
                .help(format!("write exactly {N} elements"))
                .err()
        })
    }

    /// The fields of a table, each of them known.
    pub fn table<'a>(&self, node: Node<'a>, what: &str, known: &[&str]) -> Result<Fields<'a>> {
        let table = self.open_table(node, what, &format!("a table with {}", listed(known)))?;
        for field in &table.fields {
            if !known.contains(&field.key.as_ref()) {
                return Err(self.unknown(field, what, known));
            }
        }
        Ok(table)
    }

    /// The fields of a table whose keys are names.
    pub fn open_table<'a>(&self, node: Node<'a>, what: &str, expected: &str) -> Result<Fields<'a>> {
        match node.value {
            Value::Table(fields) => Ok(Fields { fields, at: node.at }),
            _ => self.wrong(&node, what, expected).help("tables stand in braces, or under a `[header]` in TOML").err(),
        }
    }

    fn unknown(&self, field: &Field, what: &str, known: &[&str]) -> Box<Diag> {
        let diag = self
            .refuse(Code::FieldUnknown, field.at, format!("{what} has no field {}", quoted(&field.key)))
            .expected(listed(known));
        Box::new(match TOP.contains(&field.key.as_ref()) && known != TOP {
            true => diag.help(format!(
                "`{}` belongs to the whole file: in TOML, move it above the first `[header]`",
                field.key
            )),
            false => diag.nearest(&field.key, known.iter().copied()),
        })
    }
}

/// Names in backquotes with commas between.
pub fn listed(names: &[&str]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// The fields of one table, to be taken one by one.
pub struct Fields<'a> {
    /// In the order of the file.
    pub fields: Vec<Field<'a>>,
    /// Where the table began.
    pub at: Offset,
}

impl<'a> Fields<'a> {
    /// A field, if present.
    pub fn take(&mut self, key: &str) -> Option<Field<'a>> {
        let i = self.fields.iter().position(|f| f.key == key)?;
        Some(self.fields.remove(i))
    }

    /// A field that must be present; `example` shows how to write it.
    pub fn need(&mut self, access: &Access, what: &str, key: &str, example: &str) -> Result<Node<'a>> {
        let at = self.at;
        self.take(key).map(|f| f.node).ok_or_else(|| {
            Box::new(
                access
                    .refuse(Code::FieldMissing, at, format!("{what} has no field `{key}`"))
                    .expected(format!("`{key}`"))
                    .help(format!("add {example}")),
            )
        })
    }
}
