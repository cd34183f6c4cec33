//! TOML text to a [`Node`] tree.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::depth;
use super::document::{Field, Node, Value, offset};
use crate::base::{Code, Diag, Result, Source};

/// Reads TOML text.
pub fn parse<'a>(source: &Source, text: &'a str) -> Result<Node<'a>> {
    depth::check_toml(source, text)?;
    let root = DeTable::parse(text).map_err(|e| {
        let at = offset(e.span().map_or(0, |span| span.start));
        let message = e.message().lines().collect::<Vec<_>>().join(", ");
        let twice = message.contains("duplicate key");
        let help = match twice {
            true => "remove or rename one of them; a table continues where its header stands, not twice",
            false => "names with spaces, dots or quotes need quotation marks, as keys too",
        };
        Box::new(
            Diag::new(if twice { Code::NameTwice } else { Code::Syntax }, format!("not valid TOML: {message}"))
                .at(source, at)
                .expected("TOML 1.0")
                .help(help),
        )
    })?;
    table(source, root.into_inner()).map(|value| Node { at: offset(0), value })
}

fn node<'a>(source: &Source, spanned: Spanned<DeValue<'a>>) -> Result<Node<'a>> {
    let at = offset(spanned.span().start);
    let value = match spanned.into_inner() {
        DeValue::Boolean(b) => Value::Bool(b),
        DeValue::String(s) => Value::String(s),
        DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
            // The sign of -0 is kept: it is a float.
            Ok(0) if i.as_str().starts_with('-') => Value::Float(-0.0),
            Ok(value) => Value::Integer(value),
            Err(_) if i.radix() == 10 => Value::Float(i.as_str().parse().unwrap_or(f64::NAN)),
            Err(_) => Value::Float(f64::NAN),
        },
        DeValue::Float(x) => Value::Float(x.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Datetime(_) => {
            return Diag::new(Code::WrongType, "a date or time has no meaning in a model file")
                .at(source, at)
                .expected("a number, a text, a list or a table")
                .help("put it in quotation marks if it is a text")
                .err();
        }
        DeValue::Array(list) => Value::Array(list.into_iter().map(|v| node(source, v)).collect::<Result<_>>()?),
        DeValue::Table(fields) => table(source, fields)?,
    };
    Ok(Node { at, value })
}

/// The crate sorts keys by name; the file's order comes back from their places.
fn table<'a>(source: &Source, fields: DeTable<'a>) -> Result<Value<'a>> {
    let mut list = Vec::with_capacity(fields.len());
    for (key, value) in fields {
        let at = offset(key.span().start);
        list.push(Field { key: key.into_inner(), at, node: node(source, value)? });
    }
    list.sort_by_key(|field| field.at.0);
    Ok(Value::Table(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Offset;

    fn read(text: &str) -> Result<Node<'_>> {
        parse(&Source::text("t.toml", text), text)
    }

    #[test]
    fn values_keep_order_and_places() {
        let tree = read("z = [1, -0, nan]\na.b = 'x'\n[m]\ny = 99999999999999999999\n[c]").expect("valid");
        let Value::Table(fields) = &tree.value else { panic!("{tree:?}") };
        assert_eq!(fields.iter().map(|f| f.key.as_ref()).collect::<Vec<_>>(), ["z", "a", "m", "c"]);
        assert_eq!(fields[1].at, Offset(17));
        let Value::Array(list) = &fields[0].node.value else { panic!("{tree:?}") };
        assert!(matches!(list[1].value, Value::Float(x) if x == 0.0 && x.is_sign_negative()));
        assert!(matches!(list[2].value, Value::Float(x) if x.is_nan()));
        let Value::Table(m) = &fields[2].node.value else { panic!("{tree:?}") };
        assert_eq!(m[0].node.value, Value::Float(1e20));
    }

    #[test]
    fn what_is_not_toml_is_refused_with_a_place() {
        for bad in ["a", "a =", "a = [1 2]", "= 1", "a = 'x", "[a", "a = 1 b = 2", "a b = 1", "a = \"\u{1}\""] {
            let e = read(bad).expect_err(bad);
            assert_eq!(e.code, Code::Syntax, "{bad}: {e}");
            assert!(e.place.as_ref().is_some_and(|p| p.line > 0), "{bad}: {e}");
        }
        for twice in ["a = 1\n a = 2", "[b]\n[b]", "x.y = 1\nx.y = 2"] {
            let e = read(twice).expect_err(twice);
            assert_eq!(e.code, Code::NameTwice, "{e}");
            assert_eq!(e.place.map(|p| p.line), Some(2), "{twice}");
        }
        assert_eq!(read("a = 1979-05-27").expect_err("date").code, Code::WrongType);
        assert_eq!(read(&format!("a = {}", "[".repeat(100_000))).expect_err("deep").code, Code::TooDeep);
        assert!(read(&format!("a = {}{}", "[".repeat(63), "]".repeat(63))).is_ok());
        assert!(read(&format!("{}x = 1", "a.".repeat(60))).is_ok());
    }
}
