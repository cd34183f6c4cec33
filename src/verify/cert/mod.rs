//! Certificates: small files whose claims can be checked without trusting the program that made them.
//!
//! Owns: the file format, the model in rational numbers, the proofs.
//! May use: `base` and `model::raw`; nothing that solves.
//! Must not: share code with the solvers, because then it would share their mistakes.
//! To add one: a claim is a file in `claim`; see its door.
//!
//! Everything is exact. A number in a certificate is the decimal or quotient written there; a double of a model is the
//! shortest decimal that reads as it; rows of probabilities are divided by their sums. `docs/certificates.md` has the
//! format and the inequalities.

mod bound;
pub mod claim;
mod exact;
mod file;
mod hash;
mod json;
mod number;
mod parts;
mod reward;

pub use bound::{Choice, Context, Enclosure, Proof, Scope, Sense};
pub use claim::Claim;
pub use exact::{Exact, Start};
pub use file::{Certificate, FORMAT, ModelLine, sealed};
pub use number::Range;
pub use parts::{Bounds, Terms};

pub(crate) use claim::regret_returns;
pub(crate) use number::{near, of_double, outward, writable, written};

use crate::base::{Code, Diag, Result};
use crate::model::raw::RawModel;

/// What became of the claims of a certificate.
#[derive(Clone, Debug)]
pub struct Report {
    /// The model the claims are about.
    pub model: ModelLine,
    /// The file that was read and fits the hash.
    pub file: String,
    /// The name that file gives the model; no part of the hash either.
    pub name: Option<String>,
    /// One finding a claim, in order.
    pub findings: Vec<Finding>,
    /// Whether the discount is not that of the model file.
    pub other_gamma: bool,
    /// Whether the start is not that of the model file.
    pub other_start: bool,
}

/// One claim and whether it is proven.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Kind of the claim.
    pub kind: &'static str,
    /// The claim as a sentence.
    pub statement: String,
    /// Why it is not proven; `None` if it is.
    pub failure: Option<String>,
}

impl Report {
    /// Whether every claim is proven.
    pub fn is_proven(&self) -> bool {
        self.findings.iter().all(|finding| finding.failure.is_none())
    }
}

/// Checks every claim of a certificate against a model. Refuses a model of another size or hash.
pub fn check(certificate: &Certificate, raw: &RawModel) -> Result<Report> {
    let line = &certificate.model;
    let exact = Exact::new(raw, &line.gamma, &line.start)?;
    if exact.n_states != line.n_states || exact.n_actions != line.n_actions || exact.hash() != line.hash {
        return Diag::new(
            Code::CertificateModel,
            format!("the certificate is not about this model, {}", raw.source_file.name),
        )
        .expected(format!("a model with the hash {}", line.hash))
        .help("the model or a number in it has changed; make the certificate again, or name another model with --model")
        .err();
    }
    let file_start = exact::start_of_file(raw, exact.n_states);
    let mut report = Report {
        model: line.clone(),
        file: raw.source_file.name.clone(),
        name: raw.name.clone(),
        findings: Vec::new(),
        other_gamma: written(&raw.source_file, raw.gamma).as_ref() != Some(&line.gamma),
        other_start: file_start.as_ref() != Some(&exact.mu0),
    };
    let context = Context::new(exact, line.horizon.as_deref());
    for claim in &certificate.claims {
        let proof = match &context {
            Ok(context) => claim.prove(context),
            Err(why) => Err(why.clone()),
        };
        report.findings.push(Finding { kind: claim.kind(), statement: claim.statement(), failure: proof.err() });
    }
    Ok(report)
}
