//! Linear expressions over named rewards: `goal - 0.05*step`, `2*goal + 1`, `goal - x*step`.
//!
//! Grammar: sums of products; a product has at most one factor that names a reward. Names are read longest
//! first from the names the model knows, so `old-growth` is a name where the model has one. A name can always be
//! written in backticks. `x` is the free coefficient of a sweep unless the model has a reward of that name.

use std::collections::BTreeMap;
use std::fmt;

use dashu_ratio::RBig;

use crate::base::number::{Number, shortest};
use crate::base::{Code, Diag, Result};

/// `constant + sum of coefficient * reward`, each coefficient affine in the free variable `x`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// As typed.
    pub text: String,
    /// Reward name to coefficient; the constant has the name "".
    pub terms: BTreeMap<String, Affine>,
    /// The same coefficients as written.
    exact: Terms,
}

/// `fixed + slope x`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Affine {
    /// Value at `x = 0`.
    pub fixed: f64,
    /// Factor of `x`.
    pub slope: f64,
}

impl Affine {
    /// Value at `x`.
    pub fn at(self, x: f64) -> f64 {
        f64::mul_add(self.slope, x, self.fixed)
    }
}

impl Linear {
    /// Reads an expression over the names `known`.
    pub fn parse<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut known: Vec<&str> = known.into_iter().filter(|n| !n.is_empty()).collect();
        known.sort_by_key(|n| std::cmp::Reverse(n.len()));
        let mut parser = Parser { text, at: 0, known, depth: 0 };
        let terms = parser.sum()?;
        parser.space();
        if parser.at < text.len() {
            return parser.refuse("something is left over here").err();
        }
        let linear = Linear::of(text.trim(), terms);
        let all_finite = linear.terms.values().all(|c| c.fixed.is_finite() && c.slope.is_finite());
        if !all_finite {
            return Diag::new(Code::Expression, format!("`{text}` has a coefficient that is not finite")).err();
        }
        Ok(linear)
    }

    fn of(text: &str, exact: Terms) -> Self {
        let nearest = |x: &RBig| x.to_f64().value();
        let affine = |c: &Exact| Affine { fixed: nearest(&c.fixed), slope: nearest(&c.slope) };
        let terms = exact.iter().map(|(name, c)| (name.clone(), affine(c))).collect();
        Linear { text: text.to_owned(), terms, exact }
    }

    /// From coefficients in doubles, each standing for the shortest decimal that reads as it.
    pub fn of_doubles(text: impl Into<String>, terms: BTreeMap<String, Affine>) -> Self {
        let written = |c: &Affine| Exact { fixed: shortest(c.fixed), slope: shortest(c.slope) };
        let exact = terms.iter().map(|(name, c)| (name.clone(), written(c))).collect();
        Linear { text: text.into(), terms, exact }
    }

    /// The expression without its free variable: what stands beside it, and what it multiplies.
    pub fn parts(&self) -> [Linear; 2] {
        let zero = RBig::ZERO;
        let only = |pick: fn(&Exact) -> &RBig| {
            let parts = self.exact.iter().map(|(name, c)| (name, pick(c))).filter(|(_, c)| **c != zero);
            let terms = parts.map(|(name, c)| (name.clone(), Exact { fixed: c.clone(), slope: RBig::ZERO }));
            Linear::of(&self.text, terms.collect())
        };
        [only(|c| &c.fixed), only(|c| &c.slope)]
    }

    /// The same with another text and the exact difference of each coefficient from another expression's, at `x = 0`.
    pub fn minus(&self, other: &Linear) -> BTreeMap<String, RBig> {
        let mut rest: BTreeMap<String, RBig> = self.exact.iter().map(|(n, c)| (n.clone(), c.fixed.clone())).collect();
        for (name, c) in &other.exact {
            *rest.entry(name.clone()).or_default() -= &c.fixed;
        }
        rest.retain(|_, c| *c != RBig::ZERO);
        rest
    }

    /// The coefficient of a reward at `x`, as written; `double` is what doubles say of it.
    pub fn coefficient(&self, name: &str, double: Affine, x: f64) -> Number {
        match self.exact.get(name) {
            Some(c) if c.slope == RBig::ZERO => Number { value: double.fixed, exact: c.fixed.clone() },
            Some(c) => Number::of(&c.fixed + &c.slope * shortest(x)),
            None => Number::from(double.at(x)),
        }
    }

    /// Whether the expression contains the free variable.
    pub fn has_x(&self) -> bool {
        self.terms.values().any(|c| c.slope != 0.0)
    }
}

impl fmt::Display for Linear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

type Terms = BTreeMap<String, Exact>;

/// `fixed + slope x` as written.
#[derive(Clone, Debug, Default, PartialEq)]
struct Exact {
    fixed: RBig,
    slope: RBig,
}

impl Exact {
    fn number(fixed: RBig) -> Self {
        Exact { fixed, slope: RBig::ZERO }
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    known: Vec<&'a str>,
    depth: usize,
}

/// Deepest nesting of parentheses; keeps the recursion far from the end of the stack.
const MAX_DEPTH: usize = 64;

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, c: char) -> bool {
        self.space();
        let found = self.rest().starts_with(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn refuse(&self, why: &str) -> Diag {
        let column = 1 + self.text[..self.at].chars().count();
        Diag::new(Code::Expression, format!("cannot read the reward `{}`: {why} (character {column})", self.text))
            .expected("a linear expression such as `goal - 0.05*step` or `2*goal + 1`")
    }

    fn sum(&mut self) -> Result<Terms> {
        let mut is_minus = self.eat('-');
        if !is_minus {
            self.eat('+');
        }
        let mut total = Terms::new();
        loop {
            for (name, c) in self.product()? {
                let entry = total.entry(name).or_default();
                if is_minus {
                    entry.fixed -= c.fixed;
                    entry.slope -= c.slope;
                } else {
                    entry.fixed += c.fixed;
                    entry.slope += c.slope;
                }
            }
            if self.eat('+') {
                is_minus = false;
            } else if self.eat('-') {
                is_minus = true;
            } else {
                return Ok(total);
            }
        }
    }

    fn product(&mut self) -> Result<Terms> {
        let mut left = self.factor()?;
        loop {
            if self.eat('*') {
                let right = self.factor()?;
                left = self.multiply(left, right)?;
            } else if self.eat('/') {
                let right = self.factor()?;
                match scalar(&right) {
                    Some(d) if d.slope == RBig::ZERO && d.fixed != RBig::ZERO => {
                        left.values_mut().for_each(|c| {
                            c.fixed /= &d.fixed;
                            c.slope /= &d.fixed;
                        });
                    }
                    _ => return self.refuse("only a number other than 0 can divide").err(),
                }
            } else {
                return Ok(left);
            }
        }
    }

    fn multiply(&self, left: Terms, right: Terms) -> Result<Terms> {
        let (factor, mut terms) = match (scalar(&left), scalar(&right)) {
            (Some(c), _) => (c, right),
            (_, Some(c)) => (c, left),
            _ => return self.refuse("two rewards cannot be multiplied").err(),
        };
        for c in terms.values_mut() {
            if c.slope != RBig::ZERO && factor.slope != RBig::ZERO {
                return self.refuse("`x` may appear only once in a product").err();
            }
            let slope = &c.fixed * &factor.slope + &c.slope * &factor.fixed;
            *c = Exact { fixed: &c.fixed * &factor.fixed, slope };
        }
        Ok(terms)
    }

    fn factor(&mut self) -> Result<Terms> {
        self.space();
        if self.eat('(') {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return self.refuse("too many parentheses").err();
            }
            let inner = self.sum()?;
            self.depth -= 1;
            return if self.eat(')') { Ok(inner) } else { self.refuse("a `)` is missing").err() };
        }
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('`') {
            let Some(end) = quoted.find('`') else {
                return self.refuse("a closing backtick is missing").err();
            };
            let name = &quoted[..end];
            if !self.known.contains(&name) {
                return self.unknown(name).err();
            }
            self.at += end + 2;
            return Ok(single(name, Exact::number(RBig::ONE)));
        }
        let boundary = |after: &str| !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if let Some(name) = self.known.iter().find(|n| rest.strip_prefix(**n).is_some_and(boundary)) {
            self.at += name.len();
            return Ok(single(name, Exact::number(RBig::ONE)));
        }
        let digits = number_len(rest);
        if digits > 0 {
            let Some(value) = Number::parse(&rest[..digits]) else {
                return self.refuse("this number cannot be read").err();
            };
            self.at += digits;
            return Ok(single("", Exact::number(value.exact)));
        }
        let word_len = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        match &rest[..word_len] {
            "x" => {
                self.at += 1;
                Ok(single("", Exact { fixed: RBig::ZERO, slope: RBig::ONE }))
            }
            "" => self.refuse("a number or the name of a reward is missing").err(),
            word => self.unknown(word).err(),
        }
    }

    fn unknown(&self, name: &str) -> Diag {
        Diag::new(Code::RewardUnknown, format!("there is no reward `{name}`"))
            .nearest(name, self.known.iter().rev().copied())
    }
}

fn single(name: &str, c: Exact) -> Terms {
    Terms::from([(name.to_owned(), c)])
}

fn scalar(terms: &Terms) -> Option<Exact> {
    match terms.len() {
        1 => terms.get("").cloned(),
        _ => None,
    }
}

/// Length of the unsigned decimal at the start of `text`; 0 if there is none.
fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut n = digits(0);
    if bytes.get(n) == Some(&b'.') {
        let after = digits(n + 1);
        if n + after == 0 {
            return 0;
        }
        n += 1 + after;
    }
    if n > 0 && matches!(bytes.get(n), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(n + 1), Some(b'+' | b'-')));
        // A name such as `2e` is not a number; the exponent needs digits.
        if bytes.len() > n + 1 + sign {
            let exponent = digits(n + 1 + sign);
            if exponent > 0 {
                n += 1 + sign + exponent;
            }
        }
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, x: f64) -> Vec<(String, f64)> {
        let linear = Linear::parse(text, ["goal", "step", "old-growth", "old"]).unwrap();
        let at = |(n, c): (&String, &Affine)| (n.clone(), linear.coefficient(n, *c, x).value);
        linear.terms.iter().map(at).collect()
    }

    fn pairs(list: &[(&str, f64)]) -> Vec<(String, f64)> {
        list.iter().map(|(n, c)| ((*n).to_owned(), *c)).collect()
    }

    #[test]
    fn expressions_mean_what_they_say() {
        assert_eq!(at("goal", 0.0), pairs(&[("goal", 1.0)]));
        assert_eq!(at("goal - 0.05*step", 0.0), pairs(&[("goal", 1.0), ("step", -0.05)]));
        assert_eq!(at("2*goal + 1", 0.0), pairs(&[("", 1.0), ("goal", 2.0)]));
        assert_eq!(at("-(goal - 3*(step+step))/2", 0.0), pairs(&[("goal", -0.5), ("step", 3.0)]));
        assert_eq!(at("goal-x*step", 0.25), pairs(&[("goal", 1.0), ("step", -0.25)]));
        assert_eq!(at("old-growth - old", 0.0), pairs(&[("old", -1.0), ("old-growth", 1.0)]));
        assert_eq!(at("`old`-1e-2 * goal", 0.0), pairs(&[("goal", -0.01), ("old", 1.0)]));
    }

    #[test]
    fn what_is_not_linear_is_refused_with_a_reason() {
        let known = ["goal", "step"];
        for bad in
            ["", "goal*step", "goal/0", "goal/step", "x*x*goal", "goal +", "(goal", "goal goal", "1e999*goal", "goal $"]
        {
            assert!(Linear::parse(bad, known).is_err(), "{bad}");
        }
        let deep = "(".repeat(100_000);
        assert!(Linear::parse(&deep, known).is_err());
        let slip = Linear::parse("gaol", known).unwrap_err();
        assert_eq!(slip.help.as_deref(), Some("did you mean `goal`?"));
    }
}
