//! `compare --certificate` on a thousand models: never a mistake of the program, and what is written is proved again.

use crate::truth::compare::{hold_all, seeds};
use crate::truth::hold::run;

#[test]
fn a_certificate_claims_only_what_it_proves() {
    hold_all("certificates", &seeds(2, 1), |seed, _, file| {
        let proof = file.replace(".mdp.json", ".proof.json");
        let args = ["compare", file, "a", "b", "--certificate", &proof, "-q", "--json"];
        let made = run(&args);
        let mut faults = Vec::new();
        if made.code != 0 {
            let first = made.err.lines().next().unwrap_or("").to_owned();
            faults.push((format!("exit {} from compare --certificate", made.code), first));
        } else if seed % 10 == 1 {
            let checked = run(&["cert", "check", &proof, "--model", file]);
            if checked.code != 0 {
                faults.push((
                    format!("exit {} from cert check", checked.code),
                    format!("{}{}", checked.out, checked.err),
                ));
            }
        }
        vec![(args.join(" "), faults)]
    });
}
