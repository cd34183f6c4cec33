//! The program. Everything it does is in [`truenorth::cli`].

fn main() -> std::process::ExitCode {
    truenorth::cli::main()
}
