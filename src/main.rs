//! Parses the arguments, runs, exits with the code: nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    plimsoll::cli::run(std::env::args_os())
}
