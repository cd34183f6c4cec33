//! `--assert 'KEY<=NUMBER'`: conditions on the result, certain or failed.

use serde_json::Value;

use truenorth::base::{Code, Diag, Result, diag, number};

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion {
    text: String,
    key: String,
    relation: Relation,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Relation {
    AtMost,
    AtLeast,
    Equal,
    Different,
    Below,
    Above,
}

#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    Number(f64),
    Bool(bool),
    Word(String),
}

/// Longer signs first, so that `<=` is not read as `<`.
const RELATIONS: [(&str, Relation); 6] = [
    ("<=", Relation::AtMost),
    (">=", Relation::AtLeast),
    ("==", Relation::Equal),
    ("!=", Relation::Different),
    ("<", Relation::Below),
    (">", Relation::Above),
];

impl Assertion {
    /// Reads `KEY RELATION VALUE`.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Diag::new(Code::Usage, format!("cannot read the assertion `{text}`: {why}"))
                .expected("a key of the result, one of <= >= == != < >, and a number, true, false or a word")
                .help("--assert 'starc-range<=0.1'")
                .err()
        };
        let found = text.char_indices().find_map(|(i, _)| {
            RELATIONS.iter().find(|(sign, _)| text[i..].starts_with(sign)).map(|&(sign, relation)| (i, sign, relation))
        });
        let Some((at, sign, relation)) = found else {
            return refuse("it compares nothing");
        };
        let (key, value) = (text[..at].trim(), text[at + sign.len()..].trim());
        if key.is_empty() || value.is_empty() {
            return refuse("a side is missing");
        }
        let wanted = match (value, number::parse(value)) {
            (_, Some(x)) => Wanted::Number(x),
            ("true", _) => Wanted::Bool(true),
            ("false", _) => Wanted::Bool(false),
            (word, _)
                if word.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
                    && !word.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Wanted::Word(word.to_owned())
            }
            _ => return refuse("the right side is not a number"),
        };
        let ordered = !matches!(relation, Relation::Equal | Relation::Different);
        if ordered && !matches!(wanted, Wanted::Number(_)) {
            return refuse("only numbers are larger or smaller");
        }
        Ok(Assertion { text: text.trim().to_owned(), key: key.to_owned(), relation, wanted })
    }

    /// `None` if the condition holds for certain, else what was found instead, and whether that leaves it open.
    ///
    /// A key is the dotted path of an entry of the JSON result or the end of one, such as `worst_case` for
    /// `regret.worst_case`; of several, the one nearest to the top, and of these the first.
    pub fn check(&self, result: &Value) -> Result<Option<Failure>> {
        let mut leaves = Vec::new();
        collect(result, "", &mut leaves);
        // A stable sort keeps the order of the result among equally deep keys.
        leaves.sort_by_key(|leaf| leaf.depth);
        let fits = |leaf: &&Leaf<'_>| leaf.path == self.key || leaf.path.ends_with(&format!(".{}", self.key));
        let Some(leaf) = leaves.iter().find(fits) else {
            let last = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
            let mut known: Vec<String> = leaves
                .iter()
                .filter(|l| interval(l.value).is_some() || l.value.is_boolean())
                .map(|l| last(&l.path))
                .collect();
            known.extend(leaves.iter().map(|l| l.path.clone()));
            let diag = Diag::new(Code::Usage, format!("the result has no entry `{}`", self.key));
            return match diag::nearest(&self.key, known.iter().map(String::as_str)) {
                Some(near) => diag.help(format!("did you mean `{near}`?")),
                None => diag.help("--json shows every entry; write the path with dots"),
            }
            .err();
        };
        let holds = match (&self.wanted, interval(leaf.value), leaf.value) {
            (Wanted::Number(x), Some((lo, hi)), _) => self.relation.holds(lo, hi, *x),
            (Wanted::Bool(x), _, Value::Bool(found)) => (x == found) == (self.relation == Relation::Equal),
            // Undecided: neither it nor its opposite is shown.
            (Wanted::Bool(_), _, Value::Null) => false,
            (Wanted::Word(x), _, Value::String(found)) => (x == found) == (self.relation == Relation::Equal),
            _ => {
                return Diag::new(
                    Code::Usage,
                    format!("`{}` cannot be compared: it is {}", leaf.path, kind(leaf.value)),
                )
                .help("compare numbers with numbers, and true or false with themselves")
                .err();
            }
        };
        let is_open = match (&self.wanted, interval(leaf.value)) {
            (Wanted::Number(x), Some((lo, hi))) => !self.relation.opposite().holds(lo, hi, *x),
            _ => leaf.value.is_null(),
        };
        Ok((!holds).then(|| {
            let found = match interval(leaf.value) {
                Some((lo, hi)) if lo < hi => format!("between {lo} and {hi}"),
                Some((lo, _)) => lo.to_string(),
                None if leaf.value.is_null() => "undecided".to_owned(),
                None => leaf.value.to_string(),
            };
            Failure { text: format!("{}: {} is {found}", self.text, leaf.path), is_open }
        }))
    }
}

/// A condition that was not shown to hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The condition and what was found.
    pub text: String,
    /// Whether what was found is compatible with it.
    pub is_open: bool,
}

impl Relation {
    /// What holds where this does not.
    fn opposite(self) -> Self {
        match self {
            Relation::AtMost => Relation::Above,
            Relation::AtLeast => Relation::Below,
            Relation::Below => Relation::AtLeast,
            Relation::Above => Relation::AtMost,
            Relation::Equal => Relation::Different,
            Relation::Different => Relation::Equal,
        }
    }

    /// Whether every number from `lo` to `hi` stands in this relation to `x`.
    fn holds(self, lo: f64, hi: f64, x: f64) -> bool {
        match self {
            Relation::AtMost => hi <= x,
            Relation::AtLeast => lo >= x,
            Relation::Below => hi < x,
            Relation::Above => lo > x,
            Relation::Equal => lo == x && hi == x,
            Relation::Different => hi < x || lo > x,
        }
    }
}

struct Leaf<'a> {
    path: String,
    depth: usize,
    value: &'a Value,
}

fn collect<'a>(value: &'a Value, path: &str, out: &mut Vec<Leaf<'a>>) {
    let Value::Object(map) = value else { return };
    for (key, value) in map {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let depth = path.matches('.').count();
        if interval(value).is_none() {
            collect(value, &path, out);
        }
        out.push(Leaf { path, depth, value });
    }
}

/// Bounds of a number or of a bounded number.
fn interval(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Number(x) => x.as_f64().map(|x| (x, x)),
        // A bound that is not finite is null.
        Value::Object(map) => Some((
            map.get("lo")?.as_f64().unwrap_or(f64::NEG_INFINITY),
            map.get("hi")?.as_f64().unwrap_or(f64::INFINITY),
        )),
        _ => None,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "not defined here",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a word",
        Value::Array(_) => "a list",
        Value::Object(map) if map.contains_key("undefined") => "not defined here",
        Value::Object(map) if map.contains_key("lo") => "a number",
        Value::Object(_) => "a group of entries",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn result() -> Value {
        json!({
            "same_order": false,
            "outcome": "converged",
            "distances": { "starc-range": { "value": 0.5, "lo": 0.4, "hi": 0.6, "grade": "certified" }, "epic": null },
            "regret": { "worst_case": { "value": 2.0, "lo": 2.0, "hi": 2.0, "grade": "exact" }, "lambda": 0.25 },
            "regret_reverse": { "worst_case": { "value": 3.0, "lo": 3.0, "hi": 3.0, "grade": "exact" } },
        })
    }

    fn holds(text: &str) -> bool {
        Assertion::parse(text).and_then(|a| a.check(&result())).expect(text).is_none()
    }

    #[test]
    fn bounds_decide_and_doubt_fails() {
        for yes in ["starc-range<=0.6", "starc-range >= 2/5", "starc-range!=0.7", "worst_case==2", "regret.lambda<1"] {
            assert!(holds(yes), "{yes}");
        }
        for no in ["starc-range<=0.5", "starc-range<0.6", "starc-range==0.5", "starc-range!=0.5", "worst_case==3"] {
            assert!(!holds(no), "{no}");
        }
        assert!(holds("regret_reverse.worst_case==3"));
    }

    #[test]
    fn words_and_truth_values_are_compared() {
        assert!(holds("same_order==false") && holds("same_order!=true") && holds("outcome==converged"));
        assert!(!holds("same_order==true") && !holds("outcome!=converged"));
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["", "x", "<=1", "x<=", "x<=1e999", "x<true", "same_order<1 2"] {
            assert_eq!(Assertion::parse(bad).expect_err(bad).code, Code::Usage, "{bad}");
        }
        for bad in ["epic<=1", "distances<=1", "same_order<=1", "starc-range==true", "starc-rnage<=1"] {
            let e = Assertion::parse(bad).expect(bad).check(&result()).expect_err(bad);
            assert_eq!(e.code, Code::Usage, "{bad}");
        }
        let slip = Assertion::parse("starc-rnage<=1").expect("read").check(&result()).expect_err("unknown");
        assert_eq!(slip.help.as_deref(), Some("did you mean `starc-range`?"));
    }
}
