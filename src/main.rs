//! The program. Everything it does is in [`truenorth::cli`].

mod start;

fn main() -> std::process::ExitCode {
    truenorth::cli::main(start::stdout_is_closed())
}
