//! A declared study: models and rewards by name, and what to ask about them.

use std::path::Path;

use super::access::{Access, Fields};
use super::document::{Field, Node, Value, quoted};
use super::text::Text;
use crate::base::{Code, Result, Source};
use crate::model::raw::At;

/// What `format` must say.
pub const FORMAT: &str = "truenorth-study/1";

const FILE: &str = "the study file";
const FIELDS: &[&str] = &["format", "title", "description", "models", "rewards", "analysis"];
const MODEL_FIELDS: &[&str] = &["model", "gamma", "mu0", "seed"];
const FAMILY_FIELDS: &[&str] = &["family", "x"];
/// Most members of a family or of a list: beyond it a slip is likelier than a wish.
const MAX_MEMBERS: usize = 10_000;

/// A study file as read, nothing resolved.
#[derive(Clone, Debug)]
pub struct StudyFile {
    /// For messages.
    pub source: Source,
    /// What the study asks, in a few words.
    pub title: String,
    /// More words, for the head of the report.
    pub description: Option<String>,
    /// Models by name.
    pub models: Vec<Named<StudyModel>>,
    /// Rewards and families of rewards by name.
    pub rewards: Vec<Named<Vec<Member>>>,
    /// What is asked, in order.
    pub analyses: Vec<Analysis>,
}

/// Something under a name of the file.
#[derive(Clone, Debug)]
pub struct Named<T> {
    /// Its name.
    pub name: At<String>,
    /// What it stands for.
    pub value: T,
}

/// A model and changes to it; several seeds stand for several models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StudyModel {
    /// A path or `gallery:NAME`.
    pub model: String,
    /// Another discount, as typed.
    pub gamma: Option<String>,
    /// Another start.
    pub mu0: Option<String>,
    /// Seeds of a random model.
    pub seeds: Vec<String>,
}

/// One reward of a name: the member of a family at a value of `x`, or the only one.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// `x = 0.02` in a family, empty for a single reward.
    pub label: String,
    /// A reward argument.
    pub expression: String,
}

/// One `[[analysis]]`.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The command it runs, and where that stands.
    pub run: At<String>,
    /// Its heading in the report.
    pub title: Option<String>,
    /// Words below the heading.
    pub note: Option<String>,
    /// Arguments of the command: key, and its words.
    pub fields: Vec<Named<Vec<Word>>>,
}

/// A value of an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum Word {
    /// Text, or a number as written on a command line.
    Text(String),
    /// A flag without a value.
    Flag(bool),
}

/// Reads a `.toml` or `.json` study file.
pub fn read(path: &Path) -> Result<StudyFile> {
    let (text, parse) = super::read_document(path, "a study file")?;
    from_text(&text, parse)
}

/// Reads a study file that is already in memory.
pub fn from_text(text: &Text, parse: super::Parse) -> Result<StudyFile> {
    let access = Access { source: &text.source };
    let mut fields = access.table(parse(&text.source, &text.text)?, FILE, FIELDS)?;
    check_format(&access, &mut fields)?;
    let title = access.text(fields.need(&access, FILE, "title", "`title`: what the study asks")?, "`title`")?.value;
    let description = optional_text(&access, &mut fields, "description")?;
    let models = named(&access, fields.take("models"), "`models`", model)?;
    let rewards = named(&access, fields.take("rewards"), "`rewards`", reward)?;
    let list = fields.need(&access, FILE, "analysis", "an `[[analysis]]` with `run = \"compare\"`")?;
    let list = access.list(list, "`analysis`", "a list of tables: one `[[analysis]]` for each question")?;
    let analyses: Vec<Analysis> = list.value.into_iter().map(|node| analysis(&access, node)).collect::<Result<_>>()?;
    if analyses.is_empty() {
        return access
            .refuse(Code::WrongShape, list.at, "the study asks nothing")
            .expected("at least one `[[analysis]]`")
            .err();
    }
    Ok(StudyFile { source: text.source.clone(), title, description, models, rewards, analyses })
}

fn check_format(access: &Access, fields: &mut Fields) -> Result<()> {
    let node = fields.need(access, FILE, "format", &format!("`format = \"{FORMAT}\"`"))?;
    let found = access.text(node, "`format`")?;
    match found.value == FORMAT {
        true => Ok(()),
        false => access
            .refuse(Code::FormatVersion, found.at, format!("`format` is {}", quoted(&found.value)))
            .expected(format!("`{FORMAT}`"))
            .help("a model is not a study; a study names models under `[models]`")
            .err(),
    }
}

fn optional_text(access: &Access, fields: &mut Fields, key: &str) -> Result<Option<String>> {
    fields.take(key).map(|f| access.text(f.node, &format!("`{key}`")).map(|t| t.value)).transpose()
}

/// A table whose keys are names.
fn named<T>(
    access: &Access,
    field: Option<Field>,
    what: &str,
    read: impl Fn(&Access, Node, &str) -> Result<T>,
) -> Result<Vec<Named<T>>> {
    let Some(field) = field else { return Ok(Vec::new()) };
    let table = access.open_table(field.node, what, "a table of names")?;
    let one = |f: Field| {
        let value = read(access, f.node, &format!("{} of {what}", quoted(&f.key)))?;
        Ok(Named { name: At { value: f.key.into_owned(), at: f.at }, value })
    };
    table.fields.into_iter().map(one).collect()
}

fn model(access: &Access, node: Node, what: &str) -> Result<StudyModel> {
    if let Value::String(name) = &node.value {
        return Ok(StudyModel { model: name.clone().into_owned(), ..StudyModel::default() });
    }
    let mut fields = access.table(node, what, MODEL_FIELDS)?;
    let model = access.text(fields.need(access, what, "model", "`model`: a path or gallery:NAME")?, "`model`")?.value;
    let scalar = |fields: &mut Fields, key: &str| {
        fields.take(key).map(|f| word(access, &f.node, &format!("`{key}` of {what}"))).transpose()
    };
    let (gamma, mu0) = (scalar(&mut fields, "gamma")?, scalar(&mut fields, "mu0")?);
    let seeds = match fields.take("seed") {
        None => Vec::new(),
        Some(f) => words(access, f.node, &format!("`seed` of {what}"))?,
    };
    Ok(StudyModel { model, gamma, mu0, seeds })
}

fn reward(access: &Access, node: Node, what: &str) -> Result<Vec<Member>> {
    if let Value::String(expression) = &node.value {
        return Ok(vec![Member { label: String::new(), expression: expression.clone().into_owned() }]);
    }
    let at = node.at;
    let mut fields = access.table(node, what, FAMILY_FIELDS)?;
    let example = "`family`: an expression in x, such as \"goal - x*step\"";
    let family = access.text(fields.need(access, what, "family", example)?, "`family`")?.value;
    let xs = words(access, fields.need(access, what, "x", "`x`: a list of numbers")?, &format!("`x` of {what}"))?;
    let members: Vec<Member> =
        xs.iter().map(|x| Member { label: format!("x = {x}"), expression: substituted(&family, x) }).collect();
    match members.iter().any(|m| m.expression != family) {
        true => Ok(members),
        false => access
            .refuse(Code::Expression, at, format!("the family {} has no `x`", quoted(&family)))
            .expected("an expression in x, such as \"goal - x*step\"")
            .err(),
    }
}

/// The expression with a number in the place of `x`, where `x` stands as a word of its own.
fn substituted(family: &str, x: &str) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
    let mut out = String::new();
    let mut before = None;
    let mut rest = family.chars().peekable();
    while let Some(c) = rest.next() {
        match c == 'x' && !is_word(before) && !is_word(rest.peek().copied()) {
            // A negative number after a minus stays one number.
            true if x.starts_with('-') => out.push_str(&format!("({x})")),
            true => out.push_str(x),
            false => out.push(c),
        }
        before = Some(c);
    }
    out
}

fn analysis(access: &Access, node: Node) -> Result<Analysis> {
    const WHAT: &str = "an `[[analysis]]`";
    let mut fields = access.open_table(node, WHAT, "a table with `run` and the arguments of that command")?;
    let run = access.text(fields.need(access, WHAT, "run", "`run = \"compare\"`, or another command")?, "`run`")?;
    let title = optional_text(access, &mut fields, "title")?;
    let note = optional_text(access, &mut fields, "note")?;
    let argument = |f: Field| {
        let what = format!("`{}`", f.key);
        let value = match f.node.value {
            Value::Bool(is_on) => vec![Word::Flag(is_on)],
            _ => words(access, f.node, &what)?.into_iter().map(Word::Text).collect(),
        };
        Ok(Named { name: At { value: f.key.into_owned(), at: f.at }, value })
    };
    let fields = fields.fields.into_iter().map(argument).collect::<Result<_>>()?;
    Ok(Analysis { run, title, note, fields })
}

/// One text or number, or a list of them.
fn words(access: &Access, node: Node, what: &str) -> Result<Vec<String>> {
    match node.value {
        Value::Array(list) if list.len() > MAX_MEMBERS => access
            .refuse(Code::TooLarge, node.at, format!("{what} has {} elements", list.len()))
            .expected(format!("at most {MAX_MEMBERS}"))
            .err(),
        Value::Array(list) => list.iter().map(|node| word(access, node, what)).collect(),
        _ => word(access, &node, what).map(|word| vec![word]),
    }
}

/// A text, or a number as it would be typed.
fn word(access: &Access, node: &Node, what: &str) -> Result<String> {
    match &node.value {
        Value::String(text) => Ok(text.clone().into_owned()),
        Value::Integer(i) => Ok(i.to_string()),
        Value::Float(x) if x.is_finite() => Ok(x.to_string()),
        _ => access.wrong(node, what, "a text or a number, or a list of them").err(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<StudyFile> {
        from_text(&Text::new("s.toml", text), super::super::toml::parse)
    }

    const HEAD: &str = "format = \"truenorth-study/1\"\ntitle = \"t\"\n";

    #[test]
    fn names_families_and_arguments_are_read() {
        let study = parsed(&format!(
            "{HEAD}[models]\nlake = \"gallery:frozenlake-4x4\"\nmany = {{ model = \"gallery:garnet\", seed = [1, 2], gamma = 0.9 }}\n\
             [rewards]\ntruth = \"goal\"\nhurry = {{ family = \"goal - x*extra_x\", x = [0.5, -1] }}\n\
             [[analysis]]\nrun = \"compare\"\nmodel = [\"lake\", \"many\"]\nlog = true\n"
        ))
        .expect("read");
        assert_eq!(study.models[1].value.seeds, ["1", "2"]);
        assert_eq!(study.models[1].value.gamma.as_deref(), Some("0.9"));
        let members = &study.rewards[1].value;
        assert_eq!(members[0], Member { label: "x = 0.5".into(), expression: "goal - 0.5*extra_x".into() });
        assert_eq!(members[1].expression, "goal - (-1)*extra_x");
        let fields = &study.analyses[0].fields;
        assert_eq!(fields[0].value, [Word::Text("lake".into()), Word::Text("many".into())]);
        assert_eq!(fields[1].value, [Word::Flag(true)]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, line, says) in [
            ("title = \"t\"\n", 1, "`format`"),
            ("format = \"truenorth-mdp/1\"\ntitle = \"t\"\n", 1, "a model is not a study"),
            (&format!("{HEAD}analysis = []\n"), 3, "asks nothing"),
            (&format!("{HEAD}[[analysis]]\nmodel = \"lake\"\n"), 3, "`run`"),
            (&format!("{HEAD}[rewards]\nr = {{ family = \"goal\", x = [1] }}\n"), 4, "has no `x`"),
            (&format!("{HEAD}[models]\nm = {{ modle = \"a\" }}\n"), 4, "did you mean `model`"),
            (&format!("{HEAD}[[analysis]]\nrun = \"compare\"\nmodel = {{}}\n"), 5, "a text or a number"),
        ] {
            let refused = parsed(text).expect_err(text);
            assert!(refused.to_string().contains(says), "{refused}");
            assert_eq!(refused.place.as_ref().map(|p| p.line), Some(line), "{refused}");
        }
    }
}
