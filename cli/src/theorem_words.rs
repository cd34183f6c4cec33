//! The words of `theorem`: statements, verdicts, counterexamples.

use serde_json::{Map, Value, json};

use truenorth_show::answer::SCHEMA;
use truenorth_show::answer::parts::{code, many};
use truenorth_show::report::{Align, Block, Cell, Document, Inline, Prose, Table, Tone};
use truenorth_theorems::check::{
    Case, Counterexample, Expected, Finding, Kind, Mutant, MutantVerdict, Outcome, Paper, Report, Theorem, Verdict,
    Without,
};

/// The word for what a full run is expected to say.
pub fn expected(theorem: &Theorem) -> &'static str {
    match theorem.expected {
        Expected::Held => "held",
        Expected::Refuted => "refuted",
    }
}

/// The text of a hypothesis on one line.
pub fn sentence(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The lines of a theorem's documentation.
pub fn doc_lines(theorem: &Theorem) -> impl Iterator<Item = &'static str> {
    theorem.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line))
}

// ---- list

/// `theorem list` for scripts.
pub fn list_json(theorems: &[&Theorem]) -> Map<String, Value> {
    let one = |theorem: &&Theorem| {
        json!({
            "id": theorem.id,
            "claim": theorem.claim,
            "paper": theorem.paper,
            "number": theorem.number,
            "tags": theorem.tags,
            "kind": kind(theorem),
            "expected": expected(theorem),
            "sharp": theorem.is_sharp,
            "hypotheses": theorem.hypotheses.iter().map(|h| h.name).collect::<Vec<_>>(),
        })
    };
    let mut map = Map::new();
    map.insert("schema".into(), SCHEMA.into());
    map.insert("command".into(), "theorem list".into());
    map.insert("theorems".into(), theorems.iter().map(one).collect());
    map
}

fn kind(theorem: &Theorem) -> &'static str {
    match theorem.kind {
        Kind::Exact => "exact",
        Kind::Bounds => "bounds",
    }
}

/// `theorem list` for people.
pub fn list_document(theorems: &[&Theorem]) -> Document {
    let mut table = Table::new("")
        .column("id", Align::Left)
        .column("claim", Align::Left)
        .column("paper", Align::Left)
        .column("hypotheses", Align::Right);
    for theorem in theorems {
        let claim = match theorem.expected {
            Expected::Held => theorem.claim.to_owned(),
            Expected::Refuted => format!("{} (false)", theorem.claim),
        };
        let n = theorem.hypotheses.len().to_string();
        table = table.row([Cell::from(code(theorem.id)), claim.into(), theorem.paper.into(), n.into()]);
    }
    Document::new("Theorems")
        .lede(format!("{}. `theorem show ID` states one, `theorem run ID` checks it.", many(theorems.len(), "theorem")))
        .block(table)
}

// ---- show

/// A theorem with its paper and what became of it when it was last run for the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// As declared.
    pub theorem: &'a Theorem,
    /// Its paper, if the list has it.
    pub paper: Option<&'a Paper>,
    /// The entry of the catalogue.
    pub last: Option<&'a Value>,
}

impl Shown<'_> {
    /// For scripts.
    pub fn json(&self) -> Map<String, Value> {
        let theorem = self.theorem;
        let hypotheses = theorem.hypotheses.iter().map(|h| {
            let reason = match h.without {
                Without::Redundant(reason) => Value::from(sentence(reason)),
                Without::Broken(_) => Value::Null,
            };
            json!({ "name": h.name, "text": sentence(h.text), "redundant": reason })
        });
        let mut map = Map::new();
        map.insert("schema".into(), SCHEMA.into());
        map.insert("command".into(), "theorem show".into());
        for (key, value) in [
            ("id", json!(theorem.id)),
            ("title", json!(theorem.title())),
            ("claim", json!(theorem.claim)),
            ("paper", json!(theorem.paper)),
            ("number", json!(theorem.number)),
            ("expected", json!(expected(theorem))),
            ("kind", json!(kind(theorem))),
            ("sharp", json!(theorem.is_sharp)),
            ("statement", json!(doc_lines(theorem).collect::<Vec<_>>().join("\n"))),
            ("hypotheses", hypotheses.collect()),
            ("last", self.last.cloned().unwrap_or(Value::Null)),
        ] {
            map.insert(key.into(), value);
        }
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let theorem = self.theorem;
        let source = match self.paper {
            Some(paper) => format!("{}: {}. {} {}.", paper.authors, paper.title, paper.venue, paper.year),
            None => theorem.paper.to_owned(),
        };
        let mut document = Document::new(theorem.title())
            .lede(theorem.claim)
            .fact("Id", code(theorem.id))
            .fact("Source", source)
            .fact("Place", theorem.number)
            .fact("Decided", if theorem.kind == Kind::Exact { "in fractions" } else { "on intervals" })
            .blocks(statement(theorem));
        if let Some(last) = self.last {
            document = document.block(last_verdict(theorem, last));
        }
        document.block(Block::section("Hypotheses")).block(self.hypotheses())
    }

    fn hypotheses(&self) -> Block {
        let mut table = Table::new("")
            .column("name", Align::Left)
            .column("what it asks", Align::Left)
            .column("without it", Align::Left);
        for h in self.theorem.hypotheses {
            let found = self.last.and_then(|last| {
                let mutants = last["mutants"].as_array()?;
                mutants.iter().find(|m| m["hypothesis"] == h.name)?["counterexample"]["why"].as_str()
            });
            let without = match (h.without, found) {
                (Without::Redundant(reason), _) => format!("not needed: {}", sentence(reason)),
                (Without::Broken(_), Some(why)) => format!("false: {why}"),
                (Without::Broken(_), None) => "false".into(),
            };
            table = table.row([Cell::from(code(h.name)), sentence(h.text).into(), without.into()]);
        }
        table.into()
    }
}

/// The documentation below its title as blocks: headings, and paragraphs with their maths as written.
fn statement(theorem: &Theorem) -> Vec<Block> {
    let (mut blocks, mut words) = (Vec::new(), String::new());
    let end = |words: &mut String, blocks: &mut Vec<Block>| {
        if !words.is_empty() {
            blocks.push(Block::paragraph(std::mem::take(words)));
        }
    };
    for line in doc_lines(theorem).skip_while(|line| line.trim().is_empty() || line.starts_with("# ")) {
        if let Some(heading) = line.strip_prefix("## ") {
            end(&mut words, &mut blocks);
            blocks.push(Block::section(heading));
        } else if line.trim().is_empty() {
            end(&mut words, &mut blocks);
        } else {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(line.trim());
        }
    }
    end(&mut words, &mut blocks);
    blocks
}

fn last_verdict(theorem: &Theorem, last: &Value) -> Block {
    let n = last["instances"].as_u64().unwrap_or(0);
    match (last["ok"].as_bool(), theorem.expected) {
        (Some(true), Expected::Held) => {
            let n = n - last["undecided"].as_u64().unwrap_or(0);
            Block::verdict(Tone::Good, format!("Held on {n} instances when the catalogue was made."))
        }
        (Some(true), Expected::Refuted) => Block::verdict(
            Tone::Bad,
            format!("False: {}", last["counterexample"]["why"].as_str().unwrap_or("see the counterexample")),
        ),
        _ => Block::verdict(Tone::Warn, "Not as expected when the catalogue was made."),
    }
}

// ---- run

/// The line of one theorem for scripts.
pub fn run_json(report: &Report) -> Map<String, Value> {
    let mut map = Map::new();
    let theorem = report.theorem;
    for (key, value) in [
        ("id", json!(theorem.id)),
        ("paper", json!(theorem.paper)),
        ("expected", json!(expected(theorem))),
        ("verdict", json!(report.verdict.word())),
        ("ok", json!(ok(report.outcome()))),
        ("instances", json!(report.instances)),
        ("undecided", json!(report.undecided)),
        ("seed", json!(report.seed)),
        ("why", why(&report.verdict)),
        ("counterexample", refuting(&report.verdict).map_or(Value::Null, counterexample)),
        ("mutants", report.mutants.iter().map(mutant_json).collect()),
    ] {
        map.insert(key.into(), value);
    }
    map
}

/// The line of one mutant for scripts: `theorem run ID --drop HYPOTHESIS`.
pub fn mutant_json(mutant: &Mutant) -> Value {
    let found = match &mutant.verdict {
        MutantVerdict::Broken(found) => counterexample(found),
        _ => Value::Null,
    };
    let why = match &mutant.verdict {
        MutantVerdict::Broken(found) => found.why.clone(),
        MutantVerdict::Redundant(why) => sentence(why),
        MutantVerdict::Survived(why) | MutantVerdict::Undecided(why) | MutantVerdict::Error(why) => why.clone(),
    };
    json!({ "hypothesis": mutant.hypothesis, "verdict": mutant.verdict.word(), "why": why, "counterexample": found })
}

/// Whether everything is as expected: nothing where too little was looked at to say.
fn ok(outcome: Outcome) -> Option<bool> {
    match outcome {
        Outcome::Expected => Some(true),
        Outcome::Unexpected => Some(false),
        Outcome::Undecided => None,
    }
}

fn refuting(verdict: &Verdict) -> Option<&Counterexample> {
    match verdict {
        Verdict::Refuted(found) => Some(found),
        _ => None,
    }
}

fn why(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Refuted(found) => found.why.as_str().into(),
        Verdict::Inconclusive(why) | Verdict::Error(why) => why.as_str().into(),
        Verdict::Held | Verdict::Vacuous => Value::Null,
    }
}

fn counterexample(found: &Counterexample) -> Value {
    json!({
        "why": found.why,
        "replay": found.replay,
        "n_states": found.case.world.n_states(),
        "n_actions": found.case.world.n_actions(),
    })
}

/// A full run for people: a table, and whatever is not as expected in words.
pub fn run_document(reports: &[Report]) -> Document {
    let mut table = Table::new("")
        .column("theorem", Align::Left)
        .column("verdict", Align::Left)
        .column("instances", Align::Right)
        .column("without a hypothesis", Align::Left);
    for report in reports {
        let sign = match report.outcome() {
            Outcome::Expected => "",
            Outcome::Undecided => " (?)",
            Outcome::Unexpected => " (!)",
        };
        table = table.row([
            Cell::from(code(report.theorem.id)),
            format!("{}{sign}", report.verdict.word()).into(),
            report.decided().to_string().into(),
            mutants(&report.mutants).into(),
        ]);
    }
    let count = |outcome| reports.iter().filter(|report| report.outcome() == outcome).count();
    let all = many(reports.len(), "theorem");
    let verdict = match (count(Outcome::Unexpected), count(Outcome::Undecided)) {
        (0, 0) if reports.len() == 1 => Block::verdict(Tone::Good, "As expected."),
        (0, 0) => Block::verdict(Tone::Good, format!("All {all} are as expected.")),
        (0, open) => Block::verdict(
            Tone::Warn,
            format!(
                "{open} of {all} undecided, the others as expected. More instances may decide: --count or --budget."
            ),
        ),
        (wrong, _) => Block::verdict(Tone::Bad, format!("{wrong} of {all} not as expected.")),
    };
    let mut document = Document::new("Theorems checked").block(verdict).block(table);
    for report in reports.iter().filter(|report| report.outcome() != Outcome::Expected) {
        document = document.blocks(trouble(report));
    }
    if let [report] = reports {
        for mutant in &report.mutants {
            document = document.blocks(mutant_blocks(mutant));
        }
    }
    document
}

/// `theorem run ID --drop HYPOTHESIS` for people.
pub fn mutant_document(theorem: &Theorem, mutant: &Mutant) -> Document {
    Document::new(format!("{} without {}", theorem.title(), mutant.hypothesis)).blocks(mutant_blocks(mutant))
}

fn mutants(mutants: &[Mutant]) -> String {
    let words = ["broken", "redundant", "undecided", "survived", "error"];
    let count = |word: &str| mutants.iter().filter(|m| m.verdict.word() == word).count();
    let parts = words.iter().filter(|word| count(word) > 0).map(|word| format!("{} {word}", count(word)));
    parts.collect::<Vec<_>>().join(", ")
}

fn trouble(report: &Report) -> Vec<Block> {
    let mut blocks = vec![Block::section(report.theorem.id)];
    match &report.verdict {
        Verdict::Refuted(found) => blocks.extend(shown(found)),
        Verdict::Inconclusive(why) => blocks.push(Block::paragraph(format!("Bounds are too wide: {why}."))),
        Verdict::Error(why) => blocks.push(Block::paragraph(format!("The check itself failed: {why}."))),
        Verdict::Vacuous => blocks.push(Block::paragraph("No instance met the hypotheses.")),
        Verdict::Held if report.theorem.expected == Expected::Refuted => {
            blocks.push(Block::paragraph("The known counterexample is none any more, and no other was found."));
        }
        Verdict::Held => {}
    }
    let open = report.mutants.iter().filter(|mutant| mutant.outcome() != Outcome::Expected);
    blocks.extend(open.flat_map(mutant_blocks));
    blocks
}

fn mutant_blocks(mutant: &Mutant) -> Vec<Block> {
    let name = mutant.hypothesis;
    match &mutant.verdict {
        MutantVerdict::Broken(found) => {
            let mut blocks = vec![Block::section(format!("Without {name}: false"))];
            blocks.extend(shown(found));
            blocks
        }
        MutantVerdict::Redundant(reason) => {
            vec![Block::section(format!("Without {name}: still true")), Block::paragraph(sentence(reason))]
        }
        MutantVerdict::Undecided(why) => vec![
            Block::section(format!("Without {name}: undecided")),
            Block::paragraph(format!("There is {why}. More may show one: --count or --budget.")),
        ],
        MutantVerdict::Survived(why) => {
            vec![Block::section(format!("Without {name}: no longer false")), Block::paragraph(format!("Now {why}."))]
        }
        MutantVerdict::Error(why) => {
            vec![Block::section(format!("Without {name}: the check failed")), Block::paragraph(why.clone())]
        }
    }
}

/// A counterexample in words: why, and all of it.
pub fn shown(found: &Counterexample) -> Vec<Block> {
    let mut blocks = vec![Block::paragraph(Prose(vec![Inline::strong(format!("{}.", found.why))]))];
    blocks.push(Block::code(instance(&found.case)));
    blocks.push(Block::paragraph(Prose(vec![Inline::text("Replay: "), Inline::code(found.replay.clone())])));
    blocks
}

/// An instance as lines: dynamics as in a model file, then everything that has a name.
pub fn instance(case: &Case) -> String {
    let world = &case.world;
    let mut lines = vec![format!("gamma = {}", world.gamma)];
    let list = |x: &[truenorth_theorems::check::Q]| x.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    lines.push(format!("start = [{}]", list(&world.mu0)));
    for (i, row) in world.all_rows().iter().enumerate() {
        let next = row.p.iter().enumerate().filter(|(_, p)| !p.is_zero());
        let next: Vec<String> = next.map(|(t, p)| format!("{} {p}", world.states[t])).collect();
        let rewards: Vec<String> = case.rewards.iter().map(|(name, _)| format!("{name} {}", case.r(name)[i])).collect();
        let policies: Vec<String> = case.policies.iter().map(|(name, pi)| format!("{name} {}", pi[i])).collect();
        let more = [rewards, policies].concat().join(", ");
        let line = format!("{} --{}--> {}", world.states[row.s], world.actions[row.a], next.join(", "));
        lines.push(if more.is_empty() { line } else { format!("{line}    [{more}]") });
    }
    lines.extend(case.vectors.iter().map(|(name, x)| format!("{name} = [{}]", list(x))));
    lines.extend(case.numbers.iter().map(|(name, x)| format!("{name} = {x}")));
    lines.extend(case.choices.iter().map(|(name, chosen)| format!("{name} = {chosen}")));
    lines.join("\n")
}

/// One instance looked at again.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The theorem.
    pub theorem: &'a Theorem,
    /// What its predicate says.
    pub finding: &'a Finding,
    /// The instance.
    pub case: &'a Case,
}

impl Seen<'_> {
    fn words(&self) -> (&'static str, Tone, String) {
        match self.finding {
            Finding::Holds => ("holds", Tone::Good, "The claim is true of this instance.".into()),
            Finding::Fails(why) => ("fails", Tone::Bad, format!("The claim is false of this instance: {why}.")),
            Finding::Undecided(why) => ("undecided", Tone::Warn, format!("Bounds are too wide: {why}.")),
            Finding::Vacuous => ("vacuous", Tone::Neutral, "The claim says nothing about this instance.".into()),
        }
    }

    /// For scripts.
    pub fn json(&self) -> Map<String, Value> {
        let (word, _, why) = self.words();
        let mut map = Map::new();
        for (key, value) in [("id", self.theorem.id), ("finding", word), ("why", why.as_str())] {
            map.insert(key.into(), value.into());
        }
        map.insert("instance".into(), instance(self.case).into());
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let (_, tone, why) = self.words();
        let document = Document::new(self.theorem.title()).block(Block::verdict(tone, why));
        document.block(Block::code(instance(self.case)))
    }
}

/// `why.md` of an exported counterexample.
pub fn explanation(theorem: &Theorem, dropped: Option<usize>, found: &Counterexample) -> String {
    let mut text = format!("# {}\n\n{}\n\n", theorem.title(), capital(theorem.claim));
    match dropped.map(|i| &theorem.hypotheses[i]) {
        Some(h) => {
            text += &format!("Hypothesis dropped: `{}`. {}\n\nAll others hold here:\n\n", h.name, sentence(h.text));
            for other in theorem.hypotheses.iter().filter(|other| other.name != h.name) {
                text += &format!("* `{}`: {}\n", other.name, sentence(other.text));
            }
            text.push('\n');
        }
        None => text += "The statement is false.\n\n",
    }
    text += &format!("**{}.**\n\n```text\n{}\n```\n\n", found.why, instance(&found.case));
    text + "`model.mdp.toml` is this instance with fractions rounded to doubles; `truenorth solve` opens it.\n"
}

fn capital(claim: &str) -> String {
    let mut letters = claim.chars();
    letters.next().map_or(String::new(), |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
