//! JSON text to a [`Node`] tree. RFC 8259 exactly: no comments, no trailing commas, no repeated keys.

use std::collections::HashSet;

use jsonc_parser::ast;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;

use super::depth;
use super::document::{Field, Node, Value, offset, quoted};
use crate::base::{Code, Diag, Offset, Result, Source};

const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads JSON text.
pub fn parse<'a>(source: &Source, text: &'a str) -> Result<Node<'a>> {
    depth::check_json(source, text)?;
    let tree = parse_to_ast(text, &CollectOptions::default(), &STRICT).map_err(|e| {
        let message = lower_first(&e.kind().to_string());
        syntax(source, offset(e.range().start), &message)
    })?;
    // The tree parser admits a few things JSON does not, such as raw control characters in strings.
    if let Err(e) = serde_json::from_str::<IgnoredAny>(text)
        && !e.to_string().starts_with("number out of range")
    {
        let at = offset(byte_of(text, e.line(), e.column()));
        let message = e.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        return Err(syntax(source, at, message));
    }
    match tree.value {
        Some(value) => node(source, value),
        None => Err(syntax(source, Offset(0), "there is no value in this file")),
    }
}

fn syntax(source: &Source, at: Offset, message: &str) -> Box<Diag> {
    Box::new(
        Diag::new(Code::Syntax, format!("not valid JSON: {message}"))
            .at(source, at)
            .expected("JSON without comments and trailing commas")
            .help("files with comments can be written in TOML (`.mdp.toml`)"),
    )
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

/// Byte offset of a line and a column counted in bytes, both from 1.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (start + column.saturating_sub(1)).min(text.len())
}

fn node<'a>(source: &Source, value: ast::Value<'a>) -> Result<Node<'a>> {
    use jsonc_parser::common::Ranged;
    let at = offset(value.range().start);
    let value = match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(b) => Value::Bool(b.value),
        ast::Value::NumberLit(n) => number(n.value),
        ast::Value::StringLit(s) => Value::String(s.value),
        ast::Value::Array(list) => {
            Value::Array(list.elements.into_iter().map(|v| node(source, v)).collect::<Result<_>>()?)
        }
        ast::Value::Object(object) => {
            let mut seen = HashSet::new();
            let mut fields = Vec::with_capacity(object.properties.len());
            for property in object.properties {
                let at = offset(property.range.start);
                let key = match property.name {
                    ast::ObjectPropName::String(s) => s.value,
                    ast::ObjectPropName::Word(w) => w.value.into(),
                };
                if !seen.insert(key.clone()) {
                    return Diag::new(Code::NameTwice, format!("the key {} appears twice in one table", quoted(&key)))
                        .at(source, at)
                        .expected("every key once")
                        .help("remove or rename one of them")
                        .err();
                }
                fields.push(Field { key, at, node: node(source, property.value)? });
            }
            Value::Table(fields)
        }
    };
    Ok(Node { at, value })
}

fn number<'a>(text: &str) -> Value<'a> {
    match text.parse::<i64>() {
        // The sign of -0 is kept: it is a float.
        Ok(i) if text != "-0" => Value::Integer(i),
        _ => Value::Float(text.parse().unwrap_or(f64::NAN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node<'_>> {
        parse(&Source::text("t.json", text), text)
    }

    #[test]
    fn values_keep_order_and_places() {
        let tree = read(" {\"b\": [1, -0, 1e400],\n \"a\": \"\\u00e9\\ud83d\\ude00\"}").expect("valid");
        assert_eq!(tree.at, Offset(1));
        let Value::Table(fields) = &tree.value else { panic!("{tree:?}") };
        assert_eq!((fields[0].key.as_ref(), fields[1].key.as_ref()), ("b", "a"));
        assert_eq!(fields[1].at, Offset(24));
        assert_eq!(fields[1].node.value, Value::String("é😀".into()));
        let Value::Array(list) = &fields[0].node.value else { panic!("{tree:?}") };
        assert_eq!(list[0].value, Value::Integer(1));
        assert!(matches!(list[1].value, Value::Float(x) if x == 0.0 && x.is_sign_negative()));
        assert_eq!(list[2].value, Value::Float(f64::INFINITY));
    }

    #[test]
    fn what_is_not_json_is_refused_with_a_place() {
        for bad in [
            "",
            " ",
            "{",
            "[1,]",
            "[1 2]",
            "{a:1}",
            "{'a':1}",
            "// c\n1",
            "/* */1",
            "[+1]",
            "[.5]",
            "[5.]",
            "[0x1]",
            "[NaN]",
            "[Infinity]",
            "[01]",
            "[1] 2",
            "\"\u{1}\"",
            "\"a\nb\"",
            "\"\\x41\"",
            "\"\\ud800\"",
            "[-]",
            "[1e]",
            "\u{a0}1",
            "{\"a\" 1}",
            "{\"a\":}",
            "]",
            "tru",
            "[\"a]",
        ] {
            let e = read(bad).expect_err(bad);
            assert_eq!(e.code, Code::Syntax, "{bad}: {e}");
            assert!(e.place.as_ref().is_some_and(|p| p.line > 0), "{bad}: {e}");
        }
        let e = read("{\"a\": 1,\n \"a\": 2}").expect_err("twice");
        assert_eq!((e.code, e.place.map(|p| (p.line, p.column))), (Code::NameTwice, Some((2, 2))));
        assert_eq!(read(&"[".repeat(100_000)).expect_err("deep").code, Code::TooDeep);
        let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
        assert!(read(&fits).is_ok());
    }
}
