//! What is no certificate is refused with a code, a place and a suggestion.

use truenorth::base::Code;
use truenorth::io::gallery;
use truenorth::model::Model;
use truenorth::model::raw::At;
use truenorth::verify::cert::{Certificate, Claim, check, sealed};

use crate::cert::make::{accepted, named, of_pair, of_values};

fn lake() -> String {
    let raw = gallery::read("frozenlake-4x4").expect("readable");
    let model = Model::build(raw.clone()).expect("valid");
    of_values(&raw, &model, &named(&model, 0))
}

#[test]
fn texts_read_back_as_they_were_written() {
    for name in ["frozenlake-4x4", "forest", "chain-discount"] {
        let raw = gallery::read(name).expect("readable");
        let model = Model::build(raw.clone()).expect("valid");
        let (pair, _) = of_pair(&raw, &model, named(&model, 0), named(&model, model.rewards().len() - 1));
        for text in [of_values(&raw, &model, &named(&model, 0)), pair] {
            let certificate = Certificate::parse("test", &text).expect("readable");
            assert_eq!(certificate.to_text(), text);
        }
    }
}

#[test]
fn slips_are_refused_with_their_place() {
    let text = lake();
    let cases: Vec<(String, Code)> = vec![
        (String::new(), Code::Syntax),
        ("[]".into(), Code::FormatVersion),
        ("{\"format\": 1}".into(), Code::FormatVersion),
        (text.replace("truenorth-certificate/1", "truenorth-certificate/2"), Code::FormatVersion),
        (text.replacen("\"claims\"", "\"clams\"", 1), Code::FieldUnknown),
        (text.replacen("\"program\"", "\"format\"", 1), Code::NameTwice),
        (text.replacen("\"start\"", "\"stat\"", 1), Code::FieldUnknown),
        (text.replacen("\"sense\": \"max\", ", "", 1), Code::FieldMissing),
        (text.replacen("\"sense\": \"max\"", "\"sense\": \"most\"", 1), Code::WrongType),
        (text.replacen("\"kind\": \"value\"", "\"kind\": \"valeu\"", 1), Code::CertificateClaim),
        (text.replacen("\"kind\": \"value\"", "\"kind\": 3", 1), Code::WrongType),
        (text.replacen("\"n_states\": 16", "\"n_states\": -1", 1), Code::WrongType),
        (text.replacen("\"n_states\": 16", "\"n_states\": 17", 1), Code::CertificateModel),
        (text.replacen("\"gamma\": 0.99", "\"gamma\": 1.5", 1), Code::GammaRange),
        (text.replacen("\"gamma\": 0.99", "\"gamma\": \"1/0\"", 1), Code::BadNumber),
        (text.replacen("\"gamma\": 0.99", "\"gamma\": null", 1), Code::WrongType),
        (text.replacen("\"lo\": ", "\"lo\": true, \"low\": ", 1), Code::FieldUnknown),
    ];
    let raw = gallery::read("frozenlake-4x4").expect("readable");
    for (bad, code) in cases {
        assert_ne!(bad, text);
        let sealed = sealed(&bad);
        let diag = match Certificate::parse("test", &sealed) {
            Err(diag) => diag,
            Ok(certificate) => check(&certificate, &raw).expect_err("refused"),
        };
        assert_eq!(diag.code, code, "{diag}");
        assert!(diag.help.is_some() || diag.expected.is_some() || code == Code::NameTwice, "{diag}");
        assert!(diag.place.is_some() || code == Code::CertificateModel, "{diag}");
    }
    let far = sealed(&text.replacen("\"start\"", "\"stat\"", 1));
    let diag = Certificate::parse("test", &far).expect_err("refused");
    let place = diag.place.expect("a place");
    assert_eq!((place.line, diag.help.as_deref()), (6, Some("did you mean `start`?")));
    assert_eq!(place.column, 1 + far.lines().nth(5).and_then(|line| line.find("{\"lo\"")).expect("the value"));
}

#[test]
fn quotients_are_numbers_and_nothing_is_rounded() {
    let raw = gallery::read("frozenlake-4x4").expect("readable");
    let text = lake();
    let quotient = text.replacen("\"gamma\": 0.99", "\"gamma\": \"99/100\"", 1);
    accepted(&sealed(&quotient), &raw);
    // The double nearest to 0.99 is another number.
    let double = text.replacen("\"gamma\": 0.99", "\"gamma\": \"4458563631096791/4503599627370496\"", 1);
    let certificate = Certificate::parse("test", &sealed(&double)).expect("readable");
    assert_eq!(check(&certificate, &raw).expect_err("another model").code, Code::CertificateModel);
}

#[test]
fn one_number_of_the_model_decides() {
    let text = lake();
    let certificate = Certificate::parse("test", &text).expect("readable");
    let other = gallery::read("frozenlake-4x4-plain").expect("readable");
    assert_eq!(check(&certificate, &other).expect_err("another model").code, Code::CertificateModel);
    let mut raw = gallery::read("frozenlake-4x4").expect("readable");
    assert!(check(&certificate, &raw).expect("the model").is_proven());
    raw.gamma = At::nowhere(0.5);
    assert!(check(&certificate, &raw).expect("the discount is the certificate's own").other_gamma);
    raw.rewards.pop();
    assert_eq!(check(&certificate, &raw).expect_err("a reward less").code, Code::CertificateModel);
}

#[test]
fn twins_are_certain_and_ties_without_proof_are_not() {
    let raw = gallery::read("frozenlake-4x4").expect("readable");
    let certificate = Certificate::parse("test", &lake()).expect("readable");
    let Some(Claim::OptimalActions(actions)) =
        certificate.claims.iter().find(|claim| claim.kind() == "optimal-actions")
    else {
        panic!("no claim about actions");
    };
    let tied = actions.may_be.iter().zip(&actions.certain).filter(|(may, sure)| may.len() > 1 && may == sure);
    // Between two holes, left and right are alike: either way half of the slips end the episode.
    assert!(tied.count() > 0, "{actions:?}");
    assert_eq!(raw.terminal.len(), 5);
}
