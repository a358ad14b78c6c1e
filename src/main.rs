//! `simulate`: the command.

fn main() -> std::process::ExitCode {
    queuecast::cli::main()
}
