//! Reading a certificate's JSON with places, exact numbers, and no field too many or too few.

use dashu_ratio::RBig;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::base::{Code, Diag, Offset, Result, Source, number};

/// A text being read.
pub(super) struct Reader<'a> {
    pub source: &'a Source,
    pub text: &'a str,
}

/// The members of an object, in order, names possibly twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> std::result::Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Members)
    }
}

/// An object whose fields are taken one by one.
pub(super) struct Fields<'r, 'a> {
    reader: &'r Reader<'a>,
    what: &'r str,
    at: Offset,
    members: Vec<(String, &'a RawValue)>,
}

impl<'a> Reader<'a> {
    /// The whole text as one value.
    pub(super) fn root(&self) -> Result<&'a RawValue> {
        serde_json::from_str(self.text).map_err(|e| {
            let said = e.to_string();
            let what = said.rsplit_once(" at line ").map_or(said.as_str(), |(what, _)| what);
            let line_start =
                self.text.split_inclusive('\n').take(e.line().saturating_sub(1)).map(str::len).sum::<usize>();
            let at = Offset((line_start + e.column().saturating_sub(1)) as u32);
            Box::new(
                self.refuse(Code::Syntax, at, format!("not a whole JSON file: {what}"))
                    .help("make the certificate again with --certificate"),
            )
        })
    }

    /// Where a value begins. Every value is borrowed from the text.
    pub(super) fn at(&self, raw: &RawValue) -> Offset {
        Offset((raw.get().as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize) as u32)
    }

    /// A refusal with its place.
    pub(super) fn refuse(&self, code: Code, at: Offset, message: impl Into<String>) -> Diag {
        Diag::new(code, message).at(self.source, at)
    }

    fn wrong_type<T>(&self, raw: &RawValue, what: &str, expected: &str) -> Result<T> {
        self.refuse(Code::WrongType, self.at(raw), format!("{what} is of the wrong type")).expected(expected).err()
    }

    /// An object with no other fields than `known`, none of them twice.
    pub(super) fn object<'r>(&'r self, raw: &'a RawValue, what: &'r str, known: &[&str]) -> Result<Fields<'r, 'a>> {
        let Ok(Members(members)) = serde_json::from_str::<Members<'a>>(raw.get()) else {
            return self.wrong_type(raw, what, "an object");
        };
        for (i, (name, value)) in members.iter().enumerate() {
            if !known.contains(&name.as_str()) {
                return self
                    .refuse(Code::FieldUnknown, self.at(value), format!("{what} has an unknown field `{name}`"))
                    .nearest(name, known.iter().copied())
                    .err();
            }
            if members[..i].iter().any(|(other, _)| other == name) {
                return self
                    .refuse(Code::NameTwice, self.at(value), format!("{what} has the field `{name}` twice"))
                    .err();
            }
        }
        Ok(Fields { reader: self, what, at: self.at(raw), members })
    }

    /// The value of one field, whatever the others are.
    pub(super) fn peek(&self, raw: &'a RawValue, name: &str) -> Option<&'a RawValue> {
        let Members(members) = serde_json::from_str(raw.get()).ok()?;
        members.into_iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A list.
    pub(super) fn list(&self, raw: &'a RawValue, what: &str) -> Result<Vec<&'a RawValue>> {
        serde_json::from_str(raw.get()).or_else(|_| self.wrong_type(raw, what, "a list"))
    }

    /// A list of exactly two values.
    pub(super) fn pair(&self, raw: &'a RawValue, what: &str) -> Result<(&'a RawValue, &'a RawValue)> {
        match self.list(raw, what)?.as_slice() {
            [x, y] => Ok((x, y)),
            list => self
                .refuse(Code::WrongShape, self.at(raw), format!("{what} has {} elements", list.len()))
                .expected("two")
                .err(),
        }
    }

    /// A string.
    pub(super) fn string(&self, raw: &RawValue, what: &str) -> Result<String> {
        serde_json::from_str(raw.get()).or_else(|_| self.wrong_type(raw, what, "a string"))
    }

    /// A number as written, or a quotient in quotes. Nothing is rounded.
    pub(super) fn number(&self, raw: &RawValue, what: &str) -> Result<RBig> {
        let quoted: Option<String> = raw.get().starts_with('"').then(|| serde_json::from_str(raw.get()).ok()).flatten();
        let is_number = raw.get().starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let text = match &quoted {
            Some(text) => text.as_str(),
            None if is_number => raw.get(),
            None => return self.wrong_type(raw, what, "a number or a quotient such as \"1/3\""),
        };
        number::rational(text).ok_or_else(|| {
            Box::new(
                self.refuse(Code::BadNumber, self.at(raw), format!("{what} cannot be read as a number"))
                    .expected("a decimal, or a quotient such as \"1/3\""),
            )
        })
    }

    /// A count or an index.
    pub(super) fn index(&self, raw: &RawValue, what: &str) -> Result<usize> {
        serde_json::from_str(raw.get()).or_else(|_| self.wrong_type(raw, what, "a whole number from 0"))
    }

    /// A list of numbers.
    pub(super) fn numbers(&self, raw: &'a RawValue, what: &str) -> Result<Vec<RBig>> {
        self.list(raw, what)?.into_iter().map(|x| self.number(x, what)).collect()
    }
}

impl<'a> Fields<'_, 'a> {
    /// The value of a field that may be left out.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.members.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The value of a field.
    pub(super) fn need(&self, name: &str) -> Result<&'a RawValue> {
        self.get(name).ok_or_else(|| {
            Box::new(
                self.reader
                    .refuse(Code::FieldMissing, self.at, format!("{} has no field `{name}`", self.what))
                    .expected(format!("`{name}`"))
                    .help("make the certificate again with --certificate"),
            )
        })
    }
}

/// An object of fields that are JSON already.
pub(super) fn object(fields: &[(&str, String)]) -> String {
    let inner: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", inner.join(", "))
}

/// A list of values that are JSON already.
pub(super) fn list(values: impl IntoIterator<Item = String>) -> String {
    let inner: Vec<String> = values.into_iter().collect();
    format!("[{}]", inner.join(", "))
}

/// A string in quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
