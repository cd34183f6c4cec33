//! Documents as text that is pleasant to read: short lists in one line, one row of a table a line.

use std::fmt::Write;

use super::document::{Field, Value};
use crate::base::{Code, Diag, Result};

/// Lines are broken before this column where that is possible.
const WIDTH: usize = 100;

/// JSON, two spaces a level.
pub fn json(top: &[Field]) -> Result<String> {
    let mut printer = Printer { out: String::new(), syntax: Syntax::Json, refused: None };
    printer.out.push_str("{\n");
    for (i, field) in top.iter().enumerate() {
        let comma = if i + 1 < top.len() { "," } else { "" };
        printer.out.push_str("  ");
        printer.key(&field.key);
        printer.out.push_str(": ");
        printer.value(&field.node.value, 1);
        printer.out.push_str(comma);
        printer.out.push('\n');
    }
    printer.out.push_str("}\n");
    printer.finish()
}

/// TOML: plain fields first, then tables under headers.
pub fn toml(top: &[Field]) -> Result<String> {
    let mut printer = Printer { out: String::new(), syntax: Syntax::Toml, refused: None };
    printer.toml_table(&mut Vec::new(), top);
    printer.finish()
}

#[derive(Clone, Copy, PartialEq)]
enum Syntax {
    Json,
    Toml,
}

struct Printer {
    out: String,
    syntax: Syntax,
    refused: Option<Box<Diag>>,
}

impl Printer {
    fn finish(self) -> Result<String> {
        self.refused.map_or(Ok(self.out), Err)
    }

    fn toml_table(&mut self, path: &mut Vec<String>, fields: &[Field]) {
        let is_table = |f: &&Field| matches!(f.node.value, Value::Table(_));
        let has_own = fields.is_empty() || !fields.iter().all(|f| is_table(&f));
        if has_own && !path.is_empty() {
            let _ = writeln!(self.out, "\n[{}]", path.join("."));
        }
        for field in fields.iter().filter(|f| !is_table(f)) {
            self.key(&field.key);
            self.out.push_str(" = ");
            match &field.node.value {
                Value::String(text) if text.contains('\n') => self.long_text(text),
                value => self.value(value, 0),
            }
            self.out.push('\n');
        }
        for field in fields {
            if let Value::Table(inner) = &field.node.value {
                let mut key = Printer { out: String::new(), syntax: self.syntax, refused: None };
                key.key(&field.key);
                path.push(key.out);
                self.toml_table(path, inner);
                path.pop();
            }
        }
    }

    fn key(&mut self, key: &str) {
        let is_bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        match self.syntax == Syntax::Toml && is_bare {
            true => self.out.push_str(key),
            false => self.text(key),
        }
    }

    fn value(&mut self, value: &Value, level: usize) {
        match value {
            Value::Null if self.syntax == Syntax::Toml => self.out.push_str("\"null\""),
            Value::Null => self.out.push_str("null"),
            Value::Bool(b) => self.out.push_str(if *b { "true" } else { "false" }),
            Value::Integer(i) => {
                let _ = write!(self.out, "{i}");
            }
            Value::Float(x) => self.number(*x),
            Value::String(text) => self.text(text),
            Value::Array(list) if list.len() > 1 && list.iter().any(|n| matches!(n.value, Value::Array(_))) => {
                self.out.push('[');
                for node in list {
                    self.line(level + 1);
                    self.value(&node.value, level + 1);
                    self.out.push(',');
                }
                self.close(level, ']');
            }
            Value::Array(list) => self.flat_list(list.iter().map(|n| &n.value), level),
            Value::Table(fields) => {
                self.out.push('{');
                for field in fields {
                    self.line(level + 1);
                    self.key(&field.key);
                    self.out.push_str(if self.syntax == Syntax::Json { ": " } else { " = " });
                    self.value(&field.node.value, level + 1);
                    self.out.push(',');
                }
                match fields.is_empty() {
                    true => self.out.push('}'),
                    false => self.close(level, '}'),
                }
            }
        }
    }

    /// In one line if it fits, otherwise filled like a paragraph.
    fn flat_list<'v>(&mut self, values: impl Iterator<Item = &'v Value<'v>> + Clone, level: usize) {
        let start = self.out.len();
        let line_start = self.out.rfind('\n').map_or(0, |i| i + 1);
        self.out.push('[');
        for (i, value) in values.clone().enumerate() {
            self.out.push_str(if i > 0 { ", " } else { "" });
            self.value(value, level + 1);
            if self.out.len() - line_start > WIDTH && i > 0 {
                self.out.truncate(start);
                return self.filled_list(values, level);
            }
        }
        self.out.push(']');
    }

    fn filled_list<'v>(&mut self, values: impl Iterator<Item = &'v Value<'v>>, level: usize) {
        self.out.push('[');
        self.line(level + 1);
        let mut line_start = self.out.len() - 2 * (level + 1);
        for (i, value) in values.enumerate() {
            let before = self.out.len();
            self.out.push_str(if i > 0 { " " } else { "" });
            self.value(value, level + 1);
            self.out.push(',');
            if self.out.len() - line_start > WIDTH && i > 0 {
                let item = self.out.split_off(before);
                line_start = self.out.len() + 1;
                self.line(level + 1);
                self.out.push_str(item.trim_start());
            }
        }
        self.close(level, ']');
    }

    fn line(&mut self, level: usize) {
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n("  ", level));
    }

    /// Ends a list or table of several lines; JSON knows no comma after the last element.
    fn close(&mut self, level: usize, bracket: char) {
        if self.syntax == Syntax::Json && self.out.ends_with(',') {
            self.out.pop();
        }
        self.line(level);
        self.out.push(bracket);
    }

    /// The shortest decimal that reads back as the same double.
    fn number(&mut self, x: f64) {
        /// Up to here whole numbers are written without a point, and exactly.
        const WHOLE: f64 = 1e15;
        if !x.is_finite() {
            self.refused.get_or_insert_with(|| {
                Box::new(
                    Diag::new(Code::BadNumber, format!("{x} cannot be written"))
                        .expected("finite numbers")
                        .help("remove it from the model"),
                )
            });
        }
        let is_whole = x.fract() == 0.0 && x.abs() < WHOLE && !(x == 0.0 && x.is_sign_negative());
        let _ = match is_whole {
            true => write!(self.out, "{}", x as i64),
            false => write!(self.out, "{x:?}"),
        };
    }

    fn text(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            self.character(c);
        }
        self.out.push('"');
    }

    /// Several lines between three quotation marks; TOML drops the line break after the first three.
    fn long_text(&mut self, text: &str) {
        self.out.push_str("\"\"\"\n");
        for c in text.chars() {
            match c {
                '\n' => self.out.push('\n'),
                c => self.character(c),
            }
        }
        self.out.push_str("\"\"\"");
    }

    fn character(&mut self, c: char) {
        match c {
            '"' => self.out.push_str("\\\""),
            '\\' => self.out.push_str("\\\\"),
            '\n' => self.out.push_str("\\n"),
            '\t' => self.out.push_str("\\t"),
            '\r' => self.out.push_str("\\r"),
            c if c.is_control() => {
                let _ = write!(self.out, "\\u{:04x}", c as u32);
            }
            c => self.out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_bit_for_bit() {
        for x in [0.0, -0.0, 0.1, 1.0 / 3.0, -2.0, 1e300, 5e-324, f64::MAX, 1e15, 123456789012345678.0, 1e22] {
            let mut printer = Printer { out: String::new(), syntax: Syntax::Json, refused: None };
            printer.number(x);
            let back: f64 = printer.out.parse().expect("a number");
            assert_eq!(back.to_bits(), x.to_bits(), "{}", printer.out);
        }
    }

    #[test]
    fn no_line_is_longer_than_it_must_be() {
        let list = Value::Array(
            (0..100)
                .map(|i| super::super::document::Node { at: crate::base::Offset::NONE, value: Value::Integer(i) })
                .collect(),
        );
        let mut printer = Printer { out: String::new(), syntax: Syntax::Toml, refused: None };
        printer.value(&list, 0);
        assert!(printer.out.lines().all(|l| l.len() <= WIDTH), "{}", printer.out);
        assert!(printer.out.lines().count() < 8, "{}", printer.out);
    }
}
