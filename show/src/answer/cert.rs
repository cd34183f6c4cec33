//! The words of `cert`: what a certificate claims, and which of it is proven.

use serde_json::{Map, Value, json};

use super::SCHEMA;
use super::parts::{code, many};
use crate::report::{Align, Block, Cell, Document, Table, Tone};
use truenorth::verify::cert::{Certificate, ModelLine, Report};

/// A certificate and, once checked, what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Certified<'a> {
    /// File name.
    pub file: &'a str,
    /// As read.
    pub certificate: &'a Certificate,
    /// `None` where it was only shown.
    pub report: Option<&'a Report>,
}

impl Certified<'_> {
    fn model(&self) -> &ModelLine {
        &self.certificate.model
    }

    /// The contract's keys.
    pub fn json(&self) -> Map<String, Value> {
        let model = self.model();
        let claims = self.certificate.claims.iter().enumerate().map(|(i, claim)| {
            let mut one = json!({ "kind": claim.kind(), "statement": claim.statement() });
            if let Some(finding) = self.report.and_then(|report| report.findings.get(i)) {
                one["proven"] = finding.failure.is_none().into();
                one["reason"] = finding.failure.clone().into();
            }
            one
        });
        // A name is no part of the hash: it is that of the file that was read, and nobody's where none was.
        let name = self.report.and_then(|report| report.name.as_deref());
        let file = self.report.map(|report| report.file.as_str());
        let mut map = Map::new();
        map.insert("schema".into(), SCHEMA.into());
        map.insert("command".into(), if self.report.is_some() { "cert check" } else { "cert show" }.into());
        map.insert(
            "model".into(),
            json!({
                "name": name,
                "n_states": model.n_states,
                "n_actions": model.n_actions,
                "gamma": model.gamma.to_f64().value(),
                "hash": model.hash,
                "file": file,
                "said": { "argument": model.argument, "name": model.name },
            }),
        );
        map.insert("program".into(), self.certificate.program.as_str().into());
        if let Some(report) = self.report {
            map.insert("accepted".into(), report.is_proven().into());
            map.insert("other_gamma".into(), report.other_gamma.into());
            map.insert("other_start".into(), report.other_start.into());
        }
        map.insert("claims".into(), claims.collect());
        map
    }

    /// For people.
    pub fn document(&self) -> Document {
        let model = self.model();
        let hash: String = model.hash.chars().take(12).collect();
        let mut document = Document::new(format!("Certificate {}", self.file))
            .fact(
                if self.report.is_some() { "Model" } else { "Said of" },
                code(self.report.map_or(&model.argument, |r| &r.file)),
            )
            .fact("Size", format!("{}, {}", many(model.n_states, "state"), many(model.n_actions, "action")))
            .fact("Discount", model.gamma.to_f64().value().to_string())
            .fact("Hash", code(hash))
            .fact("Said to be by", self.certificate.program.as_str());
        if let Some(report) = self.report {
            document = document.block(verdict(report));
            for (other, what) in [(report.other_gamma, "discount"), (report.other_start, "start")] {
                if other {
                    let remark = format!("The {what} is the certificate's own, not that of the model file.");
                    document = document.block(Block::paragraph(remark));
                }
            }
        }
        let mut table = Table::new("").column("claim", Align::Left);
        if self.report.is_some() {
            table = table.column("proven", Align::Left);
        }
        for (i, claim) in self.certificate.claims.iter().enumerate() {
            let mut row = vec![Cell::from(claim.statement())];
            if let Some(finding) = self.report.and_then(|report| report.findings.get(i)) {
                row.push(match &finding.failure {
                    None => "yes".into(),
                    Some(why) => format!("NO: {why}").into(),
                });
            }
            table = table.row(row);
        }
        document.block(table)
    }
}

fn verdict(report: &Report) -> Block {
    let n = report.findings.len();
    let failed = report.findings.iter().filter(|finding| finding.failure.is_some()).count();
    match failed {
        0 if n == 1 => Block::verdict(Tone::Good, "Accepted: the claim is proven in exact arithmetic."),
        0 => Block::verdict(Tone::Good, format!("Accepted: all {n} claims are proven in exact arithmetic.")),
        _ => Block::verdict(Tone::Bad, format!("Rejected: {failed} of {n} claims are not proven.")),
    }
}
