//! Pieces several claims are made of: rewards, bounds, policies.

use dashu_ratio::RBig;
use serde_json::value::RawValue;

use super::bound::{Choice, Sense};
use super::json::{Fields, Reader, list, object, quoted};
use super::number::{Range, shown, text};
use crate::base::{Code, Result};

/// A linear combination of named rewards; the name "" is the constant 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms(pub Vec<(String, RBig)>);

impl Terms {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let term = |raw| {
            let (name, c) = reader.pair(raw, "a term of a reward")?;
            Ok((reader.string(name, "the name of a reward")?, reader.number(c, "the factor of a reward")?))
        };
        let list: Vec<&RawValue> = reader.list(raw, "a reward")?;
        list.into_iter().map(term).collect::<Result<_>>().map(Terms)
    }

    pub(super) fn write(&self) -> String {
        list(self.0.iter().map(|(name, c)| list([quoted(name), text(c)])))
    }
}

impl std::fmt::Display for Terms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("0");
        }
        for (i, (name, c)) in self.0.iter().enumerate() {
            let is_negative = *c < RBig::ZERO;
            f.write_str(match (i, is_negative) {
                (0, false) => "",
                (0, true) => "-",
                (_, false) => " + ",
                (_, true) => " - ",
            })?;
            let size = text(&if is_negative { -c } else { c.clone() });
            let size = size.trim_matches('"');
            match (name.as_str(), size) {
                ("", _) => f.write_str(size)?,
                (name, "1") => f.write_str(name)?,
                (name, _) => write!(f, "{size}*{name}")?,
            }
        }
        Ok(())
    }
}

/// Bounds of every state.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// From below.
    pub lo: Vec<RBig>,
    /// From above.
    pub hi: Vec<RBig>,
}

impl Bounds {
    pub(super) fn read(reader: &Reader<'_>, raw: &RawValue) -> Result<Self> {
        let fields = reader.object(raw, "the bounds of all states", &["lo", "hi"])?;
        let numbers = |name| reader.numbers(fields.need(name)?, "a bound of a state");
        Ok(Bounds { lo: numbers("lo")?, hi: numbers("hi")? })
    }

    pub(super) fn write(&self) -> String {
        object(&[("lo", numbers(&self.lo)), ("hi", numbers(&self.hi))])
    }
}

/// The bounds of one number.
pub(super) fn read_range(reader: &Reader<'_>, raw: &RawValue, what: &str) -> Result<Range> {
    let fields = reader.object(raw, what, &["lo", "hi"])?;
    Ok(Range { lo: reader.number(fields.need("lo")?, what)?, hi: reader.number(fields.need("hi")?, what)? })
}

pub(super) fn write_range(range: &Range) -> String {
    object(&[("lo", text(&range.lo)), ("hi", text(&range.hi))])
}

/// The bounds of one number, for people.
pub(super) fn between(range: &Range) -> String {
    format!("between {} and {}", shown(&range.lo, false), shown(&range.hi, true))
}

pub(super) fn numbers(xs: &[RBig]) -> String {
    list(xs.iter().map(text))
}

pub(super) fn read_sense(reader: &Reader<'_>, raw: &RawValue) -> Result<Sense> {
    match reader.string(raw, "the sense")?.as_str() {
        "max" => Ok(Sense::Max),
        "min" => Ok(Sense::Min),
        other => reader
            .refuse(Code::WrongType, reader.at(raw), format!("there is no sense `{other}`"))
            .expected("max or min")
            .err(),
    }
}

pub(super) fn sense_word(sense: Sense) -> &'static str {
    match sense {
        Sense::Max => "max",
        Sense::Min => "min",
    }
}

/// One entry a state: `null`, an action, or `[action, probability]` pairs.
pub(super) fn read_policy(reader: &Reader<'_>, raw: &RawValue) -> Result<Vec<Choice>> {
    let choice = |raw: &&RawValue| match raw.get().as_bytes().first() {
        Some(b'n') => Ok(Choice::None),
        Some(b'[') => {
            let part = |raw: &RawValue| {
                let (a, p) = reader.pair(raw, "an entry of a policy")?;
                Ok((reader.index(a, "an action of a policy")?, reader.number(p, "a probability of a policy")?))
            };
            let parts: Vec<&RawValue> = reader.list(raw, "an entry of a policy")?;
            parts.into_iter().map(part).collect::<Result<_>>().map(Choice::Mixed)
        }
        _ => reader.index(raw, "an action of a policy").map(Choice::Action),
    };
    reader.list(raw, "a policy")?.iter().map(choice).collect()
}

pub(super) fn write_policy(policy: &[Choice]) -> String {
    list(policy.iter().map(|choice| match choice {
        Choice::None => "null".into(),
        Choice::Action(a) => a.to_string(),
        Choice::Mixed(parts) => list(parts.iter().map(|(a, p)| list([a.to_string(), text(p)]))),
    }))
}

/// A list of states, each with a list of actions.
pub(super) fn read_sets(reader: &Reader<'_>, raw: &RawValue) -> Result<Vec<Vec<usize>>> {
    let set = |raw: &RawValue| {
        let actions: Vec<&RawValue> = reader.list(raw, "the actions of a state")?;
        actions.into_iter().map(|a| reader.index(a, "an action")).collect()
    };
    let states: Vec<&RawValue> = reader.list(raw, "the actions of all states")?;
    states.into_iter().map(set).collect()
}

pub(super) fn write_sets(sets: &[Vec<usize>]) -> String {
    list(sets.iter().map(|set| list(set.iter().map(usize::to_string))))
}

/// The numbers of a field.
pub(super) fn field_numbers(reader: &Reader<'_>, fields: &Fields<'_, '_>, name: &str) -> Result<Vec<RBig>> {
    reader.numbers(fields.need(name)?, "a number of the witness")
}
